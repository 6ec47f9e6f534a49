//! The small queue's share of a store: it goes where one more entry would have saved a miss.
//!
//! Invariant: neither queue is ever left without a share.

/// At first, a fifth.
const BEGIN: f64 = 0.2;
const LEAST: f64 = 0.01;
const MOST: f64 = 0.9;
/// A step is so many entries, but of a small store not more than the second part of all, of a
/// large one not less than the first.
const STEP_ENTRIES: f64 = 4.0;
const STEP_PARTS: (f64, f64) = (0.001, 0.05);

/// The small queue's part of a store.
#[derive(Debug)]
pub(super) struct Share {
    part: f64,
}

impl Default for Share {
    fn default() -> Self {
        Self { part: BEGIN }
    }
}

impl Share {
    /// A step towards the small queue, in a store of so many entries.
    pub(super) fn grow(&mut self, count: usize) {
        self.part = (self.part + step(count)).min(MOST);
    }

    /// A step towards the main queue.
    pub(super) fn shrink(&mut self, count: usize) {
        self.part = (self.part - step(count)).max(LEAST);
    }

    /// The small queue's share of so many entries, or of so much size.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a part of a positive number; to the last entry it need not be"
    )]
    pub(super) fn of(&self, whole: u64) -> u64 {
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
        let mut share = Share::default();
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
}
