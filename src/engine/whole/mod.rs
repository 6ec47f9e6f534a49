//! A store as a whole: what it is, the schema of its records, what it has done. Knows no single entry.

mod schema;
mod stats;
pub mod store;

pub use stats::Stats;
