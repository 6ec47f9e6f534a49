//! Tasks by the time at which they are due, and the one thread that runs them. Knows no store.
//!
//! The thread starts with the first task that is put on the schedule and ends with the last.
//! Invariant: while the schedule is locked no task runs, is asked or is dropped but by whoever has
//! locked it, and a task runs with nothing locked: it may lock what it likes.

use parking_lot::{Condvar, Mutex};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::background;
use crate::platform::clock::{Clock, Monotonic};

/// Something to do in the background: a short piece of it at a time, since others wait meanwhile.
pub trait Task: Send {
    /// Does a piece of it; when the next one is due, if there is more to do. A task that panics is
    /// dropped, and others go on.
    fn run(&mut self) -> Option<u64>;

    /// Whether nothing is left to be done, though it is still on the schedule.
    fn is_void(&self) -> bool;
}

struct Scheduled {
    due_us: u64,
    task: Box<dyn Task>,
}

// The earliest is the greatest, as the heap wants it.
impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> Ordering {
        other.due_us.cmp(&self.due_us)
    }
}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Scheduled {}

struct Schedule {
    tasks: BinaryHeap<Scheduled>,
    /// How many of them were dismissed since the void ones were thrown out.
    dismissed: usize,
    is_running: bool,
}

static SCHEDULE: Mutex<Schedule> =
    Mutex::new(Schedule { tasks: BinaryHeap::new(), dismissed: 0, is_running: false });
static CHANGED: Condvar = Condvar::new();

/// Puts a task on the schedule; `false` when there is no thread to be had for it.
pub fn enrol(due_us: u64, task: Box<dyn Task>) -> bool {
    let mut schedule = SCHEDULE.lock();
    if !schedule.is_running {
        schedule.is_running = background::start("store-sweeper", run);
    }
    if schedule.is_running {
        schedule.tasks.push(Scheduled { due_us, task });
        CHANGED.notify_one();
    }
    schedule.is_running
}

/// Says that a task is void. It stays on the schedule until it is due, or until the void ones are
/// the most.
pub fn dismiss() {
    let mut schedule = SCHEDULE.lock();
    schedule.dismissed += 1;
    if schedule.dismissed * 2 > schedule.tasks.len() {
        schedule.dismissed = 0;
        schedule.tasks.retain(|scheduled| !scheduled.task.is_void());
        CHANGED.notify_one();
    }
}

fn run() {
    while let Some(due) = wait_for_due() {
        let next: Vec<Scheduled> = due.into_iter().filter_map(perform).collect();
        SCHEDULE.lock().tasks.extend(next);
    }
}

/// What is due, once something is; `None` when the schedule is empty and the thread may end.
fn wait_for_due() -> Option<Vec<Scheduled>> {
    let mut schedule = SCHEDULE.lock();
    loop {
        let now_us = Monotonic.now_us();
        let Some(next_us) = schedule.tasks.peek().map(|scheduled| scheduled.due_us) else {
            schedule.is_running = false;
            return None;
        };
        if next_us <= now_us {
            let mut due = Vec::new();
            while schedule.tasks.peek().is_some_and(|scheduled| scheduled.due_us <= now_us) {
                due.extend(schedule.tasks.pop());
            }
            return Some(due);
        }
        CHANGED.wait_for(&mut schedule, Duration::from_micros(next_us - now_us));
    }
}

/// Does a piece of a task; what is left of it.
fn perform(mut scheduled: Scheduled) -> Option<Scheduled> {
    let next_us = catch_unwind(AssertUnwindSafe(|| scheduled.task.run())).ok().flatten();
    next_us.map(|due_us| Scheduled { due_us, ..scheduled })
}
