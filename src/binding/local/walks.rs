//! Entries of a local store one after another, all or those that are meant.

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::filters::means;
use crate::binding::registers::number_of;
use crate::contract::{Bits, Register};
use crate::error::Error;
use crate::local::key::Key;
use crate::local::store::Effort;
use crate::text::filter::Filter;
use crate::text::string::Text;

/// Entries that are copied out of the store before JavaScript gets them.
const LIST_ENTRIES: usize = 256;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("list", raw_callback(list)),
    ("listKeys", raw_callback(list_keys)),
    ("countKeys", raw_callback(count_keys)),
    ("listSome", raw_callback(list_some)),
    ("removeSlots", raw_callback(remove_slots)),
    ("releaseSlots", raw_callback(release_slots)),
    ("removeSome", raw_callback(remove_some)),
    ("oldest", raw_callback(oldest)),
    ("openCursor", raw_callback(open_cursor)),
    ("advance", raw_callback(advance)),
    ("closeCursor", raw_callback(close_cursor)),
];

/// `list(id, withKeys, gone)` → slot and form of each live entry, oldest first; with keys, code and
/// key in turns. Here and below, what is gone is not live: see [`Gone`].
fn list(call: &Call) -> Result<Value, Error> {
    let with_keys = call.integer_argument(1)? != 0;
    let mut list = List::new(call);
    for_each(call, Some(&Filter::of_all()), with_keys, |code, key| {
        list.add(&|| call.integer(code));
        if let Some(key) = key {
            list.add(&|| call.string(key.as_ref()));
        }
    })?;
    Ok(list.array)
}

/// `listKeys(id, filter, gone)` → the live keys that are meant, oldest first.
fn list_keys(call: &Call) -> Result<Value, Error> {
    let filter = call.filter(1)?;
    let mut list = List::new(call);
    for_each(call, filter.as_deref(), true, |_, key| {
        if let Some(key) = key {
            list.add(&|| call.string(key.as_ref()));
        }
    })?;
    Ok(list.array)
}

/// `countKeys(id, filter, gone)` → how many live keys are meant.
fn count_keys(call: &Call) -> Result<Value, Error> {
    let filter = call.filter(1)?;
    let mut count = 0;
    for_each(call, filter.as_deref(), false, |_, _| count += 1)?;
    Ok(call.integer(count))
}

/// `listSome(id, cursor, filter)` → an array: 1 if there may be more, else 0, and then code and key
/// in turns of the next entries that are meant.
fn list_some(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cursor = usize::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    let filter = call.filter(2)?;
    let (batch, has_more) = next_entries(call, id, cursor, filter.as_deref(), true)?;
    let mut list = List::new(call);
    list.add(&|| call.integer(i32::from(has_more)));
    for (code, key) in &batch {
        list.add(&|| call.integer(*code));
        if let Some(key) = key {
            list.add(&|| call.string(key.as_ref()));
        }
    }
    Ok(list.array)
}

/// `removeSlots(id, slots, count)`: removes the live entries at the first slots of a `Uint32Array`;
/// where there is none, it has 0 then.
fn remove_slots(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let count = usize::try_from(call.integer_argument(2)?).map_err(|_| Error::Argument)?;
    call.with_words(1, |slots| {
        let slots = slots.get_mut(..count).ok_or(Error::Argument)?;
        call.environment().with(id, |store| store.remove_slots(slots))
    })??;
    Ok(Call::undefined())
}

/// `releaseSlots(id, slots, count)`: releases the live entries at the first slots of a
/// `Uint32Array`, which were invalidated; they are to be drained.
fn release_slots(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let count = usize::try_from(call.integer_argument(2)?).map_err(|_| Error::Argument)?;
    call.with_words(1, |slots| {
        let slots = slots.get(..count).ok_or(Error::Argument)?;
        call.environment().with(id, |store| store.release_slots(slots))
    })??;
    Ok(Call::undefined())
}

/// `removeSome(id, cursor, filter, slots)`: removes the next entries that are meant; how many, or
/// −1 less that many where there are no more. Their slots are put into a `Uint32Array`.
fn remove_some(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cursor = usize::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    let filter = call.filter(2)?;
    let is_meant = |key: Text<'_>| means(filter.as_deref(), key);
    let asked = (cursor, effort(filter.as_deref()));
    let (removed, has_more) = call.with_words(3, |slots| {
        call.environment().with(id, |store| store.remove_where(asked, is_meant, slots))
    })??;
    let removed = i32::try_from(removed).map_err(|_| Error::Argument)?;
    Ok(call.integer(if has_more { removed } else { -1 - removed }))
}

/// An array that grows.
struct List<'a> {
    call: &'a Call,
    array: Value,
    length: u32,
}

impl<'a> List<'a> {
    fn new(call: &'a Call) -> Self {
        Self { call, array: call.array(), length: 0 }
    }

    fn add(&mut self, value: &dyn Fn() -> Value) {
        self.call.put(self.array, self.length, value);
        self.length += 1;
    }
}

/// Entries of a step of a walk: the code of each, and its key where that is wanted.
type Listed = Vec<(i32, Option<Key>)>;

/// Which slots have an entry that was invalidated: a bit for each, in a `Uint32Array`. A copy: none
/// of JavaScript's memory is looked at while strings are made.
struct Gone(Vec<u32>);

