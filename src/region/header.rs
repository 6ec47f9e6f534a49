//! The head of a region, and the tables that belong to the whole store.
//!
//! What a store is (its geometry) is written once, before anybody else can see it.

use std::mem::offset_of;

use super::list::FreeList;
use super::word::{Field, halves, low};
use crate::contract::SharedEffort;
use crate::error::Error;
use crate::sync::journal::Journal;
use crate::sync::owner::{CLIENT_SLOTS, CONTENDED, Owner};
use crate::sync::tags::TagRow;
use crate::sync::{AtomicU32, AtomicU64, Ordering};

/// The first word of every region: "SHMSTORE", little-endian.
pub(crate) const MAGIC: u64 = 0x4552_4F54_534D_4853;
/// Changes with every change of the layout.
pub(crate) const LAYOUT_VERSION: u64 = 4;
/// The region is being built, by the only one who knows of it.
pub(crate) const BUILDING: u64 = 2;
/// The region was built completely.
pub(crate) const READY: u64 = 1;
/// Bytes of the head: a page.
pub(crate) const HEADER_BYTES: usize = 4096;

/// The head of a region.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct RegionHeader {
    pub(crate) magic: AtomicU64,
    pub(crate) layout_version: AtomicU64,
    /// Of the sizes that this build works with.
    pub(crate) layout_hash: AtomicU64,
    /// [`BUILDING`], then [`READY`]; never 0 again.
    pub(crate) ready: AtomicU64,
    /// Of the machine's boot, where the clock counts from one: other boots, other deadlines.
    pub(crate) boot_id: [AtomicU64; 2],
    /// How far its clock is ahead of the machine's, in microseconds, as a signed number: that of a
    /// time namespace.
    pub(crate) clock_offset_us: AtomicU64,
    /// Tables that are real: 1 that of key locks, 2 that of loads, 4 the version words, 8 the
    /// invalidated tags. Beside what every call looks at.
    pub(crate) real_tables: AtomicU64,

    /// Keys of the hash, unlike in any other store.
    pub(crate) seed: [AtomicU64; 4],
    pub(crate) segment_bytes: AtomicU64,
    pub(crate) segments: AtomicU64,
    pub(crate) shards: AtomicU64,
    pub(crate) directory_depth: AtomicU64,

    /// 0: a full store refuses. 1: it evicts.
    pub(crate) when_full: AtomicU64,
    /// 0: no limit.
    pub(crate) max_entries: AtomicU64,
    /// What segments may take, in bytes; may change.
    pub(crate) max_bytes: AtomicU64,
    /// 1: the last to close it left it whole and written to the disk.
    pub(crate) is_clean: AtomicU64,
    /// When that was, by the store's clock and by the one on the wall, in microseconds.
    pub(crate) closed_at: [AtomicU64; 2],
    /// Until when one participant has the sweep to itself.
    pub(crate) sweep_lease_us: AtomicU64,
    /// Whether somebody watches: what every write looks at.
    pub(crate) watched: Field<Watched>,

    /// The lock of the free segments.
    pub(crate) pool_owner: AtomicU32,
    /// Grows when a claim ends that somebody waits for: what those who wait sleep on.
    pub(crate) released: AtomicU32,
    /// Free segments.
    pub(crate) free: Field<FreeList>,
    /// Segments that were used at least once: those from here on never were.
    pub(crate) fresh: AtomicU64,
    /// The shard that the next sweep begins with.
    pub(crate) sweep: AtomicU64,
    unused_counts: [AtomicU64; 4],

    /// Locks and changes of the two tables of claims: key locks, loads.
    pub(crate) claims: [ClaimsHeader; 2],
    /// The lock of the schema.
    pub(crate) schema_owner: AtomicU32,
    /// 1: somebody has made a namespace, so keys of one may be there.
    pub(crate) namespaces: AtomicU32,
    /// Which of the two copies of the schema holds.
    pub(crate) schema: Field<SchemaState>,
    /// Until when what is kept of another place is right: see `sync::trust`.
    pub(crate) trust: AtomicU64,
    unused_line: [AtomicU64; 5],

    pub(crate) pool_journal: Journal,
    pub(crate) changes: ChangesHeader,
    unused_end: [AtomicU64; 2],

    pub(crate) name: Name,

    pub(crate) tags: TagsHeader,
    pub(crate) efforts: EffortsHeader,
}

/// What loads and waits for locks came to, by all participants, each at its `SharedEffort`.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct EffortsHeader {
    pub(crate) amounts: [AtomicU64; SharedEffort::ALL.len()],
    unused: [AtomicU64; 2],
}

/// The lock of the table of invalidated tags, and what is known of it.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct TagsHeader {
    pub(crate) owner: AtomicU32,
    unused_word: AtomicU32,
    /// At least as many as there are rows: 0 lets a reader skip the table.
    pub(crate) rows: AtomicU64,
    unused: [AtomicU64; 6],
}

