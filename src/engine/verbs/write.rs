//! Writing an entry: set, add, replace, compare and set. One lock, one commit.

use super::read::is_live;
use crate::engine::entry::{Condition, FORM_MAX, Key, Lifetime, NEVER_US, Tagging, Value};
use crate::engine::index::Held;
use crate::engine::index::hash::Hash;
use crate::engine::log::append::{CLASS_FOR_EVER, Was, head_of, target_after};
use crate::engine::log::queue::MAIN;
use crate::engine::log::reclaim::ReclaimLevel;
use crate::engine::participant::Participant;
use crate::engine::shard::Shard;
use crate::engine::tags::{Spaces, Tags, with_spaces};
use crate::error::Error;
use crate::platform::clock::{Clock, Reading};
use crate::region::segment::Role;
use crate::sync::{Ordering, tags};

/// Times a write makes room before giving up: each may undo a little of the one before.
const ATTEMPTS: usize = 8;

impl Participant {
    /// Sets an entry, where `condition` holds. `false` where it does not, and for tags of which one
    /// was invalidated after the moment that the value is of.
    ///
    /// All participants see the new value once the call returns; none sees an older one
    /// after anybody has seen the new one.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] when there is no room; [`Error::TooLarge`] when there can never be;
    /// [`Error::Argument`] for a number that is not eight bytes or a form out of range;
    /// [`Error::Busy`] when a live participant keeps the shard for 10 seconds, or, where that is
    /// asked for, holds the lock of the key.
    pub fn write(
        &self,
        key: Key<'_>,
        value: &Value<'_>,
        condition: Condition,
        clock: &impl Clock,
    ) -> Result<bool, Error> {
        self.write_for(key, value, Lifetime::Given, condition, clock)
    }

    /// The same, with a say in how long the entry is there.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_for(
        &self,
        key: Key<'_>,
        value: &Value<'_>,
        lifetime: Lifetime,
        condition: Condition,
        clock: &impl Clock,
    ) -> Result<bool, Error> {
        let write = || self.write_once(key, value, lifetime, condition, clock);
        let is_written = match write() {
            Err(Error::Full) => self.purge_for_room(write)?,
            done => done?,
        };
        if is_written {
            self.count_set();
        }
        // Apart: what has been written is not written again, whatever became of its pages.
        self.engine().region.written(is_written)
    }

    fn write_once(
        &self,
        key: Key<'_>,
        value: &Value<'_>,
        lifetime: Lifetime,
        condition: Condition,
        clock: &impl Clock,
    ) -> Result<bool, Error> {
        let engine = self.engine();
        let spaces = Spaces::of(&engine.seed, &key);
        let mut room = Vec::new();
        let tags = with_spaces(spaces.as_ref(), value.tags, &mut room);
        let mut value = Value { tags, ..*value };
        value.check()?;
        if key.bytes.len() > engine.region.layout().key_bytes_max() {
            return Err(Error::TooLarge);
        }
        if key.form > FORM_MAX {
            return Err(Error::Argument);
        }
        let hash = engine.hash(&key);
        if condition.may_add() {
            self.keep_below_max_entries(&key, hash, clock)?;
        }
        let mut shard = engine.lock_for(self.client(), hash)?;
        if matches!(condition, Condition::Unlocked) {
            self.check_unlocked(key)?;
        }
        if let Tagging::Given(tags) = value.tags {
            let Some(tags) = shard.sequenced(tags) else { return Ok(false) };
            value.tags = Tagging::Given(tags);
        }
        let needs_no_time = value.deadline_us == NEVER_US
            && condition.holds_always()
            && lifetime == Lifetime::Given
            && !matches!(value.tags, Tagging::Kept);
        // A reading of the clock is 35 ns, of some 200.
        if !(needs_no_time && shard.overwrite(&key, hash, &value, clock)?) {
            let now_us = clock.now_us();
            // Before it is known what is there.
            let moment = tags::moment(engine.region.tag_counter());
            let old = shard.find(&key, hash)?;
            let live = shard.live(old.as_ref(), now_us)?;
            if !shard.allows(condition, hash, live) {
                return Ok(false);
            }
            let (deadline_us, stale_us) = match (lifetime, live) {
                (Lifetime::Kept, Some(Held { item, .. })) => {
                    (item.deadline_us(&engine.region)?, item.stale_us(&engine.region)?)
                }
                _ => (value.deadline_us, value.stale_us),
            };
            let mut part = Vec::new();
            if matches!(value.tags, Tagging::Kept) {
                value.tags = shard.kept_tags(live, moment, spaces.as_ref(), &mut part)?;
                value.check()?;
            }
            let is_derived = condition.needs_entry() || lifetime == Lifetime::Kept;
            if is_derived && live.is_some() {
                shard.note_moved();
            }
            shard.put(&key, hash, &Value { deadline_us, stale_us, ..value }, now_us)?;
        }
        if !matches!(condition, Condition::IfLed) {
            engine.overtake_load(hash);
        }
        Ok(true)
    }

    /// Sets an entry.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn set(&self, key: Key<'_>, value: &Value<'_>, clock: &impl Clock) -> Result<(), Error> {
        self.write(key, value, Condition::Always, clock).map(|_| ())
    }
}

