//! What the operating system gives: a clock, a thread, memory. Knows no store.
//!
//! Nothing outside this folder reads time or starts a thread.

pub mod boot;
pub mod byte_lock;
pub mod clock;
pub mod draft;
#[cfg(unix)]
pub mod mapping;
mod memory;
pub mod park;
#[cfg(unix)]
pub mod private_file;
pub mod random;
pub mod reservation;
pub mod thread;
