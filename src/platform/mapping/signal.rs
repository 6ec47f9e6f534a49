//! The signal of a touch of a page that is not there: ours first, then whose it was before us.
//!
//! Others may set a handler after us, such as `process.on('SIGBUS')`, which returns and so touches
//! the page again, for ever. A thread of its own, which touches no page, looks once in a while and
//! puts ours before theirs. Knows no mapping.
//!
//! Invariant: what runs inside the signal uses atomics, and calls that are a system call each.
#![expect(unsafe_code, reason = "signals are the system's")]

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Once, OnceLock};
use std::thread;
use std::time::Duration;

use crate::platform::thread::start;

/// Between two looks at whose handler is there: so long a thread may be stuck.
const LOOK: Duration = Duration::from_millis(500);

/// Whether a touch of this address is dealt with.
type Deal = fn(usize) -> bool;

static DEAL: OnceLock<Deal> = OnceLock::new();
/// What the signal did before us. Never freed: a signal may be about to read it.
static BEFORE: AtomicPtr<libc::sigaction> = AtomicPtr::new(ptr::null_mut());
/// Signals that are being passed on.
static PASSING: AtomicUsize = AtomicUsize::new(0);
/// More than so many are one: whoever was before us passes it on to us again, if each of us came
/// before the other once.
const PASSING_MAX: usize = 16;

/// From now on, `deal` is the first to be asked.
pub(super) fn keep(deal: Deal) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        DEAL.get_or_init(|| deal);
        put_first();
        start("store-signals", || {
            loop {
                thread::sleep(LOOK);
                put_first();
            }
        });
    });
}

/// Puts our handler before the one that is there, unless that is ours.
fn put_first() {
    // SAFETY: a plain structure, for which zeroes are a value.
    let mut found: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: asks what there is, and changes nothing.
    let asked = unsafe { libc::sigaction(libc::SIGBUS, ptr::null(), &raw mut found) };
    let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = handle;
    if asked != 0 || found.sa_sigaction == handler as usize {
        return;
    }
    BEFORE.store(Box::leak(Box::new(found)), Ordering::Release);
    // SAFETY: as above.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    // SAFETY: the handler is a function of this library, which is never unloaded.
    unsafe { libc::sigaction(libc::SIGBUS, &raw const action, ptr::null_mut()) };
}

extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the system passes a valid one.
    let info_of_signal = unsafe { &*info };
    // SAFETY: this signal has an address; where somebody sent it, the number means nothing.
    let address = unsafe { info_of_signal.si_addr() }.addr();
    let is_sent = info_of_signal.si_code <= 0;
    if is_sent || !DEAL.get().is_some_and(|deal| deal(address)) {
        pass_on(signal, info, context, is_sent);
    }
}

/// Does what would have been done without us.
fn pass_on(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
    is_sent: bool,
) {
    let before = BEFORE.load(Ordering::Acquire);
    // SAFETY: set before the handler was, and never freed.
    let before = unsafe { &*before };
    let passing = PASSING.fetch_add(1, Ordering::AcqRel);
    match before.sa_sigaction {
        libc::SIG_DFL | libc::SIG_IGN => take_default(signal, is_sent),
        _ if passing >= PASSING_MAX => take_default(signal, is_sent),
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

/// The instruction is tried again, and ends the process as it would have.
fn take_default(signal: libc::c_int, is_sent: bool) {
    // SAFETY: a plain structure, for which zeroes are a value.
    let mut default: libc::sigaction = unsafe { std::mem::zeroed() };
    default.sa_sigaction = libc::SIG_DFL;
    // SAFETY: the default action is always there.
    unsafe { libc::sigaction(signal, &raw const default, ptr::null_mut()) };
    if is_sent {
        // No instruction to be tried again.
        // SAFETY: the signal waits until this handler has returned.
        unsafe { libc::raise(signal) };
    }
}