impl Gone {
    /// As the third argument says; none, where nothing is given.
    fn of(call: &Call) -> Result<Self, Error> {
        if !call.is_given(2) {
            return Ok(Self(Vec::new()));
        }
        call.with_words(2, |words| Self(words.to_vec()))
    }

    fn has(&self, code: i32) -> bool {
        let slot = code.cast_unsigned() >> Bits::FORM;
        self.0.get(slot as usize / 32).is_some_and(|word| word >> (slot % 32) & 1 != 0)
    }
}

/// Shows each live entry that is meant, oldest first.
fn for_each(
    call: &Call,
    filter: Option<&Filter>,
    with_keys: bool,
    mut show: impl FnMut(i32, Option<&Key>),
) -> Result<(), Error> {
    let id = call.integer_argument(0)?;
    let gone = Gone::of(call)?;
    let cursor = call.environment().with(id, |store| store.open_cursor())?;
    let mut walk = || {
        loop {
            let (batch, has_more) = next_entries(call, id, cursor, filter, with_keys)?;
            for (code, key) in batch.iter().filter(|(code, _)| !gone.has(*code)) {
                show(*code, key.as_ref());
            }
            if !has_more {
                return Ok(());
            }
        }
    };
    let walked = walk();
    call.environment().with(id, |store| store.close_cursor(cursor))?;
    walked
}

/// The next entries of a cursor that are meant, and whether there may be more. They are copied: no
/// string is made while the store is locked.
fn next_entries(
    call: &Call,
    id: i32,
    cursor: usize,
    filter: Option<&Filter>,
    with_keys: bool,
) -> Result<(Listed, bool), Error> {
    let mut batch = Vec::with_capacity(LIST_ENTRIES);
    let mut is_complete = true;
    let (_, has_more) = call.environment().with(id, |store| {
        let see = |slot: u32, key: &Key| match copy_if(with_keys, key) {
            Ok(copy) => {
                batch.push(((slot << Bits::FORM | u32::from(key.form())).cast_signed(), copy));
            }
            Err(_) => is_complete = false,
        };
        let asked = (cursor, effort(filter));
        store.visit_where(asked, LIST_ENTRIES, |key| means(filter, key), see)
    })?;
    if is_complete { Ok((batch, has_more)) } else { Err(Error::Full) }
}

/// `oldest(id, entry)` → slot of the oldest entry, or 0; then with its key as in `advance`, and
/// with a number for `openCursor` in a register. Of two entries the older may have expired: 0, too.
fn oldest(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let with_key = call.is_given(1);
    let shown = call.environment().with(id, |store| {
        store.visit_oldest(|slot, key, departures| (slot, copy_if(with_key, key), departures))
    })?;
    let Some((slot, key, departures)) = shown else { return Ok(call.integer(0)) };
    put_key(call, 1, key?);
    call.environment().registers().put(Register::Departures, number_of(departures));
    Ok(call.integer(slot.cast_signed()))
}

/// `openCursor(id, departures)` → cursor, at the oldest entry, or behind the one that `oldest`
/// showed with that number.
fn open_cursor(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cursor = if call.is_given(1) {
        let departures = call.whole_argument(1)?;
        call.environment().with(id, |store| store.open_cursor_behind_oldest(departures))?
    } else {
        call.environment().with(id, |store| store.open_cursor())?
    };
    i32::try_from(cursor).map(|cursor| call.integer(cursor)).map_err(|_| Error::Full)
}

/// `advance(id, cursor, filter, entry)` → slot of the next live entry that is meant, 0 where there
/// is none, or −1 where there was none among many; its key is put at index 0 of the array `entry`,
/// where one is given.
fn advance(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cursor = usize::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    let filter = call.filter(2)?;
    let with_key = call.is_given(3);
    let mut next = (0, Ok(None));
    let (count, has_more) = call.environment().with(id, |store| {
        store.visit_where(
            (cursor, effort(filter.as_deref())),
            1,
            |key| means(filter.as_deref(), key),
            |slot, key| next = (slot, copy_if(with_key, key)),
        )
    })?;
    let (slot, key) = next;
    put_key(call, 3, key?);
    let is_pause = count == 0 && has_more;
    Ok(call.integer(if is_pause { -1 } else { slot.cast_signed() }))
}

fn effort(filter: Option<&Filter>) -> Effort {
    if filter.is_some_and(Filter::has_pattern) { Effort::Unknown } else { Effort::Small }
}

/// A copy of a key, if it is wanted.
fn copy_if(wanted: bool, key: &Key) -> Result<Option<Key>, Error> {
    if wanted { Key::copy_of(key.as_ref(), 0).map(Some).ok_or(Error::Full) } else { Ok(None) }
}

/// Puts a key, if there is one, into an array that was given.
fn put_key(call: &Call, index: usize, key: Option<Key>) {
    if let Some(key) = key {
        call.put(call.argument(index), 0, || call.string(key.as_ref()));
    }
}

/// `closeCursor(id, cursor)`.
fn close_cursor(call: &Call) -> Result<Value, Error> {
    let cursor = usize::try_from(call.integer_argument(1)?).map_err(|_| Error::Argument)?;
    call.environment().with(call.integer_argument(0)?, |store| store.close_cursor(cursor))?;
    Ok(Call::undefined())
}
