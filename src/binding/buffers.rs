//! Memory between JavaScript and this side: typed arrays, and where values are copied to.
//!
//! Knows no store but to keep it. Invariant: memory that JavaScript owns is read within the call
//! that brought it, or has a reference for as long as it is shared; what is made for JavaScript is
//! a copy, but for the version words, whose store is kept by their buffer.
#![expect(unsafe_code, reason = "Node-API is a C interface")]

use napi::sys;
use std::ffi::c_void;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::AtomicU32;

use super::call::{Call, Value, accepted};
use super::environment::Keeper;
use super::exports::registered;
use crate::engine::store::Engine;
use crate::error::Error;
use crate::region::header::STRIPES;

/// Bytes of the buffer that both sides see: a value up to this length costs no allocation here.
const TRANSFER_BYTES: usize = 64 * 1024;
/// Words that JavaScript sees of a store: the versions of the stripes, and behind them the halves
/// of the counter of invalidations, the low one first.
const WORDS: usize = STRIPES + 2;
/// What buffers that were once larger are cut back to.
const KEPT_BYTES: usize = 1 << 20;

/// Where values are read to and copied to: kept, since fresh memory costs more than a copy.
#[derive(Debug)]
pub(super) struct ValueBuffers {
    transfer: *mut [u8; TRANSFER_BYTES],
    units: Vec<u16>,
    bytes: Vec<u8>,
}

impl ValueBuffers {
    /// The buffer that JavaScript sees too.
    pub(super) fn transfer(&mut self) -> &mut [u8] {
        // SAFETY: `share_transfer` made the buffer and referenced it for as long as the environment
        // lives; no JavaScript runs during a call.
        unsafe { &mut *self.transfer }
    }

    /// Where a string is read to, and where its bytes are written to.
    pub(super) fn string_parts(&mut self) -> (&mut Vec<u16>, &mut Vec<u8>) {
        (&mut self.units, &mut self.bytes)
    }

    /// A buffer of this many bytes that only this side sees.
    pub(super) fn overflow(&mut self, length: usize) -> Result<&mut [u8], Error> {
        resize(&mut self.bytes, length)?;
        Ok(&mut self.bytes[..length])
    }

    /// What [`Self::overflow`] gave last.
    pub(super) fn overflow_bytes(&self, length: usize) -> &[u8] {
        &self.bytes[..length]
    }

    /// Gives back what an unusually large value took.
    pub(super) fn cut(&mut self) {
        if self.bytes.len() > KEPT_BYTES {
            self.bytes = Vec::new();
            self.units = Vec::new();
        }
    }
}

/// A `Uint8Array` for values, which goes with the environment, and the buffers beside it.
pub(super) fn share_transfer(env: sys::napi_env) -> napi::Result<(sys::napi_value, ValueBuffers)> {
    let mut start = ptr::null_mut();
    let mut buffer = ptr::null_mut();
    // SAFETY: Node-API writes a handle of the current scope, and where the bytes are.
    let status = unsafe {
        sys::napi_create_arraybuffer(env, TRANSFER_BYTES, &raw mut start, &raw mut buffer)
    };
    registered(status)?;
    let mut array = ptr::null_mut();
    let kind = sys::TypedarrayType::uint8_array;
    // SAFETY: the buffer has room for these bytes.
    let status = unsafe {
        sys::napi_create_typedarray(env, kind, TRANSFER_BYTES, buffer, 0, &raw mut array)
    };
    registered(status)?;
    let mut reference = ptr::null_mut();
    // SAFETY: the buffer is an object of the current scope. Never deleted: the reference goes
    // with the environment.
    let status = unsafe { sys::napi_create_reference(env, buffer, 1, &raw mut reference) };
    registered(status)?;
    let buffers = ValueBuffers { transfer: start.cast(), units: Vec::new(), bytes: Vec::new() };
    Ok((array, buffers))
}

