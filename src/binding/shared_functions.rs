//! What JavaScript calls for shared stores: convert in, one call, convert out.
//!
//! The facade (`lib/shared/`) checks every argument before it calls. Each function takes the id of
//! a store first. What can go wrong at run time comes back as a number below 0; the rest of what
//! goes with a call is in the exchange.

use std::sync::Arc;

use super::callback::{Call, RawCallback, Value, raw_callback};
use super::shared_memory::{count_of, number_of};
use super::values::ValueScratch;
use crate::engine::entry::{Condition, Found, Key, NEVER_US, NUMBER};
use crate::engine::participant::Participant;
use crate::engine::{Batch, START, Want};
use crate::error::Error;
use crate::local::key::KeyRef;
use crate::platform::clock::{Clock, Monotonic, deadline_us, ms_of};
use crate::shared::pattern::Pattern;
use crate::shared::registry::Opened;

/// What the numbers of the exchange are. A time to live in, a deadline out, in milliseconds.
pub(super) const TIME: usize = 0;
/// The kind of a value; out: 0 when there is no entry, below 0 an error.
const KIND: usize = 1;
const LENGTH: usize = 2;
const STRIPE: usize = 3;
pub(super) const VERSION: usize = 4;
/// A value that is a number, or what is added to one.
pub(super) const AMOUNT: usize = 5;
/// When a write takes place: 0 always, 1 if there is none, 2 if there is one, 3 if there is one and
/// the version is still that.
const CONDITION: usize = 6;
/// Milliseconds to wait for a key that others have locked, before a call that then minds the lock;
/// 0 not to look.
const WAIT: usize = 7;

/// Kinds of values beside [`NUMBER`]; the facade knows more.
const NARROW: u8 = 2;
const WIDE: u8 = 3;
const TRUE: u8 = 4;
const FALSE: u8 = 5;
const NULL: u8 = 6;
const UNDEFINED: u8 = 7;

pub(super) const US_PER_MS: u64 = 1000;
/// Keys of one step of a walk.
const STEP_ENTRIES: usize = 256;

/// Every function, under the name that the facade knows.
pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("versionWords", raw_callback(version_words)),
    ("sharedGet", raw_callback(get)),
    ("sharedTake", raw_callback(take)),
    ("sharedPeek", raw_callback(peek)),
    ("sharedWrite", raw_callback(write)),
    ("sharedRemove", raw_callback(remove)),
    ("sharedRemoveVersion", raw_callback(remove_version)),
    ("sharedTouch", raw_callback(touch)),
    ("sharedIncrement", raw_callback(increment)),
    ("sharedSize", raw_callback(size)),
    ("sharedClear", raw_callback(clear)),
    ("sharedScan", raw_callback(scan)),
    ("sharedMatches", raw_callback(matches)),
    ("sharedUse", raw_callback(use_entry)),
];

/// `versionWords(id)` → an `Int32Array` of the stripes' versions, or `undefined`.
fn version_words(call: &Call) -> Result<Value, Error> {
    let engine = call
        .environment()
        .with_shared(call.integer_argument(0)?, |opened| Arc::clone(opened.engine()))?;
    Ok(call.version_words(&engine))
}

/// `sharedGet(id, key)` → the value, if it is a primitive; otherwise its bytes are at the start of
/// the scratch, or come as a `Uint8Array` when they are too many.
fn get(call: &Call) -> Result<Value, Error> {
    if minds_locks(call) {
        return read(call, |participant, key, into| {
            let found = participant.get(key, &Monotonic, into)?;
            // Locked meanwhile, it may be the holder's own business that was read.
            participant.check_unlocked(key).map(|()| found)
        });
    }
    read(call, |participant, key, into| participant.get(key, &Monotonic, into))
}

/// `sharedTake(id, key)`: as `sharedGet`, and the entry is gone, if its value is a primitive.
/// Others stay until the facade has decoded them: `sharedRemoveVersion`.
fn take(call: &Call) -> Result<Value, Error> {
    read(call, |participant, key, into| {
        participant.take_where(key, &Monotonic, Some(into), |found| Ok(found.kind <= UNDEFINED))
    })
}

/// `sharedPeek(id, key)`: what is known of an entry, in the exchange.
fn peek(call: &Call) -> Result<Value, Error> {
    let found = on_key(call, |opened, key| opened.participant().peek(key, &Monotonic))?;
    show(call, found);
    Ok(Call::undefined())
}

