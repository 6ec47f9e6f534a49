//! A worker: a process that does random things to the store, until it dies or is told to stop.
//!
//! Everything it does it writes into the ledger first; everything it learns it has judged.

pub(crate) mod claims;
pub(crate) mod death;
mod watching;
mod writes;

use std::mem;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use shared_memory_store::engine::entry::{Key, NEVER_US};
use shared_memory_store::engine::participant::Participant;
use shared_memory_store::engine::tags::Purge;
use shared_memory_store::engine::{Batch, START, Want};
use shared_memory_store::error::Error;
use shared_memory_store::platform::clock::{Clock, Monotonic};

use self::death::Passed;
use self::watching::Watch;
use self::writes::Writer;
use crate::history::Judge;
use crate::ledger::{Ledger, WorkerRow};
use crate::plan::{Random, Round, Scenario, WORKERS};
use crate::store::{Seen, Store, key_of, sound};
use crate::system;

/// What ends a worker: a defect, or nothing to complain of.
pub(crate) type Outcome = Result<(), String>;

/// Exit codes that the orchestrator understands.
pub(crate) const VIOLATION: u8 = 3;

/// A worker at its place.
pub(crate) struct Worker {
    pub(crate) ledger: &'static Ledger,
    pub(crate) round: Round,
    pub(crate) judge: Judge,
    pub(crate) store: Store,
    pub(crate) place: usize,
    pub(crate) life: u64,
    pub(crate) random: Random,
    /// A watch of the changes of the store.
    pub(crate) watch: Option<Watch>,
    /// Messages that this life has tried to publish.
    pub(crate) attempts: u64,
    file: PathBuf,
    batch: Batch,
    purge: Purge,
    passed: Passed,
    deaths_seen: u64,
}

/// Opens that may be refused in a row, where refusals are allowed.
const OPENS: u32 = 200;
const OPEN_PAUSE: Duration = Duration::from_millis(5);
/// Entries of one step of a walk, and of one sweep.
const STEP: usize = 100;

/// Those who only read leave the processors to others, after so many of 1,000 reads.
const READER_RESTS: u64 = 20;
const SWEEPS_AT_REST: u64 = 200;
const READER_REST: Duration = Duration::from_micros(500);

/// Of 1,000 turns, those to read changes or to publish.
const TURNS: u64 = 80;

/// Others clear the store so rarely, of the times they might.
const CLEARS: u64 = 50;

/// Runs a worker: ledger, store, place, life.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    system::follow_parent();
    let [ledger, file, place, life] = arguments else { return ExitCode::FAILURE };
    let ledger = Ledger::open(Path::new(ledger));
    let (Ok(place), Ok(life)) = (place.parse(), life.parse()) else { return ExitCode::FAILURE };
    match live(ledger, Path::new(file), place, life) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            ledger.violations.fetch_add(1, SeqCst);
            report(&format!("worker {place}, life {life}: {what}"));
            ExitCode::from(VIOLATION)
        }
    }
}

#[expect(clippy::print_stderr, reason = "a worker tells what it found before it ends")]
fn report(what: &str) {
    eprintln!("{what}");
}

fn live(ledger: &'static Ledger, file: &Path, place: usize, life: u64) -> Outcome {
    let round = ledger.round();
    let row = &ledger.workers[place];
    row.busy_since_us.store(Monotonic.now_us(), SeqCst);
    let passed = death::arm(ledger, place, file.to_path_buf());
    let store = open(file, &round)?;
    let judge = Judge { ledger, round };
    let random = Random::of(&[round.seed, place as u64, life]);
    let (batch, file) = (Batch::default(), file.to_path_buf());
    let deaths_seen = ledger.holder_deaths.load(SeqCst);
    let mut worker = Worker {
        ledger,
        round,
        judge,
        store,
        place,
        life,
        random,
        watch: None,
        attempts: 0,
        file,
        batch,
        purge: Purge::default(),
        passed,
        deaths_seen,
    };
    let mut writer = Writer::new();
    if round.keeps() && !round.is_damaged() {
        claims::settle_own(&worker)?;
    }
    while !ledger.is_over() {
        system::WALL_JUMP_S.store(ledger.wall_jump_s.load(SeqCst), SeqCst);
        worker.operation(&mut writer, row)?;
    }
    row.busy_since_us.store(0, SeqCst);
    Ok(())
}

