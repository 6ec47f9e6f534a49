//! Reading an entry without a lock. Leaves no trace but its frequency.
//!
//! Invariant: what is returned was the entry at some moment of the call, whole; an entry that was
//! there for the whole call is found. Why: `sync::publication`, and the index word (`index`).

use crate::engine::entry::{Found, Key};
use crate::engine::index::group_of;
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::engine::store::Engine;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::access::depth_of;
use crate::region::item::Item;
use crate::region::segment::BUCKET_SLOTS;
use crate::region::slot::{FREQUENCY_MAX, IDENTITY_MASK, Slot};
use crate::sync::{AtomicU64, Ordering, publication, stripe};

/// Looks without a lock before taking one: a look is cut short only by a writer that was at this
/// very entry, or at the place where it lay.
const LOOKS: usize = 64;

/// What one look at the index came to.
enum Look<'a> {
    Hit(Found, (&'a AtomicU64, Slot)),
    Miss,
    /// Somebody changed what was looked at.
    Disturbed,
}

impl Participant {
    /// Copies the value of a live entry to the start of `into`, and says what it is.
    ///
    /// A value that is longer than `into` is not copied; [`Found::length`] says how long it is.
    /// Takes no lock: a writer that stands still keeps nobody waiting. ~60 ns for a short value.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when the region holds what no store has written there.
    #[inline]
    pub fn get(
        &self,
        key: Key<'_>,
        clock: &impl Clock,
        into: &mut [u8],
    ) -> Result<Option<Found>, Error> {
        let engine = self.engine();
        engine.region.check()?;
        let hash = engine.hash(&key);
        for _ in 0..LOOKS {
            match engine.look(&key, hash, clock, into)? {
                Look::Hit(found, (slot, word)) => {
                    engine.count_read(slot, word);
                    self.count_hit();
                    return Ok(Some(found));
                }
                Look::Miss => {
                    self.count_miss();
                    return Ok(None);
                }
                Look::Disturbed => {}
            }
        }
        let found = self.read_locked(key, clock, into)?;
        if found.is_some() {
            self.count_hit();
        } else {
            self.count_miss();
        }
        Ok(found)
    }

    /// Whether there is a live entry. Does not count as a read.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn contains(&self, key: Key<'_>, clock: &impl Clock) -> Result<bool, Error> {
        Ok(self.peek(key, clock)?.is_some())
    }

    /// What is known of a live entry, without its value. Does not count as a read.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn peek(&self, key: Key<'_>, clock: &impl Clock) -> Result<Option<Found>, Error> {
        let engine = self.engine();
        engine.region.check()?;
        let hash = engine.hash(&key);
        for _ in 0..LOOKS {
            match engine.look(&key, hash, clock, &mut [])? {
                Look::Hit(found, _) => return Ok(Some(found)),
                Look::Miss => return Ok(None),
                Look::Disturbed => {}
            }
        }
        self.read_locked(key, clock, &mut [])
    }

    /// Counts a read that a copy outside the store has answered, for the entry's frequency.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn note_read(&self, key: Key<'_>, clock: &impl Clock) -> Result<(), Error> {
        let hash = self.engine().hash(&key);
        // Once is enough: who is disturbed, reads an entry that is being written.
        if let Look::Hit(_, (slot, word)) = self.engine().look(&key, hash, clock, &mut [])? {
            self.engine().count_read(slot, word);
        }
        Ok(())
    }

    /// Reads under the lock: whoever is always disturbed gets there too.
    #[cold]
    fn read_locked(
        &self,
        key: Key<'_>,
        clock: &impl Clock,
        into: &mut [u8],
    ) -> Result<Option<Found>, Error> {
        let engine = self.engine();
        let hash = engine.hash(&key);
        let shard = engine.lock_for(self.seat(), hash)?;
        let version = stripe::version(engine.region.stripe(hash.stripe()));
        let found = match shard.find(&key, hash)? {
            None => None,
            Some(held) => {
                let found = Found::of(&engine.region, &held.item, hash, version)?;
                if found.is_live(clock) && found.fits(into.len()) {
                    held.item.copy_value(&engine.region, &mut into[..found.length])?;
                }
                found.is_live(clock).then_some(found)
            }
        };
        Ok(found)
    }
}

impl Found {
    #[inline]
    pub(crate) fn of(
        region: &crate::region::access::Region,
        item: &Item,
        hash: Hash,
        version: u32,
    ) -> Result<Self, Error> {
        Ok(Self {
            length: item.head.value_bytes(),
            kind: item.head.kind(),
            form: item.head.form(),
            deadline_us: item.deadline_us(region)?,
            stripe: hash.stripe(),
            version,
        })
    }

