//! How much a store may hold: bytes, which can be changed, and entries; and of what kind.

use crate::engine::entry::Key;
use crate::engine::index::hash::Hash;
use crate::engine::log::evict::SecondChance;
use crate::engine::participant::Participant;
use crate::engine::store::{Engine, WhenFull};
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::header::PARTICIPANTS;
use crate::sync::Ordering;

impl Engine {
    /// What [`set_max_bytes`](Participant::set_max_bytes) takes: from what the shards need to the
    /// bytes that have addresses.
    pub fn limits(&self) -> std::ops::RangeInclusive<u64> {
        let geometry = self.geometry();
        let segment = u64::from(geometry.segment_bytes);
        segment * u64::from(geometry.least_segments())..=segment * u64::from(geometry.segments)
    }

    /// Whether keys of a namespace may be there: without, whatever is there is in none.
    pub fn has_namespaces(&self) -> bool {
        // Acquire: pairs with the Release of who makes a namespace, before he writes to it.
        self.region.header().namespaces.load(Ordering::Acquire) != 0
    }

    /// From now on such keys may be there, as all who share the store know.
    pub fn note_namespaces(&self) {
        // Release: who sees a key that is written after it sees it, too.
        self.region.header().namespaces.store(1, Ordering::Release);
    }

    /// How many segments may be in use.
    pub(crate) fn most_segments(&self) -> u64 {
        let geometry = self.geometry();
        (self.max_bytes() / u64::from(geometry.segment_bytes)).min(geometry.segments.into())
    }

    /// Bytes of the segments that are not free.
    fn used_bytes(&self) -> u64 {
        let header = self.region.header();
        // Relaxed: others take and give at the same time.
        let free = u64::from(header.free.load(Ordering::Relaxed).count);
        let taken = header.fresh.load(Ordering::Relaxed).saturating_sub(free);
        taken.saturating_mul(self.geometry().segment_bytes.into())
    }
}

impl Participant {
    /// Changes what the segments may take, for all participants. A store that evicts is at its new
    /// limit when the call returns; one that refuses only takes no more.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for what is not in [`Engine::limits`].
    pub fn set_max_bytes(&self, bytes: u64, clock: &impl Clock) -> Result<(), Error> {
        let engine = self.engine();
        engine.region.check()?;
        if !engine.limits().contains(&bytes) {
            return Err(Error::Argument);
        }
        engine.region.header().max_bytes.store(bytes, Ordering::Relaxed);
        if engine.when_full() == WhenFull::Refuse {
            return Ok(());
        }
        // Each round frees a segment, or finds nothing to free.
        for _ in 0..engine.geometry().segments {
            if engine.used_bytes() <= bytes {
                break;
            }
            let largest = engine.lock(self.client(), 0)?.largest();
            let mut shard = engine.lock(self.client(), largest)?;
            let evicted = shard.evict(clock.now_us(), SecondChance::Denied)?;
            if shard.return_to_pool(1, u32::MAX)? == 0 && !evicted {
                break;
            }
        }
        // What is left is index, of many entries that were there.
        for number in 0..engine.shards() {
            if engine.used_bytes() <= bytes {
                break;
            }
            let mut shard = engine.lock(self.client(), number)?;
            if shard.is_index_outgrown() {
                shard.clear()?;
                shard.return_to_pool(1, u32::MAX)?;
            }
        }
        Ok(())
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
        if engine.lock_of(self.client(), hash)?.find(key, hash)?.is_some() {
            return Ok(());
        }
        let now_us = clock.now_us();
        let own = engine.shard_of(hash);
        for step in 0..engine.shards() {
            let mut shard = engine.lock(self.client(), (own + step) % engine.shards())?;
            shard.sweep_expired(now_us, usize::MAX)?;
            // One is not always enough: several writers may have looked at the same moment.
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

    /// Entries, expired ones included, others' writes of this moment perhaps not.
    fn entries_about(&self) -> u64 {
        let engine = self.engine();
        // Relaxed: a limit, not a count.
        let entries = |shard| engine.region.shard(shard).entries.load(Ordering::Relaxed);
        (0..engine.shards()).map(entries).fold(0, u64::wrapping_add)
    }
}
