//! The workers of a round as their parent sees them: born, stopped, killed, buried.
//!
//! Invariant: what belongs to a worker is given to another only after the system said that it has
//! ended, and everybody learns of that from the ledger.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use shared_memory_store::platform::clock::{Clock, Monotonic};

use crate::ledger::{LIVES, Ledger};
use crate::plan::{Death, Random, Round, Scenario};
use crate::system::{self, Child, Signal, Wait};
use crate::worker::death;

/// An operation that takes longer will never end: the store's own limit is 10 s.
const WEDGED_US: u64 = 25_000_000;
const POLL: Duration = Duration::from_micros(300);
/// Deaths of which a key in so many goes to another place.
const MOVES: u64 = 4;

#[derive(Clone, Copy, Debug)]
struct Process {
    id: u32,
    life: usize,
    is_stopped: bool,
}

/// A round that goes on.
pub(crate) struct Arena {
    pub(crate) ledger: &'static Ledger,
    pub(crate) round: Round,
    pub(crate) random: Random,
    pub(crate) file: PathBuf,
    pub(crate) kills: u64,
    pub(crate) problems: Vec<String>,
    ledger_path: PathBuf,
    processes: Vec<Option<Process>>,
    lives: usize,
    began_us: u64,
}

impl Arena {
    /// Begins a round: makes its ledger, and starts its workers.
    pub(crate) fn start(round: Round, folder: &Path, ledger_path: PathBuf) -> Self {
        let ledger = Ledger::create(&ledger_path, &round);
        let mut arena = Self {
            ledger,
            round,
            random: Random::of(&[round.seed, u64::MAX]),
            file: folder.join("chaos.store"),
            kills: 0,
            problems: Vec::new(),
            ledger_path,
            processes: vec![None; round.workers],
            lives: 0,
            began_us: Monotonic.now_us(),
        };
        for key in &ledger.keys[..round.keys] {
            let writers = round.workers.min(round.readers_from);
            key.writer.store(arena.random.index(writers) as u64, SeqCst);
        }
        (0..round.workers).for_each(|place| arena.spawn(place));
        arena
    }

