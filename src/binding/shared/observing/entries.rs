//! Entries of a store that is only looked at.

use std::rc::Rc;

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::filters::means;
use crate::binding::registers::number_of;
use crate::binding::shared::answers::answer;
use crate::binding::shared::reads::{fill, shown};
use crate::binding::shared::walks::{STEP_ENTRIES, cursor_value};
use crate::contract::Register;
use crate::engine::entry::{Key, NEVER_US};
use crate::engine::{Batch, IsMeant, Listed, Want};
use crate::error::Error;
use crate::platform::clock::{Clock, ms_of};
use crate::registry::observed::Observed;
use crate::text::string::Text;

pub(in crate::binding::shared) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("observedGet", raw_callback(get)),
    ("observedEntry", raw_callback(entry)),
    ("observedKeys", raw_callback(keys)),
    ("observedEntries", raw_callback(entries)),
    ("observedIndexed", raw_callback(indexed)),
    ("observedStructures", raw_callback(structures)),
];

/// `observedGet(id, key)` → as `sharedGet`.
fn get(call: &Call) -> Result<Value, Error> {
    let mut buffers = call.environment().values.borrow_mut();
    let mut is_overflow = false;
    let found = on_key(call, |observed, key| {
        let look = |into: &mut [u8]| observed.observer.get(key, observed, into);
        fill(&mut buffers, &mut is_overflow, look)
    })?;
    shown(call, found, &mut buffers, is_overflow)
}

/// `observedEntry(id, key)` → what is known of an entry, as `put_entry` puts it; an empty array if
/// there is none; or below 0.
fn entry(call: &Call) -> Result<Value, Error> {
    let mut batch = Batch::default();
    let listed = on_key(call, |observed, key| {
        let hash = observed.observer.hash(key);
        observed.observer.list_hash(hash, Want::Tags, observed, &mut batch)?;
        Ok(observed.now_us())
    })?;
    let now_us = match listed {
        Ok(now_us) => now_us,
        Err(error) => return answer(call, Err(error)),
    };
    let array = call.array();
    if let Some(listed) = batch.entries().first() {
        put_entry(call, (array, 0), (&batch, listed), now_us);
    }
    Ok(array)
}

/// `observedKeys(id, cursor, filter)` → as `sharedScan`.
fn keys(call: &Call) -> Result<Value, Error> {
    let mut batch = Batch::default();
    let (next, _) = match step(call, Want::Keys, &mut batch)? {
        Ok(stepped) => stepped,
        Err(error) => return answer(call, Err(error)),
    };
    let array = call.array();
    call.put(array, 0, || cursor_value(call, next));
    for (index, listed) in (1..).zip(batch.entries()) {
        call.put(array, index, || call.string(Text::of_parts(batch.key(listed), listed.wide)));
    }
    Ok(array)
}

/// `observedEntries(id, cursor, filter)` → an array: the next cursor, 0 at the end, and what is
/// known of each entry of this step that is meant, as `put_entry` puts it; or below 0.
fn entries(call: &Call) -> Result<Value, Error> {
    let mut batch = Batch::default();
    let (next, now_us) = match step(call, Want::Tags, &mut batch)? {
        Ok(stepped) => stepped,
        Err(error) => return answer(call, Err(error)),
    };
    let array = call.array();
    call.put(array, 0, || cursor_value(call, next));
    for (start, listed) in (1..).step_by(ENTRY_PARTS).zip(batch.entries()) {
        put_entry(call, (array, start), (&batch, listed), now_us);
    }
    Ok(array)
}

/// `observedIndexed(id, cursor)` → an array: the next cursor, 0 at the end, and how many entries
/// this step met: those that have expired or were invalidated, too; or below 0.
fn indexed(call: &Call) -> Result<Value, Error> {
    let (id, cursor) = (call.integer_argument(0)?, call.whole_argument(1)?);
    let mut batch = Batch::default();
    let scanned = call.environment().with_observed(id, |observed| {
        observed.observer.scan(cursor, STEP_ENTRIES, Want::Remains, observed, &mut batch)
    })?;
    let next = match scanned {
        Ok(next) => next,
        Err(error) => return answer(call, Err(error)),
    };
    let array = call.array();
    call.put(array, 0, || cursor_value(call, next));
    call.put(array, 1, || call.number(number_of(batch.entries().len() as u64)));
    Ok(array)
}

/// `observedStructures(id)` → as `readStructures`.
fn structures(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let mut bytes = Vec::new();
    let read = call.environment().with_observed(id, |it| it.observer.schema(&mut bytes))?;
    let version = match read {
        Ok(version) => version,
        Err(error) => return answer(call, Err(error)),
    };
    call.environment().registers().put(Register::StructuresVersion, f64::from(version));
    call.copied_bytes(&bytes)
}

/// Parts that an array has of each entry.
const ENTRY_PARTS: usize = 5;

/// Puts an entry into an array: its key, the bytes of its value, the ms that are left to it (-1 for
/// ever), how often it was read lately, its tags.
fn put_entry(
    call: &Call,
    (array, start): (Value, u32),
    (batch, listed): (&Batch, &Listed),
    now_us: u64,
) {
    let ttl_ms = match listed.found.deadline_us {
        NEVER_US => -1.0,
        deadline_us => ms_of(deadline_us.saturating_sub(now_us)),
    };
    let numbers = [number_of(listed.found.length as u64), ttl_ms, number_of(listed.frequency)];
    let text = |bytes, wide| call.string(Text::of_parts(bytes, wide));
    call.put(array, start, || text(batch.key(listed), listed.wide));
    for (index, number) in (start + 1..).zip(numbers) {
        call.put(array, index, || call.number(number));
    }
    call.put(array, start + 4, || text(batch.value(listed), listed.wide_tags));
}

/// One step of a walk over the entries that are meant: where the next one begins, and when it was.
fn step(call: &Call, want: Want, batch: &mut Batch) -> Result<Result<(u64, u64), Error>, Error> {
    let (id, cursor) = (call.integer_argument(0)?, call.whole_argument(1)?);
    let filter: Option<Rc<_>> = call.filter(2)?;
    call.environment().with_observed(id, |observed| {
        let is_meant = |key: &[u8], wide| means(filter.as_deref(), Text::of_parts(key, wide));
        let sight = (want, &is_meant as IsMeant<'_>);
        let next = observed.observer.scan_where(cursor, STEP_ENTRIES, sight, observed, batch)?;
        Ok((next, observed.now_us()))
    })
}

fn on_key<T>(
    call: &Call,
    act: impl FnOnce(&Observed, Key<'_>) -> Result<T, Error>,
) -> Result<Result<T, Error>, Error> {
    let id = call.integer_argument(0)?;
    call.with_key(1, |key| {
        let (bytes, wide) = key.parts();
        call.environment().with_observed(id, |it| act(it, Key { bytes, wide, form: 0 }))
    })?
}
