//! A store of one thread: which key has which slot, until when, in which order.
//!
//! Knows nothing of JavaScript: values live elsewhere, at their slots. Downwards:
//!
//! - [`store`]: an [`index::Index`] behind its lock, with the schedule of its sweep;
//! - [`sweeper`]: the sweep of a store, on the schedule of the process;
//! - [`index`]: key → entry, and every operation on it;
//! - [`entries`]: the entries at their slots, their order, the slots that wait for reuse;
//! - [`eviction`]: which entry goes when a bounded store is full;
//! - [`table`]: from the hash of a key to its slot;
//! - [`pieces`]: an array that grows without moving what it holds;
//! - [`wheel`]: deadlines, found without a scan;
//! - [`key`]: an exact JavaScript string in 24 bytes, or behind them;
//! - [`clock`]: what the deadlines are compared with.

pub mod clock;
pub mod entries;
pub mod eviction;
pub mod index;
pub mod key;
pub mod pieces;
pub mod store;
pub mod sweeper;
pub mod table;
pub mod wheel;
