//! Writing changes down for those who watch, under the lock of the ring. Costs nobody else.
//!
//! Invariant: a change that was committed is in the ring before its lock is free, or the count of
//! gaps has grown, by which everybody who reads learns that something may be missing.

use super::record::{KEY_BYTES_MAX, RecordHead};
use crate::contract::Change;
use crate::engine::clients::client_slot::ClientSlot;
use crate::engine::entry::Key;
use crate::engine::fail_points::{Point, pass};
use crate::engine::participant::Participant;
use crate::engine::shard::Shard;
use crate::engine::store::Engine;
use crate::engine::tags::{count_of_spaces, is_invalidated};
use crate::error::Error;
use crate::platform::thread::is_panicking;
use crate::region::bytes::{last_word, padded};
use crate::region::header::ChangesHeader;
use crate::region::item::{HEAD_BYTES as ITEM_HEAD_BYTES, Item, ItemTags};
use crate::region::word::to_usize;
use crate::sync::tags::{self, TagHash};
use crate::sync::{AtomicU64, Ordering, awaited, fence, lock, ring};

const WORD: usize = size_of::<u64>();

/// Where the bytes of a key lie.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'k> {
    /// At the caller's.
    Given(Key<'k>),
    /// In an item, which stays as it is meanwhile.
    Item(&'k Item),
}

/// A message, or the marks of a change, by which those find it who watch tags: what it is, and its
/// bytes.
type Payload<'p> = (u8, &'p [u8]);

impl Participant {
    /// Tells all who subscribe to a channel, this participant included. Nothing happens while
    /// nobody watches.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] for a message that is longer than [`Engine::message_bytes_max`],
    /// channel included; [`Error::Busy`] when a live participant keeps the ring for 10 seconds.
    pub fn publish(&self, channel: Key<'_>, kind: u8, bytes: &[u8]) -> Result<(), Error> {
        let engine = self.engine();
        if channel.bytes.len().saturating_add(bytes.len()) > engine.message_bytes_max() {
            return Err(Error::OutOfRange);
        }
        engine.region.check()?;
        if !engine.is_watched() {
            return Ok(());
        }
        self.client().acquire(&engine.region.header().changes.owner, &engine.liveness())?;
        let ring = Ring { engine, client: self.client() };
        engine.append(&ring, Change::Message, Source::Given(channel), (kind, bytes))?;
        drop(ring);
        engine.region.written(())
    }
}

impl Shard<'_> {
    /// Tells of a change of the entry of an item, after its commit.
    #[inline]
    pub(crate) fn tell(&self, change: Change, item: &Item) {
        if self.engine.is_watched() {
            self.engine.tell(self.client, change, Source::Item(item), &self.marks_of([item]));
        }
    }

    /// Tells that an item at this place was set, after its commit: those as well who watch a tag of
    /// the one whose place it has taken.
    #[inline]
    pub(crate) fn tell_set(&self, place: usize, old: Option<&Item>) -> Result<(), Error> {
        if self.engine.is_watched() {
            let new = &Item::at_place(self.region, place)?;
            let marks = self.marks_of([new].into_iter().chain(old));
            self.engine.tell(self.client, Change::Set, Source::Item(new), &marks);
        }
        Ok(())
    }

    /// Tells that an entry went because one of its tags was invalidated, who watch another of them:
    /// they were not told of that one. That its namespace was cleared they were told.
    pub(crate) fn tell_purged(&self, item: &Item) -> Result<(), Error> {
        if !(self.engine.is_watched() && item.head.is_tagged()) {
            return Ok(());
        }
        let Some(tags) = item.tags(self.region)? else { return Ok(()) };
        let moment = tags::moment(self.region.tag_counter());
        let is_valid = |tag: &TagHash| {
            !is_invalidated(self.region, moment, tags.sequence(), std::iter::once(*tag))
        };
        let spaces = count_of_spaces(self.region, item)?;
        if !tags.hashes().take(spaces).all(|space| is_valid(&space)) {
            return Ok(());
        }
        let marks = bytes_of(tags.hashes().skip(spaces).filter(is_valid));
        if !marks.is_empty() {
            self.engine.tell(self.client, Change::Purge, Source::Item(item), &marks);
        }
        Ok(())
    }

    /// By which tags a change of these items is found.
    fn marks_of<'i>(&self, items: impl IntoIterator<Item = &'i Item>) -> Vec<u8> {
        let tagged = items.into_iter().filter(|item| item.head.is_tagged());
        let tags = tagged.filter_map(|item| item.tags(self.region).ok().flatten());
        bytes_of(tags.flat_map(ItemTags::hashes))
    }
}

impl Engine {
    /// How long a message may be, with its channel.
    pub fn message_bytes_max(&self) -> usize {
        self.region.layout().changes_bytes() / 2 - 4 * WORD
    }

