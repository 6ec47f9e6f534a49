//! Sweeping expired entries out of all shards, and counting what is left.

use crate::engine::log::sweep::Swept;
use crate::engine::participant::Participant;
use crate::engine::store::Engine;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::word::low;
use crate::sync::Ordering;

/// Free segments that a shard keeps after a sweep; the rest is for all.
pub(super) const FREE_SEGMENTS_KEPT: u32 = 2;

impl Participant {
    /// Live entries. Removes what has expired or was invalidated first, so the number is exact.
    ///
    /// # Errors
    ///
    /// As [`clear`](Self::clear).
    pub fn len(&self, clock: &impl Clock) -> Result<u64, Error> {
        self.purge_all()?;
        let mut entries = 0;
        for number in 0..self.engine().shards() {
            let mut shard = self.engine().lock(self.client(), number)?;
            shard.sweep_expired(clock.now_us(), usize::MAX)?;
            entries = u64::wrapping_add(entries, shard.entries());
        }
        Ok(entries)
    }

    /// Removes what has expired wherever that needs no waiting: for statistics, which do not wait.
    ///
    /// # Errors
    ///
    /// None in a sound region.
    pub fn sweep_at_hand(&self, clock: &impl Clock) -> Result<(), Error> {
        for number in 0..self.engine().shards() {
            if let Some(mut shard) = self.engine().try_lock(self.client(), number) {
                shard.sweep_expired(clock.now_us(), usize::MAX)?;
            }
        }
        Ok(())
    }

    /// Removes expired entries, about `budget` of them, and gives memory that is not needed back to
    /// the system: pages, and the index of a shard that has become empty. Call it again, after
    /// letting others run, while it says that there is more.
    ///
    /// # Errors
    ///
    /// As [`clear`](Self::clear).
    pub fn sweep(&self, budget: usize, clock: &impl Clock) -> Result<Swept, Error> {
        let engine = self.engine();
        engine.forget_dead_watchers();
        self.forget_dead_claims();
        let shards = engine.shards();
        // Relaxed: only spreads the work.
        let first = low(engine.region.header().sweep.fetch_add(1, Ordering::Relaxed)) % shards;
        let (mut swept, mut outcome) = (Swept::default(), Ok(()));
        for step in 0..shards {
            let left = budget - swept.removed.min(budget);
            match self.sweep_shard((first + step) % shards, left, clock) {
                Ok(part) => {
                    swept.removed += part.removed;
                    swept.more |= part.more;
                }
                // The others are swept all the same.
                Err(error) => outcome = Err(error),
            }
        }
        outcome?;
        swept.more |= engine.lock(self.client(), first)?.release_pages(clock.now_us())?;
        Ok(swept)
    }

    fn sweep_shard(&self, number: u32, budget: usize, clock: &impl Clock) -> Result<Swept, Error> {
        let mut shard = self.engine().lock(self.client(), number)?;
        let swept = shard.sweep_expired(clock.now_us(), budget)?;
        if shard.is_index_outgrown() {
            shard.clear()?;
        }
        shard.return_to_pool(FREE_SEGMENTS_KEPT, u32::MAX)?;
        Ok(swept)
    }

    /// Removes what has expired by now, about `budget` entries of each shard, for those who are to
    /// be told soon. Whether there was a deadline that has passed.
    ///
    /// # Errors
    ///
    /// As [`clear`](Self::clear).
    pub fn sweep_due(&self, budget: usize, clock: &impl Clock) -> Result<bool, Error> {
        let (engine, mut was_due, mut outcome) = (self.engine(), false, Ok(()));
        for number in 0..engine.shards() {
            // Relaxed: looked at again under the lock.
            let earliest_us = engine.region.shard(number).earliest_us.load(Ordering::Relaxed);
            if earliest_us <= clock.now_us() {
                was_due = true;
                let shard = engine.lock(self.client(), number);
                let swept = shard.and_then(|mut it| it.sweep_expired(clock.now_us(), budget));
                // Those of the others are told all the same.
                outcome = outcome.and(swept.map(drop));
            }
        }
        outcome.map(|()| was_due)
    }
}

impl Engine {
    /// Takes the sweep lease, if it is free: for `lease_us` the sweep is the caller's alone.
    pub fn takes_sweep_lease(&self, lease_us: u64, clock: &impl Clock) -> bool {
        let lease = &self.region.header().sweep_lease_us;
        // Relaxed: spreads work, and guards nothing.
        let (end_us, now_us) = (lease.load(Ordering::Relaxed), clock.now_us());
        // A lease that ends later than any does is from another clock, or damaged.
        let is_free = end_us <= now_us || end_us - now_us > lease_us;
        let next_us = now_us.saturating_add(lease_us);
        is_free
            && lease.compare_exchange(end_us, next_us, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}
