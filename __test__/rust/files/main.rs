//! Stores in files, as processes share them, and as an observer sees them.
#![cfg(unix)]

mod drafts;
mod folder;
mod healing;
mod observer;
mod stores;
mod waits;
