//! What JavaScript calls: convert in, one call, convert out. Knows no Node-API type.
//!
//! The facade (`lib/`) checks every argument before it calls, so an error here is a defect there.
//! Each function takes the id of a store first. Slots come back as small integers: positive for
//! a live entry, negative for the other outcome that names a slot, 0 for none.

use std::sync::Arc;

use super::callback::{Call, RawCallback, Value, raw_callback};
use super::shared_memory::{count_of, number_of};
use crate::contract::{Answer, Bits, Flag, LocalCounter, Register};
use crate::error::Error;
use crate::local::eviction::Bounds;
use crate::local::index::{Figures, Found, Placed, Placement, Renamed};
use crate::local::key::{Key, KeyForm, KeyRef};
use crate::local::store::Store;
use crate::platform::clock::{Clock, Monotonic, NEVER_US, Reading, deadline_us, ms_of};

/// Flags of a code of `find`.
const TIMED: i32 = Flag::Timed as i32;
const OTHER_FORM: i32 = Flag::OtherForm as i32;
const FORM_MASK: i32 = (1 << Bits::FORM) - 1;
/// What `place`, `touch` and `rename` answer when there is no room.
const FULL: i32 = Answer::Full.number();
/// Entries that `list` copies out of the store under one hold of its lock.
const LIST_ENTRIES: usize = 256;

/// Every function, under the name that the facade knows.
pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("open", raw_callback(open)),
    ("close", raw_callback(close)),
    ("find", raw_callback(find)),
    ("place", raw_callback(place)),
    ("placeBounded", raw_callback(place_bounded)),
    ("shareStates", raw_callback(share_states)),
    ("touch", raw_callback(touch)),
    ("remove", raw_callback(remove)),
    ("rename", raw_callback(rename)),
    ("size", raw_callback(size)),
    ("clear", raw_callback(clear)),
    ("drain", raw_callback(drain)),
    ("watch", raw_callback(watch)),
    ("drainDeparted", raw_callback(drain_departed)),
    ("releaseDue", raw_callback(release_due)),
    ("nextDueMs", raw_callback(next_due_ms)),
    ("figures", raw_callback(figures)),
    ("list", raw_callback(list)),
    ("oldest", raw_callback(oldest)),
    ("openCursor", raw_callback(open_cursor)),
    ("advance", raw_callback(advance)),
    ("closeCursor", raw_callback(close_cursor)),
    ("startSweeping", raw_callback(start_sweeping)),
    ("stopSweeping", raw_callback(stop_sweeping)),
    ("nextSweepMs", raw_callback(next_sweep_ms)),
    ("now", raw_callback(now)),
];

/// `open(intervalMs, automatic, maxEntries, maxSize)` → id. A bound of 0 is none.
fn open(call: &Call) -> Result<Value, Error> {
    let interval_ms = u32::try_from(call.integer_argument(0)?).map_err(|_| Error::Argument)?;
    let automatic = call.integer_argument(1)? != 0;
    let entries = u32::try_from(call.integer_argument(2)?).map_err(|_| Error::Argument)?;
    let size = call.whole_argument(3)?;
    let bounds = Bounds {
        entries: if entries == 0 { u32::MAX } else { entries },
        size: if size == 0 { u64::MAX } else { size },
    };
    let bounds = (entries != 0 || size != 0).then_some(bounds);
    let id = call.environment().open(Store::new(interval_ms, automatic, bounds))?;
    Ok(call.integer(id))
}

/// `close(id)`.
fn close(call: &Call) -> Result<Value, Error> {
    if let Some(states) = call.environment().close(call.integer_argument(0)?) {
        call.unshare_bytes(states);
    }
    Ok(Call::undefined())
}

/// `find(id, key)` → slot and flags, −slot of an entry that had expired, or 0.
fn find(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let found = call.with_key(1, |key| call.environment().with(id, |store| store.find(key)))??;
    Ok(call.integer(found_code(found)))
}

/// `place(target, key)` → slot that was overwritten, −slot that was added, 0 to drain first, or
/// `FULL`. The target is the id of the store, and below it the form of the key.
fn place(call: &Call) -> Result<Value, Error> {
    let wanted = Wanted::of(call)?;
    let placed = call.with_key(1, |key| {
        call.environment().with(wanted.id, |store| {
            let placed = wanted.place(call, key, store, &mut []);
            placed_code(placed, |slot, _| slot.cast_signed())
        })
    })??;
    Ok(call.integer(placed))
}

