//! The shared engine: what it promises, over any memory, among threads, after deaths.

mod claims;
mod conformance;
mod freshness;
mod hostile;
mod memories;
mod mirror;
mod model;
mod overflow;
mod pages;
mod readers;
mod recovery;
mod removal;
mod spaces;
mod stores;
mod tags;
mod threads;
mod verbs;
mod watching;
