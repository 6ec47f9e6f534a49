//! Which slot names the item of a key: directory, groups, buckets. Knows no value.
//!
//! A shard's directory leads, by the low bits of the tag, to a group of 64 buckets of 8 slots; a
//! key is in one of two buckets there. A group that is full is split in two; the directory doubles
//! when it cannot tell them apart. So an entry's place follows from its hash and the groups there
//! are, and slots hold all the bits that splitting needs: no key is read for it.
//!
//! Invariant: an entry moves to another slot only together with a change of the shard's index
//! word, before the old slot is cleared: who missed an entry looks whether that word changed.

mod find;
pub(super) mod hash;
mod split;
mod vacancy;

pub(crate) use find::Held;
