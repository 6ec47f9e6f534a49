//! The header of a shard: its lock, its index, its segments, its journal.
//!
//! All but the first words of the read line are touched by the holder of the lock only.

use std::mem::offset_of;

use super::list::{Ends, FreeList, Lengths, Link};
use super::word::{Field, Word, halves, low};
use crate::sync::journal::Journal;
use crate::sync::{AtomicU32, AtomicU64};

/// Kinds of new items that have segments of their own, so that whole segments expire together.
pub(crate) const CLASSES: usize = 4;
/// Bytes of a shard's header.
pub(crate) const SHARD_BYTES: usize = 1024;

/// One shard.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct ShardHeader {
    /// What readers load.
    pub(crate) index: Field<IndexState>,
    read_line: [AtomicU64; 7],

    /// The lock: names its holder.
    pub(crate) owner: AtomicU32,
    /// 1 + the stripe whose version is odd.
    pub(crate) odd_stripe: AtomicU32,
    /// What goes on in several changes.
    pub(crate) intent: Field<Intent>,
    /// Entries, expired ones that are not swept yet included.
    pub(crate) entries: AtomicU64,
    /// No entry expires before.
    pub(crate) earliest_us: AtomicU64,
    /// Queues of segments: of new items, then the main queue.
    pub(crate) queues: [Field<Ends>; 2],
    pub(crate) lengths: Field<Lengths>,
    /// The segments that take items: one a class, then the main queue's.
    pub(crate) open: [Field<Link>; CLASSES + 1],
    /// Free segments that the shard keeps for its next need.
    pub(crate) free: Field<FreeList>,
    pub(crate) index_segments: Field<IndexSegments>,
    /// Segments that hold groups.
    pub(crate) index_length: AtomicU64,
    /// Where the search for segments worth compacting goes on.
    pub(crate) compaction: Field<Link>,
    /// Since the store began: entries evicted, expired, moved, and locks recovered from the dead.
    pub(crate) evicted: AtomicU64,
    pub(crate) expired: AtomicU64,
    pub(crate) moved: AtomicU64,
    pub(crate) locks_recovered: AtomicU64,
    /// Entries that were removed because one of their tags was invalidated.
    pub(crate) invalidated: AtomicU64,
    unused: [AtomicU64; 11],

    pub(crate) journal: Journal,
    end: [AtomicU64; 23],
}

const _: () = assert!(size_of::<ShardHeader>() == SHARD_BYTES);
const _: () = assert!(offset_of!(ShardHeader, owner) == 64);
const _: () = assert!(offset_of!(ShardHeader, intent) == 72);
const _: () = assert!(offset_of!(ShardHeader, queues) == 96);
const _: () = assert!(offset_of!(ShardHeader, lengths) == 112);
const _: () = assert!(offset_of!(ShardHeader, open) == 120);
const _: () = assert!(offset_of!(ShardHeader, free) == 160);
const _: () = assert!(offset_of!(ShardHeader, index_segments) == 168);
const _: () = assert!(offset_of!(ShardHeader, journal) == 320);

halves! {
    /// What a reader needs to know of a shard's index.
    ///
    /// ```text
    /// 63                                32 31                                         0
    /// [ moves: how often entries moved    ][ depth: bits that the directory tells apart ]
    /// ```
    IndexState {
        depth: u32,
        moves: u32,
    }
}

impl IndexState {
    /// What one move adds to the word.
    pub(crate) const MOVE: u64 = 1 << 32;

    /// After one more move: readers that missed something look again.
    pub(crate) fn moved(self) -> Self {
        Self { moves: self.moves.wrapping_add(1), ..self }
    }
}

halves! {
    /// Where the next group of the index goes.
    ///
    /// ```text
    /// 63                   32 31                                          0
    /// [ groups used of it    ][ newest segment of the index, which leads to
    ///                           the others by its chain: a link           ]
    /// ```
    IndexSegments {
        newest: Link,
        groups: u32,
    }
}

/// What a shard does that takes more than one change: the next one to take its lock from the dead
/// finishes it.
///
/// ```text
/// 63  57 56                        31 30      7 6     2 1    0
/// [ 0   ][ the new group: 26 bits    ][ pattern ][ depth ][ kind ]
/// ```
///
/// The kind is 0 for nothing, 1 for [`Split`](Intent::Split), 2 for
/// [`SplitClear`](Intent::SplitClear), 3 for [`Clear`](Intent::Clear).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Intent {
    /// Nothing.
    None,
    /// A group is being split: its slots are copied and named. See `engine::index::split`.
    Split(Split),
    /// A group was split: slots that moved are being cleared.
    SplitClear(Split),
    /// The shard is being cleared.
    Clear,
}

/// A split that goes on: the new group takes the keys whose tags end in 1 and then `pattern`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Split {
    pub(crate) depth: u32,
    pub(crate) pattern: u32,
    pub(crate) new: u32,
}

const KIND_MASK: u64 = 3;
const DEPTH_SHIFT: u32 = 2;
const DEPTH_BITS: u32 = 5;
const PATTERN_SHIFT: u32 = DEPTH_SHIFT + DEPTH_BITS;
const PATTERN_BITS: u32 = 24;
const GROUP_SHIFT: u32 = PATTERN_SHIFT + PATTERN_BITS;

impl Split {
    fn word(self) -> u64 {
        let [depth, pattern, new] = [self.depth, self.pattern, self.new].map(u64::from);
        depth << DEPTH_SHIFT | pattern << PATTERN_SHIFT | new << GROUP_SHIFT
    }

    fn of_word(word: u64) -> Self {
        let depth = low(word >> DEPTH_SHIFT) & ((1 << DEPTH_BITS) - 1);
        let pattern = low(word >> PATTERN_SHIFT) & ((1 << PATTERN_BITS) - 1);
        Self { depth, pattern, new: low(word >> GROUP_SHIFT) }
    }
}

impl Word for Intent {
    #[inline]
    fn of_word(word: u64) -> Self {
        match word & KIND_MASK {
            1 => Self::Split(Split::of_word(word)),
            2 => Self::SplitClear(Split::of_word(word)),
            3 => Self::Clear,
            _ => Self::None,
        }
    }

    #[inline]
    fn word(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Split(split) => split.word() | 1,
            Self::SplitClear(split) => split.word() | 2,
            Self::Clear => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_where_the_drawing_has_it() {
        assert_eq!(IndexState { depth: 5, moves: 1 }.word(), IndexState::MOVE | 5);
        assert_eq!(IndexState { depth: 5, moves: u32::MAX }.moved().word(), 5);
        assert_eq!(IndexSegments { newest: Link::to(6), groups: 2 }.word(), 2 << 32 | 7);
        let split = Split { depth: 3, pattern: 5, new: 9 };
        assert_eq!(Intent::Split(split).word(), 9 << 31 | 5 << 7 | 3 << 2 | 1);
    }

    #[test]
    fn intent_is_what_was_intended() {
        let split = Split { depth: 22, pattern: (1 << 22) - 1, new: (1 << 26) - 1 };
        for intent in [Intent::None, Intent::Split(split), Intent::SplitClear(split), Intent::Clear]
        {
            assert_eq!(Intent::of_word(intent.word()), intent);
        }
    }
}
