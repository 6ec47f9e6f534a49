//! The native core of `shared-memory-store`: the map of the house.
//!
//! Calls go down only: `binding → local → platform`.
//!
//! - [`error`]: what can fail, one variant per remedy;
//! - `binding`: the only place that names Node-API; convert in, one call, convert out;
//! - [`local`]: a store of one isolate: which key has which slot, until when, in which order;
//! - [`platform`]: what the operating system gives: a monotonic clock, a thread.
//!
//! The values themselves never come here: JavaScript keeps them in an array, at their slots.

pub mod error;
pub mod local;
pub mod platform;

#[cfg(all(feature = "node", not(test)))]
mod binding;
