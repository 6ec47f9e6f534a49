//! What a store and its participants did, and how much there is of everything.

use crate::engine::clients::client_slot::user;
use crate::engine::participant::Participant;
use crate::engine::store::Engine;
use crate::error::Error;
use crate::region::header::PARTICIPANTS;
use crate::region::segment::Role;
use crate::region::word::{low, to_u32};
use crate::sync::owner::Liveness;
use crate::sync::{AtomicU64, Ordering};

/// Numbers of a store. Those that grow do so since it was built, by all participants.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stats {
    /// Entries, expired ones that are not swept yet included.
    pub entries: u64,
    /// Reads that found a live entry.
    pub hits: u64,
    /// Reads that did not.
    pub misses: u64,
    /// Writes that took place.
    pub sets: u64,
    /// Entries that were deleted or taken.
    pub deletes: u64,
    /// Entries that were dropped for want of room.
    pub evicted: u64,
    /// Entries that were removed because they had expired.
    pub expired: u64,
    /// Entries whose bytes were moved by eviction or compaction.
    pub moved: u64,
    /// Locks that were recovered from the dead.
    pub locks_recovered: u64,
    /// Bytes of entries, with their keys and heads.
    pub data_bytes: u64,
    /// Bytes of segments with items, live or not.
    pub segment_bytes: u64,
    /// Bytes of segments of the index.
    pub index_bytes: u64,
    /// Bytes of segments whose pages are real, free ones included.
    pub resident_bytes: u64,
    /// Bytes that segments may take at the most.
    pub max_bytes: u64,
    /// Participants that are there, but for those that keep the store in order.
    pub participants: u32,
}

impl Engine {
    /// Numbers of the whole store. Takes no lock: while others write, they may disagree a little.
    pub(crate) fn stats(&self) -> Result<Stats, Error> {
        let region = &self.region;
        region.check()?;
        let geometry = region.layout().geometry;
        let segment_bytes = u64::from(geometry.segment_bytes);
        let max_bytes = self.max_bytes().min(*self.limits().end());
        let mut stats = Stats { max_bytes, ..Stats::default() };
        for number in 0..geometry.shards {
            let shard = region.shard(number);
            add(&mut stats.entries, &shard.entries);
            add(&mut stats.evicted, &shard.evicted);
            add(&mut stats.expired, &shard.expired);
            add(&mut stats.moved, &shard.moved);
            add(&mut stats.locks_recovered, &shard.locks_recovered);
        }
        for place in 0..to_u32(PARTICIPANTS) {
            let row = region.participant(place);
            add(&mut stats.hits, &row.hits);
            add(&mut stats.misses, &row.misses);
            add(&mut stats.sets, &row.sets);
            add(&mut stats.deletes, &row.deletes);
            // Acquire pairs with the Release of the registration.
            let registration = row.registration.load(Ordering::Acquire);
            let user = user(place, registration);
            let is_here = user.is_some_and(|owner| self.liveness().is_alive(owner));
            stats.participants += u32::from(is_here);
        }
        // Relaxed: segments beyond were never used.
        let fresh = region.header().fresh.load(Ordering::Relaxed).min(geometry.segments.into());
        for index in 0..low(fresh) {
            let segment = region.segment(index)?;
            let kept = segment.state();
            stats.resident_bytes += region.real_bytes(segment) as u64;
            match kept.role {
                Role::Free => {}
                Role::Index => stats.index_bytes += segment_bytes,
                Role::Small | Role::Main => {
                    stats.segment_bytes +=
                        segment_bytes * u64::from(kept.parts.min(geometry.segments));
                    stats.data_bytes += segment.used_and_live().1 as u64;
                }
            }
        }
        Ok(stats)
    }
}

impl Participant {
    /// Numbers of the whole store. Takes no lock: while others write, they may disagree a little.
    ///
    /// # Errors
    ///
    /// None in a sound region.
    pub fn stats(&self) -> Result<Stats, Error> {
        self.engine().stats()
    }
}

fn add(sum: &mut u64, word: &AtomicU64) {
    *sum = sum.wrapping_add(word.load(Ordering::Relaxed));
}
