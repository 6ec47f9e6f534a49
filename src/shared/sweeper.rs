//! The one thread of the process that removes what is due from shared stores. Knows no entry.
//!
//! Expiry is exact without it; it gives memory back. It starts with the first store and ends when
//! there is none. It holds a store for a part of a sweep at a time, and never while it waits.

use parking_lot::{Condvar, Mutex};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::time::Duration;

use super::registry;
use super::turn::TURN;
use crate::engine::NO_THREAD;
use crate::platform::clock::Monotonic;
use crate::platform::thread;

/// Between two rounds.
const PERIOD: Duration = Duration::from_secs(1);
/// For so long a turn keeps others from sweeping: less than a period.
const TURN_US: u64 = 700_000;
/// Entries that are removed in one step.
const STEP_ENTRIES: usize = 256;
/// Steps of a round in one store: the rest is for the next round.
const ROUND_STEPS: usize = 4096;

static IS_RUNNING: Mutex<bool> = Mutex::new(false);
static NEVER: Condvar = Condvar::new();

/// Sees to it that the thread runs. Without a thread to be had, only memory waits for longer.
pub(super) fn start() {
    let mut is_running = IS_RUNNING.lock();
    if !*is_running {
        *is_running = thread::start("shared-sweeper", run);
    }
}

fn run() {
    loop {
        let mut is_running = IS_RUNNING.lock();
        NEVER.wait_for(&mut is_running, PERIOD);
        if registry::engines().is_empty() {
            // Who opens a store from now on waits for this lock, and starts another thread.
            *is_running = false;
            return;
        }
        drop(is_running);
        // A defect that panics ends this round, not the thread.
        let _ = catch_unwind(AssertUnwindSafe(sweep));
    }
}

fn sweep() {
    for (number, engine) in registry::engines() {
        let Ok(participant) = engine.join(process::id(), NO_THREAD) else { continue };
        // Of a store that processes share, one of them sweeps.
        if !participant.takes_turn(TURN_US, &Monotonic) {
            continue;
        }
        for _ in 0..ROUND_STEPS {
            let _turn = TURN.lock();
            let step = || participant.sweep(STEP_ENTRIES, &Monotonic);
            if !registry::is_open(number) || !step().is_ok_and(|swept| swept.more) {
                break;
            }
        }
    }
}
