//! What JavaScript calls: convert in, one call, convert out. Knows no Node-API type.
//!
//! The facade (`lib/`) checks every argument before it calls, so an error here is a defect there.
//! Each function takes the id of a store first. Slots come back as small integers: positive for
//! a live entry, negative for the other outcome that names a slot, 0 for none.

use super::callback::{Call, RawCallback, Value, raw_callback};
use crate::error::Error;
use crate::local::index::{Found, Placed, Renamed};
use crate::local::key::{Key, KeyForm};
use crate::local::store::Store;
use crate::platform::clock::{Clock, Monotonic, NEVER_US, Reading, deadline_us, ms_of};

/// Flag of a code of `find`: the entry has a deadline.
const TIMED: i32 = 1;
/// Flag of a code of `find`: the key was given in another form than a string.
const OTHER_FORM: i32 = 2;
/// Bits that the flags of a code of `find` take below the slot.
const FLAG_BITS: u32 = 2;
/// Bits that the form takes below the slot in a code of `list`.
const FORM_BITS: u32 = 3;
/// What `place`, `touch` and `rename` answer when there is no room.
const FULL: i32 = i32::MIN;
/// Entries that `list` copies out of the store under one hold of its lock.
const LIST_ENTRIES: usize = 256;

/// Every function, under the name that the facade knows.
pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("open", raw_callback(open)),
    ("close", raw_callback(close)),
    ("find", raw_callback(find)),
    ("place", raw_callback(place)),
    ("touch", raw_callback(touch)),
    ("remove", raw_callback(remove)),
    ("rename", raw_callback(rename)),
    ("size", raw_callback(size)),
    ("clear", raw_callback(clear)),
    ("drain", raw_callback(drain)),
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

/// `open(intervalMs, automatic)` → id.
fn open(call: &Call) -> Result<Value, Error> {
    let interval_ms = u32::try_from(call.integer_argument(0)?).map_err(|_| Error::Argument)?;
    let automatic = call.integer_argument(1)? != 0;
    let id = call.environment().open(Store::new(interval_ms, automatic))?;
    Ok(call.integer(id))
}

/// `close(id)`.
fn close(call: &Call) -> Result<Value, Error> {
    call.environment().close(call.integer_argument(0)?);
    Ok(Call::undefined())
}

/// `find(id, key)` → slot and flags, −slot of an entry that had expired, or 0.
fn find(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let found = call.with_key(1, |key| call.environment().with(id, |store| store.find(key)))??;
    Ok(call.integer(found_code(found)))
}

/// `place(id, key, ttlMs, form)` → slot that was overwritten, −slot that was added, 0 to drain
/// first, or `FULL`. A time to live of 0 is none; else the deadline is in `second[0]`.
fn place(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let ttl_ms = call.whole_argument(2)?;
    let form = KeyForm::try_from(call.integer_argument(3)?).map_err(|_| Error::Argument)?;
    let placed = call.with_key(1, |key| {
        call.environment().with(id, |store| {
            if ttl_ms == 0 {
                return store.place(key, form, NEVER_US, &Monotonic);
            }
            let now = Reading(Monotonic.now_us());
            store.place(key, form, share_deadline(call, now, ttl_ms), &now)
        })
    })??;
    Ok(call.integer(match placed {
        Ok(Placed::Overwritten(slot)) => slot.cast_signed(),
        Ok(Placed::Added(slot)) => -slot.cast_signed(),
        Ok(Placed::DrainFirst) => 0,
        Err(_) => FULL,
    }))
}

/// `touch(id, key, ttlMs)` → as `find`, or `FULL`. The deadline is in `second[0]`.
fn touch(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let ttl_ms = call.whole_argument(2)?;
    let now = Reading(Monotonic.now_us());
    let deadline_us = share_deadline(call, now, ttl_ms);
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
                let code = slot << FORM_BITS | u32::from(key.form());
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

/// `oldest(id, entry)` → slot of the oldest entry, or 0; then with its key as in `advance`, and in
/// `second[0]` a number for `openCursor`. Of two entries the older may have expired: 0, too.
fn oldest(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let with_key = call.is_given(1);
    let shown = call.environment().with(id, |store| {
        store.visit_oldest(|slot, key, departures| (slot, copy_if(with_key, key), departures))
    })?;
    let Some((slot, key, departures)) = shown else { return Ok(call.integer(0)) };
    put_key(call, 1, key?);
    call.environment().shared().put(departures_number(departures));
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

/// Exact: a store would have to see 2^53 entries go.
fn departures_number(departures: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let number = departures as f64;
    number
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
    Ok(call.integer(next_ms.map_or(-1, |ms| i32::try_from(ms).unwrap_or(i32::MAX))))
}

/// `now()`: milliseconds, with their fraction, on the clock of the deadlines, in `second[0]`: a
/// number there costs less than one that is made.
#[expect(clippy::unnecessary_wraps, reason = "every function has the same shape")]
fn now(call: &Call) -> Result<Value, Error> {
    call.environment().shared().put(ms_of(Monotonic.now_us()));
    Ok(Call::undefined())
}

fn share_deadline(call: &Call, now: Reading, ttl_ms: u64) -> u64 {
    let deadline_us = deadline_us(now.now_us(), ttl_ms);
    call.environment().shared().put(ms_of(deadline_us));
    deadline_us
}

fn found_code(found: Found) -> i32 {
    match found {
        Found::Live { slot, timed, form } => {
            let timed = if timed { TIMED } else { 0 };
            let other_form = if form == 0 { 0 } else { OTHER_FORM };
            slot.cast_signed() << FLAG_BITS | timed | other_form
        }
        Found::Expired(slot) => -slot.cast_signed(),
        Found::Absent => 0,
    }
}
