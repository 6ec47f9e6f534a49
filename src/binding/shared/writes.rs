//! Writes to a shared store: values, deadlines, numbers, and entries that go.

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::registers::count_of;
use crate::binding::shared::answers::{
    answer, deadline, on_key, on_key_at_once, stale_us, version_of, wait_us,
};
use crate::binding::shared::tags::{as_of, packed};
use crate::contract::{self, Kind, Register};
use crate::engine::entry::{self, Absent, Addition, Condition, Lifetime, Tagging};
use crate::engine::tags::TagList;
use crate::error::Error;
use crate::platform::clock::Monotonic;
use crate::text::string::Text;

/// Kinds of values that the core reads from the registers, or from a string.
const NUMBER: u8 = Kind::Number.number();
const LATIN1: u8 = Kind::Latin1String.number();
const UTF16: u8 = Kind::Utf16String.number();
const TRUE: u8 = Kind::True.number();
const UNDEFINED: u8 = Kind::Undefined.number();

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("sharedWrite", raw_callback(write)),
    ("sharedWriteTagged", raw_callback(write_tagged)),
    ("sharedRemove", raw_callback(remove)),
    ("sharedRemoveVersion", raw_callback(remove_version)),
    ("sharedNote", raw_callback(note)),
    ("sharedInvalidate", raw_callback(invalidate)),
    ("sharedTouch", raw_callback(touch)),
    ("sharedRefresh", raw_callback(refresh)),
    ("sharedIncrement", raw_callback(increment)),
    ("sharedLimit", raw_callback(limit)),
];

/// `sharedWrite(id, key, value)` → 1, 0 if the condition did not hold, or below 0.
/// A value that is no string comes as a part of a `Uint8Array`, or not at all.
fn write(call: &Call) -> Result<Value, Error> {
    let keeps_tags = call.environment().registers().take_flag(Register::KeepsTags);
    let as_of = as_of(call);
    let labels = if keeps_tags { Labels::Kept } else { Labels::None { as_of } };
    write_with(call, &labels)
}

/// `sharedWriteTagged(id, key, value, tags)` → as `sharedWrite`; 0, too, if one of the tags was
/// invalidated after the moment in the register.
fn write_tagged(call: &Call) -> Result<Value, Error> {
    write_with(call, &Labels::Given { packed: packed(call, 3)?, as_of: as_of(call) })
}

/// The tags that come with a write.
enum Labels {
    None { as_of: Option<u64> },
    Kept,
    Given { packed: Vec<u16>, as_of: Option<u64> },
}

#[inline]
fn write_with(call: &Call, labels: &Labels) -> Result<Value, Error> {
    let registers = call.environment().registers();
    let wait_us = wait_us(call);
    let lifetime = lifetime(call);
    let mut deadline_us = deadline(call);
    let stale_us = stale_us(call);
    let kind = byte_of(registers.get(Register::Kind));
    let condition = match contract::Condition::of(byte_of(registers.get(Register::Condition))) {
        Some(contract::Condition::Always) if wait_us > 0 => Condition::Unlocked,
        Some(contract::Condition::Always) => Condition::Always,
        Some(contract::Condition::Absent) => Condition::IfAbsent,
        Some(contract::Condition::Led) => Condition::IfLed,
        Some(contract::Condition::Present) => Condition::IfPresent,
        Some(contract::Condition::SameVersion) => {
            Condition::IfVersion(version_of(registers.get(Register::Version)))
        }
        Some(contract::Condition::Unmoved) => {
            deadline_us = us_of(registers.get(Register::UntilMs));
            Condition::IfUnmoved(version_of(registers.get(Register::Version)))
        }
        None => return Err(Error::Argument),
    };
    let written = with_value(call, kind, |kind, bytes| {
        on_key(call, wait_us, |opened, key| {
            let participant = opened.participant();
            let list;
            let tags = match labels {
                Labels::None { as_of: None } => Tagging::None,
                Labels::None { as_of } => {
                    list = TagList::none();
                    list.given(*as_of)
                }
                Labels::Kept => Tagging::Kept,
                Labels::Given { packed, as_of } => {
                    list = participant.tag_list(packed)?;
                    list.given(*as_of)
                }
            };
            let value = entry::Value { kind, bytes, deadline_us, stale_us, tags };
            participant.write_for(key, &value, lifetime, condition, &Monotonic)
        })
    })?;
    answer(call, written.map(i32::from))
}

