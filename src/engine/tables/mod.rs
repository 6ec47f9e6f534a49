//! What a store keeps beside entries: claims of keys, a blob, statistics.

mod blob;
pub(super) mod claims;
pub(super) mod stats;
