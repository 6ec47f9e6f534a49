//! What JavaScript calls for shared stores: convert in, one call, convert out.
//!
//! The facade (`lib/shared/`) checks every argument before it calls. Each function takes the id of
//! a store first. What can go wrong at run time comes back as a number below 0; the rest of what
//! goes with a call is in the call registers.

use std::sync::Arc;

use super::callback::{Call, RawCallback, Value, raw_callback};
use super::shared_memory::{count_of, number_of};
use super::values::ValueScratch;
use crate::contract::{self, Kind, Refusal, Register};
use crate::engine::entry::{Absent, Addition, Condition, Found, Key, Lifetime, NEVER_US};
use crate::engine::participant::Participant;
use crate::engine::{Batch, START, Want};
use crate::error::Error;
use crate::local::key::KeyRef;
use crate::platform::clock::{Clock, Monotonic, deadline_us, ms_of};
use crate::shared::pattern::Pattern;
use crate::shared::registry::Opened;

/// Kinds of values that the core makes values of.
const NUMBER: u8 = Kind::Number.number();
const LATIN1: u8 = Kind::Latin1String.number();
const UTF16: u8 = Kind::Utf16String.number();
const TRUE: u8 = Kind::True.number();
const FALSE: u8 = Kind::False.number();
const NULL: u8 = Kind::Null.number();
const UNDEFINED: u8 = Kind::Undefined.number();

const US_PER_MS: u64 = 1000;
/// Keys of one step of a walk.
const STEP_ENTRIES: usize = 256;

/// Every function, under the name that the facade knows.
pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("versionWords", raw_callback(version_words)),
    ("sharedGet", raw_callback(get)),
    ("sharedTake", raw_callback(take)),
    ("sharedPeek", raw_callback(peek)),
    ("sharedView", raw_callback(view)),
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
    let wait_us = wait_us(call);
    if wait_us > 0 {
        return read(call, wait_us, |participant, key, into| {
            let found = participant.get(key, &Monotonic, into)?;
            // Locked meanwhile, it may be the holder's own business that was read.
            participant.check_unlocked(key).map(|()| found)
        });
    }
    read(call, 0, |participant, key, into| participant.get(key, &Monotonic, into))
}

/// `sharedTake(id, key)`: as `sharedGet`, and the entry is gone, if its value is a primitive.
/// Others stay until the facade has decoded them: `sharedRemoveVersion`.
fn take(call: &Call) -> Result<Value, Error> {
    read(call, wait_us(call), |participant, key, into| {
        let is_primitive = |found: &Found| Ok(found.kind <= Kind::LAST_PRIMITIVE.number());
        participant.take_where(key, &Monotonic, Some(into), is_primitive)
    })
}

/// `sharedView(id, key)` → as `sharedGet`, but nobody learns of it.
fn view(call: &Call) -> Result<Value, Error> {
    read(call, 0, |participant, key, into| participant.view(key, &Monotonic, into))
}

/// `sharedPeek(id, key)`: what is known of an entry, in the registers.
fn peek(call: &Call) -> Result<Value, Error> {
    let wait_us = wait_us(call);
    let found = on_key(call, wait_us, |opened, key| opened.participant().peek(key, &Monotonic))?;
    show(call, found);
    Ok(Call::undefined())
}

