//! The sweep of one local store, on the schedule of the process. Knows no key.
//!
//! Invariant: while the schedule is locked no store is locked, and the other way round.

use std::sync::{Arc, Weak};

use super::store::Store;
use crate::platform::thread::schedule::{self, Task};

/// Kept by a store for the sweep that counts: the sweep is void once nobody keeps it.
#[derive(Debug)]
pub struct Ticket {
    /// When the sweep is due.
    pub due_us: u64,
}

/// A sweep of one store that is to come.
#[derive(Debug)]
pub struct Sweep {
    store: Weak<Store>,
    ticket: Weak<Ticket>,
    due_us: u64,
}

impl Sweep {
    /// The sweep of a store that keeps this ticket.
    pub fn of(store: &Arc<Store>, ticket: &Arc<Ticket>) -> Self {
        let due_us = ticket.due_us;
        Self { store: Arc::downgrade(store), ticket: Arc::downgrade(ticket), due_us }
    }

    /// Whether it is the one for which this ticket is kept.
    pub fn has(&self, ticket: &Arc<Ticket>) -> bool {
        self.ticket.as_ptr() == Arc::as_ptr(ticket)
    }
}

// A defect that panics ends this store's sweeps, in which expiry stays exact.
impl Task for Sweep {
    fn run(&mut self) -> Option<u64> {
        *self = self.store.upgrade()?.sweep(self)?;
        Some(self.due_us)
    }

    fn is_void(&self) -> bool {
        self.ticket.strong_count() == 0
    }
}

/// Puts a sweep on the schedule; `false` when there is no thread to be had for it.
pub(super) fn enrol(sweep: Sweep) -> bool {
    schedule::enrol(sweep.due_us, Box::new(sweep))
}

/// Says that a sweep does not count any more: nobody keeps its ticket.
pub(super) fn dismiss() {
    schedule::dismiss();
}
