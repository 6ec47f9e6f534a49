//! A store: a region, and what this process knows of it. Knows no operation.
//!
//! Invariant: whatever is needed to use a region safely is in the region, or was checked when it
//! was attached; two processes never have to agree on anything else.

use std::fmt;
use std::sync::Arc;

use crate::engine::clients::client_slot::{ClientSlot, TableAnd};
use crate::engine::clients::participant::Participant;
use crate::error::Error;
use crate::region::header::{BUILDING, LAYOUT_VERSION, MAGIC, READY};
use crate::region::layout::{Geometry, layout_hash};
use crate::region::memory::Memory;
#[cfg(all(test, not(any(loom, shuttle))))]
use crate::region::memory::anonymous::Anonymous;
use crate::region::region::Region;
use crate::region::segment::DirectoryEntry;
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
pub struct Options<'a> {
    /// What it is called: at most [`NAME_UNITS_MAX`](crate::region::header::NAME_UNITS_MAX) units
    /// of a string.
    pub name: &'a [u16],
    /// How large, in how many parts.
    pub geometry: Geometry,
    /// What happens when it is full.
    pub when_full: WhenFull,
    /// Entries at the most; 0 for as many as fit.
    pub max_entries: u64,
    /// Bytes that segments may take, of those that have addresses. Can be changed.
    pub max_bytes: u64,
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
    /// Builds a new store in `memory`, which is zero, and which no other thread looks at yet.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] when the memory is too small or has no pages; [`Error::Argument`] for a name
    /// that is too long, or a memory that can only be read.
    pub fn create(
        memory: Box<dyn Memory>,
        options: &Options<'_>,
        system: Box<dyn Liveness>,
    ) -> Result<Arc<Self>, Error> {
        if !memory.is_writable() {
            return Err(Error::Argument);
        }
        let region = Region::new(memory, options.geometry)?;
        let header = region.header();
        header.name.store(options.name)?;
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
            (&header.max_bytes, options.max_bytes),
        ];
        let seeds = header.seed.iter().zip(options.seed);
        let boot = header.boot_id.iter().zip(options.boot_id);
        for (word, value) in words.into_iter().chain(seeds).chain(boot) {
            word.store(value, Ordering::Relaxed);
        }
        header.ready.store(BUILDING, Ordering::Relaxed);
        let engine = Self::of_region(region, system);
        engine.build_shards()?;
        // Release: a reader that sees it sees the whole region.
        engine.region.header().ready.store(READY, Ordering::Release);
        Ok(Arc::new(engine))
    }

    /// Opens the store that was built in `memory`.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when the memory does not hold a store of this layout;
    /// [`Error::Argument`] when it can only be read.
    pub fn attach(memory: Box<dyn Memory>, system: Box<dyn Liveness>) -> Result<Arc<Self>, Error> {
        if !memory.is_writable() {
            return Err(Error::Argument);
        }
        Ok(Arc::new(Self::of_region(Region::attach(memory)?, system)))
    }

    pub(crate) fn of_region(region: Region, system: Box<dyn Liveness>) -> Self {
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

    /// Joins the store: threads that use it have a participant each. For who only keeps it in
    /// order, `thread` is [`NO_THREAD`](crate::engine::NO_THREAD).
    ///
    /// # Errors
    ///
    /// [`Error::Participants`] when 256 of them are there, [`Error::Crowded`] when one of those is
    /// about to leave.
    pub fn join(self: &Arc<Self>, process: u32, thread: u32) -> Result<Participant, Error> {
        self.region.check()?;
        let client = ClientSlot::register(&self.region, &*self.system, process, thread)?;
        Ok(Participant::new(Arc::clone(self), client))
    }

    /// What the store is called: units of a string.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when it has no length that a name can have.
    pub fn name(&self) -> Result<Vec<u16>, Error> {
        self.region.header().name.load()
    }

    /// The numbers the store was built from.
    pub fn geometry(&self) -> Geometry {
        self.region.layout().geometry
    }

    /// Entries at the most; 0 for as many as fit.
    pub fn max_entries(&self) -> u64 {
        self.max_entries
    }

    /// What happens when it is full.
    pub fn when_full(&self) -> WhenFull {
        self.when_full
    }

    /// Bytes that segments may take.
    pub fn max_bytes(&self) -> u64 {
        // Relaxed: a limit, which another may be changing.
        self.region.header().max_bytes.load(Ordering::Relaxed)
    }

    /// When the last to close it left it whole and on the disk, by the store's clock and by the one
    /// on the wall; `None` while it is in use, and after its last user died.
    pub fn closed_at(&self) -> Option<[u64; 2]> {
        let header = self.region.header();
        // Acquire pairs with `mark_closed`.
        let is_clean = header.is_clean.load(Ordering::Acquire) == 1;
        is_clean.then(|| header.closed_at.each_ref().map(|word| word.load(Ordering::Relaxed)))
    }

    /// Says when the store was left, or that it is in use. No other participant uses it.
    pub fn mark_closed(&self, times: Option<[u64; 2]>) {
        let header = self.region.header();
        for (word, time) in header.closed_at.iter().zip(times.unwrap_or_default()) {
            word.store(time, Ordering::Relaxed);
        }
        // Release: after the times.
        header.is_clean.store(times.is_some().into(), Ordering::Release);
    }

    /// The store's clock counts from this boot of the machine now, and is so far ahead of it.
    pub fn set_clock(&self, boot_id: [u64; 2], offset_us: i64) {
        // What was heard was heard by another clock.
        self.begin_term();
        // Relaxed: nobody else uses the store.
        let offset_us = offset_us.cast_unsigned();
        self.region.header().clock_offset_us.store(offset_us, Ordering::Relaxed);
        for (word, half) in self.region.header().boot_id.iter().zip(boot_id) {
            word.store(half, Ordering::Relaxed);
        }
    }

    /// Which boot of the machine the store's clock counts from.
    pub fn boot_id(&self) -> [u64; 2] {
        // Relaxed: written before the region was ready.
        self.region.header().boot_id.each_ref().map(|word| word.load(Ordering::Relaxed))
    }

    /// How far the store's clock is ahead of the machine's, in microseconds.
    pub fn clock_offset_us(&self) -> i64 {
        // Relaxed: written before others use the store.
        self.region.header().clock_offset_us.load(Ordering::Relaxed).cast_signed()
    }

    /// Where the version words of the stripes lie: [`STRIPES`](crate::region::header::STRIPES)
    /// 32-bit integers, in this machine's byte order, as long as the store lives.
    ///
    /// A copy of an entry is current while the word of its stripe is even and equal to the
    /// [`version`](crate::engine::entry::Found::version) that came with it.
    pub fn stripes_start(&self) -> std::ptr::NonNull<u8> {
        self.region.stripes_start()
    }

    /// The version word of a stripe, as one sees it at [`stripes_start`](Self::stripes_start).
    pub fn stripe_version(&self, stripe: u32) -> u32 {
        self.region.version(stripe)
    }

    pub(crate) fn evicts(&self) -> bool {
        self.when_full == WhenFull::Evict
    }

    pub(crate) fn system(&self) -> &dyn Liveness {
        &*self.system
    }

    /// Leaves what `client` holds to the dead: an operation was interrupted.
    pub(crate) fn bump_epoch(&self, client: &ClientSlot) {
        client.bump_epoch(&self.region, &*self.system);
    }

    pub(crate) fn liveness(&self) -> TableAnd<'_> {
        TableAnd { region: &self.region, system: &*self.system }
    }

    pub(crate) fn shards(&self) -> u32 {
        self.region.layout().geometry.shards
    }

    /// Gives each shard its first group and its reserve.
    fn build_shards(&self) -> Result<(), Error> {
        let client = ClientSlot::register(&self.region, &*self.system, 0, 0)?;
        for number in 0..self.shards() {
            let mut shard = self.lock(&client, number)?;
            // Relaxed: there is no other participant yet.
            shard.header.earliest_us.store(crate::engine::entry::NEVER_US, Ordering::Relaxed);
            self.region.commit_directory(number, 0)?;
            shard.claim_segment()?;
            shard.claim_segment()?;
            let group = shard.start_index_segment()?;
            shard.commit_group(group)?;
            let entry = DirectoryEntry::new(group, 0);
            self.region.directory(number, 0).store(entry.0, Ordering::Relaxed);
        }
        client.unregister(&self.region, &*self.system);
        Ok(())
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
impl Engine {
    /// A small store in memory of this process, for the tests of those who are built on it.
    pub(crate) fn small(system: Box<dyn Liveness>) -> Arc<Self> {
        let geometry = Geometry::for_bytes(1 << 20).expect("a size");
        let options = Options {
            name: &[],
            geometry,
            when_full: WhenFull::Refuse,
            max_entries: 0,
            max_bytes: u64::MAX,
            seed: [1, 2, 3, 4],
            boot_id: [0, 0],
        };
        let memory = Anonymous::reserve(Region::bytes_of(geometry).expect("sound"));
        Self::create(Box::new(memory.expect("addresses")), &options, system).expect("a store")
    }
}
