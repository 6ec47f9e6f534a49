//! Memory that JavaScript owns and this side reads and writes. Knows no store.
//!
//! Invariant: what is shared has a reference for as long as it is, so it stays where it is; and
//! only the thread of its environment touches it.
#![expect(unsafe_code, reason = "memory of another language is reached by pointer")]

use napi::sys;
use std::ptr;

use super::callback::registered;

/// Numbers that go with a call beside its arguments and its result, which cost more.
const EXCHANGED: usize = 8;

/// Numbers in memory that JavaScript owns and keeps for the environment.
#[derive(Debug)]
pub(super) struct Exchange(*mut [f64; EXCHANGED]);

impl Exchange {
    /// Writes the first number, for JavaScript to read when the call has returned.
    #[inline]
    pub(super) fn put(&self, value: f64) {
        self.put_at(0, value);
    }

    /// Writes a number, for JavaScript to read when the call has returned.
    #[inline]
    pub(super) fn put_at(&self, index: usize, value: f64) {
        assert!(index < EXCHANGED, "a number that is exchanged");
        // SAFETY: `share_exchange` made the buffer, apart from its array, and referenced it for as
        // long as the environment lives.
        unsafe { (*self.0)[index] = value };
    }

    /// A number that JavaScript wrote before the call. Each is read by itself: the processor cannot
    /// forward two stores to one load.
    #[inline]
    pub(super) fn get(&self, index: usize) -> f64 {
        assert!(index < EXCHANGED, "a number that is exchanged");
        // SAFETY: within the buffer.
        let number = unsafe { self.0.cast::<f64>().add(index) };
        // SAFETY: as in `put_at`.
        unsafe { number.read_volatile() }
    }
}

/// Bytes of a `Uint8Array` that JavaScript made for this side.
#[derive(Debug)]
pub(super) struct SharedBytes {
    start: ptr::NonNull<u8>,
    length: usize,
    reference: sys::napi_ref,
}

impl SharedBytes {
    /// `length` bytes from `start` on, which `reference` keeps.
    pub(super) fn new(start: ptr::NonNull<u8>, length: usize, reference: sys::napi_ref) -> Self {
        Self { start, length, reference }
    }

    /// The bytes.
    #[inline]
    pub(super) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the reference keeps the array, which the facade's slab made over a buffer of its
        // own and shows to nobody, so it is never detached; no JavaScript runs meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }

    /// The reference, to be deleted.
    pub(super) fn into_reference(self) -> sys::napi_ref {
        self.reference
    }
}

/// A `Float64Array`, and its numbers.
pub(super) fn share_exchange(env: sys::napi_env) -> napi::Result<(sys::napi_value, Exchange)> {
    let mut start = ptr::null_mut();
    let mut buffer = ptr::null_mut();
    // SAFETY: Node-API writes a handle of the current scope, and where the bytes are.
    let status = unsafe {
        sys::napi_create_arraybuffer(
            env,
            size_of::<[f64; EXCHANGED]>(),
            &raw mut start,
            &raw mut buffer,
        )
    };
    registered(status)?;
    let mut array = ptr::null_mut();
    let kind = sys::TypedarrayType::float64_array;
    // SAFETY: the buffer has room for these numbers.
    let status =
        unsafe { sys::napi_create_typedarray(env, kind, EXCHANGED, buffer, 0, &raw mut array) };
    registered(status)?;
    let mut reference = ptr::null_mut();
    // SAFETY: the buffer is an object of the current scope. Never deleted: the reference goes
    // with the environment.
    let status = unsafe { sys::napi_create_reference(env, buffer, 1, &raw mut reference) };
    registered(status)?;
    Ok((array, Exchange(start.cast())))
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
