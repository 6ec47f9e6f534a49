//! The chaos suite: processes share a store, and everything that can go wrong does.
//!
//! This program is all of them: the parent that plays rounds, and the workers it starts. What the
//! store did is judged by a ledger that survives them; `docs/internals/chaos.md` says how.
#![expect(clippy::print_stdout, reason = "a report")]

mod arena;
mod history;
mod ledger;
mod nemesis;
mod plan;
mod report;
mod store;
mod system;
mod verify;
mod worker;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering::SeqCst;
use std::{env, fs, process};

use shared_memory_store::engine::fail_points::Point;
use shared_memory_store::platform::clock::{Clock, Monotonic};

use crate::arena::Arena;
use crate::plan::{Death, Options, Random, Round, Scenario};
use crate::report::{Histogram, object};
use crate::system::SmallDisk;

/// Kills of a round, and its time.
const ROUND_KILLS: u64 = 250;
const ROUND_US: u64 = 4_000_000;
/// Rounds of the shortest form, and of scenarios without kills.
const SHORT_ROUND_US: u64 = 600_000;
/// Time for a scenario without kills, where kills decide.
const CALM_US: u64 = 8_000_000;
/// KiB of the small file system: the tables of the store, and a little more.
const DISK_KIB: [u64; 3] = [2560, 2816, 3584];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("worker") => worker::run(&arguments[1..]),
        Some("verify") => verify::run(&arguments[1..]),
        Some("probe") => verify::probe(&arguments[1..]),
        Some("anew") => verify::anew(&arguments[1..]),
        _ => play(&arguments),
    }
}

