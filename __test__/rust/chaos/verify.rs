//! After a round: a newcomer joins, and compares all there is with the ledger.

use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering::SeqCst;

use shared_memory_store::engine::entry::Key;
use shared_memory_store::engine::{Batch, Claim, START, Want};
use shared_memory_store::platform::clock::Monotonic;

use crate::history::Judge;
use crate::ledger::{Ledger, Sum};
use crate::plan::{Death, Round, SHARED};
use crate::store::{Store, key_of, sound};
use crate::worker::claims::{lock_name, own_name, settle, shared_name};
use crate::worker::{Outcome, VIOLATION};

/// What the dead may have held: they are found out at once.
const LIMIT_US: u64 = 1_000_000;
const STEP: usize = 500;
/// Deaths between the taking of a lock from the dead and its count: a few instructions.
const UNCOUNTED_IN: u64 = 500;

/// Verifies the store of a round: ledger, file. Prints the locks taken from the dead.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let [ledger, file] = arguments else { return ExitCode::FAILURE };
    let ledger = Ledger::open(Path::new(ledger));
    match Verifier::open(ledger, Path::new(file)).and_then(|verifier| verifier.all()) {
        Ok(locks_recovered) => {
            tell(&locks_recovered.to_string());
            ExitCode::SUCCESS
        }
        Err(what) => {
            complain(&what);
            ExitCode::from(VIOLATION)
        }
    }
}

/// Opens what is left of a damaged file: a store or an error, but no crash. Ledger, file.
pub(crate) fn probe(arguments: &[String]) -> ExitCode {
    let [ledger, file] = arguments else { return ExitCode::FAILURE };
    let round = Ledger::open(Path::new(ledger)).round();
    let came = match Store::open(Path::new(file), &round) {
        Err(error) => format!("{error:?}"),
        Ok(store) => {
            let came = (0..round.keys).try_for_each(|key| store.read(key, round.seed).map(drop));
            let written = store.add("after", 1);
            format!("a store: {came:?} {written:?}")
        }
    };
    tell(&came);
    ExitCode::SUCCESS
}

/// Opens the name of a file that lost it: a new, empty store. Ledger, file.
pub(crate) fn anew(arguments: &[String]) -> ExitCode {
    let [ledger, file] = arguments else { return ExitCode::FAILURE };
    let round = Ledger::open(Path::new(ledger)).round();
    let length = Store::open(Path::new(file), &round).and_then(|s| s.who().len(&Monotonic));
    if length == Ok(0) {
        return ExitCode::SUCCESS;
    }
    complain(&format!("the new store has {length:?} entries"));
    ExitCode::from(VIOLATION)
}

#[expect(clippy::print_stdout, reason = "its answer")]
fn tell(what: &str) {
    println!("{what}");
}

#[expect(clippy::print_stderr, reason = "its complaint")]
fn complain(what: &str) {
    eprintln!("afterwards: {what}");
}

struct Verifier {
    ledger: &'static Ledger,
    round: Round,
    judge: Judge,
    store: Store,
}

impl Verifier {
    fn open(ledger: &'static Ledger, file: &Path) -> Result<Self, String> {
        let round = ledger.round();
        let store = Store::open(file, &round).map_err(|error| format!("open: {error:?}"))?;
        Ok(Self { ledger, round, judge: Judge { ledger, round }, store })
    }

    /// Everything. Answers how many locks were taken from the dead.
    fn all(&self) -> Result<u64, String> {
        self.audit()?;
        self.keys()?;
        self.walk()?;
        if self.round.keeps() {
            self.counters()?;
        }
        self.claims()?;
        // Looking has made everything whole: still so.
        self.audit()?;
        self.locks_recovered()
    }

    fn audit(&self) -> Outcome {
        self.store.who().audit().map_err(|finding| format!("audit: {finding}"))
    }

    fn keys(&self) -> Outcome {
        for key in 0..self.round.keys {
            let before = self.judge.before(key);
            let seen = self.store.read(key, self.round.seed);
            self.judge.judge(key, before, seen.map_err(|error| format!("get: {error:?}"))?)?;
        }
        Ok(())
    }

