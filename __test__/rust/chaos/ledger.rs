//! What is known outside the store: who meant to do what, and who has done it.
//!
//! A file of its own that all workers map, so it survives them. Invariant: a word has one writer
//! at a time, or is only ever added to, or only ever raised.

use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use shared_memory_store::platform::clock::{Clock, Monotonic};

use crate::plan::{KEYS, ROUND_WORDS, Round, SHARED, WORKERS};
use crate::report::Histogram;
use crate::system;

/// Deadlines that are kept of a key: of its latest writes.
pub(crate) const DEADLINES: usize = 4;
/// Workers that a round may have had, one after another.
pub(crate) const LIVES: usize = 1 << 14;
/// Room for the fail points.
pub(crate) const POINTS: usize = 64;

/// A key that one worker writes, and all read.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct KeyRow {
    /// Which worker writes it; another only after that one's death.
    pub(crate) writer: AtomicU64,
    /// The number of the latest write that was begun.
    pub(crate) intended: AtomicU64,
    /// Of the latest that took place, as its writer knows.
    pub(crate) acknowledged: AtomicU64,
    /// The highest that any reader has seen: nobody may see an older one again.
    pub(crate) floor: AtomicU64,
    /// Of each of the latest writes, when it may go, and when it must be gone.
    pub(crate) deadlines: [[AtomicU64; 2]; DEADLINES],
}

/// What one worker's place did to one counter.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Sum {
    pub(crate) intended: AtomicU64,
    pub(crate) acknowledged: AtomicU64,
}

/// What a lock guards: nothing but the lock keeps two out of it.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Cell {
    /// The life that is inside, or was when it ended.
    pub(crate) inside: AtomicU64,
    pub(crate) visits: AtomicU64,
}

/// A place for workers, one after another.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct WorkerRow {
    /// What it is at since when; 0 for nothing.
    pub(crate) busy_since_us: AtomicU64,
    pub(crate) operations: AtomicU64,
    pub(crate) reads: AtomicU64,
    /// Which point it is to die at: its number + 1, how many times it is passed before, and after
    /// how many points of any kind it dies in any case; all 0 for none.
    pub(crate) arm: [AtomicU64; 3],
    /// When it came.
    pub(crate) born_us: AtomicU64,
    /// What the place alone adds to its own counter.
    pub(crate) own: Sum,
    pub(crate) shared: [Sum; SHARED],
    pub(crate) refused: AtomicU64,
    pub(crate) corrupted: AtomicU64,
    /// The number of the last message that the place has published for sure.
    pub(crate) published: AtomicU64,
    /// Changes that it was told of, overflows among them, and how often it compared what it was
    /// told with what was there.
    pub(crate) told: AtomicU64,
    pub(crate) overflows: AtomicU64,
    pub(crate) compared: AtomicU64,
}

/// The ledger. Zeroes are an empty one.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Ledger {
    round: [AtomicU64; ROUND_WORDS],
    pub(crate) stop: AtomicU64,
    pub(crate) violations: AtomicU64,
    pub(crate) wall_jump_s: AtomicI64,
    /// 1 while nobody writes, so that what is free stays free.
    pub(crate) quiet: AtomicU64,
    /// Deaths of somebody who held a lock, and when the latest was.
    pub(crate) holder_deaths: AtomicU64,
    pub(crate) holder_died_us: AtomicU64,
    /// Locks of shards that the dead held.
    pub(crate) held: AtomicU64,
    /// Deaths whose count of locks may be wrong by what the background thread did.
    pub(crate) uncertain: AtomicU64,
    /// Deaths by point, and those in the midst of a recovery.
    pub(crate) died_at: [AtomicU64; POINTS],
    pub(crate) died_recovering: [AtomicU64; POINTS],
    pub(crate) keys: [KeyRow; KEYS],
    pub(crate) workers: [WorkerRow; WORKERS],
    /// Highest values of the shared counters that anybody has seen.
    pub(crate) counter_floors: [AtomicU64; SHARED],
    pub(crate) locks: [Cell; SHARED],
    pub(crate) loads: [Cell; SHARED],
    /// All operations; those during which a holder died; those that took a lock from the dead.
    pub(crate) operations: Histogram,
    pub(crate) stalls: Histogram,
    pub(crate) takeovers: Histogram,
    dead: [AtomicU8; LIVES],
}

/// Longest wait for the news that somebody has died.
const NEWS_US: u64 = 10_000_000;
const NEWS_POLL: Duration = Duration::from_micros(200);

impl Ledger {
    /// A new one for a round.
    pub(crate) fn create(path: &Path, round: &Round) -> &'static Self {
        let _ = fs::remove_file(path);
        let made = OpenOptions::new().read(true).write(true).create_new(true).open(path);
        let file = made.expect("the folder of the ledger is writable");
        file.set_len(size_of::<Self>() as u64).expect("room for a ledger");
        let ledger = Self::map(&file);
        for (word, value) in ledger.round.iter().zip(round.words()) {
            word.store(value, SeqCst);
        }
        ledger
    }

    /// The one of the round that a worker is part of.
    pub(crate) fn open(path: &Path) -> &'static Self {
        let file = OpenOptions::new().read(true).write(true).open(path);
        Self::map(&file.expect("the ledger of a running round"))
    }

    fn map(file: &File) -> &'static Self {
        system::map(file)
    }

    pub(crate) fn round(&self) -> Round {
        Round::of_words(self.round.each_ref().map(|word| word.load(SeqCst)))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.stop.load(SeqCst) != 0
    }

    /// Notes that a life has ended, as the system says.
    pub(crate) fn bury(&self, life: usize) {
        self.dead[life].store(1, SeqCst);
    }

    pub(crate) fn is_dead(&self, life: u64) -> bool {
        usize::try_from(life).is_ok_and(|life| self.dead[life].load(SeqCst) == 1)
    }

    /// Waits for the news that a life has ended: the store may hear of it before the parent does.
    pub(crate) fn has_ended(&self, life: u64) -> bool {
        let until_us = Monotonic.now_us() + NEWS_US;
        while !self.is_dead(life) {
            if Monotonic.now_us() > until_us {
                return false;
            }
            thread::sleep(NEWS_POLL);
        }
        true
    }

    /// Notes that somebody dies now who holds so many locks of shards.
    pub(crate) fn note_holder(&self, held: u64, life_us: u64) {
        if life_us >= SWEEP_FROM_US {
            self.uncertain.fetch_add(1, SeqCst);
        }
        if held > 0 {
            self.held.fetch_add(held, SeqCst);
            self.holder_died_us.store(Monotonic.now_us(), SeqCst);
            self.holder_deaths.fetch_add(1, SeqCst);
        }
    }
}

/// A process that is older may be sweeping in the background while it dies.
const SWEEP_FROM_US: u64 = 900_000;
