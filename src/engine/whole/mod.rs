//! A store as a whole: what it is, its schema, what it has done. Knows no single entry.

mod schema;
mod stats;
pub mod store;

pub use stats::Stats;
