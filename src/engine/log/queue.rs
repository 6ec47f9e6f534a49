//! The two queues of a shard's segments: opening, linking, retiring. Knows no item.

use crate::engine::entry::NEVER_US;
use crate::engine::kill::{Point, pass};
use crate::engine::log::reclaim::Effort;
use crate::engine::shard::Shard;
use crate::engine::transaction::Transaction;
use crate::error::Error;
use crate::region::segment::{Role, State};
use crate::region::shard::CLASSES;
use crate::region::word::{high, link, low, pair, target};
use crate::sync::{Ordering, publication};

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
        target(low(self.header.open[open].load(Ordering::Relaxed)))
    }

    /// Segments in the queue of new items, and in the main queue.
    pub(crate) fn lengths(&self) -> (u32, u32) {
        let lengths = self.header.lengths.load(Ordering::Relaxed);
        (low(lengths), high(lengths))
    }

    /// The oldest segment of a queue.
    pub(crate) fn oldest(&self, queue: usize) -> Option<u32> {
        target(low(self.header.queues[queue].load(Ordering::Relaxed)))
    }

    /// The next newer segment of the same queue.
    pub(crate) fn newer(&self, segment: u32) -> Option<u32> {
        let segment = self.region.segment(segment).ok()?;
        target(high(segment.neighbours.load(Ordering::Relaxed)))
    }

    /// Whether items are still appended to a segment.
    pub(crate) fn is_open(&self, segment: u32) -> bool {
        (0..=MAIN).any(|open| self.open_segment(open) == Some(segment))
    }

    /// Lets a segment take no more items.
    pub(crate) fn close_segment(&self, segment: u32) {
        for open in (0..=MAIN).filter(|open| self.open_segment(*open) == Some(segment)) {
            self.header.open[open].store(0, Ordering::Release);
        }
    }

    /// Opens a spare segment for a target, whose old one is full.
    pub(crate) fn open_next(
        &mut self,
        open: usize,
        now_us: u64,
        effort: Effort,
    ) -> Result<(), Error> {
        let spares = if effort == Effort::Full { 2 } else { 1 };
        let full = self.open_segment(open);
        self.ensure_spares(spares, now_us, effort)?;
        if self.open_segment(open).is_some_and(|now| full != Some(now)) {
            // Making room has opened one already: the caller looks again.
            return Ok(());
        }
        let full = self.open_segment(open);
        let spare = self.header.spare.load(Ordering::Relaxed);
        let index = target(low(spare)).ok_or(Error::Full)?;
        let segment = self.region.segment(index)?;
        let role = if open == MAIN { Role::Main } else { Role::Small };
        let state = State { role, class: open, shard: self.number, parts: 1 };
        let mut change = self.transaction();
        let rest = low(change.get(&segment.chain));
        change.set(&self.header.spare, pair(rest, high(spare).saturating_sub(1)));
        change.set(&segment.chain, 0);
        change.set(&segment.fill, 0);
        self.push(&mut change, index, state)?;
        change.set(&self.header.open[open], u64::from(link(index)));
        change.commit();
        publication::before_reuse();
        match full {
            Some(full) => self.retire_if_dead(full),
            None => Ok(()),
        }
    }

    /// Makes a spare segment the newest of the index. There is one.
    pub(crate) fn start_index_segment(&mut self) -> Result<u32, Error> {
        let spare = self.header.spare.load(Ordering::Relaxed);
        let index = target(low(spare)).ok_or(Error::Full)?;
        let segment = self.region.segment(index)?;
        let older = low(self.header.index_segments.load(Ordering::Relaxed));
        let is_first = older == 0;
        let mut change = self.transaction();
        let rest = low(change.get(&segment.chain));
        change.set(&self.header.spare, pair(rest, high(spare).saturating_sub(1)));
        change.set(&segment.chain, pair(older, 0));
        change.set(
            &segment.state,
            State { role: Role::Index, class: 0, shard: self.number, parts: 1 }.word(),
        );
        // The first group of the first segment is in use from the start.
        change.set(&self.header.index_segments, pair(link(index), u32::from(is_first)));
        change.add(&self.header.index_length, 1);
        change.commit();
        publication::before_reuse();
        Ok(index * self.region.layout().groups_of_a_segment())
    }

    /// Puts a segment, or the run that starts there, at the newest end of a queue.
    pub(crate) fn push(
        &self,
        change: &mut Transaction<'_>,
        index: u32,
        state: State,
    ) -> Result<(), Error> {
        let queue = queue_of(state.role);
        let segment = self.region.segment(index)?;
        let ends = change.get(&self.header.queues[queue]);
        let oldest = if low(ends) == 0 { link(index) } else { low(ends) };
        if let Some(newest) = target(high(ends)) {
            let newest = self.region.segment(newest)?;
            let neighbours = change.get(&newest.neighbours);
            change.set(&newest.neighbours, pair(low(neighbours), link(index)));
        }
        change.set(&segment.neighbours, pair(high(ends), 0));
        change.set(&segment.earliest_us, NEVER_US);
        change.set(&segment.judged, 0);
        change.set(&segment.state, state.word());
        change.set(&self.header.queues[queue], pair(oldest, link(index)));
        change.add(&self.header.lengths, parts_word(queue, state.parts));
        Ok(())
    }

    /// Takes a segment, or the run that starts there, out of its queue.
    pub(crate) fn unlink(&self, change: &mut Transaction<'_>, index: u32) -> Result<(), Error> {
        let segment = self.region.segment(index)?;
        let state = State::of_word(change.get(&segment.state));
        let queue = queue_of(state.role);
        let neighbours = change.get(&segment.neighbours);
        let (older, newer) = (low(neighbours), high(neighbours));
        let ends = change.get(&self.header.queues[queue]);
        let (mut oldest, mut newest) = (low(ends), high(ends));
        match target(older) {
            Some(older) => {
                let older = &self.region.segment(older)?.neighbours;
                let word = change.get(older);
                change.set(older, pair(low(word), newer));
            }
            None => oldest = newer,
        }
        match target(newer) {
            Some(newer) => {
                let newer = &self.region.segment(newer)?.neighbours;
                let word = change.get(newer);
                change.set(newer, pair(older, high(word)));
            }
            None => newest = older,
        }
        change.set(&self.header.queues[queue], pair(oldest, newest));
        change.subtract(&self.header.lengths, parts_word(queue, state.parts));
        Ok(())
    }

    /// Retires a segment that takes no more items and holds no live one.
    pub(crate) fn retire_if_dead(&mut self, index: u32) -> Result<(), Error> {
        let (_, live) = self.region.segment(index)?.used_and_live();
        if live == 0 && !self.is_open(index) { self.retire(index) } else { Ok(()) }
    }

    /// Makes a segment, or the run that starts there, spare. No slot names an item of it.
    pub(crate) fn retire(&mut self, index: u32) -> Result<(), Error> {
        pass(Point::Retiring);
        let segment = self.region.segment(index)?;
        let parts = segment.state().parts;
        let spare = self.header.spare.load(Ordering::Relaxed);
        let chain = segment.chain.load(Ordering::Relaxed);
        let mut change = self.transaction();
        self.unlink(&mut change, index)?;
        // Readers that are still here find out; after this the bytes may be another's.
        change.add(&segment.generation, 1);
        change.set(&segment.fill, 0);
        change.set(&segment.state, State::SPARE.word());
        match target(high(chain)).filter(|_| parts > 1) {
            Some(last) => {
                change.set(&segment.chain, pair(low(chain), 0));
                change.set(&self.region.segment(last)?.chain, pair(low(spare), 0));
            }
            None => change.set(&segment.chain, pair(low(spare), 0)),
        }
        for open in (0..=MAIN).filter(|open| self.open_segment(*open) == Some(index)) {
            change.set(&self.header.open[open], 0);
        }
        change.set(&self.header.spare, pair(link(index), high(spare).saturating_add(parts)));
        change.commit();
        Ok(())
    }
}

fn parts_word(queue: usize, parts: u32) -> u64 {
    if queue == 0 { pair(parts, 0) } else { pair(0, parts) }
}
