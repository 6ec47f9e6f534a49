//! The table of invalidated tags: lookups without a lock, changes under its own. Knows no entry.
//!
//! The row of a tag is in one of two buckets that its hash chooses. The lock is taken alone, or
//! under those of all shards, and under it only that of the ring of changes.

use crate::contract::Change;
use crate::engine::entry::Key;
use crate::engine::fail_points::{Point, pass};
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::thread::is_panicking;
use crate::region::header::{TAG_ROWS, TagsHeader};
use crate::region::item::ItemTags;
use crate::region::region::Region;
use crate::region::word::to_usize;
use crate::sync::lock::{self, Won};
use crate::sync::tags::{self, TagHash, TagRow};
use crate::sync::{AtomicU64, Ordering};

/// Rows of a bucket: two lines of the cache.
const BUCKET_ROWS: usize = 4;
const BUCKETS: usize = TAG_ROWS / BUCKET_ROWS;
/// Times a full table is purged for one tag: others may fill it again.
const ATTEMPTS: usize = 16;

/// For which moment something is known of an entry's tags, and whether one was invalidated.
pub(crate) fn state_of(region: &Region, tags: ItemTags<'_>) -> (u64, bool) {
    let moment = tags::moment(region.tag_counter());
    (moment, is_invalidated(region, moment, tags.sequence(), tags.hashes()))
}

/// Whether one of these tags was invalidated after `sequence`, and at `moment`, the counter, at the
/// latest.
pub(crate) fn is_invalidated(
    region: &Region,
    moment: u64,
    sequence: u64,
    mut hashes: impl Iterator<Item = TagHash>,
) -> bool {
    // Acquire: no row that is not counted was there.
    if sequence >= moment || region.header().tags.rows.load(Ordering::Acquire) == 0 {
        return false;
    }
    hashes.any(|tag| rows_of(region, tag).any(|row| row.latest(tag) > sequence))
}

/// Whether one of these tags was invalidated after a moment that something was made from, or may
/// have been: of what was dropped it is only known which row it had.
pub(crate) fn is_outdated(
    region: &Region,
    as_of: u64,
    mut hashes: impl Iterator<Item = TagHash>,
) -> bool {
    // Nothing was invalidated since, or ever: the table need not be real.
    as_of < tags::moment(region.tag_counter())
        && hashes.any(|tag| rows_of(region, tag).any(|row| row.latest_at_most(tag) > as_of))
}

/// The rows that a tag may have.
fn rows_of(region: &Region, tag: TagHash) -> impl Iterator<Item = &TagRow> {
    let buckets = tag.map(|half| to_usize(half % BUCKETS as u64));
    (0..2 * BUCKET_ROWS).map(move |place| {
        region.tag_row(buckets[place / BUCKET_ROWS] * BUCKET_ROWS + place % BUCKET_ROWS)
    })
}

/// The table, its lock held.
pub(super) struct LockedTags<'a> {
    of: &'a Participant,
}

impl Drop for LockedTags<'_> {
    fn drop(&mut self) {
        if is_panicking() {
            self.of.engine().bump_epoch(self.of.client());
        } else {
            lock::release(&self.header().owner);
        }
    }
}

impl<'a> LockedTags<'a> {
    /// Takes the lock. The table is real.
    pub(super) fn of(of: &'a Participant) -> Result<Self, Error> {
        of.engine().region.commit_tags()?;
        let word = &of.engine().region.header().tags.owner;
        let won = of.client().acquire(word, &of.engine().liveness())?;
        let table = Self { of };
        pass(Point::Locked);
        if won == Won::Recovered {
            table.count_rows();
            tags::settle(table.counter());
            // What was invalidated may not have been told.
            of.engine().miss();
        }
        Ok(table)
    }

    /// The moment of now: whatever was invalidated so far has its row.
    pub(super) fn moment(&self) -> u64 {
        tags::moment(self.counter())
    }

    /// Invalidates a tag; `false` when there is no row for it.
    fn invalidate(&self, tag: TagHash) -> bool {
        let region = &self.of.engine().region;
        let own = rows_of(region, tag).find(|row| row.sequence() != 0 && row.is_of(tag));
        let free = || rows_of(region, tag).find(|row| row.sequence() == 0);
        let Some(row) = own.or_else(free) else { return false };
        if own.is_none() {
            // Before the row: readers skip the table while the count is 0.
            self.header().rows.fetch_add(1, Ordering::Release);
            row.claim(tag);
        }
        pass(Point::TagClaimed);
        let sequence = tags::begin(self.counter());
        pass(Point::TagBegun);
        row.commit(sequence);
        pass(Point::TagInvalidated);
        tags::end(self.counter(), sequence);
        true
    }

    /// Drops the rows of all that was invalidated up to a moment. Every entry that they were for is
    /// gone.
    pub(super) fn drop_rows(&self, moment: u64) {
        let mut dropped = 0;
        for row in self.rows().filter(|row| (1..=moment).contains(&row.sequence())) {
            row.note_dropped();
            pass(Point::TagsFloored);
            row.free();
            pass(Point::TagDropped);
            dropped += 1;
        }
        if dropped > 0 {
            self.count_rows();
        }
    }

    fn count_rows(&self) {
        let count = self.rows().filter(|row| row.sequence() != 0).count();
        self.header().rows.store(count as u64, Ordering::Release);
    }

    fn rows(&self) -> impl Iterator<Item = &'a TagRow> {
        let region = &self.of.engine().region;
        (0..TAG_ROWS).map(|row| region.tag_row(row))
    }

    fn header(&self) -> &'a TagsHeader {
        &self.of.engine().region.header().tags
    }

    fn counter(&self) -> &'a AtomicU64 {
        self.of.engine().region.tag_counter()
    }
}

impl Participant {
    /// Invalidates one tag. Where the table is full, what was invalidated before goes first.
    /// It is told as `change`.
    pub(super) fn invalidate(
        &self,
        tag: TagHash,
        name: Key<'_>,
        change: Change,
    ) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            // Who watches is told of it behind all that it is about, and before all that comes
            // after: so no entry is changed meanwhile.
            let engine = self.engine();
            let shards = engine.is_watched().then(|| engine.lock_all(self.client())).transpose()?;
            let table = LockedTags::of(self)?;
            if table.invalidate(tag) {
                engine.tell_invalidated(self.client(), name, change, shards.as_deref());
                return Ok(());
            }
            drop(table);
            drop(shards);
            self.purge_all()?;
        }
        Err(Error::Full)
    }
}
