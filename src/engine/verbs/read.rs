//! Reading an entry without a lock. Leaves no trace but its frequency.
//!
//! Invariant: what is returned was the entry at some moment of the call, whole; an entry that was
//! there for the whole call is found. Why: `sync::seqlock`, and the index word (`index`).

use crate::engine::entry::{Found, Key, NEVER_US, Staleness, UNTAGGED};
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::engine::store::Engine;
use crate::engine::tags;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::item::{Item, ItemHead, OptimisticItem};
use crate::region::segment::{BUCKET_SLOTS, Bucket, DirectoryEntry};
use crate::region::slot::{FREQUENCY_MAX, IDENTITY_MASK, Slot};
use crate::region::word::Word;
use crate::sync::{AtomicU64, Ordering, seqlock};

/// Looks without a lock before taking one: a look is cut short only by a writer that was at this
/// very entry, or at the place where it lay.
const LOOKS: usize = 64;

/// The same where no lock may be taken: each takes a writer that came in between.
const LOOKS_WITHOUT_LOCK: usize = 10_000;

/// An entry that was read, as far as it had to be taken apart for that.
struct Hit<'a> {
    slot: &'a AtomicU64,
    word: Slot,
    head: ItemHead,
    length: usize,
    deadline_us: u64,
    version: u32,
    moment: u64,
}

/// What one look at the index came to.
enum Look<'a> {
    Hit(Hit<'a>),
    /// It was looked for under the lock.
    Locked(Option<Found>),
    Miss,
    /// A writer changed what was looked at.
    Disturbed,
}

impl Participant {
    /// Copies the value of a live entry to the start of `into`, and says what it is.
    ///
    /// A value that is longer than `into` is not copied; [`Found::length`] says how long it is.
    /// Takes no lock: a stopped writer keeps no reader waiting. ~60 ns for a short value.
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
        let hash = engine.hash(&key);
        let mut look = engine.look_inline(&key, hash, clock, into)?;
        if matches!(look, Look::Disturbed) {
            look = self.look_again(key, hash, clock, into)?;
        }
        let found = match look {
            Look::Hit(hit) => {
                engine.count_read(&hit);
                Some(hit.found(hash))
            }
            Look::Locked(found) => found,
            Look::Miss | Look::Disturbed => None,
        };
        if found.is_some() {
            self.count_hit();
        } else {
            self.count_miss();
        }
        Ok(found)
    }

    /// Notes that an entry was read from a copy, for its frequency; the counters are told of many
    /// such reads at once, by [`count_hits`](Self::count_hits).
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn note_read(&self, key: Key<'_>, clock: &impl Clock) -> Result<(), Error> {
        let engine = self.engine();
        if let Look::Hit(hit) = engine.look(&key, engine.hash(&key), clock, &mut [])? {
            engine.count_read(&hit);
        }
        Ok(())
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
        self.view(key, clock, &mut [])
    }

    /// As [`get`](Self::get), but does not count as a read: neither in the counters nor for the
    /// entry's frequency.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn view(
        &self,
        key: Key<'_>,
        clock: &impl Clock,
        into: &mut [u8],
    ) -> Result<Option<Found>, Error> {
        let hash = self.engine().hash(&key);
        Ok(match self.look_again(key, hash, clock, into)? {
            Look::Hit(hit) => Some(hit.found(hash)),
            Look::Locked(found) => found,
            Look::Miss | Look::Disturbed => None,
        })
    }

    /// What is known of a live entry, as [`peek`](Self::peek) gives it, and when it turns stale.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn staleness(&self, key: Key<'_>, clock: &impl Clock) -> Result<Option<Staleness>, Error> {
        let engine = self.engine();
        let hash = engine.hash(&key);
        for _ in 0..LOOKS {
            match engine.look(&key, hash, clock, &mut [])? {
                Look::Hit(hit) if !hit.head.may_be_stale() => {
                    return Ok(Some(Staleness { found: hit.found(hash), stale_us: 0, mark: 0 }));
                }
                Look::Hit(hit) => {
                    if let Some((stale_us, mark)) = engine.staleness_of(&hit)? {
                        return Ok(Some(Staleness { found: hit.found(hash), stale_us, mark }));
                    }
                }
                Look::Miss => return Ok(None),
                Look::Locked(_) | Look::Disturbed => {}
            }
        }
        let shard = engine.lock_of(self.client(), hash)?;
        let Some(held) = shard.find(&key, hash)? else { return Ok(None) };
        let found = Found::of(&engine.region, &held.item, hash, 0)?;
        if !found.is_live(clock) {
            return Ok(None);
        }
        let stale_us = held.item.stale_us(&engine.region)?;
        // Relaxed: it does not change while the shard is held.
        let generation =
            engine.region.segment(held.item.segment)?.generation.load(Ordering::Relaxed);
        let may_be_stale = held.item.head.may_be_stale();
        let mark =
            if may_be_stale { mark_of(&held.item, generation, found.deadline_us) } else { 0 };
        engine.region.written(Some(Staleness { found, stale_us, mark }))
    }

    /// Looks until it is not disturbed; a reader that is always disturbed takes the lock.
    #[cold]
    fn look_again(
        &self,
        key: Key<'_>,
        hash: Hash,
        clock: &impl Clock,
        into: &mut [u8],
    ) -> Result<Look<'_>, Error> {
        for _ in 0..LOOKS {
            let look = self.engine().look(&key, hash, clock, into)?;
            if !matches!(look, Look::Disturbed) {
                return Ok(look);
            }
        }
        self.read_locked(key, hash, clock, into).map(Look::Locked)
    }

    fn read_locked(
        &self,
        key: Key<'_>,
        hash: Hash,
        clock: &impl Clock,
        into: &mut [u8],
    ) -> Result<Option<Found>, Error> {
        let engine = self.engine();
        let shard = engine.lock_of(self.client(), hash)?;
        let version = engine.region.version(hash.stripe());
        let Some(held) = shard.find(&key, hash)? else { return Ok(None) };
        let found = Found::of(&engine.region, &held.item, hash, version)?;
        if !found.is_live(clock) {
            return Ok(None);
        }
        if found.fits(into.len()) {
            held.item.copy_value(&engine.region, &mut into[..found.length])?;
        }
        engine.region.written(Some(found))
    }
}

