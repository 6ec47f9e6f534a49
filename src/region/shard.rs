//! The header of a shard: its lock, its index, its segments, its journal.
//!
//! All but the first words of the read line are touched by the holder of the lock only.

use std::mem::offset_of;

use crate::sync::journal::Journal;
use crate::sync::{AtomicU32, AtomicU64};

/// Kinds of new items that have segments of their own, so that whole segments expire together.
pub(crate) const CLASSES: usize = 4;
/// Bytes of a shard's header.
pub(crate) const SHARD_BYTES: usize = 1024;

/// One shard.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct ShardHeader {
    /// What readers load. Low: depth of the directory. High: how often entries moved.
    pub(crate) index: AtomicU64,
    read_line: [AtomicU64; 7],

    /// The lock: names its holder.
    pub(crate) owner: AtomicU32,
    /// 1 + the stripe whose version is odd.
    pub(crate) open_stripe: AtomicU32,
    /// What goes on in several changes: 0, or see `engine::recover`.
    pub(crate) intent: AtomicU64,
    /// Entries, due ones that are not swept yet included.
    pub(crate) entries: AtomicU64,
    /// No entry is due before.
    pub(crate) earliest_us: AtomicU64,
    /// Queues of segments, oldest to newest. Low: link to the oldest. High: to the newest.
    pub(crate) queues: [AtomicU64; 2],
    /// Segments in each queue. Low: of new items. High: of the main queue.
    pub(crate) lengths: AtomicU64,
    /// Links to the segments that take items: one a class, then the main queue's.
    pub(crate) open: [AtomicU64; CLASSES + 1],
    /// Low: link to the first spare segment. High: how many.
    pub(crate) spare: AtomicU64,
    /// Low: link to the newest segment of the index. High: groups used of it.
    pub(crate) index_segments: AtomicU64,
    /// Segments that hold groups.
    pub(crate) index_length: AtomicU64,
    /// Where the search for segments worth compacting goes on.
    pub(crate) compaction: AtomicU64,
    /// Since the store began: entries evicted, expired, moved, and locks taken from the dead.
    pub(crate) evicted: AtomicU64,
    pub(crate) expired: AtomicU64,
    pub(crate) moved: AtomicU64,
    pub(crate) steals: AtomicU64,
    unused: [AtomicU64; 12],

    pub(crate) journal: Journal,
    end: [AtomicU64; 23],
}

const _: () = assert!(size_of::<ShardHeader>() == SHARD_BYTES);
const _: () = assert!(offset_of!(ShardHeader, owner) == 64);
const _: () = assert!(offset_of!(ShardHeader, journal) == 320);
