//! A named background thread that nobody waits for. Knows not what it runs.
//!
//! It never keeps the process alive: the process may exit under it at any instruction, so what
//! it runs must own its memory.

use std::thread;

/// Stack of a background thread: our loops are flat, and the default of 2 MiB is address space.
const STACK_BYTES: usize = 256 * 1024;

/// Starts `run` on a thread of its own; `false` when the system has no thread to give.
pub fn start(name: &str, run: impl FnOnce() + Send + 'static) -> bool {
    thread::Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(run).is_ok()
}

/// Whether this thread is unwinding: what it was in the midst of stays as it is.
pub fn is_panicking() -> bool {
    thread::panicking()
}
