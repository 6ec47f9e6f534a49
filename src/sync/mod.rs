//! What threads and processes agree by: atomics, locks, waits, stripes, seqlocks, trust, rings.
//!
//! The only chooser of atomics: the standard ones, or where a model is checked those of loom
//! (every order) or shuttle (random orders, of what is too long for loom). Nothing here knows a
//! region: each protocol works on words that it is handed.

pub mod awaited;
pub mod journal;
pub mod lock;
pub mod owner;
pub mod ring;
pub mod seqlock;
pub mod stripe;
pub mod tags;
pub mod trust;

#[cfg(loom)]
pub use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
#[cfg(shuttle)]
pub use shuttle::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
#[cfg(not(any(loom, shuttle)))]
pub use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
