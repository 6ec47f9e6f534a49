//! The sweep of one local store, on the schedule of the process. Knows no key.
//!
//! Invariant: while the schedule is locked no store is locked, and the other way round.

use std::sync::Weak;

use super::store::Store;
use crate::platform::thread::schedule::{self, Task};

/// A sweep of one store that is to come. A store counts only the one with its newest ticket.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// Whose entries; a store that is gone needs no sweep.
    pub store: Weak<Store>,
    /// Which of its sweeps.
    pub ticket: u64,
    /// When.
    pub due_us: u64,
}

// A defect that panics ends this store's sweeps, in which expiry stays exact.
impl Task for Sweep {
    fn run(&mut self) -> Option<u64> {
        *self = self.store.upgrade()?.sweep(self.ticket)?;
        Some(self.due_us)
    }

    fn is_void(&self) -> bool {
        self.store.strong_count() == 0
    }
}

/// Puts a sweep on the schedule; `false` when there is no thread to be had for it.
pub(super) fn enrol(sweep: Sweep) -> bool {
    schedule::enrol(sweep.due_us, Box::new(sweep))
}

/// Says that a sweep does not count any more: its store has another ticket, or is gone.
pub(super) fn dismiss() {
    schedule::dismiss();
}
