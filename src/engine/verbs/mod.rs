//! What a participant can do with entries: a file for each verb, or family of them.
//!
//! Invariant: an operation that answers with an error has changed nothing that can be seen.

pub(super) mod audit;
mod clear;
mod limits;
mod number;
mod read;
mod rebase;
pub(super) mod removal;
pub(super) mod scan;
mod sweep;
mod touch;
mod write;
