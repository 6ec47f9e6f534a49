//! Claims of keys: locks that callers hold, and loads of which one leads. Knows no entry.
//!
//! A row names the hash of a key and who claims it; a key's row is within a window of rows that
//! its hash chooses. Invariant: the store of the holder makes and ends a claim; a claim of the
//! dead is no claim. Two keys with the same 64-bit keyed hash share a claim.
//!
//! - [`holder`]: who has a claim, for people to read;
//! - [`overtaking`]: loads whose key was removed meanwhile;
//! - [`table`]: claims that are made and end, under the lock of their table;
//! - [`wait`]: looks of those who wait, which lock nothing.

mod holder;
mod overtaking;
mod table;
mod wait;

use crate::engine::entry::Key;
use crate::engine::fail_points::{Point, pass};
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::engine::store::Engine;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::header::{ClaimRow, Holder};
use crate::region::word::{Word, to_usize};
use crate::sync::owner::Liveness;
use crate::sync::{Ordering, awaited};
use table::{LockedTable, Turns};
pub use wait::{Alive, Look, Wish};

const LOCKS: usize = ClaimTable::Locks as usize;
const LOADS: usize = ClaimTable::Loads as usize;
/// Rows where a key's claim may be: 1 KiB.
const WINDOW: usize = 64;
/// Longest sleep before asking again whether the holder of a claim lives.
const SLEEP_US: u64 = 2000;
/// How long a lock is left to others that wait for it, by who had it last: longer than an event
/// loop that is not busy needs to take it, short beside a wait that one notices.
const TURN_MS: u64 = 20;
const US_PER_MS: u64 = 1000;

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
    /// Nobody: all places where it could be noted are taken.
    NoPlace,
}

impl Claim {
    /// Whether the caller has it.
    pub fn is_mine(self) -> bool {
        matches!(self, Self::Won | Self::Own)
    }
}

impl Participant {
    /// Takes the lock of a key, which may exist or not; waits at most `limit_us`. Whoever holds
    /// it takes it again at once, and has to release it as often. Who does not wait at all takes
    /// a lock that is free, even if it was left to others.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when a live participant keeps the table or the shard for 10 seconds.
    pub fn lock_key(
        &self,
        key: Key<'_>,
        limit_us: u64,
        clock: &impl Clock,
    ) -> Result<Claim, Error> {
        if limit_us == 0 {
            return self.lock_now(self.engine().hash(&key), Turns::Barging);
        }
        let mut claim = self.lock_in_turn(key, clock)?;
        if !claim.is_mine() {
            self.until(&self.wish(ClaimTable::Locks, key), limit_us, clock, || {
                claim = self.lock_in_turn(key, clock)?;
                Ok(claim.is_mine())
            })?;
        }
        Ok(claim)
    }

    /// As [`lock_key`](Self::lock_key), without waiting; but a lock that the caller left to others
    /// is theirs, if they come soon.
    ///
    /// # Errors
    ///
    /// As [`lock_key`](Self::lock_key).
    pub fn lock_in_turn(&self, key: Key<'_>, clock: &impl Clock) -> Result<Claim, Error> {
        self.lock_now(self.engine().hash(&key), Turns::Taken { now_ms: ms_of(clock) })
    }

    fn lock_now(&self, hash: Hash, turns: Turns) -> Result<Claim, Error> {
        let claim = LockedTable::of(self, LOCKS)?.claim(hash, turns);
        if claim == Claim::Won {
            // Who found the key unlocked and is still writing comes before: such a write looks
            // while it has the shard.
            match self.engine().lock_of(self.client(), hash) {
                Ok(shard) => drop(shard),
                Err(error) => {
                    return self
                        .release(LOCKS, |table| table.release(hash, Turns::Barging))
                        .and(Err(error));
                }
            }
        }
        Ok(claim)
    }

    /// Releases the lock of a key once. `false` when the caller does not hold it.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when a live participant keeps the table for 10 seconds.
    pub fn release_key(&self, key: Key<'_>, clock: &impl Clock) -> Result<bool, Error> {
        let hash = self.engine().hash(&key);
        let turns = Turns::Taken { now_ms: ms_of(clock) };
        self.release(LOCKS, |table| table.release(hash, turns))
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
        let wish = self.wish(ClaimTable::Locks, key);
        self.until(&wish, limit_us, clock, || Ok(!self.is_locked_by_others(key)))
    }

