//! A ring of words that one writes at a time and any number read, each from a place of its own.
//!
//! Places are bytes since the ring began, and only grow. Who writes says first how far it goes
//! (`begun`), then writes, then says that it is there (`end`). Who reads copies what lies before
//! the end, and looks afterwards whether the ring has come around to it meanwhile.
//!
//! Invariant: what a reader takes for whole was written by one append and no other since. A writer
//! that dies leaves nothing that anybody sees: what it wrote lies behind the end.

use super::{AtomicU32, AtomicU64, Ordering, fence};

/// Before `bytes` are written: where they go. For the holder of the ring's lock; `capacity` is
/// how many bytes the ring has.
pub fn begin_append(begun: &AtomicU64, end: &AtomicU64, bytes: u64, capacity: u64) -> u64 {
    // Relaxed here: changed under the lock.
    let (from, known) = (end.load(Ordering::Relaxed), begun.load(Ordering::Relaxed));
    let until = from.wrapping_add(bytes);
    // A longer one that was cut off may have written further. Further than there is room for, the
    // word is from a damaged region.
    let is_further = known.wrapping_sub(until) <= capacity;
    begun.store(if is_further { known } else { until }, Ordering::Relaxed);
    // Pairs with the fence of `is_whole`: who reads a word that is written from now on finds out.
    fence(Ordering::Release);
    from
}

/// After what was begun is written: readers see it, up to `end`.
pub fn publish(word: &AtomicU64, end: u64) {
    // Release: who reads the new end finds the words.
    word.store(end, Ordering::Release);
}

/// Up to where there is something to read.
pub fn end(word: &AtomicU64) -> u64 {
    // Acquire pairs with `publish`.
    word.load(Ordering::Acquire)
}

/// Whether all that was read from place `from` on, up to an end that was seen before, is whole.
pub fn is_whole(begun: &AtomicU64, from: u64, capacity: u64) -> bool {
    // The loads of words come before this one.
    fence(Ordering::Acquire);
    begun.load(Ordering::Relaxed).wrapping_sub(from) <= capacity
}

/// Says that somebody is about to sleep, who looks at the end once more afterwards.
pub fn doze(asleep: &AtomicU32) {
    asleep.store(1, Ordering::Relaxed);
    // SeqCst pairs with `wakes`: who publishes sees the mark, or its end is seen after this.
    fence(Ordering::SeqCst);
}

/// After the end has changed: whether somebody may sleep, who has to be woken.
pub fn wakes(asleep: &AtomicU32) -> bool {
    fence(Ordering::SeqCst);
    // Relaxed: the fence orders it; one of several who publish takes the mark, and wakes all.
    asleep.load(Ordering::Relaxed) != 0 && asleep.swap(0, Ordering::Relaxed) != 0
}