    #[expect(clippy::zombie_processes, reason = "`reap` waits for them, by their numbers")]
    fn spawn(&mut self, place: usize) {
        self.lives += 1;
        if self.lives >= LIVES {
            return;
        }
        let row = &self.ledger.workers[place];
        let arm = match self.round.death {
            Death::AtPoint => {
                // The index only grows, so it is split while the store is new.
                let is_new = self.lives <= 3 * self.round.workers;
                death::choose(&mut self.random, is_new)
            }
            Death::StopAtPoint if self.may_stop(place) => death::choose(&mut self.random, false),
            _ => [0; 3],
        };
        row.arm.iter().zip(arm).for_each(|(word, value)| word.store(value, SeqCst));
        row.born_us.store(Monotonic.now_us(), SeqCst);
        row.busy_since_us.store(Monotonic.now_us(), SeqCst);
        let program = env::current_exe().expect("this program has a path");
        let mut command = Command::new(program);
        command.arg("worker").arg(&self.ledger_path).arg(&self.file);
        command.arg(place.to_string()).arg(self.lives.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().expect("the system has room for a process");
        self.processes[place] =
            Some(Process { id: child.id(), life: self.lives, is_stopped: false });
    }

    /// How long the round has lasted.
    pub(crate) fn age_us(&self) -> u64 {
        Monotonic.now_us() - self.began_us
    }

    /// Whether a place's worker stops by itself: of those who hold for long there is one.
    fn may_stop(&self, place: usize) -> bool {
        place < self.round.readers_from && (self.round.scenario != Scenario::Hold || place == 0)
    }

    /// Whether each place had a worker that has the store open.
    pub(crate) fn have_all_come(&self) -> bool {
        let workers = self.ledger.workers.iter().take(self.round.workers);
        workers.map(|row| row.operations.load(SeqCst)).all(|operations| operations > 0)
    }

    /// Places whose workers are stopped.
    pub(crate) fn stopped(&self) -> Vec<usize> {
        let is_stopped = |place: &usize| self.processes[*place].is_some_and(|p| p.is_stopped);
        (0..self.processes.len()).filter(is_stopped).collect()
    }

    /// Places whose workers run.
    pub(crate) fn running(&self) -> Vec<usize> {
        let is_running = |place: &usize| self.processes[*place].is_some_and(|p| !p.is_stopped);
        (0..self.processes.len()).filter(is_running).collect()
    }

    /// A place whose worker runs; `None` when there is none.
    pub(crate) fn any(&mut self) -> Option<usize> {
        let running = self.running();
        (!running.is_empty()).then(|| self.random.pick(&running))
    }

    /// Stops a worker between two instructions. `false` when it has ended instead.
    pub(crate) fn stop(&mut self, place: usize) -> bool {
        let Some(process) = &mut self.processes[place] else { return false };
        if process.is_stopped {
            return true;
        }
        system::send(process.id, Signal::Stop);
        let state = system::state_of(process.id, Wait::Yes);
        process.is_stopped = state == Child::Stopped;
        if !process.is_stopped {
            self.ended(place, state);
        }
        state == Child::Stopped
    }

    /// Lets a stopped worker go on.
    pub(crate) fn resume(&mut self, place: usize) {
        if let Some(process) = &mut self.processes[place] {
            // What it was at takes as long as it runs.
            self.ledger.workers[place].busy_since_us.store(Monotonic.now_us(), SeqCst);
            system::send(process.id, Signal::Continue);
            process.is_stopped = false;
        }
    }

    /// Locks of shards that a stopped worker holds.
    pub(crate) fn held(&self, place: usize) -> u64 {
        self.processes[place].map_or(0, |process| death::held_by(process.id, &self.file))
    }

    /// Kills a worker, and puts another in its place.
    pub(crate) fn kill(&mut self, place: usize) {
        if self.round.death != Death::Sudden {
            if !self.stop(place) {
                return;
            }
            let held = self.held(place);
            let age_us = Monotonic.now_us() - self.ledger.workers[place].born_us.load(SeqCst);
            self.ledger.note_holder(held, age_us);
        }
        let Some(process) = self.processes[place] else { return };
        system::send(process.id, Signal::Kill);
        let state = system::state_of(process.id, Wait::Yes);
        self.ended(place, state);
    }

    /// Learns who has ended.
    pub(crate) fn reap(&mut self) {
        for place in 0..self.processes.len() {
            let Some(process) = self.processes[place] else { continue };
            match system::state_of(process.id, Wait::No) {
                Child::Running => self.watch(place, process),
                Child::Stopped => {
                    self.processes[place] = Some(Process { is_stopped: true, ..process });
                }
                state => self.ended(place, state),
            }
        }
    }

    fn watch(&mut self, place: usize, process: Process) {
        let since_us = self.ledger.workers[place].busy_since_us.load(SeqCst);
        let for_us = Monotonic.now_us().saturating_sub(since_us);
        if since_us != 0 && for_us > WEDGED_US && !process.is_stopped {
            let stack = std::fs::read_to_string(format!("/proc/{}/wchan", process.id));
            let stack = stack.unwrap_or_default();
            self.problems.push(format!("worker {place} is wedged for {for_us} µs in {stack}"));
            system::send(process.id, Signal::Kill);
        }
    }

    fn ended(&mut self, place: usize, state: Child) {
        let Some(process) = self.processes[place].take() else { return };
        self.ledger.bury(process.life);
        match state {
            Child::Died => self.kills += 1,
            Child::Exited(0) if self.ledger.is_over() || self.round.is_damaged() => return,
            state => {
                self.problems.push(format!("worker {place}, life {}: {state:?}", process.life));
                return;
            }
        }
        if self.ledger.is_over() {
            return;
        }
        self.hand_over(place);
        self.spawn(place);
    }

    /// Gives some keys of the dead to others.
    fn hand_over(&mut self, place: usize) {
        let writers = self.round.workers.min(self.round.readers_from);
        for key in &self.ledger.keys[..self.round.keys] {
            if key.writer.load(SeqCst) == place as u64 && self.random.is_one_in(MOVES) {
                key.writer.store(self.random.index(writers) as u64, SeqCst);
            }
        }
    }

    /// Lets all workers end, and waits for them.
    pub(crate) fn finish(&mut self) {
        self.ledger.stop.store(1, SeqCst);
        // Ends: who is wedged is killed.
        while self.processes.iter().any(Option::is_some) {
            self.stopped().into_iter().for_each(|place| self.resume(place));
            self.reap();
            thread::sleep(POLL);
        }
    }

    /// Runs another part of this program on the ledger and the file. `Err` when it complains.
    pub(crate) fn ask(&mut self, part: &str) -> Result<String, String> {
        let program = env::current_exe().expect("this program has a path");
        let mut command = Command::new(program);
        command.arg(part).arg(&self.ledger_path).arg(&self.file);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("the system has room for a process");
        let until_us = Monotonic.now_us() + 2 * WEDGED_US;
        while matches!(child.try_wait(), Ok(None)) {
            if Monotonic.now_us() > until_us {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{part} is wedged"));
            }
            thread::sleep(POLL);
        }
        let output = child.wait_with_output().map_err(|error| format!("{part}: {error}"))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(format!("{part}: {}", output.status))
        }
    }
}
