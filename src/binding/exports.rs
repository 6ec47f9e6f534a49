//! What the module exports: the functions, and the memory that goes with an environment.
//!
//! Invariant: the data pointer of every function that is registered here is an `Environment` that
//! lives until the environment's instance data is finalized, after all JavaScript.
#![expect(unsafe_code, reason = "Node-API is a C interface")]

use napi::sys;
use std::ffi::c_void;
use std::ptr;

use super::buffers::{share_transfer, shared_words};
use super::call::RawCallback;
use super::environment::Environment;
use super::registers::share_registers;
use crate::contract::CONTRACT_VERSION;
use crate::platform::thread::ticks;

/// Makes `functions` properties of `exports`, with an [`Environment`] of their own, whose call
/// registers are the `Float64Array` `registers`.
pub(super) fn register(
    env: sys::napi_env,
    exports: sys::napi_value,
    functions: impl Iterator<Item = &'static (&'static str, RawCallback)>,
) -> napi::Result<()> {
    let (array, registers) = share_registers(env)?;
    export(env, exports, "registers", array)?;
    export(env, exports, "contractVersion", whole_number(env, CONTRACT_VERSION)?)?;
    let (array, values) = share_transfer(env)?;
    export(env, exports, "scratch", array)?;
    if let Some(array) = shared_words(env, ticks::seen()) {
        export(env, exports, "ticks", array)?;
    }
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

fn whole_number(env: sys::napi_env, number: u32) -> napi::Result<sys::napi_value> {
    let mut value = ptr::null_mut();
    // SAFETY: Node-API writes a handle of the current scope.
    registered(unsafe { sys::napi_create_uint32(env, number, &raw mut value) })?;
    Ok(value)
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
