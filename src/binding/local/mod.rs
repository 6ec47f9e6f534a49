//! What JavaScript calls for local stores: convert in, one call, convert out.
//!
//! The facade (`lib/local/`) checks every argument before it calls, so an error here is a defect
//! there. Each function takes the id of a store first. Slots come back as small integers: positive
//! for a live entry, negative for the other outcome that names a slot, 0 for none.
//!
//! - [`entries`]: one entry;
//! - [`walks`]: all of them, one after another;
//! - [`sweeping`]: what leaves by itself;
//! - [`whole`]: the store as a whole.

mod entries;
mod sweeping;
mod walks;
mod whole;

use super::call::RawCallback;

/// Every function, under the name that the facade knows.
pub(super) const FUNCTIONS: &[&[(&str, RawCallback)]] =
    &[entries::FUNCTIONS, walks::FUNCTIONS, sweeping::FUNCTIONS, whole::FUNCTIONS];
