//! What leaves a local store by itself: its sweep, what was released, when something is due, and
//! a count by which time is seen to pass.

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::error::Error;
use crate::platform::thread::ticks;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("drain", raw_callback(drain)),
    ("watch", raw_callback(watch)),
    ("drainDeparted", raw_callback(drain_departed)),
    ("releaseDue", raw_callback(release_due)),
    ("nextDueMs", raw_callback(next_due_ms)),
    ("startSweeping", raw_callback(start_sweeping)),
    ("stopSweeping", raw_callback(stop_sweeping)),
    ("nextSweepMs", raw_callback(next_sweep_ms)),
    ("startTicks", raw_callback(start_ticks)),
    ("forgetTicksWhenWoken", raw_callback(forget_ticks_when_woken)),
];

/// What there is room for at first: a write that is listened to drains what it evicted, an entry or
/// two. Room for the whole limit is 36 KB, and musl takes and gives such a piece by system calls.
const USUALLY_DEPARTED: usize = 16;

/// `drain(id, slots)` → how many slots, now in the `Uint32Array`, were freed.
fn drain(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let count =
        call.with_words(1, |words| call.environment().with(id, |store| store.drain(words)))??;
    Ok(call.integer(i32::try_from(count).expect("no more than slots")))
}

/// `watch(id, isWatched)`: from now on, what expires or is evicted waits for `drainDeparted`.
fn watch(call: &Call) -> Result<Value, Error> {
    let is_watched = call.integer_argument(1)? != 0;
    call.environment().with(call.integer_argument(0)?, |store| store.watch(is_watched))?;
    Ok(Call::undefined())
}

/// `drainDeparted(id, limit)` → an array of slot, why it went and key in turns, of slots that were
/// freed; a slot that was released while nobody watched has a reason of 0 and an empty key.
fn drain_departed(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let limit = usize::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    // Copied first: no string is made while the store is locked.
    let mut departed = Vec::with_capacity(limit.min(USUALLY_DEPARTED));
    call.environment().with(id, |store| {
        store.drain_departed(limit, |slot, why, key| departed.push((slot, why, key)))
    })?;
    let array = call.array();
    let mut length = 0;
    let mut add = |value: &dyn Fn() -> Value| {
        call.put(array, length, value);
        length += 1;
    };
    for (slot, why, key) in &departed {
        add(&|| call.integer(slot.cast_signed()));
        add(&|| call.integer(why.cast_signed()));
        add(&|| call.string(key.as_ref()));
    }
    Ok(array)
}

/// `releaseDue(id)`: releases some of what is due.
fn release_due(call: &Call) -> Result<Value, Error> {
    call.environment().with(call.integer_argument(0)?, |store| store.release_due())?;
    Ok(Call::undefined())
}

/// `nextDueMs(id)` → milliseconds until there is something to release or to drain, 0 when there
/// already is, −1 when nothing has a deadline.
fn next_due_ms(call: &Call) -> Result<Value, Error> {
    let next_ms =
        call.environment().with(call.integer_argument(0)?, |store| store.next_due_ms())?;
    Ok(call.integer(wait_code(next_ms)))
}

/// `startSweeping(id, intervalMs)` → whether this call started it. An interval of 0 keeps the
/// one that the store has.
fn start_sweeping(call: &Call) -> Result<Value, Error> {
    let interval_ms = u32::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    let interval_ms = (interval_ms != 0).then_some(interval_ms);
    let id = call.integer_argument(0)?;
    let started = call.environment().with(id, |store| store.start_sweeping(interval_ms))?;
    Ok(call.boolean(started))
}

/// `stopSweeping(id)` → whether it was on.
fn stop_sweeping(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let was_on = call.environment().with(id, |store| store.stop_sweeping())?;
    Ok(call.boolean(was_on))
}

/// `nextSweepMs(id)` → milliseconds until the scheduled sweep, 0 while it runs, −1 without one.
fn next_sweep_ms(call: &Call) -> Result<Value, Error> {
    let next_ms =
        call.environment().with(call.integer_argument(0)?, |store| store.next_sweep_ms())?;
    Ok(call.integer(wait_code(next_ms)))
}

fn wait_code(wait_ms: Option<u64>) -> i32 {
    wait_ms.map_or(-1, |ms| i32::try_from(ms).unwrap_or(i32::MAX))
}

/// `startTicks()` → 1 when the count of milliseconds goes up, 0 when there is no thread for it.
#[expect(clippy::unnecessary_wraps, reason = "the form of a callback")]
fn start_ticks(call: &Call) -> Result<Value, Error> {
    Ok(call.integer(i32::from(ticks::start())))
}

/// `forgetTicksWhenWoken()`: from now on the count does not outlive a stop of the process.
#[expect(clippy::unnecessary_wraps, reason = "the form of a callback")]
fn forget_ticks_when_woken(_call: &Call) -> Result<Value, Error> {
    #[cfg(unix)]
    crate::platform::thread::waking::keep();
    Ok(Call::undefined())
}
