//! Whose turn it is: the sweeper's, in a store that somebody has open, or that of who leaves one.
//!
//! Held for a step of a sweep, and by whoever leaves a file for good, once nobody has it open any
//! more: so nothing changes in a file that was left as whole. Knows no store.

use parking_lot::Mutex;

pub(super) static TURN: Mutex<()> = Mutex::new(());
