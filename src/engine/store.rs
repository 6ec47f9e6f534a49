//! A store: a region, and what this process knows of it. Knows no operation.
//!
//! Invariant: whatever is needed to use a region safely is in the region, or was checked when it
//! was attached; two processes never have to agree on anything else.

use std::fmt;
use std::sync::Arc;

use super::index::directory_entry;
use super::participant::Participant;
use super::seat::{Seat, TableAnd};
use crate::error::Error;
use crate::region::access::Region;
use crate::region::header::{LAYOUT_VERSION, MAGIC};
use crate::region::layout::{Geometry, layout_hash};
use crate::region::memory::Memory;
use crate::region::shard::CLASSES;
use crate::sync::Ordering;
use crate::sync::owner::Liveness;

/// What a store does when it has no room.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WhenFull {
    /// A write answers [`Error::Full`]; no live entry is ever dropped.
    Refuse,
    /// Entries that were read least are dropped.
    Evict,
}

/// What a new store is to be.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How large, in how many parts.
    pub geometry: Geometry,
    /// What happens when it is full.
    pub when_full: WhenFull,
    /// Entries at the most; 0 for as many as fit.
    pub max_entries: u64,
    /// Secret random words, unlike those of any other store.
    pub seed: [u64; 4],
    /// Which boot of the machine the clock counts from; 0 where it does not matter.
    pub boot_id: [u64; 2],
}

/// A store, as this process sees it.
pub struct Engine {
    pub(crate) region: Region,
    pub(crate) seed: [u64; 4],
    pub(crate) when_full: WhenFull,
    pub(crate) max_entries: u64,
    /// Kinds of new items kept apart.
    pub(crate) classes: usize,
    system: Box<dyn Liveness>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Engine").field("region", &self.region).finish_non_exhaustive()
    }
}

/// Segments of a shard from which on each class of items has its own: one in sixteen is open.
const SEGMENTS_FOR_CLASSES: u32 = 64;

impl Engine {
    /// Builds a new store in `memory`, which is zero, and which nobody else looks at yet.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] when the memory is too small or has no pages.
    pub fn create(
        memory: Box<dyn Memory>,
        options: &Options,
        system: Box<dyn Liveness>,
    ) -> Result<Arc<Self>, Error> {
        let region = Region::new(memory, options.geometry)?;
        let header = region.header();
        // Relaxed: `ready`, below, is a Release store.
        let words = [
            (&header.magic, MAGIC),
            (&header.layout_version, LAYOUT_VERSION),
            (&header.layout_hash, layout_hash()),
            (&header.segment_bytes, options.geometry.segment_bytes.into()),
            (&header.segments, options.geometry.segments.into()),
            (&header.shards, options.geometry.shards.into()),
            (&header.directory_depth, options.geometry.directory_depth.into()),
            (&header.when_full, u64::from(options.when_full == WhenFull::Evict)),
            (&header.max_entries, options.max_entries),
        ];
        let seeds = header.seed.iter().zip(options.seed);
        let boot = header.boot_id.iter().zip(options.boot_id);
        for (word, value) in words.into_iter().chain(seeds).chain(boot) {
            word.store(value, Ordering::Relaxed);
        }
        let engine = Self::of_region(region, system);
        engine.build_shards()?;
        // Release: whoever sees it sees the whole region.
        engine.region.header().ready.store(1, Ordering::Release);
        Ok(Arc::new(engine))
    }

    /// Opens the store that somebody built in `memory`.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when the memory does not hold a store of this layout.
    pub fn attach(memory: Box<dyn Memory>, system: Box<dyn Liveness>) -> Result<Arc<Self>, Error> {
        Ok(Arc::new(Self::of_region(Region::attach(memory)?, system)))
    }

    fn of_region(region: Region, system: Box<dyn Liveness>) -> Self {
        let header = region.header();
        // Relaxed: written before the region was ready, and never again.
        let seed = header.seed.each_ref().map(|word| word.load(Ordering::Relaxed));
        let evicts = header.when_full.load(Ordering::Relaxed) == 1;
        let when_full = if evicts { WhenFull::Evict } else { WhenFull::Refuse };
        let max_entries = header.max_entries.load(Ordering::Relaxed);
        let geometry = region.layout().geometry;
        let is_large = geometry.segments / geometry.shards >= SEGMENTS_FOR_CLASSES;
        let classes = if is_large { CLASSES } else { 1 };
        Self { region, seed, when_full, max_entries, classes, system }
    }

    /// Joins the store: threads that use it have a participant each.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] when 256 participants are there.
    pub fn join(self: &Arc<Self>, process: u32, thread: u32) -> Result<Participant, Error> {
        let seat = Seat::take(&self.region, process, thread)?;
        Ok(Participant::new(Arc::clone(self), seat))
    }

    /// The numbers the store was built from.
    pub fn geometry(&self) -> Geometry {
        self.region.layout().geometry
    }

    /// Which boot of the machine the store's clock counts from.
    pub fn boot_id(&self) -> [u64; 2] {
        // Relaxed: written before the region was ready.
        self.region.header().boot_id.each_ref().map(|word| word.load(Ordering::Relaxed))
    }

    /// Where the version words of the stripes lie: [`STRIPES`](crate::region::header::STRIPES)
    /// 32-bit integers, in this machine's byte order, as long as the store lives.
    ///
    /// A copy of an entry is current while the word of its stripe is even and equal to the
    /// [`version`](super::entry::Found::version) that came with it.
    pub fn stripes_start(&self) -> std::ptr::NonNull<u8> {
        self.region.stripes_start()
    }

    /// The version word of a stripe, as whoever looks at [`stripes_start`](Self::stripes_start)
    /// sees it.
    pub fn stripe_version(&self, stripe: u32) -> u32 {
        crate::sync::stripe::version(self.region.stripe(stripe))
    }

    pub(crate) fn evicts(&self) -> bool {
        self.when_full == WhenFull::Evict
    }

    pub(crate) fn liveness(&self) -> TableAnd<'_> {
        TableAnd { region: &self.region, system: &*self.system }
    }

    pub(crate) fn shards(&self) -> u32 {
        self.region.layout().geometry.shards
    }

    /// Gives each shard its first group and its reserve.
    fn build_shards(&self) -> Result<(), Error> {
        let seat = Seat::take(&self.region, 0, 0)?;
        for number in 0..self.shards() {
            let mut shard = self.lock(&seat, number)?;
            // Relaxed: nobody else is there yet.
            shard.header.earliest_us.store(super::entry::NEVER_US, Ordering::Relaxed);
            shard.claim_segment()?;
            shard.claim_segment()?;
            let group = shard.start_index_segment()?;
            let entry = directory_entry(group, 0);
            self.region.directory(number, 0).store(entry, Ordering::Relaxed);
        }
        seat.leave(&self.region);
        Ok(())
    }
}
