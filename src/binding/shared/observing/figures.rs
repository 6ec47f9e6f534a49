//! A store that is only looked at: its numbers, who uses it, who keeps what from others.

use std::path::Path;

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::registers::number_of;
use crate::binding::shared::answers::answer;
use crate::binding::shared::whole::put_counters;
use crate::engine::observer::{Facts, ListedClient, StoreLock};
use crate::engine::store::WhenFull;
use crate::engine::{Batch, ClaimTable, Want};
use crate::error::Error;
use crate::platform::clock::ms_of;
use crate::registry::observed::Observed;
use crate::text::string::Text;

pub(in crate::binding::shared) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("observe", raw_callback(observe)),
    ("endObserving", raw_callback(end_observing)),
    ("observedFacts", raw_callback(facts)),
    ("observedClients", raw_callback(clients)),
    ("observedClaims", raw_callback(claims)),
    ("observedLocks", raw_callback(locks)),
    ("observedSegments", raw_callback(segments)),
];

/// Segments of one call.
const SEGMENTS_A_CALL: u32 = 4096;

/// `observe(path)` → the id of a store that is looked at from now on, or below 0.
fn observe(call: &Call) -> Result<Value, Error> {
    let path = call.text(0)?;
    match Observed::at(Path::new(&path)) {
        Ok(observed) => answer(call, Ok(call.environment().keep_observed(observed)?)),
        Err(error) => answer(call, Err(error)),
    }
}

/// `endObserving(id)`: a second time, nothing happens.
fn end_observing(call: &Call) -> Result<Value, Error> {
    call.environment().close_observed(call.integer_argument(0)?);
    Ok(Call::undefined())
}

/// `observedFacts(id)` → an array: the name; 1 if the store evicts; the most entries, 0 for no
/// limit; bytes of a segment, segments, how many were used, how many of these are free; when it was
/// left whole, in ms, or -1; 1 if it is of this boot; then as `sharedStats`, then in the order of
/// `SharedEffort`. Or below 0.
fn facts(call: &Call) -> Result<Value, Error> {
    let seen = looked_at(call, |it| {
        let observer = &it.observer;
        Ok((observer.facts()?, observer.stats()?, observer.efforts()?, it.is_of_this_boot))
    })?;
    let (facts, stats, efforts, is_of_this_boot) = match seen {
        Ok(seen) => seen,
        Err(error) => return answer(call, Err(error)),
    };
    let array = call.array();
    let mut space = vec![0; 2 * facts.name.len()];
    call.put(array, 0, || call.string(Text::write(&facts.name, &mut space)));
    let numbers = numbers_of(&facts).into_iter().chain([f64::from(u8::from(is_of_this_boot))]);
    let mut index = 1;
    for number in numbers {
        call.put(array, index, || call.number(number));
        index += 1;
    }
    index = put_counters(call, array, index, &stats);
    for (index, amount) in (index..).zip(efforts) {
        call.put(array, index, || call.number(number_of(amount)));
    }
    Ok(array)
}

fn numbers_of(facts: &Facts) -> [f64; 7] {
    let evicts = u8::from(facts.when_full == WhenFull::Evict);
    [
        f64::from(evicts),
        number_of(facts.max_entries),
        f64::from(facts.geometry.segment_bytes),
        f64::from(facts.geometry.segments),
        number_of(facts.used_segments),
        f64::from(facts.free_segments),
        facts.closed_at.map_or(-1.0, |[_, wall_us]| ms_of(wall_us)),
    ]
}

/// `observedClients(id)` → of each participant: 1 if it uses the store, 0 if it keeps it in order;
/// 1 if it lives; its process, its thread, since when in ms; its hits, misses, sets and deletes.
/// Or below 0.
fn clients(call: &Call) -> Result<Value, Error> {
    let seen = looked_at(call, |it| it.observer.participants())?;
    list(call, seen, |client| {
        let counts = [client.hits, client.misses, client.sets, client.deletes].map(number_of);
        let [is_user, is_alive] = [client.is_user, client.is_alive].map(u8::from).map(f64::from);
        let since_ms = ms_of(client.since_us);
        let known = [is_user, is_alive, f64::from(client.process), f64::from(client.thread)];
        known.into_iter().chain([since_ms]).chain(counts)
    })
}

