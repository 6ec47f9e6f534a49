//! The small queue's share of a store: it goes where one more entry would have saved a miss.
//!
//! Invariant: neither queue is ever left without a share.

use super::policy::Bounds;

/// At first, a fifth.
const BEGIN: f64 = 0.2;
const LEAST: f64 = 0.01;
const MOST: f64 = 0.9;
/// A step is so many entries, but of a small store not more than the second part of all, of a
/// large one not less than the first.
const STEP_ENTRIES: f64 = 4.0;
const STEP_PARTS: (f64, f64) = (0.001, 0.05);

/// The small queue's part of a store. It is asked for with each entry that comes, and rarely moves:
/// so what it is of the bounds, and of as many entries as were last asked for, is at hand.
#[derive(Debug)]
pub(super) struct Share {
    part: f64,
    bounds: Bounds,
    /// Of the entries of the bounds, one at the least.
    entries: u64,
    /// Of the size of the bounds.
    size: u64,
    /// Of so many entries.
    latest: (usize, u64),
}

impl Share {
    /// That of a store that holds nothing yet.
    pub(super) fn new(bounds: Bounds) -> Self {
        let mut share = Self { part: 0.0, bounds, entries: 0, size: 0, latest: (0, 0) };
        share.set(BEGIN);
        share
    }

    /// A step towards the small queue, in a store of so many entries.
    pub(super) fn grow(&mut self, count: usize) {
        self.set((self.part + step(count)).min(MOST));
    }

    /// A step towards the main queue.
    pub(super) fn shrink(&mut self, count: usize) {
        self.set((self.part - step(count)).max(LEAST));
    }

    /// Whether so many entries of this size together are the small queue's share of a full store.
    #[inline]
    pub(super) fn is_reached(&self, count: usize, size: u64) -> bool {
        count as u64 >= self.entries || size > self.size
    }

    /// The small queue's share of so many entries.
    #[inline]
    pub(super) fn of(&mut self, count: usize) -> u64 {
        if self.latest.0 != count {
            self.latest = (count, self.of_whole(count as u64));
        }
        self.latest.1
    }

    fn set(&mut self, part: f64) {
        self.part = part;
        self.entries = self.of_whole(u64::from(self.bounds.entries)).max(1);
        self.size = self.of_whole(self.bounds.size);
        self.latest = (0, 0);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a part of a positive number; to the last entry it need not be"
    )]
    fn of_whole(&self, whole: u64) -> u64 {
        (self.part * whole as f64) as u64
    }
}

#[expect(clippy::cast_precision_loss, reason = "a store has less than 2^32 entries")]
fn step(count: usize) -> f64 {
    (STEP_ENTRIES / count.max(1) as f64).clamp(STEP_PARTS.0, STEP_PARTS.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_both_ways_and_stops_short_of_all_and_nothing() {
        let mut share = Share::new(Bounds { entries: 500, size: 2000 });
        assert_eq!(share.of(1000), 200);
        share.grow(1000);
        assert_eq!(share.of(1000), 204);
        (0..10_000).for_each(|_| share.grow(1000));
        assert_eq!(share.of(1000), 900);
        (0..10_000).for_each(|_| share.shrink(1000));
        assert_eq!(share.of(1000), 10);
        share.grow(1);
        assert_eq!(share.of(1000), 60, "not by more than a twentieth");
        share.shrink(usize::MAX);
        assert_eq!(share.of(1000), 59, "nor by less than a thousandth");
    }

    #[test]
    fn it_is_reached_by_number_or_by_size_and_never_by_nothing() {
        let mut share = Share::new(Bounds { entries: 500, size: 2000 });
        assert!(!share.is_reached(99, 400));
        assert!(share.is_reached(100, 0));
        assert!(share.is_reached(1, 401));
        share.grow(500);
        assert!(!share.is_reached(103, 416), "it has moved");
        assert!(share.is_reached(104, 0));
        let tiny = Share::new(Bounds { entries: 1, size: u64::MAX });
        assert!(!tiny.is_reached(0, 0));
        assert!(tiny.is_reached(1, 0));
    }
}
