//! Claims of keys: locks that callers hold, and loads of which one leads. Knows no entry.
//!
//! A row names the hash of a key and who claims it; a key's row is within a window of rows that
//! its hash chooses. Invariant: the store of the holder makes and ends a claim; a claim of the
//! dead is no claim. Two keys with the same 64-bit keyed hash share a claim.

use crate::engine::entry::Key;
use crate::engine::fail_points::{Point, pass};
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::platform::park;
use crate::platform::thread::is_panicking;
use crate::region::header::{CLAIM_ROWS, ClaimRow, ClaimsHeader, Holder};
use crate::region::word::to_usize;
use crate::sync::Ordering;
use crate::sync::lock::{self, Won};
use crate::sync::owner::{Liveness, Owner};

const LOCKS: usize = ClaimTable::Locks as usize;
const LOADS: usize = ClaimTable::Loads as usize;
/// Rows where a key's claim may be: 1 KiB.
const WINDOW: usize = 64;
/// Longest sleep before asking again whether the holder of a claim lives.
const SLEEP_US: u64 = 2000;

/// What keys are claimed for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ClaimTable {
    /// By a lock, which a caller holds.
    Locks,
    /// By a load, which one caller does for all.
    Loads,
}

impl ClaimTable {
    pub(crate) const ALL: [Self; 2] = [Self::Locks, Self::Loads];

    /// Which of the region's tables that is.
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

/// Who has a claim after it was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claim {
    /// The caller, from now on.
    Won,
    /// The caller, since before.
    Own,
    /// Another live participant.
    Others,
}

/// A table of claims whose lock is held.
struct LockedTable<'a> {
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

impl Participant {
    /// Takes the lock of a key, which may exist or not; waits at most `limit_us`. Whoever holds
    /// it takes it again at once, and has to release it as often. `false`: others hold it.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] when too many keys are locked; [`Error::Busy`] when a live participant keeps
    /// the table or the shard for 10 seconds.
    pub fn lock_key(&self, key: Key<'_>, limit_us: u64, clock: &impl Clock) -> Result<bool, Error> {
        let hash = self.engine().hash(&key);
        let mut claim = Claim::Others;
        let is_locked = self.until(LOCKS, limit_us, clock, || {
            claim = self.table(LOCKS)?.claim(hash)?;
            Ok(claim != Claim::Others)
        })?;
        if claim == Claim::Won {
            // Who found the key unlocked and is still writing comes before: such a write looks
            // while it has the shard.
            match self.engine().lock_for(self.client(), hash) {
                Ok(shard) => drop(shard),
                Err(error) => return self.release_key(key).and(Err(error)),
            }
        }
        Ok(is_locked)
    }

    /// Releases the lock of a key once. `false` when the caller does not hold it.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when a live participant keeps the table for 10 seconds.
    pub fn release_key(&self, key: Key<'_>) -> Result<bool, Error> {
        let hash = self.engine().hash(&key);
        self.release(LOCKS, |table| table.release(hash))
    }

    /// Whether another live participant holds the lock of a key.
    #[inline]
    pub fn is_locked_by_others(&self, key: Key<'_>) -> bool {
        // Relaxed: no claims at all, which is nearly always so; a claim that is made at this
        // moment may as well come after.
        let count = &self.engine().region.header().claims[LOCKS].count;
        count.load(Ordering::Relaxed) != 0 && self.is_claimed_by_others(LOCKS, key)
    }

    /// Refuses while another participant holds the lock of a key. The holder of the key's shard
    /// knows that no other gets the lock before the shard is free.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`].
    #[inline]
    pub fn check_unlocked(&self, key: Key<'_>) -> Result<(), Error> {
        if self.is_locked_by_others(key) { Err(Error::Busy) } else { Ok(()) }
    }

    /// Waits at most `limit_us` until no other participant holds the lock of a key. `false`: still
    /// held.
    ///
    /// # Errors
    ///
    /// None yet; as its neighbours.
    pub fn wait_for_key(
        &self,
        key: Key<'_>,
        limit_us: u64,
        clock: &impl Clock,
    ) -> Result<bool, Error> {
        if !self.is_locked_by_others(key) {
            return Ok(true);
        }
        self.until(LOCKS, limit_us, clock, || Ok(!self.is_locked_by_others(key)))
    }

    /// Claims the load of a key: the winner leads it, computes what others wait for, and ends
    /// it. The load of a leader who died is won by the next who asks.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] when there are too many loads.
    pub fn claim_load(&self, key: Key<'_>) -> Result<Claim, Error> {
        let hash = self.engine().hash(&key);
        let table = self.table(LOADS)?;
        if table.find(hash).is_some_and(|row| table.holder(row) == Some(self.owner())) {
            return Ok(Claim::Own);
        }
        table.claim(hash)
    }

    /// Ends the load of a key, landed or failed. `false` when the caller does not lead it.
    ///
    /// # Errors
    ///
    /// As [`release_key`](Self::release_key).
    pub fn end_load(&self, key: Key<'_>) -> Result<bool, Error> {
        let hash = self.engine().hash(&key);
        self.release(LOADS, |table| table.release(hash))
    }

    /// Ends all claims of this participant.
    pub(crate) fn release_claims(&self) {
        for table in [LOCKS, LOADS] {
            // Relaxed: our own claims are counted.
            if self.engine().region.header().claims[table].count.load(Ordering::Relaxed) != 0 {
                // A table that is held for ever keeps no participant from leaving: the claims of
                // one that left are none.
                let _ = self.release(table, |table| table.end_all() > 0);
            }
        }
    }

