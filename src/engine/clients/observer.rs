//! An observer of a store, which leaves no trace: no slot, no lock, no count.
//!
//! Its memory may be mapped for reading only. Nothing here waits: stopped and killed participants
//! make no difference. Invariant: nothing that is called here writes to the region.

use std::fmt;

use super::client_slot::{ClientKind, is_registered};
use crate::engine::claims::ClaimTable;
use crate::engine::entry::{Found, Key};
use crate::engine::index::hash::Hash;
use crate::engine::store::{Engine, WhenFull};
use crate::engine::verbs::scan::{Batch, IsMeant, Want};
use crate::engine::whole::Stats;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::header::{CLAIM_ROWS, LAYOUT_VERSION, PARTICIPANTS};
use crate::region::layout::Geometry;
use crate::region::memory::Memory;
use crate::region::region::Region;
use crate::region::word::{low, to_u32};
use crate::sync::owner::{Liveness, Owner};
use crate::sync::{AtomicU32, AtomicU64, Ordering};

/// A store, as one sees it who does not take part.
pub struct Observer {
    engine: Engine,
}

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Observer").field("engine", &self.engine).finish_non_exhaustive()
    }
}

/// What the head of a store says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// The store's name, as UTF-16 units.
    pub name: Vec<u16>,
    /// The version of the layout.
    pub layout_version: u64,
    /// The numbers that it was built from.
    pub geometry: Geometry,
    /// What happens when it is full.
    pub when_full: WhenFull,
    /// Entries at the most; 0 for as many as fit.
    pub max_entries: u64,
    /// Bytes that segments may take.
    pub max_bytes: u64,
    /// Which boot of the machine its clock counts from.
    pub boot_id: [u64; 2],
    /// How far its clock is ahead of that machine's, in microseconds.
    pub clock_offset_us: i64,
    /// When the last to close it left it whole, by the store's clock and by the wall's;
    /// `None` while it is in use, and after its last user died.
    pub closed_at: Option<[u64; 2]>,
    /// Segments that were used at least once.
    pub used_segments: u64,
    /// Of these, how many are free.
    pub free_segments: u32,
}

/// A client slot that is not free.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ListedClient {
    /// Who it is, to locks and claims.
    pub owner: Owner,
    /// Whether it uses the store, or only keeps it in order.
    pub is_user: bool,
    /// Whether it lives; else it ended without leaving.
    pub is_alive: bool,
    /// Its process.
    pub process: u32,
    /// Its thread, as a number of that process's own.
    pub thread: u32,
    /// When it came, by the clock on the wall, in microseconds; 0 if it has not said so.
    pub since_us: u64,
    /// Reads that found a live entry, by earlier clients of the slot, too. As the counts below.
    pub hits: u64,
    /// Reads that did not.
    pub misses: u64,
    /// Writes that took place.
    pub sets: u64,
    /// Entries that were deleted or taken.
    pub deletes: u64,
}

/// A claim of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ListedClaim {
    /// What the key is claimed for.
    pub table: ClaimTable,
    /// The hash of the key, as [`Observer::hash`] gives it.
    pub hash: u64,
    /// Who claims it.
    pub owner: Owner,
    /// How often it did, and has to release it.
    pub depth: u32,
    /// Whether that one lives; else the claim is none any more.
    pub is_alive: bool,
    /// Whether somebody waits for its end.
    pub is_awaited: bool,
}

/// A segment that was used at least once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ListedSegment {
    /// What it is used for: 0 nothing, 1 new items, 2 items that proved useful, 3 the index.
    pub role: u8,
    /// Whose it is, if it is not free.
    pub shard: u32,
    /// Bytes that were written of it.
    pub used_bytes: u64,
    /// Of these, bytes of entries that are there.
    pub live_bytes: u64,
}

/// A lock of the store itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StoreLock {
    /// Of a shard, by its number.
    Shard(u32),
    /// Of the free segments.
    Pool,
    /// Of a table of claims.
    Claims(ClaimTable),
    /// Of the schema.
    Schema,
    /// Of the table of invalidated tags.
    Tags,
    /// Of the ring of changes.
    Changes,
}

/// A lock of the store that is held at this moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HeldLock {
    /// Which one.
    pub lock: StoreLock,
    /// By whom; `None` for a lock that was left unfinished, which the next one to take it recovers.
    pub owner: Option<Owner>,
    /// Whether that one lives.
    pub is_alive: bool,
}

impl Observer {
    /// Looks at the store that was built in `memory`, which need not be writable.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when the memory does not hold a store of this layout.
    pub fn attach(memory: Box<dyn Memory>, system: Box<dyn Liveness>) -> Result<Self, Error> {
        let observer = Self { engine: Engine::of_region(Region::attach(memory)?, system) };
        observer.engine.region.check()?;
        Ok(observer)
    }

