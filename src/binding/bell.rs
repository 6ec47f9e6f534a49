//! How another thread tells an environment that a wait is over. Knows no store and no claim.
//!
//! Invariant: functions of JavaScript are called on the environment's own thread, never after it
//! began to end; what is told later is dropped. It keeps no event loop alive: who waits does.
#![expect(unsafe_code, reason = "Node-API is a C interface")]

use napi::sys;
use parking_lot::Mutex;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use super::call::accepted;
use super::environment::Environment;
use crate::error::Error;
use crate::registry::waits::Bell;

/// Who waits in an environment, by ticket, and the bell that tells them.
#[derive(Debug, Default)]
pub(super) struct Callbacks {
    bell: OnceCell<Arc<EnvironmentBell>>,
    by_ticket: RefCell<BTreeMap<u32, Kept>>,
    last_ticket: Cell<u32>,
}

/// A function, and how often it is called.
#[derive(Clone, Copy, Debug)]
struct Kept {
    reference: sys::napi_ref,
    times: Times,
}

/// How often a function is called.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Times {
    /// When its ticket is rung for the first time.
    Once,
    /// Whenever it is rung, until it is forgotten.
    Always,
}

impl Callbacks {
    /// Keeps a function, to be called when its ticket is rung: the ticket, from 1 on.
    pub(super) fn keep(
        &self,
        env: sys::napi_env,
        callback: sys::napi_value,
        times: Times,
    ) -> Result<u32, Error> {
        let mut reference = ptr::null_mut();
        // SAFETY: a handle of this call.
        let kept = unsafe { sys::napi_create_reference(env, callback, 1, &raw mut reference) };
        accepted(kept)?;
        let mut by_ticket = self.by_ticket.borrow_mut();
        let mut ticket = self.last_ticket.get();
        // Ends: there is no memory for so many.
        loop {
            ticket = (ticket + 1) & i32::MAX.cast_unsigned();
            if ticket != 0 && !by_ticket.contains_key(&ticket) {
                break;
            }
        }
        self.last_ticket.set(ticket);
        by_ticket.insert(ticket, Kept { reference, times });
        Ok(ticket)
    }

    /// Forgets a function, which is not called then.
    pub(super) fn forget(&self, env: sys::napi_env, ticket: u32) {
        let kept = self.by_ticket.borrow_mut().remove(&ticket);
        if let Some(Kept { reference, .. }) = kept {
            // SAFETY: made by `keep`, and of no use to anybody else.
            unsafe { sys::napi_delete_reference(env, reference) };
        }
    }

    /// The bell, which is made if there is none. `environment` is whose these callbacks are.
    pub(super) fn bell(
        &self,
        env: sys::napi_env,
        environment: &Environment,
    ) -> Result<Arc<EnvironmentBell>, Error> {
        if let Some(bell) = self.bell.get() {
            return Ok(Arc::clone(bell));
        }
        let bell = EnvironmentBell::create(env, ptr::from_ref(environment).cast_mut().cast())?;
        Ok(Arc::clone(self.bell.get_or_init(|| bell)))
    }

    /// Rings no more: the environment ends.
    pub(super) fn end(&self) {
        if let Some(bell) = self.bell.get() {
            bell.end();
        }
    }

    fn call(&self, env: sys::napi_env, ticket: u32) {
        let kept = self.by_ticket.borrow().get(&ticket).copied();
        let Some(Kept { reference, times }) = kept else { return };
        let (mut callback, mut receiver) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: made by `keep`. The handle is of the scope that Node-API opened for this call.
        unsafe { sys::napi_get_reference_value(env, reference, &raw mut callback) };
        if times == Times::Once {
            self.forget(env, ticket);
        }
        // SAFETY: as above.
        unsafe { sys::napi_get_undefined(env, &raw mut receiver) };
        let (arguments, result) = (ptr::null(), ptr::null_mut());
        // SAFETY: two handles of this scope, no arguments; nobody asks for the result. Nothing is
        // borrowed: the function may wait again.
        unsafe { sys::napi_call_function(env, receiver, callback, 0, arguments, result) };
    }
}

/// What other threads ring.
#[derive(Debug)]
pub(super) struct EnvironmentBell {
    /// `None` once the environment ends. Locked while it is rung: it does not go meanwhile.
    function: Mutex<Option<Function>>,
}

#[derive(Debug)]
struct Function(sys::napi_threadsafe_function);

// SAFETY: Node-API lets any thread call it, as long as it was not released: see `end`.
unsafe impl Send for Function {}

impl Bell for EnvironmentBell {
    fn ring(&self, ticket: u32) {
        let function = self.function.lock();
        let Some(Function(function)) = *function else { return };
        let ticket = ptr::without_provenance_mut(ticket as usize);
        let mode = sys::ThreadsafeFunctionCallMode::nonblocking;
        // SAFETY: it was not released. Without memory the wait is over later, by its own time.
        unsafe { sys::napi_call_threadsafe_function(function, ticket, mode) };
    }
}

impl EnvironmentBell {
    fn create(env: sys::napi_env, environment: *mut c_void) -> Result<Arc<Self>, Error> {
        let (text, mut name) = (c"shared-memory-store", ptr::null_mut());
        let bytes = text.count_bytes().cast_signed();
        // SAFETY: the text is read during the call, and has that many bytes.
        let named =
            unsafe { sys::napi_create_string_utf8(env, text.as_ptr(), bytes, &raw mut name) };
        accepted(named)?;
        let (nothing, mut function) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: a handle of this call; no function, no resource, no data; the context outlives
        // all calls.
        let created = unsafe {
            sys::napi_create_threadsafe_function(
                env,
                ptr::null_mut(),
                ptr::null_mut(),
                name,
                0,
                1,
                nothing,
                None,
                environment,
                Some(call),
                &raw mut function,
            )
        };
        accepted(created)?;
        // SAFETY: made above, on this thread.
        unsafe { sys::napi_unref_threadsafe_function(env, function) };
        // SAFETY: hooks run in the reverse order, so this one before Node-API frees the function;
        // the environment outlives its hooks.
        let hooked = unsafe { sys::napi_add_env_cleanup_hook(env, Some(end), environment) };
        accepted(hooked)?;
        Ok(Arc::new(Self { function: Mutex::new(Some(Function(function))) }))
    }

    fn end(&self) {
        let function = self.function.lock().take();
        if let Some(Function(function)) = function {
            let mode = sys::ThreadsafeFunctionReleaseMode::abort;
            // SAFETY: the only release, and no other thread can reach the function any more.
            unsafe { sys::napi_release_threadsafe_function(function, mode) };
        }
    }
}

unsafe extern "C" fn end(environment: *mut c_void) {
    // SAFETY: `Callbacks::bell` gave its `Environment`, which is dropped after all hooks.
    let environment = unsafe { &*environment.cast_const().cast::<Environment>() };
    environment.callbacks().end();
}

/// Calls the function of a ticket, on the environment's thread.
unsafe extern "C" fn call(
    env: sys::napi_env,
    _function: sys::napi_value,
    environment: *mut c_void,
    ticket: *mut c_void,
) {
    // The environment ends.
    if env.is_null() {
        return;
    }
    // SAFETY: as in `end`; with an `env`, it is there.
    let environment = unsafe { &*environment.cast_const().cast::<Environment>() };
    environment.callbacks().call(env, u32::try_from(ticket.addr()).unwrap_or(0));
}
