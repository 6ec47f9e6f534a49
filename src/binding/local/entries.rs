//! One entry of a local store: found, placed, touched, removed, renamed.

use std::sync::Arc;

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::contract::{Answer, Bits, Flag, Register};
use crate::error::Error;
use crate::local::index::{Backlog, Lookup, Placed, Placement, Renamed};
use crate::local::key::KeyForm;
use crate::local::store::Store;
use crate::platform::clock::{Clock, NEVER_US, Reading, deadline_us};
use crate::rate::Verdict;
use crate::text::string::Text;

/// Flags of a code of `find`.
const TIMED: i32 = Flag::Timed as i32;
const OTHER_FORM: i32 = Flag::OtherForm as i32;
const FORM_MASK: i32 = (1 << Bits::FORM) - 1;
/// What `place`, `touch` and `rename` answer when there is no room.
const FULL: i32 = Answer::Full.number();

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("find", raw_callback(find)),
    ("place", raw_callback(place)),
    ("placeBounded", raw_callback(place_bounded)),
    ("touch", raw_callback(touch)),
    ("remove", raw_callback(remove)),
    ("rename", raw_callback(rename)),
    ("catchUp", raw_callback(catch_up)),
    ("limit", raw_callback(limit)),
];

/// `find(id, key)` → slot and flags, −slot of an entry that had expired, or 0.
fn find(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let found = call.with_key(1, |key| call.environment().with(id, |store| store.find(key)))??;
    if let Lookup::Live { deadline_us, .. } = found
        && deadline_us != NEVER_US
    {
        call.environment().registers().put_deadline(deadline_us);
    }
    Ok(call.integer(found_code(found)))
}

/// `place(target, key)` → slot that was overwritten, −slot that was added, 0 to drain first, or
/// `FULL`. The target is the id of the store, and below it the form of the key.
fn place(call: &Call) -> Result<Value, Error> {
    let request = Request::of(call)?;
    let placed = call.with_key(1, |key| {
        call.environment().with(request.id, |store| {
            let placed = request.place(call, key, store, &mut []);
            placed_code(placed, |slot, _| slot.cast_signed())
        })
    })??;
    Ok(call.integer(placed))
}

/// `placeBounded(target, key)` → as `place`, but twice the slot, plus 1 if slots wait to be
/// drained.
fn place_bounded(call: &Call) -> Result<Value, Error> {
    let size = call.environment().registers().count(Register::Size);
    let request = Request { size, ..Request::of(call)? };
    let placed = call.with_key(1, |key| {
        let environment = call.environment();
        environment.with_states(request.id, |store, states| {
            let placed = request.place(call, key, store, states);
            placed_code(placed, |slot, has_released| {
                slot.cast_signed() << 1 | i32::from(has_released)
            })
        })
    })??;
    Ok(call.integer(placed))
}

/// What `place` answers. Made where the outcome is: it is not moved about.
#[inline]
fn placed_code(placed: Result<(Placed, bool), Error>, code: impl Fn(u32, bool) -> i32) -> i32 {
    match placed {
        Ok((Placed::Overwritten(slot), has_released)) => code(slot, has_released),
        Ok((Placed::Added(slot), has_released)) => -code(slot, has_released),
        Ok((Placed::DrainFirst, _)) => 0,
        Err(_) => FULL,
    }
}

/// What is to be placed, but for its key.
struct Request {
    id: i32,
    ttl_ms: u64,
    form: KeyForm,
    size: u64,
}

impl Request {
    #[inline]
    fn of(call: &Call) -> Result<Self, Error> {
        let registers = call.environment().registers();
        let ttl_ms = registers.count(Register::TtlMs);
        let target = call.integer_argument(0)?;
        let form = KeyForm::try_from(target & FORM_MASK).map_err(|_| Error::Argument)?;
        Ok(Self { id: target >> Bits::FORM, ttl_ms, form, size: 0 })
    }

    #[inline]
    fn place(
        &self,
        call: &Call,
        key: Text<'_>,
        store: &Arc<Store>,
        states: &mut [u8],
    ) -> Result<(Placed, bool), Error> {
        let Self { ttl_ms, form, size, .. } = *self;
        let kept = call.environment().registers().take(Register::IsKept);
        if kept != 0.0 {
            return self.place_kept(call, key, store, states, kept > 1.0);
        }
        if ttl_ms == 0 {
            call.environment().registers().put_deadline(NEVER_US);
            let placement = Placement { key, form, deadline_us: NEVER_US, size };
            return store.place(placement, store.clock(), states);
        }
        let now = Reading(store.clock().now_us());
        let deadline_us = deadline_us(now.now_us(), ttl_ms);
        call.environment().registers().put_deadline(deadline_us);
        store.place(Placement { key, form, deadline_us, size }, &now, states)
    }

