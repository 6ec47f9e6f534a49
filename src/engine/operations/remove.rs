//! Removing an entry, with or without its value.

use crate::engine::entry::{Found, Key};
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::sync::stripe;

impl Participant {
    /// Removes an entry. `false` when there is none, or it is due.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when somebody who lives keeps the shard for 10 seconds.
    pub fn delete(&self, key: Key<'_>, clock: &impl Clock) -> Result<bool, Error> {
        Ok(self.take(key, clock, None)?.is_some())
    }

    /// Removes a live entry and copies its value to `into`, as one. A value that is longer than
    /// `into` stays where it is: come again with a longer one. Without `into` it just goes.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete).
    pub fn take(
        &self,
        key: Key<'_>,
        clock: &impl Clock,
        into: Option<&mut [u8]>,
    ) -> Result<Option<Found>, Error> {
        let engine = self.engine();
        let hash = engine.hash(&key);
        let version = stripe::version(engine.region.stripe(hash.stripe()));
        let mut shard = engine.lock_for(self.seat(), hash)?;
        let Some(held) = shard.find(&key, hash)? else { return Ok(None) };
        let found = Found::of(&engine.region, &held.item, hash, version)?;
        if !found.is_live(clock) {
            return Ok(None);
        }
        if let Some(into) = into {
            if !found.fits(into.len()) {
                return Ok(Some(found));
            }
            held.item.copy_value(&engine.region, &mut into[..found.length])?;
            engine.region.written(())?;
        }
        shard.remove(&held, hash)?;
        drop(shard);
        self.count_delete();
        engine.region.written(Some(found))
    }
}
