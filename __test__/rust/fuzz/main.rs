//! Damaged stores, one after another, for as long as is asked: never a fault, hang or panic.
//!
//! `FUZZ_SECONDS=600 npm run test:fuzz`. A case is a number: from it follow a store, what is done
//! to its bytes (before, between and during operations, by somebody who knows where what lies),
//! and the operations. Pages that cannot be touched lie on both sides of the memory. Cases run in a
//! process of their own, so that its end, whatever it is, names the case; `FUZZ_CASE=<number>` runs
//! that one alone. `cargo fuzz` needs a nightly compiler; this does not.
#![expect(clippy::print_stderr, reason = "a report")]

mod damage;
mod guarded;
mod steps;

use std::cell::Cell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::scope;
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use shared_memory_store::engine::store::{Engine, Options, WhenFull};
use shared_memory_store::platform::clock::{Clock, Monotonic};
use shared_memory_store::region::layout::Geometry;
use shared_memory_store::region::region::Region;
use shared_memory_store::sync::owner::{Liveness, Owner};

use crate::damage::{Damage, Place, Vandal};
use crate::guarded::Guarded;
use crate::steps::{KEYS, Length, Manual, Step, User, observe};

/// A case takes some milliseconds.
const HANG: Duration = Duration::from_secs(30);
const SECONDS: u64 = 2;
const BYTES_OF_A_CASE: usize = 8192;
const STEPS: usize = 200;

fn main() -> ExitCode {
    let number = |name| std::env::var(name).ok().and_then(|word| word.parse::<u64>().ok());
    if let Some(case) = number("FUZZ_CASE") {
        run(case);
        return ExitCode::SUCCESS;
    }
    let seconds = number("FUZZ_SECONDS").unwrap_or(SECONDS);
    match number("FUZZ_FROM") {
        Some(first) => work(first, seconds),
        None => watch(seconds),
    }
}

/// Runs cases from `first` on, naming each before it begins.
fn work(first: u64, seconds: u64) -> ExitCode {
    let end_us = Monotonic.now_us() + seconds * 1_000_000;
    for case in first.. {
        if Monotonic.now_us() >= end_us {
            break;
        }
        writeln!(std::io::stdout(), "{case}").expect("somebody listens");
        run(case);
    }
    ExitCode::SUCCESS
}

/// Lets another process work, and says at which case it ended or stood still.
fn watch(seconds: u64) -> ExitCode {
    let first = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0) >> 16;
    let own = std::env::current_exe().expect("this file");
    let mut worker = Command::new(own);
    worker.env("FUZZ_FROM", first.to_string()).env("FUZZ_SECONDS", seconds.to_string());
    let mut worker = worker.stdout(Stdio::piped()).spawn().expect("a process");
    let lines = BufReader::new(worker.stdout.take().expect("a pipe")).lines();
    let (mut case, mut hangs) = (String::from("none"), false);
    let (send, cases) = channel();
    scope(|threads| {
        threads.spawn(move || lines.map_while(std::io::Result::ok).try_for_each(|l| send.send(l)));
        loop {
            match cases.recv_timeout(HANG) {
                Ok(next) => case = next,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    hangs = true;
                    worker.kill().expect("our own");
                    break;
                }
            }
        }
    });
    let status = worker.wait().expect("our own");
    if status.success() && !hangs {
        let last = case.parse::<u64>().expect("a case");
        eprintln!("fuzz: {} damaged stores, from case {first} on", last - first + 1);
        return ExitCode::SUCCESS;
    }
    let what = if hangs { "hangs".to_owned() } else { format!("ended: {status}") };
    eprintln!("fuzz: FUZZ_CASE={case} {what}");
    ExitCode::FAILURE
}

/// Nobody lives: no garbage in a lock's word keeps anybody waiting.
pub(crate) struct Nobody;

impl Liveness for Nobody {
    fn is_alive(&self, _owner: Owner) -> bool {
        false
    }
}

/// Bytes that follow from a number.
fn bytes_of(case: u64) -> Vec<u8> {
    let mut state = case;
    let words = std::iter::repeat_with(|| {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    });
    words.take(BYTES_OF_A_CASE / 8).flat_map(u64::to_le_bytes).collect()
}

fn run(case: u64) {
    let bytes = bytes_of(case);
    // A case that runs out of bytes has done its part.
    let _ = run_case(&mut Unstructured::new(&bytes));
}

fn run_case(bytes: &mut Unstructured<'_>) -> Result<()> {
    let shards = *bytes.choose(&[1, 2, 4])?;
    let segment_bytes = *bytes.choose(&[16 << 10, 64 << 10])?;
    let segments = shards * bytes.int_in_range(8..=12)?;
    let geometry = Geometry { segment_bytes, segments, shards, directory_depth: 1 };
    let geometry = geometry.with_depth().expect("sound");
    let memory = Guarded::new(Region::bytes_of(geometry).expect("sound"));
    let when_full = if bytes.ratio(1, 2)? { WhenFull::Evict } else { WhenFull::Refuse };
    let max_entries = if bytes.ratio(1, 8)? { 100 } else { 0 };
    let options = Options {
        name: &[0x53, 0xD83D, 0x6E],
        geometry,
        when_full,
        max_entries,
        max_bytes: u64::MAX,
        seed: [1, 2, 3, 4],
        boot_id: [0; 2],
    };
    let engine = Engine::create(Box::new(memory.clone()), &options, Box::new(Nobody));
    let vandal = Vandal { words: memory.words(), geometry };
    // Stays to the end, and leaves a damaged store.
    let Some(mut user) = engine.ok().as_ref().and_then(|it| User::of(it, &memory)) else {
        return Ok(());
    };
    // So many entries that the index is split, or few.
    for entry in 0..bytes.int_in_range(0..=KEYS * 3)? {
        let length = Length::Middle(u8::try_from(entry % 50).expect("small"));
        let ttl_us = entry.is_multiple_of(3).then_some(50);
        user.perform(Step::Set { key: entry.wrapping_mul(7), length, ttl_us }, &vandal);
    }
    for _ in 0..bytes.int_in_range(0..=20)? {
        let step = bytes.arbitrary()?;
        if !matches!(step, Step::Damage(..)) {
            user.perform(step, &vandal);
        }
    }
    for _ in 0..bytes.int_in_range(1..=12)? {
        vandal.damage(bytes.arbitrary()?, bytes.arbitrary()?);
    }
    memory.read_only(|| observe(&memory, &Manual(Cell::new(1)), &mut [0; 4096]));
    let engine = Engine::attach(Box::new(memory.clone()), Box::new(Nobody));
    let Some(mut user) = engine.ok().as_ref().and_then(|it| User::of(it, &memory)) else {
        return Ok(());
    };
    let count = if bytes.ratio(1, 4)? { 50 } else { 0 };
    let meanwhile = (0..count).map(|_| bytes.arbitrary());
    let meanwhile = meanwhile.collect::<Result<Vec<(Place, Damage)>>>()?;
    let done = &AtomicBool::new(meanwhile.is_empty());
    scope(|threads| {
        // What was checked may be something else when it is used.
        threads.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for (place, damage) in &meanwhile {
                    vandal.damage(*place, *damage);
                }
            }
        });
        let end = (0..STEPS).try_for_each(|_| {
            user.perform(bytes.arbitrary()?, &vandal);
            Ok(())
        });
        done.store(true, Ordering::Relaxed);
        end
    })
}
