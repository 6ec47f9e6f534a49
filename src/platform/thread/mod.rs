//! The one background thread of the process, and what it is to do when. Knows no store.
//!
//! - [`background`]: a thread that nobody waits for;
//! - [`schedule`]: tasks by the time at which they are due, for one such thread.

mod background;
pub mod schedule;

pub use background::is_panicking;
