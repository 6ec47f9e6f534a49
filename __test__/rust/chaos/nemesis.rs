//! What goes wrong in a round, and when. Knows no verb of the store.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use shared_memory_store::platform::clock::{Clock, Monotonic};

use crate::arena::Arena;
use crate::plan::{Death, Scenario};

/// Between two kills.
const KILL_PAUSE_US: u64 = 4000;
const POLL: Duration = Duration::from_micros(300);
/// When nobody writes in a round with clears: longer than free pages are kept.
const QUIET_US: std::ops::Range<u64> = 700_000..2_200_000;
/// Stopped for so long at the most, and for so long before readers must have read something.
const STOP_US: u64 = 150_000;
const READ_WITHIN_US: u64 = 60_000;
/// So long they get if need be, for a busy machine: less than anybody waits for a lock.
const READ_AT_LAST_US: u64 = 6_000_000;
/// Longer than anybody waits for a lock; and one kill in so many looks meanwhile.
const HOLD_US: u64 = 11_000_000;
const KILLS_WHILE_HELD: u64 = 6000;
/// Before a file is damaged, and after.
const PEACE: Duration = Duration::from_millis(150);
/// The clock on the wall jumps by ten years at the most.
const JUMP_S: u64 = 315_360_000;

/// Does one thing to the workers, or waits a little.
pub(crate) fn strike(arena: &mut Arena) {
    match arena.round.scenario {
        Scenario::Stop => stop_some(arena),
        Scenario::Hold => hold_one(arena),
        Scenario::Clock => jump(arena),
        Scenario::Flip => flip(arena),
        Scenario::Truncate => truncate(arena),
        Scenario::Unlink => unlink(arena),
        _ => kill_one(arena),
    }
}

fn kill_one(arena: &mut Arena) {
    if arena.round.death == Death::AtPoint {
        let is_quiet = arena.round.clears && QUIET_US.contains(&arena.age_us());
        arena.ledger.quiet.store(u64::from(is_quiet), SeqCst);
        thread::sleep(POLL);
        return;
    }
    pause(arena, KILL_PAUSE_US);
    if let Some(place) = arena.any() {
        arena.kill(place);
    }
}

fn pause(arena: &mut Arena, most_us: u64) {
    thread::sleep(Duration::from_micros(arena.random.below(most_us)));
}

/// Stops one to three, whatever they hold; readers go on; then all do.
fn stop_some(arena: &mut Arena) {
    pause(arena, KILL_PAUSE_US);
    if arena.round.death != Death::StopAtPoint {
        // Those who only read have to get on, or are stopped in the midst of a read while all that
        // they look at is given to others.
        let readers_too = arena.random.is_one_in(2);
        for _ in 0..=arena.random.below(3) {
            let Some(place) = arena.any() else { continue };
            if readers_too == (place >= arena.round.readers_from) {
                arena.stop(place);
            }
        }
    }
    arena.reap();
    if arena.stopped().is_empty() {
        return;
    }
    let for_us = arena.random.below(STOP_US);
    hold(arena, for_us, |_| ());
    for place in arena.stopped() {
        if arena.random.is_one_in(4) {
            arena.kill(place);
        } else {
            arena.resume(place);
        }
    }
}

/// Lets the stopped be stopped for a while, in which those who only read get on.
fn hold(arena: &mut Arena, for_us: u64, mut meanwhile: impl FnMut(&mut Arena)) {
    let readers: Vec<usize> = (arena.round.readers_from..arena.round.workers).collect();
    let reads = |arena: &Arena, place: usize| arena.ledger.workers[place].reads.load(SeqCst);
    let before: Vec<u64> = readers.iter().map(|place| reads(arena, *place)).collect();
    let waiting = |arena: &Arena| {
        let readers = readers.iter().zip(&before).filter(|_| for_us > READ_WITHIN_US);
        let mut waiting = readers.filter(|(place, before)| {
            arena.running().contains(place) && reads(arena, **place) == **before
        });
        waiting.next().map(|(place, _)| *place)
    };
    let since_us = Monotonic.now_us();
    while arena.problems.is_empty() {
        let waited_us = Monotonic.now_us() - since_us;
        let late = (waited_us >= for_us).then(|| waiting(arena));
        match late {
            Some(None) => break,
            Some(Some(place)) if waited_us > READ_AT_LAST_US.max(for_us) => {
                let stopped = arena.stopped();
                let what = format!("reader {place} waits for {stopped:?}, for {waited_us} µs");
                arena.problems.push(what);
            }
            _ => {}
        }
        thread::sleep(POLL);
        arena.reap();
        meanwhile(arena);
    }
}

/// Stops one for longer than the others wait, and kills some of them meanwhile.
fn hold_one(arena: &mut Arena) {
    thread::sleep(POLL);
    arena.reap();
    if !arena.stopped().contains(&0) {
        return;
    }
    hold(arena, HOLD_US, |arena| {
        if arena.random.is_one_in(KILLS_WHILE_HELD) {
            let writers: Vec<usize> =
                arena.running().into_iter().filter(|p| *p < arena.round.readers_from).collect();
            if !writers.is_empty() {
                let place = arena.random.pick(&writers);
                arena.kill(place);
            }
        }
    });
    arena.resume(0);
}

fn jump(arena: &mut Arena) {
    pause(arena, 2 * KILL_PAUSE_US);
    let jump = arena.random.below(2 * JUMP_S).cast_signed() - JUMP_S.cast_signed();
    arena.ledger.wall_jump_s.store(jump, SeqCst);
}

/// Changes a few bytes somewhere, more often where the tables are.
fn flip(arena: &mut Arena) {
    pause(arena, 2 * KILL_PAUSE_US);
    let Ok(file) = OpenOptions::new().read(true).write(true).open(&arena.file) else { return };
    let length = file.metadata().map_or(0, |meta| meta.len());
    let tables = arena.random.pick(&[4096, 32_768, 1 << 20, length]).min(length);
    for _ in 0..=arena.random.below(4) {
        let (place, mut byte) = (arena.random.below(tables), [0]);
        if file.read_exact_at(&mut byte, place).is_ok() {
            byte[0] ^= 1 << arena.random.below(8);
            let _ = file.write_all_at(&byte, place);
        }
    }
}

/// Cuts the file off somewhere; half the time it grows to its old length again.
fn truncate(arena: &mut Arena) {
    thread::sleep(PEACE);
    let Ok(file) = OpenOptions::new().write(true).open(&arena.file) else { return };
    let length = file.metadata().map_or(0, |meta| meta.len());
    let parts = [0, 100, 4096, 20_480, length / 16, length / 2];
    let left = arena.random.pick(&parts) + arena.random.below(4096);
    let cut = file.set_len(left.min(length));
    thread::sleep(PEACE);
    if arena.random.is_one_in(2) && cut.is_ok() {
        let _ = file.set_len(length);
        thread::sleep(PEACE);
    }
}

/// Takes the name of the file away: those who have it open go on.
fn unlink(arena: &mut Arena) {
    thread::sleep(PEACE);
    // Who comes later would be alone in another store.
    if arena.have_all_come() && arena.file.exists() {
        let kept = arena.file.with_extension("kept");
        // A second name, which the store does not know, to look at it later.
        let linked = fs::hard_link(&arena.file, &kept).and_then(|()| fs::remove_file(&arena.file));
        if let Err(error) = linked {
            arena.problems.push(format!("the name stays: {error}"));
        }
    }
}
