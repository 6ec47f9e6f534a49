//! Background threads, and what one of them is to do when. Knows no store.
//!
//! - [`background`]: a thread that nobody waits for;
//! - [`schedule`]: tasks by the time at which they are due, for one such thread;
//! - [`ticks`]: a count of milliseconds, which another raises.

mod background;
pub mod schedule;
pub mod ticks;

pub use background::{is_panicking, start};
