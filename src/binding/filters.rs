//! Which keys are meant, as JavaScript says it: a filter in a string.
//!
//! Knows no store. A filter is written `prefixUnits,hiddenUnits,flags,prefix` and behind that the
//! source of its pattern; without a pattern the flags are `-`. The empty string means all keys but
//! those of namespaces, `+` all.
//! Invariant: which filters are kept makes a difference to the time of a call alone.

use std::cell::RefCell;
use std::rc::Rc;

use super::call::{Call, RawCallback, Value, raw_callback};
use crate::contract::Refusal;
use crate::error::Error;
use crate::text::filter::{Filter, is_plain};
use crate::text::string::Text;

/// Filters that are kept: walks that take turns need not compile their patterns again.
const KEPT: usize = 8;
/// What stands for the flags where there is no pattern.
const NO_PATTERN: &str = "-";
/// What stands for all keys.
const ALL: u8 = b'+';
/// The most parts before the prefix and the source, each with a comma behind it.
const PARTS: usize = 3;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] =
    &[("checkFilter", raw_callback(check_filter)), ("isMeant", raw_callback(is_meant))];

/// The filters that were asked last, the last one first.
#[derive(Debug, Default)]
pub(super) struct Filters(RefCell<Vec<Kept>>);

#[derive(Debug)]
struct Kept {
    bytes: Vec<u8>,
    is_utf16: bool,
    filter: Rc<Filter>,
}

impl Filters {
    fn of(&self, written: Text<'_>) -> Result<Rc<Filter>, Error> {
        let mut kept = self.0.borrow_mut();
        let (bytes, is_utf16) = written.parts();
        let is_same = |kept: &Kept| kept.bytes == bytes && kept.is_utf16 == is_utf16;
        if let Some(index) = kept.iter().position(is_same) {
            kept[..=index].rotate_right(1);
        } else {
            let filter = Rc::new(read(written)?);
            kept.truncate(KEPT - 1);
            kept.insert(0, Kept { bytes: bytes.to_vec(), is_utf16, filter });
        }
        kept.first().map(|first| Rc::clone(&first.filter)).ok_or(Error::Argument)
    }
}

impl Call {
    /// The filter that an argument is; `None` where it means all plain keys.
    pub(super) fn filter(&self, index: usize) -> Result<Option<Rc<Filter>>, Error> {
        self.with_key(index, |written| {
            let is_empty = written.parts().0.is_empty();
            if is_empty { Ok(None) } else { self.environment().filters.of(written).map(Some) }
        })?
    }
}

/// Whether a filter means a key, and without one, whether it is a plain key.
#[inline]
pub(super) fn means(filter: Option<&Filter>, key: Text<'_>) -> bool {
    filter.map_or_else(|| is_plain(key), |filter| filter.is_match(key))
}

/// `checkFilter(filter)` → 0, or below 0 where its pattern is none that can be matched.
fn check_filter(call: &Call) -> Result<Value, Error> {
    Ok(match call.filter(0) {
        Err(Error::Pattern) => call.integer(Error::Pattern.refusal().map_or(-1, Refusal::number)),
        checked => checked.map(|_| call.integer(0))?,
    })
}

/// `isMeant(filter, key)` → whether the filter means the key.
fn is_meant(call: &Call) -> Result<Value, Error> {
    let filter = call.filter(0)?;
    let is_meant = call.with_key(1, |key| means(filter.as_deref(), key))?;
    Ok(call.boolean(is_meant))
}

/// Reads a filter that JavaScript wrote.
fn read(written: Text<'_>) -> Result<Filter, Error> {
    let comma = u16::from(b',');
    let units: Vec<u16> = written.units().collect();
    if units == [u16::from(ALL)] {
        return Ok(Filter::of_all());
    }
    let mut parts = units.splitn(PARTS + 1, |&unit| unit == comma);
    let mut next = || parts.next().ok_or(Error::Argument);
    let prefix_units = whole(next()?)?;
    let hidden_units = whole(next()?)?;
    let flags = String::from_utf16_lossy(next()?);
    let (prefix, source) = next()?.split_at_checked(prefix_units).ok_or(Error::Argument)?;
    let filter = Filter::of_prefix(Text::write(prefix, &mut vec![0; prefix_units * 2]));
    if flags == NO_PATTERN {
        return Ok(filter);
    }
    filter.with_pattern(hidden_units, &String::from_utf16_lossy(source), &flags)
}

fn whole(units: &[u16]) -> Result<usize, Error> {
    String::from_utf16_lossy(units).parse().map_err(|_| Error::Argument)
}
