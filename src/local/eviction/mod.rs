//! Which entry goes when a bounded store is full: an S3-FIFO that adapts. Knows slots and hashes.
//!
//! - [`policy`]: the rule: who is admitted where, who is the next victim;
//! - [`queue`]: queues of slots, linked through one vector;
//! - [`ghost`]: what was evicted lately, by fingerprint;
//! - [`share`]: how much of the store is for newcomers;
//! - [`turn`]: how long an entry of the main queue has been there.

mod ghost;
mod policy;
mod queue;
mod share;
mod turn;

pub use policy::{Bounds, Eviction, Excess, FREQUENCY};
