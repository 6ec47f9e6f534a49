//! Reading changes from a place of one's own. Takes no lock, and nobody waits for it.
//!
//! Invariant: what is read is what was written, in that order, or the reader is told of an
//! overflow: something was there that it did not see. What it sees is copied first and judged
//! afterwards, and nothing of it is trusted.

use super::record::{HEAD_BYTES, RecordHead};
use crate::contract::Change;
use crate::engine::store::Engine;
use crate::engine::tags::tag_hash;
use crate::error::Error;
use crate::platform::park;
use crate::region::bytes::padded;
use crate::region::word::to_usize;
use crate::sync::tags::TagHash;
use crate::sync::{Ordering, ring};

const WORD: usize = size_of::<u64>();
/// Bytes that are copied at a time, and at least the first record.
const CHUNK_BYTES: usize = 32 * 1024;

/// Who reads, and how far it has come.
#[derive(Debug)]
pub struct Reader {
    at: u64,
    gaps: u64,
    chunk: Vec<u8>,
}

/// A change, as it was read.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What kind of change.
    pub change: Change,
    /// Where it lies in the ring: places only grow.
    pub at: u64,
    /// Who made it, as the word of an [`Owner`](crate::sync::owner::Owner); 0 of an overflow.
    pub origin: u32,
    /// The key, a channel, or what else names what has changed; empty for everything.
    pub key: &'a [u8],
    /// Whether two bytes make a unit of it.
    pub wide: bool,
    /// What the value is.
    pub kind: u8,
    /// What goes with it: a message, or the hashes of the tags of an entry.
    pub value: &'a [u8],
}

/// A tag, as changes are told with it: its hash, in the store that it was asked of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TagMark([u8; size_of::<TagHash>()]);

impl Told<'_> {
    /// Something may be missing, before this place of the ring.
    pub fn overflow(at: u64) -> Told<'static> {
        let change = Change::Overflow;
        Told { change, at, origin: 0, key: &[], wide: false, kind: 0, value: &[] }
    }

    /// Whether it is a change of an entry that has this tag, or had it until then.
    pub fn is_of_tag(&self, mark: TagMark) -> bool {
        self.change.is_of_an_entry()
            && self.value.as_chunks::<{ size_of::<TagHash>() }>().0.contains(&mark.0)
    }
}

impl Reader {
    /// A reader of what is written from now on, in a store in which somebody watches.
    pub fn of(engine: &Engine) -> Self {
        let changes = &engine.region.header().changes;
        let gaps = changes.gaps.load(Ordering::Acquire);
        Self { at: ring::end(&changes.end), gaps, chunk: Vec::new() }
    }

    /// How far it has come.
    pub fn place(&self) -> u64 {
        self.at
    }

