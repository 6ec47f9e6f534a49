//! A shard whose lock is held, and how it is made whole after a death. Knows no operation.
//!
//! Invariant: the holder of a `Shard` is the only one that changes its index, its segments and its
//! stripes, and finds them whole.

use super::transaction::{Transaction, redo};
use crate::engine::clients::client_slot::ClientSlot;
use crate::engine::fail_points::{Point, pass};
use crate::engine::index::hash::Hash;
use crate::engine::store::Engine;
use crate::error::Error;
use crate::platform::thread::is_panicking;
use crate::region::region::Region;
use crate::region::shard::{Intent, ShardHeader};
use crate::sync::lock::{self, Won};
use crate::sync::{Ordering, stripe};

/// A shard, locked.
#[derive(Debug)]
pub(crate) struct Shard<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) region: &'a Region,
    pub(crate) header: &'a ShardHeader,
    pub(crate) number: u32,
    pub(crate) client: &'a ClientSlot,
}

impl Engine {
    /// Locks the shard that a hash belongs to, to write an entry.
    #[inline]
    pub(crate) fn lock_for<'a>(
        &'a self,
        client: &'a ClientSlot,
        hash: Hash,
    ) -> Result<Shard<'a>, Error> {
        self.region.commit_stripes()?;
        self.lock_of(client, hash)
    }

    /// Locks the shard that a hash belongs to, for what is there: without a page to be had, too.
    #[inline]
    pub(crate) fn lock_of<'a>(
        &'a self,
        client: &'a ClientSlot,
        hash: Hash,
    ) -> Result<Shard<'a>, Error> {
        self.lock(client, self.shard_of(hash))
    }

    /// The shard that a hash belongs to: the low bits of its stripe, so a stripe has one shard.
    #[inline]
    pub(crate) fn shard_of(&self, hash: Hash) -> u32 {
        hash.stripe() & (self.shards() - 1)
    }

    /// Locks a shard, and makes it whole if its last holder died.
    #[inline]
    pub(crate) fn lock<'a>(
        &'a self,
        client: &'a ClientSlot,
        number: u32,
    ) -> Result<Shard<'a>, Error> {
        self.region.check()?;
        let header = self.region.shard(number);
        let won = client.acquire(&header.owner, &self.liveness())?;
        self.enter(client, number, won)
    }

    /// Locks all shards. Whoever has more than one locks them in this order, or does not wait.
    pub(crate) fn lock_all<'a>(&'a self, client: &'a ClientSlot) -> Result<Vec<Shard<'a>>, Error> {
        (0..self.shards()).map(|number| self.lock(client, number)).collect()
    }

    /// Comes back when every write has ended that goes on at this moment: what it has found to hold
    /// may hold no more, and segments that it fills are not those of its shard yet.
    pub(crate) fn outlast(&self, client: &ClientSlot) -> Result<(), Error> {
        (0..self.shards()).try_for_each(|number| self.lock(client, number).map(drop))
    }

    /// Locks a shard if that takes no longer than `patience_us`.
    pub(crate) fn lock_within<'a>(
        &'a self,
        client: &'a ClientSlot,
        number: u32,
        patience_us: u64,
    ) -> Result<Option<Shard<'a>>, Error> {
        self.region.check()?;
        let word = &self.region.shard(number).owner;
        match lock::acquire(word, client.owner(), patience_us, &self.liveness()) {
            Err(Error::Busy) => Ok(None),
            won => self.enter(client, number, won?).map(Some),
        }
    }

    /// Locks a shard if that needs no waiting.
    pub(crate) fn try_lock<'a>(&'a self, client: &'a ClientSlot, number: u32) -> Option<Shard<'a>> {
        let header = self.region.shard(number);
        let won = lock::try_acquire(&header.owner, client.owner(), &self.liveness())?;
        self.enter(client, number, won).ok()
    }

    fn enter<'a>(
        &'a self,
        client: &'a ClientSlot,
        number: u32,
        won: Won,
    ) -> Result<Shard<'a>, Error> {
        let (region, header) = (&self.region, self.region.shard(number));
        let mut shard = Shard { engine: self, region, header, number, client };
        if won == Won::Recovered {
            // Before anything else: a death during the recovery counts as another.
            header.locks_recovered.fetch_add(1, Ordering::Relaxed);
        }
        pass(Point::Locked);
        // Pages may have been lost while this one waited.
        if !region.is_whole()
            && let Err(error) = region.check()
        {
            shard.poison(won);
            return Err(error);
        }
        // Relaxed: read under the lock. An intent may also be left by an error in the middle.
        if (won == Won::Recovered || !matches!(header.intent.load(Ordering::Relaxed), Intent::None))
            && let Err(error) = shard.recover(won)
        {
            shard.poison(won);
            return Err(error);
        }
        Ok(shard)
    }
}

impl Drop for Shard<'_> {
    #[inline]
    fn drop(&mut self) {
        if is_panicking() {
            // Something may be half done: leave the lock to a dead owner, for others to recover.
            self.engine.bump_epoch(self.client);
        } else {
            lock::release(&self.header.owner);
        }
    }
}

impl<'a> Shard<'a> {
    /// Leaves the lock to the next one to take it, which recovers what this one could not.
    #[cold]
    fn poison(self, won: Won) {
        if won == Won::Recovered {
            // That one counts the death.
            self.header.locks_recovered.fetch_sub(1, Ordering::Relaxed);
            lock::poison(&self.header.owner);
            std::mem::forget(self);
        }
    }

    /// A change of several words of this shard.
    pub(crate) fn transaction(&self) -> Transaction<'a> {
        Transaction::new(self.region, &self.header.journal)
    }

    /// Calls `change`, which changes one entry, while the version of its stripe is odd.
    pub(crate) fn change_entry(&self, hash: Hash, change: impl FnOnce()) {
        let stripe = self.region.stripe(hash.stripe());
        let odd_stripe = &self.header.odd_stripe;
        // Release here and below: a death in between leaves these steps in this order.
        odd_stripe.store(hash.stripe() + 1, Ordering::Release);
        stripe::begin_write(stripe);
        pass(Point::StripeOpen);
        change();
        pass(Point::StripeChanged);
        stripe::end_write(stripe);
        pass(Point::StripeClosed);
        odd_stripe.store(0, Ordering::Release);
    }

    /// Finishes what the last holder was in the midst of. Every step may be repeated.
    #[cold]
    fn recover(&mut self, won: Won) -> Result<(), Error> {
        pass(Point::TakenOver);
        if won == Won::Recovered {
            // The dead may have died while it took a segment: that change comes first.
            self.settle_pool()?;
        }
        redo(self.region, &self.header.journal);
        pass(Point::Redone);
        // Relaxed: read under the lock.
        if let Some(stripe) = self.header.odd_stripe.load(Ordering::Relaxed).checked_sub(1) {
            stripe::end_write(self.region.stripe(stripe));
            self.header.odd_stripe.store(0, Ordering::Release);
        }
        match self.header.intent.load(Ordering::Relaxed) {
            Intent::None => {}
            Intent::Split(split) => self.finish_split(split)?,
            Intent::SplitClear(split) => self.finish_split_clear(split)?,
            Intent::Clear => self.finish_clear()?,
        }
        // What was changed may not have been told.
        self.engine.miss();
        pass(Point::Recovered);
        Ok(())
    }
}
