//! Splitting a full group in two. Knows slots and the directory only.
//!
//! Order of steps, each visible to readers: the slots that move are copied to the new group; the
//! directory names it; the index word changes; the moved slots are cleared. Before the last two a
//! reader that comes by the old way finds the copies that are not cleared yet; after them it sees
//! that the index word changed, and looks again.

use crate::engine::fail_points::{Point, pass};
use crate::engine::index::hash::Hash;
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::region::segment::{DirectoryEntry, Group};
use crate::region::shard::{IndexState, Intent, Split};
use crate::region::slot::Slot;
use crate::region::word::to_usize;
use crate::sync::{AtomicU64, Ordering};

impl<'a> Shard<'a> {
    /// Splits the group that a hash belongs to. [`Error::Full`]: there is no room for another.
    pub(super) fn split(&mut self, hash: Hash, now_us: u64) -> Result<(), Error> {
        let depth = self.directory_entry_of(hash.tag()).depth();
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
        change.set(&self.header.intent, Intent::Split(split));
        change.commit();
        pass(Point::SplitNoted);
        self.finish_split(split)
    }

    /// Does, or redoes, all that is left of a split.
    pub(crate) fn finish_split(&mut self, split: Split) -> Result<(), Error> {
        if !self.is_possible(split) {
            return Ok(());
        }
        let (old, new) = self.groups_of(split)?;
        copy(split, old, new);
        pass(Point::SplitCopied);
        self.double(split.depth);
        pass(Point::SplitDoubled);
        self.name(split);
        pass(Point::SplitNamed);
        self.header.intent.store(Intent::SplitClear(split), Ordering::Release);
        self.finish_split_clear(split)
    }

    /// The same, once the directory names both groups.
    pub(crate) fn finish_split_clear(&mut self, split: Split) -> Result<(), Error> {
        if !self.is_possible(split) {
            return Ok(());
        }
        let (old, _) = self.groups_of(split)?;
        // Release: before the clearing stores; after the directory.
        self.header.index.raw().fetch_add(IndexState::MOVE, Ordering::Release);
        for slot in slots(old) {
            if moves(split, slot.load(Ordering::Relaxed)) {
                slot.store(Slot::EMPTY.0, Ordering::Release);
            }
        }
        pass(Point::SplitCleared);
        self.header.intent.store(Intent::None, Ordering::Release);
        Ok(())
    }

    /// Whether a split can be. In a damaged region there never was one that cannot.
    fn is_possible(&self, split: Split) -> bool {
        let is_possible = split.depth < self.region.layout().geometry.directory_depth;
        if !is_possible {
            self.header.intent.store(Intent::None, Ordering::Release);
        }
        is_possible
    }

    /// The group that is split, and the one that takes a part of it.
    fn groups_of(&self, split: Split) -> Result<(&'a Group, &'a Group), Error> {
        let old = self.directory_entry_of(split.pattern).group();
        Ok((self.region.group(old)?, self.region.group(split.new)?))
    }

    /// Makes the directory tell apart one bit more than `depth`, if it does not.
    fn double(&self, depth: u32) {
        let index = self.header.index.load(Ordering::Relaxed);
        if index.depth > depth {
            return;
        }
        for place in 0..1 << depth {
            let entry = self.region.directory(self.number, place).load(Ordering::Relaxed);
            let twin = self.region.directory(self.number, place | 1 << depth);
            twin.store(entry, Ordering::Relaxed);
        }
        // Release: a reader that sees the depth sees the twins.
        let deeper = IndexState { depth: index.depth + 1, ..index };
        self.header.index.store(deeper, Ordering::Release);
    }

    /// Writes both groups into the directory wherever the old one stood.
    fn name(&self, split: Split) {
        let depth = self.directory_depth();
        let old = self.directory_entry_of(split.pattern).group();
        let step = 1 << split.depth;
        for place in (split.pattern..1 << depth).step_by(to_usize(step)) {
            let group = if u64::from(place) & step == 0 { old } else { split.new };
            let entry = DirectoryEntry::new(group, split.depth + 1);
            // Release: a reader that comes by it sees the slots.
            self.region.directory(self.number, place).store(entry.0, Ordering::Release);
            pass(Point::SplitNaming);
        }
    }
}

/// Each slot that moves keeps its place in the group; what is left of the new one is empty.
fn copy(split: Split, old: &Group, new: &Group) {
    for (from, to) in slots(old).zip(slots(new)) {
        let word = from.load(Ordering::Relaxed);
        let word = if moves(split, word) { word } else { Slot::EMPTY.0 };
        to.store(word, Ordering::Release);
    }
}

/// Whether the entry of a slot goes to the new group.
fn moves(split: Split, word: u64) -> bool {
    word != 0 && Slot(word).tag() >> split.depth & 1 == 1
}

fn slots(group: &Group) -> impl Iterator<Item = &AtomicU64> {
    group.0.iter().flat_map(|bucket| &bucket.0)
}
