//! What JavaScript calls for shared stores: convert in, one call, convert out.
//!
//! The facade (`lib/shared/`) checks every argument before it calls. Each function takes the id of
//! a store first. What can go wrong at run time comes back as a number below 0, a
//! [`Refusal`](crate::contract::Refusal); the rest of what goes with a call is in the registers.
//!
//! - [`reads`], [`writes`]: one entry;
//! - [`tags`]: tags of entries, and their invalidation;
//! - [`walks`]: all of them, one after another;
//! - [`claims`]: locks of keys, claims of loads, structures of records;
//! - [`waits`]: waits for claims of others;
//! - [`watches`]: changes and messages that are told;
//! - [`opening`]: stores that are opened and closed;
//! - [`observing`]: stores that nobody opens to look at them: their files, and what is in them;
//! - [`whole`]: the store as a whole;
//! - [`answers`]: how calls reach an entry, and what they answer.

mod answers;
mod claims;
mod observing;
mod opening;
mod reads;
mod tags;
mod waits;
mod walks;
mod watches;
mod whole;
mod writes;

use super::call::RawCallback;

/// Every function, under the name that the facade knows.
pub(super) const FUNCTIONS: &[&[(&str, RawCallback)]] = &[
    reads::FUNCTIONS,
    writes::FUNCTIONS,
    tags::FUNCTIONS,
    walks::FUNCTIONS,
    claims::FUNCTIONS,
    waits::FUNCTIONS,
    watches::FUNCTIONS,
    opening::FUNCTIONS,
    observing::files::FUNCTIONS,
    observing::entries::FUNCTIONS,
    observing::figures::FUNCTIONS,
    whole::FUNCTIONS,
];
