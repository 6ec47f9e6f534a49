//! Named stores that several threads share: who has which open, and what goes on behind them.
//!
//! Knows no Node-API and no layout of a region. Downwards:
//!
//! - [`here`]: the stores that a thread has open, each once;
//! - [`stores`]: the stores of this process, by name, and who has them open;
//! - `files`: stores that lie in files, which processes share;
//! - [`observed`]: stores in files that are only looked at;
//! - `liveness`: which participants of other processes are alive;
//! - `sweeper`: removes what has expired from all of them;
//! - [`waits`]: who waits for claims of others, and the thread that sleeps for all of them;
//! - [`wanted`]: what somebody watches for, and which changes that are;
//! - [`watches`]: who watches for changes, and the thread that reads them for all of them;
//! - `shutdown`: whether the sweeper or a participant that leaves goes first.

#[cfg(unix)]
mod files;
pub mod here;
#[cfg(unix)]
mod liveness;
pub mod observed;
mod shutdown;
pub mod stores;
mod sweeper;
pub mod waits;
pub mod wanted;
pub mod watches;
