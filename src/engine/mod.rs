//! What a shared store does: set, get, expire, evict, iterate, recover.
//!
//! Knows no operating system, clock or thread: time, numbers of processes and randomness are
//! arguments, and memory is a [`region`](crate::region). Three rules hold it together:
//!
//! - readers take no lock and leave no trace but two bits of frequency;
//! - a write commits with one 8-byte store: of a slot, or of a journal's count;
//! - what takes several steps is redone by the next one to take the lock from the dead.

mod claims;
mod clients;
pub mod entry;
pub mod fail_points;
mod index;
mod log;
mod shard;
pub mod tags;
mod verbs;
pub mod watching;
mod whole;

pub use claims::{Alive, Claim, ClaimTable, Look, Wish};
pub use clients::client_slot::{NO_THREAD, Threads};
pub use clients::{observer, participant};
pub use log::sweep::Swept;
pub use verbs::audit::Finding;
pub use verbs::removal::many::{Beginning, Meant, Removal};
pub use verbs::scan::{Batch, IsMeant, Listed, START, Want};
pub use whole::{Stats, store};
