//! The free segments of a store, and how a shard gets them. Knows no item.
//!
//! A lock of its own guards them, taken only under a shard's lock and never the other way round.
//! Invariant: a segment is in the list of the free, or in one shard, or was never used.

use crate::engine::clients::client_slot::ClientSlot;
use crate::engine::fail_points::{Point, pass};
use crate::engine::shard::Shard;
use crate::engine::shard::transaction::{Transaction, redo};
use crate::engine::store::Engine;
use crate::error::Error;
use crate::platform::thread::is_panicking;
use crate::region::list::Chain;
use crate::region::region::Region;
use crate::region::segment::{Pages, State};
use crate::region::word::{low, to_u32};
use crate::sync::Ordering;
use crate::sync::lock::{self, Won};

/// How long a segment is free before its pages go.
const IDLE_US: u64 = 1_000_000;

/// Committed free segments that are kept for the next need of any shard.
const FREE_KEPT: u32 = 4;
/// Free segments that one call looks at, to give their pages back.
const RELEASES_OF_A_CALL: usize = 64;

/// What is real of the first segment with items of a shard.
const FIRST_BYTES: usize = 16 * 1024;

/// The lock of the free segments, held.
struct Pool<'a> {
    engine: &'a Engine,
    region: &'a Region,
    client: &'a ClientSlot,
}

impl Drop for Pool<'_> {
    fn drop(&mut self) {
        if is_panicking() {
            self.engine.bump_epoch(self.client);
        } else {
            lock::release(&self.region.header().pool_owner);
        }
    }
}

impl<'a> Pool<'a> {
    fn transaction(&self) -> Transaction<'a> {
        Transaction::new(self.region, &self.region.header().pool_journal)
    }

    /// A segment to use: one that is free, else one that never was used.
    fn choose(&self) -> Result<u32, Error> {
        let header = self.region.header();
        // Relaxed here and below: read under the lock.
        let pooled = header.free.load(Ordering::Relaxed);
        let fresh = header.fresh.load(Ordering::Relaxed);
        if fresh.saturating_sub(u64::from(pooled.count)) >= self.engine.most_segments() {
            return Err(Error::Full);
        }
        if let Some(segment) = pooled.first.target() {
            return Ok(segment);
        }
        if fresh >= u64::from(self.region.layout().geometry.segments) {
            return Err(Error::Full);
        }
        self.region.commit_header(low(fresh))?;
        Ok(low(fresh))
    }
}

