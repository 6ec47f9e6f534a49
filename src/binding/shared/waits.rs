//! Waits for claims of others, which block no event loop: JavaScript is told when they are over.

use std::sync::Arc;

use crate::binding::bell::Times;
use crate::binding::call::{Call, RawCallback, Value, raw_callback};
use crate::binding::shared::answers::on_key_at_once;
use crate::contract::{self, Waiting};
use crate::engine::ClaimTable;
use crate::error::Error;
use crate::registry::waits::{Begun, Bell};

pub(super) const FUNCTIONS: &[(&str, RawCallback)] =
    &[("awaitClaim", raw_callback(await_claim)), ("endWait", raw_callback(end_wait))];

/// `awaitClaim(id, key, table, callback)` → a ticket, and `callback` is called once the claim may
/// be had; or a `Waiting`.
fn await_claim(call: &Call) -> Result<Value, Error> {
    let table = u8::try_from(call.integer_argument(2)?).ok();
    let table = match table.and_then(contract::ClaimTable::of) {
        Some(contract::ClaimTable::Locks) => ClaimTable::Locks,
        Some(contract::ClaimTable::Loads) => ClaimTable::Loads,
        None => return Err(Error::Argument),
    };
    let (environment, env) = (call.environment(), call.env());
    let bell: Arc<dyn Bell> = environment.callbacks().bell(env, environment)?;
    let ticket = environment.callbacks().keep(env, call.handle(3), Times::Once)?;
    let begun = on_key_at_once(call, |opened, key| Ok(opened.wait(table, key, ticket, bell)));
    let answer = match begun {
        Ok(Ok(Begun::Waiting)) => return Ok(call.integer(ticket.cast_signed())),
        Ok(Ok(Begun::Over)) => Ok(Waiting::Over),
        Ok(Ok(Begun::Impossible)) => Ok(Waiting::Impossible),
        Ok(Err(error)) | Err(error) => Err(error),
    };
    environment.callbacks().forget(env, ticket);
    answer.map(|answer| call.integer(answer.number()))
}

/// `endWait(id, ticket)`: the callback will not be called.
fn end_wait(call: &Call) -> Result<Value, Error> {
    let ticket = u32::try_from(call.whole_argument(1)?).map_err(|_| Error::Argument)?;
    call.environment().callbacks().forget(call.env(), ticket);
    let id = call.integer_argument(0)?;
    call.environment().with_shared(id, |opened| opened.end_wait(ticket))?;
    Ok(Call::undefined())
}