    #[cold]
    fn is_claimed_by_others(&self, table: usize, key: Key<'_>) -> bool {
        let hash = self.engine().hash(&key);
        let liveness = self.engine().liveness();
        rows(self, table, hash).any(|row| {
            // Acquire pairs with the Release of `claim`: the hash was written before.
            let holder = row.holder.load(Ordering::Acquire).owner();
            row.hash.load(Ordering::Relaxed) == hash.0
                && holder.is_some_and(|holder| holder != self.owner() && liveness.is_alive(holder))
        })
    }

    /// Tries until it succeeds, or until `limit_us` have passed.
    fn until(
        &self,
        table: usize,
        limit_us: u64,
        clock: &impl Clock,
        mut attempt: impl FnMut() -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        let ended = &self.engine().region.header().claims[table].ended;
        let deadline_us = clock.now_us().saturating_add(limit_us);
        // Ends: by the clock.
        loop {
            // Acquire: a claim that ends after this changes the word, and the sleep below ends.
            let before = ended.load(Ordering::Acquire);
            if attempt()? {
                return Ok(true);
            }
            let left_us = deadline_us.saturating_sub(clock.now_us());
            if left_us == 0 {
                return Ok(false);
            }
            park::wait(ended, before, left_us.min(SLEEP_US));
        }
    }

    fn release(
        &self,
        table: usize,
        release: impl FnOnce(&LockedTable<'_>) -> bool,
    ) -> Result<bool, Error> {
        let is_released = release(&self.table(table)?);
        if is_released {
            let ended = &self.engine().region.header().claims[table].ended;
            ended.fetch_add(1, Ordering::Release);
            park::wake_all(ended);
        }
        Ok(is_released)
    }

    fn table(&self, table: usize) -> Result<LockedTable<'_>, Error> {
        self.engine().region.check()?;
        let word = &self.engine().region.header().claims[table].owner;
        let won = lock::acquire(word, self.owner(), &self.engine().liveness())?;
        let table = LockedTable { of: self, table };
        pass(Point::Locked);
        if won == Won::Recovered {
            table.recount();
        }
        Ok(table)
    }
}

impl<'a> LockedTable<'a> {
    fn header(&self) -> &'a ClaimsHeader {
        &self.of.engine().region.header().claims[self.table]
    }

    fn rows(&self, hash: Hash) -> impl Iterator<Item = &'a ClaimRow> {
        rows(self.of, self.table, hash)
    }

    /// Who claims a row, and lives.
    fn holder(&self, row: &ClaimRow) -> Option<Owner> {
        // Relaxed here and below: changed under this lock only.
        let holder = row.holder.load(Ordering::Relaxed).owner()?;
        let is_here = holder == self.of.owner() || self.of.engine().liveness().is_alive(holder);
        is_here.then_some(holder)
    }

    fn find(&self, hash: Hash) -> Option<&'a ClaimRow> {
        let is_it = |row: &&ClaimRow| {
            row.hash.load(Ordering::Relaxed) == hash.0 && self.holder(row).is_some()
        };
        self.rows(hash).find(is_it)
    }

    fn claim(&self, hash: Hash) -> Result<Claim, Error> {
        let me = self.of.owner();
        if let Some(row) = self.find(hash) {
            if self.holder(row) != Some(me) {
                return Ok(Claim::Others);
            }
            let depth = row.holder.load(Ordering::Relaxed).depth.saturating_add(1);
            row.holder.store(Holder::new(me, depth), Ordering::Release);
            return Ok(Claim::Own);
        }
        let row = self.rows(hash).find(|row| self.holder(row).is_none()).ok_or(Error::Full)?;
        if row.holder.load(Ordering::Relaxed).is_none() {
            // Before the claim: readers skip the table while the count is 0.
            self.header().count.fetch_add(1, Ordering::Release);
        }
        row.hash.store(hash.0, Ordering::Release);
        pass(Point::Claiming);
        row.holder.store(Holder::new(me, 1), Ordering::Release);
        Ok(Claim::Won)
    }

    fn release(&self, hash: Hash) -> bool {
        let Some(row) = self.find(hash).filter(|row| self.holder(row) == Some(self.of.owner()))
        else {
            return false;
        };
        let holder = row.holder.load(Ordering::Relaxed);
        if holder.depth > 1 {
            row.holder.store(Holder { depth: holder.depth - 1, ..holder }, Ordering::Release);
        } else {
            self.end(row);
        }
        true
    }

    fn end_all(&self) -> usize {
        let me = self.of.owner().word();
        let rows = (0..CLAIM_ROWS[self.table])
            .map(|row| self.of.engine().region.claim(self.table, row))
            .filter(|row| row.holder.load(Ordering::Relaxed).owner_word == me);
        rows.map(|row| self.end(row)).count()
    }

    fn end(&self, row: &ClaimRow) {
        row.holder.store(Holder::NONE, Ordering::Release);
        pass(Point::Unclaiming);
        let count = &self.header().count;
        count.store(count.load(Ordering::Relaxed).saturating_sub(1), Ordering::Release);
    }

    /// Corrects the count after a death between a claim and its count.
    fn recount(&self) {
        let region = &self.of.engine().region;
        let is_taken =
            |row: &usize| !region.claim(self.table, *row).holder.load(Ordering::Relaxed).is_none();
        let count = (0..CLAIM_ROWS[self.table]).filter(is_taken).count();
        self.header().count.store(count as u64, Ordering::Release);
    }
}

fn rows(of: &Participant, table: usize, hash: Hash) -> impl Iterator<Item = &ClaimRow> {
    let first = to_usize(hash.0 >> 32);
    (first..first + WINDOW).map(move |row| of.engine().region.claim(table, row))
}
