//! Which parts of a region are real, and making others so before they are written to.
//!
//! A store takes what it uses: most tables of a small one are never touched. Invariant: whoever
//! writes to a part has asked for it here, or found there what somebody wrote before.

use super::Region;
use crate::error::Error;
use crate::region::header::{CLAIM_ROWS, ClaimRow, STRIPES, TAG_ROWS};
use crate::region::layout::PAGE_BYTES;
use crate::region::segment::{Pages, SegmentHeader};
use crate::sync::tags::TagRow;
use crate::sync::{Ordering, stripe};

/// Of the word that says which tables are real; those of claims have the bits below.
const STRIPES_BIT: u64 = 1 << CLAIM_ROWS.len();
const TAGS_BIT: u64 = STRIPES_BIT << 1;
const CHANGES_BIT: u64 = TAGS_BIT << 1;

impl Region {
    /// Makes those entries of a shard's directory real that it has with `depth`, and not with less.
    pub(crate) fn commit_directory(&self, shard: u32, depth: u32) -> Result<(), Error> {
        let table = (shard as usize) << self.layout().geometry.directory_depth;
        let (first, end) = (if depth == 0 { 0 } else { 1 << (depth - 1) }, 1 << depth);
        let entry = size_of::<u32>();
        self.commit(self.layout().directories + (table + first) * entry, (end - first) * entry)
    }

    /// Makes the header of a segment real, if those before it are: a page has many.
    pub(crate) fn commit_header(&self, segment: u32) -> Result<(), Error> {
        let bytes = size_of::<SegmentHeader>();
        if !(segment as usize * bytes).is_multiple_of(PAGE_BYTES) {
            return Ok(());
        }
        self.commit(self.layout().segment_headers + segment as usize * bytes, bytes)
    }

    /// Makes bytes of a table real that is written to once in a while.
    pub(crate) fn commit(&self, offset: usize, bytes: usize) -> Result<(), Error> {
        let (start, end) = (offset / PAGE_BYTES * PAGE_BYTES, offset + bytes);
        self.memory().commit(start, end.next_multiple_of(PAGE_BYTES) - start)
    }

    /// Makes the version words of all stripes real, for each key may be of any, and the counter of
    /// invalidations behind them.
    #[inline]
    pub(crate) fn commit_stripes(&self) -> Result<(), Error> {
        let bytes = STRIPES * size_of::<u32>() + size_of::<u64>();
        if self.has_stripes() {
            Ok(())
        } else {
            self.commit_table(STRIPES_BIT, self.layout().stripes, bytes)
        }
    }

    /// Whether the version words are real: else nothing was ever written.
    #[inline]
    pub(crate) fn has_stripes(&self) -> bool {
        self.has_table(STRIPES_BIT)
    }

    /// The version of a stripe: before anything was written, the first of all.
    #[inline]
    pub(crate) fn version(&self, stripe: u32) -> u32 {
        if self.has_stripes() { stripe::version(self.stripe(stripe)) } else { 0 }
    }

    /// Makes the table of invalidated tags real.
    pub(crate) fn commit_tags(&self) -> Result<(), Error> {
        self.commit_stripes()?;
        if self.has_table(TAGS_BIT) {
            return Ok(());
        }
        self.commit_table(TAGS_BIT, self.layout().tags, TAG_ROWS * size_of::<TagRow>())
    }

    /// Makes a table of claims real.
    pub(crate) fn commit_claims(&self, table: usize) -> Result<(), Error> {
        let bytes = CLAIM_ROWS[table] * size_of::<ClaimRow>();
        if self.has_claims(table) {
            Ok(())
        } else {
            self.commit_table(1 << table, self.layout().claims[table], bytes)
        }
    }

    /// Whether a table of claims is real: else nothing was ever claimed.
    pub(crate) fn has_claims(&self, table: usize) -> bool {
        self.has_table(1 << table)
    }

    /// Makes the ring of changes real.
    pub(crate) fn commit_changes(&self) -> Result<(), Error> {
        let (start, bytes) = (self.layout().changes, self.layout().changes_bytes());
        if self.has_changes() { Ok(()) } else { self.commit_table(CHANGES_BIT, start, bytes) }
    }

    /// Whether the ring of changes is real: else nobody has ever watched.
    pub(crate) fn has_changes(&self) -> bool {
        self.has_table(CHANGES_BIT)
    }

    #[inline]
    fn has_table(&self, bit: u64) -> bool {
        // Acquire pairs with `commit_table`.
        self.header().real_tables.load(Ordering::Acquire) & bit != 0
    }

    #[cold]
    fn commit_table(&self, bit: u64, offset: usize, bytes: usize) -> Result<(), Error> {
        self.commit(offset, bytes)?;
        // Release: who sees the bit finds the pages.
        self.header().real_tables.fetch_or(bit, Ordering::Release);
        Ok(())
    }

    /// Makes a segment real up to `end`, and more of it, so that it is not asked for each item.
    #[inline]
    pub(crate) fn commit_segment(&self, segment: u32, end: usize) -> Result<(), Error> {
        // Relaxed: changed by the holder of the lock that the segment belongs to.
        match self.segment(segment)?.pages.load(Ordering::Relaxed) {
            Pages::Real => Ok(()),
            Pages::Partly(bytes) | Pages::Idle(bytes) if end <= bytes as usize => Ok(()),
            Pages::Partly(bytes) | Pages::Idle(bytes) => {
                self.commit_more(segment, bytes as usize, end)
            }
            Pages::GivenBack => self.commit_more(segment, 0, end),
        }
    }

    #[cold]
    fn commit_more(&self, segment: u32, real: usize, end: usize) -> Result<(), Error> {
        let whole = self.layout().segment_bytes();
        if end > whole {
            return Err(Error::Argument);
        }
        let end = end.max(2 * real).next_multiple_of(PAGE_BYTES).min(whole);
        let real = real.min(end) / PAGE_BYTES * PAGE_BYTES;
        if real == end {
            return Ok(());
        }
        self.memory().commit(self.layout().segment_start(segment) + real, end - real)?;
        // Release: a death in between leaves pages that are real and not known to be.
        self.segment(segment)?.pages.store(Pages::up_to(end, whole), Ordering::Release);
        Ok(())
    }

    /// Bytes of a segment that are real.
    pub(crate) fn real_bytes(&self, segment: &SegmentHeader) -> usize {
        let whole = self.layout().segment_bytes();
        match segment.pages.load(Ordering::Relaxed) {
            Pages::GivenBack => 0,
            Pages::Partly(bytes) | Pages::Idle(bytes) => whole.min(bytes as usize),
            Pages::Real => whole,
        }
    }
}
