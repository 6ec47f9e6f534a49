//! Dying at a point of the engine, and what is left in the file then. Knows no worker.

use std::cell::Cell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::Ordering::SeqCst;

use shared_memory_store::engine::fail_points::{Point, interrupt};
use shared_memory_store::platform::clock::{Clock, Monotonic};

use crate::ledger::Ledger;
use crate::plan::{Death, Random};
use crate::system;

/// Where things are in the file: `docs/internals/memory-layout.md`.
const READY_AT: u64 = 24;
const SHARDS_AT: u64 = 112;
const PARTICIPANTS_FROM: u64 = 4096;
const PARTICIPANT_BYTES: u64 = 64;
const SHARDS_FROM: u64 = 20_480;
const SHARD_BYTES: u64 = 1024;
const LOCK_AT: u64 = 64;
const PLACE_MASK: u64 = (1 << 9) - 1;
const EPOCH_SHIFT: u32 = 10;
const SHARDS_MAX: u64 = 64;

/// Locks of shards that a process holds, by the file. Nobody takes them while it lives.
pub(crate) fn held_by(process: u32, file: &Path) -> u64 {
    let Ok(file) = File::open(file) else { return 0 };
    let word = |place: u64| {
        let mut bytes = [0; 8];
        file.read_exact_at(&mut bytes, place).map_or(0, |()| u64::from_le_bytes(bytes))
    };
    if word(READY_AT) != 1 {
        return 0;
    }
    let is_held = |shard: &u64| {
        let owner = word(SHARDS_FROM + shard * SHARD_BYTES + LOCK_AT) & u64::from(u32::MAX);
        let Some(place) = (owner & PLACE_MASK).checked_sub(1) else { return false };
        let row = PARTICIPANTS_FROM + place * PARTICIPANT_BYTES;
        let (registration, identity) = (word(row), word(row + 8));
        registration >> 32 == owner >> EPOCH_SHIFT
            && identity & u64::from(u32::MAX) == process.into()
    };
    (0..word(SHARDS_AT).min(SHARDS_MAX)).filter(is_held).count() as u64
}

/// Points that are passed in a new store only.
const EARLY: [Point; 6] = [
    Point::SplitNoted,
    Point::SplitCopied,
    Point::SplitDoubled,
    Point::SplitNaming,
    Point::SplitNamed,
    Point::SplitCleared,
];
/// Points that few operations pass.
const RARE: [Point; 13] = [
    Point::Claimed,
    Point::Retiring,
    Point::Evicting,
    Point::Compacting,
    Point::Sweeping,
    Point::Releasing,
    Point::Purging,
    Point::TagsFloored,
    Point::TagDropped,
    Point::ClearNoted,
    Point::ClearOpened,
    Point::ClearEmptied,
    Point::ClearRetired,
];

/// Points beyond the one that was chosen, at which the end comes: in the change that follows it.
const BEYOND: u64 = 12;
const BEYOND_SHIFT: u32 = 32;
const PASSES: u64 = (1 << BEYOND_SHIFT) - 1;

/// Points of a clear.
const CLEARING: [Point; 4] =
    [Point::ClearNoted, Point::ClearOpened, Point::ClearEmptied, Point::ClearRetired];

/// Whether a worker is to die in the midst of a clear: then it clears the store soon. Others do so
/// rarely, for a clear makes good what one that was cut off has left.
pub(crate) fn is_clearing(arm: [u64; 3]) -> bool {
    CLEARING.iter().any(|point| *point as u64 + 1 == arm[0])
}

/// Where a worker is to die: words for its row in the ledger.
pub(crate) fn choose(random: &mut Random, is_new: bool) -> [u64; 3] {
    // Who waits in vain for a point dies at another, later or sooner.
    if is_new && !random.is_one_in(4) {
        return [random.pick(&EARLY) as u64 + 1, 0, 20_000 + random.below(100_000)];
    }
    if random.is_one_in(3) {
        let passed = if random.is_one_in(3) { random.below(40) } else { 0 };
        let beyond = if random.is_one_in(2) { random.below(BEYOND) << BEYOND_SHIFT } else { 0 };
        return [random.pick(&RARE) as u64 + 1, passed | beyond, 1000 + random.below(30_000)];
    }
    let passed = if random.is_one_in(3) { random.below(40) } else { random.below(3) };
    let points = random.pick(&[60, 600, 6000]);
    [random.pick(Point::ALL) as u64 + 1, passed, 1 + random.below(points)]
}

/// What a worker learns of the points that its operation passed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed(Rc<Cell<bool>>);

impl Passed {
    /// Whether a lock was taken from the dead since the last time this was asked.
    pub(crate) fn took_over(&self) -> bool {
        self.0.replace(false)
    }
}

/// Lets this thread die where its row of the ledger says, and tells of what it passes.
pub(crate) fn arm(ledger: &'static Ledger, worker: usize, file: PathBuf) -> Passed {
    let row = &ledger.workers[worker];
    let [mut point, mut passes, mut points] = row.arm.each_ref().map(|word| word.load(SeqCst));
    let (learned, born_us) = (Passed::default(), row.born_us.load(SeqCst));
    let recovering = Rc::clone(&learned.0);
    let stops = ledger.round().death == Death::StopAtPoint;
    let mut random = Random::of(&[ledger.round().seed, worker as u64, born_us]);
    let action = move |at: Point| {
        if at == Point::TakenOver {
            recovering.set(true);
        }
        if point == 0 {
            return;
        }
        points = points.saturating_sub(1);
        if at as u64 + 1 == point && passes & PASSES > 0 {
            passes -= 1;
        } else if at as u64 + 1 == point && passes > 0 {
            points = passes >> BEYOND_SHIFT;
        } else if at as u64 + 1 == point || points == 0 {
            if stops {
                system::halt();
                [point, passes, points] = choose(&mut random, false);
                return;
            }
            ledger.died_at[at as usize].fetch_add(1, SeqCst);
            if recovering.get() {
                ledger.died_recovering[at as usize].fetch_add(1, SeqCst);
            }
            let held = held_by(std::process::id(), &file);
            ledger.note_holder(held, Monotonic.now_us() - born_us);
            system::die();
        }
    };
    interrupt(Some(Box::new(action)));
    learned
}
