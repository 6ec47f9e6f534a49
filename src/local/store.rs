//! An index behind its lock, with the schedule of its sweep. Knows no JavaScript.
//!
//! One thread, that of its owner, calls everything but `sweep`, which the sweeper's thread
//! calls. The lock is never held while anything else is locked, called back or dropped.

use parking_lot::{Mutex, MutexGuard};
use std::sync::Arc;

use super::clock::StoreClock;
use super::entries::NO_SLOT;
use super::eviction::Bounds;
use super::index::{Backlog, Counters, Index, Lookup, Placed, Placement, Renamed};
use super::key::{Key, KeyForm};
use super::sweeper::{self, Sweep, Ticket};
use crate::error::Error;
use crate::platform::clock::{Clock, Monotonic, NEVER_US, Reading};
use crate::rate::{Rate, Verdict};
use crate::text::string::Text;

/// Steps of a sweep under one hold of the lock. One is 50–200 ns, so a `get` that meets the
/// sweep waits some 10–25 µs, well within the 50 µs that a store promises.
const SWEEP_STEPS: usize = 128;

/// Times that [`Store::release_due`] takes the lock: the rest is for the next turn of the event
/// loop, some 2 ms later.
const RELEASE_ROUNDS: usize = 128;

/// What one visit looks at, however little of it is meant: an entry counts for one, and for more
/// where its key is long. Some 100 µs, or 500 with a pattern that is soon matched.
const LOOKED_A_VISIT: usize = 2048;
/// Entries under one hold of the lock.
const LOOKED_A_HOLD: usize = 256;
/// Bytes of a key that count for one more.
const LOOKED_BYTES: usize = 64;
/// After so much of a visit with a pattern the time is looked at.
const LOOKED_A_GLANCE: usize = 8;
/// How long such a visit goes on, whatever the pattern takes for a key.
const VISIT_US: u64 = 1000;

const US_PER_MS: u64 = 1000;

/// A store of one thread.
#[derive(Debug)]
pub struct Store {
    inner: Mutex<Inner>,
    clock: StoreClock,
}

#[derive(Debug)]
struct Inner {
    index: Index,
    sweeping: Sweeping,
    interval_ms: u32,
    /// Of the sweep that counts, while one is scheduled; an older one finds another here, or none.
    scheduled: Option<Arc<Ticket>>,
}

/// A clock for what is rarely called: of a type of its own, so that each copy of [`Index::place`]
/// that is called often has one caller, which is what it is inlined for.
struct Rare(Reading);

impl Clock for Rare {
    fn now_us(&self) -> u64 {
        self.0.now_us()
    }
}

/// What it takes to tell whether a key is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effort {
    /// A look at how it begins.
    Small,
    /// What a pattern takes: no count of keys tells how long.
    Unknown,
}

/// Who asked for the background sweep.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sweeping {
    Off,
    Automatic,
    Started,
}

impl Store {
    /// An empty store that sweeps every `interval_ms`: by itself, or once it is started.
    pub fn new(interval_ms: u32, automatic: bool, bounds: Option<Bounds>) -> Self {
        Self::with_clock(interval_ms, automatic, bounds, StoreClock::default())
    }

    /// The same, by another clock than the machine's.
    pub fn with_clock(
        interval_ms: u32,
        automatic: bool,
        bounds: Option<Bounds>,
        clock: StoreClock,
    ) -> Self {
        let sweeping = if automatic { Sweeping::Automatic } else { Sweeping::Off };
        let mut index = Index::new(bounds);
        // The clock counts from the start of the machine: the wheel is not to catch up with it when
        // the first entry is due.
        index.sweep(clock.now_us(), 1);
        let inner = Inner { index, sweeping, interval_ms, scheduled: None };
        Self { inner: Mutex::new(inner), clock }
    }

    /// What the deadlines are compared with.
    #[inline]
    pub fn clock(&self) -> &StoreClock {
        &self.clock
    }

    /// See [`Index::find`].
    pub fn find(&self, key: Text<'_>) -> Lookup {
        self.inner.lock().index.find(key, &self.clock)
    }

