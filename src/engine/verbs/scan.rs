//! Walking through all entries while others change them. Takes no lock unless it must.
//!
//! A walk goes through the shards, and in each through the ends that tags can have: as many bits
//! as the directory told apart when the walk came there. Where an entry is met follows from its
//! hash alone, wherever splits and neighbours move it; so an entry that is there
//! throughout is met exactly once. One that comes, goes or is cleared during the walk may be met.

use ahash::RandomState;
use std::collections::HashSet;

use crate::engine::entry::{Found, NEVER_US, UNTAGGED};
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::engine::store::Engine;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::bytes::load_words;
use crate::region::item::{HEAD_BYTES, Item};
use crate::region::segment::{Bucket, DirectoryEntry, Group};
use crate::region::slot::{IDENTITY_MASK, Slot};
use crate::region::word::{Word, low};
use crate::sync::{AtomicU64, Ordering, seqlock};

/// Where a walk begins, and what the cursor is when it has ended.
pub const START: u64 = 0;

const SHARD_SHIFT: u32 = 1;
const SHARD_BITS: u32 = 6;
const DEPTH_SHIFT: u32 = SHARD_SHIFT + SHARD_BITS;
const DEPTH_BITS: u32 = 5;
const END_SHIFT: u32 = DEPTH_SHIFT + DEPTH_BITS;
/// Looks at one place before taking the lock.
const LOOKS: usize = 16;
/// The same where no lock may be taken.
const LOOKS_WITHOUT_LOCK: usize = 10_000;
/// Looks at one slot: each is cut short by a writer at that very entry.
const SLOT_LOOKS: usize = 64;

/// What one step looks at, however little of it is meant: an entry counts for one, and for more
/// where its key is long. Some 100 µs, or 500 with a pattern.
const LOOKED_A_STEP: usize = 2048;
/// Bytes of a key that count for one more.
const LOOKED_BYTES: usize = 64;

/// Where a walk is: odd, and less than 2^36, so that a float holds it.
#[derive(Clone, Copy)]
struct Cursor {
    shard: u32,
    depth: u32,
    end: u32,
}

impl Cursor {
    fn of(word: u64) -> Self {
        Self {
            shard: low(word >> SHARD_SHIFT) & ((1 << SHARD_BITS) - 1),
            depth: low(word >> DEPTH_SHIFT) & ((1 << DEPTH_BITS) - 1),
            end: low(word >> END_SHIFT),
        }
    }

    fn word(self) -> u64 {
        let [shard, depth, end] = [self.shard, self.depth, self.end].map(u64::from);
        1 | shard << SHARD_SHIFT | depth << DEPTH_SHIFT | end << END_SHIFT
    }
}

/// Whether a walk wants the values too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Want {
    /// Keys only.
    Keys,
    /// Keys and values.
    Values,
    /// Keys and tags.
    Tags,
    /// Keys, those of entries, too, that have expired or were invalidated and that nothing has
    /// removed yet.
    Remains,
}

/// Whether a walk lists a key: its bytes, and whether it is wide. Asked while the key may change:
/// what it says of bytes that are no key counts for nothing.
pub type IsMeant<'a> = &'a dyn Fn(&[u8], bool) -> bool;

/// What a walk lists.
#[derive(Clone, Copy)]
struct Sight<'a, C> {
    want: Want,
    clock: &'a C,
    is_meant: IsMeant<'a>,
}

/// An entry that a walk met.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// What is known of it; [`Found::length`] is that of the value.
    pub found: Found,
    /// Whether the key is wide.
    pub wide: bool,
    /// How often it was read lately, as far as that is counted: in a store that evicts.
    pub frequency: u64,
    /// Whether the text of the tags is wide.
    pub wide_tags: bool,
    key: (usize, usize),
    value: (usize, usize),
}

/// What one step of a walk met. Made once, and used for all steps.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    entries: Vec<Listed>,
    /// What the keys that were looked at took, listed or not: see [`LOOKED_A_STEP`].
    looked: usize,
    /// Items that were met in the look that goes on: a writer that moves an entry to another slot
    /// may stand still, or have died, while both name it.
    met: HashSet<u64, RandomState>,
}

impl Batch {
    /// The entries.
    pub fn entries(&self) -> &[Listed] {
        &self.entries
    }

    /// The key of an entry of this batch.
    pub fn key(&self, listed: &Listed) -> &[u8] {
        &self.bytes[listed.key.0..listed.key.0 + listed.key.1]
    }

    /// The value of an entry of this batch, or its tags, packed as for a write: empty when they
    /// were not wanted.
    pub fn value(&self, listed: &Listed) -> &[u8] {
        &self.bytes[listed.value.0..listed.value.0 + listed.value.1]
    }

    fn cut(&mut self, (bytes, entries): (usize, usize)) {
        self.bytes.truncate(bytes);
        self.entries.truncate(entries);
    }
}

impl Participant {
    /// Goes on with a walk at `cursor`, [`START`] at first, until it has met about `budget`
    /// entries, a few hundred more at the most. Answers the next cursor; [`START`] at the end.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] when there is no memory for the batch.
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

