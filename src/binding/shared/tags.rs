//! Tags of a shared store: those of an entry, and their invalidation.
//!
//! Tags come and go as one string, in which a unit with the length of each stands before its own.

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::registers::{count_of, number_of};
use crate::binding::shared::answers::{answer, code_of, on_key_at_once};
use crate::binding::shared::reads::show;
use crate::contract::Register;
use crate::error::Error;
use crate::platform::clock::Monotonic;
use crate::text::string::Text;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("invalidateTags", raw_callback(invalidate)),
    ("clearSpace", raw_callback(clear_space)),
    ("tagMoment", raw_callback(moment)),
    ("areTagsInvalidated", raw_callback(are_invalidated)),
    ("sharedTags", raw_callback(tags)),
];

/// `invalidateTags(id, tags)` → 1, or below 0.
fn invalidate(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let packed = packed(call, 1)?;
    let invalidated = call
        .environment()
        .with_shared(id, |opened| opened.participant().invalidate_tags(&packed))?;
    answer(call, invalidated.map(|()| 1))
}

/// `clearSpace(id, path)` → 1, or below 0.
fn clear_space(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let path = packed(call, 1)?;
    let cleared =
        call.environment().with_shared(id, |opened| opened.participant().clear_space(&path))?;
    answer(call, cleared.map(|()| 1))
}

/// `tagMoment(id)` → the moment of now, or below 0.
fn moment(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let moment = call.environment().with_shared(id, |opened| opened.participant().moment())?;
    Ok(call.number(match moment {
        Ok(moment) => number_of(moment),
        Err(error) => f64::from(code_of(error)?),
    }))
}

/// `areTagsInvalidated(id, tags)` → 1 if one of them was invalidated after the moment in the
/// register, 0 if not, or below 0.
fn are_invalidated(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let packed = packed(call, 1)?;
    let as_of = as_of(call).unwrap_or_default();
    let invalidated = call.environment().with_shared(id, |opened| {
        opened.participant().is_any_invalidated(&packed, as_of).map(i32::from)
    })?;
    answer(call, invalidated)
}

/// `sharedTags(id, key)` → the tags of an entry; what is known of it is in the registers.
fn tags(call: &Call) -> Result<Value, Error> {
    let mut bytes = Vec::new();
    let known =
        on_key_at_once(call, |opened, key| opened.participant().tags(key, &Monotonic, &mut bytes))?;
    let is_wide = matches!(known, Ok(Some((_, true))));
    show(call, known.map(|known| known.map(|(found, _)| found)));
    Ok(call.string(Text::of_parts(&bytes, is_wide)))
}

/// An argument that has tags, or the path of a namespace: its units.
pub(super) fn packed(call: &Call, index: usize) -> Result<Vec<u16>, Error> {
    call.with_key(index, |text| text.units().collect())
}

/// The moment that what is written is of; `None` for now.
pub(super) fn as_of(call: &Call) -> Option<u64> {
    let as_of = call.environment().registers().take(Register::AsOf);
    (as_of >= 0.0).then_some(count_of(as_of))
}
