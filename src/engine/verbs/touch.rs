//! Giving an entry another deadline, or another time at which it turns stale, in place.

use crate::engine::entry::{Found, Key};
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::item::DEADLINE;
use crate::sync::Ordering;

impl Participant {
    /// Gives a live entry another deadline, until which it is fresh. `false` when there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when a live participant keeps the shard for 10 seconds.
    pub fn touch(&self, key: Key<'_>, deadline_us: u64, clock: &impl Clock) -> Result<bool, Error> {
        let engine = self.engine();
        let hash = engine.hash(&key);
        let shard = engine.lock_of(self.client(), hash)?;
        let Some(held) = shard.find(&key, hash)? else { return Ok(false) };
        let found = Found::of(&engine.region, &held.item, hash, 0)?;
        if !found.is_live(clock) {
            return Ok(false);
        }
        // The sweep has to know first: then a death in between costs it one look.
        let mut change = shard.transaction();
        shard.note_deadline(&mut change, held.item.segment, deadline_us)?;
        change.commit();
        // A death in between leaves it fresh until the deadline that it had.
        held.item.set_stale_us(&engine.region, 0)?;
        let word = engine.region.word(held.item.offset + DEADLINE)?;
        // Release: after the version of the stripe is odd.
        shard.change_entry(hash, || word.store(deadline_us, Ordering::Release));
        if engine.is_watched() {
            // Nothing to tell, but that it may expire sooner.
            engine.wake_watchers();
        }
        engine.region.written(true)
    }

    /// Lets a live entry that is stale be fresh once more, until `fresh_until_us`; `false` when
    /// there is none. For whoever tried in vain to renew it: nobody does so again before that.
    ///
    /// # Errors
    ///
    /// As [`touch`](Self::touch).
    pub fn refresh(
        &self,
        key: Key<'_>,
        fresh_until_us: u64,
        clock: &impl Clock,
    ) -> Result<bool, Error> {
        let engine = self.engine();
        let hash = engine.hash(&key);
        let shard = engine.lock_of(self.client(), hash)?;
        let Some(held) = shard.find(&key, hash)? else { return Ok(false) };
        let found = Found::of(&engine.region, &held.item, hash, 0)?;
        let stale_us = held.item.stale_us(&engine.region)?;
        let now_us = clock.now_us();
        if found.deadline_us <= now_us || found.deadline_us - now_us > stale_us {
            return Ok(false);
        }
        held.item.set_stale_us(
            &engine.region,
            found.deadline_us.saturating_sub(fresh_until_us).min(stale_us),
        )?;
        engine.region.written(true)
    }
}