/// `sharedWrite(id, key, value)` → 1, 0 if the condition did not hold, or below 0.
/// A value that is no string comes as a part of a `Uint8Array`, whose start and end are in place of
/// length and stripe, or not at all.
fn write(call: &Call) -> Result<Value, Error> {
    let exchange = call.environment().exchange();
    let deadline_us = deadline(exchange.get(TIME));
    let kind = kind_of(exchange.get(KIND));
    let condition = match count_of(exchange.get(CONDITION)) {
        0 if minds_locks(call) => Condition::Unlocked,
        0 => Condition::Always,
        1 => Condition::IfAbsent,
        2 => Condition::IfPresent,
        _ => Condition::IfVersion(version_of(exchange.get(VERSION))),
    };
    let put = |kind: u8, bytes: &[u8]| {
        on_key(call, |opened, key| {
            let value = crate::engine::entry::Value { kind, bytes, deadline_us };
            opened.participant().write(key, &value, condition, &Monotonic)
        })
    };
    let written = match kind {
        NUMBER => put(kind, &exchange.get(AMOUNT).to_le_bytes()),
        NARROW => {
            let mut scratch = call.environment().values.borrow_mut();
            let put_string = |string: KeyRef<'_>| {
                let (bytes, wide) = string.parts();
                put(if wide { WIDE } else { NARROW }, bytes)
            };
            let written = if count_of(exchange.get(AMOUNT)) == 1 {
                // Known to have a byte a character.
                call.with_narrow_string(2, whole(exchange.get(STRIPE)), &mut scratch, put_string)?
            } else {
                call.with_string(2, &mut scratch, put_string)?
            };
            scratch.cut();
            written
        }
        TRUE..=UNDEFINED => put(kind, &[]),
        _ => {
            let part = whole(exchange.get(LENGTH))..whole(exchange.get(STRIPE));
            call.with_byte_values(2, |bytes| {
                let bytes = bytes.get(part).ok_or(Error::Argument)?;
                put(kind, bytes)
            })?
        }
    }?;
    answer(call, written.map(i32::from))
}

/// `sharedRemove(id, key)` → 1 if there was an entry, 0 if not, or below 0.
fn remove(call: &Call) -> Result<Value, Error> {
    let removed = if minds_locks(call) {
        on_key(call, |opened, key| opened.participant().delete_unlocked(key, &Monotonic))
    } else {
        on_key_at_once(call, |opened, key| opened.participant().delete(key, &Monotonic))
    }?;
    answer(call, removed.map(i32::from))
}

/// `sharedRemoveVersion(id, key)` → as `sharedRemove`; 0, too, if the version in the exchange is
/// not current.
fn remove_version(call: &Call) -> Result<Value, Error> {
    let version = version_of(call.environment().exchange().get(VERSION));
    let removed = on_key_at_once(call, |opened, key| {
        opened.participant().delete_version(key, version, &Monotonic)
    })?;
    answer(call, removed.map(i32::from))
}

/// `sharedTouch(id, key)` → as `sharedRemove`; the time to live is in the exchange.
fn touch(call: &Call) -> Result<Value, Error> {
    let deadline_us = deadline(call.environment().exchange().get(TIME));
    let touched =
        on_key(call, |opened, key| opened.participant().touch(key, deadline_us, &Monotonic))?;
    answer(call, touched.map(i32::from))
}

/// `sharedIncrement(id, key)` → 1, and the sum is in the exchange, or below 0.
fn increment(call: &Call) -> Result<Value, Error> {
    let exchange = call.environment().exchange();
    let deadline_us = deadline(exchange.get(TIME));
    let amount = exchange.get(AMOUNT);
    let sum = on_key(call, |opened, key| {
        opened.participant().increment(key, amount, deadline_us, &Monotonic)
    })?;
    answer(
        call,
        sum.map(|sum| {
            exchange.put_at(AMOUNT, sum);
            1
        }),
    )
}

/// `sharedSize(id)` → how many entries are live.
fn size(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let size = call.environment().with_shared(id, |opened| opened.participant().len(&Monotonic))?;
    Ok(call.number(
        size.map_or_else(|error| code_of(error).map(f64::from), |size| Ok(number_of(size)))?,
    ))
}

