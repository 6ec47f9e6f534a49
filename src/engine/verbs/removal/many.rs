//! Removing the entries whose keys are meant, a few at a time. Knows no filter.
//!
//! Items lie one behind the other in their segments, and are read there in that order: to go by the
//! index is to wait for memory at each of them. An item that is moved meanwhile may be put where
//! the walk has been already; if any was, a walk by the index follows. Invariant: an entry that is
//! meant, and there all the while, is gone at the end.

use crate::engine::entry::{Found, Key};
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::engine::shard::Shard;
use crate::engine::store::Engine;
use crate::engine::verbs::scan::{Batch, IsMeant, START, Want};
use crate::error::Error;
use crate::platform::clock::{Clock, Reading};
use crate::region::bytes::load_words;
use crate::region::item::{Item, ItemHead};
use crate::region::layout::REGION_BYTES_MAX;
use crate::region::segment::{Role, SegmentHeader};
use crate::region::word::{low, to_usize};
use crate::sync::{AtomicU64, Ordering};

/// What one step looks at, as a walk counts it: some 100 µs, or 1 ms with a pattern.
const LOOKED_A_STEP: usize = 4096;
/// What one step removes, about: some 500 µs.
const REMOVED_A_STEP: usize = 1024;
/// The same under one hold of a lock, for which others wait: some 10 µs, or 60 with a pattern.
const LOOKED_A_HOLD: usize = 256;
/// Entries that are removed under one hold.
const REMOVED_A_HOLD: usize = 32;
/// Entries that one step by the index looks for, about.
const LISTED_A_STEP: usize = 256;
/// Bytes of a key that are read without an allocation, and that count for one more look.
const SHORT_BYTES: usize = 64;
/// In a cursor: it goes through segments. Cursors by the index are odd.
const BY_PLACE: u64 = 2;
/// Where the place begins in such a cursor, in words, and the bits of it.
const PLACE_SHIFT: u32 = 2;
const PLACE_BITS: u32 = 36;
const _: () = assert!(REGION_BYTES_MAX / 8 <= 1 << PLACE_BITS);
/// Bits of the segment's generation, which are above: what is there by chance is another's item,
/// and no slot names it.
const GENERATION_BITS: u32 = 15;

/// How far a removal is: [`BEGIN`](Self::BEGIN) at first and at the end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Removal {
    /// Where it goes on: less than 2^53.
    pub cursor: u64,
    /// How many items had been moved when it began.
    pub moved: u64,
}

impl Removal {
    /// Where a removal begins and ends.
    pub const BEGIN: Self = Self { cursor: START, moved: 0 };

    /// Whether it has ended, or not begun.
    pub fn is_over(self) -> bool {
        self.cursor == START
    }
}

/// Which keys are meant, and what they begin with.
pub type Meant<'a> = (Beginning, IsMeant<'a>);

/// What narrow keys begin with that may be meant: a word of it at the most.
///
/// Most of what a removal looks at it passes by, with no more than one comparison.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beginning {
    word: u64,
    mask: u64,
}

impl Beginning {
    /// Any key may be meant.
    pub const ANY: Self = Self { word: 0, mask: 0 };

    /// No narrow key is meant but those that begin with these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let (mut word, mut mask) = ([0; size_of::<u64>()], [0; size_of::<u64>()]);
        for ((to, mask), byte) in word.iter_mut().zip(&mut mask).zip(bytes) {
            (*to, *mask) = (*byte, u8::MAX);
        }
        Self { word: u64::from_le_bytes(word), mask: u64::from_le_bytes(mask) }
    }

    /// Whether the key of an item may be meant, by its first word. One that is shorter is padded
    /// with zeroes.
    #[inline]
    fn may_be_of(self, head: ItemHead, key: &[AtomicU64]) -> bool {
        // Relaxed: as all of the key.
        let first = key.first().map_or(0, |word| word.load(Ordering::Relaxed));
        first & self.mask == self.word || head.is_wide()
    }
}

/// What one step has done so far.
#[derive(Clone, Copy, Default)]
struct Done {
    looked: usize,
    removed: usize,
}

impl Done {
    fn is_enough(self) -> bool {
        self.looked >= LOOKED_A_STEP || self.removed >= REMOVED_A_STEP
    }
}

/// Where a removal goes on among the items: a place, and the generation that its segment had.
#[derive(Clone, Copy)]
struct Spot {
    place: usize,
    generation: u64,
}

impl Spot {
    fn of(cursor: u64) -> Self {
        let place = to_usize(cursor >> PLACE_SHIFT & ((1 << PLACE_BITS) - 1)) * 8;
        Self { place, generation: cursor >> (PLACE_SHIFT + PLACE_BITS) }
    }

