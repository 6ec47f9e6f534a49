//! Getting back what overwritten and deleted items left behind. Drops nothing that is live.

use super::append::Departure;
use super::queue::MAIN;
use crate::engine::fail_points::{Point, pass};
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::region::item::Item;
use crate::region::list::Link;
use crate::region::segment::{Bucket, DirectoryEntry, Role};
use crate::region::slot::Slot;
use crate::region::word::to_usize;
use crate::sync::{AtomicU64, Ordering};

/// Segments looked at in search of the one worth most: 30 µs at the most.
const LOOKS: usize = 512;
/// A segment is worth it when at least this part of it is dead: moving the rest gains that much.
const DEAD_SHARE: usize = 64;
/// In a store that evicts, that is not worth the copying: dropping what is not read is cheaper.
const DEAD_SHARE_EVICTING: usize = 4;

impl Shard<'_> {
    /// Moves the live items out of the segment with the most dead bytes. `false` when none has
    /// enough of them.
    pub(crate) fn compact(&mut self, now_us: u64) -> Result<bool, Error> {
        match self.worth_compacting()? {
            Some(segment) => self.compact_segment(segment, now_us),
            None => Ok(false),
        }
    }

    /// Moves the live items out of a segment. `false` when there is no room to move them to.
    pub(crate) fn compact_segment(&mut self, segment: u32, now_us: u64) -> Result<bool, Error> {
        let state = self.region.segment(segment)?.state();
        let open = if state.role == Role::Main { MAIN } else { state.class.min(MAIN - 1) };
        for item in Item::each_of(self.region, segment)? {
            let hash = self.hash_of(&item)?;
            let Some(held) = self.find_item(item, hash)? else { continue };
            if item.is_invalidated(self.region)? {
                self.drop_entry(&held, hash, Slot::EMPTY, Departure::Invalidated)?;
            } else if item.deadline_us(self.region)? <= now_us {
                self.drop_entry(&held, hash, Slot::EMPTY, Departure::Expired)?;
            } else if let Some(open) = self.room_to_move(open, &item, now_us) {
                self.move_entry(&held, open, held.word.frequency())?;
            } else {
                return Ok(false);
            }
            pass(Point::Compacting);
        }
        self.clear_slots_of(segment)?;
        self.retire(segment)?;
        Ok(true)
    }

    /// The segment with the most dead bytes among the next few hundred, if that is enough.
    fn worth_compacting(&self) -> Result<Option<u32>, Error> {
        let share = if self.engine.evicts() { DEAD_SHARE_EVICTING } else { DEAD_SHARE };
        let enough = self.region.layout().segment_bytes() / share;
        let segments = to_usize(self.lengths().all());
        // Relaxed here and below: read under the lock.
        let mut next = self.header.compaction.load(Ordering::Relaxed).target();
        next = next.filter(|segment| self.is_in_queue(*segment));
        let mut best = None;
        for _ in 0..segments.min(LOOKS) + 2 {
            let Some(index) = next else {
                next = self.oldest(0).or_else(|| self.oldest(1));
                if next.is_none() {
                    break;
                }
                continue;
            };
            let segment = self.region.segment(index)?;
            let (used, live) = segment.used_and_live();
            let state = segment.state();
            let dead = used.saturating_sub(live);
            let is_full = state.parts == 1 && !self.is_open(index);
            if is_full && dead >= enough && best.is_none_or(|(most, _)| dead > most) {
                best = Some((dead, index));
            }
            let is_small = state.role == Role::Small;
            next = self.newer(index)?.or_else(|| self.oldest(1).filter(|_| is_small));
        }
        let cursor = next.filter(|next| best.is_none_or(|(_, best)| best != *next));
        self.header.compaction.store(cursor.map_or(Link::NONE, Link::to), Ordering::Relaxed);
        Ok(best.map(|(_, segment)| segment))
    }

    /// Whether a segment is in a queue of this shard: it may have been retired since.
    fn is_in_queue(&self, segment: u32) -> bool {
        let Ok(segment) = self.region.segment(segment) else { return false };
        let state = segment.state();
        matches!(state.role, Role::Small | Role::Main) && state.shard == self.number
    }

    /// Clears every slot that still names an item of `segment`, which was walked: in a sound
    /// region there are none, and this is two loads.
    pub(super) fn clear_slots_of(&mut self, segment: u32) -> Result<(), Error> {
        let (_, live) = self.region.segment(segment)?.used_and_live();
        if live == 0 {
            return Ok(());
        }
        let layout = *self.region.layout();
        let depth = self.directory_depth();
        for place in 0..1u32 << depth {
            let entry = self.region.directory(self.number, place).load(Ordering::Relaxed);
            let group = self.region.group(DirectoryEntry(entry).group())?;
            let is_named = |slot: &&AtomicU64| {
                let place = Slot(slot.load(Ordering::Relaxed)).place();
                place.and_then(|place| layout.segment_of(place)).is_some_and(|(s, _)| s == segment)
            };
            let slots = group.0.iter().flat_map(|Bucket(slots)| slots);
            slots.filter(is_named).for_each(|slot| slot.store(Slot::EMPTY.0, Ordering::Release));
        }
        Ok(())
    }
}
