//! A participant's slot in the table of clients, which names it to locks. Knows no entry.
//!
//! Invariant: a row's registration is {kind, epoch}; the epoch grows when a participant joins, and
//! when an operation of it was interrupted, so that the locks it held then are the locks of the
//! dead.

use std::cell::Cell;

use crate::error::Error;
use crate::region::header::{Identity, PARTICIPANTS, Registration};
use crate::region::region::Region;
use crate::region::word::to_u32;
use crate::sync::lock::{self, PATIENCE_US, Won};
use crate::sync::owner::{CONTENDED, EPOCH_MAX, Liveness, Owner, SlotState};
use crate::sync::{AtomicU32, Ordering};

/// The thread of a client that only maintains a store, and does not count as one that uses it.
pub const NO_THREAD: u32 = 0;

// Kinds of clients.
const NONE: u32 = 0;
const USER: u32 = 1;
const MAINTENANCE: u32 = 2;

/// How long maintenance waits for a lock: longer than a holder is kept from running that is not
/// stopped, mostly. All stores of a process wait for it meanwhile, and it comes again.
const MAINTENANCE_PATIENCE_US: u64 = 100_000;

/// The slot of a participant.
#[derive(Debug)]
pub(crate) struct ClientSlot {
    owner: Cell<Owner>,
    patience_us: u64,
    /// Who has kept a lock from it, as the word of an owner, when it last wanted one soon; else 0.
    kept_by: Cell<u32>,
}

impl ClientSlot {
    /// Registers in a free slot. [`Error::Participants`] when 256 are there, [`Error::Crowded`]
    /// when one of those is not there to stay. `thread` may be [`NO_THREAD`].
    pub(crate) fn register(
        region: &Region,
        system: &dyn Liveness,
        process: u32,
        thread: u32,
    ) -> Result<Self, Error> {
        let mut is_passing = false;
        for slot in 0..to_u32(PARTICIPANTS) {
            let state = system.reserve_slot(slot);
            let row = region.participant(slot);
            // Relaxed: the exchange looks again.
            let registration = row.registration.load(Ordering::Relaxed);
            is_passing |= registration.kind != USER;
            if state == SlotState::Taken {
                continue;
            }
            if state == SlotState::ByTable && registration.kind != NONE {
                continue;
            }
            let epoch = next(registration.epoch);
            let (kind, patience_us) = match thread {
                NO_THREAD => (MAINTENANCE, MAINTENANCE_PATIENCE_US),
                _ => (USER, PATIENCE_US),
            };
            let taken = Registration { kind, epoch };
            // AcqRel: the counters of the last client are seen, and ours come after.
            if row.registration.exchange(registration, taken, Ordering::AcqRel) {
                // Relaxed: for statistics.
                row.identity.store(Identity { process, thread }, Ordering::Relaxed);
                row.since_us.store(0, Ordering::Relaxed);
                row.watches.store(0, Ordering::Relaxed);
                let owner = Owner::new(slot, epoch);
                system.confirm_slot(owner);
                return Ok(Self { owner: Cell::new(owner), patience_us, kept_by: Cell::new(0) });
            }
            system.release_slot(slot);
        }
        Err(if is_passing { Error::Crowded } else { Error::Participants })
    }

    #[inline]
    pub(crate) fn owner(&self) -> Owner {
        self.owner.get()
    }

    /// Takes a lock of the region, and waits for it as long as such a client does.
    #[inline]
    pub(crate) fn acquire(&self, word: &AtomicU32, liveness: &dyn Liveness) -> Result<Won, Error> {
        lock::acquire(word, self.owner(), self.patience_us, liveness)
    }

    /// Takes a lock for what can be done without: waits no longer than maintenance does, and for
    /// one holder no more than once.
    pub(crate) fn acquire_soon(
        &self,
        word: &AtomicU32,
        liveness: &dyn Liveness,
    ) -> Result<Won, Error> {
        // Relaxed: says only how long to wait.
        let holder = || word.load(Ordering::Relaxed) & !CONTENDED;
        let kept_by = self.kept_by.take();
        let is_kept = kept_by != 0 && holder() == kept_by;
        let patience_us = if is_kept { 0 } else { MAINTENANCE_PATIENCE_US };
        let won = lock::acquire(word, self.owner(), patience_us, liveness);
        if won.is_err() {
            self.kept_by.set(holder());
        }
        won
    }

    /// Goes on as another client: what this one held until now is held by the dead.
    pub(crate) fn bump_epoch(&self, region: &Region, system: &dyn Liveness) {
        let slot = self.owner().client_slot();
        let epoch = next(self.owner().epoch());
        let registration = &region.participant(slot).registration;
        // Relaxed: this participant's own word.
        let kind = registration.load(Ordering::Relaxed).kind;
        // Release: a participant that sees the new epoch sees all that the old one did.
        registration.store(Registration { kind, epoch }, Ordering::Release);
        self.owner.set(Owner::new(slot, epoch));
        system.confirm_slot(self.owner());
    }

    /// Leaves the slot to others.
    pub(crate) fn unregister(&self, region: &Region, system: &dyn Liveness) {
        let (slot, epoch) = (self.owner().client_slot(), self.owner().epoch());
        // Release: as above.
        let left = Registration { kind: NONE, epoch };
        region.participant(slot).registration.store(left, Ordering::Release);
        system.release_slot(slot);
    }
}

fn next(epoch: u32) -> u32 {
    if epoch >= EPOCH_MAX { 1 } else { epoch + 1 }
}

/// Whether the table says that `owner` is there. Threads of one process leave the table when
/// they end, so for them that is the whole truth; a process that was killed leaves no word.
pub(crate) fn is_registered(region: &Region, owner: Owner) -> bool {
    // Acquire pairs with the Release of `bump_epoch` and `unregister`.
    let registration = region.participant(owner.client_slot()).registration.load(Ordering::Acquire);
    registration.kind != NONE && registration.epoch == owner.epoch()
}

/// Who uses the store from a row with this registration, if a client does: maintenance does not.
pub(crate) fn user(slot: u32, registration: Registration) -> Option<Owner> {
    (registration.kind == USER).then(|| Owner::new(slot, registration.epoch))
}

/// What a client is there for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ClientKind {
    /// Uses the store.
    User,
    /// Maintains it.
    Maintenance,
}

impl ClientKind {
    /// That of a row with this registration; `None` for a free slot, or a kind that there is not.
    pub(crate) fn of(registration: Registration) -> Option<Self> {
        match registration.kind {
            USER => Some(Self::User),
            MAINTENANCE => Some(Self::Maintenance),
            _ => None,
        }
    }
}

/// Liveness by the table, and by the system, which knows of deaths that the table does not show.
pub(crate) struct TableAnd<'a> {
    pub(crate) region: &'a Region,
    pub(crate) system: &'a dyn Liveness,
}

impl Liveness for TableAnd<'_> {
    fn is_alive(&self, owner: Owner) -> bool {
        is_registered(self.region, owner) && self.system.is_alive(owner)
    }
}

/// For threads of one process: one that has not left is alive.
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads;

impl Liveness for Threads {
    fn is_alive(&self, _owner: Owner) -> bool {
        true
    }
}