    /// The same for the entries whose keys are meant: a step ends, too, when it has looked at many.
    ///
    /// # Errors
    ///
    /// As [`scan`](Self::scan).
    pub fn scan_where(
        &self,
        cursor: u64,
        budget: usize,
        (want, is_meant): (Want, IsMeant<'_>),
        clock: &impl Clock,
        batch: &mut Batch,
    ) -> Result<u64, Error> {
        let sight = Sight { want, clock, is_meant };
        self.engine().walk(cursor, budget, batch, |at, batch| self.scan_end(at, &sight, batch))
    }

    /// Lists the entries of a shard whose tags end in the cursor's bits.
    fn scan_end(
        &self,
        at: Cursor,
        sight: &Sight<'_, impl Clock>,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        let engine = self.engine();
        let before = (batch.bytes.len(), batch.entries.len());
        for _ in 0..LOOKS {
            if engine.look_through(at, sight, batch)? {
                return Ok(());
            }
            batch.cut(before);
        }
        let _shard = engine.lock(self.client(), at.shard)?;
        engine.look_through(at, sight, batch)?;
        engine.region.written(())
    }
}

impl Engine {
    /// The same as [`Participant::scan_where`] for who takes no lock: [`Error::Busy`] when others
    /// move entries all the time.
    pub(crate) fn scan_unlocked(
        &self,
        cursor: u64,
        budget: usize,
        (want, is_meant): (Want, IsMeant<'_>),
        clock: &impl Clock,
        batch: &mut Batch,
    ) -> Result<u64, Error> {
        let sight = Sight { want, clock, is_meant };
        self.walk(cursor, budget, batch, |at, batch| self.list_unlocked(at, &sight, batch))
    }

    /// Lists the entry whose key has this hash, if it is there; takes no lock.
    pub(crate) fn list_hash(
        &self,
        hash: Hash,
        want: Want,
        clock: &impl Clock,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        batch.cut((0, 0));
        let is_meant = |key: &[u8], wide| Hash::of(&self.seed, key, wide) == hash;
        let sight = Sight { want, clock, is_meant: &is_meant };
        // As deep as a directory may be: then an end is one place of it.
        let depth = self.geometry().directory_depth;
        let end = hash.tag() & ((1 << depth) - 1);
        self.list_unlocked(Cursor { shard: self.shard_of(hash), depth, end }, &sight, batch)
    }

    fn list_unlocked(
        &self,
        at: Cursor,
        sight: &Sight<'_, impl Clock>,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        let before = (batch.bytes.len(), batch.entries.len());
        for _ in 0..LOOKS_WITHOUT_LOCK {
            if self.look_through(at, sight, batch)? {
                return Ok(());
            }
            batch.cut(before);
        }
        Err(Error::Busy)
    }

    /// Goes on with a walk at `cursor`, calling `list` for each end of each shard.
    fn walk(
        &self,
        cursor: u64,
        budget: usize,
        batch: &mut Batch,
        mut list: impl FnMut(Cursor, &mut Batch) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        batch.cut((0, 0));
        batch.looked = 0;
        let mut at = Cursor::of(if cursor == START { self.first_cursor() } else { cursor });
        at.depth = at.depth.min(self.geometry().directory_depth);
        // Ends: each turn goes on by one end of one shard.
        while at.shard < self.shards() {
            if at.end >> at.depth != 0 {
                at = Cursor { shard: at.shard + 1, depth: self.depth(at.shard + 1), end: 0 };
                continue;
            }
            if batch.entries.len() >= budget || batch.looked >= LOOKED_A_STEP {
                return Ok(at.word());
            }
            list(at, batch)?;
            at.end += 1;
        }
        Ok(START)
    }

    /// Where a walk goes on that has met nothing yet.
    pub(in crate::engine::verbs) fn first_cursor(&self) -> u64 {
        Cursor { shard: 0, depth: self.depth(0), end: 0 }.word()
    }

    fn depth(&self, shard: u32) -> u32 {
        // Acquire: the directory is at least as deep.
        let index = self.region.shard(shard).index.load(Ordering::Acquire);
        index.depth.min(self.region.layout().geometry.directory_depth)
    }

    /// Looks through all groups with such tags. `false`: entries were moved during the look.
    fn look_through(
        &self,
        at: Cursor,
        sight: &Sight<'_, impl Clock>,
        batch: &mut Batch,
    ) -> Result<bool, Error> {
        self.region.check()?;
        batch.met.clear();
        let header = self.region.shard(at.shard);
        // Acquire: as for a read.
        let index = header.index.load(Ordering::Acquire);
        let limit = self.region.layout().geometry.directory_depth;
        let (depth, common) = (index.depth.min(limit), at.depth.min(limit));
        let mut last = None;
        // Groups that share more bits than the walk tells apart come one after another.
        for place in (at.end..(1 << depth.max(common))).step_by(1 << common) {
            let place = place & ((1 << depth) - 1);
            let entry = self.region.directory(at.shard, place).load(Ordering::Acquire);
            let entry = DirectoryEntry(entry);
            let shared = entry.depth();
            if last == Some(entry) || (shared > common && place & ((1 << shared) - 1) != place) {
                continue;
            }
            last = Some(entry);
            self.list(self.region.group(entry.group())?, at, sight, batch)?;
        }
        Ok(seqlock::is_unchanged(header.index.raw(), index.word()) && self.region.is_whole())
    }

    fn list(
        &self,
        group: &Group,
        at: Cursor,
        sight: &Sight<'_, impl Clock>,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        let is_met = |word: Slot| word.holds_item() && word.tag() & ((1 << at.depth) - 1) == at.end;
        for bucket in &group.0 {
            self.fetch(bucket);
            for slot in &bucket.0 {
                for _ in 0..SLOT_LOOKS {
                    let word = Slot(seqlock::first_load(slot));
                    if !is_met(word) || self.list_slot(slot, word, sight, batch)? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Has the processor fetch the items of a bucket together: they lie anywhere, and to wait for
    /// each in its turn is most of what a walk would take.
    fn fetch(&self, bucket: &Bucket) {
        let head = |slot: &AtomicU64| {
            // Relaxed here and below: what is read means nothing.
            let place = Slot(slot.load(Ordering::Relaxed)).place()?;
            let (_, words) = self.region.rest_of_segment(place)?;
            Some(words.first()?.load(Ordering::Relaxed))
        };
        std::hint::black_box(bucket.0.iter().filter_map(head).fold(0, u64::wrapping_add));
    }

    /// Lists the entry of a slot. `false`: it changed during the look.
    fn list_slot(
        &self,
        slot: &AtomicU64,
        word: Slot,
        sight: &Sight<'_, impl Clock>,
        batch: &mut Batch,
    ) -> Result<bool, Error> {
        let region = &self.region;
        let segment = word.place().and_then(|place| region.layout().segment_of(place));
        let Some((segment, within)) = segment else { return Ok(true) };
        if batch.met.contains(&(word.0 & IDENTITY_MASK)) {
            return Ok(true);
        }
        let generation = &region.segment(segment)?.generation;
        let read = seqlock::begin(slot, word.0, IDENTITY_MASK, generation);
        let Some(read) = read else { return Ok(false) };
        let before = (batch.bytes.len(), batch.entries.len());
        let is_sound = match Item::at(region, segment, within) {
            Ok(item) => self.copy_entry(&item, word.frequency(), sight, batch),
            Err(_) => Ok(()),
        };
        if !read.is_valid() || !region.is_whole() {
            batch.cut(before);
            region.check()?;
            return Ok(false);
        }
        let is_live = batch.entries.get(before.1).is_some_and(|listed| {
            let Found { deadline_us, is_invalidated, .. } = listed.found;
            sight.want == Want::Remains
                || !is_invalidated
                    && (deadline_us == NEVER_US || deadline_us > sight.clock.now_us())
        });
        let is_tagged = batch.entries.get(before.1).is_some_and(|it| it.found.moment != UNTAGGED);
        // As for a read: what goes takes what was known of its tags with it.
        if is_tagged && !Slot(slot.load(Ordering::Acquire)).is_same(word) {
            batch.cut(before);
            return Ok(false);
        }
        if is_sound.is_err() || !is_live {
            batch.cut(before);
        } else {
            batch.met.insert(word.0 & IDENTITY_MASK);
        }
        match is_sound {
            Err(Error::Full) => Err(Error::Full),
            _ => Ok(true),
        }
    }

    fn copy_entry(
        &self,
        item: &Item,
        frequency: u64,
        sight: &Sight<'_, impl Clock>,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        let region = &self.region;
        let key = (batch.bytes.len(), item.head.key_bytes());
        batch.looked += 1 + key.1 / LOOKED_BYTES;
        let is_wide = item.head.is_wide();
        let words = region.words(item.offset + HEAD_BYTES, key.1.div_ceil(8))?;
        // Most keys are short, and few of them may be meant: the others are not worth a copy.
        let mut short = [0; LOOKED_BYTES];
        if let Some(short) = short.get_mut(..key.1) {
            load_words(words, short);
            if !(sight.is_meant)(short, is_wide) {
                return Ok(());
            }
        }
        item.copy_key(region, &mut batch.bytes)?;
        if key.1 > LOOKED_BYTES && !(sight.is_meant)(&batch.bytes[key.0..], is_wide) {
            return Ok(());
        }
        let (start, mut wide_tags) = (batch.bytes.len(), false);
        match sight.want {
            Want::Keys | Want::Remains => {}
            Want::Values if item.value_bytes() == 0 => {}
            Want::Values => item.each_piece(region, |offset, length| {
                region.append_to(offset, length, &mut batch.bytes)
            })?,
            Want::Tags => wide_tags = item.copy_tag_text(region, &mut batch.bytes)?,
        }
        let value = (start, batch.bytes.len() - start);
        let words = words.iter().map(|word| word.load(Ordering::Relaxed));
        let hash = Hash::of_words(&self.seed, key.1, words, is_wide);
        let found = Found::of(region, item, hash, 1)?;
        batch.entries.push(Listed { found, wide: is_wide, frequency, wide_tags, key, value });
        Ok(())
    }
}
