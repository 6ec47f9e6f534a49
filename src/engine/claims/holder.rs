//! Who is in the way: the participant that keeps a key from others. Locks nothing.
//!
//! Invariant: what is said was true at some moment of the call, and nothing is waited for; so it is
//! for people to read, not to act on.

use super::{LOCKS, rows};
use crate::engine::clients::observer::ListedClient;
use crate::engine::entry::Key;
use crate::engine::participant::Participant;
use crate::sync::Ordering;
use crate::sync::owner::{Liveness, Owner};

impl Participant {
    /// Who holds the lock of a key, this participant included; if nobody does, who else has the
    /// shard that the key lies in.
    pub fn holder_of(&self, key: Key<'_>) -> Option<ListedClient> {
        let engine = self.engine();
        let hash = engine.hash(&key);
        let liveness = engine.liveness();
        let locked = rows(engine, LOCKS, hash).find_map(|row| {
            // Acquire pairs with the exchange of the claim: the hash was written before.
            let holder = row.holder.load(Ordering::Acquire).owner();
            // Relaxed: as above.
            let is_of_key = row.hash.load(Ordering::Relaxed) == hash.0;
            holder.filter(|holder| is_of_key && liveness.is_alive(*holder))
        });
        let in_shard = || {
            // Relaxed: who it is, and nothing of what the lock guards.
            let word = engine.region.shard(engine.shard_of(hash)).owner.load(Ordering::Relaxed);
            Owner::of_word(word).filter(|owner| *owner != self.owner())
        };
        engine.client(locked.or_else(in_shard)?)
    }
}
