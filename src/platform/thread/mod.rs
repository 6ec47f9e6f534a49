//! Background threads, and what one of them is to do when. Knows no store.
//!
//! - [`background`]: a thread that nobody waits for;
//! - [`schedule`]: tasks by the time at which they are due, for one such thread;
//! - [`ticks`]: a count of milliseconds, which another raises;
//! - [`chain`]: a handler of a signal that passes it on to whoever had it before;
//! - [`waking`]: what makes that count old when the process was stopped.

mod background;
#[cfg(unix)]
pub mod chain;
pub mod schedule;
pub mod ticks;
#[cfg(unix)]
pub mod waking;

pub use background::{is_panicking, start};
