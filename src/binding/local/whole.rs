//! A local store as a whole: opened, closed, emptied, counted; and the clock of its deadlines.

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::registers::number_of;
use crate::contract::{LocalCounter, Register};
use crate::error::Error;
use crate::local::clock::StoreClock;
use crate::local::eviction::Bounds;
use crate::local::index::Counters;
use crate::local::store::Store;
use crate::platform::clock::{Clock, Monotonic, ms_of};

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("open", raw_callback(open)),
    ("close", raw_callback(close)),
    ("tellTime", raw_callback(tell_time)),
    ("shareStates", raw_callback(share_states)),
    ("size", raw_callback(size)),
    ("clear", raw_callback(clear)),
    ("counters", raw_callback(counters)),
    ("now", raw_callback(now)),
];

/// `open(intervalMs, automatic, maxEntries, maxSize, toldUs)` → id. A bound of 0 is none; so is a
/// time of −1: the clock is the machine's, and no `tellTime` changes it.
fn open(call: &Call) -> Result<Value, Error> {
    let interval_ms = u32::try_from(call.integer_argument(0)?).map_err(|_| Error::Argument)?;
    let automatic = call.integer_argument(1)? != 0;
    let entries = u32::try_from(call.integer_argument(2)?).map_err(|_| Error::Argument)?;
    let size = call.whole_argument(3)?;
    let bounds = Bounds {
        entries: if entries == 0 { u32::MAX } else { entries },
        size: if size == 0 { u64::MAX } else { size },
    };
    let bounds = (entries != 0 || size != 0).then_some(bounds);
    let clock = call.whole_argument(4).map_or_else(|_| StoreClock::default(), StoreClock::told);
    let store = Store::with_clock(interval_ms, automatic, bounds, clock);
    let id = call.environment().open(store)?;
    Ok(call.integer(id))
}

/// `tellTime(id, us)`: what the clock of a store says from now on.
fn tell_time(call: &Call) -> Result<Value, Error> {
    let now_us = call.whole_argument(1)?;
    call.environment().with(call.integer_argument(0)?, |store| store.clock().tell(now_us))?;
    Ok(Call::undefined())
}

/// `close(id)`.
fn close(call: &Call) -> Result<Value, Error> {
    if let Some(states) = call.environment().close(call.integer_argument(0)?) {
        call.unshare_bytes(states);
    }
    Ok(Call::undefined())
}

/// `shareStates(id, states)`: a `Uint8Array` with a byte for each slot of a bounded store, the next
/// one included, that nobody else has: for `placeBounded`, until others are shared.
fn share_states(call: &Call) -> Result<Value, Error> {
    let states = call.share_bytes(1)?;
    if let Some(former) = call.environment().share_states(call.integer_argument(0)?, states)? {
        call.unshare_bytes(former);
    }
    Ok(Call::undefined())
}

/// `size(id)` → how many entries are live.
fn size(call: &Call) -> Result<Value, Error> {
    let size = call.environment().with(call.integer_argument(0)?, |store| store.size())?;
    let size = i32::try_from(size).expect("no more entries than slots");
    Ok(call.integer(size))
}

/// `clear(id)`.
fn clear(call: &Call) -> Result<Value, Error> {
    call.environment().with(call.integer_argument(0)?, |store| store.clear())?;
    Ok(Call::undefined())
}

/// `counters(id)` → an array of numbers, in the order of [`LocalCounter`].
fn counters(call: &Call) -> Result<Value, Error> {
    let counters = call.environment().with(call.integer_argument(0)?, |store| store.counters())?;
    let array = call.array();
    let Counters { expired, evicted, size, entries, bytes } = counters;
    for (index, counter) in (0..).zip(LocalCounter::ALL) {
        let count = match counter {
            LocalCounter::Expired => expired,
            LocalCounter::Evicted => evicted,
            LocalCounter::Size => size,
            LocalCounter::IndexBytes => bytes as u64,
            LocalCounter::Entries => entries as u64,
        };
        call.put(array, index, || call.number(number_of(count)));
    }
    Ok(array)
}

/// `now()`: milliseconds, with their fraction, on the clock of the deadlines, in a register: a
/// number there costs less than one that is made.
#[expect(clippy::unnecessary_wraps, reason = "every function has the same shape")]
fn now(call: &Call) -> Result<Value, Error> {
    call.environment().registers().put(Register::NowMs, ms_of(Monotonic.now_us()));
    Ok(Call::undefined())
}
