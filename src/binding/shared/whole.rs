//! A shared store as a whole: its size, its limits, its counters, its version words.

use std::sync::Arc;

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::registers::number_of;
use crate::binding::shared::answers::{answer, code_of};
use crate::contract::SharedCounter;
use crate::engine::Stats;
use crate::error::Error;
use crate::platform::clock::{Monotonic, waking_us};
use crate::registry::here;

const US_PER_MS: u64 = 1000;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("versionWords", raw_callback(version_words)),
    ("sharedSize", raw_callback(size)),
    ("hasNamespaces", raw_callback(has_namespaces)),
    ("noteNamespaces", raw_callback(note_namespaces)),
    ("sharedClear", raw_callback(clear)),
    ("clearIfAlone", raw_callback(clear_if_alone)),
    ("limits", raw_callback(limits)),
    ("setMaxBytes", raw_callback(set_max_bytes)),
    ("sharedStats", raw_callback(stats)),
    ("beginTerm", raw_callback(begin_term)),
    ("sayHeard", raw_callback(say_heard)),
    ("isTrusted", raw_callback(is_trusted)),
    ("wakingTime", raw_callback(waking_time)),
];

/// `versionWords(id)` → an `Int32Array` of the stripes' versions, or `undefined`.
fn version_words(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let engine = call.environment().with_shared(id, |opened| Arc::clone(opened.engine()))?;
    Ok(call.version_words(&engine, call.environment().keeper(id)?))
}

/// `sharedSize(id)` → how many entries are live.
fn size(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let size = call.environment().with_shared(id, |opened| opened.participant().len(&Monotonic))?;
    Ok(call.number(
        size.map_or_else(|error| code_of(error).map(f64::from), |size| Ok(number_of(size)))?,
    ))
}

/// `hasNamespaces(id)` → 1 if keys of namespaces may be there, else 0.
fn has_namespaces(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let has = call.environment().with_shared(id, |opened| opened.engine().has_namespaces())?;
    answer(call, Ok(i32::from(has)))
}

/// `noteNamespaces(id)`: such keys may be there from now on.
fn note_namespaces(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    call.environment().with_shared(id, |opened| opened.engine().note_namespaces())?;
    answer(call, Ok(1))
}

/// `sharedClear(id)` → 1, or below 0. What others make of keys at this moment is not stored.
fn clear(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cleared = call.environment().with_shared(id, |opened| {
        opened.participant().overtake_loads()?;
        opened.participant().clear()
    })?;
    answer(call, cleared.map(|()| 1))
}

/// `clearIfAlone(id)` → 1 if nobody else had the store open, and all entries are gone; 0 if others
/// have it open, or below 0.
fn clear_if_alone(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cleared = call.environment().with_shared(id, here::clear_if_alone)?;
    answer(call, cleared.map(i32::from))
}

/// `beginTerm(id)` → the number of a term, in which nothing is trusted yet.
fn begin_term(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let term = call.environment().with_shared(id, |opened| opened.engine().begin_term())?;
    Ok(call.number(f64::from(term)))
}

/// `sayHeard(id, term, momentMs)` → 1, or 0 when the term is over.
fn say_heard(call: &Call) -> Result<Value, Error> {
    let (id, moment_ms) = (call.integer_argument(0)?, call.whole_argument(2)?);
    let term = u32::try_from(call.whole_argument(1)?).map_err(|_| Error::Argument)?;
    let said =
        call.environment().with_shared(id, |opened| opened.engine().say_heard(term, moment_ms))?;
    answer(call, Ok(i32::from(said)))
}

/// `isTrusted(id, boundMs)` → 1 if all was heard up to less than so long ago, else 0.
fn is_trusted(call: &Call) -> Result<Value, Error> {
    let (id, bound_ms) = (call.integer_argument(0)?, call.whole_argument(1)?);
    let is_trusted = call
        .environment()
        .with_shared(id, |opened| opened.engine().is_trusted(waking_ms(), bound_ms))?;
    answer(call, Ok(i32::from(is_trusted)))
}

/// `wakingTime()` → milliseconds, whole ones, by a clock that runs while the machine sleeps.
#[expect(clippy::unnecessary_wraps, reason = "the form of a callback")]
fn waking_time(call: &Call) -> Result<Value, Error> {
    Ok(call.number(number_of(waking_ms())))
}

fn waking_ms() -> u64 {
    waking_us() / US_PER_MS
}

/// `limits(id)` → bytes that the store may take, and the least and the most that can be.
fn limits(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let numbers = call.environment().with_shared(id, |opened| {
        let (least, most) = opened.engine().limits().into_inner();
        [opened.engine().max_bytes(), least, most]
    })?;
    let array = call.array();
    for (index, number) in (0..).zip(numbers) {
        call.put(array, index, || call.number(number_of(number)));
    }
    Ok(array)
}

/// `setMaxBytes(id, bytes)` → 1, or below 0.
fn set_max_bytes(call: &Call) -> Result<Value, Error> {
    let (id, bytes) = (call.integer_argument(0)?, call.whole_argument(1)?);
    let set = call
        .environment()
        .with_shared(id, |opened| opened.participant().set_max_bytes(bytes, &Monotonic))?;
    answer(call, set.map(|()| 1))
}

/// `sharedStats(id)` → an array of numbers, in the order of [`SharedCounter`]; or a number below 0.
fn stats(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let stats = call.environment().with_shared(id, |opened| {
        let participant = opened.participant();
        participant.sweep_at_hand(&Monotonic)?;
        participant.stats()
    })?;
    let stats = match stats {
        Ok(stats) => stats,
        Err(error) => return answer(call, Err(error)),
    };
    let array = call.array();
    put_counters(call, array, 0, &stats);
    Ok(array)
}

/// Puts the numbers of a store into an array, from an index on, in the order of [`SharedCounter`];
/// the index behind them.
pub(super) fn put_counters(call: &Call, array: Value, start: u32, stats: &Stats) -> u32 {
    let mut end = start;
    for (index, counter) in (start..).zip(SharedCounter::ALL) {
        let count = match counter {
            SharedCounter::Entries => stats.entries,
            SharedCounter::Hits => stats.hits,
            SharedCounter::Misses => stats.misses,
            SharedCounter::Sets => stats.sets,
            SharedCounter::Deletes => stats.deletes,
            SharedCounter::Evicted => stats.evicted,
            SharedCounter::Expired => stats.expired,
            SharedCounter::LocksRecovered => stats.locks_recovered,
            SharedCounter::DataBytes => stats.data_bytes,
            SharedCounter::SegmentBytes => stats.segment_bytes,
            SharedCounter::IndexBytes => stats.index_bytes,
            SharedCounter::ResidentBytes => stats.resident_bytes,
            SharedCounter::MaxBytes => stats.max_bytes,
            SharedCounter::Participants => u64::from(stats.participants),
        };
        call.put(array, index, || call.number(number_of(count)));
        end = index + 1;
    }
    end
}
