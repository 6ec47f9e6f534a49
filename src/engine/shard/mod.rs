//! A shard: its lock, how it is made whole after a death, and changes of several of its words.

mod lock;
pub(super) mod transaction;

pub(crate) use lock::Shard;
