//! The call registers: numbers beside a call, in memory that JavaScript owns. Knows no store.
//!
//! Invariant: the buffer has a reference for as long as its environment lives, so it stays where it
//! is; and only the thread of its environment touches it.
#![expect(unsafe_code, reason = "memory of another language is reached by pointer")]

use napi::sys;
use std::ptr;

use super::exports::registered;
use crate::contract::Register;
use crate::platform::clock::{NEVER_US, ms_of};
use crate::rate::{Rate, Verdict};

const US_PER_MS: f64 = 1000.0;

/// The call registers, in memory that JavaScript owns and keeps for the environment.
#[derive(Debug)]
pub(super) struct Registers(*mut [f64; Register::COUNT]);

impl Registers {
    /// Writes a register, for JavaScript to read when the call has returned.
    #[inline]
    pub(super) fn put(&self, register: Register, value: f64) {
        // SAFETY: `share_registers` made the buffer, apart from its array, and referenced it for as
        // long as the environment lives.
        unsafe { (*self.0)[register.number()] = value };
    }

    /// A register that JavaScript wrote before the call. Each is read by itself: the processor
    /// cannot forward two stores to one load.
    #[inline]
    pub(super) fn get(&self, register: Register) -> f64 {
        // SAFETY: within the buffer.
        let number = unsafe { self.0.cast::<f64>().add(register.number()) };
        // SAFETY: as in `put`.
        unsafe { number.read_volatile() }
    }

    /// The same of a register that is at rest between calls, and is so again.
    #[inline]
    pub(super) fn take(&self, register: Register) -> f64 {
        let value = self.get(register);
        // What is no number is not at rest, either.
        if value.to_bits() != register.rest().to_bits() {
            self.put(register, register.rest());
        }
        value
    }

    /// The same of one that says yes or no.
    #[inline]
    pub(super) fn take_flag(&self, register: Register) -> bool {
        self.take(register) != 0.0
    }

    /// A register that holds a whole number; 0 for what is none.
    #[inline]
    pub(super) fn count(&self, register: Register) -> u64 {
        count_of(self.get(register))
    }

    /// Writes a deadline, as JavaScript reads it: 0 for never.
    #[inline]
    pub(super) fn put_deadline(&self, deadline_us: u64) {
        let shown = if deadline_us == NEVER_US { 0.0 } else { ms_of(deadline_us) };
        self.put(Register::DeadlineMs, shown);
    }
}

impl Registers {
    /// The limit that a call asks about.
    pub(super) fn rate(&self) -> Rate {
        Rate {
            units: self.get(Register::LimitRate),
            per_us: self.get(Register::LimitPerMs) * US_PER_MS,
            burst: self.get(Register::LimitBurst),
        }
    }

    /// Writes what a limit answers; 1 if it allows, 0 if not.
    pub(super) fn put_verdict(&self, verdict: Verdict) -> i32 {
        let (left, retry_us) = match verdict {
            Verdict::Allowed(left, _) => (left, None),
            Verdict::Refused(left, retry_us) => (left, Some(retry_us)),
        };
        self.put(Register::LimitLeft, left);
        if let Some(retry_us) = retry_us {
            let shown = if retry_us == NEVER_US { f64::INFINITY } else { ms_of(retry_us) };
            self.put(Register::LimitRetryMs, shown);
        }
        i32::from(retry_us.is_none())
    }
}

/// A `Float64Array`, and its numbers, at rest.
pub(super) fn share_registers(env: sys::napi_env) -> napi::Result<(sys::napi_value, Registers)> {
    let mut start = ptr::null_mut();
    let mut buffer = ptr::null_mut();
    // SAFETY: Node-API writes a handle of the current scope, and where the bytes are.
    let status = unsafe {
        sys::napi_create_arraybuffer(
            env,
            size_of::<[f64; Register::COUNT]>(),
            &raw mut start,
            &raw mut buffer,
        )
    };
    registered(status)?;
    let mut array = ptr::null_mut();
    let (kind, length) = (sys::TypedarrayType::float64_array, Register::COUNT);
    // SAFETY: the buffer has room for these numbers.
    let status =
        unsafe { sys::napi_create_typedarray(env, kind, length, buffer, 0, &raw mut array) };
    registered(status)?;
    let mut reference = ptr::null_mut();
    // SAFETY: the buffer is an object of the current scope. Never deleted: the reference goes
    // with the environment.
    let status = unsafe { sys::napi_create_reference(env, buffer, 1, &raw mut reference) };
    registered(status)?;
    let registers = Registers(start.cast());
    for register in Register::ALL {
        registers.put(*register, register.rest());
    }
    Ok((array, registers))
}

/// A whole number that JavaScript wrote; what is none is 0.
pub(super) fn count_of(number: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    let count = number as u64;
    count
}

/// Exact up to 2^53: for what is counted here, and sizes are no more.
pub(super) fn number_of(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let number = count as f64;
    number
}