impl Found {
    #[inline]
    pub(crate) fn of(
        region: &crate::region::region::Region,
        item: &Item,
        hash: Hash,
        version: u32,
    ) -> Result<Self, Error> {
        let tags = item.tags(region)?.map(|tags| tags::state_of(region, tags));
        let (moment, is_invalidated) = tags.unwrap_or((UNTAGGED, false));
        Ok(Self {
            length: item.value_bytes(),
            kind: item.head.kind(),
            form: item.head.form(),
            deadline_us: item.deadline_us(region)?,
            stripe: hash.stripe(),
            version,
            moment,
            is_invalidated,
        })
    }

    /// Whether it has not expired, and was not invalidated.
    #[inline]
    pub(crate) fn is_live(&self, clock: &impl Clock) -> bool {
        !self.is_invalidated && is_live(self.deadline_us, clock)
    }
}

/// What tells an item from all that come to its place, or to another: 53 bits of its place, the
/// generation of its segment, and its deadline.
fn mark_of(item: &Item, generation: u64, deadline_us: u64) -> u64 {
    /// Odd, with bits all over the word: each part changes all that is above it.
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mixed = [item.offset as u64, generation, deadline_us].iter().fold(0, |mixed: u64, part| {
        let product = (mixed ^ part).wrapping_mul(FACTOR);
        product ^ product >> 32
    });
    mixed >> 11
}

/// Whether an entry with this deadline has not expired. Only what has a deadline asks for the time.
#[inline]
pub(super) fn is_live(deadline_us: u64, clock: &impl Clock) -> bool {
    deadline_us == NEVER_US || deadline_us > clock.now_us()
}

