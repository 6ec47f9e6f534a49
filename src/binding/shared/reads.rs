//! Reads of a shared store: values as themselves where they are primitives, else as bytes.

use crate::binding::buffers::ValueBuffers;
use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::registers::number_of;
use crate::binding::shared::answers::{answer, on_key, on_key_at_once, wait_us};
use crate::contract::{Kind, Refusal, Register, SharedEffort};
use crate::engine::entry::{Found, Key, UNTAGGED};
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::clock::{Monotonic, ms_of};
use crate::text::string::Text;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("sharedGet", raw_callback(get)),
    ("sharedTake", raw_callback(take)),
    ("sharedPeek", raw_callback(peek)),
    ("sharedStaleness", raw_callback(staleness)),
    ("sharedView", raw_callback(view)),
    ("sharedUse", raw_callback(use_entry)),
    ("countHits", raw_callback(count_hits)),
    ("countEffort", raw_callback(count_effort)),
];

/// `sharedGet(id, key)` → the value, if it is a primitive; otherwise its bytes are at the start of
/// the transfer buffer, or come as a `Uint8Array` when they are too many.
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

/// `sharedStaleness(id, key)` → the mark of the entry, which each write changes; as `sharedPeek`,
/// and in a register when the entry turns stale.
fn staleness(call: &Call) -> Result<Value, Error> {
    let known =
        on_key_at_once(call, |opened, key| opened.participant().staleness(key, &Monotonic))?;
    let mut mark = 0;
    if let Ok(Some(known)) = known {
        call.environment().registers().put(Register::FoundStaleMs, ms_of(known.stale_us));
        mark = known.mark;
    }
    show(call, known.map(|known| known.map(|known| known.found)));
    Ok(call.number(number_of(mark)))
}

/// `sharedUse(id, key)`: an entry was read from a copy, one time of many. 0, or below 0.
fn use_entry(call: &Call) -> Result<Value, Error> {
    let used = on_key_at_once(call, |opened, key| opened.participant().note_read(key, &Monotonic))?;
    answer(call, used.map(|()| 0))
}

/// `countHits(id, hits)`: so many reads were answered from copies.
fn count_hits(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let hits = u64::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    call.environment().with_shared(id, |opened| opened.participant().count_hits(hits))?;
    Ok(Call::undefined())
}

/// `countEffort(id, effort, amount)`: a `SharedEffort` came to so much more.
fn count_effort(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let effort = u8::try_from(call.integer_argument(1)?).ok().and_then(SharedEffort::of);
    let effort = effort.ok_or(Error::Argument)?;
    let amount = call.whole_argument(2)?;
    call.environment()
        .with_shared(id, |opened| opened.participant().count_effort(effort, amount))?;
    Ok(Call::undefined())
}

/// Reads a value: into the buffer that JavaScript sees, or a larger one.
fn read(
    call: &Call,
    wait_us: u64,
    look: impl Fn(&Participant, Key<'_>, &mut [u8]) -> Result<Option<Found>, Error>,
) -> Result<Value, Error> {
    let mut buffers = call.environment().values.borrow_mut();
    let mut is_overflow = false;
    let found = on_key(call, wait_us, |opened, key| {
        let participant = opened.participant();
        fill(&mut buffers, &mut is_overflow, |into| look(participant, key, into))
    })?;
    shown(call, found, &mut buffers, is_overflow)
}

/// Has a value read into the buffer that JavaScript sees, or, where it is too long, another.
#[inline]
pub(super) fn fill(
    buffers: &mut ValueBuffers,
    is_overflow: &mut bool,
    look: impl Fn(&mut [u8]) -> Result<Option<Found>, Error>,
) -> Result<Option<Found>, Error> {
    let transfer = buffers.transfer();
    let mut room = transfer.len();
    let mut found = look(transfer)?;
    // A value that grows meanwhile is read again, as long as it grows.
    while let Some(longer) = found.filter(|found| !found.fits(room)) {
        *is_overflow = true;
        room = longer.length;
        found = look(buffers.overflow(room)?)?;
    }
    Ok(found)
}

/// What was read as JavaScript gets it.
#[inline]
pub(super) fn shown(
    call: &Call,
    found: Result<Option<Found>, Error>,
    buffers: &mut ValueBuffers,
    is_overflow: bool,
) -> Result<Value, Error> {
    show(call, found);
    let Ok(Some(found)) = found else { return Ok(Call::undefined()) };
    let value = value_of(call, found, buffers, is_overflow);
    buffers.cut();
    value
}

fn value_of(
    call: &Call,
    found: Found,
    buffers: &mut ValueBuffers,
    is_overflow: bool,
) -> Result<Value, Error> {
    let bytes = if is_overflow {
        buffers.overflow_bytes(found.length)
    } else {
        &buffers.transfer()[..found.length]
    };
    match primitive_of(call, found.kind, bytes)? {
        Some(value) => Ok(value),
        None if is_overflow => call.copied_bytes(bytes),
        None => Ok(Call::undefined()),
    }
}

/// The value that bytes of this kind are; `None` where only the facade knows.
#[inline]
pub(super) fn primitive_of(call: &Call, kind: u8, bytes: &[u8]) -> Result<Option<Value>, Error> {
    Ok(Some(match Kind::of(kind) {
        Some(Kind::Number) => {
            let number = bytes.try_into().map_err(|_| Error::Corrupted)?;
            call.number(f64::from_le_bytes(number))
        }
        Some(Kind::Latin1String) => call.string(Text::of_parts(bytes, false)),
        Some(Kind::Utf16String) => call.string(Text::of_parts(bytes, true)),
        Some(Kind::True) => call.boolean(true),
        Some(Kind::False) => call.boolean(false),
        Some(Kind::Null) => call.null(),
        Some(Kind::Undefined) => Call::undefined(),
        _ => return Ok(None),
    }))
}

/// Puts what is known of an entry into the registers.
pub(super) fn show(call: &Call, found: Result<Option<Found>, Error>) {
    let registers = call.environment().registers();
    match found {
        Ok(Some(found)) => {
            registers.put(Register::Kind, f64::from(found.kind));
            registers.put_deadline(found.deadline_us);
            registers.put(Register::Length, number_of(found.length as u64));
            registers.put(Register::Stripe, f64::from(found.stripe));
            registers.put(Register::Version, f64::from(found.version.cast_signed()));
            let moment = if found.moment == UNTAGGED { -1.0 } else { number_of(found.moment) };
            registers.put(Register::Moment, moment);
        }
        Ok(None) => registers.put(Register::Kind, 0.0),
        Err(error) => {
            let refusal = error.refusal().unwrap_or(Refusal::Corrupted);
            registers.put(Register::Kind, f64::from(refusal.number()));
        }
    }
}
