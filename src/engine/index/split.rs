//! Splitting a full group in two. Knows slots and the directory only.
//!
//! Order of steps, each visible to readers: the slots that move are copied to the new group; the
//! directory names it; the index word changes; the moved slots are cleared. Before the last two a
//! reader that comes by the old way finds the copies that are not cleared yet; after them it sees
//! that the index word changed, and looks again.

use super::{directory_entry, group_of, local_depth_of};
use crate::engine::index::hash::Hash;
use crate::engine::kill::{Point, pass};
use crate::engine::shard::{INTENT_KIND, INTENT_SPLIT, INTENT_SPLIT_CLEAR, Shard};
use crate::error::Error;
use crate::region::access::depth_of;
use crate::region::segment::Group;
use crate::region::slot::Slot;
use crate::region::word::{low, wide};
use crate::sync::{AtomicU64, Ordering};

const DEPTH_SHIFT: u32 = 2;
const DEPTH_BITS: u32 = 5;
const PATTERN_SHIFT: u32 = DEPTH_SHIFT + DEPTH_BITS;
const PATTERN_BITS: u32 = 24;
const GROUP_SHIFT: u32 = PATTERN_SHIFT + PATTERN_BITS;

/// A split that goes on: the new group takes the keys whose tags end in 1 and then `pattern`.
#[derive(Clone, Copy)]
struct Split {
    depth: u32,
    pattern: u32,
    new: u32,
}

impl Split {
    fn intent(self) -> u64 {
        let [depth, pattern, new] = [self.depth, self.pattern, self.new].map(u64::from);
        INTENT_SPLIT | depth << DEPTH_SHIFT | pattern << PATTERN_SHIFT | new << GROUP_SHIFT
    }

    fn of_intent(intent: u64) -> Self {
        let depth = low(intent >> DEPTH_SHIFT) & ((1 << DEPTH_BITS) - 1);
        let pattern = low(intent >> PATTERN_SHIFT) & ((1 << PATTERN_BITS) - 1);
        Self { depth, pattern, new: low(intent >> GROUP_SHIFT) }
    }

    fn moves(self, word: u64) -> bool {
        word != 0 && Slot(word).tag() >> self.depth & 1 == 1
    }
}

impl Shard<'_> {
    /// Splits the group that a hash belongs to. [`Error::Full`]: there is no room for another.
    pub(super) fn split(&mut self, hash: Hash, now_us: u64) -> Result<(), Error> {
        let depth = local_depth_of(self.directory_entry_of(hash.tag()));
        if depth >= self.region.layout().geometry.directory_depth {
            return Err(Error::Full);
        }
        let (new, index_segments) = self.claim_group(now_us)?;
        // Making room may have changed much, but a group is split here only.
        if self.directory_depth() == depth {
            self.region.commit_directory(self.number, depth + 1)?;
        }
        let split = Split { depth, pattern: hash.tag() & ((1 << depth) - 1), new };
        let mut change = self.transaction();
        change.set(&self.header.index_segments, index_segments);
        change.set(&self.header.intent, split.intent());
        change.commit();
        pass(Point::SplitNoted);
        self.finish_split(split.intent())
    }

    /// Does, or redoes, all that is left of a split.
    pub(crate) fn finish_split(&mut self, intent: u64) -> Result<(), Error> {
        let split = Split::of_intent(intent);
        let limit = self.region.layout().geometry.directory_depth;
        if split.depth >= limit {
            // A damaged region: there never was such a split.
            self.header.intent.store(0, Ordering::Release);
            return Ok(());
        }
        let old = group_of(self.directory_entry_of(split.pattern));
        let (old, new) = (self.region.group(old)?, self.region.group(split.new)?);
        if intent & INTENT_KIND == INTENT_SPLIT {
            copy(split, old, new);
            pass(Point::SplitCopied);
            self.double(split.depth);
            pass(Point::SplitDoubled);
            self.name(split);
            pass(Point::SplitNamed);
            let next = intent & !INTENT_KIND | INTENT_SPLIT_CLEAR;
            self.header.intent.store(next, Ordering::Release);
        }
        // Release: before the clearing stores; after the directory.
        self.header.index.fetch_add(1 << 32, Ordering::Release);
        for slot in slots(old) {
            if split.moves(slot.load(Ordering::Relaxed)) {
                slot.store(Slot::EMPTY.0, Ordering::Release);
            }
        }
        pass(Point::SplitCleared);
        self.header.intent.store(0, Ordering::Release);
        Ok(())
    }

    /// Makes the directory tell apart one bit more than `depth`, if it does not.
    fn double(&self, depth: u32) {
        let index = self.header.index.load(Ordering::Relaxed);
        if depth_of(index) > depth {
            return;
        }
        for place in 0..1 << depth {
            let entry = self.region.directory(self.number, place).load(Ordering::Relaxed);
            let twin = self.region.directory(self.number, place | 1 << depth);
            twin.store(entry, Ordering::Relaxed);
        }
        // Release: whoever sees the depth sees the twins.
        self.header.index.store(index.wrapping_add(1), Ordering::Release);
    }

    /// Writes both groups into the directory wherever the old one stood.
    fn name(&self, split: Split) {
        let depth = self.directory_depth();
        let old = group_of(self.directory_entry_of(split.pattern));
        let step = 1 << split.depth;
        for place in (split.pattern..1 << depth).step_by(wide(step)) {
            let group = if u64::from(place) & step == 0 { old } else { split.new };
            let entry = directory_entry(group, split.depth + 1);
            // Release: whoever comes by it sees the slots.
            self.region.directory(self.number, place).store(entry, Ordering::Release);
            pass(Point::SplitNaming);
        }
    }
}

/// Each slot that moves keeps its place in the group; what is left of the new one is empty.
fn copy(split: Split, old: &Group, new: &Group) {
    for (from, to) in slots(old).zip(slots(new)) {
        let word = from.load(Ordering::Relaxed);
        let word = if split.moves(word) { word } else { Slot::EMPTY.0 };
        to.store(word, Ordering::Release);
    }
}

fn slots(group: &Group) -> impl Iterator<Item = &AtomicU64> {
    group.0.iter().flat_map(|bucket| &bucket.0)
}
