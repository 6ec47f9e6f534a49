//! Whether anybody watches: one word, which every write looks at. Knows no change.
//!
//! A participant that watches says so in its row, so that one that died does not count: whoever
//! sweeps looks through the rows. Invariant: while a living participant watches, the word says so.

use crate::engine::clients::client_slot::user;
use crate::engine::participant::Participant;
use crate::engine::store::Engine;
use crate::error::Error;
use crate::region::header::{PARTICIPANTS, Watched};
use crate::region::word::to_u32;
use crate::sync::owner::Liveness;
use crate::sync::{Ordering, fence};

impl Participant {
    /// From now on changes are written down. What was changed before can be read by whoever has
    /// called this, and what is changed afterwards is told.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] when there is no memory for the changes; [`Error::Busy`] when a live
    /// participant keeps a shard for 10 seconds.
    pub fn begin_watching(&self) -> Result<(), Error> {
        let engine = self.engine();
        engine.region.commit_changes()?;
        // Release: before the word, below, by which others learn of it.
        let watches = self.row().watches.swap(1, Ordering::AcqRel) != 0;
        let word = &engine.region.header().watched;
        // Ends: each turn another has begun or ended to watch.
        loop {
            let now = word.load(Ordering::Acquire);
            let next = Watched { is_watched: 1, version: now.version.wrapping_add(1) };
            if word.exchange(now, next, Ordering::AcqRel) {
                break;
            }
        }
        // Tags are invalidated under another lock, and looked at without.
        fence(Ordering::SeqCst);
        // Whoever holds a lock now may not have seen the word; whoever takes it after this has.
        for number in 0..engine.shards() {
            let locked = engine.lock(self.client(), number);
            if let Err(error) = locked.map(drop) {
                // It goes on with what it watches already.
                if !watches {
                    self.end_watching();
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// This participant watches no longer.
    pub fn end_watching(&self) {
        self.row().watches.store(0, Ordering::Release);
        self.engine().forget_dead_watchers();
    }
}

impl Engine {
    /// Whether changes are written down.
    #[inline]
    pub(crate) fn is_watched(&self) -> bool {
        // Relaxed: who began to watch has had the lock that the caller holds.
        self.region.header().watched.load(Ordering::Relaxed).is_watched != 0
    }

    /// Sees to it that nothing is written down for those who have died or left.
    pub fn forget_dead_watchers(&self) {
        let word = &self.region.header().watched;
        // Acquire: rows are looked at afterwards.
        let now = word.load(Ordering::Acquire);
        if now.is_watched == 0 || self.has_watcher() {
            return;
        }
        // Whoever begins meanwhile changes the version.
        word.exchange(now, Watched { is_watched: 0, ..now }, Ordering::AcqRel);
    }

    fn has_watcher(&self) -> bool {
        let liveness = self.liveness();
        (0..to_u32(PARTICIPANTS)).any(|slot| {
            let row = self.region.participant(slot);
            // Acquire pairs with `begin_watching`.
            row.watches.load(Ordering::Acquire) != 0
                && user(slot, row.registration.load(Ordering::Acquire))
                    .is_some_and(|owner| liveness.is_alive(owner))
        })
    }
}