    /// Tells of a change, after its commit, under the lock of whatever has changed. Somebody
    /// watches.
    #[cold]
    pub(crate) fn tell(&self, client: &ClientSlot, change: Change, key: Source<'_>, marks: &[u8]) {
        pass(Point::Telling);
        let word = &self.region.header().changes.owner;
        let won = client.acquire_soon(word, &self.liveness());
        let locked = won.map(|_| Ring { engine: self, client });
        if locked.and_then(|ring| self.append(&ring, change, key, (0, marks))).is_err() {
            self.miss();
        }
    }

    /// Tells that a tag was invalidated, or a namespace cleared, under the lock of the tags, and
    /// under those of all shards where somebody has watched for a while.
    pub(crate) fn tell_invalidated(
        &self,
        client: &ClientSlot,
        tag: Key<'_>,
        change: Change,
        locked: Option<&[Shard<'_>]>,
    ) {
        if locked.is_some() {
            return self.tell(client, change, Source::Given(tag), &[]);
        }
        // Pairs with the one of `begin_watching`: who watches finds it invalidated, or is to look
        // again, for entries that came after it may have been told.
        fence(Ordering::SeqCst);
        if self.is_watched() {
            self.miss();
        }
    }

    /// Lets everybody who reads know that changes may be missing.
    #[cold]
    pub(crate) fn miss(&self) {
        let changes = &self.region.header().changes;
        // Release: who sees it, and looks at the store, sees what was changed.
        changes.gaps.fetch_add(1, Ordering::Release);
        wake(changes);
    }

    /// Lets those who read look again when the next entry expires: also who looked a moment ago,
    /// and is about to sleep.
    pub(crate) fn wake_watchers(&self) {
        awaited::ring(&self.region.header().changes.bell);
    }

    fn append(
        &self,
        ring: &Ring<'_>,
        change: Change,
        key: Source<'_>,
        (kind, value): Payload<'_>,
    ) -> Result<(), Error> {
        let (key_bytes, wide) = match key {
            Source::Given(key) => (key.bytes.len(), key.wide),
            Source::Item(item) => (item.head.key_bytes(), item.head.is_wide()),
        };
        let (change, origin) = (change.number(), ring.client.owner().word());
        let head = RecordHead { change, wide, key_bytes, value_bytes: value.len(), kind, origin };
        let capacity = self.region.layout().changes_bytes();
        if key_bytes > KEY_BYTES_MAX || head.bytes() > capacity / 2 {
            return Err(Error::OutOfRange);
        }
        let changes = &self.region.header().changes;
        let bytes = head.bytes() as u64;
        let from = ring::begin_append(&changes.begun, &changes.end, bytes, capacity as u64);
        pass(Point::Told);
        let mut at = self.write_words(from, head.words())?;
        at = match key {
            Source::Given(key) => self.write_words(at, words_of(key.bytes))?,
            Source::Item(item) => {
                let start = item.offset + ITEM_HEAD_BYTES;
                let words = self.region.words(start, padded(key_bytes) / WORD)?;
                // Relaxed: written before the item had a name.
                self.write_words(at, words.iter().map(|word| word.load(Ordering::Relaxed)))?
            }
        };
        self.write_words(at, words_of(value))?;
        ring::publish(&changes.end, from.wrapping_add(bytes));
        wake(changes);
        Ok(())
    }

    /// Writes words at a place of the ring, around its end; the place behind them.
    fn write_words(&self, at: u64, words: impl IntoIterator<Item = u64>) -> Result<u64, Error> {
        let mut at = at;
        for word in words {
            // Relaxed: published by the ring's end.
            self.ring_word(at)?.store(word, Ordering::Relaxed);
            at = at.wrapping_add(WORD as u64);
        }
        Ok(at)
    }

    /// The word at a place of the ring.
    pub(super) fn ring_word(&self, at: u64) -> Result<&AtomicU64, Error> {
        let layout = self.region.layout();
        let within = to_usize(at) & (layout.changes_bytes() - WORD);
        self.region.word(layout.changes + within)
    }
}

/// Wakes who sleeps until something is written.
fn wake(changes: &ChangesHeader) {
    if ring::wakes(&changes.asleep) {
        awaited::ring(&changes.bell);
    }
}

/// Bytes as words, the last one padded with zeroes.
fn words_of(bytes: &[u8]) -> impl Iterator<Item = u64> {
    let (whole, rest) = bytes.as_chunks::<WORD>();
    let last = (!rest.is_empty()).then(|| last_word(bytes));
    whole.iter().map(|bytes| u64::from_le_bytes(*bytes)).chain(last)
}

/// The hashes of tags, as they lie in the ring.
fn bytes_of(tags: impl Iterator<Item = TagHash>) -> Vec<u8> {
    tags.flatten().flat_map(u64::to_le_bytes).collect()
}

/// The ring, locked.
struct Ring<'a> {
    engine: &'a Engine,
    client: &'a ClientSlot,
}

impl Drop for Ring<'_> {
    fn drop(&mut self) {
        if is_panicking() {
            // What was begun is behind the end, and nobody sees it: the next one begins there.
            self.engine.bump_epoch(self.client);
        } else {
            lock::release(&self.engine.region.header().changes.owner);
        }
    }
}
