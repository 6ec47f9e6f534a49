//! Background threads, and what one of them is to do when. Knows no store.
//!
//! - [`background`]: a thread that nobody waits for;
//! - [`schedule`]: tasks by the time at which they are due, for one such thread.

mod background;
pub mod schedule;

pub use background::{is_panicking, start};
