//! Key → entry, and every operation on it. Knows no lock and no thread; time is an argument.
//!
//! Invariant: the table holds the live slots and no other, and so does the eviction, where there
//! is one; a slot is in the wheel if and only if it is live and has a deadline. An entry whose
//! deadline has passed is absent for every operation, swept or not.

mod backlog;
mod room;
mod slots;

use ahash::RandomState;
use std::hash::{BuildHasher, Hasher};

pub use self::backlog::{Ahead, Backlog};
use self::room::{Room, clear_state};
use super::entries::{Entries, NO_SLOT};
use super::eviction::{Bounds, Eviction};
use super::key::{Key, KeyForm};
use super::table::Table;
use super::wheel::{Step, Wheel};
use crate::contract::Removal;
use crate::error::Error;
use crate::platform::clock::{Clock, NEVER_US};
use crate::rate::{Rate, Taken, Verdict};
use crate::text::string::Text;

/// What a look-up met.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lookup {
    /// A live entry.
    Live {
        /// Where its value is.
        slot: u32,
        /// Until when; `NEVER_US` for ever.
        deadline_us: u64,
        /// The form in which its key was given.
        form: KeyForm,
    },
    /// An entry at this slot whose deadline had passed; the slot is free now.
    Expired(u32),
    /// Nothing.
    Absent,
}

/// Where an entry was placed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Placed {
    /// At the slot that its key had.
    Overwritten(u32),
    /// At a slot of its own, as the newest entry.
    Added(u32),
    /// Nowhere yet: drain the released slots first, then place again.
    DrainFirst,
}

/// What is to be placed.
#[derive(Clone, Copy, Debug)]
pub struct Placement<'a> {
    /// Under which key.
    pub key: Text<'a>,
    /// In which form the key was given.
    pub form: KeyForm,
    /// Until when; `NEVER_US` for ever.
    pub deadline_us: u64,
    /// What it counts towards the bound on the size; no more than that bound.
    pub size: u64,
}

/// How a renaming ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Renamed {
    /// The entry of this slot has the new key.
    Moved(u32),
    /// Nothing moved: no live entry under the old key, or one under the new.
    Kept,
}

/// What a store has lost by itself, and what it takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Counters {
    /// Entries whose deadline had passed when they were met, or swept.
    pub expired: u64,
    /// Entries that were evicted.
    pub evicted: u64,
    /// The sum of the sizes.
    pub size: u64,
    /// Entries that are there, with those that are due and were not met since.
    pub entries: usize,
    /// Bytes that are allocated.
    pub bytes: usize,
}

/// The index of a store.
#[derive(Debug)]
pub struct Index {
    table: Table,
    entries: Entries,
    wheel: Wheel,
    hasher: RandomState,
    eviction: Option<Box<Eviction>>,
    /// Whether what expires or is evicted waits, with its key, for somebody who wants to know.
    is_watched: bool,
    expired: u64,
    evicted: u64,
}

impl Index {
    /// An empty index, with bounds or without.
    pub fn new(bounds: Option<Bounds>) -> Self {
        Self {
            table: Table::default(),
            entries: Entries::default(),
            wheel: Wheel::default(),
            hasher: RandomState::new(),
            eviction: bounds.map(|bounds| Box::new(Eviction::new(bounds))),
            is_watched: false,
            expired: 0,
            evicted: 0,
        }
    }

    /// Looks a key up. Reads the clock only if the entry has a deadline.
    pub fn find(&mut self, key: Text<'_>, clock: &impl Clock) -> Lookup {
        self.find_hashed(key, self.hash(key), clock)
    }

    fn find_hashed(&mut self, key: Text<'_>, hash: u64, clock: &impl Clock) -> Lookup {
        let Some(slot) = self.slot_of(key, hash) else { return Lookup::Absent };
        let deadline_us = self.wheel.deadline_us(slot);
        if deadline_us != NEVER_US && deadline_us <= clock.now_us() {
            return self.expire(slot);
        }
        Lookup::Live { slot, deadline_us, form: self.entries.key(slot).form() }
    }