/// Runs `put` on the kind and the bytes of the value that came as the third argument and in the
/// registers, for a kind as the facade says it.
#[inline]
pub(super) fn with_value<T>(
    call: &Call,
    kind: u8,
    put: impl FnOnce(u8, &[u8]) -> Result<T, Error>,
) -> Result<T, Error> {
    let registers = call.environment().registers();
    match kind {
        NUMBER => put(kind, &registers.get(Register::Amount).to_le_bytes()),
        LATIN1 => {
            let mut buffers = call.environment().values.borrow_mut();
            let put_string = |string: Text<'_>| {
                let (bytes, is_utf16) = string.parts();
                put(if is_utf16 { UTF16 } else { LATIN1 }, bytes)
            };
            // Of one that is known to have a byte a character, the bytes are copied as they lie.
            let written = if registers.get(Register::IsLatin1) == 0.0 {
                call.with_string(2, &mut buffers, put_string)?
            } else {
                let length = whole(registers.get(Register::End));
                call.with_latin1_string(2, length, &mut buffers, put_string)?
            };
            buffers.cut();
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
    }
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

/// `sharedNote(id, key)` → 1, and the version of the key's stripe is in the register, whether there
/// is an entry or not; or below 0.
fn note(call: &Call) -> Result<Value, Error> {
    let noted = on_key_at_once(call, |opened, key| opened.participant().note(key))?;
    if let Ok(version) = noted {
        let version = f64::from(version.cast_signed());
        call.environment().registers().put(Register::Version, version);
    }
    answer(call, noted.map(|_| 1))
}

/// `sharedInvalidate(id, key)` → as `sharedRemove`; the version of the key's stripe has moved in
/// any case.
fn invalidate(call: &Call) -> Result<Value, Error> {
    let removed = on_key_at_once(call, |opened, key| opened.participant().invalidate_key(key))?;
    answer(call, removed.map(i32::from))
}

/// `sharedTouch(id, key)` → as `sharedRemove`.
fn touch(call: &Call) -> Result<Value, Error> {
    let wait_us = wait_us(call);
    let deadline_us = deadline(call);
    let touched = on_key(call, wait_us, |opened, key| {
        opened.participant().touch(key, deadline_us, &Monotonic)
    })?;
    answer(call, touched.map(i32::from))
}

/// `sharedRefresh(id, key)` → 1 if an entry that was stale is fresh for the time in the registers,
/// 0 if there is none, or below 0.
fn refresh(call: &Call) -> Result<Value, Error> {
    let fresh_until_us = deadline(call);
    let refreshed = on_key_at_once(call, |opened, key| {
        opened.participant().refresh(key, fresh_until_us, &Monotonic)
    })?;
    answer(call, refreshed.map(i32::from))
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
        absent: if is_only_present { Absent::Left } else { Absent::Made(deadline(call)) },
    };
    let sum =
        on_key(call, wait_us, |opened, key| opened.participant().add(key, &addition, &Monotonic))?;
    answer(
        call,
        sum.map(|sum| {
            let Some(sum) = sum else { return 0 };
            registers.put(Register::Amount, sum.number);
            registers.put_deadline(sum.deadline_us);
            1
        }),
    )
}

/// `sharedLimit(id, key)` → 1 if the limit of the key allows what the registers ask for, 0 if not,
/// or below 0. What is left is in the registers.
fn limit(call: &Call) -> Result<Value, Error> {
    let registers = call.environment().registers();
    let (rate, cost) = (registers.rate(), registers.get(Register::LimitCost));
    let limited = on_key_at_once(call, |opened, key| {
        opened.participant().limit(key, cost, &rate, &Monotonic)
    })?;
    answer(call, limited.map(|verdict| registers.put_verdict(verdict)))
}

#[inline]
fn lifetime(call: &Call) -> Lifetime {
    let is_kept = call.environment().registers().take_flag(Register::IsKept);
    if is_kept { Lifetime::Kept } else { Lifetime::Given }
}

/// A deadline in milliseconds, rounded down: 0 for none.
fn us_of(until_ms: f64) -> u64 {
    if until_ms == 0.0 { entry::NEVER_US } else { count_of(until_ms * 1000.0) }
}

fn whole(number: f64) -> usize {
    usize::try_from(count_of(number)).unwrap_or(usize::MAX)
}

/// A small number; what is none is 255.
pub(super) fn byte_of(number: f64) -> u8 {
    u8::try_from(count_of(number)).unwrap_or(u8::MAX)
}
