//! The region: typed views of its tables, each checked to lie inside. Knows no engine.
//!
//! Invariant: a reference is made only to atomics, for which every bit pattern is a value, inside
//! the addresses that the memory promises.
#![expect(unsafe_code, reason = "the one place that makes references from offsets")]

mod real;

use std::fmt;
use std::ptr::NonNull;

use crate::error::Error;
use crate::region::header::{
    CLAIM_ROWS, ClaimRow, HEADER_BYTES, LAYOUT_VERSION, MAGIC, PARTICIPANTS, ParticipantRow, READY,
    RegionHeader, STRIPES, TAG_ROWS,
};
use crate::region::layout::{Geometry, Layout, layout_hash};
use crate::region::memory::Memory;
use crate::region::segment::{GROUP_BYTES, Group, SegmentHeader};
use crate::region::shard::{SHARD_BYTES, ShardHeader};
use crate::sync::tags::TagRow;
use crate::sync::{AtomicU32, AtomicU64, Ordering};

/// Something that may lie in memory which others change at any time.
///
/// # Safety
///
/// Made of atomics only, without padding that matters: every bit pattern is a value.
unsafe trait Shared {}

// SAFETY: an atomic.
unsafe impl Shared for AtomicU32 {}
// SAFETY: an atomic.
unsafe impl Shared for AtomicU64 {}
// SAFETY: made of atomics.
unsafe impl Shared for RegionHeader {}
// SAFETY: made of atomics.
unsafe impl Shared for ParticipantRow {}
// SAFETY: made of atomics.
unsafe impl Shared for ClaimRow {}
// SAFETY: made of atomics.
unsafe impl Shared for ShardHeader {}
// SAFETY: made of atomics.
unsafe impl Shared for SegmentHeader {}
// SAFETY: made of atomics.
unsafe impl Shared for Group {}
// SAFETY: made of atomics.
unsafe impl Shared for TagRow {}

/// A region in some memory.
pub struct Region {
    memory: Box<dyn Memory>,
    start: NonNull<u8>,
    layout: Layout,
    faults: &'static AtomicU32,
}

// SAFETY: the memory may be used from any thread, and all access goes through atomics.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

impl fmt::Debug for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Region").field("layout", &self.layout).finish_non_exhaustive()
    }
}

impl Region {
    /// How many bytes a region of this geometry reserves.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when no layout follows from it.
    pub fn bytes_of(geometry: Geometry) -> Result<usize, Error> {
        Ok(Layout::of(geometry)?.end)
    }

    /// A region in `memory`, whose contents were not looked at. Tables that every store uses are
    /// real; the others become so when they are used: see `real`.
    pub(crate) fn new(memory: Box<dyn Memory>, geometry: Geometry) -> Result<Self, Error> {
        let layout = Layout::of(geometry)?;
        if layout.end > memory.reserved_bytes() {
            return Err(Error::Full);
        }
        memory.commit(0, layout.stripes)?;
        Ok(Self { start: memory.start(), faults: memory.faults(), memory, layout })
    }

    /// The region that was built in `memory`.
    pub(crate) fn attach(memory: Box<dyn Memory>) -> Result<Self, Error> {
        // The smallest geometry there is, to read the head by.
        let smallest =
            Geometry { segment_bytes: 16 << 10, segments: 8, shards: 1, directory_depth: 1 };
        if memory.reserved_bytes() < HEADER_BYTES {
            return Err(Error::Corrupted);
        }
        let start = memory.start();
        let (faults, layout) = (memory.faults(), Layout::of(smallest)?);
        let head = Self { memory, start, layout, faults };
        let geometry = head.read_geometry()?;
        let layout = Layout::of(geometry).map_err(|_| Error::Corrupted)?;
        if layout.end > head.memory.reserved_bytes() {
            return Err(Error::Corrupted);
        }
        Ok(Self { layout, ..head })
    }

