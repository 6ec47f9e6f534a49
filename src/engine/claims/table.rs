//! A table of claims under its lock: claims that are made and end. Knows nobody who waits.
//!
//! Invariant: a row's holder changes under this lock only, but for the marks of those who wait, and
//! of a load that is overtaken.

use super::{Alive, Claim, TURN_MS, replace, rows};
use crate::engine::fail_points::{Point, pass};
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::thread::is_panicking;
use crate::region::header::{CLAIM_ROWS, ClaimRow, ClaimsHeader, Holder};
use crate::sync::Ordering;
use crate::sync::lock::{self, Won};
use crate::sync::owner::{Liveness, Owner};

/// How often one participant may claim a key that it has claimed.
const DEPTH_MAX: u32 = i32::MAX.unsigned_abs();

/// Whether a row that somebody waits for is left to others when it ends, and when that is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turns {
    /// Whoever comes first has it next.
    Barging,
    /// Others, if they come soon.
    Taken {
        /// Now, in milliseconds.
        now_ms: u64,
    },
}

/// A table of claims whose lock is held.
pub(super) struct LockedTable<'a> {
    of: &'a Participant,
    table: usize,
}

impl Drop for LockedTable<'_> {
    fn drop(&mut self) {
        if is_panicking() {
            self.of.engine().bump_epoch(self.of.client());
        } else {
            lock::release(&self.header().owner);
        }
    }
}

impl<'a> LockedTable<'a> {
    pub(super) fn of(of: &'a Participant, table: usize) -> Result<Self, Error> {
        of.engine().region.check()?;
        let word = &of.engine().region.header().claims[table].owner;
        let won = of.client().acquire(word, &of.engine().liveness())?;
        let table = Self { of, table };
        pass(Point::Locked);
        if won == Won::Recovered {
            table.recount();
        }
        Ok(table)
    }

    /// Claims a key; one that the caller left to others stays theirs for a while.
    pub(super) fn claim(&self, hash: Hash, turns: Turns) -> Claim {
        let me = self.of.owner();
        if let Some((row, holder)) = self.find(hash) {
            let is_own = self.holder(row) == Some(me);
            if !is_own && !holder.is_overtaken() {
                return Claim::Others;
            }
            // The first of one that was overtaken, too, whose waiters go on to wait: for this one.
            let depth = holder.depth.saturating_add(1).min(DEPTH_MAX);
            replace(row, |was| kept_awaited(Holder::new(me, depth), was));
            return if is_own { Claim::Own } else { Claim::Won };
        }
        if self.of.engine().region.commit_claims(self.table).is_err() {
            return Claim::NoPlace;
        }
        let left = self.rows(hash).find(|row| {
            // Relaxed here and below: changed under this lock only.
            row.hash.load(Ordering::Relaxed) == hash.0
                && row.holder.load(Ordering::Relaxed).leaver().is_some()
        });
        let Some(row) = left.or_else(|| self.rows(hash).find(|row| self.holder(row).is_none()))
        else {
            return Claim::NoPlace;
        };
        let was = row.holder.load(Ordering::Relaxed);
        let is_mine = left.is_some() && was.leaver() == Some(me);
        if is_mine
            && let Turns::Taken { now_ms } = turns
            && was.left_ago_ms(now_ms) < TURN_MS
        {
            return Claim::Others;
        }
        if was.is_none() {
            // Before the claim: readers skip the table while the count is 0.
            self.header().count.fetch_add(1, Ordering::Release);
        }
        row.hash.store(hash.0, Ordering::Release);
        pass(Point::Claiming);
        // Of a row that was left, only who left it waits for this claim to end.
        let is_awaited = left.is_some() && !is_mine;
        replace(row, |was| {
            let holder = Holder::new(me, 1);
            if is_awaited { kept_awaited(holder, was) } else { holder }
        });
        Claim::Won
    }

    /// Ends a claim of the caller, once. `None` when it has none; otherwise whether somebody is to
    /// be told.
    pub(super) fn release(&self, hash: Hash, turns: Turns) -> Option<bool> {
        let me = self.of.owner();
        let (row, holder) = self.find(hash).filter(|(row, _)| self.holder(row) == Some(me))?;
        if holder.depth > 1 {
            replace(row, |was| kept_awaited(Holder::new(me, holder.depth - 1), was));
            return Some(false);
        }
        Some(self.end(row, turns))
    }

    /// Ends all claims of the caller; whether somebody is to be told.
    pub(super) fn end_all(&self) -> bool {
        let me = self.of.owner();
        let rows = (0..CLAIM_ROWS[self.table])
            .map(|row| self.of.engine().region.claim(self.table, row))
            .filter(|row| row.holder.load(Ordering::Relaxed).owner() == Some(me));
        // All of them, whoever waits for one.
        rows.filter(|row| self.end(row, Turns::Barging)).count() > 0
    }

