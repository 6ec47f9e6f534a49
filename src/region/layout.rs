//! Where each table of a region begins, computed from four numbers. Reads no memory.
//!
//! Invariant: the tables follow one another without overlap, each aligned as its rows need.

use super::header::{CLAIM_ROWS, HEADER_BYTES, PARTICIPANTS, SCHEMA_BYTES_MAX, STRIPES, TAG_ROWS};
use super::header::{ClaimRow, Name, ParticipantRow};
use super::segment::{GROUP_BYTES, SegmentHeader};
use super::shard::SHARD_BYTES;
use super::slot::{REACH_BYTES, TAG_BITS};
use super::word::{to_u32, to_usize};
use crate::error::Error;
use crate::sync::tags::TagRow;

/// Limits of a segment: one holds a few groups of the index; one is evicted in one go.
const SEGMENT_BYTES: std::ops::RangeInclusive<u32> = 16 * 1024..=8 * 1024 * 1024;
/// Below this a shard has no room for its queues.
const SEGMENTS_OF_A_SHARD: u32 = 8;
/// More would not spread writers any further.
const SHARDS_MAX: u32 = 64;
/// What a directory can be deep: it is chosen by the tag's bits.
const DEPTH_MAX: u32 = TAG_BITS - 2;
/// A group's number has 26 bits in the directory.
const SEGMENTS_BYTES_MAX: u64 = (GROUP_BYTES as u64) << 26;
/// No region is longer, nor nearly so long.
pub const REGION_BYTES_MAX: u64 = 2 * SEGMENTS_BYTES_MAX;
/// The ring of changes takes one part in so many of what segments take, and so much.
const CHANGES_SHARE: u64 = 16;
const CHANGES_BYTES: std::ops::RangeInclusive<usize> = 64 * 1024..=1024 * 1024;
/// What memory is made real by.
pub(crate) const PAGE_BYTES: usize = 4096;

/// The numbers that a layout follows from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Geometry {
    /// Bytes of a segment, a power of two from 16 KiB to 8 MiB.
    pub segment_bytes: u32,
    /// How many segments there are at the most.
    pub segments: u32,
    /// Parts that are written independently, a power of two up to 64.
    pub shards: u32,
    /// How many low bits of a tag the directory of a shard may use.
    pub directory_depth: u32,
}

impl Geometry {
    /// What suits a store of at most `max_bytes`.
    ///
    /// Small segments waste less in a small store; large ones are claimed and evicted less often.
    /// A segment of 256 KiB takes ~300 µs to evict.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for less than 256 KiB or more than 256 GiB.
    pub fn for_bytes(max_bytes: u64) -> Result<Self, Error> {
        const MIB: u64 = 1024 * 1024;
        let segment_bytes = match max_bytes {
            _ if max_bytes <= 4 * MIB => 16 * 1024,
            _ if max_bytes <= 64 * MIB => 64 * 1024,
            _ if max_bytes <= 64 * 1024 * MIB => 256 * 1024,
            _ => 1024 * 1024,
        };
        let segments =
            u32::try_from(max_bytes / u64::from(segment_bytes)).map_err(|_| Error::Argument)?;
        let shards = (segments / 32).clamp(1, 16);
        let shards = if shards.is_power_of_two() { shards } else { shards.next_power_of_two() / 2 };
        Self { segment_bytes, segments, shards, directory_depth: 0 }.with_depth()
    }

    /// The same, with a directory for as many groups as a shard could ever fill, four times over:
    /// some groups are split sooner than others.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when no layout follows from the numbers.
    pub fn with_depth(mut self) -> Result<Self, Error> {
        let bytes = u64::from(self.segment_bytes) * u64::from(self.segments);
        let groups = bytes / GROUP_BYTES as u64 / u64::from(self.shards.max(1)) / 2;
        self.directory_depth = (groups.max(1).ilog2() + 3).min(DEPTH_MAX);
        self.check().map(|()| self)
    }

    /// What suits a store whose limit may be changed while it is used, up to `reserve_bytes`: parts
    /// that are small enough for a low limit, and still few.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for less than 4 MiB or more than 256 GiB.
    pub fn elastic(reserve_bytes: u64) -> Result<Self, Error> {
        const SEGMENT: u32 = 128 * 1024;
        let segments =
            u32::try_from(reserve_bytes / u64::from(SEGMENT)).map_err(|_| Error::Argument)?;
        Self { segment_bytes: SEGMENT, segments, shards: 4, directory_depth: 0 }.with_depth()
    }

    /// How few segments are enough.
    pub fn least_segments(&self) -> u32 {
        self.shards * SEGMENTS_OF_A_SHARD
    }

    fn check(&self) -> Result<(), Error> {
        let is_sound = SEGMENT_BYTES.contains(&self.segment_bytes)
            && self.segment_bytes.is_power_of_two()
            && self.shards.is_power_of_two()
            && self.shards <= SHARDS_MAX
            && self.segments / self.shards >= SEGMENTS_OF_A_SHARD
            && self.segments < u32::MAX / 2
            && (1..=DEPTH_MAX).contains(&self.directory_depth)
            && u64::from(self.segment_bytes) * u64::from(self.segments) <= SEGMENTS_BYTES_MAX;
        if is_sound { Ok(()) } else { Err(Error::Argument) }
    }
}

