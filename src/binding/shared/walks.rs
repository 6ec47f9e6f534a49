//! Keys of a shared store one after another, all or those that are meant.

use std::rc::Rc;

use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::filters::means;
use crate::binding::registers::{count_of, number_of};
use crate::binding::shared::answers::{answer, code_of};
use crate::contract::Register;
use crate::engine::{Batch, Beginning, IsMeant, Removal, START, Want};
use crate::error::Error;
use crate::platform::clock::Monotonic;
use crate::text::filter::Filter;
use crate::text::pattern::Pattern;
use crate::text::string::Text;

/// Keys of one step of a walk.
pub(super) const STEP_ENTRIES: usize = 256;

pub(super) const FUNCTIONS: &[(&str, RawCallback)] = &[
    ("sharedScan", raw_callback(scan)),
    ("sharedCount", raw_callback(count)),
    ("sharedDeleteWhere", raw_callback(delete_where)),
    ("sharedMatches", raw_callback(matches)),
];

/// `sharedScan(id, cursor, filter)` → an array: the next cursor, 0 at the end, and the keys of this
/// step that are meant; or below 0.
fn scan(call: &Call) -> Result<Value, Error> {
    let mut batch = Batch::default();
    let next = match step(call, &mut batch)? {
        Ok(next) => next,
        Err(error) => return answer(call, Err(error)),
    };
    let array = call.array();
    call.put(array, 0, || cursor_value(call, next));
    for (index, listed) in (1..).zip(batch.entries()) {
        let key = Text::of_parts(batch.key(listed), listed.wide);
        call.put(array, index, || call.string(key));
    }
    Ok(array)
}

/// `sharedCount(id, cursor, filter)` → the next cursor, 0 at the end, and in a register how many
/// keys of this step are meant; or below 0.
fn count(call: &Call) -> Result<Value, Error> {
    let mut batch = Batch::default();
    let stepped = step(call, &mut batch)?;
    answer_step(call, stepped.map(|next| (next, batch.entries().len())))
}

/// `sharedDeleteWhere(id, cursor, filter)` → the next cursor, 0 at the end, and in a register how
/// many entries of this step, whose keys are meant, are gone; or below 0. What is in the register
/// `MOVED` belongs to the cursor.
fn delete_where(call: &Call) -> Result<Value, Error> {
    let (id, cursor, filter) = asked(call)?;
    let mut batch = Batch::default();
    let registers = call.environment().registers();
    let at = Removal { cursor, moved: count_of(registers.get(Register::Moved)) };
    let stepped = call.environment().with_shared(id, |opened| {
        let is_meant = |key: &[u8], wide| means(filter.as_deref(), Text::of_parts(key, wide));
        let beginning = filter.as_deref().map_or(Beginning::ANY, |filter| {
            // What begins otherwise is not meant.
            Beginning::of(filter.narrow_prefix())
        });
        opened.participant().delete_where(at, (beginning, &is_meant), &Monotonic, &mut batch)
    })?;
    let stepped = stepped.map(|(next, removed)| {
        registers.put(Register::Moved, number_of(next.moved));
        (next.cursor, removed)
    });
    answer_step(call, stepped)
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
    let is_meant = |key: &[u8], wide| pattern.is_match(Text::of_parts(key, wide));
    loop {
        let stepped = call.environment().with_shared(id, |opened| {
            let sight = (Want::Keys, &is_meant as IsMeant<'_>);
            opened.participant().scan_where(cursor, STEP_ENTRIES, sight, &Monotonic, &mut batch)
        })?;
        cursor = match stepped {
            Ok(next) => next,
            Err(error) => return answer(call, Err(error)),
        };
        for listed in batch.entries() {
            call.put(array, index, || call.string(Text::of_parts(batch.key(listed), listed.wide)));
            index += 1;
        }
        if cursor == START {
            return Ok(array);
        }
    }
}

/// What a step is asked: of which store, from where on, for which keys.
fn asked(call: &Call) -> Result<(i32, u64, Option<Rc<Filter>>), Error> {
    Ok((call.integer_argument(0)?, call.whole_argument(1)?, call.filter(2)?))
}

/// One step of a walk over the keys of a store that are meant: where the next one begins.
fn step(call: &Call, batch: &mut Batch) -> Result<Result<u64, Error>, Error> {
    let (id, cursor, filter) = asked(call)?;
    call.environment().with_shared(id, |opened| {
        let is_meant = |key: &[u8], wide| means(filter.as_deref(), Text::of_parts(key, wide));
        let sight = (Want::Keys, &is_meant as IsMeant<'_>);
        opened.participant().scan_where(cursor, STEP_ENTRIES, sight, &Monotonic, batch)
    })
}

fn answer_step(call: &Call, stepped: Result<(u64, usize), Error>) -> Result<Value, Error> {
    match stepped {
        Ok((next, count)) => {
            let count = number_of(count as u64);
            call.environment().registers().put(Register::Amount, count);
            Ok(cursor_value(call, next))
        }
        Err(error) => answer(call, Err(error)),
    }
}

/// A cursor as JavaScript has it: 0 at the end.
pub(super) fn cursor_value(call: &Call, next: u64) -> Value {
    call.number(if next == START { 0.0 } else { number_of(next) })
}
