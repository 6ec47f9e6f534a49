//! Values that are longer than a segment: an extent of segments of their own.
//!
//! The bytes are written to free segments, which have no readers; then one change makes them an
//! extent, puts it into a queue and lets the slot name it.

use super::append::{NewItem, Was, head_of};
use super::reclaim::ReclaimLevel;
use crate::engine::entry::{Key, Value};
use crate::engine::fail_points::{Point, pass};
use crate::engine::index::Held;
use crate::engine::index::hash::Hash;
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::region::list::{Chain, Link};
use crate::region::segment::{Fill, Role, State};
use crate::region::word::to_u32;
use crate::sync::{AtomicU64, Ordering, seqlock};

/// Free segments, in the order in which they become an extent.
struct Extent {
    first: u32,
    last: u32,
    parts: u32,
    /// The free segment behind the last.
    rest: Link,
}

impl<'a> Shard<'a> {
    /// Whether an item has to be an extent, and of how many segments.
    pub(crate) fn parts_of(&self, key: &Key<'_>, value: &Value<'_>) -> Option<u32> {
        let (bytes, segment) = (head_of(key, value).item_bytes(), self.segment_bytes());
        (bytes > segment).then(|| to_u32(bytes.div_ceil(segment)))
    }

    /// Makes room for an extent of `parts`.
    pub(crate) fn room_for_extent(&mut self, parts: u32, now_us: u64) -> Result<(), Error> {
        // A store that evicts is not to drop everything in vain: each shard keeps a segment of its
        // index and a free one.
        let kept = if self.engine.evicts() { 2 * self.engine.shards() } else { 0 };
        if u64::from(parts) + u64::from(kept) >= self.engine.most_segments() {
            return Err(Error::TooLarge);
        }
        let made = self.ensure_free(parts + 1, now_us, ReclaimLevel::Full);
        if made.is_err() {
            self.return_to_pool(1, u32::MAX)?;
        }
        made
    }

    /// Writes a large item and publishes it. There is room.
    pub(crate) fn publish_extent(
        &mut self,
        (hash, slot): (Hash, &AtomicU64),
        (key, value): (&Key<'_>, &Value<'_>),
        old: Option<&Held<'a>>,
        was: Was,
    ) -> Result<(), Error> {
        let extent = self.write_extent(key, value)?;
        self.region.written(())?;
        let state = State { role: Role::Small, class: 0, shard: self.number, parts: extent.parts };
        let (first, last) = (self.region.segment(extent.first)?, self.region.segment(extent.last)?);
        let mut change = self.transaction();
        let (free, chain) = (change.get(&self.header.free), change.get(&first.chain));
        change.set(&self.header.free, free.without(extent.parts, extent.rest));
        change.set(&first.chain, Chain { last: Link::to(extent.last), ..chain });
        if extent.parts > 1 {
            change.set(&last.chain, Chain::END);
        }
        change.set(&first.fill, Fill::EMPTY);
        self.push(&mut change, extent.first, state)?;
        let place =
            self.region.layout().segment_start(extent.first) - self.region.layout().segments;
        let bytes = head_of(key, value).item_bytes();
        let new = NewItem { place, segment: extent.first, bytes, deadline_us: value.deadline_us };
        self.commit_item(change, (hash, slot), new, (old, was))
    }

    fn write_extent(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Extent, Error> {
        let head = head_of(key, value).large();
        let segment_bytes = self.segment_bytes();
        // Relaxed here and below: read under the lock.
        let mut next = self.header.free.load(Ordering::Relaxed).first;
        let first = next.target().ok_or(Error::Corrupted)?;
        seqlock::before_reuse();
        let value_start = head.area_start() + value.tags.bytes();
        self.region.commit_segment(first, value_start)?;
        self.write_head(self.segment_start(first), head, key.bytes, value)?;
        let (mut within, mut rest) = (value_start, value.bytes);
        let (mut last, mut parts) = (first, 0);
        // Ends: each turn writes a segment's worth of the rest.
        while parts == 0 || !rest.is_empty() {
            last = next.target().ok_or(Error::Corrupted)?;
            let (now, later) = rest.split_at(rest.len().min(segment_bytes - within));
            self.region.commit_segment(last, within + now.len())?;
            self.region.store_bytes(self.segment_start(last) + within, now)?;
            next = self.region.segment(last)?.chain.load(Ordering::Relaxed).next;
            (rest, within, parts) = (later, 0, parts + 1);
        }
        pass(Point::Written);
        Ok(Extent { first, last, parts, rest: next })
    }

    fn segment_bytes(&self) -> usize {
        self.region.layout().segment_bytes()
    }

    fn segment_start(&self, segment: u32) -> usize {
        self.region.layout().segment_start(segment)
    }
}
