//! Raw calls, arguments and results: all the unsafe code of the binding. Knows no function.
//!
//! Invariant: the data pointer of every function that is registered here is an `Environment`
//! that lives until the environment's instance data is finalized, after all JavaScript. No panic
//! crosses into JavaScript, and no lock is held while Node-API is called.
#![expect(unsafe_code, reason = "Node-API is a C interface")]

use napi::sys;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use super::environment::Environment;
use super::shared_memory::{SharedBytes, share_registers};
use super::values::share_visible;
use crate::error::Error;
use crate::local::key::KeyRef;

/// The most arguments that a function takes.
const ARGUMENTS: usize = 4;

/// Units of a key, with a NUL, for which the scratch has room; a longer one costs an allocation.
const SCRATCH_UNITS: usize = 256;

/// A function as JavaScript calls it.
pub(super) type RawCallback =
    unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

/// A result for JavaScript.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value(sys::napi_value);

impl Value {
    /// A handle of the current scope.
    pub(super) fn of(handle: sys::napi_value) -> Self {
        Self(handle)
    }
}

/// One call from JavaScript.
pub(super) struct Call {
    env: sys::napi_env,
    arguments: [sys::napi_value; ARGUMENTS],
    environment: *mut c_void,
}

/// Where keys are read to: kept, since a fresh one would have to be zeroed for each call.
#[derive(Debug)]
pub(super) struct Scratch {
    units: [u16; SCRATCH_UNITS],
    bytes: [u8; SCRATCH_UNITS * 2],
}

impl Default for Scratch {
    fn default() -> Self {
        Self { units: [0; SCRATCH_UNITS], bytes: [0; SCRATCH_UNITS * 2] }
    }
}

/// Makes a [`RawCallback`] of a function.
pub(super) const fn raw_callback<F: Function>(_function: F) -> RawCallback {
    // A type without a size needs no place to be called from.
    const { assert!(size_of::<F>() == 0) };
    raw::<F>
}

/// A `fn(&Call) -> Result<Value, Error>`, by its own type.
pub(super) trait Function: Fn(&Call) -> Result<Value, Error> + Copy + 'static {}

impl<F: Fn(&Call) -> Result<Value, Error> + Copy + 'static> Function for F {}

unsafe extern "C" fn raw<F: Function>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    // SAFETY: `raw_callback` had a value of this type, which has no size and no state.
    let function = unsafe { ptr::NonNull::<F>::dangling().as_ref() };
    // SAFETY: Node-API passes what it passes to every callback that we register.
    unsafe { enter(env, info, function) }
}

/// Runs `function` for one call from JavaScript.
///
/// # Safety
///
/// `env` and `info` are those of a callback that was registered by [`register`].
#[inline]
unsafe fn enter(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    function: impl Fn(&Call) -> Result<Value, Error>,
) -> sys::napi_value {
    let mut count = ARGUMENTS;
    // Written in place: what was just written cannot be copied in larger pieces without a stall.
    let mut call =
        Call { env, arguments: [ptr::null_mut(); ARGUMENTS], environment: ptr::null_mut() };
    // SAFETY: the array has room for `count` values; missing ones become `undefined`.
    unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &raw mut count,
            call.arguments.as_mut_ptr(),
            ptr::null_mut(),
            &raw mut call.environment,
        );
    }
    let result = catch_unwind(AssertUnwindSafe(|| function(&call))).unwrap_or(Err(Error::Panicked));
    match result {
        Ok(value) => value.0,
        Err(error) => call.throw(error),
    }
}

impl Call {
    /// The stores of the environment that calls.
    #[inline]
    pub(super) fn environment(&self) -> &Environment {
        // SAFETY: `register` put an `Environment` there that outlives every call.
        unsafe { &*self.environment.cast_const().cast() }
    }

    /// The environment that calls.
    #[inline]
    pub(super) fn env(&self) -> sys::napi_env {
        self.env
    }

    /// The handle of an argument.
    pub(super) fn handle(&self, index: usize) -> sys::napi_value {
        self.arguments[index]
    }

    /// An argument as it came.
    pub(super) fn argument(&self, index: usize) -> Value {
        Value(self.arguments[index])
    }

    /// Whether an argument is not `undefined`.
    pub(super) fn is_given(&self, index: usize) -> bool {
        let mut kind = sys::ValueType::napi_undefined;
        // SAFETY: the argument is a value of this call.
        unsafe { sys::napi_typeof(self.env, self.arguments[index], &raw mut kind) };
        kind != sys::ValueType::napi_undefined
    }

    /// An argument that is a whole number of 32 bits.
    #[inline]
    pub(super) fn integer_argument(&self, index: usize) -> Result<i32, Error> {
        let mut value = 0;
        // SAFETY: the argument is a value of this call.
        let status =
            unsafe { sys::napi_get_value_int32(self.env, self.arguments[index], &raw mut value) };
        accepted(status).map(|()| value)
    }

