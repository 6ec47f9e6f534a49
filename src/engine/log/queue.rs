//! The two queues of a shard's segments: opening, linking, retiring. Knows no item.

use crate::engine::entry::NEVER_US;
use crate::engine::fail_points::{Point, pass};
use crate::engine::log::reclaim::ReclaimLevel;
use crate::engine::shard::Shard;
use crate::engine::shard::transaction::Transaction;
use crate::error::Error;
use crate::region::list::{Chain, Ends, Lengths, Link, Neighbours};
use crate::region::segment::{Fill, Role, State};
use crate::region::shard::{CLASSES, IndexSegments};
use crate::sync::{Ordering, seqlock};

/// Which open segment takes an item: 0 to 3 a class of new ones, this one the main queue.
pub(crate) const MAIN: usize = CLASSES;

/// Index of a queue in the shard's header.
pub(crate) fn queue_of(role: Role) -> usize {
    usize::from(role == Role::Main)
}

impl Shard<'_> {
    /// The open segment of a target.
    pub(crate) fn open_segment(&self, open: usize) -> Option<u32> {
        // Relaxed here and below: read under the lock.
        self.header.open[open].load(Ordering::Relaxed).target()
    }

    /// Segments in both queues.
    pub(crate) fn lengths(&self) -> Lengths {
        self.header.lengths.load(Ordering::Relaxed)
    }

    /// The oldest segment of a queue.
    pub(crate) fn oldest(&self, queue: usize) -> Option<u32> {
        self.header.queues[queue].load(Ordering::Relaxed).oldest.target()
    }

    /// The next newer segment of the same queue; [`Error::Corrupted`] if it does not lead back
    /// here: a queue that leads into itself would be walked again and again.
    pub(crate) fn newer(&self, segment: u32) -> Result<Option<u32>, Error> {
        let newer = self.region.segment(segment)?.neighbours.load(Ordering::Relaxed).newer;
        let Some(next) = newer.target() else { return Ok(None) };
        let behind = self.region.segment(next)?.neighbours.load(Ordering::Relaxed).older;
        leads_to(behind, segment).map(|()| Some(next))
    }

    /// How many segments a queue has at the most.
    pub(crate) fn most_in(&self, role: Role) -> u32 {
        let Lengths { small, main } = self.lengths();
        let parts = if role == Role::Main { main } else { small };
        parts.min(self.region.layout().geometry.segments)
    }

    /// Whether items are still appended to a segment.
    pub(crate) fn is_open(&self, segment: u32) -> bool {
        (0..=MAIN).any(|open| self.open_segment(open) == Some(segment))
    }

    /// Lets a segment take no more items.
    pub(crate) fn close_segment(&self, segment: u32) {
        for open in (0..=MAIN).filter(|open| self.open_segment(*open) == Some(segment)) {
            self.header.open[open].store(Link::NONE, Ordering::Release);
        }
    }

    /// Opens a free segment for a target, whose old one is full.
    pub(crate) fn open_next(
        &mut self,
        open: usize,
        now_us: u64,
        level: ReclaimLevel,
    ) -> Result<(), Error> {
        let wanted = if level == ReclaimLevel::Full { 2 } else { 1 };
        let full = self.open_segment(open);
        self.ensure_free(wanted, now_us, level)?;
        if self.open_segment(open).is_some_and(|now| full != Some(now)) {
            // Making room has opened one already: the caller looks again.
            return Ok(());
        }
        let full = self.open_segment(open);
        let free = self.header.free.load(Ordering::Relaxed);
        let index = free.first.target().ok_or(Error::Full)?;
        let segment = self.region.segment(index)?;
        let role = if open == MAIN { Role::Main } else { Role::Small };
        let state = State { role, class: open, shard: self.number, parts: 1 };
        let mut change = self.transaction();
        let rest = change.get(&segment.chain).next;
        change.set(&self.header.free, free.without(1, rest));
        change.set(&segment.chain, Chain::END);
        change.set(&segment.fill, Fill::EMPTY);
        self.push(&mut change, index, state)?;
        change.set(&self.header.open[open], Link::to(index));
        change.commit();
        seqlock::before_reuse();
        match full {
            Some(full) => self.retire_if_dead(full),
            None => Ok(()),
        }
    }

    /// Makes a free segment the newest of the index. There is one.
    pub(crate) fn start_index_segment(&mut self) -> Result<u32, Error> {
        let free = self.header.free.load(Ordering::Relaxed);
        let index = free.first.target().ok_or(Error::Full)?;
        let segment = self.region.segment(index)?;
        let older = self.header.index_segments.load(Ordering::Relaxed).newest;
        let is_first = older == Link::NONE;
        let mut change = self.transaction();
        let rest = change.get(&segment.chain).next;
        change.set(&self.header.free, free.without(1, rest));
        change.set(&segment.chain, Chain::to(older));
        let state = State { role: Role::Index, class: 0, shard: self.number, parts: 1 };
        change.set(&segment.state, state);
        // The first group of the first segment is in use from the start.
        let newest = IndexSegments { newest: Link::to(index), groups: u32::from(is_first) };
        change.set(&self.header.index_segments, newest);
        change.add(&self.header.index_length, 1);
        change.commit();
        seqlock::before_reuse();
        Ok(index * self.region.layout().groups_of_a_segment())
    }

    /// Puts a segment, or the extent that starts there, at the newest end of a queue.
    pub(crate) fn push(
        &self,
        change: &mut Transaction<'_>,
        index: u32,
        state: State,
    ) -> Result<(), Error> {
        let queue = queue_of(state.role);
        let segment = self.region.segment(index)?;
        let ends = change.get(&self.header.queues[queue]);
        let this = Link::to(index);
        let oldest = if ends.oldest == Link::NONE { this } else { ends.oldest };
        if let Some(newest) = ends.newest.target() {
            let newest = &self.region.segment(newest)?.neighbours;
            change.update(newest, |of| Neighbours { newer: this, ..of });
        }
        change.set(&segment.neighbours, Neighbours { older: ends.newest, newer: Link::NONE });
        change.set_word(&segment.earliest_us, NEVER_US);
        change.set_word(&segment.judged, 0);
        change.set(&segment.state, state);
        change.set(&self.header.queues[queue], Ends { oldest, newest: this });
        change.update(&self.header.lengths, |all| all.longer(state.role, state.parts));
        Ok(())
    }

    /// Takes a segment, or the extent that starts there, out of its queue.
    pub(crate) fn unlink(&self, change: &mut Transaction<'_>, index: u32) -> Result<(), Error> {
        let segment = self.region.segment(index)?;
        let state = change.get(&segment.state);
        let queue = queue_of(state.role);
        let Neighbours { older, newer } = change.get(&segment.neighbours);
        let mut ends = change.get(&self.header.queues[queue]);
        let is_linked = matches!(state.role, Role::Small | Role::Main);
        // The oldest leads to no older one, and the newest to no newer.
        let is_oldest = ends.oldest == Link::to(index);
        let is_newest = ends.newest == Link::to(index);
        if !is_linked || is_oldest != (older == Link::NONE) || is_newest != (newer == Link::NONE) {
            return Err(Error::Corrupted);
        }
        if let Some(older) = older.target() {
            let older = &self.region.segment(older)?.neighbours;
            leads_to(change.get(older).newer, index)?;
            change.update(older, |of| Neighbours { newer, ..of });
        } else {
            ends.oldest = newer;
        }
        if let Some(newer) = newer.target() {
            let newer = &self.region.segment(newer)?.neighbours;
            leads_to(change.get(newer).older, index)?;
            change.update(newer, |of| Neighbours { older, ..of });
        } else {
            ends.newest = older;
        }
        change.set(&self.header.queues[queue], ends);
        change.update(&self.header.lengths, |all| all.shorter(state.role, state.parts));
        Ok(())
    }

    /// Retires a segment that takes no more items and holds no live one.
    pub(crate) fn retire_if_dead(&mut self, index: u32) -> Result<(), Error> {
        let (_, live) = self.region.segment(index)?.used_and_live();
        if live == 0 && !self.is_open(index) { self.retire(index) } else { Ok(()) }
    }

    /// Makes a segment, or the extent that starts there, free. No slot names an item of it.
    pub(crate) fn retire(&mut self, index: u32) -> Result<(), Error> {
        pass(Point::Retiring);
        let segment = self.region.segment(index)?;
        let parts = segment.state().parts;
        let free = self.header.free.load(Ordering::Relaxed);
        let chain = segment.chain.load(Ordering::Relaxed);
        let mut change = self.transaction();
        self.unlink(&mut change, index)?;
        // Readers that are still here find out; after this the bytes may be another's.
        change.add(&segment.generation, 1);
        change.set(&segment.fill, Fill::EMPTY);
        change.set(&segment.state, State::FREE);
        match chain.last.target().filter(|_| parts > 1) {
            Some(last) => {
                change.set(&segment.chain, Chain::to(chain.next));
                change.set(&self.region.segment(last)?.chain, Chain::to(free.first));
            }
            None => change.set(&segment.chain, Chain::to(free.first)),
        }
        for open in (0..=MAIN).filter(|open| self.open_segment(*open) == Some(index)) {
            change.set(&self.header.open[open], Link::NONE);
        }
        change.set(&self.header.free, free.with(index, parts));
        change.commit();
        Ok(())
    }
}

/// Refuses a link that should lead to a segment and does not.
fn leads_to(link: Link, segment: u32) -> Result<(), Error> {
    if link == Link::to(segment) { Ok(()) } else { Err(Error::Corrupted) }
}
