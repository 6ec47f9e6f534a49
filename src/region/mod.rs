//! Bytes and offsets of a store that many threads, or processes, see at once.
//!
//! Knows where each thing lies and how wide it is (`docs/internals/memory-layout.md` draws it), not
//! what it is for. Invariant: no pointer is ever stored, and no offset found in memory is trusted:
//! what leads outside is [`Error::Corrupted`](crate::error::Error::Corrupted).

pub mod bytes;
pub mod header;
pub mod item;
pub mod layout;
pub mod list;
pub mod memory;
#[expect(clippy::module_inception, reason = "what the room is about")]
pub mod region;
pub mod segment;
pub mod shard;
pub mod slot;
pub mod word;
