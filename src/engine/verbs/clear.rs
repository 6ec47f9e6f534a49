//! Removing all entries, and with them what the index grew for.

use super::sweep::FREE_SEGMENTS_KEPT;
use crate::contract::Change;
use crate::engine::entry::{Key, NEVER_US};
use crate::engine::fail_points::{Point, pass};
use crate::engine::participant::Participant;
use crate::engine::shard::Shard;
use crate::engine::watching::Source;
use crate::error::Error;
use crate::region::header::STRIPES;
use crate::region::list::{Chain, Link};
use crate::region::segment::{DirectoryEntry, State};
use crate::region::shard::{IndexSegments, IndexState, Intent};
use crate::region::slot::Slot;
use crate::region::word::to_u32;
use crate::sync::{AtomicU32, Ordering, stripe};

impl Participant {
    /// Removes all entries, shard by shard. Each entry is gone at one moment, not all at the same.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when a live participant keeps a shard for 10 seconds.
    pub fn clear(&self) -> Result<(), Error> {
        let engine = self.engine();
        if !engine.is_watched() {
            return (0..engine.shards()).try_for_each(|number| {
                let mut shard = engine.lock(self.client(), number)?;
                shard.clear()?;
                if engine.is_watched() {
                    // Somebody has begun in the midst of it, who may have seen what is gone now.
                    engine.miss();
                }
                Ok(())
            });
        }
        // Who watches is told once: behind all of it, so that whoever looks then finds nothing that
        // was there before, and ahead of all that comes after.
        let mut shards = engine.lock_all(self.client())?;
        let cleared = shards.iter_mut().try_for_each(Shard::clear);
        match cleared {
            Ok(()) => {
                engine.tell(self.client(), Change::Clear, Source::Given(Key::narrow(&[])), &[]);
            }
            Err(_) => engine.miss(),
        }
        cleared
    }
}

impl Shard<'_> {
    /// Removes all entries of the shard.
    pub(super) fn clear(&mut self) -> Result<(), Error> {
        self.header.intent.store(Intent::Clear, Ordering::Release);
        pass(Point::ClearNoted);
        self.finish_clear()
    }

    /// Does, or redoes, all that is left of a clear.
    pub(crate) fn finish_clear(&mut self) -> Result<(), Error> {
        self.stripes().for_each(stripe::begin_write);
        pass(Point::ClearOpened);
        self.empty_index()?;
        pass(Point::ClearEmptied);
        for queue in 0..2 {
            // A queue is no longer than all segments, or broken.
            for _ in 0..self.region.layout().geometry.segments {
                let Some(segment) = self.oldest(queue) else { break };
                self.retire(segment)?;
            }
        }
        self.header.entries.store(0, Ordering::Release);
        self.header.earliest_us.store(NEVER_US, Ordering::Release);
        pass(Point::ClearRetired);
        self.stripes().for_each(stripe::end_write);
        self.header.intent.store(Intent::None, Ordering::Release);
        self.return_to_pool(FREE_SEGMENTS_KEPT, u32::MAX).map(|_| ())
    }

    /// Whether nothing is left of what the index once grew for. Groups are never merged: that
    /// would move entries; here there are none, and a clear is all it takes.
    pub(super) fn is_index_outgrown(&self) -> bool {
        self.entries() == 0 && self.directory_depth() > 0
    }

    /// Versions of all stripes that belong to the shard; none before anything was written.
    pub(super) fn stripes(&self) -> impl Iterator<Item = &AtomicU32> {
        let step = self.engine.shards() as usize;
        let end = if self.region.has_stripes() { to_u32(STRIPES) } else { self.number };
        (self.number..end).step_by(step).map(|stripe| self.region.stripe(stripe))
    }

    /// Leaves one empty group, and makes the other segments of the index free.
    fn empty_index(&mut self) -> Result<(), Error> {
        let segments = self.header.index_segments.load(Ordering::Relaxed);
        let Some(kept) = segments.newest.target() else { return Ok(()) };
        self.region.segment(kept)?;
        // The group that stays may be in use: readers see its slots go, which is what a clear is.
        let group = kept * self.region.layout().groups_of_a_segment();
        for bucket in &self.region.group(group)?.0 {
            bucket.0.iter().for_each(|slot| slot.store(Slot::EMPTY.0, Ordering::Release));
        }
        let entry = DirectoryEntry::new(group, 0);
        self.region.directory(self.number, 0).store(entry.0, Ordering::Release);
        let index = self.header.index.load(Ordering::Relaxed).moved();
        // Readers that come by the old directory look again.
        self.header.index.store(IndexState { depth: 0, ..index }, Ordering::Release);
        let segments = IndexSegments { newest: Link::to(kept), groups: 1 };
        self.header.index_segments.store(segments, Ordering::Release);
        // A chain is no longer than all segments, or broken.
        for _ in 0..self.region.layout().geometry.segments {
            let chain = &self.region.segment(kept)?.chain;
            let Some(older) = chain.load(Ordering::Relaxed).next.target() else { break };
            let segment = self.region.segment(older)?;
            let free = self.header.free.load(Ordering::Relaxed);
            let mut change = self.transaction();
            let rest = change.get(&segment.chain).next;
            change.set(chain, Chain::to(rest));
            change.set(&segment.chain, Chain::to(free.first));
            change.set(&segment.state, State::FREE);
            change.set(&self.header.free, free.with(older, 1));
            change.subtract(&self.header.index_length, 1);
            change.commit();
        }
        Ok(())
    }
}
