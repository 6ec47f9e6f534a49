//! A seqlock by generations: how a reader without a lock knows what it has read.
//!
//! A slot names a place in a segment; a segment's generation grows when its place is given to
//! others, after every slot that names it was cleared and before its bytes are reused. The reader
//! loads the slot, then the generation, then **the slot again**, then the bytes, then the
//! generation again. Why no bits of the generation are needed in the slot:
//!
//! - both loads of the generation gave `g`, and it only grows (64 bits: never wraps), so it was
//!   `g` when the slot was loaded the second time;
//! - that second load cannot be of a store made under an older generation: those were overwritten
//!   before the generation became `g`, which the reader had seen (Acquire);
//! - nor of one made under a newer: it would bring the newer generation with it (Acquire);
//! - so the slot named an item published under `g`, and its bytes, read after that load and
//!   before the last look at the generation, are that item's.
//!
//! A segment may be recycled any number of times between the first two loads: nothing is ABA.

use super::{AtomicU64, Ordering, fence};

/// An optimistic read that goes on: what was read is thrown away if it is not valid.
#[derive(Clone, Copy, Debug)]
pub struct OptimisticRead<'a> {
    generation: &'a AtomicU64,
    seen: u64,
}

/// The word of a slot, when it is loaded for the first time.
#[inline]
pub fn first_load(slot: &AtomicU64) -> u64 {
    // Acquire: so that the generation loaded next is not older than this word.
    slot.load(Ordering::Acquire)
}

/// Begins to read the place that `word`, loaded from `slot`, names. `None`: the slot has changed in
/// the bits of `mask` in between, look again from the start.
#[inline]
pub fn begin<'a>(
    slot: &AtomicU64,
    word: u64,
    mask: u64,
    generation: &'a AtomicU64,
) -> Option<OptimisticRead<'a>> {
    // Acquire: the second load of the slot comes after, and what was cleared before the
    // generation became this one is seen as cleared.
    let seen = generation.load(Ordering::Acquire);
    // Acquire pairs with `publish`: the bytes of the item are visible.
    let again = slot.load(Ordering::Acquire);
    ((again ^ word) & mask == 0).then_some(OptimisticRead { generation, seen })
}

impl OptimisticRead<'_> {
    /// The generation under which it began.
    pub fn generation(&self) -> u64 {
        self.seen
    }

    /// Whether all that was read since [`begin`] belongs to the item that was published.
    #[inline]
    pub fn is_valid(&self) -> bool {
        // The fence orders the reads of bytes before this load. It pairs with the fence of
        // `retire`: a reader of a reused byte sees the generation that came before it.
        fence(Ordering::Acquire);
        self.generation.load(Ordering::Relaxed) == self.seen
    }
}

/// Publishes an item whose bytes are written: the slot names it from now on.
#[inline]
pub fn publish(slot: &AtomicU64, word: u64) {
    // Release: a reader that loads the word sees the bytes.
    slot.store(word, Ordering::Release);
}

/// Whether `word` is what it was before all that was read since: nothing that was looked for moved
/// away in the meantime. Who moves something stores it in its new place, then changes the word,
/// then clears the old place, all with Release.
#[inline]
pub fn is_unchanged(word: &AtomicU64, before: u64) -> bool {
    // Orders the reads before this load: a reader that saw the old place cleared sees the word
    // changed.
    fence(Ordering::Acquire);
    word.load(Ordering::Relaxed) == before
}

/// Before the first byte of a segment is written under its generation. No slot names it.
#[inline]
pub fn before_reuse() {
    // Pairs with the fence of `is_valid`: the generation's store comes before the bytes'.
    fence(Ordering::Release);
}