fn open(file: &Path, round: &Round) -> Result<Store, String> {
    for _ in 0..OPENS {
        match Store::open(file, round) {
            Ok(store) => return Ok(store),
            // Of a damaged file that is an answer.
            Err(_) if round.is_damaged() => thread::sleep(OPEN_PAUSE),
            // So it is where somebody who lives holds what is needed.
            Err(Error::Busy) if round.scenario == Scenario::Hold => thread::sleep(OPEN_PAUSE),
            Err(error) => return Err(format!("open: {error:?}")),
        }
    }
    // What is damaged may stay so.
    std::process::exit(0)
}

impl Worker {
    fn operation(&mut self, writer: &mut Writer, row: &WorkerRow) -> Outcome {
        let started_us = Monotonic.now_us();
        row.busy_since_us.store(started_us, SeqCst);
        let done = self.choose(writer);
        let ended_us = Monotonic.now_us();
        row.busy_since_us.store(0, SeqCst);
        row.operations.fetch_add(1, SeqCst);
        self.measure(started_us, ended_us);
        if self.round.scenario == Scenario::Hold
            && done.as_ref().is_err_and(|what| what.ends_with("Busy"))
        {
            // Somebody who lives holds what was needed: to be told so is right.
            row.refused.fetch_add(1, SeqCst);
            return Ok(());
        }
        if self.round.is_damaged() && done.is_err() {
            // A damaged store answers what it likes; who is told so opens it anew.
            row.corrupted.fetch_add(1, SeqCst);
            self.watch = None;
            self.store = open(&self.file, &self.round)?;
            return Ok(());
        }
        done
    }

    fn measure(&mut self, started_us: u64, ended_us: u64) {
        self.ledger.operations.note(ended_us - started_us);
        if self.passed.took_over() {
            self.ledger.takeovers.note(ended_us - started_us);
        }
        let deaths = self.ledger.holder_deaths.load(SeqCst);
        if deaths != self.deaths_seen {
            // From the death on, or from the start of what met the lock of the dead.
            let died_us = self.ledger.holder_died_us.load(SeqCst).max(started_us);
            self.ledger.stalls.note(ended_us.saturating_sub(died_us));
            self.deaths_seen = deaths;
        }
    }

    fn choose(&mut self, writer: &mut Writer) -> Outcome {
        let dice = self.random.below(1000);
        if self.ledger.quiet.load(SeqCst) == 1 {
            return self.rest(dice);
        }
        if self.place >= self.round.readers_from {
            if dice < READER_RESTS {
                thread::sleep(READER_REST);
            }
            return self.read_any();
        }
        if self.round.watched && dice < TURNS {
            let is_watcher = self.place.is_multiple_of(2);
            return if is_watcher { watching::watch(self) } else { watching::publish(self) };
        }
        if dice < 420 {
            return self.read_any();
        }
        match dice {
            ..780 => writer.write(self),
            780..800 => Writer::touch(self),
            800..880 if self.round.keeps() => claims::add_shared(self),
            880..920 if self.round.keeps() => claims::add_own(self),
            800..920 => claims::add_fleeting(self),
            920..945 => claims::lock(self),
            945..960 => claims::lead(self),
            960..970 => claims::replace_schema(self),
            970..985 => self.walk(),
            985..993 => self.tolerate(|who| who.sweep(STEP, &Monotonic).map(drop)),
            993..995 => self.purge(),
            995 => self.tolerate(|who| who.len(&Monotonic).map(drop)),
            996 => self.reopen(),
            997 if self.round.resizes => self.resize(),
            998 if self.clears_often() => self.tolerate(|who| {
                who.clear()?;
                // What was cleared is given back to the system.
                who.sweep(STEP, &Monotonic).map(drop)
            }),
            _ => self.read_any(),
        }
    }

