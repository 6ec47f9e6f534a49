//! An item: the bytes of an entry in a segment. Knows where its parts lie, not what they mean.
//!
//! ```text
//! word 0   bits 0–30 bytes of the value · 31 large · 32–47 bytes of the key
//!          48–55 kind · 56–60 form of the key · 61 tagged · 62 may be stale · 63 wide key
//! word 1   deadline, in microseconds of the store's clock; all ones: never
//! then     the key, padded to 8 · if it may be stale, how long before its deadline it turns
//!          stale, in microseconds · the value, padded to 8
//! ```
//!
//! The value of a tagged item has its tags in front, and they count towards its bytes: see
//! [`TagsHead`].
//!
//! A large item fills an extent: segments of its own, value after value through the chain.

use std::iter;

use super::bytes::{are_words, load_words, padded};
use super::region::Region;
use super::slot::Slot;
use super::word::to_usize;
use crate::error::Error;
use crate::sync::tags::TagHash;
use crate::sync::{AtomicU64, Ordering};

/// Bytes of an item before its key.
pub(crate) const HEAD_BYTES: usize = 16;
/// From the start of an item to its deadline.
pub(crate) const DEADLINE: usize = 8;
/// The longest value: 1 GiB.
pub const VALUE_BYTES_MAX: usize = 1 << 30;

const VALUE_MASK: u64 = (1 << 31) - 1;
const LARGE: u64 = 1 << 31;
const KEY_SHIFT: u32 = 32;
const KEY_MASK: u64 = 0xFFFF;
const KIND_SHIFT: u32 = 48;
const FORM_SHIFT: u32 = 56;
const FORM_MASK: u64 = 0x1F;
const TAGGED: u64 = 1 << 61;
const MAY_BE_STALE: u64 = 1 << 62;
const WIDE: u64 = 1 << 63;

/// The first word of an item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ItemHead(pub(crate) u64);

impl ItemHead {
    pub(crate) fn new(key_bytes: usize, area_bytes: usize) -> Self {
        debug_assert!(key_bytes as u64 <= KEY_MASK && area_bytes <= VALUE_BYTES_MAX);
        Self((key_bytes as u64) << KEY_SHIFT | area_bytes as u64)
    }

    pub(crate) fn with_traits(self, kind: u8, form: u8, wide: bool) -> Self {
        debug_assert!(u64::from(form) <= FORM_MASK);
        let wide = if wide { WIDE } else { 0 };
        Self(self.0 | u64::from(kind) << KIND_SHIFT | u64::from(form) << FORM_SHIFT | wide)
    }

    /// With a word that says how long before its deadline the item turns stale.
    pub(crate) fn with_staleness(self) -> Self {
        Self(self.0 | MAY_BE_STALE)
    }

    /// With tags in front of the value.
    pub(crate) fn with_tags(self) -> Self {
        Self(self.0 | TAGGED)
    }

    #[inline]
    pub(crate) fn is_tagged(self) -> bool {
        self.0 & TAGGED != 0
    }

    pub(crate) fn large(self) -> Self {
        Self(self.0 | LARGE)
    }

    #[inline]
    pub(crate) fn is_large(self) -> bool {
        self.0 & LARGE != 0
    }

    #[inline]
    pub(crate) fn key_bytes(self) -> usize {
        to_usize(self.0 >> KEY_SHIFT & KEY_MASK)
    }

    /// Bytes of the value and the tags in front of it.
    #[inline]
    pub(crate) fn area_bytes(self) -> usize {
        to_usize(self.0 & VALUE_MASK)
    }

    #[inline]
    pub(crate) fn is_wide(self) -> bool {
        self.0 & WIDE != 0
    }

    #[inline]
    pub(crate) fn kind(self) -> u8 {
        self.0.to_le_bytes()[6]
    }

    #[inline]
    pub(crate) fn form(self) -> u8 {
        self.0.to_le_bytes()[7] & 0x1F
    }

    #[inline]
    pub(crate) fn may_be_stale(self) -> bool {
        self.0 & MAY_BE_STALE != 0
    }

    /// Words between the key and the value.
    #[inline]
    fn staleness_words(self) -> usize {
        usize::from(self.may_be_stale())
    }

    /// Bytes from the item's start to the word that says when it turns stale, if it has one.
    pub(crate) fn staleness_start(self) -> Option<usize> {
        self.may_be_stale().then(|| HEAD_BYTES + padded(self.key_bytes()))
    }

    /// Whether the key has so many bytes, and this width.
    #[inline]
    fn is_of_key(self, bytes: usize, wide: bool) -> bool {
        let key = (bytes as u64) << KEY_SHIFT | if wide { WIDE } else { 0 };
        (self.0 ^ key) & (KEY_MASK << KEY_SHIFT | WIDE) == 0
    }

