//! Segments full of items: appending, queues, eviction, compaction, the free ones.
//!
//! Items are appended to open segments and never change, but for numbers and deadlines. A segment
//! is in one of two queues of its shard, oldest first: of new items, or of those that proved
//! useful. When nothing in it is live it is retired: its generation grows, and it is free.
//!
//! Invariant: a shard keeps one free segment that only moving items may take, so that room can
//! always be made.

pub(super) mod append;
mod compact;
pub(super) mod evict;
mod large;
mod pool;
pub(super) mod queue;
pub(super) mod reclaim;
pub(super) mod sweep;
