//! Finding a slot for a new key. Knows not what goes in.
//!
//! In the first of the key's two buckets that has one; else by moving a neighbour to its other
//! bucket, if need be with one of its neighbours there; else by splitting the group; else, in a
//! store that evicts, by dropping the least read of sixteen.

use super::find::Held;
use crate::engine::fail_points::{Point, pass};
use crate::engine::index::hash::{Hash, other_bucket};
use crate::engine::log::append::Departure;
use crate::engine::log::reclaim::ReclaimLevel;
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::region::item::Item;
use crate::region::list::Link;
use crate::region::segment::{Bucket, GROUP_BYTES, Group};
use crate::region::shard::{IndexSegments, IndexState};
use crate::region::slot::Slot;
use crate::sync::{AtomicU64, Ordering};

/// Neighbours that make way for the one that is moved: with none a group is split at 90 %, with
/// one at 97 %.
const MOVES: usize = 1;
/// Splits that one write may need: each halves the group, and groups fill evenly.
const SPLITS: usize = 4;

impl<'a> Shard<'a> {
    /// Whether the key was here, was evicted, and left its trace.
    pub(crate) fn has_ghost(&self, hash: Hash) -> Result<bool, Error> {
        let group = self.group_of(hash)?;
        // Relaxed here and below: read under the lock.
        let is_ghost =
            |slot: &AtomicU64| Slot(slot.load(Ordering::Relaxed)).is_ghost_of(hash.tag());
        Ok(hash.buckets().into_iter().any(|bucket| group.0[bucket].0.iter().any(is_ghost)))
    }

    /// A slot for a key that has none.
    pub(crate) fn vacancy(&mut self, hash: Hash, now_us: u64) -> Result<&'a AtomicU64, Error> {
        for _ in 0..SPLITS {
            let group = self.group_of(hash)?;
            if let Some(slot) = free_slot(group, hash) {
                return Ok(slot);
            }
            if let Some(slot) = self.displace(group, hash) {
                return Ok(slot);
            }
            match self.split(hash, now_us) {
                Ok(()) => {}
                Err(Error::Full) => break,
                Err(error) => return Err(error),
            }
        }
        if self.engine.evicts() { self.evict_neighbour(hash) } else { Err(Error::Full) }
    }

    /// Moves a neighbour to its other bucket, if need be after one of that bucket's.
    fn displace(&self, group: &'a Group, hash: Hash) -> Option<&'a AtomicU64> {
        let [first, second] = hash.buckets();
        let places = (0..=MOVES).flat_map(|moves| [(first, moves), (second, moves)]);
        let mut slots = places.map(|(bucket, moves)| self.empty_slot(group, bucket, moves));
        slots.find_map(|slot| slot)
    }

    /// Empties a slot of a full bucket by moving its entry to its other bucket, where up to
    /// `moves` others make way. Each move stands for itself: a death between two leaves a whole
    /// index.
    fn empty_slot(&self, group: &'a Group, bucket: usize, moves: usize) -> Option<&'a AtomicU64> {
        for slot in &group.0[bucket].0 {
            let word = slot.load(Ordering::Relaxed);
            let tag = Slot(word).tag();
            let other = other_bucket(bucket, tag);
            let free = emptiest(&group.0[other], tag).or_else(|| {
                moves.checked_sub(1).and_then(|moves| self.empty_slot(group, other, moves))
            });
            let Some(free) = free else { continue };
            let mut change = self.transaction();
            change.set_word(free, word);
            // A reader that saw neither slot sees that something moved.
            change.update(&self.header.index, IndexState::moved);
            change.set_word(slot, Slot::EMPTY.0);
            change.commit();
            return Some(slot);
        }
        None
    }

    /// Drops the least read entry that could stand where the key goes.
    fn evict_neighbour(&mut self, hash: Hash) -> Result<&'a AtomicU64, Error> {
        let group = self.group_of(hash)?;
        let slots = hash.buckets().into_iter().flat_map(|bucket| &group.0[bucket].0);
        let slot = slots
            .min_by_key(|slot| Slot(slot.load(Ordering::Relaxed)).frequency())
            .ok_or(Error::Corrupted)?;
        let word = Slot(slot.load(Ordering::Relaxed));
        match Item::of_slot(self.region, word) {
            Ok(item) => {
                let held = Held { slot, word, item };
                let hash = self.hash_of(&item)?;
                self.drop_entry(&held, hash, Slot::EMPTY, Departure::Evicted)?;
            }
            // A slot that leads nowhere.
            Err(_) => slot.store(Slot::EMPTY.0, Ordering::Release),
        }
        Ok(slot)
    }

    /// A group that no key uses yet, and the word of the index when it does; not zero.
    pub(super) fn claim_group(&mut self, now_us: u64) -> Result<(u32, IndexSegments), Error> {
        let IndexSegments { newest, groups } = self.index_segments();
        if newest == Link::NONE || groups >= self.region.layout().groups_of_a_segment() {
            self.ensure_free(2, now_us, ReclaimLevel::Full)?;
            self.start_index_segment()?;
        }
        let used = self.index_segments();
        let segment = used.newest.target().ok_or(Error::Corrupted)?;
        self.region.segment(segment)?;
        let group = segment * self.region.layout().groups_of_a_segment() + used.groups;
        self.commit_group(group)?;
        pass(Point::Claimed);
        Ok((group, IndexSegments { groups: used.groups + 1, ..used }))
    }

    /// Makes a group real.
    pub(crate) fn commit_group(&self, group: u32) -> Result<(), Error> {
        let groups = self.region.layout().groups_of_a_segment();
        let end = (group % groups) as usize * GROUP_BYTES + GROUP_BYTES;
        self.region.commit_segment(group / groups, end)
    }

    pub(crate) fn index_segments(&self) -> IndexSegments {
        self.header.index_segments.load(Ordering::Relaxed)
    }
}

/// The first bucket has to be full before a key goes to the second: nine in ten keys are found
/// where one looks first.
fn free_slot(group: &Group, hash: Hash) -> Option<&AtomicU64> {
    hash.buckets().into_iter().find_map(|bucket| emptiest(&group.0[bucket], hash.tag()))
}

/// The slot of a bucket that is the least loss: a ghost of this tag, an empty one, any ghost.
fn emptiest(bucket: &Bucket, tag: u32) -> Option<&AtomicU64> {
    let loss = |slot: &&AtomicU64| match Slot(slot.load(Ordering::Relaxed)) {
        word if word.is_ghost_of(tag) => 0,
        Slot::EMPTY => 1,
        word if !word.holds_item() => 2,
        _ => 3,
    };
    bucket.0.iter().min_by_key(loss).filter(|slot| loss(slot) < 3)
}