    /// See [`Index::place`]; a deadline schedules the sweep. Also: whether slots wait for a drain.
    ///
    /// # Errors
    ///
    /// [`Error::Full`]; nothing has changed then.
    pub fn place(
        self: &Arc<Self>,
        placement: Placement<'_>,
        clock: &impl Clock,
        states: &mut [u8],
    ) -> Result<(Placed, bool), Error> {
        let mut inner = self.inner.lock();
        let placed = inner.index.place(placement, clock, states)?;
        let has_released = inner.index.has_released();
        self.schedule(inner);
        Ok((placed, has_released))
    }

    /// As [`Self::place`], but a live entry that is overwritten keeps its deadline; also: the
    /// deadline afterwards.
    ///
    /// # Errors
    ///
    /// [`Error::Full`]; nothing has changed then.
    #[cold]
    pub fn place_kept(
        self: &Arc<Self>,
        placement: Placement<'_>,
        now: Reading,
        states: &mut [u8],
    ) -> Result<(Placed, bool, u64), Error> {
        let mut inner = self.inner.lock();
        let kept = inner.index.deadline_us(placement.key, now.now_us());
        let deadline_us = kept.unwrap_or(placement.deadline_us);
        let placement = Placement { deadline_us, ..placement };
        let placed = inner.index.place(placement, &Rare(now), states)?;
        let has_released = inner.index.has_released();
        self.schedule(inner);
        Ok((placed, has_released, deadline_us))
    }

    /// See [`Index::touch`]; a deadline schedules the sweep.
    ///
    /// # Errors
    ///
    /// [`Error::Full`]; nothing has changed then.
    pub fn touch(
        self: &Arc<Self>,
        key: Text<'_>,
        deadline_us: u64,
        clock: &impl Clock,
    ) -> Result<Lookup, Error> {
        let mut inner = self.inner.lock();
        let found = inner.index.touch(key, deadline_us, clock)?;
        self.schedule(inner);
        Ok(found)
    }

    /// See [`Index::remove`].
    pub fn remove(&self, key: Text<'_>) -> Lookup {
        self.inner.lock().index.remove(key, &self.clock)
    }

    /// Does what its owner did ahead of it, and gives it free slots, as many as there is room for:
    /// how many steps until one failed, and how many slots.
    pub fn catch_up(&self, backlog: Backlog<'_>, slots: &mut [u32]) -> (usize, usize) {
        let mut inner = self.inner.lock();
        let done = inner.index.catch_up_all(backlog);
        let mut given = 0;
        while given < slots.len()
            && let Some(slot) = inner.index.give_slot()
        {
            slots[given] = slot;
            given += 1;
        }
        (done, given)
    }

    /// See [`Index::rename`].
    ///
    /// # Errors
    ///
    /// [`Error::Full`]; nothing has changed then.
    pub fn rename(&self, from: Text<'_>, to: Text<'_>, form: KeyForm) -> Result<Renamed, Error> {
        self.inner.lock().index.rename(from, to, form, &self.clock)
    }

    /// How many entries are live; releases all that is due.
    pub fn size(&self) -> usize {
        self.inner.lock().index.size(self.clock.now_us())
    }

    /// Removes every entry; every slot is as if never used.
    pub fn clear(&self) {
        let held = self.inner.lock().index.clear();
        drop(held);
    }

    /// Frees released slots, as many as `drained` has room for: says which, and how many.
    pub fn drain(&self, drained: &mut [u32]) -> usize {
        self.inner.lock().index.drain(drained)
    }

    /// Frees up to `limit` released slots, and shows each to `see`, with why it went and its key
    /// if it was watched; how many.
    pub fn drain_departed(&self, limit: usize, mut see: impl FnMut(u32, u32, Key)) -> usize {
        let mut inner = self.inner.lock();
        let mut count = 0;
        while count < limit {
            let Some((slot, why, key)) = inner.index.drain_departed() else { break };
            see(slot, why, key);
            count += 1;
        }
        count
    }

    /// See [`Index::watch`].
    pub fn watch(&self, is_watched: bool) {
        self.inner.lock().index.watch(is_watched);
    }

    /// See [`Index::counters`].
    pub fn counters(&self) -> Counters {
        self.inner.lock().index.counters()
    }

    /// Releases what is due, without waiting for the sweep: all of it, or what takes some
    /// milliseconds.
    pub fn release_due(&self) {
        let now_us = self.clock.now_us();
        for _ in 0..RELEASE_ROUNDS {
            if !self.inner.lock().index.sweep(now_us, SWEEP_STEPS) {
                return;
            }
        }
    }

