//! Finding the slot of a key, under the lock of its shard. Knows not how to change it.

use crate::engine::entry::Key;
use crate::engine::index::hash::Hash;
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::region::item::{HEAD_BYTES, Item};
use crate::region::segment::{DirectoryEntry, Group};
use crate::region::slot::Slot;
use crate::sync::{AtomicU64, Ordering};

/// An entry that is there, expired or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held<'a> {
    pub(crate) slot: &'a AtomicU64,
    pub(crate) word: Slot,
    pub(crate) item: Item,
}

impl<'a> Shard<'a> {
    /// The group in which a key with this tag is, as the directory says.
    pub(crate) fn directory_entry_of(&self, tag: u32) -> DirectoryEntry {
        let mask = (1 << self.directory_depth()) - 1;
        // Relaxed here and below: read under the lock.
        DirectoryEntry(self.region.directory(self.number, tag & mask).load(Ordering::Relaxed))
    }

    /// How many low bits of a tag the directory tells apart.
    pub(crate) fn directory_depth(&self) -> u32 {
        let depth = self.header.index.load(Ordering::Relaxed).depth;
        depth.min(self.region.layout().geometry.directory_depth)
    }

    pub(crate) fn group_of(&self, hash: Hash) -> Result<&'a Group, Error> {
        self.region.group(self.directory_entry_of(hash.tag()).group())
    }

    /// The entry of a key.
    pub(crate) fn find(&self, key: &Key<'_>, hash: Hash) -> Result<Option<Held<'a>>, Error> {
        let group = self.group_of(hash)?;
        for bucket in hash.buckets() {
            for slot in &group.0[bucket].0 {
                let word = Slot(slot.load(Ordering::Relaxed));
                if word.tag() != hash.tag() || !word.holds_item() {
                    continue;
                }
                // A slot that leads nowhere, in a damaged region, is no entry.
                let Ok(item) = Item::of_slot(self.region, word) else { continue };
                if item.has_key(self.region, key.bytes, key.wide)? {
                    return Ok(Some(Held { slot, word, item }));
                }
            }
        }
        self.region.written(None)
    }

    /// The entry whose item this is; `None` when no slot names it any more.
    pub(crate) fn find_item(&self, item: Item, hash: Hash) -> Result<Option<Held<'a>>, Error> {
        let named = Slot::new(hash.tag(), item.place(self.region));
        let group = self.group_of(hash)?;
        for bucket in hash.buckets() {
            for slot in &group.0[bucket].0 {
                let word = Slot(slot.load(Ordering::Relaxed));
                if word.is_same(named) {
                    return Ok(Some(Held { slot, word, item }));
                }
            }
        }
        self.region.written(None)
    }

    /// Has the processor fetch the slots where entries may be named, and the versions of their
    /// stripes, all together: to wait for each in its turn is most of what it takes to change many.
    pub(crate) fn fetch_slots(&self, hashes: impl Iterator<Item = Hash> + Clone) {
        let first_slots = |hash: Hash| {
            let group = self.group_of(hash).ok()?;
            Some(hash.buckets().map(|bucket| &group.0[bucket].0[0]))
        };
        // Where they lie comes first: so many loads in one go are as many as can be under way.
        let slots: Vec<&AtomicU64> = hashes.clone().filter_map(first_slots).flatten().collect();
        // Relaxed here and below: what is read means nothing.
        let version = |hash: Hash| self.region.stripe(hash.stripe()).load(Ordering::Relaxed);
        let versions = hashes.map(version).fold(0, u32::wrapping_add);
        let sum =
            slots.iter().fold(0_u64, |sum, slot| sum.wrapping_add(slot.load(Ordering::Relaxed)));
        std::hint::black_box((versions, sum));
    }

    /// The hash of an item's key.
    pub(crate) fn hash_of(&self, item: &Item) -> Result<Hash, Error> {
        let words = item.head.key_bytes().div_ceil(8);
        let words = self.region.words(item.offset + HEAD_BYTES, words)?;
        // Relaxed: written by this lock's holders.
        let words = words.iter().map(|word| word.load(Ordering::Relaxed));
        Ok(Hash::of_words(&self.engine.seed, item.head.key_bytes(), words, item.head.is_wide()))
    }
}