/// `sharedWrite(id, key, value)` → 1, 0 if the condition did not hold, or below 0.
/// A value that is no string comes as a part of a `Uint8Array`, or not at all.
fn write(call: &Call) -> Result<Value, Error> {
    let registers = call.environment().registers();
    let wait_us = wait_us(call);
    let lifetime = lifetime(call);
    let deadline_us = deadline(registers.get(Register::TtlMs));
    let kind = byte_of(registers.get(Register::Kind));
    let condition = match contract::Condition::of(byte_of(registers.get(Register::Condition))) {
        Some(contract::Condition::Always) if wait_us > 0 => Condition::Unlocked,
        Some(contract::Condition::Always) => Condition::Always,
        Some(contract::Condition::Absent) => Condition::IfAbsent,
        Some(contract::Condition::Present) => Condition::IfPresent,
        Some(contract::Condition::SameVersion) => {
            Condition::IfVersion(version_of(registers.get(Register::Version)))
        }
        None => return Err(Error::Argument),
    };
    let put = |kind: u8, bytes: &[u8]| {
        on_key(call, wait_us, |opened, key| {
            let value = crate::engine::entry::Value { kind, bytes, deadline_us };
            opened.participant().write_for(key, &value, lifetime, condition, &Monotonic)
        })
    };
    let written = match kind {
        NUMBER => put(kind, &registers.get(Register::Amount).to_le_bytes()),
        LATIN1 => {
            let mut scratch = call.environment().values.borrow_mut();
            let put_string = |string: KeyRef<'_>| {
                let (bytes, wide) = string.parts();
                put(if wide { UTF16 } else { LATIN1 }, bytes)
            };
            let written = if registers.get(Register::IsLatin1) != 0.0 {
                let length = whole(registers.get(Register::End));
                call.with_narrow_string(2, length, &mut scratch, put_string)?
            } else {
                call.with_string(2, &mut scratch, put_string)?
            };
            scratch.cut();
            written
        }
        TRUE..=UNDEFINED => put(kind, &[]),
        _ => {
            let part = whole(registers.get(Register::Start))..whole(registers.get(Register::End));
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
    let wait_us = wait_us(call);
    let removed = on_key(call, wait_us, |opened, key| {
        if wait_us > 0 {
            opened.participant().delete_unlocked(key, &Monotonic)
        } else {
            opened.participant().delete(key, &Monotonic)
        }
    })?;
    answer(call, removed.map(i32::from))
}

/// `sharedRemoveVersion(id, key)` → as `sharedRemove`; 0, too, if the version in the register is
/// not current.
fn remove_version(call: &Call) -> Result<Value, Error> {
    let version = version_of(call.environment().registers().get(Register::Version));
    let removed = on_key_at_once(call, |opened, key| {
        opened.participant().delete_version(key, version, &Monotonic)
    })?;
    answer(call, removed.map(i32::from))
}

/// `sharedTouch(id, key)` → as `sharedRemove`.
fn touch(call: &Call) -> Result<Value, Error> {
    let wait_us = wait_us(call);
    let deadline_us = deadline(call.environment().registers().get(Register::TtlMs));
    let touched = on_key(call, wait_us, |opened, key| {
        opened.participant().touch(key, deadline_us, &Monotonic)
    })?;
    answer(call, touched.map(i32::from))
}

/// `sharedIncrement(id, key)` → 1, and the sum and the deadline are in the registers; 0 if there is
/// no entry and none was to be made; or below 0.
fn increment(call: &Call) -> Result<Value, Error> {
    let registers = call.environment().registers();
    let wait_us = wait_us(call);
    let is_only_present = registers.take_flag(Register::IfPresent);
    let addition = Addition {
        by: registers.get(Register::Amount),
        bounds: (registers.take(Register::Min), registers.take(Register::Max)),
        absent: if is_only_present {
            Absent::Left
        } else {
            Absent::Made(deadline(registers.get(Register::TtlMs)))
        },
    };
    let sum =
        on_key(call, wait_us, |opened, key| opened.participant().add(key, &addition, &Monotonic))?;
    answer(
        call,
        sum.map(|sum| {
            let Some(sum) = sum else { return 0 };
            registers.put(Register::Amount, sum.number);
            registers.put(Register::DeadlineMs, deadline_ms_of(sum.deadline_us));
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
    wait_us: u64,
    look: impl Fn(&Participant, Key<'_>, &mut [u8]) -> Result<Option<Found>, Error>,
) -> Result<Value, Error> {
    let mut scratch = call.environment().values.borrow_mut();
    let mut is_hidden = false;
    let found = on_key(call, wait_us, |opened, key| {
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
        LATIN1 | UTF16 => call.string(KeyRef::of_parts(bytes, found.kind == UTF16)),
        TRUE | FALSE => call.boolean(found.kind == TRUE),
        NULL => call.null(),
        UNDEFINED => Call::undefined(),
        _ if is_hidden => call.copied_bytes(bytes)?,
        _ => Call::undefined(),
    })
}

/// How long a call waits for a key that others have locked; 0 where it does not mind locks.
#[inline]
pub(super) fn wait_us(call: &Call) -> u64 {
    count_of(call.environment().registers().take(Register::WaitMs)) * US_PER_MS
}

#[inline]
fn lifetime(call: &Call) -> Lifetime {
    let is_kept = call.environment().registers().take_flag(Register::IsKept);
    if is_kept { Lifetime::Kept } else { Lifetime::Given }
}

/// Runs `act` on the store and the key of a call, once nobody else has the key locked.
fn on_key<T>(
    call: &Call,
    wait_us: u64,
    act: impl FnOnce(&Opened, Key<'_>) -> Result<T, Error>,
) -> Result<Result<T, Error>, Error> {
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

/// Puts what is known of an entry into the registers.
fn show(call: &Call, found: Result<Option<Found>, Error>) {
    let registers = call.environment().registers();
    match found {
        Ok(Some(found)) => {
            registers.put(Register::Kind, f64::from(found.kind));
            registers.put(Register::DeadlineMs, deadline_ms_of(found.deadline_us));
            registers.put(Register::Length, number_of(found.length as u64));
            registers.put(Register::Stripe, f64::from(found.stripe));
            registers.put(Register::Version, f64::from(found.version.cast_signed()));
        }
        Ok(None) => registers.put(Register::Kind, 0.0),
        Err(error) => {
            let refusal = error.refusal().unwrap_or(Refusal::Corrupted);
            registers.put(Register::Kind, f64::from(refusal.number()));
        }
    }
}

pub(super) fn answer(call: &Call, outcome: Result<i32, Error>) -> Result<Value, Error> {
    if let Err(Error::System(number)) = outcome {
        call.environment().registers().put(Register::Errno, f64::from(number));
    }
    Ok(call.integer(match outcome {
        Ok(answer) => answer,
        Err(error) => code_of(error)?,
    }))
}

/// The number below 0 for what can go wrong at run time; a defect stays an error.
fn code_of(error: Error) -> Result<i32, Error> {
    error.refusal().map(Refusal::number).ok_or(error)
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

/// A deadline as JavaScript reads it: 0 for never.
#[inline]
fn deadline_ms_of(deadline_us: u64) -> f64 {
    if deadline_us == NEVER_US { 0.0 } else { ms_of(deadline_us) }
}

/// A small number; what is none is 255.
fn byte_of(number: f64) -> u8 {
    u8::try_from(count_of(number)).unwrap_or(u8::MAX)
}

/// The version word that JavaScript saw as a signed number.
pub(super) fn version_of(number: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "it was one of 32 bits")]
    let version = number as i32;
    version.cast_unsigned()
}
