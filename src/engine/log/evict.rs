//! Making room by dropping what was read least: S3-FIFO over segments.
//!
//! The oldest segment of the queue of new items goes first, while that queue is longer than a
//! tenth of all: what was read at least once moves to the main queue, the rest leaves a ghost.
//! Else the oldest of the main queue goes: what was read since moves to its other end, counting
//! one down. Slots move or are cleared first, the generation grows after, bytes are reused last.

use super::append::Departure;
use super::queue::{MAIN, queue_of};
use super::reclaim::ReclaimLevel;
use crate::engine::fail_points::{Point, pass};
use crate::engine::index::Held;
use crate::engine::index::hash::Hash;
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::region::item::Item;
use crate::region::list::Lengths;
use crate::region::segment::{Role, State};
use crate::region::slot::Slot;
use crate::region::word::to_usize;
use crate::sync::Ordering;

/// The queue of new items is kept at this part of all segments.
const SMALL_SHARE: u32 = 10;
/// Items looked at in search of one to drop, dead ones included: as many as a segment may hold.
const LOOKS: usize = 1 << 14;
/// Of these, how many may be reinserted, for they were read.
const REINSERTION_BUDGET: usize = 64;

/// Whether entries that were read may stay.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SecondChance {
    /// They may.
    Given,
    /// They may not: enough of them stayed, room is needed.
    Denied,
}

impl<'a> Shard<'a> {
    /// Evicts a segment. `false` when the shard has none.
    pub(crate) fn evict(
        &mut self,
        now_us: u64,
        second_chance: SecondChance,
    ) -> Result<bool, Error> {
        let Some(segment) = self.next_to_evict() else { return Ok(false) };
        if self.region.segment(segment)?.state().parts > 1
            && self.keep_extent(segment, now_us, second_chance)?
        {
            return Ok(true);
        }
        self.close_segment(segment);
        self.empty(segment, now_us, second_chance)?;
        self.retire(segment)?;
        Ok(true)
    }

    /// Drops the entry that eviction would drop next, if there is one.
    pub(crate) fn evict_one(&mut self, now_us: u64) -> Result<(), Error> {
        let before = self.entries();
        for look in 0..LOOKS {
            if self.entries() < before {
                return Ok(());
            }
            let second_chance =
                if look < REINSERTION_BUDGET { SecondChance::Given } else { SecondChance::Denied };
            let Some(segment) = self.next_to_evict() else { return Ok(()) };
            let header = self.region.segment(segment)?;
            let (used, _) = header.used_and_live();
            // Relaxed: a place to begin, under the lock.
            let within = to_usize(header.judged.load(Ordering::Relaxed));
            let item = Item::at(self.region, segment, within);
            let (Ok(item), true) = (item, within < used) else {
                self.close_segment(segment);
                self.empty(segment, now_us, second_chance)?;
                self.retire(segment)?;
                continue;
            };
            if header.state().parts > 1 && self.keep_extent(segment, now_us, second_chance)? {
                continue;
            }
            let role = header.state().role;
            let hash = self.hash_of(&item)?;
            if let Some(held) = self.find_item(item, hash)? {
                self.judge(&held, hash, role, (now_us, second_chance))?;
            }
            let judged = within + item.head.item_bytes();
            header.judged.store(judged as u64, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The segment whose turn it is.
    fn next_to_evict(&self) -> Option<u32> {
        let Lengths { small, main } = self.lengths();
        let small_first = small > small.saturating_add(main) / SMALL_SHARE;
        let queues =
            if small_first { [Role::Small, Role::Main] } else { [Role::Main, Role::Small] };
        queues.into_iter().find_map(|role| self.oldest(queue_of(role)))
    }

    /// Moves a large item that was read to the newest end of the main queue, without a copy.
    fn keep_extent(
        &mut self,
        segment: u32,
        now_us: u64,
        second_chance: SecondChance,
    ) -> Result<bool, Error> {
        let Ok(item) = Item::at(self.region, segment, 0) else { return Ok(false) };
        let hash = self.hash_of(&item)?;
        let Some(held) = self.find_item(item, hash)? else { return Ok(false) };
        let deadline_us = item.deadline_us(self.region)?;
        let frequency = held.word.frequency();
        let is_gone = deadline_us <= now_us || item.is_invalidated(self.region)?;
        if second_chance == SecondChance::Denied || frequency == 0 || is_gone {
            return Ok(false);
        }
        let state = self.region.segment(segment)?.state();
        let next = if state.role == Role::Main { frequency - 1 } else { 0 };
        let mut change = self.transaction();
        self.unlink(&mut change, segment)?;
        self.push(&mut change, segment, State { role: Role::Main, ..state })?;
        self.note_deadline(&mut change, segment, deadline_us)?;
        change.set_word(held.slot, held.word.with_frequency(next).0);
        change.commit();
        Ok(true)
    }

    /// Moves or drops every entry of a segment.
    fn empty(
        &mut self,
        segment: u32,
        now_us: u64,
        second_chance: SecondChance,
    ) -> Result<(), Error> {
        let role = self.region.segment(segment)?.state().role;
        for item in Item::each_of(self.region, segment)? {
            let hash = self.hash_of(&item)?;
            if let Some(held) = self.find_item(item, hash)? {
                self.judge(&held, hash, role, (now_us, second_chance))?;
                pass(Point::Evicting);
            }
        }
        self.clear_slots_of(segment)
    }

    /// Decides about one entry of a segment that is evicted.
    fn judge(
        &mut self,
        held: &Held<'a>,
        hash: Hash,
        role: Role,
        (now_us, second_chance): (u64, SecondChance),
    ) -> Result<(), Error> {
        if held.item.is_invalidated(self.region)? {
            return self.drop_entry(held, hash, Slot::EMPTY, Departure::Invalidated);
        }
        if held.item.deadline_us(self.region)? <= now_us {
            return self.drop_entry(held, hash, Slot::EMPTY, Departure::Expired);
        }
        let frequency = held.word.frequency();
        let stays =
            frequency > 0 && second_chance == SecondChance::Given && !held.item.head.is_large();
        // A newcomer that moves up starts anew; a resident has one chance less.
        let next = if role == Role::Main { frequency.saturating_sub(1) } else { 0 };
        let room = if stays { self.room_to_move(MAIN, &held.item, now_us) } else { None };
        if let Some(open) = room {
            return self.move_entry(held, open, next);
        }
        let trace = if role == Role::Main { Slot::EMPTY } else { Slot::ghost(hash.tag()) };
        self.drop_entry(held, hash, trace, Departure::Evicted)
    }

    /// Where an item can be moved: to the open segment it belongs in, with the reserve if need
    /// be; else to any that has room.
    pub(crate) fn room_to_move(&mut self, open: usize, item: &Item, now_us: u64) -> Option<usize> {
        let bytes = item.head.item_bytes();
        if self.room(open, bytes).is_none() {
            // Without a spare segment the others may still have room.
            let _ = self.open_next(open, now_us, ReclaimLevel::Reserve);
        }
        [open].into_iter().chain(0..=MAIN).find(|open| self.room(*open, bytes).is_some())
    }
}
