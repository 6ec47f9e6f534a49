//! Changes and messages that are told to those who watch, by a queue for each of them.

use std::sync::Arc;

use crate::binding::bell::Times;
use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::shared::answers::{answer, on_key_at_once};
use crate::binding::shared::reads::primitive_of;
use crate::binding::shared::writes::{byte_of, with_value};
use crate::contract::{Register, WatchedBy};
use crate::error::Error;
use crate::registry::waits::Bell;
use crate::registry::wanted::{IsTheirs, Wanted, What};
use crate::registry::watches::Noted;
use crate::text::filter::Filter;
use crate::text::string::Text;

/// Numbers and values of a change, in what `takeChanges` gives.
const FIELDS: usize = 5;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("watchChanges", raw_callback(watch_changes)),
    ("takeChanges", raw_callback(take_changes)),
    ("endWatch", raw_callback(end_watch)),
    ("publishMessage", raw_callback(publish)),
];

/// `watchChanges(id, what, by, callback, spaceUnits)` → a ticket, and `callback` is called whenever
/// there is something to take that was not; 0 if there is no thread to be had; or below 0. So many
/// units of what is watched name the namespace it is of.
fn watch_changes(call: &Call) -> Result<Value, Error> {
    let by = u8::try_from(call.integer_argument(2)?).ok().and_then(WatchedBy::of);
    let by = by.ok_or(Error::Argument)?;
    let space_units = usize::try_from(call.whole_argument(4)?).map_err(|_| Error::Argument)?;
    let (units, bytes, wide) = call.with_key(1, |text| {
        let (bytes, wide) = text.parts();
        (text.units().collect::<Vec<_>>(), bytes.to_vec(), wide)
    })?;
    let space = units.get(..space_units).ok_or(Error::Argument)?;
    let filter = Filter::of_prefix(Text::write(space, &mut vec![0; space_units * 2]));
    let is_theirs: IsTheirs =
        Box::new(move |bytes, wide| filter.is_match(Text::of_parts(bytes, wide)));
    let id = call.integer_argument(0)?;
    let (environment, env) = (call.environment(), call.env());
    let bell: Arc<dyn Bell> = environment.callbacks().bell(env, environment)?;
    let ticket = environment.callbacks().keep(env, call.handle(3), Times::Always)?;
    let begun = environment.with_shared(id, |opened| {
        let what = match by {
            WatchedBy::Key => What::Key(bytes, wide),
            WatchedBy::Prefix => What::Prefix(units),
            WatchedBy::Channel => What::Channel(bytes, wide),
            WatchedBy::Tag => {
                What::Tag(bytes, wide, opened.participant().engine().tag_mark(&units))
            }
        };
        opened.watch(Wanted { what, is_theirs }, ticket, bell)
    });
    if matches!(begun, Ok(Ok(true))) {
        return Ok(call.integer(ticket.cast_signed()));
    }
    environment.callbacks().forget(env, ticket);
    answer(call, begun?.map(i32::from))
}

/// `takeChanges(id, ticket, most)` → an array: whether there are more, and of each change five
/// values: its `Change`, whether this thread made it, its key, the kind of its value, the value: as
/// itself if that is a primitive, else a `Uint8Array`.
fn take_changes(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let ticket = u32::try_from(call.whole_argument(1)?).map_err(|_| Error::Argument)?;
    let most = usize::try_from(call.whole_argument(2)?).map_err(|_| Error::Argument)?;
    let (me, (taken, has_more)) = call.environment().with_shared(id, |opened| {
        (opened.participant().owner().word(), opened.take_changes(ticket, most))
    })?;
    let array = call.array();
    call.put(array, 0, || call.boolean(has_more));
    for (index, noted) in (1..).step_by(FIELDS).zip(&taken) {
        call.put(array, index, || call.integer(noted.change.number().into()));
        call.put(array, index + 1, || call.boolean(noted.origin == me));
        call.put(array, index + 2, || call.string(Text::of_parts(&noted.key, noted.wide)));
        call.put(array, index + 3, || call.integer(noted.kind.into()));
        put_value(call, array, index + 4, noted)?;
    }
    Ok(array)
}

fn put_value(call: &Call, array: Value, index: u32, noted: &Noted) -> Result<(), Error> {
    let value = match primitive_of(call, noted.kind, &noted.value)? {
        Some(value) => value,
        None if noted.kind == 0 => Call::undefined(),
        None => call.copied_bytes(&noted.value)?,
    };
    // What is undefined to a callback has no handle to be put.
    if !value.is_undefined() {
        call.put(array, index, || value);
    }
    Ok(())
}

/// `endWatch(id, ticket)`: the callback is called no more.
fn end_watch(call: &Call) -> Result<Value, Error> {
    let ticket = u32::try_from(call.whole_argument(1)?).map_err(|_| Error::Argument)?;
    call.environment().callbacks().forget(call.env(), ticket);
    let id = call.integer_argument(0)?;
    call.environment().with_shared(id, |opened| opened.end_watch(ticket))?;
    Ok(Call::undefined())
}

/// `publishMessage(id, channel, value)` → 1, or below 0. The value comes as that of `sharedWrite`.
fn publish(call: &Call) -> Result<Value, Error> {
    let kind = byte_of(call.environment().registers().get(Register::Kind));
    let published = with_value(call, kind, |kind, bytes| {
        on_key_at_once(call, |opened, channel| {
            opened.participant().publish(channel, kind, bytes).map(|()| 1)
        })
    })?;
    answer(call, published)
}