    #[cold]
    fn place_kept(
        &self,
        call: &Call,
        key: Text<'_>,
        store: &Arc<Store>,
        states: &mut [u8],
        was_there: bool,
    ) -> Result<(Placed, bool), Error> {
        let Self { ttl_ms, form, size, .. } = *self;
        let now = Reading(store.clock().now_us());
        // What has expired since it was seen takes the new value along.
        let deadline_us = if was_there { now.now_us() } else { deadline_after(now, ttl_ms) };
        let placement = Placement { key, form, deadline_us, size };
        let (placed, has_released, deadline_us) = store.place_kept(placement, now, states)?;
        call.environment().registers().put_deadline(deadline_us);
        Ok((placed, has_released))
    }
}

/// `touch(id, key)` → as `find`, or `FULL`.
fn touch(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let ttl_ms = call.environment().registers().count(Register::TtlMs);
    let now = Reading(call.environment().with(id, |store| store.clock().now_us())?);
    let deadline_us = deadline_after(now, ttl_ms);
    call.environment().registers().put_deadline(deadline_us);
    let touched = call.with_key(1, |key| {
        call.environment().with(id, |store| store.touch(key, deadline_us, &now))
    })??;
    Ok(call.integer(touched.map_or(FULL, found_code)))
}

/// `remove(id, key)` → slot, −slot of an entry that had expired, or 0.
fn remove(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let found =
        call.with_key(1, |key| call.environment().with(id, |store| store.remove(key)))??;
    Ok(call.integer(match found {
        Lookup::Live { slot, .. } => slot.cast_signed(),
        Lookup::Expired(slot) => -slot.cast_signed(),
        Lookup::Absent => 0,
    }))
}

/// `rename(id, from, to, form)` → slot that moved, 0 when none did, or `FULL`.
fn rename(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let form = KeyForm::try_from(call.integer_argument(3)?).map_err(|_| Error::Argument)?;
    let renamed = call.with_key(1, |from| {
        call.with_key(2, |to| call.environment().with(id, |store| store.rename(from, to, form)))
    })???;
    Ok(call.integer(match renamed {
        Ok(Renamed::Moved(slot)) => slot.cast_signed(),
        Ok(Renamed::Kept) => 0,
        Err(_) => FULL,
    }))
}

/// `catchUp(id, steps, keys, slots)` → how many steps of a backlog were done: all, or there was
/// no memory. The `Uint32Array` of steps has their number first, then how many of them were done
/// before, and two words for each as in [`Backlog`]. The other one has the number of the slots
/// behind it that the owner may take; it is filled up.
fn catch_up(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let mut buffers = call.environment().values.borrow_mut();
    let (units, space) = call.units(2, &mut buffers)?;
    let done = call.with_words(1, |steps| {
        let [count, first, steps @ ..] = steps else { return Err(Error::Argument) };
        let steps = steps.get(..*count as usize * 2).ok_or(Error::Argument)?;
        let backlog = Backlog { steps, first: *first as usize, units, space };
        call.with_words(3, |slots| {
            let [count, slots @ ..] = slots else { return Err(Error::Argument) };
            let free = slots.get_mut(*count as usize..).ok_or(Error::Argument)?;
            let (done, given) =
                call.environment().with(id, |store| store.catch_up(backlog, free))?;
            *count += u32::try_from(given).expect("no more than slots");
            Ok(done)
        })?
    })??;
    Ok(call.integer(i32::try_from(done).map_err(|_| Error::Argument)?))
}

/// `limit(id, slot)` → 1 if the limit that is kept at the slot allows what the registers ask for,
/// 0 if not, −1 if its deadline has passed. What is there then, and what is left, is in the
/// registers.
fn limit(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let slot = u32::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    let registers = call.environment().registers();
    let count = Some(registers.get(Register::Amount)).filter(|&count| count >= 0.0);
    let cost = registers.get(Register::LimitCost);
    let rate = registers.rate();
    let limited = call.environment().with(id, |store| store.limit(slot, count, (cost, &rate)))?;
    let Some((verdict, deadline_us)) = limited else { return Ok(call.integer(-1)) };
    if let Verdict::Allowed(_, Some(taken)) = verdict {
        registers.put(Register::Amount, taken.count);
    }
    registers.put_deadline(deadline_us);
    Ok(call.integer(registers.put_verdict(verdict)))
}

/// The deadline of what lives for `ttl_ms`, 0 for ever.
fn deadline_after(now: Reading, ttl_ms: u64) -> u64 {
    if ttl_ms == 0 { NEVER_US } else { deadline_us(now.now_us(), ttl_ms) }
}

fn found_code(found: Lookup) -> i32 {
    match found {
        Lookup::Live { slot, deadline_us, form } => {
            let timed = if deadline_us == NEVER_US { 0 } else { TIMED };
            let other_form = if form == 0 { 0 } else { OTHER_FORM };
            slot.cast_signed() << Bits::FLAGS | timed | other_form
        }
        Lookup::Expired(slot) => -slot.cast_signed(),
        Lookup::Absent => 0,
    }
}