    fn read_geometry(&self) -> Result<Geometry, Error> {
        let header = self.header();
        // Acquire pairs with the Release of the builder.
        let is_ready = header.ready.load(Ordering::Acquire) == READY;
        // Relaxed here and below: written before `ready`, and never again.
        let word = |word: &AtomicU64| word.load(Ordering::Relaxed);
        let is_ours = word(&header.magic) == MAGIC
            && word(&header.layout_version) == LAYOUT_VERSION
            && word(&header.layout_hash) == layout_hash();
        if !is_ready || !is_ours {
            return Err(Error::Corrupted);
        }
        let number = |at: &AtomicU64| u32::try_from(word(at)).map_err(|_| Error::Corrupted);
        Ok(Geometry {
            segment_bytes: number(&header.segment_bytes)?,
            segments: number(&header.segments)?,
            shards: number(&header.shards)?,
            directory_depth: number(&header.directory_depth)?,
        })
    }

    /// Whether what this thread has read and written lies in pages of the store.
    #[inline]
    pub(crate) fn is_whole(&self) -> bool {
        // Relaxed: a page that this thread touched, and that was lost, was counted in its midst.
        self.faults.load(Ordering::Relaxed) == 0
    }

    /// Sees to it that the pages are those of the store, before they are used.
    #[inline]
    pub(crate) fn check(&self) -> Result<(), Error> {
        // Relaxed: not for what it says, but whether another program took it away, with all the
        // rest.
        let is_there = self.header().ready.load(Ordering::Relaxed) != 0;
        if self.is_whole() && is_there { Ok(()) } else { self.mend() }
    }

    #[cold]
    fn mend(&self) -> Result<(), Error> {
        self.memory.heal()?;
        let is_there = self.header().ready.load(Ordering::Relaxed) != 0;
        if is_there { Ok(()) } else { Err(Error::Corrupted) }
    }

    /// What a write answers: an error when it went to pages that are not the store's.
    #[inline]
    pub(crate) fn written<T>(&self, answer: T) -> Result<T, Error> {
        if self.is_whole() { Ok(answer) } else { Err(self.lost()) }
    }

    /// Why pages that were asked for were not there: the file was cut, or the system had none.
    #[cold]
    fn lost(&self) -> Error {
        self.memory.heal().err().unwrap_or(Error::Full)
    }

    /// The memory it lies in.
    pub(crate) fn memory(&self) -> &dyn Memory {
        &*self.memory
    }

    #[inline]
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    #[inline]
    pub(crate) fn header(&self) -> &RegionHeader {
        self.at(0)
    }

    /// A row of the table of participants; `place` less than their number.
    pub(crate) fn participant(&self, place: u32) -> &ParticipantRow {
        let place = place as usize % PARTICIPANTS;
        self.at(self.layout.participants + place * size_of::<ParticipantRow>())
    }

    /// A shard; any number leads to one.
    #[inline]
    pub(crate) fn shard(&self, shard: u32) -> &ShardHeader {
        let shard = (shard & (self.layout.geometry.shards - 1)) as usize;
        self.at(self.layout.shards + shard * SHARD_BYTES)
    }

    /// The version word of a stripe.
    #[inline]
    pub(crate) fn stripe(&self, stripe: u32) -> &AtomicU32 {
        let stripe = stripe as usize % STRIPES;
        self.at(self.layout.stripes + stripe * size_of::<u32>())
    }

    /// A row of a table of claims, 0 key locks, 1 loads; any number leads to one.
    pub(crate) fn claim(&self, table: usize, row: usize) -> &ClaimRow {
        let row = row % CLAIM_ROWS[table];
        self.at(self.layout.claims[table] + row * size_of::<ClaimRow>())
    }

    /// The counter of invalidations; real when the version words are.
    #[inline]
    pub(crate) fn tag_counter(&self) -> &AtomicU64 {
        self.at(self.layout.tag_counter)
    }

    /// A row of the table of invalidated tags; any number leads to one.
    pub(crate) fn tag_row(&self, row: usize) -> &TagRow {
        self.at(self.layout.tags + row % TAG_ROWS * size_of::<TagRow>())
    }

