//! What threads and processes agree by: atomics, the owner's lock, stripes, publication.
//!
//! The only chooser of atomics: the standard ones, or loom's where a model is checked. Nothing
//! here knows a region: each protocol works on words that it is handed.

pub mod journal;
pub mod lock;
pub mod owner;
pub mod publication;
pub mod stripe;

#[cfg(loom)]
pub use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
#[cfg(not(loom))]
pub use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
