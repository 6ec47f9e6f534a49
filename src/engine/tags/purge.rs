//! Removing what was invalidated, and then the rows that say so. Drops nothing else.
//!
//! A walk goes through all segments, a little at a time. What was invalidated before it began never
//! moves to another segment (whoever moves items drops it), so at the end none of it is left.

use super::table::LockedTags;
use crate::engine::fail_points::{Point, pass};
use crate::engine::log::append::Departure;
use crate::engine::participant::Participant;
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::region::item::Item;
use crate::region::segment::Role;
use crate::region::slot::Slot;
use crate::region::word::low;
use crate::sync::Ordering;

/// Segments of one step, each under the lock of its shard by itself.
const SEGMENTS_A_STEP: u32 = 32;
/// Entries that are removed under one lock, ~0.3 µs each.
const REMOVALS_A_LOCK: usize = 1024;
/// How long a write that needs room waits for a part of the store that it does not touch: longer
/// than a holder needs that runs.
const ROOM_PATIENCE_US: u64 = 1000;

/// A walk that goes on.
#[derive(Debug, Default)]
pub struct Purge {
    /// What is invalidated later is of another walk.
    moment: Option<u64>,
    segment: u32,
}

impl Participant {
    /// Goes on with a purge, or begins one if there is anything to purge; whether it is to be
    /// called again.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when a live participant keeps a lock for 10 seconds.
    pub fn purge(&self, purge: &mut Purge) -> Result<bool, Error> {
        let header = self.engine().region.header();
        let moment = match purge.moment {
            Some(moment) => moment,
            // Relaxed: what comes later is purged later.
            None if header.tags.rows.load(Ordering::Relaxed) == 0 => return Ok(false),
            None => self.moment_to_purge()?,
        };
        *purge = Purge { moment: Some(moment), ..*purge };
        let lock = |shard| self.engine().lock(self.client(), shard).map(Some);
        if self.purge_segments(&mut purge.segment, lock)? {
            return Ok(true);
        }
        LockedTags::of(self)?.drop_rows(moment);
        *purge = Purge::default();
        Ok(false)
    }

    /// Purges some segments; whether there are more. Those of a shard that is not to be had are
    /// passed by.
    fn purge_segments<'a>(
        &self,
        segment: &mut u32,
        lock: impl Fn(u32) -> Result<Option<Shard<'a>>, Error>,
    ) -> Result<bool, Error> {
        for _ in 0..SEGMENTS_A_STEP {
            // Relaxed: a segment that is used for the first time has nothing to purge.
            if *segment >= low(self.engine().region.header().fresh.load(Ordering::Relaxed)) {
                return Ok(false);
            }
            if self.purge_segment(*segment, &lock)? {
                *segment += 1;
            }
        }
        Ok(true)
    }

    /// The moment up to which a walk purges, which begins now. A write that was found to be of a
    /// moment after some invalidation has ended by then: the walk finds what it has written.
    fn moment_to_purge(&self) -> Result<u64, Error> {
        let moment = LockedTags::of(self)?.moment();
        self.engine().outlast(self.client())?;
        Ok(moment)
    }

    /// What a write comes to that has found no room: once more, as long as what is invalidated
    /// goes, which nobody sees any more. The rows that say so stay.
    #[cold]
    pub(crate) fn purge_for_room<T>(
        &self,
        write: impl Fn() -> Result<T, Error>,
    ) -> Result<T, Error> {
        // Relaxed: what is invalidated at this moment may as well come after.
        if self.engine().region.header().tags.rows.load(Ordering::Relaxed) == 0 {
            return Err(Error::Full);
        }
        let lock = |shard| self.engine().lock_within(self.client(), shard, ROOM_PATIENCE_US);
        let mut segment = 0;
        // Ends: as `purge_all`.
        loop {
            let has_more = self.purge_segments(&mut segment, lock)?;
            match write() {
                Err(Error::Full) if has_more => {}
                done => return done,
            }
        }
    }

    /// Removes all that is invalidated by now.
    pub(crate) fn purge_all(&self) -> Result<(), Error> {
        let mut purge = Purge::default();
        // Ends: each step goes on by a segment, or removes entries of one.
        while self.purge(&mut purge)? {}
        Ok(())
    }

    /// Whether nothing that is invalidated is left in a segment.
    fn purge_segment<'a>(
        &self,
        segment: u32,
        lock: impl Fn(u32) -> Result<Option<Shard<'a>>, Error>,
    ) -> Result<bool, Error> {
        let engine = self.engine();
        let header = engine.region.segment(segment)?;
        let state = header.state();
        if !matches!(state.role, Role::Small | Role::Main) {
            return Ok(true);
        }
        let Some(mut shard) = lock(state.shard)? else { return Ok(true) };
        let now = header.state();
        // Else it was given to others meanwhile: what it had is gone.
        let is_same = matches!(now.role, Role::Small | Role::Main) && now.shard == shard.number;
        if is_same { shard.purge_segment(segment) } else { Ok(true) }
    }
}

impl Shard<'_> {
    fn purge_segment(&mut self, segment: u32) -> Result<bool, Error> {
        let mut removed = 0;
        for item in Item::each_of(self.region, segment)? {
            if !item.is_invalidated(self.region)? {
                continue;
            }
            let hash = self.hash_of(&item)?;
            let Some(held) = self.find_item(item, hash)? else { continue };
            if removed == REMOVALS_A_LOCK {
                return Ok(false);
            }
            self.drop_entry(&held, hash, Slot::EMPTY, Departure::Invalidated)?;
            removed += 1;
            pass(Point::Purging);
        }
        self.retire_if_dead(segment)?;
        Ok(true)
    }
}

impl Item {
    /// Whether one of its tags was invalidated since it was written. Under the lock of its shard.
    pub(crate) fn is_invalidated(
        &self,
        region: &crate::region::region::Region,
    ) -> Result<bool, Error> {
        Ok(self.tags(region)?.is_some_and(|tags| super::state_of(region, tags).1))
    }
}