    /// An entry of a shard's directory; cut to what the directory can hold.
    #[inline]
    pub(crate) fn directory(&self, shard: u32, index: u32) -> &AtomicU32 {
        let depth = self.layout.geometry.directory_depth;
        let shard = shard & (self.layout.geometry.shards - 1);
        let index = ((shard as usize) << depth) + (index as usize & ((1 << depth) - 1));
        self.at(self.layout.directories + index * size_of::<u32>())
    }

    #[inline]
    pub(crate) fn segment(&self, segment: u32) -> Result<&SegmentHeader, Error> {
        if segment >= self.layout.geometry.segments {
            return Err(Error::Corrupted);
        }
        let offset = segment as usize * size_of::<SegmentHeader>();
        Ok(self.at(self.layout.segment_headers + offset))
    }

    /// A group of the index, by its number among all groups that the segments could hold.
    #[inline]
    pub(crate) fn group(&self, group: u32) -> Result<&Group, Error> {
        let offset = self.layout.segments + group as usize * GROUP_BYTES;
        if offset + GROUP_BYTES > self.layout.end {
            return Err(Error::Corrupted);
        }
        Ok(self.at(offset))
    }

    /// Whether all segments together could hold a value of so many bytes.
    pub(crate) fn could_hold(&self, bytes: usize) -> bool {
        bytes <= super::item::VALUE_BYTES_MAX.min(self.layout.end - self.layout.segments)
    }

    /// One word anywhere.
    #[inline]
    pub(crate) fn word(&self, offset: usize) -> Result<&AtomicU64, Error> {
        if !offset.is_multiple_of(8) || offset > self.layout.end - 8 {
            return Err(Error::Corrupted);
        }
        Ok(self.at(offset))
    }

    /// Words in a row.
    #[inline]
    pub(crate) fn words(&self, offset: usize, count: usize) -> Result<&[AtomicU64], Error> {
        let end = count.checked_mul(8).and_then(|bytes| bytes.checked_add(offset));
        if !offset.is_multiple_of(8) || end.is_none_or(|end| end > self.layout.end) {
            return Err(Error::Corrupted);
        }
        // SAFETY: inside the region, as just checked.
        let first = unsafe { self.start.add(offset) }.cast::<AtomicU64>();
        // SAFETY: inside the region, aligned, and atomics have no invalid value.
        Ok(unsafe { std::slice::from_raw_parts(first.as_ptr(), count) })
    }

    /// The segment that a place of the segments' area lies in, and the words from there to its end.
    #[inline]
    pub(crate) fn rest_of_segment(&self, place: usize) -> Option<(u32, &[AtomicU64])> {
        let (segment, within) = self.layout.segment_of(place)?;
        let count = (self.layout.segment_bytes() - within) / 8;
        // SAFETY: inside the segments' area, which is inside the region.
        let first = unsafe { self.start.add(self.layout.segments + (place & !7)) };
        // SAFETY: aligned by the mask, and up to the end of a segment that is inside the region;
        // atomics have no invalid value.
        let words = unsafe { std::slice::from_raw_parts(first.cast().as_ptr(), count) };
        Some((segment, words))
    }

    /// How far a word of this region is from its start.
    pub(crate) fn offset_of(&self, word: &AtomicU64) -> u64 {
        (std::ptr::from_ref(word).addr() - self.start.addr().get()) as u64
    }

    /// The versions of all stripes, for readers outside this crate.
    pub(crate) fn stripes_start(&self) -> NonNull<u8> {
        // SAFETY: inside the region.
        unsafe { self.start.add(self.layout.stripes) }
    }

    #[inline]
    fn at<T: Shared>(&self, offset: usize) -> &T {
        debug_assert!(offset + size_of::<T>() <= self.layout.end);
        debug_assert!(offset.is_multiple_of(align_of::<T>().min(4096)));
        // SAFETY: every caller is in this file and keeps the offset inside the layout, which was
        // checked to be inside the memory.
        let place = unsafe { self.start.add(offset) }.cast::<T>();
        // SAFETY: mapped as long as `self`, aligned by the layout, valid whatever it holds.
        unsafe { place.as_ref() }
    }
}
