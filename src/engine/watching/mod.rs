//! What watchers are told of: changes, written down in a ring while somebody watches.
//!
//! Who changes an entry writes the change down after its commit, under the lock of its shard: so
//! the changes of a key lie in the ring in the order in which they took place. Nobody waits for who
//! reads; who is overtaken finds out, and so does everybody when a change may be missing because
//! the one that was to write it down died.
//!
//! - [`audience`]: whether anybody watches;
//! - [`tell`]: writing changes down;
//! - [`reader`]: reading them, from a place of one's own;
//! - [`record`]: how a change lies in the ring.

mod audience;
pub mod reader;
mod record;
mod tell;

pub(crate) use tell::Source;
