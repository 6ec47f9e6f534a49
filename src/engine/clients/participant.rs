//! A participant of a store: a thread, with its client slot and its counters. Knows no layout.
//!
//! Its verbs are in `verbs`, `claims`, `schema` and `stats`. Dropped, it leaves the store: what it
//! claimed is free, and its slot is for others.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::client_slot::ClientSlot;
use crate::contract::SharedEffort;
use crate::engine::store::Engine;
use crate::region::header::ParticipantRow;
use crate::sync::owner::Owner;
use crate::sync::{AtomicU64, Ordering};

/// A thread of a store. Not for two threads at once: it counts without atomics, and owns locks.
pub struct Participant {
    engine: Arc<Engine>,
    client: ClientSlot,
    /// Whether what was last asked of a limit was refused: so is, most often, what comes next.
    pub(crate) was_refused: Cell<bool>,
    one_thread: PhantomData<Cell<()>>,
}

impl fmt::Debug for Participant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Participant").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Participant {
    pub(crate) fn new(engine: Arc<Engine>, client: ClientSlot) -> Self {
        Self { engine, client, was_refused: Cell::new(false), one_thread: PhantomData }
    }

    /// The store.
    #[inline]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Who it is, to others.
    pub fn owner(&self) -> Owner {
        self.client.owner()
    }

    #[inline]
    pub(crate) fn client(&self) -> &ClientSlot {
        &self.client
    }

    pub(crate) fn row(&self) -> &ParticipantRow {
        self.engine.region.participant(self.client.owner().client_slot())
    }

    /// Says when it came, to those who look at the store: by the clock on the wall.
    pub fn say_since(&self, wall_us: u64) {
        // Relaxed: a figure.
        self.row().since_us.store(wall_us, Ordering::Relaxed);
    }

    /// Counts reads that were answered without the store: from copies of entries.
    pub fn count_hits(&self, hits: u64) {
        count(&self.row().hits, hits);
    }

    /// Counts what loads and waits for locks of this participant came to, for all who look.
    pub fn count_effort(&self, effort: SharedEffort, amount: u64) {
        let counted = &self.engine.region.header().efforts.amounts[usize::from(effort.number())];
        // Relaxed: a figure.
        counted.fetch_add(amount, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn count_hit(&self) {
        count(&self.row().hits, 1);
    }

    #[inline]
    pub(crate) fn count_miss(&self) {
        count(&self.row().misses, 1);
    }

    pub(crate) fn count_set(&self) {
        count(&self.row().sets, 1);
    }

    pub(crate) fn count_delete(&self) {
        count(&self.row().deletes, 1);
    }

    pub(crate) fn count_deletes(&self, deletes: u64) {
        count(&self.row().deletes, deletes);
    }
}

impl Drop for Participant {
    fn drop(&mut self) {
        self.release_claims();
        self.client.unregister(&self.engine.region, self.engine.system());
    }
}

/// Counts so many more in a word that only this thread writes.
#[inline]
fn count(word: &AtomicU64, more: u64) {
    // Relaxed: for statistics, which read it whole.
    word.store(word.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
}