    /// An argument that is a whole number from 0 on.
    #[inline]
    pub(super) fn whole_argument(&self, index: usize) -> Result<u64, Error> {
        let mut value = 0;
        // SAFETY: the argument is a value of this call.
        let status =
            unsafe { sys::napi_get_value_int64(self.env, self.arguments[index], &raw mut value) };
        accepted(status)?;
        u64::try_from(value).map_err(|_| Error::Argument)
    }

    /// Runs `act` on an argument that is a string, as a key.
    #[inline]
    pub(super) fn with_key<T>(
        &self,
        index: usize,
        act: impl FnOnce(KeyRef<'_>) -> T,
    ) -> Result<T, Error> {
        // Of two keys in one call, the second finds the scratch taken.
        let Ok(mut scratch) = self.environment().scratch.try_borrow_mut() else {
            return self.with_long_key(index, act);
        };
        let Scratch { units, bytes } = &mut *scratch;
        let length = self.read_units(index, units)?;
        // A full buffer may have cut the string.
        if length < SCRATCH_UNITS - 1 {
            return Ok(act(KeyRef::write(&units[..length], bytes)));
        }
        drop(scratch);
        self.with_long_key(index, act)
    }

    #[cold]
    fn with_long_key<T>(
        &self,
        index: usize,
        act: impl FnOnce(KeyRef<'_>) -> T,
    ) -> Result<T, Error> {
        let length = self.string_units(index)?;
        let mut units = zeroed(length + 1)?;
        self.read_units(index, &mut units)?;
        let mut space = zeroed(length * 2)?;
        Ok(act(KeyRef::write(&units[..length], &mut space)))
    }

    /// The length of an argument that is a string.
    pub(super) fn string_units(&self, index: usize) -> Result<usize, Error> {
        let mut length = 0;
        // SAFETY: without a buffer, Node-API only tells the length.
        let status = unsafe {
            sys::napi_get_value_string_utf16(
                self.env,
                self.arguments[index],
                ptr::null_mut(),
                0,
                &raw mut length,
            )
        };
        accepted(status).map(|()| length)
    }

    /// Reads an argument that is a string, as much of it as there is room for.
    #[inline]
    pub(super) fn read_units(&self, index: usize, units: &mut [u16]) -> Result<usize, Error> {
        let mut length = 0;
        // SAFETY: the buffer has the size that is said; Node-API writes no more, with a NUL.
        let status = unsafe {
            sys::napi_get_value_string_utf16(
                self.env,
                self.arguments[index],
                units.as_mut_ptr(),
                units.len(),
                &raw mut length,
            )
        };
        accepted(status).map(|()| length)
    }

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
                self.env,
                self.arguments[index],
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
            sys::napi_create_reference(self.env, self.arguments[index], 1, &raw mut reference)
        };
        accepted(status)?;
        Ok(SharedBytes::new(start, length, reference))
    }

    /// Lets go of what [`Self::share_bytes`] kept.
    pub(super) fn unshare_bytes(&self, bytes: SharedBytes) {
        // SAFETY: `share_bytes` made the reference, and it is deleted once: `bytes` is gone.
        unsafe { sys::napi_delete_reference(self.env, bytes.into_reference()) };
    }

    /// `null`.
    pub(super) fn null(&self) -> Value {
        let mut result = ptr::null_mut();
        // SAFETY: Node-API writes a handle of the current scope.
        unsafe { sys::napi_get_null(self.env, &raw mut result) };
        Value(result)
    }

    /// `undefined`.
    pub(super) fn undefined() -> Value {
        Value(ptr::null_mut())
    }

    /// A whole number of 32 bits.
    #[inline]
    pub(super) fn integer(&self, value: i32) -> Value {
        let mut result = ptr::null_mut();
        // SAFETY: Node-API writes a handle of the current scope.
        unsafe { sys::napi_create_int32(self.env, value, &raw mut result) };
        Value(result)
    }

    /// Any number.
    pub(super) fn number(&self, value: f64) -> Value {
        let mut result = ptr::null_mut();
        // SAFETY: Node-API writes a handle of the current scope.
        unsafe { sys::napi_create_double(self.env, value, &raw mut result) };
        Value(result)
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, value: bool) -> Value {
        let mut result = ptr::null_mut();
        // SAFETY: Node-API writes a handle of the current scope.
        unsafe { sys::napi_get_boolean(self.env, value, &raw mut result) };
        Value(result)
    }

    /// The string of a key.
    pub(super) fn string(&self, key: KeyRef<'_>) -> Value {
        let mut result = ptr::null_mut();
        if let Some(bytes) = key.narrow_bytes() {
            // SAFETY: the bytes are read during the call; the length is theirs.
            unsafe {
                sys::napi_create_string_latin1(
                    self.env,
                    bytes.as_ptr().cast(),
                    bytes.len().cast_signed(),
                    &raw mut result,
                )
            };
        } else {
            let units: Vec<u16> = key.units().collect();
            // SAFETY: the units are read during the call; the length is theirs.
            unsafe {
                sys::napi_create_string_utf16(
                    self.env,
                    units.as_ptr(),
                    units.len().cast_signed(),
                    &raw mut result,
                )
            };
        }
        Value(result)
    }

