//! A store as a whole: what it is, its schema, what it has done. Knows no single entry.

mod schema;
mod stats;
pub mod store;
mod trust;

pub use stats::Stats;
