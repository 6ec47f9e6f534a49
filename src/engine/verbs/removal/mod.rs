//! Removing what a caller asks for.
//!
//! - `one`: the entry of a key, with or without its value;
//! - [`many`]: all entries whose keys are meant.

pub(in crate::engine) mod many;
mod one;
