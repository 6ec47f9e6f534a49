//! What a shared store does: set, get, expire, evict, iterate, recover.
//!
//! Knows no operating system, clock or thread: time, numbers of processes and randomness are
//! arguments, and memory is a [`region`](crate::region). Three rules hold it together:
//!
//! - readers take no lock and leave no trace but two bits of frequency;
//! - a write commits with one 8-byte store: of a slot, or of a journal's count;
//! - what takes several steps is redone by whoever takes the lock from the dead.

mod clients;
pub mod entry;
mod index;
pub mod kill;
mod log;
mod operations;
mod shard;
pub mod store;
mod tables;
mod transaction;

pub use clients::seat::{NO_THREAD, Threads};
pub use clients::{observer, participant};
pub use log::sweep::Swept;
pub use operations::audit::Finding;
pub use operations::scan::{Batch, Listed, START, Want};
pub use tables::claims::{Claim, ClaimTable};
pub use tables::stats::Stats;
