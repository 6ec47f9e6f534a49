//! The signal of a touch of a page that is not there: ours first, then whose it was before us.
//!
//! Others may set a handler after us, such as `process.on('SIGBUS')`, which returns and so touches
//! the page again, for ever. A thread of its own, which touches no page, looks once in a while and
//! puts ours before theirs. Knows no mapping.
//!
//! Invariant: what runs inside the signal uses atomics, and calls that are a system call each.
#![expect(unsafe_code, reason = "signals are the system's")]

use std::ptr;
use std::sync::{Once, OnceLock};
use std::thread;
use std::time::Duration;

use crate::platform::thread::chain::{Chain, Handler};
use crate::platform::thread::start;

/// Between two looks at whose handler is there: so long a thread may be stuck.
const LOOK: Duration = Duration::from_millis(500);

/// Whether a touch of this address is dealt with.
type Deal = fn(usize) -> bool;

static DEAL: OnceLock<Deal> = OnceLock::new();
static CHAIN: Chain = Chain::new(libc::SIGBUS);

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

/// Puts our handler before the one that is there.
fn put_first() {
    let handler: Handler = handle;
    CHAIN.put_first(handler, 0);
}

extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the system passes a valid one.
    let info_of_signal = unsafe { &*info };
    // SAFETY: this signal has an address; where somebody sent it, the number means nothing.
    let address = unsafe { info_of_signal.si_addr() }.addr();
    let is_sent = info_of_signal.si_code <= 0;
    let is_dealt_with = !is_sent && DEAL.get().is_some_and(|deal| deal(address));
    // Otherwise what would have been done without us.
    if !is_dealt_with && !CHAIN.pass_on(info, context) {
        take_default(signal, is_sent);
    }
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
