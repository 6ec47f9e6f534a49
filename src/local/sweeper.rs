//! The one thread of the process that unlinks what is due, for every store. Knows no key.
//!
//! It starts with the first sweep that is scheduled and ends with the last. Invariant: while the
//! schedule is locked no store is locked, and the other way round.

use parking_lot::{Condvar, Mutex};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::store::Store;
use crate::platform::clock::{Clock, Monotonic};
use crate::platform::thread;

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

#[derive(Debug)]
struct Schedule {
    sweeps: Vec<Sweep>,
    is_running: bool,
}

static SCHEDULE: Mutex<Schedule> = Mutex::new(Schedule { sweeps: Vec::new(), is_running: false });
static CHANGED: Condvar = Condvar::new();

/// Puts a sweep on the schedule. Without a thread to be had, expiry stays exact all the same,
/// and the next sweep that is enrolled tries again.
pub(super) fn enrol(sweep: Sweep) {
    let mut schedule = SCHEDULE.lock();
    schedule.sweeps.push(sweep);
    if schedule.is_running {
        CHANGED.notify_one();
    } else {
        schedule.is_running = thread::start("store-sweeper", run);
    }
}

/// Takes a sweep off the schedule, if it still is there.
pub(super) fn dismiss(sweep: &Sweep) {
    let mut schedule = SCHEDULE.lock();
    schedule
        .sweeps
        .retain(|other| other.ticket != sweep.ticket || !Weak::ptr_eq(&other.store, &sweep.store));
    CHANGED.notify_one();
}

fn run() {
    while let Some(due) = wait_for_due() {
        let next: Vec<Sweep> = due.iter().filter_map(perform).collect();
        SCHEDULE.lock().sweeps.extend(next);
    }
}

/// What is due, once something is; `None` when the schedule is empty and the thread may end.
fn wait_for_due() -> Option<Vec<Sweep>> {
    let mut schedule = SCHEDULE.lock();
    loop {
        let now_us = Monotonic.now_us();
        let Some(next_us) = schedule.sweeps.iter().map(|sweep| sweep.due_us).min() else {
            schedule.is_running = false;
            return None;
        };
        if next_us <= now_us {
            let is_due = |sweep: &mut Sweep| sweep.due_us <= now_us;
            return Some(schedule.sweeps.extract_if(.., is_due).collect());
        }
        CHANGED.wait_for(&mut schedule, Duration::from_micros(next_us - now_us));
    }
}

/// Performs a sweep; the next one of the same store. A defect that panics ends that store's
/// sweeps, in which expiry stays exact, and not those of the others.
fn perform(sweep: &Sweep) -> Option<Sweep> {
    let store: Arc<Store> = sweep.store.upgrade()?;
    catch_unwind(AssertUnwindSafe(|| store.sweep(sweep.ticket))).ok().flatten()
}