    /// While nobody writes: what is free is given back to the system.
    fn rest(&mut self, dice: u64) -> Outcome {
        if dice < SWEEPS_AT_REST {
            return self.tolerate(|who| who.sweep(STEP, &Monotonic).map(drop));
        }
        thread::sleep(READER_REST);
        self.read_any()
    }

    /// Goes on with the removal of what was invalidated.
    fn purge(&mut self) -> Outcome {
        let mut purge = mem::take(&mut self.purge);
        let done = self.tolerate(|who| who.purge(&mut purge).map(drop));
        self.purge = purge;
        done
    }

    /// Whether this is one of those who clear the store, or one of the rare turns of the others.
    fn clears_often(&mut self) -> bool {
        let arm = self.ledger.workers[self.place].arm.each_ref().map(|word| word.load(SeqCst));
        self.round.clears && (death::is_clearing(arm) || self.random.is_one_in(CLEARS))
    }

    fn reopen(&mut self) -> Outcome {
        // Of a name that is another's by now, another store would come.
        if matches!(self.round.scenario, Scenario::Unlink | Scenario::Hold) {
            return Ok(());
        }
        // What has begun in another store goes on in none.
        (self.purge, self.watch) = (Purge::default(), None);
        self.store.reopen(&self.file, &self.round).map_err(|error| format!("reopen: {error:?}"))
    }

    /// Changes how much the store may hold, for all.
    fn resize(&mut self) -> Outcome {
        let limits = self.store.limits();
        let bytes = limits.start() + self.random.below(limits.end() - limits.start() + 1);
        self.tolerate(|who| who.set_max_bytes(bytes, &Monotonic))
    }

    fn tolerate(&self, what: impl FnOnce(&Participant) -> Result<(), Error>) -> Outcome {
        what(self.store.who()).map_err(|error| format!("{error:?}"))
    }

    /// A key, some far more often than others.
    pub(crate) fn any_key(&mut self) -> usize {
        let keys = self.round.keys;
        let keys = if self.random.is_one_in(2) { keys.div_ceil(16) } else { keys };
        self.random.index(keys)
    }

    fn read_any(&mut self) -> Outcome {
        let key = self.any_key();
        self.read(key).map(|_| ())?;
        self.ledger.workers[self.place].reads.fetch_add(1, SeqCst);
        Ok(())
    }

    /// Reads a key, and has it judged.
    pub(crate) fn read(&self, key: usize) -> Result<Seen, String> {
        let before = self.judge.before(key);
        let seen = self.store.read(key, self.round.seed).map_err(|e| format!("get: {e:?}"))?;
        if !self.round.is_damaged() {
            self.judge.judge(key, before, seen)?;
        }
        Ok(seen)
    }

    /// One step of a walk somewhere: what it meets is whole.
    fn walk(&mut self) -> Outcome {
        let who = self.store.who();
        let mut cursor = START;
        for _ in 0..=self.random.index(WORKERS) {
            let next = who.scan(cursor, STEP, Want::Values, &Monotonic, &mut self.batch);
            cursor = next.map_err(|error| format!("scan: {error:?}"))?;
            if !self.round.is_damaged() {
                self.judge_batch()?;
            }
            if cursor == START {
                break;
            }
        }
        Ok(())
    }

    fn judge_batch(&self) -> Outcome {
        for listed in self.batch.entries() {
            let Some(key) = key_of(self.batch.key(listed)) else { continue };
            let value = self.batch.value(listed);
            let Some(sequence) = sound(key, self.round.seed, value) else {
                return Err(format!("key {key}: a walk met {} torn bytes", value.len()));
            };
            if sequence > self.ledger.keys[key].intended.load(SeqCst) {
                return Err(format!("key {key}: a walk met write {sequence}, never begun"));
            }
            if listed.found.deadline_us != NEVER_US && !crate::history::is_timed(key) {
                return Err(format!("key {key}: a walk met a deadline"));
            }
        }
        Ok(())
    }

    /// A narrow key.
    pub(crate) fn key(name: &str) -> Key<'_> {
        Key::narrow(name.as_bytes())
    }
}
