//! The lock between a step of a sweep and the last participant that leaves a file. Knows no store.
//!
//! A step holds it while it looks whether the store is open, and so does whoever leaves a file for
//! good, once nobody has it open: nothing changes in a file that was left as whole.

use parking_lot::Mutex;

pub(super) static SHUTDOWN: Mutex<()> = Mutex::new(());
