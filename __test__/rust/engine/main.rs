//! The shared engine: what it promises, over any memory, among threads, after deaths.

mod conformance;
mod stores;