    /// An empty array.
    pub(super) fn array(&self) -> Value {
        let mut result = ptr::null_mut();
        // SAFETY: Node-API writes a handle of the current scope.
        unsafe { sys::napi_create_array(self.env, &raw mut result) };
        Value(result)
    }

    /// Puts what `make` makes at `index` of an array, in a handle scope of its own.
    pub(super) fn put(&self, array: Value, index: u32, make: impl FnOnce() -> Value) {
        let mut scope = ptr::null_mut();
        // SAFETY: the scope is closed below, before any other is.
        unsafe { sys::napi_open_handle_scope(self.env, &raw mut scope) };
        let value = make();
        // SAFETY: both are handles of open scopes.
        unsafe { sys::napi_set_element(self.env, array.0, index, value.0) };
        // SAFETY: the innermost open scope.
        unsafe { sys::napi_close_handle_scope(self.env, scope) };
    }

    #[cold]
    fn throw(&self, error: Error) -> sys::napi_value {
        let message = error.to_string();
        let code = self.string(KeyRef::narrow(error.code().as_bytes()));
        let message = self.string(KeyRef::narrow(message.as_bytes()));
        let mut thrown = ptr::null_mut();
        // SAFETY: both strings are handles of the current scope.
        unsafe { sys::napi_create_error(self.env, code.0, message.0, &raw mut thrown) };
        // SAFETY: an error object of the current scope.
        unsafe { sys::napi_throw(self.env, thrown) };
        ptr::null_mut()
    }
}

/// Makes `functions` properties of `exports`, with an [`Environment`] of their own, whose call
/// registers are the `Float64Array` `exchange`.
pub(super) fn register(
    env: sys::napi_env,
    exports: sys::napi_value,
    functions: impl Iterator<Item = &'static (&'static str, RawCallback)>,
) -> napi::Result<()> {
    let (array, registers) = share_registers(env)?;
    export(env, exports, "exchange", array)?;
    let (array, values) = share_visible(env)?;
    export(env, exports, "scratch", array)?;
    let environment: *mut c_void =
        Box::into_raw(Box::new(Environment::new(registers, values))).cast();
    // SAFETY: the pointer came from a Box, and `free` is the only one to take it back.
    let status =
        unsafe { sys::napi_set_instance_data(env, environment, Some(free), ptr::null_mut()) };
    registered(status)?;
    // SAFETY: the hook runs before the instance data is finalized.
    let status = unsafe { sys::napi_add_env_cleanup_hook(env, Some(end), environment) };
    registered(status)?;
    for &(name, callback) in functions {
        let mut function = ptr::null_mut();
        // SAFETY: the name is read during the call; the data outlives the function.
        let status = unsafe {
            sys::napi_create_function(
                env,
                name.as_ptr().cast(),
                name.len().cast_signed(),
                Some(callback),
                environment,
                &raw mut function,
            )
        };
        registered(status)?;
        export(env, exports, name, function)?;
    }
    Ok(())
}

fn export(
    env: sys::napi_env,
    exports: sys::napi_value,
    name: &str,
    value: sys::napi_value,
) -> napi::Result<()> {
    let mut key = ptr::null_mut();
    // SAFETY: the name is read during the call; the length is its.
    let status = unsafe {
        sys::napi_create_string_utf8(
            env,
            name.as_ptr().cast(),
            name.len().cast_signed(),
            &raw mut key,
        )
    };
    registered(status)?;
    // SAFETY: three handles of the current scope.
    registered(unsafe { sys::napi_set_property(env, exports, key, value) })
}

unsafe extern "C" fn end(environment: *mut c_void) {
    // SAFETY: `register` put an `Environment` there, which `free` has not taken yet.
    let environment = unsafe { &*environment.cast_const().cast::<Environment>() };
    environment.end();
}

unsafe extern "C" fn free(_env: sys::napi_env, environment: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `register` made it of a Box; this runs once, after all JavaScript.
    drop(unsafe { Box::from_raw(environment.cast::<Environment>()) });
}

pub(super) fn registered(status: sys::napi_status) -> napi::Result<()> {
    if status == sys::Status::napi_ok {
        return Ok(());
    }
    let reason = "Expected Node-API to register the functions of the store".to_owned();
    Err(napi::Error::new(napi::Status::from(status), reason))
}

#[inline]
pub(super) fn accepted(status: sys::napi_status) -> Result<(), Error> {
    if status == sys::Status::napi_ok { Ok(()) } else { Err(Error::Argument) }
}

fn zeroed<T: Clone + Default>(length: usize) -> Result<Vec<T>, Error> {
    let mut space = Vec::new();
    space.try_reserve_exact(length).map_err(|_| Error::Full)?;
    space.resize(length, T::default());
    Ok(space)
}