    /// Places an entry; in a bounded store, others may have to go. `states` has a byte for each
    /// slot of a bounded store: see [`Eviction`].
    ///
    /// # Errors
    ///
    /// [`Error::Full`]; nothing has changed then, but for expired entries and, in a bounded store,
    /// those that had to go.
    pub fn place(
        &mut self,
        placement: Placement<'_>,
        clock: &impl Clock,
        states: &mut [u8],
    ) -> Result<Placed, Error> {
        let Placement { key, form, deadline_us, size } = placement;
        let hash = self.hash(key);
        let found = self.find_hashed(key, hash, clock);
        if let Lookup::Live { slot, deadline_us: former_us, .. } = found {
            if former_us != NEVER_US || deadline_us != NEVER_US {
                self.set_deadline(slot, deadline_us)?;
            }
            self.entries.set_form(slot, form);
            if let Some(eviction) = &mut self.eviction {
                let growth = size.saturating_sub(eviction.size_of(slot));
                eviction.resize(slot, size.min(eviction.size_of(slot)));
                let room = Room { entries: 0, size: growth, kept: slot, may_reuse: false };
                self.make_room(room, clock, states);
                if let Some(eviction) = &mut self.eviction {
                    eviction.resize(slot, size);
                }
            }
            return Ok(Placed::Overwritten(slot));
        }
        if self.eviction.is_some() {
            // The slot of an expired entry is the one that is reused: its value is still there.
            let may_reuse = found == Lookup::Absent && !self.is_watched;
            self.make_room(Room { entries: 1, size, kept: NO_SLOT, may_reuse }, clock, states);
        }
        if self.entries.wants_drain() {
            return Ok(Placed::DrainFirst);
        }
        let next_slot = self.entries.next_slot().ok_or(Error::Full)?;
        if deadline_us != NEVER_US {
            self.wheel.reserve(next_slot).ok_or(Error::Full)?;
        }
        self.table.reserve_one(low_half(hash)).ok_or(Error::Full)?;
        if let Some(eviction) = &mut self.eviction {
            eviction.reserve(next_slot).ok_or(Error::Full)?;
        }
        let slot = self.entries.add(key, form).ok_or(Error::Full)?;
        self.table.insert(low_half(hash), slot);
        if deadline_us != NEVER_US {
            self.wheel.set(slot, deadline_us);
        }
        if let Some(eviction) = &mut self.eviction {
            clear_state(states, slot);
            eviction.admit(slot, hash, size, states);
        }
        Ok(Placed::Added(slot))
    }

    /// Gives the live entry of `key` another deadline.
    ///
    /// # Errors
    ///
    /// [`Error::Full`]; nothing has changed then.
    pub fn touch(
        &mut self,
        key: Text<'_>,
        deadline_us: u64,
        clock: &impl Clock,
    ) -> Result<Lookup, Error> {
        let found = self.find(key, clock);
        let Lookup::Live { slot, form, .. } = found else { return Ok(found) };
        self.set_deadline(slot, deadline_us)?;
        Ok(Lookup::Live { slot, deadline_us, form })
    }

    /// The deadline of the live entry of `key` at `now_us`; `None` where there is none. Changes
    /// nothing.
    pub fn deadline_us(&self, key: Text<'_>, now_us: u64) -> Option<u64> {
        let slot = self.slot_of(key, self.hash(key))?;
        Some(self.wheel.deadline_us(slot)).filter(|&deadline_us| deadline_us > now_us)
    }

    /// The deadline of a live slot.
    pub fn deadline_at(&self, slot: u32) -> u64 {
        self.wheel.deadline_us(slot)
    }

    /// Removes an entry; its slot is free.
    pub fn remove(&mut self, key: Text<'_>, clock: &impl Clock) -> Lookup {
        let found = self.find(key, clock);
        if let Lookup::Live { slot, .. } = found {
            self.forget(slot);
            self.entries.free(slot);
        }
        found
    }

    /// Takes from the limit that is kept at a slot with a deadline, where so much was taken, or
    /// nothing yet; `None` where that has passed.
    pub fn limit(
        &mut self,
        slot: u32,
        count: Option<f64>,
        (cost, rate): (f64, &Rate),
        now_us: u64,
    ) -> Option<Verdict> {
        let deadline_us = self.wheel.deadline_us(slot);
        // A slot that was released is not in the wheel.
        if deadline_us <= now_us || deadline_us == NEVER_US {
            return None;
        }
        let verdict = rate.decide(count.map(|count| Taken { deadline_us, count }), cost, now_us);
        if let Verdict::Allowed(_, Some(taken)) = verdict {
            self.wheel.set(slot, taken.deadline_us);
        }
        Some(verdict)
    }

