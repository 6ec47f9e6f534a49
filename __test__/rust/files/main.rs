//! Stores in files, as processes share them, and as an observer sees them.
#![cfg(unix)]

mod folder;
mod observer;
mod stores;
mod waits;