    /// Bytes from the item's start to its tags, if it has any, and its value.
    #[inline]
    pub(crate) fn area_start(self) -> usize {
        HEAD_BYTES + padded(self.key_bytes()) + self.staleness_words() * 8
    }

    /// Bytes of the whole item.
    #[inline]
    pub(crate) fn item_bytes(self) -> usize {
        self.area_start() + padded(self.area_bytes())
    }
}

/// What stands before the tags of an item, in the first of their words.
///
/// ```text
/// word 0   bits 0–31 bytes of the text · 32–47 how many tags · 48 wide text
/// word 1   the counter of invalidations when the entry was written, or before it was made
/// then     two words of hash for each tag · their text, padded to 8
/// ```
///
/// The text has a unit with the length of each tag before its own units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TagsHead(pub(crate) u64);

impl TagsHead {
    /// Words before the hashes.
    pub(crate) const WORDS: usize = 2;
    /// Bytes before the counter.
    pub(crate) const SEQUENCE: usize = 8;
    const WIDE: u64 = 1 << 48;

    pub(crate) fn new(count: usize, text_bytes: usize, wide: bool) -> Self {
        let wide = if wide { Self::WIDE } else { 0 };
        Self(wide | (count as u64) << 32 | text_bytes as u64)
    }

    pub(crate) fn count(self) -> usize {
        to_usize(self.0 >> 32 & 0xFFFF)
    }

    pub(crate) fn text_bytes(self) -> usize {
        to_usize(self.0 & 0xFFFF_FFFF)
    }

    pub(crate) fn is_wide(self) -> bool {
        self.0 & Self::WIDE != 0
    }

    /// Words from the first on to the text.
    pub(crate) fn text_start(self) -> usize {
        Self::WORDS + 2 * self.count()
    }

    /// Words of all of it.
    pub(crate) fn words(self) -> usize {
        self.text_start() + padded(self.text_bytes()) / 8
    }
}

/// The tags of an item: their words in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ItemTags<'a>(pub(crate) &'a [AtomicU64]);

impl<'a> ItemTags<'a> {
    /// The tags at the beginning of an area of this many bytes, and the words behind them.
    #[cold]
    fn split(area: &'a [AtomicU64], bytes: usize) -> Option<(Self, &'a [AtomicU64])> {
        // Relaxed here and below: as for an item.
        let words = TagsHead(area.first()?.load(Ordering::Relaxed)).words();
        if words * 8 > bytes {
            return None;
        }
        area.split_at_checked(words).map(|(tags, value)| (Self(tags), value))
    }

    pub(crate) fn head(self) -> TagsHead {
        TagsHead(self.word(0))
    }

    /// The counter of invalidations that the entry keeps.
    pub(crate) fn sequence(self) -> u64 {
        self.word(1)
    }

    pub(crate) fn hashes(self) -> impl Iterator<Item = TagHash> {
        let words = self.0.get(TagsHead::WORDS..self.head().text_start()).unwrap_or_default();
        words
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[first, second]| [first.load(Ordering::Relaxed), second.load(Ordering::Relaxed)])
    }

    fn word(self, index: usize) -> u64 {
        self.0.get(index).map_or(0, |word| word.load(Ordering::Relaxed))
    }
}

/// An item as one reads it who looks it up: its words, and what follows them in its segment.
/// Nothing is known of them but that they can be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OptimisticItem<'a> {
    pub(crate) head: ItemHead,
    pub(crate) deadline_us: u64,
    pub(crate) tags: Option<ItemTags<'a>>,
    pub(crate) value_bytes: usize,
    value: &'a [AtomicU64],
}

impl<'a> OptimisticItem<'a> {
    /// The item at the beginning of `words`, if it has this key.
    ///
    /// Loads what does not depend on the head as if the head were right: the processor need not
    /// wait for it to know where the rest lies.
    #[inline]
    pub(crate) fn of_key(words: &'a [AtomicU64], key: &[u8], wide: bool) -> Option<Self> {
        let [head, deadline, rest @ ..] = words else { return None };
        let (stored, value) = rest.split_at_checked(padded(key.len()) / 8)?;
        // Relaxed here and below: the slot that led here was loaded with Acquire; what a late
        // reader finds in a reused segment is thrown away after the last look at the generation.
        let head = ItemHead(head.load(Ordering::Relaxed));
        let fits = head.is_of_key(key.len(), wide) && are_words(stored, key);
        let value = value.get(head.staleness_words()..)?;
        if !fits {
            return None;
        }
        let (value_bytes, deadline_us) = (head.area_bytes(), deadline.load(Ordering::Relaxed));
        let item = Self { head, deadline_us, tags: None, value_bytes, value };
        if head.is_tagged() { item.without_tags() } else { Some(item) }
    }