/// Whether a slot still names what `word` names.
fn is_same(slot: &AtomicU64, word: Slot) -> bool {
    // Acquire: what was looked up before it was looked up before.
    Slot(slot.load(Ordering::Acquire)).is_same(word)
}

impl Hit<'_> {
    #[inline]
    fn found(&self, hash: Hash) -> Found {
        Found {
            length: self.length,
            kind: self.head.kind(),
            form: self.head.form(),
            deadline_us: self.deadline_us,
            stripe: hash.stripe(),
            version: self.version,
            moment: self.moment,
            is_invalidated: false,
        }
    }
}

impl Engine {
    #[inline]
    pub(crate) fn hash(&self, key: &Key<'_>) -> Hash {
        Hash::of(&self.seed, key.bytes, key.wide)
    }

    /// The same as [`Participant::get`] for who leaves no trace, and takes no lock either: others
    /// that change the entry all the time keep it from being read.
    pub(crate) fn get_unlocked(
        &self,
        key: &Key<'_>,
        clock: &impl Clock,
        into: &mut [u8],
    ) -> Result<Option<Found>, Error> {
        let hash = self.hash(key);
        for _ in 0..LOOKS_WITHOUT_LOCK {
            match self.look(key, hash, clock, into)? {
                Look::Hit(hit) => return Ok(Some(hit.found(hash))),
                Look::Miss => return Ok(None),
                Look::Locked(_) | Look::Disturbed => {}
            }
        }
        Err(Error::Busy)
    }

