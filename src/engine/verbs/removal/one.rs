//! Removing an entry, with or without its value.

use crate::contract::Change;
use crate::engine::entry::{Found, Key};
use crate::engine::index::Held;
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::slot::Slot;

impl Participant {
    /// Removes an entry. `false` when there is none, or it has expired.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when a live participant keeps the shard for 10 seconds.
    pub fn delete(&self, key: Key<'_>, clock: &impl Clock) -> Result<bool, Error> {
        Ok(self.take(key, clock, None)?.is_some())
    }

    /// The same, but not while another participant holds the lock of the key.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete); [`Error::Busy`] while another holds it.
    pub fn delete_unlocked(&self, key: Key<'_>, clock: &impl Clock) -> Result<bool, Error> {
        let is_free = |_: &Found| self.check_unlocked(key).map(|()| true);
        Ok(self.take_where(key, clock, None, is_free)?.is_some())
    }

    /// The same, while the version of the key's stripe is still this one, as for
    /// [`Condition::IfVersion`](crate::engine::entry::Condition::IfVersion).
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete).
    pub fn delete_version(
        &self,
        key: Key<'_>,
        version: u32,
        clock: &impl Clock,
    ) -> Result<bool, Error> {
        let found = self.take_where(key, clock, None, |found| Ok(found.version == version))?;
        let is_removed = found.is_some_and(|found| found.version == version);
        if is_removed {
            // Its value was read before.
            self.count_hit();
        }
        Ok(is_removed)
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
        self.take_where(key, clock, into, |_| Ok(true))
    }

    /// As [`take`](Self::take), but an entry stays, and its value is copied only, where `goes` does
    /// not hold of it. It is asked while no other participant can write.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete), and those of `goes`.
    pub fn take_where(
        &self,
        key: Key<'_>,
        clock: &impl Clock,
        into: Option<&mut [u8]>,
        goes: impl FnOnce(&Found) -> Result<bool, Error>,
    ) -> Result<Option<Found>, Error> {
        let engine = self.engine();
        let hash = engine.hash(&key);
        let is_read = into.is_some();
        let mut shard = engine.lock_of(self.client(), hash)?;
        let Some(held) = shard.find(&key, hash)? else {
            engine.overtake_load(hash);
            return Ok(self.miss(is_read));
        };
        let version = engine.region.version(hash.stripe());
        let found = Found::of(&engine.region, &held.item, hash, version)?;
        if !found.is_live(clock) {
            engine.overtake_load(hash);
            return Ok(self.miss(is_read));
        }
        let goes = goes(&found)?;
        if let Some(into) = into {
            if !found.fits(into.len()) {
                return Ok(Some(found));
            }
            held.item.copy_value(&engine.region, &mut into[..found.length])?;
            engine.region.written(())?;
        }
        if !goes {
            return Ok(Some(found));
        }
        engine.overtake_load(hash);
        shard.remove(&held, hash)?;
        drop(shard);
        self.count_delete();
        if is_read {
            self.count_hit();
        }
        engine.region.written(Some(found))
    }

    /// The version of a key's stripe, whether there is an entry or not, to note before what the key
    /// stands for is asked elsewhere: for [`Condition::IfUnmoved`].
    ///
    /// # Errors
    ///
    /// [`Error::Full`] when there is no room for the versions.
    ///
    /// [`Condition::IfUnmoved`]: crate::engine::entry::Condition::IfUnmoved
    pub fn note(&self, key: Key<'_>) -> Result<u32, Error> {
        let engine = self.engine();
        engine.region.check()?;
        // Versions that are not there do not move.
        engine.region.commit_stripes()?;
        engine.region.written(engine.region.version(engine.hash(&key).stripe()))
    }

    /// Removes an entry, if there is one, and moves the version of the key's stripe in any case: a
    /// write that needs it unmoved comes too late. Whether there was an entry, expired or not.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete).
    pub fn invalidate_key(&self, key: Key<'_>) -> Result<bool, Error> {
        let engine = self.engine();
        let hash = engine.hash(&key);
        let mut shard = engine.lock_for(self.client(), hash)?;
        let held = shard.find(&key, hash)?;
        match &held {
            Some(held) => shard.remove(held, hash)?,
            None => shard.change_entry(hash, || {}),
        }
        drop(shard);
        if held.is_some() {
            self.count_delete();
        }
        engine.region.written(held.is_some())
    }

    /// Nothing was found, which counts where the caller wanted to read it.
    fn miss(&self, is_read: bool) -> Option<Found> {
        if is_read {
            self.count_miss();
        }
        None
    }
}

impl<'a> Shard<'a> {
    /// Removes an entry that a caller asked to remove.
    pub(super) fn remove(&mut self, held: &Held<'a>, hash: Hash) -> Result<(), Error> {
        let mut change = self.transaction();
        change.set_word(held.slot, Slot::EMPTY.0);
        self.count_out(&mut change, &held.item)?;
        change.subtract(&self.header.entries, 1);
        self.change_entry(hash, || change.commit());
        self.tell(Change::Delete, &held.item);
        self.retire_if_dead(held.item.segment)
    }
}
