//! A shard whose lock is held, and how it is made whole after a death. Knows no operation.
//!
//! Invariant: whoever holds a `Shard` is the only one that changes its index, its segments and its
//! stripes, and finds them whole.

use super::clients::seat::Seat;
use super::index::hash::Hash;
use super::kill::{Point, pass};
use super::store::Engine;
use super::transaction::{Transaction, redo};
use crate::error::Error;
use crate::platform::thread::is_panicking;
use crate::region::access::Region;
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
    pub(crate) seat: &'a Seat,
}

impl Engine {
    /// Locks the shard that a hash belongs to.
    #[inline]
    pub(crate) fn lock_for<'a>(&'a self, seat: &'a Seat, hash: Hash) -> Result<Shard<'a>, Error> {
        self.lock(seat, self.shard_of(hash))
    }

    /// The shard that a hash belongs to: the low bits of its stripe, so a stripe has one shard.
    #[inline]
    pub(crate) fn shard_of(&self, hash: Hash) -> u32 {
        hash.stripe() & (self.shards() - 1)
    }

    /// Locks a shard, and makes it whole if its last holder died.
    #[inline]
    pub(crate) fn lock<'a>(&'a self, seat: &'a Seat, number: u32) -> Result<Shard<'a>, Error> {
        self.region.check()?;
        let header = self.region.shard(number);
        let won = lock::acquire(&header.owner, seat.owner(), &self.liveness())?;
        self.enter(seat, number, won)
    }

    /// Locks a shard if that needs no waiting.
    pub(crate) fn try_lock<'a>(&'a self, seat: &'a Seat, number: u32) -> Option<Shard<'a>> {
        let header = self.region.shard(number);
        let won = lock::try_acquire(&header.owner, seat.owner(), &self.liveness())?;
        self.enter(seat, number, won).ok()
    }

    fn enter<'a>(&'a self, seat: &'a Seat, number: u32, won: Won) -> Result<Shard<'a>, Error> {
        let (region, header) = (&self.region, self.region.shard(number));
        let mut shard = Shard { engine: self, region, header, number, seat };
        if won == Won::Stolen {
            // Before anything else: whoever dies in the midst of this is another one who died.
            header.steals.fetch_add(1, Ordering::Relaxed);
        }
        pass(Point::Locked);
        // Relaxed: read under the lock. An intent may also be left by an error in the middle.
        if (won == Won::Stolen || !matches!(header.intent.load(Ordering::Relaxed), Intent::None))
            && let Err(error) = shard.recover(won)
        {
            shard.abandon(won);
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
            self.engine.renew(self.seat);
        } else {
            lock::release(&self.header.owner);
        }
    }
}

impl<'a> Shard<'a> {
    /// Leaves the lock to whoever comes next, who recovers what this one could not.
    #[cold]
    fn abandon(self, won: Won) {
        if won == Won::Stolen {
            // That one counts the death.
            self.header.steals.fetch_sub(1, Ordering::Relaxed);
            lock::abandon(&self.header.owner);
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
        let open_stripe = &self.header.open_stripe;
        // Release here and below: a death in between leaves these steps in this order.
        open_stripe.store(hash.stripe() + 1, Ordering::Release);
        stripe::open(stripe);
        pass(Point::StripeOpen);
        change();
        pass(Point::StripeChanged);
        stripe::close(stripe);
        pass(Point::StripeClosed);
        open_stripe.store(0, Ordering::Release);
    }

    /// Finishes what the last holder was in the midst of. Every step may be repeated.
    #[cold]
    fn recover(&mut self, won: Won) -> Result<(), Error> {
        pass(Point::Stolen);
        if won == Won::Stolen {
            // The dead may have died while it took a segment: that change comes first.
            self.settle_pool()?;
        }
        redo(self.region, &self.header.journal);
        pass(Point::Redone);
        // Relaxed: read under the lock.
        if let Some(stripe) = self.header.open_stripe.load(Ordering::Relaxed).checked_sub(1) {
            stripe::close(self.region.stripe(stripe));
            self.header.open_stripe.store(0, Ordering::Release);
        }
        match self.header.intent.load(Ordering::Relaxed) {
            Intent::None => {}
            Intent::Split(split) => self.finish_split(split)?,
            Intent::SplitClear(split) => self.finish_split_clear(split)?,
            Intent::Clear => self.finish_clear()?,
        }
        pass(Point::Recovered);
        Ok(())
    }
}
