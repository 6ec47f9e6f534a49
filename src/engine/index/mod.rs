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

use crate::region::slot::TAG_BITS;

pub(crate) use find::Held;

const GROUP_BITS: u32 = 26;

/// An entry of a directory: the group, and how many low bits of the tag all its keys share.
pub(crate) fn directory_entry(group: u32, depth: u32) -> u32 {
    debug_assert!(group < 1 << GROUP_BITS && depth <= TAG_BITS);
    depth << GROUP_BITS | group
}

/// The group of a directory's entry.
#[inline]
pub(crate) fn group_of(entry: u32) -> u32 {
    entry & ((1 << GROUP_BITS) - 1)
}

/// The depth of a directory's entry; never more than a tag has bits.
pub(crate) fn local_depth_of(entry: u32) -> u32 {
    (entry >> GROUP_BITS).min(TAG_BITS)
}