/// `placeBounded(target, key)` → as `place`, but twice the slot, plus 1 if slots wait to be
/// drained.
fn place_bounded(call: &Call) -> Result<Value, Error> {
    let size = count_of(call.environment().registers().get(Register::Size));
    let wanted = Wanted { size, ..Wanted::of(call)? };
    let placed = call.with_key(1, |key| {
        let environment = call.environment();
        environment.with_states(wanted.id, |store, states| {
            let placed = wanted.place(call, key, store, states);
            placed_code(placed, |slot, has_released| {
                slot.cast_signed() << 1 | i32::from(has_released)
            })
        })
    })??;
    Ok(call.integer(placed))
}

/// What `place` answers. Made where the outcome is: it is not moved about.
#[inline]
fn placed_code(placed: Result<(Placed, bool), Error>, code: impl Fn(u32, bool) -> i32) -> i32 {
    match placed {
        Ok((Placed::Overwritten(slot), has_released)) => code(slot, has_released),
        Ok((Placed::Added(slot), has_released)) => -code(slot, has_released),
        Ok((Placed::DrainFirst, _)) => 0,
        Err(_) => FULL,
    }
}

/// What is to be placed, but for its key.
struct Wanted {
    id: i32,
    ttl_ms: u64,
    is_kept: bool,
    form: KeyForm,
    size: u64,
}

impl Wanted {
    #[inline]
    fn of(call: &Call) -> Result<Self, Error> {
        let registers = call.environment().registers();
        let is_kept = registers.take_flag(Register::IsKept);
        let ttl_ms = count_of(registers.get(Register::TtlMs));
        let target = call.integer_argument(0)?;
        let form = KeyForm::try_from(target & FORM_MASK).map_err(|_| Error::Argument)?;
        Ok(Self { id: target >> Bits::FORM, ttl_ms, is_kept, form, size: 0 })
    }

    #[inline]
    fn place(
        &self,
        call: &Call,
        key: KeyRef<'_>,
        store: &Arc<Store>,
        states: &mut [u8],
    ) -> Result<(Placed, bool), Error> {
        let Self { ttl_ms, form, size, .. } = *self;
        if self.is_kept {
            return self.place_kept(call, key, store, states);
        }
        if ttl_ms == 0 {
            share_deadline(call, NEVER_US);
            let placement = Placement { key, form, deadline_us: NEVER_US, size };
            return store.place(placement, &Monotonic, states);
        }
        let now = Reading(Monotonic.now_us());
        let deadline_us = deadline_us(now.now_us(), ttl_ms);
        share_deadline(call, deadline_us);
        store.place(Placement { key, form, deadline_us, size }, &now, states)
    }

    #[cold]
    fn place_kept(
        &self,
        call: &Call,
        key: KeyRef<'_>,
        store: &Arc<Store>,
        states: &mut [u8],
    ) -> Result<(Placed, bool), Error> {
        let Self { ttl_ms, form, size, .. } = *self;
        let now = Reading(Monotonic.now_us());
        let deadline_us = deadline_after(now, ttl_ms);
        let placement = Placement { key, form, deadline_us, size };
        let (placed, has_released, deadline_us) = store.place_kept(placement, now, states)?;
        share_deadline(call, deadline_us);
        Ok((placed, has_released))
    }
}

/// `shareStates(id, states)`: a `Uint8Array` with a byte for each slot of a bounded store, the next
/// one included, that nobody else has: for `placeBounded`, until others are shared.
fn share_states(call: &Call) -> Result<Value, Error> {
    let states = call.share_bytes(1)?;
    if let Some(former) = call.environment().share_states(call.integer_argument(0)?, states)? {
        call.unshare_bytes(former);
    }
    Ok(Call::undefined())
}

/// `touch(id, key)` → as `find`, or `FULL`.
fn touch(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let ttl_ms = count_of(call.environment().registers().get(Register::TtlMs));
    let now = Reading(Monotonic.now_us());
    let deadline_us = deadline_after(now, ttl_ms);
    share_deadline(call, deadline_us);
    let touched = call.with_key(1, |key| {
        call.environment().with(id, |store| store.touch(key, deadline_us, &now))
    })??;
    Ok(call.integer(touched.map_or(FULL, found_code)))
}

/// `remove(id, key)` → slot, −slot of an entry that had expired, or 0.
fn remove(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let found =
        call.with_key(1, |key| call.environment().with(id, |store| store.remove(key)))??;
    Ok(call.integer(match found {
        Found::Live { slot, .. } => slot.cast_signed(),
        Found::Expired(slot) => -slot.cast_signed(),
        Found::Absent => 0,
    }))
}

/// `rename(id, from, to, form)` → slot that moved, 0 when none did, or `FULL`.
fn rename(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let form = KeyForm::try_from(call.integer_argument(3)?).map_err(|_| Error::Argument)?;
    let renamed = call.with_key(1, |from| {
        call.with_key(2, |to| call.environment().with(id, |store| store.rename(from, to, form)))
    })???;
    Ok(call.integer(match renamed {
        Ok(Renamed::Moved(slot)) => slot.cast_signed(),
        Ok(Renamed::Kept) => 0,
        Err(_) => FULL,
    }))
}

