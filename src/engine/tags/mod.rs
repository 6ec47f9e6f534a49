//! Tags of entries: what they lie as, and whether one was invalidated. Knows no slot.
//!
//! - [`table`]: invalidations, and lookups of them;
//! - [`purge`]: entries that were invalidated go, and what was noted for them;
//! - [`spaces`]: the namespaces of a key, which are tags of its entry too.
//!
//! Invariant: an entry of a tag that was invalidated after its sequence number is not there,
//! however it gets into the store. So the row of an invalidation may go only once every entry that
//! it is for has gone, and none can come any more: see
//! [`is_outdated`].

mod purge;
mod spaces;
mod table;

pub use purge::Purge;
pub(crate) use spaces::{Spaces, count_of_spaces, with_spaces};
pub(crate) use table::{is_invalidated, is_outdated, state_of};

use crate::contract::Change;
use crate::engine::entry::{Found, Key, Tagging};
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::engine::shard::Shard;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::region::bytes::padded;
use crate::region::item::{Item, TagsHead};
use crate::sync::tags::{self, TagHash};

/// Tags of one entry.
const TAGS_MAX: usize = 128;
/// They take at the most this part of a segment.
const SEGMENT_SHARE: usize = 4;

/// The tags of an entry, as they lie in its item.
#[derive(Clone, Debug)]
pub struct TagList(Vec<u8>);

impl TagList {
    /// These tags, for a write: of now, or of the moment that its value was made from.
    pub fn given(&self, as_of: Option<u64>) -> Tagging<'_> {
        Tagging::Given(Tags { part: &self.0, sequence: 0, as_of })
    }
}

/// The tags of an entry that a write makes.
#[derive(Clone, Copy, Debug)]
pub struct Tags<'a> {
    /// The words of the item, without the sequence number.
    pub(crate) part: &'a [u8],
    /// Known under the lock.
    pub(crate) sequence: u64,
    as_of: Option<u64>,
}

impl Tags<'_> {
    fn head(&self) -> TagsHead {
        TagsHead(self.part.first_chunk().map_or(0, |word| u64::from_le_bytes(*word)))
    }

    fn hashes(&self) -> impl Iterator<Item = TagHash> {
        let (words, _) = self.part.as_chunks::<8>();
        let hashes = words.get(TagsHead::WORDS..self.head().text_start()).unwrap_or_default();
        let hashes = hashes.as_chunks::<2>().0.iter();
        hashes.map(|[first, second]| [u64::from_le_bytes(*first), u64::from_le_bytes(*second)])
    }
}

impl Participant {
    /// Tags for a write. `packed` has the units of each behind their number.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when they are packed otherwise, or more than 128; [`Error::TooLarge`]
    /// when they take more than a quarter of a segment.
    pub fn tag_list(&self, packed: &[u16]) -> Result<TagList, Error> {
        let seed = &self.engine().seed;
        let hashes = each_of(packed)
            .map(|tag| tag.map(|tag| tag_hash(seed, tag)))
            .collect::<Result<Vec<_>, _>>()?;
        if hashes.len() > TAGS_MAX {
            return Err(Error::Argument);
        }
        let (text, wide) = bytes_of(packed);
        let head = TagsHead::new(hashes.len(), text.len(), wide);
        let bytes = head.words() * 8;
        if bytes > self.engine().region.layout().segment_bytes() / SEGMENT_SHARE {
            return Err(Error::TooLarge);
        }
        let mut part = Vec::with_capacity(bytes);
        let words = [head.0, 0].into_iter().chain(hashes.into_iter().flatten());
        part.extend(words.flat_map(u64::to_le_bytes));
        part.extend(text);
        part.resize(padded(part.len()), 0);
        Ok(TagList(part))
    }

    /// Invalidates tags, packed as for [`tag_list`](Self::tag_list), one after another: whatever
    /// has one of them and was written before, or is of a moment before, is not there any more.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when they are packed otherwise; [`Error::Full`] when there is no memory
    /// to note it; [`Error::Busy`] when a live participant keeps a lock for 10 seconds.
    pub fn invalidate_tags(&self, packed: &[u16]) -> Result<(), Error> {
        for tag in each_of(packed) {
            let tag = tag?;
            self.invalidate_named(tag, Change::Invalidate)?;
        }
        self.engine().region.written(())
    }

    /// Removes all entries of a namespace and of those within, by its path: see [`spaces`].
    ///
    /// # Errors
    ///
    /// As [`invalidate_tags`](Self::invalidate_tags).
    pub fn clear_space(&self, path: &[u16]) -> Result<(), Error> {
        self.invalidate_named(path, Change::Clear)?;
        self.engine().region.written(())
    }

    fn invalidate_named(&self, tag: &[u16], change: Change) -> Result<(), Error> {
        let (bytes, wide) = bytes_of(tag);
        let name = Key { bytes: &bytes, wide, form: 0 };
        self.invalidate(hash_of_bytes(&self.engine().seed, &bytes, wide), name, change)
    }

