//! Giving an entry another deadline, in place.

use crate::engine::entry::{Found, Key};
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::item::DEADLINE;
use crate::sync::Ordering;

impl Participant {
    /// Gives a live entry another deadline. `false` when there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when a live participant keeps the shard for 10 seconds.
    pub fn touch(&self, key: Key<'_>, deadline_us: u64, clock: &impl Clock) -> Result<bool, Error> {
        let engine = self.engine();
        let hash = engine.hash(&key);
        let shard = engine.lock_for(self.client(), hash)?;
        let Some(held) = shard.find(&key, hash)? else { return Ok(false) };
        let found = Found::of(&engine.region, &held.item, hash, 0)?;
        if !found.is_live(clock) {
            return Ok(false);
        }
        // The sweep has to know first: then a death in between costs it one look.
        let mut change = shard.transaction();
        shard.note_deadline(&mut change, held.item.segment, deadline_us)?;
        change.commit();
        let word = engine.region.word(held.item.offset + DEADLINE)?;
        // Release: after the version of the stripe is odd.
        shard.change_entry(hash, || word.store(deadline_us, Ordering::Release));
        engine.region.written(true)
    }
}