/// An `Int32Array` over words that every environment sees; `None` where the engine allows no memory
/// that is not its own.
pub(super) fn shared_words(
    env: sys::napi_env,
    words: &'static [AtomicU32],
) -> Option<sys::napi_value> {
    let start = words.as_ptr().cast_mut().cast();
    let mut buffer = ptr::null_mut();
    // SAFETY: the words live as long as this library, and change as atomics only do; nothing is to
    // be done when the buffer goes.
    let status = unsafe {
        sys::napi_create_external_arraybuffer(
            env,
            start,
            size_of_val(words),
            None,
            ptr::null_mut(),
            &raw mut buffer,
        )
    };
    let mut array = ptr::null_mut();
    let kind = sys::TypedarrayType::int32_array;
    // SAFETY: the buffer has room for these words; if there is none, nothing is made.
    let made = status == sys::Status::napi_ok
        && unsafe {
            sys::napi_create_typedarray(env, kind, words.len(), buffer, 0, &raw mut array)
        } == sys::Status::napi_ok;
    made.then_some(array)
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

impl Call {
    /// Runs `fill` on an argument that is a `Uint32Array`, which JavaScript owns.
    pub(super) fn with_words<T>(
        &self,
        index: usize,
        fill: impl FnOnce(&mut [u32]) -> T,
    ) -> Result<T, Error> {
        let (start, length) = self.elements(index, sys::TypedarrayType::uint32_array)?;
        // SAFETY: the array keeps its memory during the call, on whose thread nobody else runs.
        let words = unsafe { std::slice::from_raw_parts_mut(start.cast::<u32>().as_ptr(), length) };
        Ok(fill(words))
    }

    /// Where a typed array of this type, that came as an argument, has its elements, and how many.
    fn elements(
        &self,
        index: usize,
        wanted: sys::napi_typedarray_type,
    ) -> Result<(ptr::NonNull<c_void>, usize), Error> {
        let mut kind = 0;
        let mut length = 0;
        let mut start = ptr::null_mut();
        // SAFETY: the argument is a value of this call.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                self.env(),
                self.handle(index),
                &raw mut kind,
                &raw mut length,
                &raw mut start,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        accepted(status)?;
        if kind != wanted {
            return Err(Error::Argument);
        }
        // An empty array may lie nowhere.
        let start =
            ptr::NonNull::new(start).filter(|_| length > 0).unwrap_or(ptr::NonNull::dangling());
        Ok((start, length))
    }

    /// Where a `Uint8Array` that came as an argument has its bytes, and how many.
    pub(super) fn byte_elements(&self, index: usize) -> Result<(ptr::NonNull<u8>, usize), Error> {
        let (start, length) = self.elements(index, sys::TypedarrayType::uint8_array)?;
        Ok((start.cast(), length))
    }

    /// Keeps an argument that is a `Uint8Array`, whose memory is shared from now on.
    pub(super) fn share_bytes(&self, index: usize) -> Result<SharedBytes, Error> {
        let (start, length) = self.byte_elements(index)?;
        let mut reference = ptr::null_mut();
        // SAFETY: the argument is an object of this call.
        let status = unsafe {
            sys::napi_create_reference(self.env(), self.handle(index), 1, &raw mut reference)
        };
        accepted(status)?;
        Ok(SharedBytes::new(start, length, reference))
    }

    /// Lets go of what [`Self::share_bytes`] kept.
    pub(super) fn unshare_bytes(&self, bytes: SharedBytes) {
        // SAFETY: `share_bytes` made the reference, and it is deleted once: `bytes` is gone.
        unsafe { sys::napi_delete_reference(self.env(), bytes.into_reference()) };
    }

    /// Runs `act` on an argument that is a `Uint8Array`.
    pub(super) fn with_byte_values<T>(
        &self,
        index: usize,
        act: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Error> {
        let (start, length) = self.byte_elements(index)?;
        // SAFETY: the array keeps its memory during the call, on whose thread nobody else runs; one
        // over shared memory may change meanwhile, and then its bytes are whatever they are.
        Ok(act(unsafe { std::slice::from_raw_parts(start.as_ptr(), length) }))
    }

    /// A `Uint8Array` of its own with these bytes.
    pub(super) fn copied_bytes(&self, bytes: &[u8]) -> Result<Value, Error> {
        let mut start = ptr::null_mut();
        let mut buffer = ptr::null_mut();
        // SAFETY: Node-API writes a handle of the current scope, and where the bytes are.
        let status = unsafe {
            sys::napi_create_arraybuffer(self.env(), bytes.len(), &raw mut start, &raw mut buffer)
        };
        if status != sys::Status::napi_ok || (start.is_null() && !bytes.is_empty()) {
            return Err(Error::Full);
        }
        if !bytes.is_empty() {
            // SAFETY: the new buffer is that long, and apart from any other.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), start.cast(), bytes.len()) };
        }
        let mut array = ptr::null_mut();
        let kind = sys::TypedarrayType::uint8_array;
        // SAFETY: the buffer is that long.
        let status = unsafe {
            sys::napi_create_typedarray(self.env(), kind, bytes.len(), buffer, 0, &raw mut array)
        };
        accepted(status).map(|()| Value::of(array))
    }

    /// Takes the memory away from an argument that is an `ArrayBuffer`; whether that was done.
    pub(super) fn detach(&self, index: usize) -> bool {
        // SAFETY: the argument is a value of this call; what is no such buffer is refused.
        let status = unsafe { sys::napi_detach_arraybuffer(self.env(), self.handle(index)) };
        let mut is_detached = false;
        // SAFETY: as above. Not every engine does what it was told.
        unsafe {
            sys::napi_is_detached_arraybuffer(self.env(), self.handle(index), &raw mut is_detached);
        }
        status == sys::Status::napi_ok && is_detached
    }

    /// An `Int32Array` over the version words of a store, which it keeps; `undefined` where the
    /// engine allows no memory that is not its own.
    pub(super) fn version_words(&self, engine: &Engine, keeper: Rc<Keeper>) -> Value {
        let start = engine.stripes_start().as_ptr();
        let keeper: *const Keeper = Rc::into_raw(keeper);
        let mut buffer = ptr::null_mut();
        // SAFETY: the words live as long as the store, which the finalizer lets go of.
        let status = unsafe {
            sys::napi_create_external_arraybuffer(
                self.env(),
                start.cast(),
                WORDS * size_of::<u32>(),
                Some(let_go),
                keeper.cast_mut().cast(),
                &raw mut buffer,
            )
        };
        if status != sys::Status::napi_ok {
            // SAFETY: the pointer came from `into_raw`, and no finalizer has it.
            drop(unsafe { Rc::from_raw(keeper) });
            return Call::undefined();
        }
        let mut array = ptr::null_mut();
        let kind = sys::TypedarrayType::int32_array;
        // SAFETY: the buffer has room for these words.
        unsafe { sys::napi_create_typedarray(self.env(), kind, WORDS, buffer, 0, &raw mut array) };
        Value::of(array)
    }
}

unsafe extern "C" fn let_go(_env: sys::napi_env, _start: *mut c_void, keeper: *mut c_void) {
    // SAFETY: `version_words` gave what came from `into_raw`; this runs once.
    unsafe { Rc::from_raw(keeper.cast_const().cast::<Keeper>()) }.let_go();
}

/// Makes room for at least `length` things.
pub(super) fn resize<T: Clone + Default>(space: &mut Vec<T>, length: usize) -> Result<(), Error> {
    if space.len() < length {
        space.try_reserve_exact(length - space.len()).map_err(|_| Error::Full)?;
        space.resize(length, T::default());
    }
    Ok(())
}

/// Room for `length` things.
pub(super) fn zeroed<T: Clone + Default>(length: usize) -> Result<Vec<T>, Error> {
    let mut space = Vec::new();
    space.try_reserve_exact(length).map_err(|_| Error::Full)?;
    space.resize(length, T::default());
    Ok(space)
}
