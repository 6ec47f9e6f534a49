//! Values that are longer than a segment: a run of segments of their own.
//!
//! The bytes are written to spare segments, which nobody reads; then one change makes them a run,
//! puts it into a queue and lets the slot name it.

use super::append::{Draft, head_of};
use super::reclaim::Effort;
use crate::engine::entry::{Key, Value};
use crate::engine::index::Held;
use crate::engine::index::hash::Hash;
use crate::engine::kill::{Point, pass};
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::region::list::{Chain, Link};
use crate::region::segment::{Fill, Role, State};
use crate::region::word::to_u32;
use crate::sync::{AtomicU64, Ordering, publication};

/// Spare segments, in the order in which they become a run.
struct Run {
    first: u32,
    last: u32,
    parts: u32,
    /// The spare segment behind the last.
    rest: Link,
}

impl<'a> Shard<'a> {
    /// Whether an item has to be a run, and of how many segments.
    pub(crate) fn parts_of(&self, key: &Key<'_>, value: &Value<'_>) -> Option<u32> {
        let (bytes, segment) = (head_of(key, value).item_bytes(), self.segment_bytes());
        (bytes > segment).then(|| to_u32(bytes.div_ceil(segment)))
    }

    /// Makes room for a run of `parts`.
    pub(crate) fn room_for_run(&mut self, parts: u32, now_us: u64) -> Result<(), Error> {
        // A store that evicts is not to drop everything in vain: each shard keeps a segment of its
        // index and a spare one.
        let kept = if self.engine.evicts() { 2 * self.engine.shards() } else { 0 };
        if u64::from(parts) + u64::from(kept) >= self.engine.most_segments() {
            return Err(Error::TooLarge);
        }
        let made = self.ensure_spares(parts + 1, now_us, Effort::Full);
        if made.is_err() {
            self.give_back(1, u32::MAX)?;
        }
        made
    }

    /// Writes a large item and publishes it. There is room.
    pub(crate) fn publish_run(
        &mut self,
        hash: Hash,
        slot: &AtomicU64,
        (key, value): (&Key<'_>, &Value<'_>),
        old: Option<&Held<'a>>,
    ) -> Result<(), Error> {
        let run = self.write_run(key, value)?;
        self.region.written(())?;
        let state = State { role: Role::Small, class: 0, shard: self.number, parts: run.parts };
        let (first, last) = (self.region.segment(run.first)?, self.region.segment(run.last)?);
        let mut change = self.transaction();
        let (spare, chain) = (change.get(&self.header.spare), change.get(&first.chain));
        change.set(&self.header.spare, spare.without(run.parts, run.rest));
        change.set(&first.chain, Chain { last: Link::to(run.last), ..chain });
        if run.parts > 1 {
            change.set(&last.chain, Chain::END);
        }
        change.set(&first.fill, Fill::EMPTY);
        self.push(&mut change, run.first, state)?;
        let place = self.region.layout().segment_start(run.first) - self.region.layout().segments;
        let bytes = head_of(key, value).item_bytes();
        let draft = Draft { place, segment: run.first, bytes, deadline_us: value.deadline_us };
        self.commit_item(change, (hash, slot), draft, old)
    }

    fn write_run(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Run, Error> {
        let head = head_of(key, value).large();
        let segment_bytes = self.segment_bytes();
        // Relaxed here and below: read under the lock.
        let mut next = self.header.spare.load(Ordering::Relaxed).first;
        let first = next.target().ok_or(Error::Corrupted)?;
        publication::before_reuse();
        self.write_head(self.segment_start(first), head, key.bytes, value.deadline_us)?;
        let (mut within, mut rest) = (head.value_start(), value.bytes);
        let (mut last, mut parts) = (first, 0);
        // Ends: each turn writes a segment's worth of the rest.
        while parts == 0 || !rest.is_empty() {
            last = next.target().ok_or(Error::Corrupted)?;
            let (now, later) = rest.split_at(rest.len().min(segment_bytes - within));
            self.region.store_bytes(self.segment_start(last) + within, now)?;
            next = self.region.segment(last)?.chain.load(Ordering::Relaxed).next;
            (rest, within, parts) = (later, 0, parts + 1);
        }
        pass(Point::Written);
        Ok(Run { first, last, parts, rest: next })
    }

    fn segment_bytes(&self) -> usize {
        self.region.layout().segment_bytes()
    }

    fn segment_start(&self, segment: u32) -> usize {
        self.region.layout().segment_start(segment)
    }
}
