//! Keys of a shared store one after another, and those that a pattern means.

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::registers::number_of;
use crate::binding::shared::answers::{answer, code_of};
use crate::engine::{Batch, START, Want};
use crate::error::Error;
use crate::platform::clock::Monotonic;
use crate::text::pattern::Pattern;
use crate::text::string::Text;

/// Keys of one step of a walk.
const STEP_ENTRIES: usize = 256;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] =
    &[("sharedScan", raw_callback(scan)), ("sharedMatches", raw_callback(matches))];

/// `sharedScan(id, cursor)` → an array: the next cursor, 0 at the end, and the keys of this step;
/// or below 0.
fn scan(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let cursor = call.whole_argument(1)?;
    let mut batch = Batch::default();
    let next = match step(call, id, cursor, &mut batch)? {
        Ok(next) => next,
        Err(error) => return answer(call, Err(error)),
    };
    let array = call.array();
    call.put(array, 0, || call.number(if next == START { 0.0 } else { number_of(next) }));
    for (index, listed) in (1..).zip(batch.entries()) {
        let key = Text::of_parts(batch.key(listed), listed.wide);
        call.put(array, index, || call.string(key));
    }
    Ok(array)
}

/// `sharedMatches(id, pattern, flags)` → an array of the keys that the pattern means, or a number
/// below 0. Flags that begin with `*` make it a glob.
fn matches(call: &Call) -> Result<Value, Error> {
    let id = call.integer_argument(0)?;
    let source = call.text(1)?;
    let flags = call.text(2)?;
    let pattern = if flags.starts_with('*') {
        Pattern::glob(&source)
    } else {
        Pattern::expression(&source, &flags)
    };
    let pattern = match pattern {
        Ok(pattern) => pattern,
        Err(error) => return Ok(call.integer(code_of(error)?)),
    };
    let array = call.array();
    let mut index = 0;
    let mut cursor = START;
    let mut batch = Batch::default();
    loop {
        cursor = match step(call, id, cursor, &mut batch)? {
            Ok(next) => next,
            Err(error) => return answer(call, Err(error)),
        };
        for listed in batch.entries() {
            let key = Text::of_parts(batch.key(listed), listed.wide);
            if pattern.is_match(key) {
                call.put(array, index, || call.string(key));
                index += 1;
            }
        }
        if cursor == START {
            return Ok(array);
        }
    }
}

/// One step of a walk over the keys of a store: where the next one begins.
fn step(call: &Call, id: i32, cursor: u64, batch: &mut Batch) -> Result<Result<u64, Error>, Error> {
    call.environment().with_shared(id, |opened| {
        opened.participant().scan(cursor, STEP_ENTRIES, Want::Keys, &Monotonic, batch)
    })
}
