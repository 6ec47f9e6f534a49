//! Shared stores that are opened and closed, their names and their files.
//!
//! Of what an opener wants, numbers below 0 are left to the store.

use std::path::PathBuf;

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::registers::number_of;
use crate::binding::shared::answers::answer;
use crate::contract::{self, MismatchedOption, Refusal, Register};
use crate::engine::store::WhenFull;
use crate::error::Error;
use crate::region::header::LAYOUT_VERSION;
use crate::registry::here;
use crate::registry::stores::{Mismatch, OpenError, Place, Sharing, Wanted};
use crate::text::string::Text;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("openShared", raw_callback(open_shared)),
    ("openFile", raw_callback(open_file)),
    ("meetsShared", raw_callback(meets_shared)),
    ("isNamed", raw_callback(is_named)),
    ("closeShared", raw_callback(close_shared)),
    ("storeSuffix", raw_callback(store_suffix)),
    ("removeName", raw_callback(remove_name)),
];

/// `openShared(name, maxBytes, maxEntries, whenFull)` → id, or below 0.
fn open_shared(call: &Call) -> Result<Value, Error> {
    let name = call.with_key(0, |key| key.units().collect())?;
    let wanted = Wanted { first_bytes: given(call, Register::FirstBytes), ..wanted(call, 1)? };
    open(call, &Place::Threads(name), wanted)
}

/// `openFile(path, name, maxBytes, maxEntries, whenFull)` → id, or below 0.
fn open_file(call: &Call) -> Result<Value, Error> {
    let path = PathBuf::from(call.text(0)?);
    let name = call.with_key(1, |key| key.units().collect())?;
    let wanted = Wanted {
        first_bytes: given(call, Register::FirstBytes),
        reserve_bytes: given(call, Register::ReserveBytes),
        ..wanted(call, 2)?
    };
    let is_group = call.environment().registers().get(Register::IsGroup) != 0.0;
    let sharing = if is_group { Sharing::Group } else { Sharing::User };
    open(call, &Place::File { path, name, sharing }, wanted)
}

/// Bytes of a register, if any are given.
fn given(call: &Call, register: Register) -> Option<u64> {
    Some(call.environment().registers().count(register)).filter(|bytes| *bytes > 0)
}

fn open(call: &Call, place: &Place, wanted: Wanted) -> Result<Value, Error> {
    match here::open(place, wanted) {
        Ok(opened) => answer(call, call.environment().keep_shared(opened)),
        Err(OpenError::Failed(error)) => {
            let shortage = f64::from(error.shortage().number());
            call.environment().registers().put(Register::Shortage, shortage);
            answer(call, Err(error))
        }
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
    let named = call.environment().with_shared(id, |opened| opened.is_named())?;
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
    let is_detached = call.is_given(1) && call.detach(1);
    call.environment().close_shared(call.integer_argument(0)?, is_detached);
    Ok(Call::undefined())
}

/// `storeSuffix()` → how the names of files of this layout end.
#[expect(clippy::unnecessary_wraps, reason = "the form of a callback")]
fn store_suffix(call: &Call) -> Result<Value, Error> {
    let suffix = format!(".v{LAYOUT_VERSION}.store");
    Ok(call.string(Text::latin1(suffix.as_bytes())))
}

/// `removeName(id)` → 1, 0 if the name is another's already, or below 0.
fn remove_name(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let removed = call.environment().with_shared(id, |opened| opened.remove_name())?;
    answer(call, removed.map(i32::from))
}