    /// Ends the claims of the dead, who have none: all who look at a key would look past them.
    pub(super) fn forget_dead(&self, alive: &mut Alive) {
        let engine = self.of.engine();
        let rows = (0..CLAIM_ROWS[self.table]).map(|row| engine.region.claim(self.table, row));
        for row in rows {
            let owner = row.holder.load(Ordering::Relaxed).owner();
            if owner.is_some_and(|owner| !engine.lives(owner, alive)) {
                replace(row, |_| Holder::NONE);
            }
        }
        self.recount();
    }

    /// What the caller has of a key, if anything: its claim, or a new one for one that was
    /// overtaken.
    pub(super) fn renew(&self, hash: Hash) -> Option<Claim> {
        let me = self.of.owner();
        let (row, _) = self.find(hash).filter(|(row, _)| self.holder(row) == Some(me))?;
        let renewed = |was| kept_awaited(Holder::new(me, 1), was);
        let was = replace(row, |was| if was.is_overtaken() { renewed(was) } else { was });
        Some(if was.is_overtaken() { Claim::Won } else { Claim::Own })
    }

    fn header(&self) -> &'a ClaimsHeader {
        &self.of.engine().region.header().claims[self.table]
    }

    fn rows(&self, hash: Hash) -> impl Iterator<Item = &'a ClaimRow> {
        rows(self.of.engine(), self.table, hash)
    }

    /// Who claims a row, and lives.
    fn holder(&self, row: &ClaimRow) -> Option<Owner> {
        let holder = row.holder.load(Ordering::Relaxed).owner()?;
        let is_here = holder == self.of.owner() || self.of.engine().liveness().is_alive(holder);
        is_here.then_some(holder)
    }

    fn find(&self, hash: Hash) -> Option<(&'a ClaimRow, Holder)> {
        let is_it = |row: &&ClaimRow| {
            row.hash.load(Ordering::Relaxed) == hash.0 && self.holder(row).is_some()
        };
        self.rows(hash).find(is_it).map(|row| (row, row.holder.load(Ordering::Relaxed)))
    }

    fn end(&self, row: &ClaimRow, turns: Turns) -> bool {
        let me = self.of.owner();
        let was = replace(row, |was| match turns {
            Turns::Taken { now_ms } if was.is_awaited() => Holder::left(me, now_ms),
            _ => Holder::NONE,
        });
        pass(Point::Unclaiming);
        let count = &self.header().count;
        count.store(count.load(Ordering::Relaxed).saturating_sub(1), Ordering::Release);
        was.is_awaited()
    }

    /// Corrects the count after a death between a claim and its count.
    fn recount(&self) {
        let region = &self.of.engine().region;
        let is_taken =
            |row: &usize| !region.claim(self.table, *row).holder.load(Ordering::Relaxed).is_none();
        let rows = if region.has_claims(self.table) { CLAIM_ROWS[self.table] } else { 0 };
        let count = (0..rows).filter(is_taken).count();
        self.header().count.store(count as u64, Ordering::Release);
    }
}

fn kept_awaited(holder: Holder, was: Holder) -> Holder {
    if was.is_awaited() { holder.awaited() } else { holder }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::super::{LOADS, LOCKS};
    use super::*;
    use crate::engine::entry::Key;
    use crate::engine::store::Engine;
    use crate::platform::clock::Monotonic;
    use std::sync::atomic::AtomicU32;

    /// Whoever is in this slot has died.
    struct Killed(&'static AtomicU32);

    impl Liveness for Killed {
        fn is_alive(&self, owner: Owner) -> bool {
            owner.client_slot() != self.0.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn claims_of_the_killed_are_forgotten_by_a_sweep_and_those_of_others_stay() {
        let killed: &AtomicU32 = Box::leak(Box::new(AtomicU32::new(u32::MAX)));
        let engine = Engine::small(Box::new(Killed(killed)));
        let [dead, other, sweeper] = [1, 2, 3].map(|thread| engine.join(1, thread).expect("room"));
        let (lost, kept) = (Key::narrow(b"lost"), Key::narrow(b"kept"));
        for (who, key) in [(&dead, lost), (&other, kept)] {
            assert_eq!(who.claim_load(key), Ok(Claim::Won));
            assert_eq!(who.lock_key(key, 0, &Monotonic), Ok(Claim::Won));
        }
        let counts = || {
            let claims = &engine.region.header().claims;
            [LOCKS, LOADS].map(|table| claims[table].count.load(Ordering::Relaxed))
        };
        assert_eq!(counts(), [2, 2]);
        killed.store(dead.owner().client_slot(), Ordering::Relaxed);
        sweeper.sweep(1, &Monotonic).expect("sound");
        assert_eq!(counts(), [1, 1]);
        assert!(other.leads_load(kept) && sweeper.is_locked_by_others(kept));
        // It leaves no participant behind that would end what it has not.
        std::mem::forget(dead);
    }
}
