//! Several words changed as one, across a death at any instruction.
//!
//! The pairs (which word, which value) are noted first; the store of their count is the commit;
//! then the values are stored; then the count becomes 0. The one that recovers from the dead stores
//! the noted values again: they are absolute, so twice is as good as once.
//!
//! Invariant: a count other than 0 means that all pairs below it are whole.

use super::{AtomicU64, Ordering, fence};

/// Words that one change may hold.
pub const PAIRS: usize = 32;

/// The note of a change: only the holder of the lock it belongs to touches it.
#[derive(Debug)]
#[repr(C)]
pub struct Journal {
    count: AtomicU64,
    pairs: [[AtomicU64; 2]; PAIRS],
}

impl Journal {
    /// An empty journal in memory of its own; in a region, zeroes are an empty one.
    #[cfg(any(loom, shuttle))]
    #[expect(clippy::new_without_default, reason = "for models only")]
    pub fn new() -> Self {
        let pair = || [AtomicU64::new(0), AtomicU64::new(0)];
        Self { count: AtomicU64::new(0), pairs: std::array::from_fn(|_| pair()) }
    }

    /// Notes one pair; `index` less than [`PAIRS`].
    #[inline]
    pub fn note(&self, index: usize, place: u64, value: u64) {
        if index == 0 {
            // The end of the last change is stored before the first pair of this one.
            fence(Ordering::Release);
        }
        let [noted_place, noted_value] = &self.pairs[index];
        // Relaxed: ordered before the count by its Release.
        noted_place.store(place, Ordering::Relaxed);
        noted_value.store(value, Ordering::Relaxed);
    }

    /// The pair noted at `index`: which word, which value.
    #[inline]
    pub fn noted(&self, index: usize) -> (u64, u64) {
        let [place, value] = &self.pairs[index];
        // Relaxed: noted by this thread, under the lock.
        (place.load(Ordering::Relaxed), value.load(Ordering::Relaxed))
    }

    /// Makes the change irrevocable: `count` pairs were noted.
    #[inline]
    pub fn commit(&self, count: usize) {
        self.count.store(count as u64, Ordering::Release);
    }

    /// Ends a change whose values are stored, each with Release: so they come after the commit.
    #[inline]
    pub fn end(&self) {
        self.count.store(0, Ordering::Release);
    }

    /// Calls `store` with each pair of a change that was cut off, in order, then ends it. A count
    /// that no change has, from a damaged region, ends nothing but itself.
    pub fn redo(&self, mut store: impl FnMut(u64, u64)) {
        // Relaxed here and below: the lock that was recovered orders it.
        let count = self.count.load(Ordering::Relaxed);
        if let Some(noted) = usize::try_from(count).ok().and_then(|count| self.pairs.get(..count)) {
            for index in 0..noted.len() {
                let (place, value) = self.noted(index);
                store(place, value);
            }
        }
        self.end();
    }
}
