//! Loads whose key was removed or written while they make its value: what they come to is not kept.
//! Locks nothing of its own.
//!
//! Invariant: whoever changes a key marks its load while it has the shard of the key, where what a
//! load makes is stored, too. So of the two one comes first: a value that is stored first is
//! removed or replaced, and one that comes later is not stored.

use super::{LOADS, replace, rows};
use crate::engine::entry::Key;
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::engine::store::Engine;
use crate::error::Error;
use crate::region::header::{CLAIM_ROWS, ClaimRow, Holder};
use crate::sync::Ordering;
use crate::sync::owner::Owner;

impl Participant {
    /// Whether this participant leads the load of a key, and nobody has removed the key since.
    pub fn leads_load(&self, key: Key<'_>) -> bool {
        self.engine().is_led(self.engine().hash(&key), self.owner())
    }

    /// Overtakes all loads of others: to be called before entries are removed of which only the
    /// index knows the keys. Whoever calls knows the keys of his own. What one of them has stored
    /// is there to be removed when this is done.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when a live participant keeps a shard for 10 seconds.
    pub fn overtake_loads(&self) -> Result<(), Error> {
        let engine = self.engine();
        if !(engine.has_loads() && engine.region.has_claims(LOADS)) {
            return Ok(());
        }
        let me = self.owner();
        let rows = (0..CLAIM_ROWS[LOADS]).map(|row| engine.region.claim(LOADS, row));
        engine.overtake_all(rows, |owner| owner != me);
        // One that was found to be led is being stored.
        engine.outlast(self.client())
    }
}

impl Engine {
    /// Notes that a key was written, or removed, or was not there to be. The caller has its shard.
    #[inline]
    pub(crate) fn overtake_load(&self, hash: Hash) {
        if self.has_loads() {
            self.overtake_row(hash);
        }
    }

    #[cold]
    fn overtake_row(&self, hash: Hash) {
        // Relaxed: a row that is claimed for another key at this moment keeps a value from being
        // stored that might be.
        let rows = rows(self, LOADS, hash).filter(|row| row.hash.load(Ordering::Relaxed) == hash.0);
        self.overtake_all(rows, |_| true);
    }

    /// Overtakes the loads of rows that are meant, and tells those who wait for one.
    fn overtake_all<'r>(
        &self,
        rows: impl Iterator<Item = &'r ClaimRow>,
        means: impl Fn(Owner) -> bool,
    ) {
        // All of them, whoever waits for one.
        if rows.filter(|row| overtake(row, &means)).count() > 0 {
            self.ring();
        }
    }

    /// Whether a participant leads a load that was not overtaken.
    pub(crate) fn is_led(&self, hash: Hash, by: Owner) -> bool {
        rows(self, LOADS, hash).any(|row| {
            // Acquire pairs with the exchange of the claim: the hash was written before.
            let holder = row.holder.load(Ordering::Acquire);
            let is_its = holder.owner() == Some(by) && !holder.is_overtaken();
            is_its && row.hash.load(Ordering::Relaxed) == hash.0
        })
    }

    /// Whether loads run, which nearly never is so where keys are removed.
    #[inline]
    fn has_loads(&self) -> bool {
        // Acquire pairs with the claim. One that is made at this moment may as well come after.
        self.region.header().claims[LOADS].count.load(Ordering::Acquire) != 0
    }
}

/// Overtakes the load of a row, if there is one that is meant; whether somebody who waits for it is
/// to be told.
fn overtake(row: &ClaimRow, means: impl Fn(Owner) -> bool) -> bool {
    let is_meant = |was: Holder| was.owner().is_some_and(&means);
    let was = replace(row, |was| if is_meant(was) { Holder::overtaken(was) } else { was });
    is_meant(was) && was.is_awaited() && !was.is_overtaken()
}