    /// The moment of now, for what is made from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when pages of the store are gone.
    pub fn moment(&self) -> Result<u64, Error> {
        let region = &self.engine().region;
        region.check()?;
        // While a tag is being invalidated, it may come after.
        Ok(if region.has_stripes() { tags::moment(region.tag_counter()) & !1 } else { 0 })
    }

    /// Whether one of these tags, packed as for [`tag_list`](Self::tag_list), was invalidated after
    /// a moment.
    ///
    /// # Errors
    ///
    /// As [`invalidate_tags`](Self::invalidate_tags).
    pub fn is_any_invalidated(&self, packed: &[u16], as_of: u64) -> Result<bool, Error> {
        let region = &self.engine().region;
        region.check()?;
        if !region.has_stripes() {
            return Ok(false);
        }
        let seed = &self.engine().seed;
        let hashes = each_of(packed)
            .map(|tag| tag.map(|tag| tag_hash(seed, tag)))
            .collect::<Result<Vec<_>, _>>()?;
        region.written(is_outdated(region, as_of, hashes.into_iter()))
    }

    /// The tags of a live entry, packed as for [`tag_list`](Self::tag_list), at the end of `into`;
    /// what is known of the entry, and whether two bytes make a unit. Nothing is added for an entry
    /// without tags. Does not count as a read.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when a live participant keeps the shard for 10 seconds.
    pub fn tags(
        &self,
        key: Key<'_>,
        clock: &impl Clock,
        into: &mut Vec<u8>,
    ) -> Result<Option<(Found, bool)>, Error> {
        let engine = self.engine();
        let region = &engine.region;
        let hash = engine.hash(&key);
        let shard = engine.lock_of(self.client(), hash)?;
        let version = region.version(hash.stripe());
        let Some(held) = shard.find(&key, hash)? else { return Ok(None) };
        let found = Found::of(region, &held.item, hash, version)?;
        if !found.is_live(clock) {
            return Ok(None);
        }
        let is_wide = held.item.copy_tag_text(region, into)?;
        region.written(Some((found, is_wide)))
    }
}

impl Shard<'_> {
    /// The tags of an entry with the sequence number that it gets; `None` when one of them was
    /// invalidated after the moment that it is of.
    pub(crate) fn sequenced<'t>(&self, given: Tags<'t>) -> Option<Tags<'t>> {
        let region = self.region;
        let counter = region.tag_counter();
        let Some(as_of) = given.as_of else {
            return Some(Tags { sequence: tags::sequence_of_a_write(counter), ..given });
        };
        let is_outdated = is_outdated(region, as_of, given.hashes());
        (!is_outdated).then_some(Tags { sequence: as_of, ..given })
    }

    /// Copies the tags of a live entry, for the one that takes its place.
    pub(crate) fn copy_tags(&self, item: &Item, into: &mut Vec<u8>) -> Result<(), Error> {
        let Some(tags) = item.tags(self.region)? else { return Ok(()) };
        let start = item.offset + item.head.area_start();
        self.region.append_to(start, tags.0.len() * 8, into)
    }
}

impl<'a> Tags<'a> {
    /// Those that another entry had, which was right at this moment.
    pub(crate) fn kept(part: &'a [u8], moment: u64) -> Self {
        Self { part, sequence: moment & !1, as_of: None }
    }
}

/// The tags in `packed`.
fn each_of(packed: &[u16]) -> impl Iterator<Item = Result<&[u16], Error>> {
    let mut rest = packed;
    std::iter::from_fn(move || {
        let (count, behind) = rest.split_first()?;
        let Some((tag, next)) = behind.split_at_checked(usize::from(*count)) else {
            rest = &[];
            return Some(Err(Error::Argument));
        };
        rest = next;
        Some(Ok(tag))
    })
}

/// The bytes of units: one each if all fit.
fn bytes_of(units: &[u16]) -> (Vec<u8>, bool) {
    let wide = units.iter().fold(0, |seen, unit| seen | unit) > 0xFF;
    let bytes = units.iter().flat_map(|unit| unit.to_le_bytes());
    (bytes.step_by(if wide { 1 } else { 2 }).collect(), wide)
}

/// What a tag is known by.
pub(crate) fn tag_hash(seed: &[u64; 4], tag: &[u16]) -> TagHash {
    let (bytes, wide) = bytes_of(tag);
    hash_of_bytes(seed, &bytes, wide)
}

fn hash_of_bytes(seed: &[u64; 4], bytes: &[u8], wide: bool) -> TagHash {
    let [first, second, third, fourth] = *seed;
    let other = [fourth, first, second, third];
    [Hash::of(seed, bytes, wide).0, Hash::of(&other, bytes, wide).0]
}