    /// The same of an item whose value has its tags in front.
    #[cold]
    fn without_tags(self) -> Option<Self> {
        let (tags, value) = ItemTags::split(self.value, self.value_bytes)?;
        let value_bytes = self.value_bytes - tags.0.len() * 8;
        Some(Self { tags: Some(tags), value_bytes, value, ..self })
    }

    /// Whether the value is no longer than it can be.
    pub(crate) fn is_sound(&self, region: &Region) -> bool {
        let bytes = self.value_bytes;
        if self.head.is_large() { region.could_hold(bytes) } else { bytes <= self.value.len() * 8 }
    }

    /// Copies a value that is not large to `into`, which is as long as it. `false`: it cannot be
    /// whole, for it would not end with its segment.
    #[inline]
    pub(crate) fn copy_value(&self, into: &mut [u8]) -> bool {
        debug_assert!(!self.head.is_large() && into.len() == self.value_bytes);
        let words = self.value.get(..padded(into.len()) / 8);
        words.is_some_and(|words| {
            load_words(words, into);
            true
        })
    }
}

/// An item that lies within bounds: all of it, or for a large one its head and key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) segment: u32,
    /// Bytes from the start of its segment.
    pub(crate) within: usize,
    /// Bytes from the start of the region.
    pub(crate) offset: usize,
    pub(crate) head: ItemHead,
    /// Of the tags in front of the value.
    tag_bytes: usize,
}

impl Item {
    /// The item at a slot's place.
    #[inline]
    pub(crate) fn of_slot(region: &Region, slot: Slot) -> Result<Self, Error> {
        Self::at_place(region, slot.place().ok_or(Error::Corrupted)?)
    }

    /// The item at a place of the segments' area.
    #[inline]
    pub(crate) fn at_place(region: &Region, place: usize) -> Result<Self, Error> {
        let (segment, within) = region.layout().segment_of(place).ok_or(Error::Corrupted)?;
        Self::at(region, segment, within)
    }

    /// The item at `within` bytes into `segment`.
    #[inline]
    pub(crate) fn at(region: &Region, segment: u32, within: usize) -> Result<Self, Error> {
        let room = region.layout().segment_bytes().saturating_sub(within);
        if room < HEAD_BYTES {
            return Err(Error::Corrupted);
        }
        let offset = region.layout().segment_start(segment) + within;
        // Relaxed: the slot that led here was loaded with Acquire; what a late reader finds in a
        // reused segment is thrown away after the last look at the generation.
        let head = ItemHead(region.word(offset)?.load(Ordering::Relaxed));
        let must_fit = if head.is_large() { head.area_start() } else { head.item_bytes() };
        let is_sound = must_fit <= room
            && (!head.is_large() || (within == 0 && region.could_hold(head.area_bytes())));
        if !is_sound {
            return Err(Error::Corrupted);
        }
        let item = Self { segment, within, offset, head, tag_bytes: 0 };
        if head.is_tagged() { item.with_tags(region, room) } else { Ok(item) }
    }

    #[cold]
    fn with_tags(self, region: &Region, room: usize) -> Result<Self, Error> {
        let (start, bytes) = (self.head.area_start(), self.head.area_bytes());
        let words = bytes.min(room.saturating_sub(start)) / 8;
        let area = region.words(self.offset + start, words)?;
        let (tags, _) = ItemTags::split(area, bytes).ok_or(Error::Corrupted)?;
        Ok(Self { tag_bytes: tags.0.len() * 8, ..self })
    }

    /// Bytes of its value.
    #[inline]
    pub(crate) fn value_bytes(&self) -> usize {
        self.head.area_bytes().saturating_sub(self.tag_bytes)
    }

    /// Bytes from its start to its value.
    #[inline]
    pub(crate) fn value_start(&self) -> usize {
        self.head.area_start() + self.tag_bytes
    }

