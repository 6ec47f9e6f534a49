//! Looks of those who wait for a claim, which lock nothing: any thread may look for another.
//!
//! Invariant: who is told that a claim is held is told when it ends (`sync::awaited`), or finds out
//! by looking again.

use super::{ClaimTable, LOCKS, TURN_MS, rows};
use crate::engine::index::hash::Hash;
use crate::engine::store::Engine;
use crate::platform::park;
use crate::region::header::{ClaimRow, Holder};
use crate::region::word::Word;
use crate::sync::owner::{Liveness, Owner};
use crate::sync::{Ordering, awaited};

/// What a participant wants to claim.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Wish {
    pub(super) table: ClaimTable,
    pub(super) hash: Hash,
    pub(super) me: Owner,
}

impl Wish {
    /// Whose it is.
    pub fn owner(&self) -> Owner {
        self.me
    }
}

/// What a look at a claim shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Look {
    /// It may be had: try.
    Free,
    /// Others hold it, or all its places. There will be a ring when that changes.
    Held,
    /// It is left to others that wait, for so long at the most, and there will be a ring, too; or
    /// there is no memory to note it in, and nobody rings when there is.
    Left {
        /// In microseconds.
        left_us: u64,
    },
}

/// Participants that were alive a moment ago: the kernel is not asked for each of many claims.
#[derive(Debug, Default)]
pub struct Alive(Vec<Owner>);

impl Engine {
    /// What the bell says, which rings when claims end that somebody waits for.
    pub fn bell(&self) -> u32 {
        awaited::listen(&self.region.header().released)
    }

    /// Rings the bell: all who sleep look again.
    pub fn ring(&self) {
        awaited::ring(&self.region.header().released);
    }

    /// Sleeps until the bell rings, at most `limit_us`; not at all if it has since it said `heard`.
    pub fn sleep(&self, heard: u32, limit_us: u64) {
        park::wait(&self.region.header().released, heard, limit_us);
    }

    /// Whether a claim may be had. If not, the bell rings when that changes, as seen by who had
    /// read it before.
    pub fn look_for(&self, wish: &Wish, now_ms: u64, alive: &mut Alive) -> Look {
        let (table, me) = (wish.table.index(), wish.me);
        if table == LOCKS && self.region.commit_claims(table).is_err() {
            return Look::Left { left_us: TURN_MS * 1000 };
        }
        for row in rows(self, table, wish.hash) {
            // Acquire pairs with the exchange of the claim: the hash was written before.
            let held = row.holder.load(Ordering::Acquire);
            // Relaxed: as above, here and below.
            if row.hash.load(Ordering::Relaxed) != wish.hash.0 {
                continue;
            }
            let answer = if held.leaver() == Some(me) && held.left_ago_ms(now_ms) < TURN_MS {
                Look::Left { left_us: (TURN_MS - held.left_ago_ms(now_ms)) * 1000 }
            } else if held.is_overtaken() {
                continue;
            } else if held.owner().is_some_and(|holder| holder != me && self.lives(holder, alive)) {
                Look::Held
            } else {
                continue;
            };
            let is_asked = ask(row, held) && row.hash.load(Ordering::Relaxed) == wish.hash.0;
            return if is_asked { answer } else { Look::Free };
        }
        let is_refused = table == LOCKS && self.is_full(wish, alive);
        if is_refused { Look::Held } else { Look::Free }
    }

    /// Whether all places of a claim are taken; if so, each is asked to tell of its end.
    fn is_full(&self, wish: &Wish, alive: &mut Alive) -> bool {
        let mut is_taken = |row: &ClaimRow| {
            let holder = row.holder.load(Ordering::Acquire).owner();
            holder.is_some_and(|holder| holder == wish.me || self.lives(holder, alive))
        };
        let places = || rows(self, wish.table.index(), wish.hash);
        // A table that nobody has used yet has no place that is taken.
        places().next().is_some()
            && places().all(&mut is_taken)
            && places().all(|row| {
                let held = row.holder.load(Ordering::Acquire);
                !held.is_none() && ask(row, held)
            })
    }

    pub(super) fn lives(&self, owner: Owner, alive: &mut Alive) -> bool {
        if alive.0.contains(&owner) {
            return true;
        }
        let is_alive = self.liveness().is_alive(owner);
        if is_alive {
            alive.0.push(owner);
        }
        is_alive
    }
}

fn ask(row: &ClaimRow, held: Holder) -> bool {
    awaited::ask(row.holder.raw(), held.word())
}