    fn cursor(self) -> u64 {
        let words = self.place as u64 / 8;
        BY_PLACE | words << PLACE_SHIFT | self.generation << (PLACE_SHIFT + PLACE_BITS)
    }

    /// What a spot knows of a generation.
    fn known(generation: u64) -> u64 {
        generation & ((1 << GENERATION_BITS) - 1)
    }
}

impl Participant {
    /// Goes on with removing the entries whose keys are meant: some of them, a few at a time under
    /// the lock of their shard. Answers how far it is, and how many were removed.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete), and [`Error::Full`] when there is no memory for the batch;
    /// those that were removed until then are gone.
    pub fn delete_where(
        &self,
        at: Removal,
        meant: Meant<'_>,
        clock: &impl Clock,
        batch: &mut Batch,
    ) -> Result<(Removal, usize), Error> {
        let (next, removed) = match at.cursor {
            START => {
                let begun = Removal { cursor: BY_PLACE, moved: self.engine().moved() };
                self.delete_by_place(begun, meant, clock)?
            }
            cursor if cursor & BY_PLACE != 0 && cursor & 1 == 0 => {
                self.delete_by_place(at, meant, clock)?
            }
            cursor => {
                let (cursor, removed) = self.delete_by_index(cursor, meant.1, clock, batch)?;
                (Removal { cursor, ..at }, removed)
            }
        };
        self.count_deletes(removed as u64);
        self.engine().region.written((next, removed))
    }

    fn delete_by_place(
        &self,
        at: Removal,
        meant: Meant<'_>,
        clock: &impl Clock,
    ) -> Result<(Removal, usize), Error> {
        let engine = self.engine();
        let layout = engine.region.layout();
        let Spot { place, mut generation } = Spot::of(at.cursor);
        let (mut segment, mut within) = layout.segment_of(place).ok_or(Error::Argument)?;
        let mut done = Done::default();
        // Relaxed: what is used for the first time from now on has nothing that was there before.
        let end = low(engine.region.header().fresh.load(Ordering::Relaxed));
        // Ends: each turn ends a segment, or the step.
        while segment < end {
            let from = (segment, within, generation);
            if let Some(next) = self.delete_in_segment(from, meant, clock, &mut done)? {
                return Ok((Removal { cursor: next.cursor(), ..at }, done.removed));
            }
            (segment, within, generation) = (segment + 1, 0, 0);
        }
        let has_moved = engine.moved() != at.moved;
        let cursor = if has_moved { engine.first_cursor() } else { START };
        Ok((Removal { cursor, ..at }, done.removed))
    }

    /// Removes what is meant of a segment, from so many bytes on, where an item began when it had
    /// that generation. Where to go on, if the step is to end before it.
    fn delete_in_segment(
        &self,
        (segment, from, known): (u32, usize, u64),
        meant: Meant<'_>,
        clock: &impl Clock,
        done: &mut Done,
    ) -> Result<Option<Spot>, Error> {
        let engine = self.engine();
        let header = engine.region.segment(segment)?;
        let generation = header.generation.load(Ordering::Acquire);
        let shard = header.state().shard;
        let mut within = (Spot::known(generation) == known).then_some(from);
        // Ends: each turn goes on by an item at least, or ends.
        loop {
            if !is_of_items(header) {
                return Ok(None);
            }
            let mut shard = engine.lock(self.client(), shard)?;
            // Else it was emptied: what was in it is gone, or was moved.
            let is_same = is_of_items(header)
                && header.state().shard == shard.number
                && header.generation.load(Ordering::Acquire) == generation;
            if !is_same {
                return Ok(None);
            }
            // It may have been emptied and filled since the step before: an item begins where one
            // ends, not where one began.
            let from = match within {
                Some(within) => within,
                None => Item::first_from(&engine.region, segment, from)?,
            };
            let now = Reading(clock.now_us());
            let Some(next) = shard.remove_some((segment, from), meant, now, done)? else {
                return Ok(None);
            };
            if done.is_enough() {
                let layout = engine.region.layout();
                let place = layout.segment_start(segment) + next - layout.segments;
                return Ok(Some(Spot { place, generation: Spot::known(generation) }));
            }
            within = Some(next);
        }
    }