impl<'a> Shard<'a> {
    fn lock_pool(&self) -> Result<Pool<'a>, Error> {
        let word = &self.region.header().pool_owner;
        let won = self.client.acquire(word, &self.engine.liveness())?;
        let pool = Pool { engine: self.engine, region: self.region, client: self.client };
        pass(Point::Locked);
        if won == Won::Recovered {
            pass(Point::TakenOver);
            redo(self.region, &self.region.header().pool_journal);
            pass(Point::Redone);
        }
        Ok(pool)
    }

    /// Makes sure that no change of the free segments by the last holder is still to be redone:
    /// it would set words of this shard.
    pub(crate) fn settle_pool(&self) -> Result<(), Error> {
        self.lock_pool().map(drop)
    }

    /// Free segments of this shard.
    pub(crate) fn free_segments(&self) -> u32 {
        // Relaxed: read under the lock.
        self.header.free.load(Ordering::Relaxed).count
    }

    /// Takes a free segment to the free ones of this shard.
    pub(crate) fn claim_segment(&mut self) -> Result<(), Error> {
        let pool = self.lock_pool()?;
        let index = pool.choose()?;
        let (header, segment) = (self.region.header(), self.region.segment(index)?);
        if let Pages::Idle(bytes) = segment.pages.load(Ordering::Relaxed) {
            let pages = Pages::up_to(bytes as usize, self.region.layout().segment_bytes());
            segment.pages.store(pages, Ordering::Release);
        }
        let bytes = self.bytes_to_begin_with();
        self.commit_reserve(bytes)?;
        // The system is asked under the lock: a segment that was taken must not be lost. What it
        // gives before it refuses stays: this segment is the next to be asked for, too.
        self.region.commit_segment(index, bytes)?;
        let mut change = pool.transaction();
        let pooled = change.get(&header.free);
        if pooled.first.target() == Some(index) {
            let rest = segment.chain.load(Ordering::Relaxed).next;
            change.set(&header.free, pooled.without(1, rest));
        } else {
            change.add(&header.fresh, 1);
        }
        let free = change.get(&self.header.free);
        change.set(&segment.chain, Chain::to(free.first));
        change.set(&segment.state, State::FREE);
        change.set(&self.header.free, free.with(index, 1));
        change.commit();
        pass(Point::Claimed);
        Ok(())
    }

    /// Makes the one free segment of this shard real before there is another, so that it is of use
    /// when no more pages are to be had: items are replaced and moved by way of it. One that a
    /// shard begins with becomes so once the shard has filled another.
    fn commit_reserve(&self, bytes: usize) -> Result<(), Error> {
        let free = self.header.free.load(Ordering::Relaxed);
        match free.first.target() {
            Some(reserve) if free.count == 1 && bytes == self.region.layout().segment_bytes() => {
                self.region.commit_segment(reserve, bytes)
            }
            _ => Ok(()),
        }
    }

    /// What of a new segment is real at once: all of it, but for those that a shard begins with,
    /// for the shards of a small store never fill them.
    fn bytes_to_begin_with(&self) -> usize {
        match (self.lengths().all(), self.index_segments().groups) {
            (0, 0) => 0,
            (0, _) => FIRST_BYTES,
            _ => self.region.layout().segment_bytes(),
        }
    }

    /// Returns the free segments of this shard beyond `kept` to the pool. At most `limit` at a
    /// time.
    pub(crate) fn return_to_pool(&mut self, kept: u32, limit: u32) -> Result<u32, Error> {
        // No more than there are segments: in a damaged region the list may be a ring.
        let limit = limit.min(self.region.layout().geometry.segments);
        let excess = self.free_segments().saturating_sub(kept).min(limit);
        if excess == 0 {
            return Ok(0);
        }
        let pool = self.lock_pool()?;
        for _ in 0..excess {
            let free = self.header.free.load(Ordering::Relaxed);
            let Some(index) = free.first.target() else { break };
            let (header, segment) = (self.region.header(), self.region.segment(index)?);
            let mut change = pool.transaction();
            let pooled = change.get(&header.free);
            let rest = segment.chain.load(Ordering::Relaxed).next;
            change.set(&self.header.free, free.without(1, rest));
            change.set(&segment.chain, Chain::to(pooled.first));
            change.set(&segment.state, State::FREE);
            change.set(&header.free, pooled.with(index, 1));
            change.commit();
        }
        Ok(excess)
    }

    /// Gives the pages of free segments back to the system, once they are free for a while: until
    /// then a reader may still be at what was there. `true` when there may be more.
    pub(crate) fn release_pages(&mut self, now_us: u64) -> Result<bool, Error> {
        let pool = self.lock_pool()?;
        let header = pool.region.header();
        let pooled = header.free.load(Ordering::Relaxed);
        let mut next = pooled.first;
        let mut released = 0;
        // The list is as long as it says, or broken: no more steps than segments.
        for step in 0..pooled.count.min(self.region.layout().geometry.segments) {
            let Some(index) = next.target() else { break };
            let segment = self.region.segment(index)?;
            next = segment.chain.load(Ordering::Relaxed).next;
            let pages = segment.pages.load(Ordering::Relaxed);
            // Newest first: those that are taken next keep their pages.
            if step < FREE_KEPT || pages == Pages::GivenBack {
                continue;
            }
            let real = self.region.real_bytes(segment);
            let Pages::Idle(_) = pages else {
                segment.earliest_us.store(now_us, Ordering::Relaxed);
                segment.pages.store(Pages::Idle(to_u32(real)), Ordering::Release);
                continue;
            };
            let since_us = segment.earliest_us.load(Ordering::Relaxed);
            if since_us > now_us {
                // By the clock of another boot.
                segment.earliest_us.store(now_us, Ordering::Relaxed);
            }
            if now_us.saturating_sub(since_us) < IDLE_US {
                continue;
            }
            // Release: a death in between leaves pages that are real and not known to be.
            segment.pages.store(Pages::GivenBack, Ordering::Release);
            pass(Point::Releasing);
            let start = self.region.layout().segment_start(index);
            self.region.memory().release(start, real);
            released += 1;
            if released == RELEASES_OF_A_CALL {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