    /// Milliseconds until there is something to release or to drain, 0 when there already is;
    /// `None` when nothing has a deadline.
    pub fn next_due_ms(&self) -> Option<u64> {
        let now_us = self.clock.now_us();
        let inner = self.inner.lock();
        if inner.index.has_released() {
            return Some(0);
        }
        Some(inner.index.next_due_us()?.saturating_sub(now_us).div_ceil(US_PER_MS))
    }

    /// Shows the oldest entry to `see`; see [`Index::oldest`].
    pub fn visit_oldest<T>(&self, see: impl FnOnce(u32, &Key, u64) -> T) -> Option<T> {
        let now_us = self.clock.now_us();
        let inner = self.inner.lock();
        let (slot, key, departures) = inner.index.oldest(now_us)?;
        Some(see(slot, key, departures))
    }

    /// Opens a cursor; see [`Index::open_cursor_behind_oldest`].
    pub fn open_cursor_behind_oldest(&self, departures: u64) -> usize {
        self.inner.lock().index.open_cursor_behind_oldest(departures)
    }

    /// Opens a cursor; see [`Index::open_cursor`].
    pub fn open_cursor(&self) -> usize {
        self.inner.lock().index.open_cursor()
    }

    /// Shows up to `limit` next entries of a cursor to `see`, as long as that goes on; whether
    /// there may be more.
    fn visit(&self, cursor: usize, limit: usize, mut see: impl FnMut(u32, &Key) -> bool) -> bool {
        let now_us = self.clock.now_us();
        let mut inner = self.inner.lock();
        for _ in 0..limit {
            let Some((slot, key)) = inner.index.advance(cursor, now_us) else { return false };
            if !see(slot, key) {
                break;
            }
        }
        true
    }

