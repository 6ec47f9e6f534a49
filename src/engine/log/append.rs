//! Writing an item behind the others, and letting a slot name it. Knows no queue.

use super::queue::MAIN;
use crate::contract::Change;
use crate::engine::entry::{Key, NEVER_US, Tagging, Value};
use crate::engine::fail_points::{Point, pass};
use crate::engine::index::Held;
use crate::engine::index::hash::Hash;
use crate::engine::shard::Shard;
use crate::engine::shard::transaction::Transaction;
use crate::error::Error;
use crate::region::item::{DEADLINE, HEAD_BYTES, Item, ItemHead, TagsHead};
use crate::region::slot::Slot;
use crate::region::word::to_u32;
use crate::sync::{AtomicU64, Ordering};

const US_PER_MINUTE: u64 = 60_000_000;
const US_PER_HOUR: u64 = 60 * US_PER_MINUTE;

/// The class of items without a deadline.
pub(crate) const CLASS_FOR_EVER: usize = 0;

/// An item that is written, and that no slot names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewItem {
    pub(crate) place: usize,
    pub(crate) segment: u32,
    pub(crate) bytes: usize,
    pub(crate) deadline_us: u64,
}

/// Why an entry leaves by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Departure {
    /// Its deadline has passed.
    Expired,
    /// Room is needed.
    Evicted,
    /// One of its tags was invalidated, which was told then.
    Invalidated,
}

/// What was there of a key that is given a new item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Was {
    /// Nothing.
    Absent,
    /// An entry whose deadline has not passed.
    Live,
    /// An entry that had expired, and that no sweep has met.
    Expired,
}

impl<'a> Shard<'a> {
    /// Which open segment takes a new item: those that expire at about the same time share one.
    pub(crate) fn class_of(&self, deadline_us: u64, now_us: u64) -> usize {
        if self.engine.classes == 1 || deadline_us == NEVER_US {
            return CLASS_FOR_EVER;
        }
        match deadline_us.saturating_sub(now_us) {
            ..US_PER_MINUTE => 1,
            US_PER_MINUTE..US_PER_HOUR => 2,
            _ => 3,
        }
    }

    /// Where the next item of a target goes; `None` when it does not fit there.
    pub(crate) fn room(&self, open: usize, bytes: usize) -> Option<(u32, usize)> {
        let segment = self.open_segment(open)?;
        let (used, _) = self.region.segment(segment).ok()?.used_and_live();
        let end = used + bytes;
        let fits = end <= self.region.layout().segment_bytes();
        // One that the system lets grow no further is full.
        (fits && self.region.commit_segment(segment, end).is_ok()).then_some((segment, used))
    }

    /// Writes an item at a place with room.
    pub(crate) fn write_item(
        &self,
        (segment, within): (u32, usize),
        key: &Key<'_>,
        value: &Value<'_>,
    ) -> Result<NewItem, Error> {
        let head = head_of(key, value);
        let offset = self.region.layout().segment_start(segment) + within;
        self.write_head(offset, head, key.bytes, value)?;
        self.region.store_bytes(offset + head.area_start() + value.tags.bytes(), value.bytes)?;
        pass(Point::Written);
        let place = offset - self.region.layout().segments;
        let deadline_us = value.deadline_us;
        Ok(NewItem { place, segment, bytes: head.item_bytes(), deadline_us })
    }

    pub(super) fn write_head(
        &self,
        offset: usize,
        head: ItemHead,
        key: &[u8],
        value: &Value<'_>,
    ) -> Result<(), Error> {
        // Relaxed: published by the slot's store.
        self.region.word(offset)?.store(head.0, Ordering::Relaxed);
        self.region.word(offset + DEADLINE)?.store(value.deadline_us, Ordering::Relaxed);
        if let Some(start) = head.staleness_start() {
            self.region.word(offset + start)?.store(value.stale_us, Ordering::Relaxed);
        }
        if let Tagging::Given(tags) = &value.tags {
            let start = offset + head.area_start();
            self.region.store_bytes(start, tags.part)?;
            self.region.word(start + TagsHead::SEQUENCE)?.store(tags.sequence, Ordering::Relaxed);
        }
        self.region.store_bytes(offset + HEAD_BYTES, key)
    }

    /// Copies an item to a place with room.
    fn copy_item(&self, (segment, within): (u32, usize), item: &Item) -> Result<NewItem, Error> {
        let offset = self.region.layout().segment_start(segment) + within;
        let bytes = item.head.item_bytes();
        self.region.copy_words(item.offset, offset, bytes)?;
        pass(Point::Written);
        let deadline_us = item.deadline_us(self.region)?;
        Ok(NewItem { place: offset - self.region.layout().segments, segment, bytes, deadline_us })
    }

    /// Lets `slot` name a new item, in place of an old one if there is.
    pub(crate) fn publish(
        &mut self,
        (hash, slot): (Hash, &AtomicU64),
        new: NewItem,
        old: Option<&Held<'a>>,
        was: Was,
    ) -> Result<(), Error> {
        self.region.written(())?;
        self.commit_item(self.transaction(), (hash, slot), new, (old, was))
    }

    /// Moves an entry's item to the end of an open segment. No reader can tell.
    pub(crate) fn move_entry(
        &mut self,
        held: &Held<'a>,
        open: usize,
        frequency: u64,
    ) -> Result<(), Error> {
        let room = self.room(open, held.item.head.item_bytes()).ok_or(Error::Full)?;
        let new = self.copy_item(room, &held.item)?;
        let word = Slot::new(held.word.tag(), new.place).with_frequency(frequency);
        let mut change = self.transaction();
        self.name_item(&mut change, (held.slot, word), new, Some(held))?;
        self.note_moved();
        // No stripe: what the key leads to is what it was.
        change.commit();
        Ok(())
    }

