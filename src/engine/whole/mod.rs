//! A store as a whole: the schema of its records, and what it has done. Knows no single entry.

mod schema;
mod stats;

pub use stats::Stats;
