//! A shard: its lock, its recovery after a death, changes of several of its words.

mod lock;
pub(super) mod transaction;

pub(crate) use lock::Shard;