/// `sharedClear(id)` → 1, or below 0.
fn clear(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cleared = call.environment().with_shared(id, |opened| opened.participant().clear())?;
    answer(call, cleared.map(|()| 1))
}

/// `sharedScan(id, cursor)` → an array: the next cursor, 0 at the end, and the keys of this step;
/// or below 0.
fn scan(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cursor = call.whole_argument(1)?;
    let mut batch = Batch::default();
    let next = match step(call, id, cursor, &mut batch)? {
        Ok(next) => next,
        Err(error) => return answer(call, Err(error)),
    };
    let array = call.array();
    call.put(array, 0, || call.number(if next == START { 0.0 } else { number_of(next) }));
    for (index, listed) in (1..).zip(batch.entries()) {
        let key = KeyRef::of_parts(batch.key(listed), listed.wide);
        call.put(array, index, || call.string(key));
    }
    Ok(array)
}

/// `sharedMatches(id, pattern, flags)` → an array of the keys that the pattern means, or a number
/// below 0. Flags that begin with `*` make it a glob.
fn matches(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let source = text(call, 1)?;
    let flags = text(call, 2)?;
    let pattern = if flags.starts_with('*') {
        Pattern::glob(&source)
    } else {
        Pattern::expression(&source, &flags)
    };
    let pattern = match pattern {
        Ok(pattern) => pattern,
        Err(error) => return Ok(call.integer(code_of(error)?)),
    };
    let array = call.array();
    let mut index = 0;
    let mut cursor = START;
    let mut batch = Batch::default();
    loop {
        cursor = match step(call, id, cursor, &mut batch)? {
            Ok(next) => next,
            Err(error) => return answer(call, Err(error)),
        };
        for listed in batch.entries() {
            let key = KeyRef::of_parts(batch.key(listed), listed.wide);
            if pattern.is_match(key.units()) {
                call.put(array, index, || call.string(key));
                index += 1;
            }
        }
        if cursor == START {
            return Ok(array);
        }
    }
}

/// One step of a walk over the keys of a store: where the next one begins.
fn step(call: &Call, id: i32, cursor: u64, batch: &mut Batch) -> Result<Result<u64, Error>, Error> {
    call.environment().with_shared(id, |opened| {
        opened.participant().scan(cursor, STEP_ENTRIES, Want::Keys, &Monotonic, batch)
    })
}

/// `sharedUse(id, key)`: an entry was read from a copy; counts as a read.
fn use_entry(call: &Call) -> Result<Value, Error> {
    let used =
        on_key_at_once(call, |opened, key| opened.participant().get(key, &Monotonic, &mut []))?;
    answer(call, used.map(|found| i32::from(found.is_some())))
}

