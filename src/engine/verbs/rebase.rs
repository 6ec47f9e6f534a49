//! Carrying deadlines over to another clock: that of the machine's next start.

use crate::engine::entry::NEVER_US;
use crate::engine::log::queue::queue_of;
use crate::engine::participant::Participant;
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::region::item::{DEADLINE, Item};
use crate::region::segment::Role;
use crate::sync::{AtomicU64, Ordering};

impl Participant {
    /// Moves all deadlines: what was `then_us` is `now_us`. No other participant uses the store in
    /// that time.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when the store is damaged.
    pub fn rebase(&self, then_us: u64, now_us: u64) -> Result<(), Error> {
        let shift = |deadline_us: u64| match deadline_us {
            NEVER_US => NEVER_US,
            _ => now_us.saturating_add(deadline_us.saturating_sub(then_us)).min(NEVER_US - 1),
        };
        for number in 0..self.engine().shards() {
            self.engine().lock(self.client(), number)?.rebase(shift)?;
        }
        Ok(())
    }
}

impl Shard<'_> {
    fn rebase(&mut self, shift: impl Fn(u64) -> u64) -> Result<(), Error> {
        // Relaxed: there is no other participant.
        let change =
            |word: &AtomicU64| word.store(shift(word.load(Ordering::Relaxed)), Ordering::Relaxed);
        for role in [Role::Small, Role::Main] {
            let mut next = self.oldest(queue_of(role));
            for _ in 0..self.most_in(role) {
                let Some(segment) = next else { break };
                next = self.newer(segment)?;
                for item in Item::each_of(self.region, segment)? {
                    change(self.region.word(item.offset + DEADLINE)?);
                }
                change(&self.region.segment(segment)?.earliest_us);
            }
        }
        change(&self.header.earliest_us);
        Ok(())
    }
}
