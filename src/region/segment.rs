//! The header of a segment, and a group of buckets, as they lie in memory.
//!
//! A segment holds items one after another, or groups of the index, or a part of a large item.

use std::mem::offset_of;

use super::list::{Chain, Neighbours};
use super::slot::{Slot, TAG_BITS};
use super::word::{Field, Word, halves, low, to_u32};
use crate::sync::{AtomicU64, Ordering};

/// What a segment is used for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Role {
    /// Free, in the pool or kept by a shard for its next need; or a later part of an extent.
    Free = 0,
    /// Holds items, in the queue of new ones.
    Small = 1,
    /// Holds items that proved useful, in the main queue.
    Main = 2,
    /// Holds groups of the index.
    Index = 3,
}

/// What is known of a segment without looking into it.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct SegmentHeader {
    /// Grows when the segment is retired: what was read before may be another's.
    pub(crate) generation: AtomicU64,
    pub(crate) fill: Field<Fill>,
    /// No item of it expires before. Of an idle segment: since when it is.
    pub(crate) earliest_us: AtomicU64,
    pub(crate) neighbours: Field<Neighbours>,
    pub(crate) chain: Field<Chain>,
    pub(crate) state: Field<State>,
    pub(crate) pages: Field<Pages>,
    /// Bytes that the search for an entry to drop has been through.
    pub(crate) judged: AtomicU64,
}

const _: () = assert!(size_of::<SegmentHeader>() == 64);
const _: () = assert!(offset_of!(SegmentHeader, fill) == 8);
const _: () = assert!(offset_of!(SegmentHeader, neighbours) == 24);
const _: () = assert!(offset_of!(SegmentHeader, chain) == 32);
const _: () = assert!(offset_of!(SegmentHeader, state) == 40);
const _: () = assert!(offset_of!(SegmentHeader, pages) == 48);

halves! {
    /// How full a segment is.
    ///
    /// ```text
    /// 63                                 32 31            0
    /// [ bytes of items that a slot names   ][ bytes written ]
    /// ```
    Fill {
        written: u32,
        live: u32,
    }
}

impl Fill {
    /// Nothing is written.
    pub(crate) const EMPTY: Self = Self { written: 0, live: 0 };

    /// With one more item.
    pub(crate) fn with(self, bytes: u32) -> Self {
        Self { written: self.written.saturating_add(bytes), live: self.live.saturating_add(bytes) }
    }

    /// With one item less that a slot names.
    pub(crate) fn without(self, bytes: u32) -> Self {
        Self { live: self.live.saturating_sub(bytes), ..self }
    }
}

/// What is known of a segment's pages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pages {
    /// There are none: they were given back, or never asked for.
    GivenBack,
    /// All are real.
    Real,
    /// So many bytes from the first on are real, and the segment is free since the time at
    /// `earliest_us`.
    Idle(u32),
    /// So many bytes from the first on are real.
    Partly(u32),
}

impl Pages {
    /// Of a segment of `whole` bytes, so many from the first on are real.
    pub(crate) fn up_to(bytes: usize, whole: usize) -> Self {
        if bytes < whole { Self::Partly(to_u32(bytes)) } else { Self::Real }
    }
}

/// ```text
/// 63                                  32 31                                              0
/// [ bytes that are real, of kinds 2, 3  ][ kind: 0 given back, 1 real, 2 idle, 3 partly ]
/// ```
impl Word for Pages {
    /// What no store writes is idle: soon given back.
    #[inline]
    fn of_word(word: u64) -> Self {
        match low(word) {
            0 => Self::GivenBack,
            1 => Self::Real,
            3 => Self::Partly(low(word >> 32)),
            _ => Self::Idle(low(word >> 32)),
        }
    }

    fn word(self) -> u64 {
        match self {
            Self::GivenBack => 0,
            Self::Real => 1,
            Self::Idle(bytes) => u64::from(bytes) << 32 | 2,
            Self::Partly(bytes) => u64::from(bytes) << 32 | 3,
        }
    }
}

const CLASS_SHIFT: u32 = 8;
const SHARD_SHIFT: u32 = 16;

/// What a segment is used for, and by whom.
///
/// ```text
/// 63                                    32 31    16 15    8 7     0
/// [ parts: segments of the extent      ][ shard ][ class ][ role ]
/// ```
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    pub(crate) role: Role,
    pub(crate) class: usize,
    pub(crate) shard: u32,
    pub(crate) parts: u32,
}

impl State {
    pub(crate) const FREE: Self = Self { role: Role::Free, class: 0, shard: 0, parts: 1 };
}

impl Word for State {
    #[inline]
    fn word(self) -> u64 {
        let class = to_u32(self.class);
        let use_of_it = self.role as u32 | class << CLASS_SHIFT | self.shard << SHARD_SHIFT;
        u64::from(self.parts) << 32 | u64::from(use_of_it)
    }

