//! Removes what is gone from shared stores, on the schedule of the process. Knows no entry.
//!
//! Expiry is exact without it; it gives memory back. Its task is on the schedule from the first
//! store on until there is none. It holds a store for a step of a sweep at a time, so that sweeps
//! of others come in between, and never while it waits.

use parking_lot::Mutex;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::Arc;

use super::shutdown::SHUTDOWN;
use super::stores;
use crate::engine::NO_THREAD;
use crate::engine::participant::Participant;
use crate::engine::store::Engine;
use crate::engine::tags::Purge;
use crate::platform::clock::{Clock, Monotonic};
use crate::platform::thread::schedule::{self, Task};

/// Between two rounds.
const PERIOD_US: u64 = 1_000_000;
/// For so long a lease keeps others from sweeping: less than a period.
const LEASE_US: u64 = 700_000;
/// Entries that are removed in one step.
const STEP_ENTRIES: usize = 256;
/// Steps of a round in one store: the rest is for the next round.
const ROUND_STEPS: usize = 4096;

/// Whether the task is on the schedule.
static IS_ENROLLED: Mutex<bool> = Mutex::new(false);

/// Sees to it that stores are swept. Without a thread to be had, only memory waits for longer.
pub(super) fn start() {
    let mut is_enrolled = IS_ENROLLED.lock();
    if !*is_enrolled {
        let due_us = Monotonic.now_us() + PERIOD_US;
        *is_enrolled = schedule::enrol(due_us, Box::new(Sweeper { round: None }));
    }
}

/// Rounds through all stores that are open, one after another.
struct Sweeper {
    round: Option<Round>,
}

/// What is left of a round.
struct Round {
    to_come: Vec<(u64, Arc<Engine>)>,
    current: Option<Swept>,
}

/// The store that is being swept.
struct Swept {
    number: u64,
    participant: Participant,
    purge: Purge,
    steps: usize,
}

impl Task for Sweeper {
    fn run(&mut self) -> Option<u64> {
        if self.round.is_none() {
            let mut is_enrolled = IS_ENROLLED.lock();
            let to_come = stores::engines();
            if to_come.is_empty() {
                // Who opens a store from now on waits for this lock, and starts again.
                *is_enrolled = false;
                return None;
            }
            self.round = Some(Round { to_come, current: None });
        }
        // A defect that panics ends this round, not the sweeps.
        let step = catch_unwind(AssertUnwindSafe(|| self.round.as_mut().is_some_and(Round::step)));
        if matches!(step, Ok(true)) {
            return Some(Monotonic.now_us());
        }
        self.round = None;
        Some(Monotonic.now_us() + PERIOD_US)
    }

    fn is_void(&self) -> bool {
        false
    }
}

impl Round {
    /// Does a step; whether there is another.
    fn step(&mut self) -> bool {
        if self.current.is_none() {
            let Some((number, engine)) = self.to_come.pop() else { return false };
            self.current = Swept::of(number, &engine);
        }
        if self.current.as_mut().is_some_and(|swept| !swept.step()) {
            self.current = None;
        }
        self.current.is_some() || !self.to_come.is_empty()
    }
}

impl Swept {
    fn of(number: u64, engine: &Arc<Engine>) -> Option<Self> {
        // Of a store that processes share, one of them sweeps.
        if !engine.takes_sweep_lease(LEASE_US, &Monotonic) {
            return None;
        }
        let participant = engine.join(process::id(), NO_THREAD).ok()?;
        Some(Self { number, participant, purge: Purge::default(), steps: 0 })
    }

    /// Removes some of what has expired; whether there may be more.
    fn step(&mut self) -> bool {
        let _shutdown = SHUTDOWN.lock();
        if !stores::is_open(self.number) {
            return false;
        }
        self.steps += 1;
        // What fails is for the next round.
        let more_purges = self.participant.purge(&mut self.purge).unwrap_or(false);
        let swept = self.participant.sweep(STEP_ENTRIES, &Monotonic);
        self.steps < ROUND_STEPS && (more_purges || swept.is_ok_and(|swept| swept.more))
    }
}
