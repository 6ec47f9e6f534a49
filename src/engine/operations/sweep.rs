//! Sweeping entries that are due out of all shards, and counting what is left.

use crate::engine::log::sweep::Swept;
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::word::low;
use crate::sync::Ordering;

/// Spare segments that a shard keeps after a sweep; the rest is for all.
pub(super) const SPARES_KEPT: u32 = 2;

impl Participant {
    /// Live entries. Removes what is due first, so the number is exact.
    ///
    /// # Errors
    ///
    /// As [`clear`](Self::clear).
    pub fn len(&self, clock: &impl Clock) -> Result<u64, Error> {
        let mut entries = 0;
        for number in 0..self.engine().shards() {
            let mut shard = self.engine().lock(self.seat(), number)?;
            shard.sweep_due(clock.now_us(), usize::MAX)?;
            entries = u64::wrapping_add(entries, shard.entries());
        }
        Ok(entries)
    }

    /// Removes what is due wherever that needs no waiting: for figures, which nobody waits for.
    ///
    /// # Errors
    ///
    /// None in a sound region.
    pub fn sweep_at_hand(&self, clock: &impl Clock) -> Result<(), Error> {
        for number in 0..self.engine().shards() {
            if let Some(mut shard) = self.engine().try_lock(self.seat(), number) {
                shard.sweep_due(clock.now_us(), usize::MAX)?;
            }
        }
        Ok(())
    }

    /// Removes due entries, about `budget` of them, and gives memory that nobody needs back to
    /// the system: pages, and the index of a shard that has become empty. Call it again, after
    /// letting others run, while it says that there is more.
    ///
    /// # Errors
    ///
    /// As [`clear`](Self::clear).
    pub fn sweep(&self, budget: usize, clock: &impl Clock) -> Result<Swept, Error> {
        let engine = self.engine();
        let shards = engine.shards();
        // Relaxed: only spreads the work.
        let first = low(engine.region.header().sweep.fetch_add(1, Ordering::Relaxed)) % shards;
        let mut swept = Swept::default();
        for step in 0..shards {
            let mut shard = engine.lock(self.seat(), (first + step) % shards)?;
            let part = shard.sweep_due(clock.now_us(), budget - swept.removed.min(budget))?;
            if shard.is_hollow() {
                shard.clear()?;
            }
            shard.give_back(SPARES_KEPT, u32::MAX)?;
            swept.removed += part.removed;
            swept.more |= part.more;
        }
        swept.more |= engine.lock(self.seat(), first)?.release_pages(clock.now_us())?;
        Ok(swept)
    }

    /// Whether the sweep that is due now is this participant's: for `turn_us` it is nobody else's.
    pub fn takes_turn(&self, turn_us: u64, clock: &impl Clock) -> bool {
        let due = &self.engine().region.header().sweep_due_us;
        // Relaxed: spreads work, and guards nothing.
        let (due_us, now_us) = (due.load(Ordering::Relaxed), clock.now_us());
        // Not due so late that nobody would live to see it: from another clock, or damaged.
        let is_due = due_us <= now_us || due_us - now_us > turn_us;
        let next_us = now_us.saturating_add(turn_us);
        is_due
            && due.compare_exchange(due_us, next_us, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}