    /// Calls `tell` with some of what was written since, in order. Whether there was anything.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] without memory; [`Error::Corrupted`] and others when the pages are gone, or
    /// what was written to them.
    pub fn read(
        &mut self,
        engine: &Engine,
        mut tell: impl FnMut(&Told<'_>),
    ) -> Result<bool, Error> {
        engine.region.check()?;
        if !engine.region.has_changes() {
            // They were real when the reader began.
            return Err(Error::Corrupted);
        }
        let changes = &engine.region.header().changes;
        let capacity = engine.region.layout().changes_bytes() as u64;
        // The gaps come first: what was told before one of them is told before the overflow.
        let gaps = changes.gaps.load(Ordering::Acquire);
        let end = ring::end(&changes.end);
        let has_gap = gaps != self.gaps;
        let ahead = end.wrapping_sub(self.at);
        if ahead == 0 && !has_gap {
            return Ok(false);
        }
        let is_possible = ahead <= capacity && ahead.is_multiple_of(WORD as u64);
        if !(is_possible && self.copy(engine, ahead)?) {
            // Overtaken: what comes next is behind what is there now.
            (self.at, self.gaps) = (end, gaps);
            tell(&Told::overflow(end));
            return Ok(true);
        }
        let is_sound = self.tell_chunk(&mut tell);
        if is_sound && self.at != end {
            // There is more: a gap is told behind it.
            return Ok(true);
        }
        if !is_sound || has_gap {
            (self.at, self.gaps) = (end, gaps);
            tell(&Told::overflow(end));
        }
        Ok(true)
    }

    /// Copies what comes next, of so many bytes; whether it is whole.
    fn copy(&mut self, engine: &Engine, ahead: u64) -> Result<bool, Error> {
        let changes = &engine.region.header().changes;
        let capacity = engine.region.layout().changes_bytes() as u64;
        let mut bytes = to_usize(ahead).min(CHUNK_BYTES);
        if bytes >= HEAD_BYTES {
            let head = [0, WORD as u64].map(|word| self.word(engine, word));
            let [first, second] = head;
            // The first record is copied whole, however long it is.
            bytes = bytes.max(RecordHead::of([first?, second?]).bytes().min(to_usize(ahead)));
        }
        self.chunk.clear();
        self.chunk.try_reserve(bytes).map_err(|_| Error::Full)?;
        for word in (0..bytes as u64).step_by(WORD) {
            self.chunk.extend_from_slice(&self.word(engine, word)?.to_le_bytes());
        }
        let is_whole = ring::is_whole(&changes.begun, self.at, capacity);
        if !engine.region.is_whole() {
            engine.region.check()?;
            return Ok(false);
        }
        Ok(is_whole)
    }

    fn word(&self, engine: &Engine, within: u64) -> Result<u64, Error> {
        // Relaxed: the end was loaded with Acquire, and `is_whole` looks afterwards.
        Ok(engine.ring_word(self.at.wrapping_add(within))?.load(Ordering::Relaxed))
    }

    /// Tells of the records that were copied whole; `false` when one is none.
    fn tell_chunk(&mut self, tell: &mut impl FnMut(&Told<'_>)) -> bool {
        let mut rest = &self.chunk[..];
        // Ends: a record has at least its head.
        while let Some((head, behind)) = rest.split_at_checked(HEAD_BYTES) {
            let words = head.as_chunks::<WORD>().0;
            let [first, second] = words else { return false };
            let head = RecordHead::of([*first, *second].map(u64::from_le_bytes));
            if head.bytes() > rest.len() {
                // Cut off, it is the first of the next chunk; as the first of this, it is none.
                return rest.len() < self.chunk.len();
            }
            let (key, behind) = behind.split_at(padded(head.key_bytes));
            let Some(change) = Change::of(head.change) else { return false };
            tell(&Told {
                change,
                at: self.at,
                origin: head.origin,
                key: &key[..head.key_bytes],
                wide: head.wide,
                kind: head.kind,
                value: &behind[..head.value_bytes],
            });
            self.at = self.at.wrapping_add(head.bytes() as u64);
            rest = &rest[head.bytes()..];
        }
        // As above, of a part of a head.
        rest.is_empty() || rest.len() < self.chunk.len()
    }
}

impl Engine {
    /// What changes of entries with a tag are known by.
    pub fn tag_mark(&self, tag: &[u16]) -> TagMark {
        let mut bytes = [0; size_of::<TagHash>()];
        let words = tag_hash(&self.seed, tag);
        for (bytes, word) in bytes.as_chunks_mut::<WORD>().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        TagMark(bytes)
    }

    /// What the bell of changes says.
    pub fn changes_bell(&self) -> u32 {
        crate::sync::awaited::listen(&self.region.header().changes.bell)
    }

    /// Wakes all who sleep until something is written: somebody leaves.
    pub fn ring_changes(&self) {
        crate::sync::awaited::ring(&self.region.header().changes.bell);
    }

    /// Sleeps until something is written that `reader` has not read, at most `limit_us`; not at all
    /// if the bell has rung since it said `heard`.
    pub fn sleep_until_told(&self, heard: u32, reader: &Reader, limit_us: u64) {
        let changes = &self.region.header().changes;
        ring::doze(&changes.asleep);
        let is_new = ring::end(&changes.end) != reader.at
            || changes.gaps.load(Ordering::Acquire) != reader.gaps;
        if !is_new {
            park::wait(&changes.bell, heard, limit_us);
        }
    }

    /// When the next entry may expire, on the clock of the store.
    pub fn next_deadline_us(&self) -> u64 {
        let of = |number| self.region.shard(number).earliest_us.load(Ordering::Acquire);
        (0..self.shards()).map(of).min().unwrap_or(crate::engine::entry::NEVER_US)
    }
}