fn play(arguments: &[String]) -> ExitCode {
    let any = Random::of(&[Monotonic.now_us(), process::id().into()]).next() >> 20;
    let options = match Options::of(arguments, any) {
        Ok(options) => options,
        Err(what) => {
            println!("{what}");
            return ExitCode::FAILURE;
        }
    };
    println!("chaos: --seed {}", options.seed);
    let base = if Path::new("/dev/shm").is_dir() { "/dev/shm".into() } else { env::temp_dir() };
    let folder = base.join(format!("shared-memory-store-chaos-{}", process::id()));
    let mut suite = Suite { options, folder, figures: Figures::new() };
    let is_sound = suite.run();
    let _ = fs::remove_dir_all(&suite.folder);
    if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All figures of a run.
struct Figures {
    kills: Vec<(String, u64)>,
    operations: u64,
    reads: u64,
    refused: u64,
    /// Changes that watchers were told of, overflows, comparisons.
    watching: [u64; 3],
    held: u64,
    locks_recovered: u64,
    died_at: Vec<u64>,
    died_recovering: Vec<u64>,
    times: [(&'static str, Histogram); 3],
    /// What whoever opened a damaged file was told.
    answers: BTreeMap<String, u64>,
}

impl Figures {
    fn new() -> Self {
        let times = ["operations", "stalls", "takeovers"].map(|name| (name, Histogram::new()));
        let points = Point::ALL.len();
        let (died_at, died_recovering) = (vec![0; points], vec![0; points]);
        Self {
            kills: Vec::new(),
            operations: 0,
            reads: 0,
            refused: 0,
            watching: [0; 3],
            held: 0,
            locks_recovered: 0,
            died_at,
            died_recovering,
            times,
            answers: BTreeMap::new(),
        }
    }

    fn add(&mut self, arena: &Arena) {
        let ledger = arena.ledger;
        for worker in &ledger.workers {
            self.operations += worker.operations.load(SeqCst);
            self.reads += worker.reads.load(SeqCst);
            self.refused += worker.refused.load(SeqCst);
            let more = [&worker.told, &worker.overflows, &worker.compared];
            for (sum, more) in self.watching.iter_mut().zip(more) {
                *sum += more.load(SeqCst);
            }
        }
        self.held += ledger.held.load(SeqCst);
        for (point, sum) in self.died_at.iter_mut().enumerate() {
            *sum += ledger.died_at[point].load(SeqCst);
            self.died_recovering[point] += ledger.died_recovering[point].load(SeqCst);
        }
        if matches!(arena.round.scenario, Scenario::Stop | Scenario::Hold) {
            // There they wait for the living.
            return;
        }
        let times = [&ledger.operations, &ledger.stalls, &ledger.takeovers];
        for ((_, sum), more) in self.times.iter().zip(times) {
            sum.add(more);
        }
    }

    fn all_kills(&self) -> u64 {
        self.kills.iter().map(|(_, kills)| kills).sum()
    }
}

struct Suite {
    options: Options,
    folder: PathBuf,
    figures: Figures,
}

impl Suite {
    fn run(&mut self) -> bool {
        let chosen = self.options.scenario;
        let scenarios = Scenario::ALL.into_iter().filter(|each| chosen.is_none_or(|c| c == *each));
        for scenario in scenarios {
            if !self.scenario(scenario) {
                return false;
            }
        }
        self.report()
    }

    /// Rounds of a scenario, until its kills or its time are over. `false` on a defect.
    fn scenario(&mut self, scenario: Scenario) -> bool {
        let (kill_share, time_share) = match scenario.share() {
            (0, _) if self.options.scenario.is_some() => (0, 100),
            _ if self.options.scenario.is_some() => (100, 100),
            share => share,
        };
        let kills_wanted = self.options.kills * kill_share / 100;
        let limit_us = match self.options.seconds {
            Some(_) if time_share == 0 => return true,
            Some(seconds) => seconds * 1_000_000 * time_share / 100,
            None if scenario.share().0 == 0 => CALM_US,
            None => u64::MAX,
        };
        let (began_us, mut kills, mut rounds) = (Monotonic.now_us(), 0, 0);
        // Ends: each round takes time or kills.
        while Monotonic.now_us() - began_us < limit_us && (kill_share == 0 || kills < kills_wanted)
        {
            let number = self.options.round.unwrap_or(rounds);
            let round = Round::of(self.options.seed, scenario, number);
            let is_short = self.options.seconds.is_some() || round.death == Death::Never;
            let round_us = if is_short { SHORT_ROUND_US } else { ROUND_US };
            match self.round(round, round_us.min(limit_us)) {
                Ok(killed) => kills += killed,
                Err(what) => {
                    println!("{what}\nin {round:?}");
                    let (seed, name) = (self.options.seed, scenario.name());
                    println!("again: --seed {seed} --scenario {name} --round {number}");
                    return false;
                }
            }
            rounds += 1;
            if self.options.round.is_some() && self.options.seconds.is_none() {
                break;
            }
        }
        let took_ms = (Monotonic.now_us() - began_us) / 1000;
        println!("{:>9}: {rounds} rounds, {kills} kills, {took_ms} ms", scenario.name());
        self.figures.kills.push((scenario.name(), kills));
        true
    }

    /// Plays a round. `Err` says what went wrong that should not.
    fn round(&mut self, round: Round, round_us: u64) -> Result<u64, String> {
        let folder = self.folder.join("store");
        let _ = fs::remove_dir_all(&self.folder);
        let made = fs::create_dir_all(&folder).and_then(|()| close_to_others(&folder));
        made.map_err(|error| format!("no folder: {error}"))?;
        let disk = match round.scenario {
            Scenario::Space => {
                let kib = Random::of(&[round.seed]).pick(&DISK_KIB);
                match SmallDisk::mount(&folder, kib) {
                    Ok(disk) => Some(disk),
                    Err(why) => {
                        println!("    space: skipped, for a small file system needs root: {why}");
                        return Ok(0);
                    }
                }
            }
            _ => None,
        };
        let mut arena = Arena::start(round, &folder, self.folder.join("ledger"));
        let until_us = Monotonic.now_us() + round_us;
        while Monotonic.now_us() < until_us && arena.kills < ROUND_KILLS {
            nemesis::strike(&mut arena);
            arena.reap();
            if !arena.problems.is_empty() {
                break;
            }
        }
        arena.finish();
        let checked = if arena.problems.is_empty() { self.verify(&mut arena) } else { Ok(()) };
        self.figures.add(&arena);
        drop(disk);
        arena.problems.extend(checked.err());
        if arena.problems.is_empty() { Ok(arena.kills) } else { Err(arena.problems.join("\n")) }
    }

    fn verify(&mut self, arena: &mut Arena) -> Result<(), String> {
        if arena.round.is_damaged() {
            let answer = arena.ask("probe")?;
            *self.figures.answers.entry(answer).or_default() += 1;
            return Ok(());
        }
        let kept = arena.file.with_extension("kept");
        // On a busy machine a round may be over before its time has come.
        if arena.round.scenario == Scenario::Unlink && kept.exists() {
            arena.ask("anew")?;
            fs::rename(kept, &arena.file).map_err(|error| format!("rename: {error}"))?;
        }
        let locks_recovered = arena.ask("verify")?;
        self.figures.locks_recovered += locks_recovered.parse::<u64>().unwrap_or(0);
        Ok(())
    }

    /// Prints the figures and writes them down. `false` when a point was never died at.
    fn report(&self) -> bool {
        let figures = &self.figures;
        println!(
            "{} kills survived; {} operations, {} of them judged reads, {} refusals",
            figures.all_kills(),
            figures.operations,
            figures.reads,
            figures.refused
        );
        println!(
            "the dead held {} locks, {} were taken over",
            figures.held, figures.locks_recovered
        );
        let [told, overflows, compared] = figures.watching;
        println!("{told} changes told, {overflows} of them overflows; {compared} comparisons");
        let mut times = String::new();
        for (name, histogram) in &figures.times {
            let (line, json) = histogram.summary();
            println!("{name:>10}: {line}");
            writeln!(times, "  \"{name}\": {json},").expect("a string takes all");
        }
        let names = |counts: &[u64]| {
            let counts = counts.to_vec();
            object(Point::ALL.iter().map(|p| format!("{p:?}")).zip(counts).filter(|(_, n)| *n > 0))
        };
        let (died_at, recovering) = (names(&figures.died_at), names(&figures.died_recovering));
        println!("died at: {died_at}\nrecovering: {recovering}");
        if !figures.answers.is_empty() {
            println!("damaged files: {:?}", figures.answers);
        }
        let json = format!(
            "{{\n  \"seed\": {},\n  \"kills\": {},\n  \"operations\": {},\n\
             \x20 \"locksRecovered\": {},\n{times}  \"diedAt\": {died_at},\n\
             \x20 \"diedRecovering\": {recovering}\n}}\n",
            self.options.seed,
            object(figures.kills.iter().cloned()),
            figures.operations,
            figures.locks_recovered,
        );
        if let Some(path) = &self.options.report
            && let Err(error) = fs::write(path, json)
        {
            println!("no report: {error}");
            return false;
        }
        self.is_covered()
    }

    /// Whether somebody died at every point: asked of the long form only.
    fn is_covered(&self) -> bool {
        let is_long = self.options.seconds.is_none()
            && self.options.scenario.is_none()
            && self.options.kills >= 10_000;
        let missed: Vec<_> =
            Point::ALL.iter().filter(|p| self.figures.died_at[**p as usize] == 0).collect();
        if is_long && !missed.is_empty() {
            println!("points without a death: {missed:?}");
        }
        !is_long || missed.is_empty()
    }
}

fn close_to_others(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}