    /// What the head says.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when the name has no length that a name can have, or pages are gone.
    pub fn facts(&self) -> Result<Facts, Error> {
        let (engine, header) = (&self.engine, self.engine.region.header());
        engine.region.check()?;
        let facts = Facts {
            name: engine.name()?,
            layout_version: LAYOUT_VERSION,
            geometry: engine.geometry(),
            when_full: engine.when_full(),
            max_entries: engine.max_entries(),
            max_bytes: engine.max_bytes(),
            boot_id: engine.boot_id(),
            clock_offset_us: engine.clock_offset_us(),
            closed_at: engine.closed_at(),
            // Relaxed: figures, each of its own moment.
            used_segments: header.fresh.load(Ordering::Relaxed),
            free_segments: header.free.load(Ordering::Relaxed).count,
        };
        self.seen(facts)
    }

    /// Numbers of the store, as for a participant.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when the store is damaged.
    pub fn stats(&self) -> Result<Stats, Error> {
        let stats = self.engine.stats()?;
        self.seen(stats)
    }

    /// What loads and waits for locks came to, by its `SharedEffort`.
    ///
    /// # Errors
    ///
    /// As [`stats`](Self::stats).
    pub fn efforts(&self) -> Result<Vec<u64>, Error> {
        self.engine.region.check()?;
        let amounts = &self.engine.region.header().efforts.amounts;
        // Relaxed: figures, each of its own moment.
        self.seen(amounts.iter().map(|amount| amount.load(Ordering::Relaxed)).collect())
    }

    /// Who is in the table of participants, dead ones included.
    ///
    /// # Errors
    ///
    /// As [`stats`](Self::stats).
    pub fn participants(&self) -> Result<Vec<ListedClient>, Error> {
        self.engine.clients()
    }

    /// Which keys are claimed: locked, or being loaded.
    ///
    /// # Errors
    ///
    /// As [`stats`](Self::stats).
    pub fn claims(&self) -> Result<Vec<ListedClaim>, Error> {
        self.engine.region.check()?;
        let real = |table: &ClaimTable| self.engine.region.has_claims(table.index());
        let rows = ClaimTable::ALL
            .into_iter()
            .filter(real)
            .flat_map(|table| (0..CLAIM_ROWS[table.index()]).map(move |row| (table, row)));
        let claims = rows.filter_map(|(table, row)| {
            let row = self.engine.region.claim(table.index(), row);
            // Acquire pairs with the Release of the claim: the hash was written before.
            let holder = row.holder.load(Ordering::Acquire);
            let owner = holder.owner()?;
            // Relaxed: as above.
            let hash = row.hash.load(Ordering::Relaxed);
            let (depth, is_awaited) = (holder.depth, holder.is_awaited());
            let is_alive = self.engine.liveness().is_alive(owner);
            Some(ListedClaim { table, hash, owner, depth, is_alive, is_awaited })
        });
        self.seen(claims.collect())
    }

    /// The segments from number `from` on, `most` of them at the most, which were used.
    ///
    /// # Errors
    ///
    /// As [`stats`](Self::stats).
    pub fn segments(&self, from: u32, most: u32) -> Result<Vec<ListedSegment>, Error> {
        let region = &self.engine.region;
        region.check()?;
        let all = self.engine.geometry().segments;
        // Relaxed: as for the stats.
        let used = low(region.header().fresh.load(Ordering::Relaxed).min(all.into()));
        let listed = (from..used.min(from.saturating_add(most))).map(|index| {
            let segment = region.segment(index)?;
            let (state, (used, live)) = (segment.state(), segment.used_and_live());
            let [used_bytes, live_bytes] = [used, live].map(|bytes| bytes as u64);
            Ok(ListedSegment { role: state.role as u8, shard: state.shard, used_bytes, live_bytes })
        });
        self.seen(listed.collect::<Result<_, Error>>()?)
    }

    /// Who a claim or a lock belongs to, while that one is in the table of participants.
    pub fn client(&self, owner: Owner) -> Option<ListedClient> {
        self.engine.client(owner)
    }

    /// Which locks of the store itself are held. In a busy store most are gone when one looks
    /// again; one that stays is held by a participant that was stopped.
    ///
    /// # Errors
    ///
    /// As [`stats`](Self::stats).
    pub fn locks(&self) -> Result<Vec<HeldLock>, Error> {
        let region = &self.engine.region;
        region.check()?;
        let header = region.header();
        let shards = (0..self.engine.shards())
            .map(|number| (StoreLock::Shard(number), &region.shard(number).owner));
        let tables = ClaimTable::ALL
            .map(|table| (StoreLock::Claims(table), &header.claims[table.index()].owner));
        let others = [
            (StoreLock::Pool, &header.pool_owner),
            (StoreLock::Schema, &header.schema_owner),
            (StoreLock::Tags, &header.tags.owner),
            (StoreLock::Changes, &header.changes.owner),
        ];
        let held =
            shards.chain(tables).chain(others).filter_map(|(lock, word)| self.held(lock, word));
        self.seen(held.collect())
    }

