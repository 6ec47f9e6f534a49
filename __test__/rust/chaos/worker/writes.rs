//! Writes to the keys that a worker alone writes, and what it expects of each.

use std::collections::HashMap;
use std::sync::atomic::Ordering::SeqCst;

use shared_memory_store::engine::entry::{Condition, Key, NEVER_US, Tagging, Value};
use shared_memory_store::engine::participant::Participant;
use shared_memory_store::engine::{Batch, Beginning, Meant, Removal};
use shared_memory_store::error::Error;
use shared_memory_store::platform::clock::{Clock, Monotonic};

use crate::history::{Nature, is_timed};
use crate::store::{BYTES, Mark, Seen, name, payload, tags};
use crate::worker::claims::is_fair;
use crate::worker::{Outcome, Worker};

/// Keys that are tried until one is the worker's own.
const TRIES: usize = 64;
/// Looks at an entry that is written over, as it was seen: each refusal is a write of others.
const EXCHANGES: usize = 10_000;
/// The longest time to live.
const TTL_US_MAX: u64 = 60_000;

/// What the one writer knows of a key, in a store that keeps what it is given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Known {
    Absent,
    At(u64, u64),
}

/// What came of a write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Came {
    Done,
    /// Its condition did not hold, or there was no room.
    Not,
}

/// A writer, and what it knows for sure.
#[derive(Debug)]
pub(crate) struct Writer(HashMap<usize, Known>);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(HashMap::new())
    }

    /// Does the next write of one of the worker's keys.
    pub(crate) fn write(&mut self, worker: &mut Worker) -> Outcome {
        let Some(key) = own_key(worker) else { return Ok(()) };
        let seed = worker.round.seed;
        let deadline_us = if is_timed(key) {
            Monotonic.now_us() + worker.random.below(TTL_US_MAX)
        } else {
            NEVER_US
        };
        let known = self.0.remove(&key);
        let sequence = worker.judge.intend(key, deadline_us);
        let nature = Nature::of(seed, key, sequence);
        let came = perform(worker, key, (sequence, deadline_us), nature, known);
        if worker.round.is_damaged() {
            return came.map(|_| ());
        }
        let what = || format!("key {key}, write {sequence}, {nature:?}, {known:?}");
        let came = came.map_err(|error| format!("{}: {error}", what()))?;
        if came == Came::Done {
            worker.judge.acknowledge(key, sequence);
        } else if let Seen::Value { sequence: seen, .. } = worker.read(key)?
            && seen == sequence
        {
            return Err(format!("{}: refused, and there", what()));
        }
        if worker.round.keeps() {
            let after = match (came, nature.leaves_nothing()) {
                (Came::Done, true) => Some(Known::Absent),
                (Came::Done, false) => Some(Known::At(sequence, deadline_us)),
                (Came::Not, _) => known,
            };
            // What has a deadline is not known for sure.
            if let Some(after) = after.filter(|_| !is_timed(key)) {
                self.0.insert(key, after);
            }
        }
        Ok(())
    }

    /// Gives an entry another deadline.
    pub(crate) fn touch(worker: &mut Worker) -> Outcome {
        let Some(key) = own_key(worker).filter(|key| is_timed(*key)) else { return Ok(()) };
        let sequence = worker.ledger.keys[key].intended.load(SeqCst);
        let Seen::Value { sequence: seen, .. } = worker.read(key)? else { return Ok(()) };
        if seen != sequence {
            return Ok(());
        }
        let deadline_us = Monotonic.now_us() + worker.random.below(TTL_US_MAX);
        worker.judge.allow_deadline(key, sequence, deadline_us);
        let touched = worker.store.who().touch(Key::narrow(&name(key)), deadline_us, &Monotonic);
        touched.map(|_| ()).map_err(|error| format!("touch: {error:?}"))
    }
}

fn own_key(worker: &mut Worker) -> Option<usize> {
    let (ledger, place) = (worker.ledger, worker.place as u64);
    let is_own = |key: &usize| ledger.keys[*key].writer.load(SeqCst) == place;
    (0..TRIES).map(|_| worker.any_key()).find(is_own)
}