/// `size(id)` → how many entries are live.
fn size(call: &Call) -> Result<Value, Error> {
    let size = call.environment().with(call.integer_argument(0)?, |store| store.size())?;
    let size = i32::try_from(size).expect("no more entries than slots");
    Ok(call.integer(size))
}

/// `clear(id)`.
fn clear(call: &Call) -> Result<Value, Error> {
    call.environment().with(call.integer_argument(0)?, |store| store.clear())?;
    Ok(Call::undefined())
}

/// `drain(id, slots)` → how many slots, now in the `Uint32Array`, were freed.
fn drain(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let count =
        call.with_words(1, |words| call.environment().with(id, |store| store.drain(words)))??;
    Ok(call.integer(i32::try_from(count).expect("no more than slots")))
}

/// `watch(id, isWatched)`: from now on, what expires or is evicted waits for `drainDeparted`.
fn watch(call: &Call) -> Result<Value, Error> {
    let is_watched = call.integer_argument(1)? != 0;
    call.environment().with(call.integer_argument(0)?, |store| store.watch(is_watched))?;
    Ok(Call::undefined())
}

/// `drainDeparted(id, limit)` → an array of slot, why it went and key in turns, of slots that were
/// freed; a slot that was released while nobody watched has a reason of 0 and an empty key.
fn drain_departed(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let limit = usize::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    // Copied first: no string is made while the store is locked.
    let mut departed = Vec::with_capacity(limit);
    call.environment().with(id, |store| {
        store.drain_departed(limit, |slot, why, key| departed.push((slot, why, key)))
    })?;
    let array = call.array();
    let mut length = 0;
    let mut add = |value: &dyn Fn() -> Value| {
        call.put(array, length, value);
        length += 1;
    };
    for (slot, why, key) in &departed {
        add(&|| call.integer(slot.cast_signed()));
        add(&|| call.integer(why.cast_signed()));
        add(&|| call.string(key.as_ref()));
    }
    Ok(array)
}

/// `releaseDue(id)`: releases some of what is due.
fn release_due(call: &Call) -> Result<Value, Error> {
    call.environment().with(call.integer_argument(0)?, |store| store.release_due())?;
    Ok(Call::undefined())
}

/// `nextDueMs(id)` → milliseconds until there is something to release or to drain, 0 when there
/// already is, −1 when nothing has a deadline.
fn next_due_ms(call: &Call) -> Result<Value, Error> {
    let next_ms =
        call.environment().with(call.integer_argument(0)?, |store| store.next_due_ms())?;
    Ok(call.integer(wait_code(next_ms)))
}

/// `figures(id)` → an array of numbers, in the order of [`LocalCounter`].
fn figures(call: &Call) -> Result<Value, Error> {
    let figures = call.environment().with(call.integer_argument(0)?, |store| store.figures())?;
    let array = call.array();
    let Figures { expired, evicted, size, entries, bytes } = figures;
    for (index, counter) in (0..).zip(LocalCounter::ALL) {
        let count = match counter {
            LocalCounter::Expired => expired,
            LocalCounter::Evicted => evicted,
            LocalCounter::Size => size,
            LocalCounter::IndexBytes => bytes as u64,
            LocalCounter::Entries => entries as u64,
        };
        call.put(array, index, || call.number(number_of(count)));
    }
    Ok(array)
}

/// `list(id, withKeys)` → slot and form of each live entry, oldest first; with keys, code and
/// key in turns.
fn list(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let with_keys = call.integer_argument(1)? != 0;
    call.environment().with(id, |store| {
        let cursor = store.open_cursor();
        let array = call.array();
        let mut is_complete = true;
        let mut length = 0;
        let mut add = |value: &dyn Fn() -> Value| {
            call.put(array, length, value);
            length += 1;
        };
        loop {
            // Copied first: no string is made while the store is locked.
            let mut batch = Vec::with_capacity(LIST_ENTRIES);
            store.visit(cursor, LIST_ENTRIES, |slot, key| {
                let code = slot << Bits::FORM | u32::from(key.form());
                match copy_if(with_keys, key) {
                    Ok(copy) => batch.push((code, copy)),
                    Err(_) => is_complete = false,
                }
            });
            if batch.is_empty() {
                break;
            }
            for (code, key) in &batch {
                add(&|| call.integer(code.cast_signed()));
                if let Some(key) = key {
                    add(&|| call.string(key.as_ref()));
                }
            }
        }
        store.close_cursor(cursor);
        if is_complete { Ok(array) } else { Err(Error::Full) }
    })?
}

