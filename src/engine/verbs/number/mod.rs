//! What changes a number in place, exactly, however many do it at once.
//!
//! Invariant: the store of one word is the commit.

mod add;
mod limit;
