//! What the operating system gives: a clock, a thread, memory. Knows no store.
//!
//! Nothing outside this folder reads time or starts a thread.

pub mod clock;
mod memory;
pub mod park;
pub mod reservation;
pub mod thread;