impl<'a> Shard<'a> {
    /// What is there, unless it has expired or was invalidated.
    fn live<'h>(
        &self,
        old: Option<&'h Held<'a>>,
        now_us: u64,
    ) -> Result<Option<&'h Held<'a>>, Error> {
        Ok(match old {
            Some(held) if held.item.is_invalidated(self.region)? => None,
            Some(held) if held.item.deadline_us(self.region)? > now_us => Some(held),
            _ => None,
        })
    }

    /// What a new item takes the place of.
    fn was(&self, old: Option<&Held<'a>>, clock: &impl Clock) -> Result<Was, Error> {
        let Some(held) = old else { return Ok(Was::Absent) };
        let is_live = is_live(held.item.deadline_us(self.region)?, clock);
        Ok(if is_live { Was::Live } else { Was::Expired })
    }

    /// The tags of what is there, for what takes its place; where nothing is, those of the key.
    fn kept_tags<'t>(
        &self,
        live: Option<&Held<'a>>,
        moment: u64,
        spaces: Option<&'t Spaces>,
        part: &'t mut Vec<u8>,
    ) -> Result<Tagging<'t>, Error> {
        if let Some(held) = live {
            self.copy_tags(&held.item, part)?;
        }
        let kept = (!part.is_empty()).then(|| Tags::kept(part, moment));
        let own = || spaces.and_then(|own| self.sequenced(own.alone(None)));
        Ok(kept.or_else(own).map_or(Tagging::None, Tagging::Given))
    }

    fn allows(&self, condition: Condition, hash: Hash, live: Option<&Held<'a>>) -> bool {
        match condition {
            Condition::Always | Condition::Unlocked => true,
            Condition::IfAbsent => live.is_none(),
            Condition::IfLed => live.is_none() && self.engine.is_led(hash, self.client.owner()),
            Condition::IfPresent => live.is_some(),
            // What has expired since it was read is gone, though no write has changed the version.
            Condition::IfVersion(version) => {
                live.is_some() && version == self.region.version(hash.stripe())
            }
            Condition::IfUnmoved(version) => version == self.region.version(hash.stripe()),
        }
    }

    /// Lets a value for ever take the place of another, if there is one and no room has to be made:
    /// whether it did.
    fn overwrite(
        &mut self,
        key: &Key<'_>,
        hash: Hash,
        value: &Value<'_>,
        clock: &impl Clock,
    ) -> Result<bool, Error> {
        let Some(old) = self.find(key, hash)? else { return Ok(false) };
        let open = self.target_beside(&old, CLASS_FOR_EVER)?;
        let bytes = head_of(key, value).item_bytes();
        let Some(room) = self.room(open, bytes) else { return Ok(false) };
        let was = self.was(Some(&old), clock)?;
        let new = self.write_item(room, key, value)?;
        self.publish((hash, old.slot), new, Some(&old), was)?;
        Ok(true)
    }

    /// Sets an entry, whatever was there.
    pub(crate) fn put(
        &mut self,
        key: &Key<'_>,
        hash: Hash,
        value: &Value<'_>,
        now_us: u64,
    ) -> Result<(), Error> {
        if let Some(parts) = self.parts_of(key, value) {
            return self.put_extent(parts, (key, hash), value, now_us);
        }
        let bytes = head_of(key, value).item_bytes();
        for _ in 0..ATTEMPTS {
            let open = self.target(key, hash, value, now_us)?;
            if self.room(open, bytes).is_none() {
                match self.open_next(open, now_us, ReclaimLevel::Full) {
                    Err(Error::Full) => return self.replace_in_full(key, hash, value, now_us),
                    done => done?,
                }
            }
            // Making room moves and drops entries: only now is what is found there to stay.
            let old = self.find(key, hash)?;
            let slot = match &old {
                Some(held) => held.slot,
                None => self.vacancy(hash, now_us)?,
            };
            // Finding a slot may have made room once more.
            let Some(room) = self.room(open, bytes) else { continue };
            let new = self.write_item(room, key, value)?;
            let was = self.was(old.as_ref(), &Reading(now_us))?;
            return self.publish((hash, slot), new, old.as_ref(), was);
        }
        Err(Error::Full)
    }

    /// Overwrites an entry of a full store with one that is no longer: the reserve takes the new
    /// item, and what stays of the old one's segment follows it, which restores the reserve.
    #[cold]
    fn replace_in_full(
        &mut self,
        key: &Key<'_>,
        hash: Hash,
        value: &Value<'_>,
        now_us: u64,
    ) -> Result<(), Error> {
        let bytes = head_of(key, value).item_bytes();
        let open = self.target(key, hash, value, now_us)?;
        let old = self.find(key, hash)?.filter(|old| old.item.head.item_bytes() >= bytes);
        let old = old.filter(|old| !old.item.head.is_large()).ok_or(Error::Full)?;
        self.open_next(open, now_us, ReclaimLevel::Reserve)?;
        let room = self.room(open, bytes).ok_or(Error::Full)?;
        let new = self.write_item(room, key, value)?;
        let was = self.was(Some(&old), &Reading(now_us))?;
        self.publish((hash, old.slot), new, Some(&old), was)?;
        if self.free_segments() == 0 {
            self.close_segment(old.item.segment);
            self.compact_segment(old.item.segment, now_us)?;
        }
        Ok(())
    }

    fn put_extent(
        &mut self,
        parts: u32,
        (key, hash): (&Key<'_>, Hash),
        value: &Value<'_>,
        now_us: u64,
    ) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            self.room_for_extent(parts, now_us)?;
            let old = self.find(key, hash)?;
            let slot = match &old {
                Some(held) => held.slot,
                None => self.vacancy(hash, now_us)?,
            };
            if self.free_segments() > parts {
                let was = self.was(old.as_ref(), &Reading(now_us))?;
                return self.publish_extent((hash, slot), (key, value), old.as_ref(), was);
            }
        }
        Err(Error::Full)
    }

    /// The open segment for a new item: beside the old one's, or where a key that came back goes.
    fn target(
        &self,
        key: &Key<'_>,
        hash: Hash,
        value: &Value<'_>,
        now_us: u64,
    ) -> Result<usize, Error> {
        let class = self.class_of(value.deadline_us, now_us);
        if !self.engine.evicts() {
            return Ok(class);
        }
        match self.find(key, hash)? {
            Some(held) => self.target_beside(&held, class),
            None if self.has_ghost(hash)? => Ok(MAIN),
            None => Ok(class),
        }
    }

    /// The open segment for what takes the place of an old item.
    fn target_beside(&self, old: &Held<'a>, class: usize) -> Result<usize, Error> {
        if !self.engine.evicts() {
            return Ok(class);
        }
        let role = self.region.segment(old.item.segment)?.state().role;
        Ok(target_after(role == Role::Main, class))
    }

    /// Entries of this shard, expired ones included.
    pub(crate) fn entries(&self) -> u64 {
        // Relaxed: read under the lock.
        self.header.entries.load(Ordering::Relaxed)
    }
}