/// `oldest(id, entry)` → slot of the oldest entry, or 0; then with its key as in `advance`, and
/// with a number for `openCursor` in a register. Of two entries the older may have expired: 0, too.
fn oldest(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let with_key = call.is_given(1);
    let shown = call.environment().with(id, |store| {
        store.visit_oldest(|slot, key, departures| (slot, copy_if(with_key, key), departures))
    })?;
    let Some((slot, key, departures)) = shown else { return Ok(call.integer(0)) };
    put_key(call, 1, key?);
    call.environment().registers().put(Register::Departures, number_of(departures));
    Ok(call.integer(slot.cast_signed()))
}

/// `openCursor(id, departures)` → cursor, at the oldest entry, or behind the one that `oldest`
/// showed with that number.
fn open_cursor(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cursor = if call.is_given(1) {
        let departures = call.whole_argument(1)?;
        call.environment().with(id, |store| store.open_cursor_behind_oldest(departures))?
    } else {
        call.environment().with(id, |store| store.open_cursor())?
    };
    i32::try_from(cursor).map(|cursor| call.integer(cursor)).map_err(|_| Error::Full)
}

/// `advance(id, cursor, entry)` → slot of the next live entry, or 0; its key is put at index 0
/// of the array `entry`, where one is given.
fn advance(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cursor = usize::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    let with_key = call.is_given(2);
    let mut next = (0, Ok(None));
    call.environment().with(id, |store| {
        store.visit(cursor, 1, |slot, key| next = (slot, copy_if(with_key, key)))
    })?;
    let (slot, key) = next;
    put_key(call, 2, key?);
    Ok(call.integer(slot.cast_signed()))
}

/// A copy of a key, if it is wanted.
fn copy_if(wanted: bool, key: &Key) -> Result<Option<Key>, Error> {
    if wanted { Key::copy_of(key.as_ref(), 0).map(Some).ok_or(Error::Full) } else { Ok(None) }
}

/// Puts a key, if there is one, into an array that was given.
fn put_key(call: &Call, index: usize, key: Option<Key>) {
    if let Some(key) = key {
        call.put(call.argument(index), 0, || call.string(key.as_ref()));
    }
}

/// `closeCursor(id, cursor)`.
fn close_cursor(call: &Call) -> Result<Value, Error> {
    let cursor = usize::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    call.environment().with(call.integer_argument(0)?, |store| store.close_cursor(cursor))?;
    Ok(Call::undefined())
}

/// `startSweeping(id, intervalMs)` → whether this call started it. An interval of 0 keeps the
/// one that the store has.
fn start_sweeping(call: &Call) -> Result<Value, Error> {
    let interval_ms = u32::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    let interval_ms = (interval_ms != 0).then_some(interval_ms);
    let id = call.integer_argument(0)?;
    let started = call.environment().with(id, |store| store.start_sweeping(interval_ms))?;
    Ok(call.boolean(started))
}

/// `stopSweeping(id)` → whether it was on.
fn stop_sweeping(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let was_on = call.environment().with(id, |store| store.stop_sweeping())?;
    Ok(call.boolean(was_on))
}

/// `nextSweepMs(id)` → milliseconds until the scheduled sweep, 0 while it runs, −1 without one.
fn next_sweep_ms(call: &Call) -> Result<Value, Error> {
    let next_ms =
        call.environment().with(call.integer_argument(0)?, |store| store.next_sweep_ms())?;
    Ok(call.integer(wait_code(next_ms)))
}

fn wait_code(wait_ms: Option<u64>) -> i32 {
    wait_ms.map_or(-1, |ms| i32::try_from(ms).unwrap_or(i32::MAX))
}

/// `now()`: milliseconds, with their fraction, on the clock of the deadlines, in a register: a
/// number there costs less than one that is made.
#[expect(clippy::unnecessary_wraps, reason = "every function has the same shape")]
fn now(call: &Call) -> Result<Value, Error> {
    call.environment().registers().put(Register::NowMs, ms_of(Monotonic.now_us()));
    Ok(Call::undefined())
}

/// The deadline of what lives for `ttl_ms`, 0 for ever.
fn deadline_after(now: Reading, ttl_ms: u64) -> u64 {
    if ttl_ms == 0 { NEVER_US } else { deadline_us(now.now_us(), ttl_ms) }
}

#[inline]
fn share_deadline(call: &Call, deadline_us: u64) {
    let shown = if deadline_us == NEVER_US { 0.0 } else { ms_of(deadline_us) };
    call.environment().registers().put(Register::DeadlineMs, shown);
}

fn found_code(found: Found) -> i32 {
    match found {
        Found::Live { slot, timed, form } => {
            let timed = if timed { TIMED } else { 0 };
            let other_form = if form == 0 { 0 } else { OTHER_FORM };
            slot.cast_signed() << Bits::FLAGS | timed | other_form
        }
        Found::Expired(slot) => -slot.cast_signed(),
        Found::Absent => 0,
    }
}
