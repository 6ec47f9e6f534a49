//! What workers do together: counters, key locks, loads, the schema.

use std::sync::atomic::Ordering::SeqCst;

use shared_memory_store::engine::Claim;
use shared_memory_store::error::Error;
use shared_memory_store::platform::clock::{Clock, Monotonic};
use shared_memory_store::platform::park::{sleep_us, yield_now};

use crate::ledger::{Cell, Sum};
use crate::plan::{SHARED, Scenario};
use crate::worker::{Outcome, Worker};

/// How long a lock is waited for.
const LOCK_LIMIT_US: u64 = 20_000;
/// How long it is held: so many times the processor is given away.
const VISIT: u64 = 20;

/// The name of a counter that only one place adds to.
pub(crate) fn own_name(place: usize) -> String {
    format!("own counter {place}")
}

/// The name of a counter that all add to.
pub(crate) fn shared_name(counter: usize) -> String {
    format!("counter {counter}")
}

/// Compares the counter of a place with what the place did before: one addition may be open, that
/// of somebody who died.
pub(crate) fn settle_own(worker: &Worker) -> Outcome {
    let sum = &worker.ledger.workers[worker.place].own;
    let value = worker.store.number(&own_name(worker.place)).map_err(|e| format!("get: {e:?}"))?;
    settle(sum, value)
}

/// The value of a sum is what was added to it, with or without what was being added.
pub(crate) fn settle(sum: &Sum, value: u64) -> Outcome {
    let (done, meant) = (sum.acknowledged.load(SeqCst), sum.intended.load(SeqCst));
    if value != done && value != meant {
        return Err(format!("a counter is {value}, of {done} or {meant}"));
    }
    sum.intended.store(value, SeqCst);
    sum.acknowledged.store(value, SeqCst);
    Ok(())
}

/// Adds to the counter that is the place's own.
pub(crate) fn add_own(worker: &mut Worker) -> Outcome {
    let by = 1 + u32::try_from(worker.random.below(9)).expect("small");
    let sum = &worker.ledger.workers[worker.place].own;
    let value = add(worker, sum, &own_name(worker.place), by)?;
    let wanted = sum.acknowledged.load(SeqCst);
    match value {
        Some(value) if value != wanted => Err(format!("own counter: {value}, not {wanted}")),
        _ => Ok(()),
    }
}

/// Adds to a counter that others add to.
pub(crate) fn add_shared(worker: &mut Worker) -> Outcome {
    let (counter, by) = (worker.random.index(SHARED), 1 + worker.random.below(3));
    let floor = &worker.ledger.counter_floors[counter];
    let least = floor.load(SeqCst) + by;
    let by = u32::try_from(by).expect("small");
    let sum = &worker.ledger.workers[worker.place].shared[counter];
    let Some(value) = add(worker, sum, &shared_name(counter), by)? else { return Ok(()) };
    floor.fetch_max(value, SeqCst);
    if value < least { Err(format!("counter {counter}: {value} after {least}")) } else { Ok(()) }
}

/// Adds to a counter that may go at any time: nothing is known of it.
pub(crate) fn add_fleeting(worker: &mut Worker) -> Outcome {
    let name = shared_name(worker.random.index(SHARED));
    match worker.store.add(&name, 1) {
        Err(error) if !is_fair(worker, error) => Err(format!("increment: {error:?}")),
        _ => Ok(()),
    }
}

/// What the counter is then; `None` when there was no room for it.
fn add(worker: &Worker, sum: &Sum, name: &str, by: u32) -> Result<Option<u64>, String> {
    let before = sum.intended.fetch_add(by.into(), SeqCst);
    match worker.store.add(name, by) {
        Ok(value) => {
            sum.acknowledged.fetch_add(by.into(), SeqCst);
            Ok(Some(value))
        }
        // What was refused was not done.
        Err(error) if is_fair(worker, error) => {
            sum.intended.store(before, SeqCst);
            Ok(None)
        }
        Err(error) => Err(format!("increment: {error:?}")),
    }
}

/// Whether a short entry may be refused like this.
pub(crate) fn is_fair(worker: &Worker, error: Error) -> bool {
    let round = &worker.round;
    match error {
        Error::Full => !round.evicts || round.scenario == Scenario::Space,
        Error::Busy => round.scenario == Scenario::Hold,
        _ => false,
    }
}

/// The name of a lock.
pub(crate) fn lock_name(lock: usize) -> String {
    format!("lock {lock}")
}