/// The store's name: UTF-16 units, four a word, the first in the lowest bits. The very first unit
/// is their number.
///
/// ```text
///          63       48 47       32 31       16 15              0
/// word 0   [ unit 2  ] [ unit 1  ] [ unit 0  ] [ how many units ]
/// word 1   [ unit 6  ] [ unit 5  ] [ unit 4  ] [ unit 3         ]
/// ```
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Name([AtomicU64; NAME_WORDS]);

impl Name {
    /// Writes the name of a new store; [`Error::Argument`] for a longer one than there is room for.
    pub(crate) fn store(&self, name: &[u16]) -> Result<(), Error> {
        let count = u16::try_from(name.len()).map_err(|_| Error::Argument)?;
        if name.len() > NAME_UNITS_MAX {
            return Err(Error::Argument);
        }
        let mut units = [0; NAME_WORDS * UNITS_OF_A_WORD];
        units[0] = count;
        units[1..=name.len()].copy_from_slice(name);
        for (word, units) in self.0.iter().zip(units.as_chunks::<UNITS_OF_A_WORD>().0) {
            let bits = units.iter().rev().fold(0, |bits, unit| bits << 16 | u64::from(*unit));
            // Relaxed: the store that makes the region ready is a Release.
            word.store(bits, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The name; [`Error::Corrupted`] when it is longer than there is room for.
    pub(crate) fn load(&self) -> Result<Vec<u16>, Error> {
        // Relaxed: written before the region was ready, and never again.
        let words = self.0.iter().map(|word| word.load(Ordering::Relaxed));
        let unit_at = |word: u64, place: usize| {
            u16::from_le_bytes([word.to_le_bytes()[2 * place], word.to_le_bytes()[2 * place + 1]])
        };
        let mut units =
            words.flat_map(|word| (0..UNITS_OF_A_WORD).map(move |at| unit_at(word, at)));
        let count = units.next().map_or(0, usize::from);
        if count > NAME_UNITS_MAX {
            return Err(Error::Corrupted);
        }
        Ok(units.take(count).collect())
    }
}

const UNITS_OF_A_WORD: usize = 4;
const NAME_WORDS: usize = (1 + NAME_UNITS_MAX) / UNITS_OF_A_WORD;
/// UTF-16 units of a store's name at the most: with their number, 512 bytes.
pub const NAME_UNITS_MAX: usize = 255;

/// The ring of changes, which is real once somebody has watched: see `sync::ring`.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct ChangesHeader {
    /// The lock of who writes.
    pub(crate) owner: AtomicU32,
    /// What those sleep on who read.
    pub(crate) bell: AtomicU32,
    pub(crate) begun: AtomicU64,
    pub(crate) end: AtomicU64,
    /// 1 while somebody may sleep.
    pub(crate) asleep: AtomicU32,
    unused: AtomicU32,
    /// Grows when changes may be missing: whoever reads has to look at the store.
    pub(crate) gaps: AtomicU64,
}

/// The lock of a table of claims.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct ClaimsHeader {
    pub(crate) owner: AtomicU32,
    unused_word: AtomicU32,
    /// At least as many as there are claims: 0 lets a reader skip the table.
    pub(crate) count: AtomicU64,
    unused: [AtomicU64; 6],
}

/// A client slot: a place for a participant. Its counters go on from one to the next.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct ParticipantRow {
    pub(crate) registration: Field<Registration>,
    pub(crate) identity: Field<Identity>,
    pub(crate) hits: AtomicU64,
    pub(crate) misses: AtomicU64,
    pub(crate) sets: AtomicU64,
    pub(crate) deletes: AtomicU64,
    /// When it came, by the clock on the wall, in microseconds; 0 until it has said so.
    pub(crate) since_us: AtomicU64,
    /// 1 while it watches.
    pub(crate) watches: AtomicU64,
}

halves! {
    /// What a client slot is registered for.
    ///
    /// ```text
    /// 63                                32 31                                       0
    /// [ epoch: grows with each registration ][ kind: 0 none, 1 user, 2 maintenance ]
    /// ```
    Registration {
        kind: u32,
        epoch: u32,
    }
}

halves! {
    /// The participant, as the system calls it.
    ///
    /// ```text
    /// 63       32 31        0
    /// [ thread   ][ process ]
    /// ```
    Identity {
        process: u32,
        thread: u32,
    }
}

halves! {
    /// What holds of the schema.
    ///
    /// ```text
    /// 63                                              32 31                 0
    /// [ version: its lowest bit chooses the copy         ][ bytes of the schema ]
    /// ```
    SchemaState {
        bytes: u32,
        version: u32,
    }
}

halves! {
    /// Whether changes are written down.
    ///
    /// ```text
    /// 63                                        32 31                         0
    /// [ version: grows when somebody begins to watch ][ 1 while somebody may watch ]
    /// ```
    Watched {
        is_watched: u32,
        version: u32,
    }
}

halves! {
    /// Who claims a key.
    ///
    /// ```text
    /// 63                      32 31                                  0
    /// [ depth: how often it did ][ owner, as a word; 0: a free row     ]
    /// [ 0: a load that is overtaken ][ the same                       ]
    /// [ 1 | when it left, in ms ][ who left it to others that waited   ]
    ///                             bit 9: somebody waits for the end of it
    /// ```
    Holder {
        owner_word: u32,
        depth: u32,
    }
}

