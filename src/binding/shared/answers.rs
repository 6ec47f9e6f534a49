//! How calls of shared stores reach an entry, and what they answer.

use crate::binding::call::{Call, Value};
use crate::binding::registers::count_of;
use crate::contract::{Refusal, Register};
use crate::engine::entry::{Key, NEVER_US};
use crate::error::Error;
use crate::platform::clock::{Clock, Monotonic, deadline_us};
use crate::registry::stores::Opened;

const US_PER_MS: u64 = 1000;

/// How long a call waits for a key that others have locked; 0 where it does not mind locks.
#[inline]
pub(super) fn wait_us(call: &Call) -> u64 {
    count_of(call.environment().registers().take(Register::WaitMs)) * US_PER_MS
}

/// Runs `act` on the store and the key of a call, once nobody else has the key locked.
pub(super) fn on_key<T>(
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

/// The same, whoever has the key locked.
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

/// An outcome as a number: what can go wrong at run time is below 0.
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
pub(super) fn code_of(error: Error) -> Result<i32, Error> {
    error.refusal().map(Refusal::number).ok_or(error)
}

/// The deadline of what lives for the time in the registers.
pub(super) fn deadline(call: &Call) -> u64 {
    match call.environment().registers().count(Register::TtlMs) {
        0 => NEVER_US,
        ttl_ms => deadline_us(Monotonic.now_us(), ttl_ms),
    }
}

/// How long before its deadline what is written turns stale.
#[inline]
pub(super) fn stale_us(call: &Call) -> u64 {
    let stale_ms = count_of(call.environment().registers().take(Register::StaleMs));
    stale_ms.saturating_mul(US_PER_MS)
}

/// The version word that JavaScript saw as a signed number.
pub(super) fn version_of(number: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "it was one of 32 bits")]
    let version = number as i32;
    version.cast_unsigned()
}
