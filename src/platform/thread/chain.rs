//! A handler of a signal that comes before whoever had the signal, and passes it on to him.
//!
//! Others may set a handler after us, so ours is put before theirs again and again. Knows not what
//! a signal means. Invariant: what runs inside the signal uses atomics, and whoever had it before.
#![expect(unsafe_code, reason = "signals are the system's")]

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// As the system calls it.
pub type Handler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);

/// More than so many signals that are being passed on are one: whoever was before us passes it on
/// to us again, if each of us came before the other once.
const PASSING_MAX: usize = 16;

/// Whose a signal was before us.
#[derive(Debug)]
pub struct Chain {
    signal: libc::c_int,
    /// What the signal did before us. Never freed: a signal may be about to read it.
    before: AtomicPtr<libc::sigaction>,
    /// Signals that are being passed on.
    passing: AtomicUsize,
}

impl Chain {
    /// Of this signal, with no handler of ours yet.
    pub const fn new(signal: libc::c_int) -> Self {
        let before = AtomicPtr::new(ptr::null_mut());
        Self { signal, before, passing: AtomicUsize::new(0) }
    }

    /// Puts a handler before the one that is there, unless it is that one. It gets an alternate
    /// stack and the signal's details, besides `flags`.
    pub fn put_first(&self, handler: Handler, flags: libc::c_int) {
        // SAFETY: a plain structure, for which zeroes are a value.
        let mut found: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: asks what there is, and changes nothing.
        let asked = unsafe { libc::sigaction(self.signal, ptr::null(), &raw mut found) };
        if asked != 0 || found.sa_sigaction == handler as usize {
            return;
        }
        self.before.store(Box::leak(Box::new(found)), Ordering::Release);
        // SAFETY: as above.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | flags;
        // SAFETY: the handler is a function of this library, which is never unloaded.
        unsafe { libc::sigaction(self.signal, &raw const action, ptr::null_mut()) };
    }

    /// Passes a signal on to the handler before ours; `false` where there is none, or where the
    /// signal goes round in circles. To be called by a handler that was put first.
    pub fn pass_on(&self, info: *mut libc::siginfo_t, context: *mut libc::c_void) -> bool {
        let before = self.before.load(Ordering::Acquire);
        // SAFETY: set before the handler was, and never freed.
        let before = unsafe { &*before };
        let passing = self.passing.fetch_add(1, Ordering::AcqRel);
        let is_passed = match before.sa_sigaction {
            libc::SIG_DFL | libc::SIG_IGN => false,
            _ if passing >= PASSING_MAX => false,
            handler if before.sa_flags & libc::SA_SIGINFO != 0 => {
                // SAFETY: whoever set it said that it is such a function.
                let handler: Handler = unsafe { std::mem::transmute::<usize, Handler>(handler) };
                handler(self.signal, info, context);
                true
            }
            handler => {
                type Plain = extern "C" fn(libc::c_int);
                // SAFETY: as above.
                let handler: Plain = unsafe { std::mem::transmute::<usize, Plain>(handler) };
                handler(self.signal);
                true
            }
        };
        self.passing.fetch_sub(1, Ordering::AcqRel);
        is_passed
    }
}
