//! Invalidations of tags: a row for each tag, and a counter of all. Knows no entry.
//!
//! An entry keeps the counter of when it was written; it is there while no row of its tags holds a
//! later one. The store of a row's sequence number is the commit. Around it the counter is odd, so
//! that whoever only compares the counter (a copy) asks the rows meanwhile, and for as long as it
//! takes to notice a death in between. Invariants:
//!
//! - who changes anything holds the lock of the table; who reads takes none;
//! - while the counter is even, no row holds a later number;
//! - a row whose number is 0 is free, whatever its hash.

use super::{AtomicU64, Ordering};

/// What a tag is known by: two words of a keyed hash.
pub type TagHash = [u64; 2];

/// When a tag was invalidated last.
#[derive(Debug)]
#[repr(C, align(32))]
pub struct TagRow {
    hash: [AtomicU64; 2],
    sequence: AtomicU64,
    /// The highest number that it had when it was made free.
    dropped: AtomicU64,
}

impl TagRow {
    /// A free row in memory of its own; in a region, zeroes are one.
    #[cfg(any(loom, shuttle))]
    #[expect(clippy::new_without_default, reason = "for models only")]
    pub fn new() -> Self {
        let word = || AtomicU64::new(0);
        Self { hash: [word(), word()], sequence: word(), dropped: word() }
    }

    /// The number of the last invalidation of a tag; 0 if this is not its row.
    #[inline]
    pub fn latest(&self, tag: TagHash) -> u64 {
        if !self.is_of(tag) {
            return 0;
        }
        // Acquire: who finds no row any more sees that the entries it was for are gone.
        let sequence = self.sequence.load(Ordering::Acquire);
        // Another tag may have got the row in between; that number is not this one's.
        if self.is_of(tag) { sequence } else { 0 }
    }

    /// The number that the last invalidation of a tag has at the most, if this was its row: of what
    /// was made from an earlier moment it is not known any more.
    pub fn latest_at_most(&self, tag: TagHash) -> u64 {
        let latest = self.latest(tag);
        // Acquire, and after the row: one that is not found any more raised this before it went.
        latest.max(self.dropped.load(Ordering::Acquire))
    }

    /// The number that it holds, for the holder of the lock; 0 for a free row.
    pub fn sequence(&self) -> u64 {
        // Relaxed: changed under the lock only.
        self.sequence.load(Ordering::Relaxed)
    }

    /// Gives a free row to a tag.
    pub fn claim(&self, tag: TagHash) {
        for (word, half) in self.hash.iter().zip(tag) {
            // Release: after the row was freed, which a reader that sees this sees as well.
            word.store(half, Ordering::Release);
        }
    }

    /// Invalidates its tag: the commit.
    pub fn commit(&self, sequence: u64) {
        // Release: after the counter is odd, and after the hash.
        self.sequence.store(sequence, Ordering::Release);
    }

    /// Notes its number for those who do not find it any more: before it is made free.
    pub fn note_dropped(&self) {
        // Relaxed: changed under the lock only. Release: before the row goes.
        let highest = self.dropped.load(Ordering::Relaxed).max(self.sequence());
        self.dropped.store(highest, Ordering::Release);
    }

    /// Makes it free. No entry is left that it was for, and none can come.
    pub fn free(&self) {
        // Release: after all that makes that true.
        self.sequence.store(0, Ordering::Release);
    }

    /// Whether its hash is that of a tag.
    #[inline]
    pub fn is_of(&self, tag: TagHash) -> bool {
        // Acquire pairs with `claim`.
        self.hash.iter().zip(tag).all(|(word, half)| word.load(Ordering::Acquire) == half)
    }
}

/// Begins an invalidation: its number.
pub fn begin(counter: &AtomicU64) -> u64 {
    // Relaxed: changed under the lock only.
    let begun = counter.load(Ordering::Relaxed) | 1;
    // Release: before the row's store, which is Release.
    counter.store(begun, Ordering::Release);
    // Only a damaged file counts so far that this wraps.
    begun.wrapping_add(1)
}

/// Ends the invalidation that has this number.
pub fn end(counter: &AtomicU64, sequence: u64) {
    // Release: who sees it sees the row.
    counter.store(sequence, Ordering::Release);
}

/// Ends the invalidation of a dead participant, done or not.
pub fn settle(counter: &AtomicU64) {
    counter.store(sequence_of_a_write(counter), Ordering::Release);
}

/// The moment of now: what is derived from now on keeps it. Odd while a tag is being invalidated.
#[inline]
pub fn moment(counter: &AtomicU64) -> u64 {
    // Acquire: what is read afterwards is at least as new.
    counter.load(Ordering::Acquire)
}

/// The number that an entry keeps that is written now: an invalidation that goes on, or that a
/// death has cut off, came before.
#[inline]
pub fn sequence_of_a_write(counter: &AtomicU64) -> u64 {
    moment(counter).wrapping_add(1) & !1
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn each_invalidation_has_the_next_even_number_whatever_was_there() {
        for (before, begun, number) in [
            (0, 1, 2),
            (1, 1, 2),
            (8, 9, 10),
            (9, 9, 10),
            (u64::MAX - 1, u64::MAX, 0),
            (u64::MAX, u64::MAX, 0),
        ] {
            let counter = AtomicU64::new(before);
            assert_eq!(begin(&counter), number, "{before}");
            assert_eq!(moment(&counter), begun, "odd meanwhile");
            end(&counter, number);
            assert_eq!(moment(&counter), number);
        }
    }
}