    /// Each entry once, and as many as the store counts.
    fn walk(&self) -> Outcome {
        let who = self.store.who();
        let (mut met, mut batch, mut cursor) = (HashSet::new(), Batch::default(), START);
        let counted = who.len(&Monotonic).map_err(|error| format!("len: {error:?}"))?;
        loop {
            let next = who.scan(cursor, STEP, Want::Values, &Monotonic, &mut batch);
            cursor = next.map_err(|error| format!("scan: {error:?}"))?;
            for listed in batch.entries() {
                let name = batch.key(listed).to_vec();
                let key = key_of(&name).filter(|key| *key < self.round.keys);
                let is_whole = key
                    .is_none_or(|key| sound(key, self.round.seed, batch.value(listed)).is_some());
                if !is_whole {
                    return Err(format!("the walk met a torn value of {key:?}"));
                }
                let text = String::from_utf8_lossy(&name).into_owned();
                if key.is_none() && !text.contains("counter") {
                    return Err(format!("the walk met {text:?}, which nobody set"));
                }
                if !met.insert(name) {
                    return Err(format!("the walk met {text:?} twice"));
                }
            }
            if cursor == START {
                break;
            }
        }
        // Some may have been due in between.
        let is_right = met.len() as u64 <= counted;
        let after = who.len(&Monotonic).map_err(|error| format!("len: {error:?}"))?;
        if is_right && met.len() as u64 >= after {
            Ok(())
        } else {
            Err(format!("{} entries are there, {counted} and {after} counted", met.len()))
        }
    }

    fn counters(&self) -> Outcome {
        let workers = &self.ledger.workers[..self.round.workers];
        for (place, worker) in workers.iter().enumerate() {
            settle(&worker.own, self.number(&own_name(place))?)
                .map_err(|what| format!("own counter of {place}: {what}"))?;
        }
        for counter in 0..SHARED {
            let sum = |part: fn(&Sum) -> u64| -> u64 {
                workers.iter().map(|worker| part(&worker.shared[counter])).sum()
            };
            let done = sum(|sum| sum.acknowledged.load(SeqCst));
            let meant = sum(|sum| sum.intended.load(SeqCst));
            let value = self.number(&shared_name(counter))?;
            if value < done || value > meant {
                return Err(format!("counter {counter} is {value}, not {done} to {meant}"));
            }
        }
        Ok(())
    }

    fn number(&self, name: &str) -> Result<u64, String> {
        self.store.number(name).map_err(|error| format!("get: {error:?}"))
    }

    /// Whatever the dead had claimed is free.
    fn claims(&self) -> Outcome {
        let who = self.store.who();
        for number in 0..SHARED {
            let name = lock_name(number);
            let locked = who.lock_key(Key::narrow(name.as_bytes()), LIMIT_US, &Monotonic);
            if locked != Ok(Claim::Won) {
                return Err(format!("{name} is not free: {locked:?}"));
            }
            let name = format!("load {number}");
            let won = who.claim_load(Key::narrow(name.as_bytes()));
            if won != Ok(Claim::Won) {
                return Err(format!("{name} is not free: {won:?}"));
            }
        }
        Ok(())
    }

    /// As many locks were taken from the dead as they held.
    fn locks_recovered(&self) -> Result<u64, String> {
        let stats = self.store.who().stats().map_err(|error| format!("stats: {error:?}"))?;
        let held = self.ledger.held.load(SeqCst);
        let uncertain = self.ledger.uncertain.load(SeqCst);
        let uncounted = match self.round.death {
            Death::AtPoint => 0,
            Death::Counted | Death::StopAtPoint => 1 + held / UNCOUNTED_IN,
            Death::Sudden | Death::Never => return Ok(stats.locks_recovered),
        };
        let (least, most) = (held.saturating_sub(uncertain + uncounted), held + uncertain);
        if (least..=most).contains(&stats.locks_recovered) {
            Ok(stats.locks_recovered)
        } else {
            Err(format!("{} locks taken from the dead, who held {held}", stats.locks_recovered))
        }
    }
}