fn perform(
    worker: &Worker,
    key: usize,
    (sequence, deadline_us): (u64, u64),
    nature: Nature,
    known: Option<Known>,
) -> Result<Came, String> {
    let (name, round, who) = (name(key), &worker.round, worker.store.who());
    match nature {
        Nature::Delete => {
            let was = match who.delete(Key::narrow(&name), &Monotonic) {
                Err(error) if is_fair(worker, error) => return Ok(Came::Not),
                was => was.map_err(|error| format!("{error:?}"))?,
            };
            expect(known, was)?;
            Ok(Came::Done)
        }
        Nature::Take => {
            let seen = match worker.store.take(key, round.seed) {
                Err(error) if is_fair(worker, error) => return Ok(Came::Not),
                seen => seen.map_err(|error| format!("{error:?}"))?,
            };
            expect(known, seen != Seen::Absent)?;
            match (seen, known) {
                (Seen::Torn { .. }, _) if round.is_damaged() => Ok(Came::Done),
                (Seen::Torn { length }, _) => Err(format!("took {length} torn bytes")),
                (Seen::Value { sequence, .. }, Some(Known::At(last, _))) if sequence != last => {
                    Err(format!("took write {sequence}"))
                }
                _ => Ok(Came::Done),
            }
        }
        Nature::Filter => {
            let removed = remove_by_filter(who, &name).map_err(|error| format!("{error:?}"))?;
            if removed > 1 {
                return Err(format!("removed {removed} times"));
            }
            expect(known, removed == 1)?;
            Ok(Came::Done)
        }
        Nature::Invalidate => match worker.store.invalidate(key) {
            Err(error) if is_fair(worker, error) => Ok(Came::Not),
            done => done.map(|()| Came::Done).map_err(|error| format!("{error:?}")),
        },
        _ => {
            let bytes = payload(key, sequence, deadline_us, round);
            let list;
            let tags = if Mark::of(key) == Mark::Tag {
                list = who.tag_list(&tags(key)).map_err(|error| format!("{error:?}"))?;
                list.given(None)
            } else {
                Tagging::None
            };
            let value = Value { kind: BYTES, bytes: &bytes, deadline_us, stale_us: 0, tags };
            let write = |condition| who.write(Key::narrow(&name), &value, condition, &Monotonic);
            let written = match (nature, known) {
                (Nature::Add, _) => write(Condition::IfAbsent),
                (Nature::Replace, _) => write(Condition::IfPresent),
                (Nature::Exchange, Some(Known::At(..))) => exchange(who, &name, write),
                _ => write(Condition::Always),
            };
            let came = match written {
                Ok(true) => Came::Done,
                Ok(false) => Came::Not,
                Err(error) if is_refusal_fair(worker, error, bytes.len()) => {
                    worker.ledger.workers[worker.place].refused.fetch_add(1, SeqCst);
                    return Ok(Came::Not);
                }
                Err(error) => return Err(format!("{error:?}, {} bytes", bytes.len())),
            };
            let is_there = (came == Came::Done) == matches!(nature, Nature::Replace);
            match (nature, known) {
                (Nature::Add | Nature::Replace, _) => expect(known, is_there)?,
                _ if came == Came::Not => return Err("refused its condition".to_owned()),
                _ => {}
            }
            Ok(came)
        }
    }
}

/// Removes the entry of a key as a filter finds it: how many went.
fn remove_by_filter(who: &Participant, name: &[u8]) -> Result<usize, Error> {
    let is_meant = |key: &[u8], _: bool| key == name;
    let meant: Meant<'_> = (Beginning::of(name), &is_meant);
    let (mut at, mut sum, mut batch) = (Removal::BEGIN, 0, Batch::default());
    loop {
        let removed;
        (at, removed) = who.delete_where(at, meant, &Monotonic, &mut batch)?;
        sum += removed;
        if at.is_over() {
            return Ok(sum);
        }
    }
}

/// Writes over what is there, while nothing was written since it was seen: what others write to
/// keys of the same stripe is in the way, but not for ever.
fn exchange(
    who: &Participant,
    name: &[u8],
    write: impl Fn(Condition) -> Result<bool, Error>,
) -> Result<bool, Error> {
    for _ in 0..EXCHANGES {
        let Some(found) = who.peek(Key::narrow(name), &Monotonic)? else { return Ok(false) };
        if write(Condition::IfVersion(found.version))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A store that evicts has room for everything that is short, unless its disk has none.
fn is_refusal_fair(worker: &Worker, error: Error, bytes: usize) -> bool {
    const SHORT: usize = 8192;
    is_fair(worker, error) || bytes > SHORT && matches!(error, Error::Full | Error::TooLarge)
}

/// Compares what is known for sure with what the store says.
fn expect(known: Option<Known>, is_there: bool) -> Outcome {
    match known {
        Some(Known::Absent) if is_there => Err("there is an entry, and none was set".to_owned()),
        Some(Known::At(..)) if !is_there => Err("there is no entry, and one was set".to_owned()),
        _ => Ok(()),
    }
}
