//! Named stores that several isolates share: who has which open, and what goes on behind them.
//!
//! Knows no Node-API and no layout of a region. Downwards:
//!
//! - [`registry`]: the stores of this process, by name, and who has them open;
//! - `files`: stores that lie in files, which processes share;
//! - `presence`: who of other processes is there;
//! - `sweeper`: the one thread that removes what is due from all of them;
//! - `turn`: who of the sweeper and those who leave goes first;
//! - [`pattern`]: which keys a glob or a regular expression means.

#[cfg(unix)]
mod files;
pub mod pattern;
#[cfg(unix)]
mod presence;
pub mod registry;
mod sweeper;
mod turn;