    /// The hash by which claims name a key.
    pub fn hash(&self, key: Key<'_>) -> u64 {
        self.engine.hash(&key).0
    }

    /// As [`Participant::get`](super::participant::Participant::get), but for counts.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when the store is damaged; [`Error::Busy`] when others change the entry
    /// all the time.
    pub fn get(
        &self,
        key: Key<'_>,
        clock: &impl Clock,
        into: &mut [u8],
    ) -> Result<Option<Found>, Error> {
        self.engine.get_unlocked(&key, clock, into)
    }

    /// As [`Participant::scan`](super::participant::Participant::scan). A clock that stands at 0
    /// shows the expired entries, too, that no sweep has removed.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get); [`Error::Full`] when there is no memory for the batch.
    pub fn scan(
        &self,
        cursor: u64,
        budget: usize,
        want: Want,
        clock: &impl Clock,
        batch: &mut Batch,
    ) -> Result<u64, Error> {
        self.scan_where(cursor, budget, (want, &|_, _| true), clock, batch)
    }

    /// The same for the entries whose keys are meant.
    ///
    /// # Errors
    ///
    /// As [`scan`](Self::scan).
    pub fn scan_where(
        &self,
        cursor: u64,
        budget: usize,
        sight: (Want, IsMeant<'_>),
        clock: &impl Clock,
        batch: &mut Batch,
    ) -> Result<u64, Error> {
        self.engine.region.check()?;
        self.engine.scan_unlocked(cursor, budget, sight, clock, batch)
    }

    /// Lists the one entry whose key has a hash, as [`hash`](Self::hash) gives it, if it is there.
    ///
    /// # Errors
    ///
    /// As [`scan`](Self::scan).
    pub fn list_hash(
        &self,
        hash: u64,
        want: Want,
        clock: &impl Clock,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        self.engine.region.check()?;
        self.engine.list_hash(Hash(hash), want, clock, batch)
    }

    /// Puts the schema into `into`, and answers its version.
    ///
    /// # Errors
    ///
    /// As [`Participant::schema`](super::participant::Participant::schema).
    pub fn schema(&self, into: &mut Vec<u8>) -> Result<u32, Error> {
        let version = self.engine.schema(into)?;
        self.seen(version)
    }

    fn held(&self, lock: StoreLock, word: &AtomicU32) -> Option<HeldLock> {
        // Relaxed: who it is, and nothing of what the lock guards.
        let word = word.load(Ordering::Relaxed);
        let owner = Owner::of_word(word);
        let is_alive = owner.is_some_and(|owner| self.engine.liveness().is_alive(owner));
        (word != 0).then_some(HeldLock { lock, owner, is_alive })
    }

    /// What was read, if the pages were those of the store all the while.
    fn seen<T>(&self, answer: T) -> Result<T, Error> {
        self.engine.region.written(answer)
    }
}

impl Engine {
    /// Who is in the table of participants, dead ones included, in the order of their places.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when pages of the store are gone.
    pub fn clients(&self) -> Result<Vec<ListedClient>, Error> {
        self.region.check()?;
        let clients =
            (0..to_u32(PARTICIPANTS)).filter_map(|place| self.listed_client(place)).collect();
        self.region.written(clients)
    }

    /// A participant, while it is in the table.
    pub(crate) fn client(&self, owner: Owner) -> Option<ListedClient> {
        self.listed_client(owner.client_slot()).filter(|client| client.owner == owner)
    }

    fn listed_client(&self, place: u32) -> Option<ListedClient> {
        let region = &self.region;
        let row = region.participant(place);
        // Acquire pairs with the Release of the registration.
        let registration = row.registration.load(Ordering::Acquire);
        let kind = ClientKind::of(registration)?;
        let owner = Owner::new(place, registration.epoch);
        // Relaxed: written once, and counts.
        let identity = row.identity.load(Ordering::Relaxed);
        let count = |word: &AtomicU64| word.load(Ordering::Relaxed);
        Some(ListedClient {
            owner,
            is_user: kind == ClientKind::User,
            is_alive: is_registered(region, owner) && self.system().is_alive(owner),
            process: identity.process,
            thread: identity.thread,
            since_us: count(&row.since_us),
            hits: count(&row.hits),
            misses: count(&row.misses),
            sets: count(&row.sets),
            deletes: count(&row.deletes),
        })
    }
}
