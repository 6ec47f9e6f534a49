//! What a shared store keeps beside its entries: claims of keys, and the structures of records.

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::shared::answers::{answer, on_key_at_once, version_of, wait_us};
use crate::contract::{self, Register};
use crate::engine::Claim;
use crate::error::Error;
use crate::platform::clock::Monotonic;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("lockKey", raw_callback(lock_key)),
    ("lockInTurn", raw_callback(lock_in_turn)),
    ("releaseKey", raw_callback(release_key)),
    ("holderOf", raw_callback(holder_of)),
    ("claimLoad", raw_callback(claim_load)),
    ("endLoad", raw_callback(end_load)),
    ("leadsLoad", raw_callback(leads_load)),
    ("overtakeLoads", raw_callback(overtake_loads)),
    ("readStructures", raw_callback(read_structures)),
    ("writeStructures", raw_callback(write_structures)),
];

/// `lockKey(id, key)` → a `Claim`, what it is after the wait; or below 0.
fn lock_key(call: &Call) -> Result<Value, Error> {
    let limit_us = wait_us(call);
    let locked = on_key_at_once(call, |opened, key| {
        opened.participant().lock_key(key, limit_us, &Monotonic)
    })?;
    answer(call, locked.map(number_of))
}

/// `lockInTurn(id, key)` → a `Claim`, at once; or below 0. What this thread released while others
/// waited is theirs for a while.
fn lock_in_turn(call: &Call) -> Result<Value, Error> {
    let locked =
        on_key_at_once(call, |opened, key| opened.participant().lock_in_turn(key, &Monotonic))?;
    answer(call, locked.map(number_of))
}

/// `releaseKey(id, key)` → 1, 0 if this thread does not hold it, or below 0.
fn release_key(call: &Call) -> Result<Value, Error> {
    let released =
        on_key_at_once(call, |opened, key| opened.participant().release_key(key, &Monotonic))?;
    answer(call, released.map(i32::from))
}

/// `holderOf(id, key)` → who keeps a key from others: its process, its thread, and 1 if that is
/// this thread, else 0; nothing when nobody does.
fn holder_of(call: &Call) -> Result<Value, Error> {
    let holder = on_key_at_once(call, |opened, key| {
        let participant = opened.participant();
        Ok((participant.holder_of(key), participant.owner()))
    })?;
    let array = call.array();
    if let Ok((Some(holder), me)) = holder {
        let is_own = u32::from(holder.owner == me);
        for (index, number) in (0..).zip([holder.process, holder.thread, is_own]) {
            call.put(array, index, || call.number(f64::from(number)));
        }
    }
    Ok(array)
}

/// `claimLoad(id, key)` → a `Claim`, or below 0.
fn claim_load(call: &Call) -> Result<Value, Error> {
    let claim = on_key_at_once(call, |opened, key| opened.participant().claim_load(key))?;
    answer(call, claim.map(number_of))
}

fn number_of(claim: Claim) -> i32 {
    let claim = match claim {
        Claim::Won => contract::Claim::Won,
        Claim::Own => contract::Claim::Own,
        Claim::Others => contract::Claim::Others,
        Claim::NoPlace => contract::Claim::NoPlace,
    };
    i32::from(claim.number())
}

/// `endLoad(id, key)` → 1, 0 if it is not this thread's, or below 0.
fn end_load(call: &Call) -> Result<Value, Error> {
    let ended = on_key_at_once(call, |opened, key| opened.participant().end_load(key))?;
    answer(call, ended.map(i32::from))
}

/// `leadsLoad(id, key)` → 1, 0 if it is not this thread's or the key was removed since, or below 0.
fn leads_load(call: &Call) -> Result<Value, Error> {
    let leads = on_key_at_once(call, |opened, key| Ok(opened.participant().leads_load(key)))?;
    answer(call, leads.map(i32::from))
}

/// `overtakeLoads(id)` → 1, or below 0. What others make of keys at this moment is not stored.
fn overtake_loads(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let done =
        call.environment().with_shared(id, |opened| opened.participant().overtake_loads())?;
    answer(call, done.map(|()| 1))
}

/// `readStructures(id)` → a `Uint8Array`, whose version is in a register; or a number below 0.
fn read_structures(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let mut bytes = Vec::new();
    let read =
        call.environment().with_shared(id, |opened| opened.participant().schema(&mut bytes))?;
    let version = match read {
        Ok(version) => version,
        Err(error) => return answer(call, Err(error)),
    };
    call.environment().registers().put(Register::StructuresVersion, f64::from(version));
    call.copied_bytes(&bytes)
}

/// `writeStructures(id, bytes)` → 1, 0 if the version in the register is not current, or below 0.
fn write_structures(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let version = version_of(call.environment().registers().get(Register::StructuresVersion));
    let written = call.with_byte_values(1, |bytes| {
        call.environment()
            .with_shared(id, |opened| opened.participant().replace_schema(version, bytes))
    })??;
    answer(call, written.map(i32::from))
}
