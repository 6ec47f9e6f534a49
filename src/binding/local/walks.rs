//! Entries of a local store one after another: lists, iterators, cursors.

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::registers::number_of;
use crate::contract::{Bits, Register};
use crate::error::Error;
use crate::local::key::Key;

/// Entries that `list` copies out of the store under one hold of its lock.
const LIST_ENTRIES: usize = 256;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("list", raw_callback(list)),
    ("oldest", raw_callback(oldest)),
    ("openCursor", raw_callback(open_cursor)),
    ("advance", raw_callback(advance)),
    ("closeCursor", raw_callback(close_cursor)),
];

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
