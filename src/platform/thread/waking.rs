//! A process that goes on after it was stopped: what it saw before that counts as old at once.
//!
//! The signal by which it goes on makes the count of `ticks` stand at nothing, so whoever remembers
//! something with it looks anew. Then it is passed on to whoever had it before. The thread that
//! counts puts ours before what others set. Knows no store.
//!
//! Invariant: what runs inside the signal uses atomics alone.

use std::sync::atomic::{AtomicBool, Ordering};

use super::chain::{Chain, Handler};
use super::ticks;

static IS_KEPT: AtomicBool = AtomicBool::new(false);
static CHAIN: Chain = Chain::new(libc::SIGCONT);

/// From now on, the count does not outlive a stop.
pub fn keep() {
    IS_KEPT.store(true, Ordering::Relaxed);
    put_first();
}

/// Puts our handler before the one that is there, if it is wanted at all.
pub(super) fn put_first() {
    // Relaxed: the thread that counts looks again.
    if IS_KEPT.load(Ordering::Relaxed) {
        let handler: Handler = handle;
        CHAIN.put_first(handler, libc::SA_RESTART);
    }
}

extern "C" fn handle(_signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    ticks::forget();
    // The process goes on without anybody, too.
    CHAIN.pass_on(info, context);
}