    /// Notes that an entry, or what is made of it, goes to another place: a walk over items that
    /// has passed that place, and not yet the old one, comes again.
    pub(crate) fn note_moved(&self) {
        let moved = &self.header.moved;
        // Counted under the lock. Release: before the new place is named.
        moved.store(moved.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
    }

    /// Completes a change that gives a key a new item, and makes it while the key's stripe is odd.
    /// Reads go on as often as before the old item was replaced. Of one that had expired, and that
    /// no sweep has met, it is counted and told here.
    pub(super) fn commit_item(
        &mut self,
        mut change: Transaction<'a>,
        (hash, slot): (Hash, &AtomicU64),
        new: NewItem,
        (old, was): (Option<&Held<'a>>, Was),
    ) -> Result<(), Error> {
        let frequency = old.map_or(0, |held| held.word.frequency());
        let word = Slot::new(hash.tag(), new.place).with_frequency(frequency);
        self.name_item(&mut change, (slot, word), new, old)?;
        if was == Was::Expired {
            self.count_expired(&mut change);
        }
        self.change_entry(hash, || change.commit());
        if let (Was::Expired, Some(held)) = (was, old) {
            self.tell_expired(&held.item);
        }
        self.tell_set(new.place, old.map(|held| &held.item))?;
        match old {
            Some(held) => self.retire_if_dead(held.item.segment),
            None => Ok(()),
        }
    }

    /// Apart, as the next: within every write they cost it 2 ns of some 180.
    #[cold]
    #[inline(never)]
    fn count_expired(&self, change: &mut Transaction<'_>) {
        change.add(&self.header.expired, 1);
    }

    #[cold]
    #[inline(never)]
    fn tell_expired(&self, item: &Item) {
        self.tell(Change::Expire, item);
    }

    /// Notes that `slot` names a new item, and what that means for the counts.
    #[inline]
    fn name_item(
        &self,
        change: &mut Transaction<'_>,
        (slot, word): (&AtomicU64, Slot),
        new: NewItem,
        old: Option<&Held<'a>>,
    ) -> Result<(), Error> {
        change.set_word(slot, word.0);
        self.count_in(change, new)?;
        if let Some(held) = old {
            return self.count_out(change, &held.item);
        }
        change.add(&self.header.entries, 1);
        Ok(())
    }

    /// Takes an entry out of the index, and leaves `trace` in its slot; counts and tells why.
    pub(crate) fn drop_entry(
        &mut self,
        held: &Held<'a>,
        hash: Hash,
        trace: Slot,
        why: Departure,
    ) -> Result<(), Error> {
        let mut change = self.transaction();
        change.set_word(held.slot, trace.0);
        self.count_out(&mut change, &held.item)?;
        change.subtract(&self.header.entries, 1);
        let (counter, told) = match why {
            Departure::Expired => (&self.header.expired, Some(Change::Expire)),
            Departure::Evicted => (&self.header.evicted, Some(Change::Evict)),
            Departure::Invalidated => (&self.header.invalidated, None),
        };
        change.add(counter, 1);
        self.change_entry(hash, || change.commit());
        match told {
            Some(told) => self.tell(told, &held.item),
            None => self.tell_purged(&held.item)?,
        }
        Ok(())
    }

    /// Counts a new item: its bytes are used and live, and expire at its deadline.
    fn count_in(&self, change: &mut Transaction<'_>, new: NewItem) -> Result<(), Error> {
        let fill = &self.region.segment(new.segment)?.fill;
        change.update(fill, |fill| fill.with(to_u32(new.bytes)));
        self.note_deadline(change, new.segment, new.deadline_us)
    }

    /// Lets the sweep know that something in `segment` expires at `deadline_us`.
    pub(crate) fn note_deadline(
        &self,
        change: &mut Transaction<'_>,
        segment: u32,
        deadline_us: u64,
    ) -> Result<(), Error> {
        let segment = &self.region.segment(segment)?.earliest_us;
        for earliest in [segment, &self.header.earliest_us] {
            if deadline_us < change.get_word(earliest) {
                change.set_word(earliest, deadline_us);
            }
        }
        Ok(())
    }

    /// Counts an item that no slot will name any more.
    pub(crate) fn count_out(&self, change: &mut Transaction<'_>, item: &Item) -> Result<(), Error> {
        let fill = &self.region.segment(item.segment)?.fill;
        change.update(fill, |fill| fill.without(to_u32(item.head.item_bytes())));
        Ok(())
    }
}

/// The open segment for an item that takes the place of another: it stays in its queue.
pub(crate) fn target_after(was_main: bool, class: usize) -> usize {
    if was_main { MAIN } else { class }
}

/// The first word of an item.
pub(crate) fn head_of(key: &Key<'_>, value: &Value<'_>) -> ItemHead {
    let tag_bytes = value.tags.bytes();
    let head = ItemHead::new(key.bytes.len(), tag_bytes + value.bytes.len());
    let head = head.with_traits(value.kind, key.form, key.wide);
    let head = if tag_bytes == 0 { head } else { head.with_tags() };
    if value.stale_us == 0 { head } else { head.with_staleness() }
}
