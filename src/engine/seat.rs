//! A place in the table of participants, and who sits there. Knows no entry.
//!
//! Invariant: a row's tenancy is {taken, epoch}; the epoch grows when a participant joins, and
//! when an operation of it was cut off, so that the locks it held then are the locks of the dead.

use std::cell::Cell;

use crate::error::Error;
use crate::region::access::Region;
use crate::region::header::PARTICIPANTS;
use crate::region::word::{high, low, narrow, pair};
use crate::sync::Ordering;
use crate::sync::owner::{EPOCH_MAX, Liveness, Owner, Vacancy};

const FREE: u32 = 0;
const TAKEN: u32 = 1;

/// Where a participant sits.
#[derive(Debug)]
pub(crate) struct Seat {
    owner: Cell<Owner>,
}

impl Seat {
    /// Takes a free place. [`Error::Full`] when 256 participants are there.
    pub(crate) fn take(
        region: &Region,
        system: &dyn Liveness,
        process: u32,
        thread: u32,
    ) -> Result<Self, Error> {
        for place in 0..narrow(PARTICIPANTS) {
            let vacancy = system.occupy(place);
            if vacancy == Vacancy::None {
                continue;
            }
            let row = region.participant(place);
            // Relaxed: the exchange looks again.
            let tenancy = row.tenancy.load(Ordering::Relaxed);
            if vacancy == Vacancy::ByTable && low(tenancy) != FREE {
                continue;
            }
            let epoch = next(high(tenancy));
            let taken = pair(TAKEN, epoch);
            // AcqRel: the last tenant's counters are seen, and ours come after.
            let change =
                row.tenancy.compare_exchange(tenancy, taken, Ordering::AcqRel, Ordering::Relaxed);
            if change.is_ok() {
                // Relaxed: for statistics.
                row.identity.store(pair(process, thread), Ordering::Relaxed);
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
        // Release: whoever sees the new epoch sees all that the old one did.
        region.participant(place).tenancy.store(pair(TAKEN, epoch), Ordering::Release);
        self.owner.set(Owner::new(place, epoch));
        system.settle(self.owner());
    }

    /// Leaves the place to others.
    pub(crate) fn leave(&self, region: &Region, system: &dyn Liveness) {
        let (place, epoch) = (self.owner().place(), self.owner().epoch());
        // Release: as above.
        region.participant(place).tenancy.store(pair(FREE, epoch), Ordering::Release);
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
    low(tenancy) == TAKEN && high(tenancy) == owner.epoch()
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