/// Reads a value: into the buffer that JavaScript sees, or a larger one.
fn read(
    call: &Call,
    look: impl Fn(&Participant, Key<'_>, &mut [u8]) -> Result<Option<Found>, Error>,
) -> Result<Value, Error> {
    let mut scratch = call.environment().values.borrow_mut();
    let mut is_hidden = false;
    let found = on_key(call, |opened, key| {
        let visible = scratch.visible();
        let mut room = visible.len();
        let mut found = look(opened.participant(), key, visible)?;
        // A value that grows meanwhile is read again, as long as it grows.
        while let Some(longer) = found.filter(|found| !found.fits(room)) {
            is_hidden = true;
            room = longer.length;
            found = look(opened.participant(), key, scratch.hidden(room)?)?;
        }
        Ok(found)
    })?;
    show(call, found);
    let Ok(Some(found)) = found else { return Ok(Call::undefined()) };
    let value = value_of(call, found, &mut scratch, is_hidden);
    scratch.cut();
    value
}

fn value_of(
    call: &Call,
    found: Found,
    scratch: &mut ValueScratch,
    is_hidden: bool,
) -> Result<Value, Error> {
    let bytes = if is_hidden {
        scratch.hidden_bytes(found.length)
    } else {
        &scratch.visible()[..found.length]
    };
    Ok(match found.kind {
        NUMBER => {
            let number = bytes.try_into().map_err(|_| Error::Corrupted)?;
            call.number(f64::from_le_bytes(number))
        }
        NARROW | WIDE => call.string(KeyRef::of_parts(bytes, found.kind == WIDE)),
        TRUE | FALSE => call.boolean(found.kind == TRUE),
        NULL => call.null(),
        UNDEFINED => Call::undefined(),
        _ if is_hidden => call.copied_bytes(bytes)?,
        _ => Call::undefined(),
    })
}

/// Whether a call minds the locks of others.
fn minds_locks(call: &Call) -> bool {
    call.environment().exchange().get(WAIT) > 0.0
}

/// Runs `act` on the store and the key of a call, once nobody else has the key locked.
fn on_key<T>(
    call: &Call,
    act: impl FnOnce(&Opened, Key<'_>) -> Result<T, Error>,
) -> Result<Result<T, Error>, Error> {
    let wait_us = count_of(call.environment().exchange().get(WAIT)) * US_PER_MS;
    on_key_at_once(call, |opened, key| {
        let participant = opened.participant();
        if wait_us > 0 && participant.is_locked_by_others(key) {
            let is_free = participant.wait_for_key(key, wait_us, &Monotonic)?;
            if !is_free {
                return Err(Error::Busy);
            }
        }
        act(opened, key)
    })
}

pub(super) fn on_key_at_once<T>(
    call: &Call,
    act: impl FnOnce(&Opened, Key<'_>) -> Result<T, Error>,
) -> Result<Result<T, Error>, Error> {
    let id = call.integer_argument(0)?;
    call.with_key(1, |key| {
        let (bytes, wide) = key.parts();
        call.environment().with_shared(id, |opened| act(opened, Key { bytes, wide, form: 0 }))
    })?
}

/// Puts what is known of an entry into the exchange.
fn show(call: &Call, found: Result<Option<Found>, Error>) {
    let exchange = call.environment().exchange();
    match found {
        Ok(Some(found)) => {
            exchange.put_at(KIND, f64::from(found.kind));
            let deadline_us = found.deadline_us;
            exchange.put_at(TIME, if deadline_us == NEVER_US { 0.0 } else { ms_of(deadline_us) });
            exchange.put_at(LENGTH, number_of(found.length as u64));
            exchange.put_at(STRIPE, f64::from(found.stripe));
            exchange.put_at(VERSION, f64::from(found.version.cast_signed()));
        }
        Ok(None) => exchange.put_at(KIND, 0.0),
        Err(error) => exchange.put_at(KIND, f64::from(code_of(error).unwrap_or(CORRUPTED))),
    }
}

pub(super) fn answer(call: &Call, outcome: Result<i32, Error>) -> Result<Value, Error> {
    if let Err(Error::System(number)) = outcome {
        call.environment().exchange().put_at(AMOUNT, f64::from(number));
    }
    Ok(call.integer(match outcome {
        Ok(answer) => answer,
        Err(error) => code_of(error)?,
    }))
}

const CORRUPTED: i32 = -5;

/// The number below 0 for what can go wrong at run time; a defect stays an error.
fn code_of(error: Error) -> Result<i32, Error> {
    match error {
        Error::Full => Ok(-1),
        Error::TooLarge => Ok(-2),
        Error::NotNumber => Ok(-3),
        Error::Busy => Ok(-4),
        Error::Corrupted => Ok(CORRUPTED),
        Error::Mismatch => Ok(-6),
        Error::Pattern => Ok(-7),
        Error::Forbidden => Ok(-8),
        Error::System(_) => Ok(-9),
        Error::Unsupported => Ok(-10),
        Error::Argument | Error::NotOpen | Error::Panicked => Err(error),
    }
}

/// A string argument as text; a lone surrogate is replaced.
pub(super) fn text(call: &Call, index: usize) -> Result<String, Error> {
    call.with_key(index, |key| {
        char::decode_utf16(key.units())
            .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    })
}

fn deadline(ttl_ms: f64) -> u64 {
    match count_of(ttl_ms) {
        0 => NEVER_US,
        ttl_ms => deadline_us(Monotonic.now_us(), ttl_ms),
    }
}

fn whole(number: f64) -> usize {
    usize::try_from(count_of(number)).unwrap_or(usize::MAX)
}

fn kind_of(number: f64) -> u8 {
    u8::try_from(count_of(number)).unwrap_or(0)
}

/// The version word that JavaScript saw as a signed number.
pub(super) fn version_of(number: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "it was one of 32 bits")]
    let version = number as i32;
    version.cast_unsigned()
}
