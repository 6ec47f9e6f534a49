//! Which entry goes when a bounded store is full: S3-FIFO. Knows slots and hashes, no keys.
//!
//! - [`policy`]: the rule: who is admitted where, who is the next victim;
//! - [`queue`]: queues of slots, linked through one vector;
//! - [`ghost`]: what was evicted lately, by fingerprint.

mod ghost;
mod policy;
mod queue;

pub use policy::{Bounds, Eviction, Excess, FREQUENCY};
