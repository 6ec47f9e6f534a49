//! Removing expired entries, a segment at a time. Drops nothing else.

use super::append::Departure;
use super::queue::queue_of;
use crate::engine::entry::NEVER_US;
use crate::engine::fail_points::{Point, pass};
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::region::item::Item;
use crate::region::segment::Role;
use crate::region::slot::Slot;
use crate::sync::Ordering;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Swept {
    /// Entries that were removed.
    pub removed: usize,
    /// Whether more has expired.
    pub more: bool,
}

impl Shard<'_> {
    /// Removes expired entries. Stops after the segment with which `budget` is reached.
    pub(crate) fn sweep_expired(&mut self, now_us: u64, budget: usize) -> Result<Swept, Error> {
        let mut swept = Swept::default();
        // Relaxed here and below: read under the lock.
        if self.header.earliest_us.load(Ordering::Relaxed) > now_us {
            return Ok(swept);
        }
        let mut earliest = NEVER_US;
        for role in [Role::Small, Role::Main] {
            let mut next = self.oldest(queue_of(role));
            for _ in 0..self.most_in(role) {
                let Some(segment) = next else { break };
                next = self.newer(segment)?;
                let header = self.region.segment(segment)?;
                if header.earliest_us.load(Ordering::Relaxed) <= now_us {
                    if swept.removed >= budget {
                        return Ok(Swept { more: true, ..swept });
                    }
                    swept.removed += self.sweep_segment(segment, now_us)?;
                }
                earliest = earliest.min(header.earliest_us.load(Ordering::Relaxed));
                self.retire_if_dead(segment)?;
            }
            if next.is_some() {
                return Err(Error::Corrupted);
            }
        }
        self.header.earliest_us.store(earliest, Ordering::Release);
        Ok(swept)
    }

    fn sweep_segment(&mut self, segment: u32, now_us: u64) -> Result<usize, Error> {
        let (mut removed, mut earliest) = (0, NEVER_US);
        for item in Item::each_of(self.region, segment)? {
            let deadline_us = item.deadline_us(self.region)?;
            if deadline_us > now_us {
                earliest = earliest.min(deadline_us);
                continue;
            }
            let hash = self.hash_of(&item)?;
            if let Some(held) = self.find_item(item, hash)? {
                self.drop_entry(&held, hash, Slot::EMPTY, Departure::Expired)?;
                removed += 1;
                pass(Point::Sweeping);
            }
        }
        self.region.segment(segment)?.earliest_us.store(earliest, Ordering::Release);
        Ok(removed)
    }
}
