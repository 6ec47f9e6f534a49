//! A process that goes on after it was stopped: what it saw before that counts as old at once.
//!
//! The signal by which it goes on makes the count of `ticks` stand at nothing, so whoever remembers
//! something with it looks anew. Then it is passed on to whoever had it before. Others may set a
//! handler after us, so the thread that counts puts ours before theirs. Knows no store.
//!
//! Invariant: what runs inside the signal uses atomics alone.
#![expect(unsafe_code, reason = "signals are the system's")]

use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use super::ticks;

static IS_KEPT: AtomicBool = AtomicBool::new(false);
/// What the signal did before us. Never freed: a signal may be about to read it.
static BEFORE: AtomicPtr<libc::sigaction> = AtomicPtr::new(ptr::null_mut());
/// Signals that are being passed on.
static PASSING: AtomicUsize = AtomicUsize::new(0);
/// More than so many are one: whoever was before us passes it on to us again.
const PASSING_MAX: usize = 16;

/// From now on, the count does not outlive a stop.
pub fn keep() {
    IS_KEPT.store(true, Ordering::Relaxed);
    put_first();
}

/// Puts our handler before the one that is there, unless that is ours, if it is wanted at all.
pub(super) fn put_first() {
    // Relaxed: the thread that counts looks again.
    if !IS_KEPT.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: a plain structure, for which zeroes are a value.
    let mut found: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: asks what there is, and changes nothing.
    let asked = unsafe { libc::sigaction(libc::SIGCONT, ptr::null(), &raw mut found) };
    let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = handle;
    if asked != 0 || found.sa_sigaction == handler as usize {
        return;
    }
    BEFORE.store(Box::leak(Box::new(found)), Ordering::Release);
    // SAFETY: as above.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
    // SAFETY: the handler is a function of this library, which is never unloaded.
    unsafe { libc::sigaction(libc::SIGCONT, &raw const action, ptr::null_mut()) };
}

extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    ticks::forget();
    let before = BEFORE.load(Ordering::Acquire);
    // SAFETY: set before the handler was, and never freed.
    let before = unsafe { &*before };
    let passing = PASSING.fetch_add(1, Ordering::AcqRel);
    match before.sa_sigaction {
        // The process goes on without anybody.
        libc::SIG_DFL | libc::SIG_IGN => {}
        _ if passing >= PASSING_MAX => {}
        handler if before.sa_flags & libc::SA_SIGINFO != 0 => {
            type Handler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);
            // SAFETY: whoever set it said that it is such a function.
            let handler: Handler = unsafe { std::mem::transmute::<usize, Handler>(handler) };
            handler(signal, info, context);
        }
        handler => {
            type Handler = extern "C" fn(libc::c_int);
            // SAFETY: as above.
            let handler: Handler = unsafe { std::mem::transmute::<usize, Handler>(handler) };
            handler(signal);
        }
    }
    PASSING.fetch_sub(1, Ordering::AcqRel);
}
