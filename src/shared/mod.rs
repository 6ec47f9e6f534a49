//! Named stores that several isolates share: who has which open, and what goes on behind them.
//!
//! Knows no Node-API and no layout of a region. Downwards:
//!
//! - [`registry`]: the stores of this process, by name, and who has them open;
//! - `sweeper`: the one thread that removes what is due from all of them;
//! - [`pattern`]: which keys a glob or a regular expression means.

pub mod pattern;
pub mod registry;
mod sweeper;