const _: () = assert!(SEGMENTS_BYTES_MAX < REACH_BYTES);

/// Bytes from the start of the region to each table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) geometry: Geometry,
    pub(crate) participants: usize,
    pub(crate) shards: usize,
    pub(crate) stripes: usize,
    /// Of the counter of invalidations, right behind the stripes: who sees those sees it.
    pub(crate) tag_counter: usize,
    pub(crate) claims: [usize; 2],
    pub(crate) tags: usize,
    pub(crate) schemas: usize,
    pub(crate) changes: usize,
    pub(crate) directories: usize,
    pub(crate) segment_headers: usize,
    pub(crate) segments: usize,
    pub(crate) end: usize,
    segment_shift: u32,
}

impl Layout {
    /// The layout of a geometry; [`Error::Argument`] when none follows from it.
    pub(crate) fn of(geometry: Geometry) -> Result<Self, Error> {
        geometry.check()?;
        let page = |offset: usize| offset.next_multiple_of(PAGE_BYTES);
        let shard_count = geometry.shards as usize;
        let segment_count = geometry.segments as usize;
        let participants = HEADER_BYTES;
        let shards = page(participants + PARTICIPANTS * size_of::<ParticipantRow>());
        let stripes = page(shards + shard_count * SHARD_BYTES);
        let tag_counter = stripes + STRIPES * size_of::<u32>();
        let locks = page(tag_counter + size_of::<u64>());
        let loads = page(locks + CLAIM_ROWS[0] * size_of::<ClaimRow>());
        let tags = page(loads + CLAIM_ROWS[1] * size_of::<ClaimRow>());
        let schemas = page(tags + TAG_ROWS * size_of::<TagRow>());
        let changes = page(schemas + 2 * SCHEMA_BYTES_MAX);
        let directories = page(changes + changes_bytes(geometry));
        let directory_bytes = size_of::<u32>() << geometry.directory_depth;
        let segment_headers = page(directories + shard_count * directory_bytes);
        let segments = page(segment_headers + segment_count * size_of::<SegmentHeader>());
        let end = segments + segment_count * geometry.segment_bytes as usize;
        Ok(Self {
            geometry,
            participants,
            shards,
            stripes,
            tag_counter,
            claims: [locks, loads],
            tags,
            schemas,
            changes,
            directories,
            segment_headers,
            segments,
            end,
            segment_shift: geometry.segment_bytes.trailing_zeros(),
        })
    }

    #[inline]
    pub(crate) fn segment_bytes(&self) -> usize {
        self.geometry.segment_bytes as usize
    }

    /// Where the bytes of a segment begin.
    #[inline]
    pub(crate) fn segment_start(&self, segment: u32) -> usize {
        self.segments + ((segment as usize) << self.segment_shift)
    }

    /// Which segment a place in the segments' area is in, and how far.
    #[inline]
    pub(crate) fn segment_of(&self, place: usize) -> Option<(u32, usize)> {
        let segment = place >> self.segment_shift;
        let within = place & (self.segment_bytes() - 1);
        (segment < self.geometry.segments as usize).then(|| (to_u32(segment), within))
    }

    /// Groups that fit a segment.
    pub(crate) fn groups_of_a_segment(&self) -> u32 {
        to_u32(self.segment_bytes() / GROUP_BYTES)
    }

    /// Bytes of the ring of changes, a power of two.
    pub(crate) fn changes_bytes(&self) -> usize {
        changes_bytes(self.geometry)
    }

    /// How long a key may be: it lies in the first half of a segment, and in 16 bits.
    pub(crate) fn key_bytes_max(&self) -> usize {
        (self.segment_bytes() / 2).min(0xFFF8)
    }
}

/// A sixteenth of the segments, within bounds: the least has room for the longest key of small
/// segments several times; the most, for 20,000 changes of short keys.
fn changes_bytes(geometry: Geometry) -> usize {
    let segments = u64::from(geometry.segment_bytes) * u64::from(geometry.segments);
    let bytes = to_usize(segments / CHANGES_SHARE).next_power_of_two() / 2;
    bytes.clamp(*CHANGES_BYTES.start(), *CHANGES_BYTES.end())
}

/// A number that two builds share only if they agree on every size.
pub(crate) fn layout_hash() -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01B3;
    let numbers = [
        HEADER_BYTES,
        size_of::<Name>(),
        PARTICIPANTS,
        size_of::<ParticipantRow>(),
        SHARD_BYTES,
        STRIPES,
        CLAIM_ROWS[0],
        CLAIM_ROWS[1],
        TAG_ROWS,
        size_of::<TagRow>(),
        SCHEMA_BYTES_MAX,
        *CHANGES_BYTES.start(),
        *CHANGES_BYTES.end(),
        GROUP_BYTES,
        size_of::<SegmentHeader>(),
        crate::sync::journal::PAIRS,
        to_usize(REACH_BYTES),
    ];
    numbers.iter().fold(0xCBF2_9CE4_8422_2325, |hash: u64, number| {
        (hash ^ *number as u64).wrapping_mul(PRIME).rotate_left(23)
    })
}
