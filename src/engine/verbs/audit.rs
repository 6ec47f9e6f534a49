//! Checking that everything in a store agrees with everything else. Changes nothing.
//!
//! For tests, and for a store that may have been damaged. Takes the lock of each
//! shard for as long as it takes to look at all of it.

use std::collections::{HashMap, HashSet};

use crate::engine::participant::Participant;
use crate::engine::shard::Shard;
use crate::region::item::Item;
use crate::region::list::{Chain, Link};
use crate::region::segment::{DirectoryEntry, Role};
use crate::region::shard::Intent;
use crate::region::slot::Slot;
use crate::sync::Ordering;

/// What does not agree.
pub type Finding = &'static str;

/// The segments that were met, and where.
#[derive(Default)]
struct Segments(HashSet<u32>);

impl Segments {
    fn meet(&mut self, segment: u32) -> Result<(), Finding> {
        if self.0.insert(segment) { Ok(()) } else { Err("a segment is in two places") }
    }
}

impl Participant {
    /// Checks the store. Others may use it at the same time, but for the count of free segments
    /// they have to stand still.
    ///
    /// # Errors
    ///
    /// What does not agree.
    pub fn audit(&self) -> Result<(), Finding> {
        let engine = self.engine();
        let mut met = Segments::default();
        for number in 0..engine.shards() {
            let shard =
                engine.lock(self.client(), number).map_err(|_| "a shard cannot be locked")?;
            shard.audit(&mut met)?;
        }
        let header = engine.region.header();
        // Relaxed here and below: all others stand still.
        let free = header.free.load(Ordering::Relaxed);
        let mut next = free.first;
        for _ in 0..free.count {
            let segment = next.target().ok_or("the free list is shorter than it says")?;
            met.meet(segment)?;
            let segment = engine.region.segment(segment).map_err(|_| "a free segment is none")?;
            next = segment.chain.load(Ordering::Relaxed).next;
        }
        let fresh = header.fresh.load(Ordering::Relaxed);
        match (next, met.0.len() as u64 == fresh) {
            (Link::NONE, true) => Ok(()),
            (Link::NONE, false) => Err("a segment is nowhere"),
            _ => Err("the free list is longer than it says"),
        }
    }
}

impl Shard<'_> {
    fn audit(&self, met: &mut Segments) -> Result<(), Finding> {
        if self.header.intent.load(Ordering::Relaxed) != Intent::None {
            return Err("something is half done");
        }
        if self.header.odd_stripe.load(Ordering::Relaxed) != 0
            || self.stripes().any(|stripe| stripe.load(Ordering::Relaxed) & 1 == 1)
        {
            return Err("the version of a stripe is odd");
        }
        let mut live = self.audit_index()?;
        self.audit_queues(&mut live, met)?;
        if !live.is_empty() {
            return Err("a slot names an item of a segment that is in no queue");
        }
        let free = self.header.free.load(Ordering::Relaxed);
        self.audit_chain(free.first, free.count.into(), met)?;
        let index = self.header.index_segments.load(Ordering::Relaxed).newest;
        self.audit_chain(index, self.header.index_length.load(Ordering::Relaxed), met)
    }

    /// Live bytes of each segment, by the slots.
    fn audit_index(&self) -> Result<HashMap<u32, usize>, Finding> {
        let (mut live, mut entries, mut groups) = (HashMap::new(), 0, HashSet::new());
        for place in 0..1 << self.directory_depth() {
            let entry = self.region.directory(self.number, place).load(Ordering::Relaxed);
            let entry = DirectoryEntry(entry);
            let group = self.region.group(entry.group()).map_err(|_| "a group is none")?;
            if !groups.insert(entry.group()) {
                continue;
            }
            let depth = entry.depth();
            for (number, bucket) in group.0.iter().enumerate() {
                for slot in &bucket.0 {
                    let word = Slot(slot.load(Ordering::Relaxed));
                    if !word.holds_item() {
                        continue;
                    }
                    let item = Item::of_slot(self.region, word).map_err(|_| "an item is none")?;
                    let hash = self.hash_of(&item).map_err(|_| "a key is none")?;
                    let is_here = hash.tag() == word.tag()
                        && hash.buckets().contains(&number)
                        && self.engine.shard_of(hash) == self.number
                        && (hash.tag() ^ place) & ((1 << depth) - 1) == 0;
                    if !is_here {
                        return Err("a key is where no reader looks for it");
                    }
                    *live.entry(item.segment).or_insert(0) += item.head.item_bytes();
                    entries += 1;
                }
            }
        }
        let is_right = entries == self.entries();
        if is_right { Ok(live) } else { Err("the count of entries is wrong") }
    }

    fn audit_queues(
        &self,
        live: &mut HashMap<u32, usize>,
        met: &mut Segments,
    ) -> Result<(), Finding> {
        let lengths = self.lengths();
        for (queue, role, length) in
            [(0, Role::Small, lengths.small), (1, Role::Main, lengths.main)]
        {
            let (mut next, mut before, mut segments) = (self.oldest(queue), Link::NONE, 0);
            while let Some(index) = next {
                met.meet(index)?;
                let segment = self.region.segment(index).map_err(|_| "a segment is none")?;
                let state = segment.state();
                let (used, alive) = segment.used_and_live();
                if (state.role, state.shard) != (role, self.number) {
                    return Err("a segment is in another's queue");
                }
                if live.remove(&index).unwrap_or(0) != alive || alive > used {
                    return Err("the live bytes of a segment are wrong");
                }
                if segment.neighbours.load(Ordering::Relaxed).older != before {
                    return Err("a queue differs from behind");
                }
                before = Link::to(index);
                if state.parts > 1 {
                    let Chain { next, .. } = segment.chain.load(Ordering::Relaxed);
                    self.audit_chain(next, u64::from(state.parts) - 1, met)?;
                }
                segments += state.parts;
                next = self.newer(index).map_err(|_| "a queue differs from behind")?;
            }
            let newest = self.header.queues[queue].load(Ordering::Relaxed).newest;
            if segments != length || newest != before {
                return Err("the length of a queue is wrong");
            }
        }
        Ok(())
    }

    fn audit_chain(&self, mut next: Link, length: u64, met: &mut Segments) -> Result<(), Finding> {
        for _ in 0..length {
            let index = next.target().ok_or("a chain is shorter than it says")?;
            met.meet(index)?;
            let segment = self.region.segment(index).map_err(|_| "a segment is none")?;
            next = segment.chain.load(Ordering::Relaxed).next;
        }
        if next == Link::NONE { Ok(()) } else { Err("a chain is longer than it says") }
    }
}
