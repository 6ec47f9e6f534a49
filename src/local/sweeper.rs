//! The one thread of the process that unlinks what is due, for every store. Knows no key.
//!
//! It starts with the first sweep that is scheduled and ends with the last. Invariant: while the
//! schedule is locked no store is locked, and the other way round.

use parking_lot::{Condvar, Mutex};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
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

// The earliest is the greatest, as the heap wants it.
impl Ord for Sweep {
    fn cmp(&self, other: &Self) -> Ordering {
        other.due_us.cmp(&self.due_us)
    }
}

impl PartialOrd for Sweep {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Sweep {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Sweep {}

#[derive(Debug)]
struct Schedule {
    sweeps: BinaryHeap<Sweep>,
    /// How many of them were dismissed since those of dead stores were thrown out.
    dismissed: usize,
    is_running: bool,
}

static SCHEDULE: Mutex<Schedule> =
    Mutex::new(Schedule { sweeps: BinaryHeap::new(), dismissed: 0, is_running: false });
static CHANGED: Condvar = Condvar::new();

/// Puts a sweep on the schedule; `false` when there is no thread to be had for it.
pub(super) fn enrol(sweep: Sweep) -> bool {
    let mut schedule = SCHEDULE.lock();
    if !schedule.is_running {
        schedule.is_running = thread::start("store-sweeper", run);
    }
    if schedule.is_running {
        schedule.sweeps.push(sweep);
        CHANGED.notify_one();
    }
    schedule.is_running
}

/// Says that a sweep does not count any more: its store has another ticket, or is gone. It stays
/// on the schedule until it is due, or until the dismissed are the most.
pub(super) fn dismiss() {
    let mut schedule = SCHEDULE.lock();
    schedule.dismissed += 1;
    if schedule.dismissed * 2 > schedule.sweeps.len() {
        schedule.dismissed = 0;
        schedule.sweeps.retain(|sweep| sweep.store.strong_count() > 0);
        CHANGED.notify_one();
    }
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
        let Some(next_us) = schedule.sweeps.peek().map(|sweep| sweep.due_us) else {
            schedule.is_running = false;
            return None;
        };
        if next_us <= now_us {
            let mut due = Vec::new();
            while schedule.sweeps.peek().is_some_and(|sweep| sweep.due_us <= now_us) {
                due.extend(schedule.sweeps.pop());
            }
            return Some(due);
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