    /// Looks for the key once.
    #[inline(never)]
    fn look<'a>(
        &'a self,
        key: &Key<'_>,
        hash: Hash,
        clock: &impl Clock,
        into: &mut [u8],
    ) -> Result<Look<'a>, Error> {
        self.look_inline(key, hash, clock, into)
    }

    /// The same, within the one function that is called most.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a quarter of a hot read is moving what it answers")]
    fn look_inline<'a>(
        &'a self,
        key: &Key<'_>,
        hash: Hash,
        clock: &impl Clock,
        into: &mut [u8],
    ) -> Result<Look<'a>, Error> {
        self.region.check()?;
        let number = self.shard_of(hash);
        let header = self.region.shard(number);
        let version = self.region.version(hash.stripe());
        // Acquire: the directory and the groups are at least as new as this word.
        let index = header.index.load(Ordering::Acquire);
        // In a damaged region any depth leads to some entry.
        let place = hash.tag() & 1_u32.wrapping_shl(index.depth).wrapping_sub(1);
        // Acquire: a group that is named was filled.
        let entry = self.region.directory(number, place).load(Ordering::Acquire);
        let group = self.region.group(DirectoryEntry(entry).group())?;
        let [first, second] = hash.buckets();
        let asked = (key, hash, version);
        let buckets = [&group.0[first], &group.0[second]];
        let slot = buckets[0].first_matching(hash.tag());
        let mut look = Look::Miss;
        if let Some(slot) = slot.or_else(|| buckets[1].first_matching(hash.tag())) {
            look = self.look_at(slot, asked, into)?;
            if matches!(look, Look::Miss) {
                look = self.look_in_both(buckets, asked, into)?;
            }
        }
        // The group may have become something else while we looked, or pages were lost.
        if !seqlock::is_unchanged(header.index.raw(), index.word()) || !self.region.is_whole() {
            return Ok(Look::Disturbed);
        }
        match look {
            Look::Hit(hit) if !is_live(hit.deadline_us, clock) => Ok(Look::Miss),
            look => Ok(look),
        }
    }

    /// Looks at all entries of two buckets that have the tag: another key had it, too.
    #[cold]
    fn look_in_both<'a>(
        &'a self,
        buckets: [&'a Bucket; 2],
        asked: (&Key<'_>, Hash, u32),
        into: &mut [u8],
    ) -> Result<Look<'a>, Error> {
        for bucket in buckets {
            let mut matching = bucket.matching(asked.1.tag());
            while matching != 0 {
                let slot = &bucket.0[matching.trailing_zeros() as usize % BUCKET_SLOTS];
                matching &= matching - 1;
                match self.look_at(slot, asked, into)? {
                    Look::Miss => {}
                    look => return Ok(look),
                }
            }
        }
        Ok(Look::Miss)
    }

    /// Looks at the item that a slot names. A miss: it is another key's.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above")]
    fn look_at<'a>(
        &'a self,
        slot: &'a AtomicU64,
        (key, hash, version): (&Key<'_>, Hash, u32),
        into: &mut [u8],
    ) -> Result<Look<'a>, Error> {
        let region = &self.region;
        let word = Slot(seqlock::first_load(slot));
        // A slot that leads nowhere, in a damaged region, is no entry.
        let Some((place, true)) = word.place().map(|place| (place, word.tag() == hash.tag()))
        else {
            return Ok(Look::Miss);
        };
        let Some((segment, words)) = region.rest_of_segment(place) else { return Ok(Look::Miss) };
        let generation = &region.segment(segment)?.generation;
        let read = seqlock::begin(slot, word.0, IDENTITY_MASK, generation);
        let Some(read) = read else { return Ok(Look::Disturbed) };
        let item = OptimisticItem::of_key(words, key.bytes, key.wide).filter(|item| {
            match into.get_mut(..item.value_bytes) {
                None => item.is_sound(region),
                Some(into) if item.head.is_large() => self.copy_large(place, into),
                Some(into) => item.copy_value(into),
            }
        });
        let tags = item.as_ref().and_then(|item| item.tags);
        let state = tags.map(|tags| tags::state_of(region, tags));
        if !read.is_valid() {
            return Ok(Look::Disturbed);
        }
        let moment = match state {
            None => UNTAGGED,
            // What goes takes what was known of its tags with it: it has to be there still.
            Some(_) if !is_same(slot, word) => return Ok(Look::Disturbed),
            Some((_, true)) => return Ok(Look::Miss),
            Some((moment, false)) => moment,
        };
        let hit = |OptimisticItem { head, deadline_us, value_bytes: length, .. }| Hit {
            slot,
            word,
            head,
            length,
            deadline_us,
            version,
            moment,
        };
        Ok(item.map_or(Look::Miss, |item| Look::Hit(hit(item))))
    }

    /// Copies a value that goes on through a chain of segments. A chain that is being reused leads
    /// anywhere: then the generation has changed.
    #[cold]
    fn copy_large(&self, place: usize, into: &mut [u8]) -> bool {
        let item = Item::at_place(&self.region, place).ok();
        let item = item.filter(|item| item.value_bytes() == into.len());
        item.is_some_and(|item| item.copy_value(&self.region, into).is_ok())
    }

    /// When the entry of a hit turns stale, and its mark; `None` where it is another one by now.
    fn staleness_of(&self, hit: &Hit<'_>) -> Result<Option<(u64, u64)>, Error> {
        let Ok(item) = Item::of_slot(&self.region, hit.word) else { return Ok(None) };
        let generation = &self.region.segment(item.segment)?.generation;
        let read = seqlock::begin(hit.slot, hit.word.0, IDENTITY_MASK, generation);
        let Some(read) = read.filter(|_| item.head == hit.head) else { return Ok(None) };
        let stale_us = item.stale_us(&self.region)?;
        let mark = mark_of(&item, read.generation(), hit.deadline_us);
        Ok(read.is_valid().then_some((stale_us, mark)))
    }

    /// Notes that an entry was read, while its frequency is below the maximum.
    #[inline]
    fn count_read(&self, hit: &Hit<'_>) {
        self.note_use(hit.slot, hit.word);
    }

    /// Notes that the entry of a slot was used, while its frequency is below the maximum.
    #[inline]
    pub(crate) fn note_use(&self, slot: &AtomicU64, word: Slot) {
        let frequency = word.frequency();
        if frequency < FREQUENCY_MAX && self.evicts() {
            let next = word.with_frequency(frequency + 1).0;
            // Relaxed: changes no more than the frequency, and only of the word that was read. A
            // failure means that another reader counted, or that the entry is gone.
            let _ = slot.compare_exchange(word.0, next, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}
