//! Removing all entries, counting them, and sweeping those that are due.

use crate::engine::entry::{Key, NEVER_US};
use crate::engine::index::hash::Hash;
use crate::engine::kill::{Point, pass};
use crate::engine::log::sweep::Swept;
use crate::engine::participant::Participant;
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::header::{PARTICIPANTS, STRIPES};
use crate::region::list::{Chain, Link};
use crate::region::segment::{DirectoryEntry, State};
use crate::region::shard::{IndexSegments, IndexState, Intent};
use crate::region::slot::Slot;
use crate::region::word::{low, to_u32};
use crate::sync::{AtomicU32, Ordering, stripe};

/// Spare segments that a shard keeps after a sweep; the rest is for all.
const SPARES_KEPT: u32 = 2;

impl Participant {
    /// Removes all entries, shard by shard. Each entry is gone at one moment, not all at the same.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when somebody who lives keeps a shard for 10 seconds.
    pub fn clear(&self) -> Result<(), Error> {
        for number in 0..self.engine().shards() {
            self.engine().lock(self.seat(), number)?.clear()?;
        }
        Ok(())
    }

    /// Live entries. Removes what is due first, so the number is exact.
    ///
    /// # Errors
    ///
    /// As [`clear`](Self::clear).
    pub fn len(&self, clock: &impl Clock) -> Result<u64, Error> {
        let mut entries = 0;
        for number in 0..self.engine().shards() {
            let mut shard = self.engine().lock(self.seat(), number)?;
            shard.sweep_due(clock.now_us(), usize::MAX)?;
            entries = u64::wrapping_add(entries, shard.entries());
        }
        Ok(entries)
    }

    /// Removes what is due wherever that needs no waiting: for figures, which nobody waits for.
    ///
    /// # Errors
    ///
    /// None in a sound region.
    pub fn sweep_at_hand(&self, clock: &impl Clock) -> Result<(), Error> {
        for number in 0..self.engine().shards() {
            if let Some(mut shard) = self.engine().try_lock(self.seat(), number) {
                shard.sweep_due(clock.now_us(), usize::MAX)?;
            }
        }
        Ok(())
    }

    /// Removes due entries, about `budget` of them, and gives memory that nobody needs back to
    /// the system: pages, and the index of a shard that has become empty. Call it again, after
    /// letting others run, while it says that there is more.
    ///
    /// # Errors
    ///
    /// As [`clear`](Self::clear).
    pub fn sweep(&self, budget: usize, clock: &impl Clock) -> Result<Swept, Error> {
        let engine = self.engine();
        let shards = engine.shards();
        // Relaxed: only spreads the work.
        let first = low(engine.region.header().sweep.fetch_add(1, Ordering::Relaxed)) % shards;
        let mut swept = Swept::default();
        for step in 0..shards {
            let mut shard = engine.lock(self.seat(), (first + step) % shards)?;
            let part = shard.sweep_due(clock.now_us(), budget - swept.removed.min(budget))?;
            if shard.is_hollow() {
                shard.clear()?;
            }
            shard.give_back(SPARES_KEPT, u32::MAX)?;
            swept.removed += part.removed;
            swept.more |= part.more;
        }
        swept.more |= engine.lock(self.seat(), first)?.release_pages(clock.now_us())?;
        Ok(swept)
    }

    /// Whether the sweep that is due now is this participant's: for `turn_us` it is nobody else's.
    pub fn takes_turn(&self, turn_us: u64, clock: &impl Clock) -> bool {
        let due = &self.engine().region.header().sweep_due_us;
        // Relaxed: spreads work, and guards nothing.
        let (due_us, now_us) = (due.load(Ordering::Relaxed), clock.now_us());
        // Not due so late that nobody would live to see it: from another clock, or damaged.
        let is_due = due_us <= now_us || due_us - now_us > turn_us;
        let next_us = now_us.saturating_add(turn_us);
        is_due
            && due.compare_exchange(due_us, next_us, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Makes room for one more entry, if the store has a limit and has reached it.
    pub(super) fn keep_below_max_entries(
        &self,
        key: &Key<'_>,
        hash: Hash,
        clock: &impl Clock,
    ) -> Result<(), Error> {
        let engine = self.engine();
        if engine.max_entries == 0 || self.entries_about() < engine.max_entries {
            return Ok(());
        }
        if engine.lock_for(self.seat(), hash)?.find(key, hash)?.is_some() {
            return Ok(());
        }
        let now_us = clock.now_us();
        let own = engine.shard_of(hash);
        for step in 0..engine.shards() {
            let mut shard = engine.lock(self.seat(), (own + step) % engine.shards())?;
            shard.sweep_due(now_us, usize::MAX)?;
            // One is not always enough: those who looked at the same moment all came in.
            for _ in 0..PARTICIPANTS {
                let is_over = engine.evicts() && self.entries_about() >= engine.max_entries;
                if !is_over || shard.entries() == 0 {
                    break;
                }
                shard.evict_one(now_us)?;
            }
            // Before others can take what was made.
            let is_below = self.entries_about() < engine.max_entries;
            drop(shard);
            if is_below {
                return Ok(());
            }
        }
        Err(Error::Full)
    }

    /// Entries, due ones included, others' writes of this moment perhaps not.
    fn entries_about(&self) -> u64 {
        let engine = self.engine();
        // Relaxed: a limit, not a count.
        let entries = |shard| engine.region.shard(shard).entries.load(Ordering::Relaxed);
        (0..engine.shards()).map(entries).fold(0, u64::wrapping_add)
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
        self.stripes().for_each(stripe::open);
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
        self.stripes().for_each(stripe::close);
        self.header.intent.store(Intent::None, Ordering::Release);
        self.give_back(SPARES_KEPT, u32::MAX).map(|_| ())
    }

    /// Whether nothing is left of what the index once grew for. Groups are never merged: that
    /// would move entries; here there are none, and a clear is all it takes.
    pub(super) fn is_hollow(&self) -> bool {
        self.entries() == 0 && self.directory_depth() > 0
    }

    /// Versions of all stripes that belong to the shard.
    pub(super) fn stripes(&self) -> impl Iterator<Item = &AtomicU32> {
        let step = self.engine.shards() as usize;
        (self.number..to_u32(STRIPES)).step_by(step).map(|stripe| self.region.stripe(stripe))
    }

    /// Leaves one empty group, and makes the other segments of the index spare.
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
            let spare = self.header.spare.load(Ordering::Relaxed);
            let mut change = self.transaction();
            let rest = change.get(&segment.chain).next;
            change.set(chain, Chain::to(rest));
            change.set(&segment.chain, Chain::to(spare.first));
            change.set(&segment.state, State::SPARE);
            change.set(&self.header.spare, spare.with(older, 1));
            change.subtract(&self.header.index_length, 1);
            change.commit();
        }
        Ok(())
    }
}