    fn delete_by_index(
        &self,
        cursor: u64,
        is_meant: IsMeant<'_>,
        clock: &impl Clock,
        batch: &mut Batch,
    ) -> Result<(u64, usize), Error> {
        let next = self.scan_where(cursor, LISTED_A_STEP, (Want::Keys, is_meant), clock, batch)?;
        let mut removed = 0;
        let keys = batch.entries().iter().map(|listed| Key {
            bytes: batch.key(listed),
            wide: listed.wide,
            form: 0,
        });
        let mut keys = keys.map(|key| (key, self.engine().hash(&key))).peekable();
        while let Some(&(_, hash)) = keys.peek() {
            let shard = &mut self.engine().lock_for(self.client(), hash)?;
            let now = Reading(clock.now_us());
            for _ in 0..REMOVED_A_HOLD {
                let is_here =
                    |next: &(Key<'_>, Hash)| self.engine().shard_of(next.1) == shard.number;
                let Some((key, hash)) = keys.next_if(is_here) else { break };
                removed += usize::from(shard.remove_live(&key, hash, now)?);
            }
        }
        Ok((next, removed))
    }
}

/// Whether a segment holds items, from its beginning on.
fn is_of_items(header: &SegmentHeader) -> bool {
    // Acquire: what was moved out of a segment before it was retired is counted.
    matches!(header.state.load(Ordering::Acquire).role, Role::Small | Role::Main)
}

impl Engine {
    /// How often an item was moved, in all shards: it only grows.
    fn moved(&self) -> u64 {
        // Acquire: what was moved before is found where it was moved to.
        let of = |number| self.region.shard(number).moved.load(Ordering::Acquire);
        let sum = (0..self.shards()).map(of).fold(0, u64::wrapping_add);
        // It has to fit a number of JavaScript.
        sum & ((1 << 53) - 1)
    }
}

impl Shard<'_> {
    /// Removes what is meant among some items of a segment. Where to go on; `None` at its end.
    fn remove_some(
        &mut self,
        (segment, from): (u32, usize),
        (beginning, is_meant): Meant<'_>,
        now: Reading,
        done: &mut Done,
    ) -> Result<Option<usize>, Error> {
        let mut meant = Vec::with_capacity(REMOVED_A_HOLD);
        let (mut room, mut looked, mut within) = (Vec::new(), 0, from);
        let mut next = None;
        let layout = self.region.layout();
        let (used, _) = self.region.segment(segment)?.used_and_live();
        // A large item goes on in other segments; its key is in the first.
        let words = used.min(layout.segment_bytes()) / 8;
        let words = self.region.words(layout.segment_start(segment), words)?;
        // Ends: an item has at least its head. One that leads outside is the last.
        while let Some((head, key)) = head_and_key(words, within) {
            if looked >= LOOKED_A_HOLD || meant.len() >= REMOVED_A_HOLD {
                next = Some(within);
                break;
            }
            looked += 1 + head.key_bytes() / SHORT_BYTES;
            if beginning.may_be_of(head, key) && is_meant_of(is_meant, head, key, &mut room) {
                let Ok(item) = Item::at(self.region, segment, within) else { break };
                meant.push((item, self.hash_of(&item)?));
            }
            within += head.item_bytes();
        }
        self.fetch_slots(meant.iter().map(|(_, hash)| *hash));
        for (item, hash) in meant {
            done.removed += usize::from(self.remove_item(item, hash, now)?);
        }
        done.looked += looked;
        Ok(next)
    }

    /// Removes the entry of an item, if it is one that has not expired.
    fn remove_item(&mut self, item: Item, hash: Hash, now: Reading) -> Result<bool, Error> {
        let Some(held) = self.find_item(item, hash)? else { return Ok(false) };
        if !Found::of(self.region, &held.item, hash, 0)?.is_live(&now) {
            return Ok(false);
        }
        self.remove(&held, hash)?;
        Ok(true)
    }

    /// Removes the entry of a key, if there is one that has not expired.
    fn remove_live(&mut self, key: &Key<'_>, hash: Hash, now: Reading) -> Result<bool, Error> {
        let Some(held) = self.find(key, hash)? else { return Ok(false) };
        if !Found::of(self.region, &held.item, hash, 0)?.is_live(&now) {
            return Ok(false);
        }
        self.remove(&held, hash)?;
        Ok(true)
    }
}

/// The head of the item that begins so many bytes into a segment, and the words of its key.
///
/// Most items are not meant, and nothing else of them is looked at.
fn head_and_key(words: &[AtomicU64], within: usize) -> Option<(ItemHead, &[AtomicU64])> {
    let [head, _, rest @ ..] = words.get(within / 8..)? else { return None };
    // Relaxed: written under the lock that the caller has.
    let head = ItemHead(head.load(Ordering::Relaxed));
    Some((head, rest.get(..head.key_bytes().div_ceil(8))?))
}

fn is_meant_of(
    is_meant: IsMeant<'_>,
    head: ItemHead,
    key: &[AtomicU64],
    room: &mut Vec<u8>,
) -> bool {
    let (key_bytes, is_wide) = (head.key_bytes(), head.is_wide());
    let mut short = [0; SHORT_BYTES];
    if let Some(short) = short.get_mut(..key_bytes) {
        load_words(key, short);
        return is_meant(short, is_wide);
    }
    room.resize(key_bytes, 0);
    load_words(key, room);
    is_meant(room, is_wide)
}