    /// Claims the load of a key: the winner leads it, computes what others wait for, and ends
    /// it. The load of a leader who died, or that was overtaken, is won by the next who asks.
    ///
    /// # Errors
    ///
    /// As [`release_key`](Self::release_key).
    pub fn claim_load(&self, key: Key<'_>) -> Result<Claim, Error> {
        let hash = self.engine().hash(&key);
        let table = LockedTable::of(self, LOADS)?;
        Ok(table.renew(hash).unwrap_or_else(|| table.claim(hash, Turns::Barging)))
    }

    /// Ends the load of a key, landed or failed. `false` when the caller does not lead it.
    ///
    /// # Errors
    ///
    /// As [`release_key`](Self::release_key).
    pub fn end_load(&self, key: Key<'_>) -> Result<bool, Error> {
        let hash = self.engine().hash(&key);
        self.release(LOADS, |table| table.release(hash, Turns::Barging))
    }

    /// What this participant would claim.
    pub fn wish(&self, table: ClaimTable, key: Key<'_>) -> Wish {
        Wish { table, hash: self.engine().hash(&key), me: self.owner() }
    }

    /// Ends the claims of the dead, in tables that can be had.
    pub(crate) fn forget_dead_claims(&self) {
        for table in [LOCKS, LOADS] {
            let region = &self.engine().region;
            // Relaxed: what is claimed at this moment is not of the dead.
            let count = region.header().claims[table].count.load(Ordering::Relaxed);
            if count != 0
                && region.has_claims(table)
                && let Ok(table) = LockedTable::of(self, table)
            {
                table.forget_dead(&mut Alive::default());
            }
        }
    }

    /// Ends all claims of this participant.
    pub(crate) fn release_claims(&self) {
        for table in [LOCKS, LOADS] {
            // Relaxed: our own claims are counted.
            if self.engine().region.header().claims[table].count.load(Ordering::Relaxed) != 0 {
                // A table that is held for ever keeps no participant from leaving: the claims of
                // one that left are none.
                let _ = self.release(table, |table| Some(table.end_all()));
            }
        }
    }

    #[cold]
    fn is_claimed_by_others(&self, table: usize, key: Key<'_>) -> bool {
        let hash = self.engine().hash(&key);
        let liveness = self.engine().liveness();
        rows(self.engine(), table, hash).any(|row| {
            // Acquire pairs with the exchange of `claim`: the hash was written before.
            let holder = row.holder.load(Ordering::Acquire).owner();
            row.hash.load(Ordering::Relaxed) == hash.0
                && holder.is_some_and(|holder| holder != self.owner() && liveness.is_alive(holder))
        })
    }

    /// Tries until it succeeds, or until `limit_us` have passed.
    fn until(
        &self,
        wish: &Wish,
        limit_us: u64,
        clock: &impl Clock,
        mut attempt: impl FnMut() -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        let deadline_us = clock.now_us().saturating_add(limit_us);
        // Ends: by the clock.
        loop {
            let heard = self.engine().bell();
            let look = self.engine().look_for(wish, ms_of(clock), &mut Alive::default());
            if look != Look::Held && attempt()? {
                return Ok(true);
            }
            let left_us = deadline_us.saturating_sub(clock.now_us());
            if left_us == 0 {
                return attempt();
            }
            match look {
                Look::Free => {}
                Look::Held => self.engine().sleep(heard, left_us.min(SLEEP_US)),
                Look::Left { left_us: turn_us } => {
                    self.engine().sleep(heard, left_us.min(turn_us).min(SLEEP_US));
                }
            }
        }
    }

    /// Ends claims, and tells those who wait for it. `false` when there was none to end.
    fn release(
        &self,
        table: usize,
        release: impl FnOnce(&LockedTable<'_>) -> Option<bool>,
    ) -> Result<bool, Error> {
        let released = release(&LockedTable::of(self, table)?);
        if released == Some(true) {
            pass(Point::Ringing);
            self.engine().ring();
        }
        Ok(released.is_some())
    }
}

fn rows(engine: &Engine, table: usize, hash: Hash) -> impl Iterator<Item = &ClaimRow> {
    let first = to_usize(hash.0 >> 32);
    let window = if engine.region.has_claims(table) { WINDOW } else { 0 };
    (first..first + window).map(move |row| engine.region.claim(table, row))
}

fn replace(row: &ClaimRow, next: impl Fn(Holder) -> Holder) -> Holder {
    let next = |was| next(Holder::of_word(was)).word();
    Holder::of_word(awaited::replace(row.holder.raw(), next))
}

fn ms_of(clock: &impl Clock) -> u64 {
    clock.now_us() / US_PER_MS
}
