//! The native core of `shared-memory-store`: the map of the house.
//!
//! Calls go down only: `binding → local → text, platform`, `binding → registry → engine → region →
//! sync → platform`.
//!
//! - [`contract`]: what the core and JavaScript agree on, number by number;
//! - [`error`]: what can fail, one variant per remedy;
//! - `binding`: the only place that names Node-API; convert in, one call, convert out;
//! - [`local`]: a store of one thread: which key has which slot, until when, in which order;
//! - [`registry`]: named stores that several threads share: who has which open;
//! - [`engine`]: a store of many threads or processes: what it does, in memory that it is given;
//! - [`region`]: the bytes of such a store: where each thing lies;
//! - [`sync`]: what those who share it agree by: locks, versions, seqlocks;
//! - [`text`]: JavaScript's strings, patterns of them, and which keys a filter means;
//! - [`rate`]: what a limit allows;
//! - [`platform`]: what the operating system gives: a monotonic clock, a thread.
//!
//! The values of a local store never come here: JavaScript keeps them in an array, at their
//! slots. Those of a shared store are bytes, in a region.

pub mod contract;
#[cfg(not(any(loom, shuttle)))]
pub mod engine;
pub mod error;
pub mod local;
pub mod platform;
pub mod rate;
#[cfg(not(any(loom, shuttle)))]
pub mod region;
#[cfg(not(any(loom, shuttle)))]
pub mod registry;
pub mod sync;
pub mod text;

#[cfg(all(feature = "node", not(test)))]
mod binding;
