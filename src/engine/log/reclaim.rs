//! Where room comes from: free segments, dead bytes, other shards, eviction.
//!
//! In this order, so that nothing live is dropped while there is anything else. Other shards are
//! locked only if that needs no waiting: two that want each other's room cannot block each other.

use super::evict::SecondChance;
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::platform::park::yield_now;
use crate::sync::Ordering;

/// Rounds in which entries that were read may stay; then room has to be made.
const SECOND_CHANCE_ROUNDS: u32 = 8;
/// Rounds that gain nothing before giving up.
const ROUNDS_WITHOUT_GAIN: u32 = 16;
/// Segments that are taken from another shard at a time.
const SEGMENTS_FROM_OTHERS: u32 = 4;

/// How far to go for a free segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ReclaimLevel {
    /// Take what is at hand, the shard's reserve included: for moving items.
    Reserve,
    /// Make room, and leave the reserve.
    Full,
}

impl Shard<'_> {
    /// Sees to it that the shard has `wanted` free segments.
    pub(crate) fn ensure_free(
        &mut self,
        wanted: u32,
        now_us: u64,
        level: ReclaimLevel,
    ) -> Result<(), Error> {
        let (mut round, mut fruitless) = (0, 0);
        while self.free_segments() < wanted {
            let before = self.free_segments();
            match self.claim_segment() {
                Ok(()) => {
                    fruitless = 0;
                    continue;
                }
                Err(Error::Full) if level == ReclaimLevel::Full => {}
                Err(error) => return Err(error),
            }
            let second_chance = if round < SECOND_CHANCE_ROUNDS {
                SecondChance::Given
            } else {
                SecondChance::Denied
            };
            if !self.reclaim(now_us, second_chance)? {
                return Err(Error::Full);
            }
            round += 1;
            fruitless = if self.free_segments() > before { 0 } else { fruitless + 1 };
            if fruitless > ROUNDS_WITHOUT_GAIN {
                return Err(Error::Full);
            }
        }
        Ok(())
    }

    /// One step towards room. `false` when nothing is left to try.
    fn reclaim(&mut self, now_us: u64, second_chance: SecondChance) -> Result<bool, Error> {
        let before = self.free_segments();
        self.sweep_expired(now_us, usize::MAX)?;
        if self.free_segments() > before || self.compact(now_us)? {
            return Ok(true);
        }
        let largest = self.largest();
        if !self.engine.evicts() {
            return self.reclaim_elsewhere(now_us);
        }
        // The shard with the most segments pays; so none starves, and none keeps too much.
        if largest == self.number {
            return self.evict(now_us, second_chance);
        }
        let Some(mut other) = self.engine.try_lock(self.client, largest) else {
            // Its holder is at work: take from our own, or look again, which is bounded.
            yield_now();
            self.evict(now_us, second_chance)?;
            return Ok(true);
        };
        let gained = other.evict(now_us, second_chance)?;
        let given = other.return_to_pool(1, SEGMENTS_FROM_OTHERS)?;
        drop(other);
        Ok(gained || given > 0 || self.evict(now_us, second_chance)?)
    }

    /// Lets other shards sweep and compact, and give what they gain.
    fn reclaim_elsewhere(&mut self, now_us: u64) -> Result<bool, Error> {
        let shards = self.engine.shards();
        for step in 1..shards {
            let number = (self.number + step) % shards;
            let Some(mut other) = self.engine.try_lock(self.client, number) else { continue };
            other.sweep_expired(now_us, usize::MAX)?;
            let mut given = other.return_to_pool(1, SEGMENTS_FROM_OTHERS)?;
            if given == 0 && other.compact(now_us)? {
                given = other.return_to_pool(1, SEGMENTS_FROM_OTHERS)?;
                if given == 0 {
                    // Compacting filled an open segment first: the next gains one.
                    return Ok(true);
                }
            }
            if given > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The shard that has the most segments with items.
    pub(crate) fn largest(&self) -> u32 {
        let size = |number: &u32| {
            // Relaxed: a guess is good enough.
            let lengths = self.region.shard(*number).lengths.load(Ordering::Relaxed);
            (lengths.all(), *number == self.number)
        };
        (0..self.engine.shards()).max_by_key(size).unwrap_or(self.number)
    }
}
