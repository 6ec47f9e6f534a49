//! Raw calls: their arguments that are numbers, and their results. Knows no function.
//!
//! Invariant: no panic crosses into JavaScript, and no lock is held while Node-API is called. The
//! data pointer of every function is an `Environment` that outlives it: see `exports`.
#![expect(unsafe_code, reason = "Node-API is a C interface")]

use napi::sys;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use super::environment::Environment;
use crate::error::Error;
use crate::text::string::Text;

/// The most arguments that a function takes.
const ARGUMENTS: usize = 5;

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

    /// Whether it is what a function answers that answers nothing.
    pub(super) fn is_undefined(self) -> bool {
        self.0.is_null()
    }
}

/// One call from JavaScript.
pub(super) struct Call {
    env: sys::napi_env,
    arguments: [sys::napi_value; ARGUMENTS],
    environment: *mut c_void,
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
/// `env` and `info` are those of a callback that [`register`](super::exports::register) made.
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
        // SAFETY: `exports` put an `Environment` there that outlives every call.
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
        let code = self.string(Text::latin1(error.code().as_bytes()));
        let message = self.string(Text::latin1(message.as_bytes()));
        let mut thrown = ptr::null_mut();
        // SAFETY: both strings are handles of the current scope.
        unsafe { sys::napi_create_error(self.env, code.0, message.0, &raw mut thrown) };
        // SAFETY: an error object of the current scope.
        unsafe { sys::napi_throw(self.env, thrown) };
        ptr::null_mut()
    }
}

#[inline]
pub(super) fn accepted(status: sys::napi_status) -> Result<(), Error> {
    if status == sys::Status::napi_ok { Ok(()) } else { Err(Error::Argument) }
}