/// Set in the depth of a row that is free, and that its last holder leaves to others for a while.
const LEFT: u32 = 1 << 31;

impl Holder {
    /// The holder of a free row.
    pub(crate) const NONE: Self = Self { owner_word: 0, depth: 0 };

    pub(crate) fn new(owner: Owner, depth: u32) -> Self {
        Self { owner_word: owner.word(), depth: depth & !LEFT }
    }

    /// A free row, which `owner` has left to others at `now_ms`.
    pub(crate) fn left(owner: Owner, now_ms: u64) -> Self {
        Self { owner_word: owner.word(), depth: low(now_ms) | LEFT }
    }

    /// Whether no participant, dead or alive, claims the row.
    pub(crate) fn is_none(self) -> bool {
        self.owner_word == 0 || self.is_left()
    }

    pub(crate) fn owner(self) -> Option<Owner> {
        if self.is_left() { None } else { Owner::of_word(self.owner_word) }
    }

    /// Who left the row to others.
    pub(crate) fn leaver(self) -> Option<Owner> {
        if self.is_left() { Owner::of_word(self.owner_word) } else { None }
    }

    /// How long ago a row was left.
    pub(crate) fn left_ago_ms(self, now_ms: u64) -> u64 {
        u64::from(low(now_ms).wrapping_sub(self.depth) & !LEFT)
    }

    /// The same, of a load whose key was removed since: what it makes is not kept.
    pub(crate) fn overtaken(self) -> Self {
        Self { depth: 0, ..self }
    }

    pub(crate) fn is_overtaken(self) -> bool {
        self.depth == 0 && self.owner_word != 0
    }

    fn is_left(self) -> bool {
        self.depth & LEFT != 0
    }

    /// The same, marked as one for whose end somebody waits.
    pub(crate) fn awaited(self) -> Self {
        Self { owner_word: self.owner_word | CONTENDED, ..self }
    }

    /// Whether somebody waits for the end of it.
    pub(crate) fn is_awaited(self) -> bool {
        self.owner_word & CONTENDED != 0
    }
}

/// A claim of a key by a participant, in an open table.
#[derive(Debug)]
#[repr(C, align(16))]
pub(crate) struct ClaimRow {
    /// The hash of the key.
    pub(crate) hash: AtomicU64,
    pub(crate) holder: Field<Holder>,
}

/// Rows of the table of participants.
pub(crate) const PARTICIPANTS: usize = CLIENT_SLOTS as usize;
/// Rows of each table of claims: key locks, then loads.
pub(crate) const CLAIM_ROWS: [usize; 2] = [4096, 8192];
/// Versions of stripes: a copy is thrown away for another key's sake once in 65,536 writes.
pub const STRIPES: usize = 1 << 16;
/// Rows of the table of invalidated tags: 512 KiB, once a tag is invalidated.
pub(crate) const TAG_ROWS: usize = 1 << 14;
/// Bytes of each of the two copies of the schema.
pub const SCHEMA_BYTES_MAX: usize = 128 * 1024;

const _: () = assert!(size_of::<RegionHeader>() <= HEADER_BYTES);
const _: () = assert!(size_of::<ParticipantRow>() == 64);
const _: () = assert!(size_of::<ChangesHeader>() == 40);
const _: () = assert!(size_of::<ClaimRow>() == 16);
const _: () = assert!(offset_of!(RegionHeader, seed) == 64);
const _: () = assert!(offset_of!(RegionHeader, when_full) == 128);
const _: () = assert!(offset_of!(RegionHeader, pool_owner) == 192);
const _: () = assert!(offset_of!(RegionHeader, free) == 200);
const _: () = assert!(offset_of!(RegionHeader, claims) == 256);
const _: () = assert!(offset_of!(RegionHeader, schema_owner) == 384);
const _: () = assert!(offset_of!(RegionHeader, namespaces) == 388);
const _: () = assert!(offset_of!(RegionHeader, schema) == 392);
const _: () = assert!(offset_of!(RegionHeader, trust) == 400);
const _: () = assert!(offset_of!(RegionHeader, pool_journal) == 448);
const _: () = assert!(offset_of!(RegionHeader, watched) == 184);
const _: () = assert!(offset_of!(RegionHeader, changes) == 968);
const _: () = assert!(offset_of!(RegionHeader, name) == 1024);
const _: () = assert!(offset_of!(RegionHeader, tags) == 1536);
const _: () = assert!(offset_of!(RegionHeader, efforts) == 1600);
const _: () = assert!(size_of::<Name>() == 512);
const _: () = assert!(size_of::<TagRow>() == 32);
const _: () = assert!(offset_of!(ParticipantRow, identity) == 8);
const _: () = assert!(offset_of!(ParticipantRow, since_us) == 48);
const _: () = assert!(offset_of!(ClaimRow, holder) == 8);