    #[inline]
    fn of_word(word: u64) -> Self {
        let role = match low(word) & 0xFF {
            1 => Role::Small,
            2 => Role::Main,
            3 => Role::Index,
            _ => Role::Free,
        };
        let class = ((low(word) >> CLASS_SHIFT) & 0xFF) as usize;
        Self { role, class, shard: low(word) >> SHARD_SHIFT, parts: low(word >> 32).max(1) }
    }
}

impl SegmentHeader {
    /// Bytes written, bytes live.
    pub(crate) fn used_and_live(&self) -> (usize, usize) {
        // Relaxed: read under the lock of the shard that the segment belongs to.
        let fill = self.fill.load(Ordering::Relaxed);
        (fill.written as usize, fill.live as usize)
    }

    pub(crate) fn state(&self) -> State {
        // Relaxed: as above.
        self.state.load(Ordering::Relaxed)
    }
}

/// An entry of a shard's directory.
///
/// ```text
/// 31                                        26 25                                0
/// [ depth: low bits that all tags there share ][ group: its number among all groups ]
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct DirectoryEntry(pub(crate) u32);

/// Bits of a group's number.
pub(crate) const GROUP_BITS: u32 = 26;

impl DirectoryEntry {
    pub(crate) fn new(group: u32, depth: u32) -> Self {
        debug_assert!(group < 1 << GROUP_BITS && depth <= TAG_BITS);
        Self(depth << GROUP_BITS | group)
    }

    #[inline]
    pub(crate) fn group(self) -> u32 {
        self.0 & ((1 << GROUP_BITS) - 1)
    }

    /// How many low bits of the tag all keys of the group share; never more than a tag has.
    pub(crate) fn depth(self) -> u32 {
        (self.0 >> GROUP_BITS).min(TAG_BITS)
    }
}

/// Slots of a bucket: one line of the cache.
pub(crate) const BUCKET_SLOTS: usize = 8;
/// Buckets of a group.
pub(crate) const GROUP_BUCKETS: usize = 64;
/// Bytes of a group: a page.
pub(crate) const GROUP_BYTES: usize = size_of::<Group>();

/// One line of slots.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Bucket(pub(crate) [AtomicU64; BUCKET_SLOTS]);

impl Bucket {
    /// Which slots have this tag, as bits; slots may change at any time.
    #[inline]
    pub(crate) fn matching(&self, tag: u32) -> u32 {
        let pattern = Slot::tag_word(tag);
        // Relaxed: a hint where to look; the reader loads again. Below the first bit of a tag:
        // the tags are the same. From the last slot on, so that each needs no shift of its own.
        let differs_below_tag =
            |slot: &AtomicU64| slot.load(Ordering::Relaxed) ^ pattern < Slot::tag_word(1);
        let slots = self.0.iter().rev();
        slots.fold(0, |bits, slot| bits + bits + u32::from(differs_below_tag(slot)))
    }

    /// The first slot that has this tag.
    #[inline]
    pub(crate) fn first_matching(&self, tag: u32) -> Option<&AtomicU64> {
        let pattern = Slot::tag_word(tag);
        let mut found = BUCKET_SLOTS;
        // From the last one on, each over the one before: no branch depends on what is found.
        for (place, slot) in self.0.iter().enumerate().rev() {
            // Relaxed: as above.
            let is_same = slot.load(Ordering::Relaxed) ^ pattern < Slot::tag_word(1);
            found = if is_same { place } else { found };
        }
        self.0.get(found)
    }
}

/// The slots of all keys whose hashes share some low bits.
#[derive(Debug)]
#[repr(C, align(4096))]
pub(crate) struct Group(pub(crate) [Bucket; GROUP_BUCKETS]);

const _: () = assert!(size_of::<Bucket>() == 64);
const _: () = assert!(size_of::<Group>() == 4096);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_where_the_drawing_has_it() {
        assert_eq!(Fill { written: 3, live: 2 }.word(), 2 << 32 | 3);
        let state = State { role: Role::Main, class: 3, shard: 9, parts: 5 };
        assert_eq!(state.word(), 5 << 32 | 9 << 16 | 3 << 8 | 2);
        let again = State::of_word(state.word());
        assert_eq!((again.role, again.class, again.shard, again.parts), (Role::Main, 3, 9, 5));
        for pages in [Pages::GivenBack, Pages::Real, Pages::Idle(8192), Pages::Partly(4096)] {
            assert_eq!(Pages::of_word(pages.word()), pages);
        }
        let entry = DirectoryEntry::new(0x4D, 5);
        assert_eq!((entry.0, entry.group(), entry.depth()), (5 << 26 | 0x4D, 0x4D, 5));
    }

    #[test]
    fn bytes_of_a_damaged_region_do_not_wrap() {
        assert_eq!(Fill::of_word(u64::MAX).with(8), Fill::of_word(u64::MAX));
        assert_eq!(Fill::EMPTY.without(8), Fill::EMPTY);
        assert_eq!(DirectoryEntry(u32::MAX).depth(), TAG_BITS);
    }
}