    /// Moves the live entry of `from` to `to`, unless that holds a live one. The entry keeps its
    /// slot, deadline and place in the order.
    ///
    /// # Errors
    ///
    /// [`Error::Full`]; nothing has changed then.
    pub fn rename(
        &mut self,
        from: Text<'_>,
        to: Text<'_>,
        form: KeyForm,
        clock: &impl Clock,
    ) -> Result<Renamed, Error> {
        if from == to {
            return Ok(Renamed::Kept);
        }
        let now_us = clock.now_us();
        self.release_if_due(from, now_us);
        self.release_if_due(to, now_us);
        let (hash_from, hash_to) = (self.hash(from), self.hash(to));
        let Some(slot) = self.slot_of(from, hash_from) else { return Ok(Renamed::Kept) };
        if self.slot_of(to, hash_to).is_some() {
            return Ok(Renamed::Kept);
        }
        let key = Key::copy_of(to, form).ok_or(Error::Full)?;
        self.table.reserve_one(low_half(hash_to)).ok_or(Error::Full)?;
        self.table.remove(low_half(hash_from), slot);
        self.table.insert(low_half(hash_to), slot);
        self.entries.set_key(slot, key);
        if let Some(eviction) = &mut self.eviction {
            eviction.rehash(slot, hash_to);
        }
        Ok(Renamed::Moved(slot))
    }

    /// How many entries are live at `now_us`. Releases all that is due.
    pub fn size(&mut self, now_us: u64) -> usize {
        while self.sweep(now_us, usize::MAX) {}
        let mut wheel = std::mem::take(&mut self.wheel);
        wheel.take_due_in_tick(now_us, |slot| self.release_expired(slot));
        self.wheel = wheel;
        self.entries.live()
    }

    /// Releases what is due, in at most `steps` steps; whether there is more to do. Leaves
    /// what is due within the current tick (about a millisecond).
    pub fn sweep(&mut self, now_us: u64, steps: usize) -> bool {
        for _ in 0..steps {
            match self.wheel.step(now_us) {
                Step::Due(slot) => self.release_expired(slot),
                Step::Moved => {}
                Step::Done => return false,
            }
        }
        true
    }

    /// Whether some entry has a deadline.
    pub fn is_timed(&self) -> bool {
        self.wheel.count() != 0
    }

    /// A time at which a sweep has something to do: see [`Wheel::next_us`].
    pub fn next_due_us(&self) -> Option<u64> {
        self.wheel.next_us()
    }

    /// Frees released slots: see [`Entries::drain`].
    pub fn drain(&mut self, drained: &mut [u32]) -> usize {
        self.entries.drain(drained)
    }

    /// Frees one released slot: see [`Entries::drain_departed`].
    pub fn drain_departed(&mut self) -> Option<(u32, u32, Key)> {
        self.entries.drain_departed()
    }

    /// Whether slots wait to be drained.
    pub fn has_released(&self) -> bool {
        self.entries.has_released()
    }

    /// From now on, what expires or is evicted waits with its key to be drained, or no more.
    pub fn watch(&mut self, is_watched: bool) {
        self.is_watched = is_watched;
    }

    /// What it has lost by itself, and what it takes.
    pub fn counters(&self) -> Counters {
        let (size, eviction_bytes) =
            self.eviction.as_ref().map_or((0, 0), |eviction| (eviction.size(), eviction.bytes()));
        let bytes = self.table.bytes() + self.entries.bytes() + self.wheel.bytes();
        let Self { expired, evicted, .. } = *self;
        let entries = self.entries.live();
        Counters { expired, evicted, size, entries, bytes: bytes + eviction_bytes }
    }

