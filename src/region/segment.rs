//! The header of a segment, and a group of buckets, as they lie in memory.
//!
//! A segment holds items one after another, or groups of the index, or a part of a large item.

use super::slot::Slot;
use super::word::{high, low, pair};
use crate::sync::{AtomicU64, Ordering};

/// What a segment is used for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Role {
    /// Nobody's, or kept by a shard for its next need, or a later part of a run.
    Spare = 0,
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
    /// Low: bytes written. High: bytes of items that a slot names.
    pub(crate) fill: AtomicU64,
    /// No item of it is due before.
    pub(crate) earliest_us: AtomicU64,
    /// Links to the neighbours in its queue. Low: older. High: newer.
    pub(crate) neighbours: AtomicU64,
    /// Low: link to the next part, of a run or of a list. High: link to the last part of a run.
    pub(crate) chain: AtomicU64,
    /// Bits 0–7 role, 8–15 class, 16–31 shard. High: segments of the run that starts here.
    pub(crate) state: AtomicU64,
    /// 0 when its pages are not real; 1 or 2 when they are, see `engine::log::pool`.
    pub(crate) pages: AtomicU64,
    /// Bytes that the search for an entry to drop has been through.
    pub(crate) judged: AtomicU64,
}

const _: () = assert!(size_of::<SegmentHeader>() == 64);

const CLASS_SHIFT: u32 = 8;
const SHARD_SHIFT: u32 = 16;

/// The state word of a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    pub(crate) role: Role,
    pub(crate) class: usize,
    pub(crate) shard: u32,
    pub(crate) parts: u32,
}

impl State {
    pub(crate) const SPARE: Self = Self { role: Role::Spare, class: 0, shard: 0, parts: 1 };

    pub(crate) fn word(self) -> u64 {
        let class = super::word::narrow(self.class);
        pair(self.role as u32 | class << CLASS_SHIFT | self.shard << SHARD_SHIFT, self.parts)
    }

    pub(crate) fn of_word(word: u64) -> Self {
        let role = match low(word) & 0xFF {
            1 => Role::Small,
            2 => Role::Main,
            3 => Role::Index,
            _ => Role::Spare,
        };
        let class = ((low(word) >> CLASS_SHIFT) & 0xFF) as usize;
        Self { role, class, shard: low(word) >> SHARD_SHIFT, parts: high(word).max(1) }
    }
}

impl SegmentHeader {
    /// Bytes written, bytes live.
    pub(crate) fn used_and_live(&self) -> (usize, usize) {
        // Relaxed: read under the lock of the shard that the segment belongs to.
        let fill = self.fill.load(Ordering::Relaxed);
        (low(fill) as usize, high(fill) as usize)
    }

    pub(crate) fn state(&self) -> State {
        // Relaxed: as above.
        State::of_word(self.state.load(Ordering::Relaxed))
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
        // Relaxed: a hint where to look; whoever looks loads again. Below the first bit of a tag:
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