/// `observedClaims(id)` → of each claim: 0 for a lock, 1 for a load; process and thread of the
/// holder, 0 if it is not known; how often it has the claim; 1 if it lives; 1 if somebody waits;
/// the key, or `undefined` where it has no entry; the hash of the key as a string. Or below 0.
fn claims(call: &Call) -> Result<Value, Error> {
    let mut batch = Batch::default();
    let seen = looked_at(call, |it| it.observer.claims())?;
    let claims = match seen {
        Ok(claims) => claims,
        Err(error) => return answer(call, Err(error)),
    };
    let array = call.array();
    for (start, claim) in (0..).step_by(CLAIM_PARTS).zip(claims) {
        let (holder, listed) = looked_at(call, |it| {
            (
                it.observer.client(claim.owner),
                it.observer.list_hash(claim.hash, Want::Keys, it, &mut batch),
            )
        })?;
        let is_load = u8::from(claim.table == ClaimTable::Loads);
        let [process, thread] = place_of(holder);
        let [is_alive, is_awaited] = [claim.is_alive, claim.is_awaited].map(u8::from);
        let numbers = [
            f64::from(is_load),
            process,
            thread,
            f64::from(claim.depth),
            f64::from(is_alive),
            f64::from(is_awaited),
        ];
        for (index, number) in (start..).zip(numbers) {
            call.put(array, index, || call.number(number));
        }
        // What cannot be read at this moment, in a damaged store, has no name.
        let found = listed.ok().and_then(|()| batch.entries().first());
        if let Some(found) = found {
            call.put(array, start + 6, || {
                call.string(Text::of_parts(batch.key(found), found.wide))
            });
        }
        let hash = format!("{:016x}", claim.hash);
        call.put(array, start + 7, || call.string(Text::latin1(hash.as_bytes())));
    }
    Ok(array)
}

/// Parts that an array has of each claim.
const CLAIM_PARTS: usize = 8;

/// `observedLocks(id)` → of each lock of the store itself that is held: 0 of a shard, 1 of the free
/// segments, 2 of the table of locks, 3 of the table of loads, 4 of the schema, 5 of the table of
/// invalidated tags, 6 of the ring of changes; the shard; process and thread of the holder, 0 if it
/// is not known; 1 if it lives. Or below 0.
fn locks(call: &Call) -> Result<Value, Error> {
    let seen = looked_at(call, |it| {
        let held = it.observer.locks()?.into_iter();
        Ok(held
            .map(|held| (held, held.owner.and_then(|owner| it.observer.client(owner))))
            .collect())
    })?;
    list(call, seen, |(held, holder)| {
        let (kind, shard) = match held.lock {
            StoreLock::Shard(shard) => (0, shard),
            StoreLock::Pool => (1, 0),
            StoreLock::Claims(ClaimTable::Locks) => (2, 0),
            StoreLock::Claims(ClaimTable::Loads) => (3, 0),
            StoreLock::Schema => (4, 0),
            StoreLock::Tags => (5, 0),
            StoreLock::Changes => (6, 0),
        };
        let [process, thread] = place_of(holder);
        [f64::from(kind), f64::from(shard), process, thread, f64::from(u8::from(held.is_alive))]
    })
}

/// `observedSegments(id, from)` → of each segment from this number on, for some thousands: what it
/// is used for, its shard, bytes that were written, and that are live; nothing at the end. Or
/// below 0.
fn segments(call: &Call) -> Result<Value, Error> {
    let from = u32::try_from(call.whole_argument(1)?).map_err(|_| Error::Argument)?;
    let seen = looked_at(call, |it| it.observer.segments(from, SEGMENTS_A_CALL))?;
    list(call, seen, |segment| {
        let bytes = [segment.used_bytes, segment.live_bytes].map(number_of);
        [f64::from(segment.role), f64::from(segment.shard)].into_iter().chain(bytes)
    })
}

fn place_of(holder: Option<ListedClient>) -> [f64; 2] {
    holder.map_or([0.0; 2], |it| [it.process, it.thread].map(f64::from))
}

fn looked_at<T>(call: &Call, look: impl FnOnce(&Observed) -> T) -> Result<T, Error> {
    call.environment().with_observed(call.integer_argument(0)?, look)
}

/// The numbers of all things in one array.
fn list<T, N: IntoIterator<Item = f64>>(
    call: &Call,
    seen: Result<Vec<T>, Error>,
    numbers: impl Fn(T) -> N,
) -> Result<Value, Error> {
    let things = match seen {
        Ok(things) => things,
        Err(error) => return answer(call, Err(error)),
    };
    let array = call.array();
    for (index, number) in (0..).zip(things.into_iter().flat_map(numbers)) {
        call.put(array, index, || call.number(number));
    }
    Ok(array)
}
