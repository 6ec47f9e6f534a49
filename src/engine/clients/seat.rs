//! A place in the table of participants, and who sits there. Knows no entry.
//!
//! Invariant: a row's tenancy is {kind, epoch}; the epoch grows when a participant joins, and
//! when an operation of it was cut off, so that the locks it held then are the locks of the dead.

use std::cell::Cell;

use crate::error::Error;
use crate::region::access::Region;
use crate::region::header::{Identity, PARTICIPANTS, Tenancy};
use crate::region::word::to_u32;
use crate::sync::Ordering;
use crate::sync::owner::{EPOCH_MAX, Liveness, Owner, Vacancy};

/// The thread of who keeps a store in order for a moment, and does not count as one that uses it.
pub const NO_THREAD: u32 = 0;

// Kinds of tenants.
const NOBODY: u32 = 0;
const USER: u32 = 1;
const KEEPER: u32 = 2;

/// Where a participant sits.
#[derive(Debug)]
pub(crate) struct Seat {
    owner: Cell<Owner>,
}

impl Seat {
    /// Takes a free place. [`Error::Full`] when 256 participants are there. `thread` may be
    /// [`NO_THREAD`].
    pub(crate) fn take(
        region: &Region,
        system: &dyn Liveness,
        process: u32,
        thread: u32,
    ) -> Result<Self, Error> {
        for place in 0..to_u32(PARTICIPANTS) {
            let vacancy = system.occupy(place);
            if vacancy == Vacancy::None {
                continue;
            }
            let row = region.participant(place);
            // Relaxed: the exchange looks again.
            let tenancy = row.tenancy.load(Ordering::Relaxed);
            if vacancy == Vacancy::ByTable && tenancy.kind != NOBODY {
                continue;
            }
            let epoch = next(tenancy.epoch);
            let kind = if thread == NO_THREAD { KEEPER } else { USER };
            let taken = Tenancy { kind, epoch };
            // AcqRel: the last tenant's counters are seen, and ours come after.
            if row.tenancy.exchange(tenancy, taken, Ordering::AcqRel) {
                // Relaxed: for statistics.
                row.identity.store(Identity { process, thread }, Ordering::Relaxed);
                let owner = Owner::new(place, epoch);
                system.settle(owner);
                return Ok(Self { owner: Cell::new(owner) });
            }
            system.vacate(place);
        }
        Err(Error::Full)
    }

    #[inline]
    pub(crate) fn owner(&self) -> Owner {
        self.owner.get()
    }

    /// Goes on as somebody else: what the seat held until now is held by the dead.
    pub(crate) fn renew(&self, region: &Region, system: &dyn Liveness) {
        let place = self.owner().place();
        let epoch = next(self.owner().epoch());
        let tenancy = &region.participant(place).tenancy;
        // Relaxed: this participant's own word.
        let kind = tenancy.load(Ordering::Relaxed).kind;
        // Release: whoever sees the new epoch sees all that the old one did.
        tenancy.store(Tenancy { kind, epoch }, Ordering::Release);
        self.owner.set(Owner::new(place, epoch));
        system.settle(self.owner());
    }

    /// Leaves the place to others.
    pub(crate) fn leave(&self, region: &Region, system: &dyn Liveness) {
        let (place, epoch) = (self.owner().place(), self.owner().epoch());
        // Release: as above.
        let left = Tenancy { kind: NOBODY, epoch };
        region.participant(place).tenancy.store(left, Ordering::Release);
        system.vacate(place);
    }
}

fn next(epoch: u32) -> u32 {
    if epoch >= EPOCH_MAX { 1 } else { epoch + 1 }
}

/// Whether the table says that `owner` is there. Threads of one process leave the table when
/// they end, so for them that is the whole truth; a process that was killed leaves no word.
pub(crate) fn is_seated(region: &Region, owner: Owner) -> bool {
    // Acquire pairs with the Release of `renew` and `leave`.
    let tenancy = region.participant(owner.place()).tenancy.load(Ordering::Acquire);
    tenancy.kind != NOBODY && tenancy.epoch == owner.epoch()
}

/// Who uses the store from a row with this tenancy, if somebody does: a keeper does not.
pub(crate) fn user(place: u32, tenancy: Tenancy) -> Option<Owner> {
    (tenancy.kind == USER).then(|| Owner::new(place, tenancy.epoch))
}

/// What a tenant is there for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TenantKind {
    /// Uses the store.
    User,
    /// Keeps it in order.
    Keeper,
}

impl TenantKind {
    /// That of a row with this tenancy; `None` when nobody is there, or none that there is.
    pub(crate) fn of(tenancy: Tenancy) -> Option<Self> {
        match tenancy.kind {
            USER => Some(Self::User),
            KEEPER => Some(Self::Keeper),
            _ => None,
        }
    }
}

/// Liveness by the table, and by somebody who knows of deaths that the table does not show.
pub(crate) struct TableAnd<'a> {
    pub(crate) region: &'a Region,
    pub(crate) system: &'a dyn Liveness,
}

impl Liveness for TableAnd<'_> {
    fn is_alive(&self, owner: Owner) -> bool {
        is_seated(self.region, owner) && self.system.is_alive(owner)
    }
}

/// For threads of one process: whoever has not left is there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads;

impl Liveness for Threads {
    fn is_alive(&self, _owner: Owner) -> bool {
        true
    }
}