    /// Empties the index; what it held comes back, to be dropped outside the lock.
    pub fn clear(&mut self) -> impl Sized + use<> {
        let table = std::mem::take(&mut self.table);
        let bounds = self.eviction.as_ref().map(|eviction| eviction.bounds());
        let fresh = bounds.map(|bounds| Box::new(Eviction::new(bounds)));
        let eviction = std::mem::replace(&mut self.eviction, fresh);
        (table, self.entries.clear(), self.wheel.clear(), eviction)
    }

    /// The oldest entry, if it is live at `now_us`, with its slot, and how many departures of
    /// oldest entries there were before. `None` also when older ones wait to be swept.
    pub fn oldest(&self, now_us: u64) -> Option<(u32, &Key, u64)> {
        let slot = self.entries.after(NO_SLOT);
        let is_live = slot != NO_SLOT && self.wheel.deadline_us(slot) > now_us;
        is_live.then(|| (slot, self.entries.key(slot), self.entries.departures()))
    }

    /// Opens a cursor over the live entries, oldest first.
    pub fn open_cursor(&mut self) -> usize {
        self.entries.open_cursor(NO_SLOT)
    }

    /// Opens a cursor behind the entry that [`Self::oldest`] showed with this number of
    /// departures: if that one went since, at whatever is the oldest now.
    pub fn open_cursor_behind_oldest(&mut self, departures: u64) -> usize {
        let oldest = self.entries.after(NO_SLOT);
        let stands = departures == self.entries.departures();
        self.entries.open_cursor(if stands { oldest } else { NO_SLOT })
    }

    /// The next live entry of a cursor at `now_us`, with its slot.
    pub fn advance(&mut self, cursor: usize, now_us: u64) -> Option<(u32, &Key)> {
        loop {
            let slot = self.entries.advance(cursor);
            if slot == NO_SLOT {
                return None;
            }
            if self.wheel.deadline_us(slot) > now_us {
                return Some((slot, self.entries.key(slot)));
            }
        }
    }

    /// Closes a cursor.
    pub fn close_cursor(&mut self, cursor: usize) {
        self.entries.close_cursor(cursor);
    }

    /// The entry of a slot was met when its deadline had passed.
    fn expire(&mut self, slot: u32) -> Lookup {
        if self.is_watched {
            self.wheel.remove(slot);
            self.release_expired(slot);
            return Lookup::Absent;
        }
        self.forget(slot);
        self.expired += 1;
        self.entries.free(slot);
        Lookup::Expired(slot)
    }

    /// Releases an entry that has left the wheel.
    fn release_expired(&mut self, slot: u32) {
        self.unlist(slot);
        self.expired += 1;
        if self.is_watched {
            self.entries.depart(slot, Removal::Expired);
        } else {
            self.entries.release(slot);
        }
    }

    #[inline]
    fn hash(&self, key: Text<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        key.hash_into(&mut hasher);
        hasher.finish()
    }

    #[inline]
    fn slot_of(&self, key: Text<'_>, hash: u64) -> Option<u32> {
        self.table.find(low_half(hash), |slot| self.entries.key(slot).as_ref() == key)
    }

    fn set_deadline(&mut self, slot: u32, deadline_us: u64) -> Result<(), Error> {
        // The wheel of a store without deadlines takes no memory.
        if deadline_us != NEVER_US {
            self.wheel.reserve(slot).ok_or(Error::Full)?;
        }
        self.wheel.set(slot, deadline_us);
        Ok(())
    }

    fn release_if_due(&mut self, key: Text<'_>, now_us: u64) {
        if let Some(slot) = self.slot_of(key, self.hash(key))
            && self.wheel.deadline_us(slot) <= now_us
        {
            self.wheel.remove(slot);
            self.release_expired(slot);
        }
    }

    /// Takes a slot out of the table, the eviction and the wheel.
    fn forget(&mut self, slot: u32) {
        self.unlist(slot);
        self.wheel.remove(slot);
    }

    fn unlist(&mut self, slot: u32) {
        let hash = self.hash(self.entries.key(slot).as_ref());
        self.table.remove(low_half(hash), slot);
        if let Some(eviction) = &mut self.eviction {
            eviction.forget(slot);
        }
    }
}

/// Half of a keyed hash: enough to tell keys apart before they are compared.
#[inline]
fn low_half(hash: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
    let half = hash as u32;
    half
}