    /// Whether it is not due. Only what has a deadline asks for the time.
    #[inline]
    pub(crate) fn is_live(&self, clock: &impl Clock) -> bool {
        self.deadline_us == super::super::entry::NEVER_US || self.deadline_us > clock.now_us()
    }
}

impl Engine {
    #[inline]
    pub(crate) fn hash(&self, key: &Key<'_>) -> Hash {
        Hash::of(&self.seed, key.bytes, key.wide)
    }

    /// Looks for the key once.
    #[inline]
    fn look<'a>(
        &'a self,
        key: &Key<'_>,
        hash: Hash,
        clock: &impl Clock,
        into: &mut [u8],
    ) -> Result<Look<'a>, Error> {
        let number = self.shard_of(hash);
        let header = self.region.shard(number);
        let version = stripe::version(self.region.stripe(hash.stripe()));
        // Acquire: the directory and the groups are at least as new as this word.
        let index = header.index.load(Ordering::Acquire);
        let depth = depth_of(index).min(self.region.layout().geometry.directory_depth);
        let place = hash.tag() & ((1 << depth) - 1);
        // Acquire: a group that is named was filled.
        let entry = self.region.directory(number, place).load(Ordering::Acquire);
        let group = self.region.group(group_of(entry))?;
        for bucket in hash.buckets() {
            let bucket = &group.0[bucket];
            let mut matching = bucket.matching(hash.tag());
            while matching != 0 {
                let slot = &bucket.0[matching.trailing_zeros() as usize % BUCKET_SLOTS];
                matching &= matching - 1;
                let word = Slot(publication::glance(slot));
                if word.tag() != hash.tag() || !word.holds_item() {
                    continue;
                }
                match self.look_at(slot, word, (key, hash, version), into)? {
                    Look::Miss => {}
                    Look::Disturbed => return Ok(Look::Disturbed),
                    // The group may have become something else while we looked.
                    Look::Hit(..) if !publication::is_unchanged(&header.index, index) => {
                        return Ok(Look::Disturbed);
                    }
                    Look::Hit(found, _) if !found.is_live(clock) => return Ok(Look::Miss),
                    hit @ Look::Hit(..) => return Ok(hit),
                }
            }
        }
        Ok(if publication::is_unchanged(&header.index, index) {
            Look::Miss
        } else {
            Look::Disturbed
        })
    }

    /// Looks at the item that a slot names. A miss: it is another key's.
    #[inline]
    fn look_at<'a>(
        &self,
        slot: &'a AtomicU64,
        word: Slot,
        (key, hash, version): (&Key<'_>, Hash, u32),
        into: &mut [u8],
    ) -> Result<Look<'a>, Error> {
        let region = &self.region;
        let segment = word.place().and_then(|place| region.layout().segment_of(place));
        // A slot that leads nowhere, in a damaged region, is no entry.
        let Some((segment, within)) = segment else { return Ok(Look::Miss) };
        let generation = &region.segment(segment)?.generation;
        let sight = publication::look(slot, word.0, IDENTITY_MASK, generation);
        let Some(sight) = sight else { return Ok(Look::Disturbed) };
        let found = match Item::at(region, segment, within) {
            Ok(item) if item.has_key(region, key.bytes, key.wide)? => {
                let found = Found::of(region, &item, hash, version)?;
                // A chain that is being reused leads anywhere: that is seen below.
                let is_whole = !found.fits(into.len())
                    || item
                        .copy_value_after(key.bytes.len(), region, &mut into[..found.length])
                        .is_ok();
                if is_whole { Some(found) } else { None }
            }
            _ => None,
        };
        if !sight.is_clear() {
            return Ok(Look::Disturbed);
        }
        Ok(found.map_or(Look::Miss, |found| Look::Hit(found, (slot, word))))
    }

    /// Notes that an entry was read, while its frequency is below the maximum.
    #[inline]
    fn count_read(&self, slot: &AtomicU64, word: Slot) {
        let frequency = word.frequency();
        if frequency < FREQUENCY_MAX && self.evicts() {
            let next = word.with_frequency(frequency + 1).0;
            // Relaxed: changes no more than the frequency, and only of the word that was read. A
            // failure means that somebody else counted, or that the entry is gone.
            let _ = slot.compare_exchange(word.0, next, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}