    /// Its tags; `None` of an item without.
    pub(crate) fn tags<'a>(&self, region: &'a Region) -> Result<Option<ItemTags<'a>>, Error> {
        if self.tag_bytes == 0 {
            return Ok(None);
        }
        let words = region.words(self.offset + self.head.area_start(), self.tag_bytes / 8)?;
        Ok(Some(ItemTags(words)))
    }

    /// Copies the text of its tags to the end of `into`; whether two bytes of it make a unit.
    pub(crate) fn copy_tag_text(&self, region: &Region, into: &mut Vec<u8>) -> Result<bool, Error> {
        let Some(head) = self.tags(region)?.map(ItemTags::head) else { return Ok(false) };
        let start = head.text_start() * 8;
        // Looked at twice, it may be another's by now: no more than the tags were known to take.
        if start + head.text_bytes() > self.tag_bytes {
            return Err(Error::Corrupted);
        }
        region.append_to(self.offset + self.head.area_start() + start, head.text_bytes(), into)?;
        Ok(head.is_wide())
    }

    /// The items of a segment, live or not, from its start to where it is used by now. One that
    /// leads outside ends the walk.
    pub(crate) fn each_of(
        region: &Region,
        segment: u32,
    ) -> Result<impl Iterator<Item = Self>, Error> {
        Self::each_from(region, segment, 0)
    }

    /// The same, from one of them on.
    pub(crate) fn each_from(
        region: &Region,
        segment: u32,
        mut within: usize,
    ) -> Result<impl Iterator<Item = Self>, Error> {
        let (used, _) = region.segment(segment)?.used_and_live();
        // Ends: an item has at least its head.
        Ok(iter::from_fn(move || {
            let item = (within < used).then(|| Self::at(region, segment, within).ok())??;
            within += item.head.item_bytes();
            Some(item)
        }))
    }

    /// Where the first item of a segment begins that does not begin before `from`.
    pub(crate) fn first_from(region: &Region, segment: u32, from: usize) -> Result<usize, Error> {
        // From the first one on: where an item begins, nothing else says.
        let mut items = Self::each_of(region, segment)?.map(|item| item.within);
        Ok(if from == 0 { 0 } else { items.find(|within| *within >= from).unwrap_or(usize::MAX) })
    }

    /// Where it lies in the segments' area, as a slot says it.
    pub(crate) fn place(&self, region: &Region) -> usize {
        self.offset - region.layout().segments
    }

    /// When the entry stops being there.
    #[inline]
    pub(crate) fn deadline_us(&self, region: &Region) -> Result<u64, Error> {
        // Relaxed: one word, and any of its values was the deadline at some time.
        Ok(region.word(self.offset + DEADLINE)?.load(Ordering::Relaxed))
    }

    /// How long before its deadline it turns stale; 0 for not at all.
    pub(crate) fn stale_us(&self, region: &Region) -> Result<u64, Error> {
        match self.head.staleness_start() {
            // Relaxed: one word, and any of its values was right at some time.
            Some(start) => Ok(region.word(self.offset + start)?.load(Ordering::Relaxed)),
            None => Ok(0),
        }
    }

    /// Changes that. Under the lock of its shard; nothing happens to what never turns stale.
    pub(crate) fn set_stale_us(&self, region: &Region, stale_us: u64) -> Result<(), Error> {
        if let Some(start) = self.head.staleness_start() {
            // Relaxed: a reader that still sees the former value was a moment earlier.
            region.word(self.offset + start)?.store(stale_us, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Whether its key is this one.
    #[inline]
    pub(crate) fn has_key(&self, region: &Region, key: &[u8], wide: bool) -> Result<bool, Error> {
        let fits = self.head.key_bytes() == key.len() && self.head.is_wide() == wide;
        Ok(fits && region.equals(self.offset + HEAD_BYTES, key)?)
    }

    /// Copies the key to the end of `into`.
    pub(crate) fn copy_key(&self, region: &Region, into: &mut Vec<u8>) -> Result<(), Error> {
        region.append_to(self.offset + HEAD_BYTES, self.head.key_bytes(), into)
    }

    /// Calls `piece` with each stretch of the value in turn: where in the region, how long.
    pub(crate) fn each_piece(
        &self,
        region: &Region,
        mut piece: impl FnMut(usize, usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let bytes = region.layout().segment_bytes();
        let mut left = self.value_bytes();
        let mut segment = self.segment;
        let mut within = self.within + self.value_start();
        // Ends: each turn takes at least one byte, or finds the end of the chain.
        loop {
            let length = left.min(bytes - within);
            if length > 0 {
                piece(region.layout().segment_start(segment) + within, length)?;
            }
            left -= length;
            if left == 0 {
                return Ok(());
            }
            // Relaxed: the chain was linked before the slot was published.
            let chain = region.segment(segment)?.chain.load(Ordering::Relaxed);
            segment = chain.next.target().ok_or(Error::Corrupted)?;
            region.segment(segment)?;
            within = 0;
        }
    }

    /// Copies the value to `into`, which is as long as it.
    pub(crate) fn copy_value(&self, region: &Region, into: &mut [u8]) -> Result<(), Error> {
        debug_assert_eq!(into.len(), self.value_bytes());
        let mut done = 0;
        self.each_piece(region, |offset, length| {
            let part = &mut into[done..done + length];
            done += length;
            region.load_bytes(offset, part)
        })
    }
}
