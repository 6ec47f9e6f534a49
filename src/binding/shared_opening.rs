//! What JavaScript calls to open shared stores, to close them, and for what they are.
//!
//! As in `shared_functions`: a number below 0 for what can go wrong at run time. Of what an opener
//! wants, numbers below 0 are left to the store.

use std::path::PathBuf;

use super::callback::{Call, RawCallback, Value, raw_callback};
use super::shared_functions::{answer, text};
use super::shared_memory::{count_of, number_of};
use crate::contract::{self, MismatchedOption, Refusal, Register};
use crate::engine::store::WhenFull;
use crate::error::Error;
use crate::local::key::KeyRef;
use crate::platform::clock::Monotonic;
use crate::region::header::LAYOUT_VERSION;
use crate::shared::registry::{self, Mismatch, OpenError, Opened, Place, Wanted};

/// Every function, under the name that the facade knows.
pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("openShared", raw_callback(open_shared)),
    ("openFile", raw_callback(open_file)),
    ("meetsShared", raw_callback(meets_shared)),
    ("isNamed", raw_callback(is_named)),
    ("closeShared", raw_callback(close_shared)),
    ("storeSuffix", raw_callback(store_suffix)),
    ("removeName", raw_callback(remove_name)),
    ("clearIfAlone", raw_callback(clear_if_alone)),
    ("limits", raw_callback(limits)),
    ("setMaxBytes", raw_callback(set_max_bytes)),
];

/// `openShared(name, maxBytes, maxEntries, whenFull)` → id, or below 0.
fn open_shared(call: &Call) -> Result<Value, Error> {
    let name = call.with_key(0, |key| key.units().collect())?;
    open(call, &Place::Threads(name), wanted(call, 1)?)
}

/// `openFile(path, name, maxBytes, maxEntries, whenFull)` → id, or below 0.
fn open_file(call: &Call) -> Result<Value, Error> {
    let path = PathBuf::from(text(call, 0)?);
    let name = call.with_key(1, |key| key.units().collect())?;
    let registers = call.environment().registers();
    let given = |register| Some(count_of(registers.get(register))).filter(|it| *it > 0);
    let (first_bytes, reserve_bytes) = (given(Register::FirstBytes), given(Register::ReserveBytes));
    let wanted = Wanted { first_bytes, reserve_bytes, ..wanted(call, 2)? };
    open(call, &Place::File { path, name }, wanted)
}

fn open(call: &Call, place: &Place, wanted: Wanted) -> Result<Value, Error> {
    match registry::open(place, wanted) {
        Ok(opened) => answer(call, call.environment().keep_shared(opened)),
        Err(OpenError::Failed(error)) => answer(call, Err(error)),
        Err(OpenError::Mismatch(mismatch)) => Ok(refuse(call, mismatch)),
    }
}

/// Answers that a store has another option, and says which.
fn refuse(call: &Call, mismatch: Mismatch) -> Value {
    let (option, value) = match mismatch {
        Mismatch::MaxBytes(bytes) => (MismatchedOption::MaxBytes, number_of(bytes)),
        Mismatch::MaxEntries(entries) => (MismatchedOption::MaxEntries, number_of(entries)),
        Mismatch::WhenFull(when) => {
            (MismatchedOption::WhenFull, f64::from(number_of_rule(when).number()))
        }
    };
    let registers = call.environment().registers();
    registers.put(Register::MismatchedOption, f64::from(option.number()));
    registers.put(Register::MismatchedValue, value);
    call.integer(Refusal::Mismatch.number())
}

fn number_of_rule(when: WhenFull) -> contract::WhenFull {
    match when {
        WhenFull::Refuse => contract::WhenFull::Refuse,
        WhenFull::Evict => contract::WhenFull::Evict,
    }
}

/// `meetsShared(id, maxBytes, maxEntries, whenFull)` → 1 if it is what is wanted, or below 0.
fn meets_shared(call: &Call) -> Result<Value, Error> {
    let (id, wanted) = (call.integer_argument(0)?, wanted(call, 1)?);
    let mismatch = call.environment().with_shared(id, |opened| opened.mismatch(wanted))?;
    Ok(mismatch.map_or_else(|| call.integer(1), |mismatch| refuse(call, mismatch)))
}

/// `isNamed(id)` → 1 if whoever opens the place of a store finds this one, 0 if not, or below 0.
fn is_named(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let named = call.environment().with_shared(id, Opened::is_named)?;
    answer(call, named.map(i32::from))
}

/// What an opener wants, from an argument on.
fn wanted(call: &Call, first: usize) -> Result<Wanted, Error> {
    Ok(Wanted {
        max_bytes: call.whole_argument(first).ok(),
        first_bytes: None,
        reserve_bytes: None,
        max_entries: call.whole_argument(first + 1).ok(),
        when_full: match contract::WhenFull::of(call.integer_argument(first + 2)?) {
            Some(contract::WhenFull::Refuse) => Some(WhenFull::Refuse),
            Some(contract::WhenFull::Evict) => Some(WhenFull::Evict),
            Some(contract::WhenFull::Any) => None,
            None => return Err(Error::Argument),
        },
    })
}

/// `closeShared(id, words)`: the buffer of the version words, which is of no use any more, lets go
/// of the store.
fn close_shared(call: &Call) -> Result<Value, Error> {
    call.environment().close_shared(call.integer_argument(0)?);
    if call.is_given(1) {
        call.detach(1);
    }
    Ok(Call::undefined())
}

/// `storeSuffix()` → how the names of files of this layout end.
#[expect(clippy::unnecessary_wraps, reason = "the form of a callback")]
fn store_suffix(call: &Call) -> Result<Value, Error> {
    let suffix = format!(".v{LAYOUT_VERSION}.store");
    Ok(call.string(KeyRef::narrow(suffix.as_bytes())))
}

/// `removeName(id)` → 1, 0 if the name is another's already, or below 0.
fn remove_name(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let removed = call.environment().with_shared(id, Opened::remove_name)?;
    answer(call, removed.map(i32::from))
}

/// `clearIfAlone(id)` → 1 if nobody else had the store open, and all entries are gone; 0 if others
/// have it open, or below 0.
fn clear_if_alone(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cleared = call.environment().with_shared(id, Opened::clear_if_alone)?;
    answer(call, cleared.map(i32::from))
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
