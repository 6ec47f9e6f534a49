//! Changing a region as somebody would who knows where what lies.

use std::sync::atomic::{AtomicU64, Ordering};

use arbitrary::Arbitrary;
use shared_memory_store::region::layout::Geometry;

/// A part of the region: `docs/internals/memory-layout.md`.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) enum Place {
    Head { word: u8 },
    Name { word: u8 },
    PoolJournal { word: u8 },
    Participant { row: u8, word: u8 },
    Shard { shard: u8, word: u8 },
    ShardJournal { shard: u8, word: u8 },
    Stripe { stripe: u16 },
    Claim { row: u16 },
    Schema { word: u16 },
    Directory { shard: u8, word: u8 },
    Segment { segment: u8, word: u8 },
    Bytes { segment: u8, word: u8 },
    AnyBytes { word: u32 },
    Anything { word: u32 },
}

impl Place {
    /// Which word of the region that is.
    fn word(self, geometry: Geometry, words: usize) -> usize {
        const STRIPES: usize = 24_576 / 8;
        const CLAIMS: usize = STRIPES + (1 << 15);
        const SCHEMAS: usize = CLAIMS + 5 * 1024 * 2;
        const DIRECTORIES: usize = SCHEMAS + (1 << 15);
        let (segments, shards) = (geometry.segments as usize, geometry.shards as usize);
        let (segment_words, area) = (geometry.segment_bytes as usize / 8, geometry_words(geometry));
        let shard = |shard| 20_480 / 8 + usize::from(shard) % shards * 128;
        let directory_words = (1 << geometry.directory_depth) / 2;
        let bytes = |segment: u8, word: usize| {
            words - area + usize::from(segment) % segments * segment_words + word
        };
        let word = match self {
            Self::Head { word } => usize::from(word) % 56,
            Self::Name { word } => 128 + usize::from(word) % 64,
            Self::PoolJournal { word } => 56 + usize::from(word) % 65,
            Self::Participant { row, word } => 512 + usize::from(row) * 8 + usize::from(word) % 8,
            Self::Shard { shard: number, word } => shard(number) + usize::from(word) % 40,
            Self::ShardJournal { shard: number, word } => {
                shard(number) + 40 + usize::from(word % 65)
            }
            Self::Stripe { stripe } => STRIPES + usize::from(stripe) / 2,
            Self::Claim { row } => CLAIMS + usize::from(row) % (5 * 1024 * 2),
            Self::Schema { word } => SCHEMAS + usize::from(word) % (1 << 15),
            Self::Directory { shard, word } => {
                DIRECTORIES + usize::from(shard) % shards * directory_words + usize::from(word)
            }
            Self::Segment { segment, word } => {
                let rows = (segments * 64).next_multiple_of(4096) / 8;
                words - area - rows + usize::from(segment) % segments * 8 + usize::from(word) % 8
            }
            Self::Bytes { segment, word } => bytes(segment, usize::from(word)),
            Self::AnyBytes { word } => words - area + word as usize % area,
            Self::Anything { word } => word as usize,
        };
        word % words
    }
}

fn geometry_words(geometry: Geometry) -> usize {
    geometry.segments as usize * geometry.segment_bytes as usize / 8
}

/// What becomes of a word.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) enum Damage {
    Any(u64),
    Flip(u8),
    Ones,
    Zero,
    Pair(u8, u8),
    HighOnes,
    Plus(i8),
    Swap(Place),
    OffsetOf(Place),
    Address(u32),
    Length(u8),
}

/// Somebody who writes into a region, knowing where what lies.
pub(crate) struct Vandal<'a> {
    pub(crate) words: &'a [AtomicU64],
    pub(crate) geometry: Geometry,
}

impl Vandal<'_> {
    pub(crate) fn damage(&self, place: Place, damage: Damage) {
        let word_of = |place: Place| place.word(self.geometry, self.words.len());
        let at = &self.words[word_of(place)];
        let before = at.load(Ordering::Relaxed);
        let after = match damage {
            Damage::Any(word) => word,
            Damage::Flip(bit) => before ^ 1 << (bit % 64),
            Damage::Ones => u64::MAX,
            Damage::Zero => 0,
            Damage::Pair(low, high) => u64::from(high) << 32 | u64::from(low),
            Damage::HighOnes => before | u64::MAX << 32,
            Damage::Plus(amount) => before.wrapping_add_signed(amount.into()),
            Damage::Swap(place) => self.words[word_of(place)].swap(before, Ordering::Relaxed),
            Damage::OffsetOf(place) => word_of(place) as u64 * 8,
            Damage::Address(address) => before & u64::MAX << 38 | u64::from(address),
            Damage::Length(bits) => before & u64::MAX << 48 | ((1 << (bits % 48)) - 1),
        };
        at.store(after, Ordering::Relaxed);
    }
}