    /// Shows the entries of a cursor that are meant to `see`, up to `limit` of them, a short hold
    /// of the lock at a time; how many there were, and whether there may be more. A pause comes,
    /// too, when it has looked at many of which few are meant, or for long.
    pub fn visit_where(
        &self,
        (cursor, effort): (usize, Effort),
        limit: usize,
        is_meant: impl Fn(Text<'_>) -> bool,
        mut see: impl FnMut(u32, &Key),
    ) -> (usize, bool) {
        let (until_us, mut glance_at) = match effort {
            Effort::Small => (NEVER_US, usize::MAX),
            Effort::Unknown => (Monotonic.now_us() + VISIT_US, LOOKED_A_GLANCE),
        };
        let (mut count, mut looked) = (0, 0);
        while looked < LOOKED_A_VISIT {
            let most = (limit - count).min(LOOKED_A_HOLD);
            let has_more = self.visit(cursor, most, |slot, key| {
                let text = key.as_ref();
                looked += 1 + text.parts().0.len() / LOOKED_BYTES;
                if is_meant(text) {
                    see(slot, key);
                    count += 1;
                }
                if looked >= glance_at {
                    glance_at = looked + LOOKED_A_GLANCE;
                    if Monotonic.now_us() >= until_us {
                        looked = LOOKED_A_VISIT;
                        return false;
                    }
                }
                true
            });
            if !has_more {
                return (count, false);
            }
            if count == limit {
                break;
            }
        }
        (count, true)
    }

    /// See [`Index::remove_slots`].
    pub fn remove_slots(&self, slots: &mut [u32]) {
        let now_us = self.clock.now_us();
        self.inner.lock().index.remove_slots(slots, now_us);
    }

    /// See [`Index::release_slots`].
    pub fn release_slots(&self, slots: &[u32]) {
        let now_us = self.clock.now_us();
        self.inner.lock().index.release_slots(slots, now_us);
    }

    /// Removes the next entries of a cursor that are meant, as many as `slots` has room for, where
    /// their slots are then: how many, and whether there may be more.
    pub fn remove_where(
        &self,
        cursor: (usize, Effort),
        is_meant: impl Fn(Text<'_>) -> bool,
        slots: &mut [u32],
    ) -> (usize, bool) {
        let mut listed = 0;
        let (count, has_more) = self.visit_where(cursor, slots.len(), is_meant, |slot, _| {
            slots[listed] = slot;
            listed += 1;
        });
        self.remove_slots(&mut slots[..count]);
        // What has expired since it was listed was not removed.
        let mut removed = 0;
        for index in 0..count {
            let slot = slots[index];
            slots[removed] = slot;
            removed += usize::from(slot != NO_SLOT);
        }
        (removed, has_more)
    }

    /// See [`Index::limit`].
    pub fn limit(
        &self,
        slot: u32,
        count: Option<f64>,
        asked: (f64, &Rate),
    ) -> Option<(Verdict, u64)> {
        let now_us = self.clock.now_us();
        let mut inner = self.inner.lock();
        let verdict = inner.index.limit(slot, count, asked, now_us)?;
        Some((verdict, inner.index.deadline_at(slot)))
    }

    /// Closes a cursor.
    pub fn close_cursor(&self, cursor: usize) {
        self.inner.lock().index.close_cursor(cursor);
    }

    /// Starts the sweep, every `interval_ms` from now if given; whether it was not started yet.
    pub fn start_sweeping(self: &Arc<Self>, interval_ms: Option<u32>) -> bool {
        let mut inner = self.inner.lock();
        if inner.sweeping == Sweeping::Started {
            return false;
        }
        inner.sweeping = Sweeping::Started;
        inner.interval_ms = interval_ms.unwrap_or(inner.interval_ms);
        let is_outdated = inner.scheduled.take().is_some();
        self.schedule(inner);
        if is_outdated {
            sweeper::dismiss();
        }
        true
    }

    /// Stops the sweep; whether it was on.
    pub fn stop_sweeping(&self) -> bool {
        let mut inner = self.inner.lock();
        let was_on = inner.sweeping != Sweeping::Off;
        inner.sweeping = Sweeping::Off;
        let is_outdated = inner.scheduled.take().is_some();
        drop(inner);
        if is_outdated {
            sweeper::dismiss();
        }
        was_on
    }

    /// Milliseconds until the scheduled sweep: `None` when none is, 0 while it runs.
    pub fn next_sweep_ms(&self) -> Option<u64> {
        let due_us = self.inner.lock().scheduled.as_ref()?.due_us;
        Some(due_us.saturating_sub(Monotonic.now_us()).div_ceil(US_PER_MS))
    }

    /// Releases what is due, a short hold of the lock at a time. Called by the sweeper with the
    /// sweep that fell due; gives the next one.
    pub(super) fn sweep(self: &Arc<Self>, due: &Sweep) -> Option<Sweep> {
        loop {
            let now_us = self.clock.now_us();
            let mut inner = self.inner.lock();
            if inner.scheduled.as_ref().is_none_or(|ticket| !due.has(ticket)) {
                return None;
            }
            if !inner.index.sweep(now_us, SWEEP_STEPS) {
                inner.scheduled = None;
                return inner.next_sweep(self);
            }
            // Whoever waits gets the lock now, not after some more rounds.
            MutexGuard::unlock_fair(inner);
        }
    }

    #[inline]
    fn schedule(self: &Arc<Self>, inner: MutexGuard<'_, Inner>) {
        if inner.scheduled.is_none() && inner.wants_sweep() {
            self.schedule_next(inner);
        }
    }

    #[cold]
    fn schedule_next(self: &Arc<Self>, mut inner: MutexGuard<'_, Inner>) {
        let sweep = inner.next_sweep(self);
        drop(inner);
        // Without a thread to be had, expiry stays exact, and the next deadline tries again.
        if sweep.is_some_and(|sweep| !sweeper::enrol(sweep)) {
            self.inner.lock().scheduled = None;
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.inner.get_mut().scheduled.take().is_some() {
            sweeper::dismiss();
        }
    }
}

impl Inner {
    /// Whether there is something to sweep for, and somebody asked for it.
    #[inline]
    fn wants_sweep(&self) -> bool {
        self.sweeping != Sweeping::Off && self.index.is_timed()
    }

    /// Notes the next sweep, if there is something to sweep for.
    fn next_sweep(&mut self, store: &Arc<Store>) -> Option<Sweep> {
        if !self.wants_sweep() {
            return None;
        }
        let due_us = Monotonic.now_us() + u64::from(self.interval_ms) * US_PER_MS;
        let ticket = Arc::new(Ticket { due_us });
        let sweep = Sweep::of(store, &ticket);
        self.scheduled = Some(ticket);
        Some(sweep)
    }
}