/// Goes where only one may be, if a lock lets it.
pub(crate) fn lock(worker: &mut Worker) -> Outcome {
    let lock = worker.random.index(SHARED);
    let name = lock_name(lock);
    let (who, key) = (worker.store.who(), Worker::key(&name));
    let locked = who.lock_key(key, LOCK_LIMIT_US, &Monotonic);
    if !locked.map_err(|error| format!("lock: {error:?}"))?.is_mine() {
        return Ok(());
    }
    if worker.random.is_one_in(8) {
        // Again, by the same holder: to be released as often.
        let again = who.lock_key(key, 0, &Monotonic).map_err(|error| format!("lock: {error:?}"))?;
        let once =
            who.release_key(key, &Monotonic).map_err(|error| format!("release: {error:?}"))?;
        let is_own = again.is_mine() && once;
        if !is_own && !worker.round.is_damaged() {
            return Err(format!("lock {lock}: not the holder's own"));
        }
    }
    let turns = worker.random.below(VISIT);
    visit(worker, &worker.ledger.locks[lock], turns)
        .map_err(|what| format!("lock {lock}: {what}"))?;
    match who.release_key(Worker::key(&name), &Monotonic) {
        Ok(true) => Ok(()),
        _ if worker.round.is_damaged() => Ok(()),
        other => Err(format!("release of lock {lock}: {other:?}")),
    }
}

/// Leads a load, or waits for who does.
pub(crate) fn lead(worker: &mut Worker) -> Outcome {
    let load = worker.random.index(SHARED);
    let name = format!("load {load}");
    let (who, key) = (worker.store.who(), Worker::key(&name));
    let end_us = Monotonic.now_us() + LOCK_LIMIT_US;
    let claim = loop {
        match who.claim_load(key).map_err(|error| format!("load: {error:?}"))? {
            Claim::Others if Monotonic.now_us() < end_us => sleep_us(1000),
            claim => break claim,
        }
    };
    match claim {
        Claim::Others | Claim::NoPlace => return Ok(()),
        Claim::Own if !worker.round.is_damaged() => return Err("a load was its own".to_owned()),
        Claim::Own | Claim::Won => {}
    }
    let turns = worker.random.below(VISIT);
    visit(worker, &worker.ledger.loads[load], turns)
        .map_err(|what| format!("load {load}: {what}"))?;
    match who.end_load(Worker::key(&name)) {
        Ok(true) => Ok(()),
        _ if worker.round.is_damaged() => Ok(()),
        other => Err(format!("end of load {load}: {other:?}")),
    }
}

/// Is alone for a while. Who was here before has left, or has died.
fn visit(worker: &Worker, cell: &Cell, turns: u64) -> Outcome {
    if worker.round.is_damaged() {
        return Ok(());
    }
    let before = cell.inside.swap(worker.life, SeqCst);
    // The wait may be longer than the lock's own: whoever dies is found dead by the kernel first.
    if before != 0 && !worker.ledger.has_ended(before) {
        return Err(format!("life {} and life {before} are both inside", worker.life));
    }
    let visits = cell.visits.load(SeqCst);
    (0..turns).for_each(|_| yield_now());
    cell.visits.store(visits + 1, SeqCst);
    (0..turns).for_each(|_| yield_now());
    if cell.visits.load(SeqCst) != visits + 1 {
        return Err("somebody else was inside".to_owned());
    }
    let inside = cell.inside.swap(0, SeqCst);
    if inside == worker.life { Ok(()) } else { Err(format!("life {inside} came in")) }
}

/// Puts another blob in the place of the one that is there.
pub(crate) fn replace_schema(worker: &mut Worker) -> Outcome {
    let who = worker.store.who();
    let mut blob = Vec::new();
    let version = who.schema(&mut blob).map_err(|error| format!("blob: {error:?}"))?;
    let is_whole = blob.iter().enumerate().all(|(at, byte)| {
        *byte == u8::try_from((u64::from(version) + at as u64) % 251).expect("small")
    });
    if !is_whole && version > 0 && !worker.round.is_damaged() {
        return Err(format!("blob {version} of {} bytes is torn", blob.len()));
    }
    let next = u64::from(version.wrapping_add(1));
    let length = worker.random.below(3000);
    let blob: Vec<u8> =
        (0..length).map(|at| u8::try_from((next + at) % 251).expect("small")).collect();
    // Somebody else was first, or this one was: both will do.
    who.replace_schema(version, &blob).map(|_| ()).map_err(|error| format!("blob: {error:?}"))
}
