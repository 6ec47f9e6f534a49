//! What the operating system gives: a clock and a thread. Knows no store.
//!
//! Nothing outside this folder reads time or starts a thread.

pub mod clock;
pub mod thread;
