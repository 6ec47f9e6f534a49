//! Namespaces of a key: each is a tag that whatever is kept under the key has by itself.
//!
//! A key of a namespace is NUL, each name of the path with a NUL behind it, one more NUL, and the
//! rest. All of it up to the NUL behind a name is the path of a namespace that the key is in; as a
//! tag it cannot be given, for tags of entries are kept as keys are. Invariant: an entry of a
//! namespace has these tags whichever verb made it.

use std::iter;

use super::{TagList, Tags, hash_of_bytes, tag_hash};
use crate::engine::entry::{Key, Tagging};
use crate::error::Error;
use crate::region::item::{Item, TagsHead};
use crate::region::region::Region;
use crate::sync::tags::TagHash;

/// Namespaces within each other; names of a path beyond are none.
const SPACES_MAX: usize = 16;
const WORD: usize = size_of::<u64>();
/// Bytes of the words before the hashes.
const HEAD_BYTES: usize = TagsHead::WORDS * WORD;
const HASH_BYTES: usize = size_of::<TagHash>();

/// The tags that an entry of a namespace has by itself, as they lie in its item.
pub(crate) struct Spaces {
    part: [u8; HEAD_BYTES + SPACES_MAX * HASH_BYTES],
    count: usize,
}

impl Spaces {
    /// Those of a key; `None` of one in no namespace.
    #[inline]
    pub(crate) fn of(seed: &[u64; 4], key: &Key<'_>) -> Option<Self> {
        if is_in_space(key) { Some(Self::of_path(seed, key)) } else { None }
    }

    #[cold]
    fn of_path(seed: &[u64; 4], key: &Key<'_>) -> Self {
        let mut spaces = Self { part: [0; HEAD_BYTES + SPACES_MAX * HASH_BYTES], count: 0 };
        if key.wide {
            let units = key.bytes.as_chunks::<2>().0;
            let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
            paths(&units).for_each(|path| spaces.add(tag_hash(seed, path)));
        } else {
            paths(key.bytes).for_each(|path| spaces.add(hash_of_bytes(seed, path, false)));
        }
        let head = TagsHead::new(spaces.count, 0, false);
        spaces.part[..WORD].copy_from_slice(&head.0.to_le_bytes());
        spaces
    }

    fn add(&mut self, hash: TagHash) {
        let hashes = self.part[HEAD_BYTES..].as_chunks_mut::<HASH_BYTES>().0;
        let words = hashes[self.count].as_chunks_mut::<WORD>().0;
        for (word, half) in words.iter_mut().zip(hash) {
            *word = half.to_le_bytes();
        }
        self.count += 1;
    }

    fn part(&self) -> &[u8] {
        &self.part[..HEAD_BYTES + self.count * HASH_BYTES]
    }

    /// These alone, of now or of a moment.
    pub(crate) fn alone(&self, as_of: Option<u64>) -> Tags<'_> {
        Tags { part: self.part(), sequence: 0, as_of }
    }

    /// These beside others that a write gives; `room` is for all of them.
    fn beside<'t>(&self, given: Tags<'t>, room: &'t mut Vec<u8>) -> Tags<'t> {
        let head = given.head();
        let count = self.count + head.count();
        let head = TagsHead::new(count, head.text_bytes(), head.is_wide());
        room.extend(head.0.to_le_bytes());
        room.extend(0_u64.to_le_bytes());
        room.extend(&self.part()[HEAD_BYTES..]);
        room.extend(given.part.get(HEAD_BYTES..).unwrap_or_default());
        Tags { part: room, ..given }
    }
}

impl TagList {
    /// No tags, for what has a moment all the same: an entry of a namespace is of that.
    pub fn none() -> Self {
        Self(Vec::new())
    }
}

/// What a write gives an entry with what its key does.
#[inline]
pub(crate) fn with_spaces<'t>(
    spaces: Option<&'t Spaces>,
    tagging: Tagging<'t>,
    room: &'t mut Vec<u8>,
) -> Tagging<'t> {
    match (spaces, tagging) {
        (None, Tagging::Given(tags)) if tags.part.is_empty() => Tagging::None,
        (None, tagging) | (_, tagging @ Tagging::Kept) => tagging,
        (Some(spaces), Tagging::None) => Tagging::Given(spaces.alone(None)),
        (Some(spaces), Tagging::Given(tags)) if tags.part.is_empty() => {
            Tagging::Given(spaces.alone(tags.as_of))
        }
        (Some(spaces), Tagging::Given(tags)) => Tagging::Given(spaces.beside(tags, room)),
    }
}

/// How many of the tags of an item its key makes: the first ones.
pub(crate) fn count_of_spaces(region: &Region, item: &Item) -> Result<usize, Error> {
    let mut bytes = Vec::new();
    item.copy_key(region, &mut bytes)?;
    let key = Key { bytes: &bytes, wide: item.head.is_wide(), form: 0 };
    Ok(if is_in_space(&key) { Spaces::of_path(&[0; 4], &key).count } else { 0 })
}

#[inline]
fn is_in_space(key: &Key<'_>) -> bool {
    match (key.wide, key.bytes) {
        (false, [0, second, ..]) => *second != 0,
        (true, [0, 0, low, high, ..]) => (*low, *high) != (0, 0),
        _ => false,
    }
}

/// The paths of the namespaces that a key is in, from the outermost on.
fn paths<T: Copy + Default + PartialEq>(key: &[T]) -> impl Iterator<Item = &[T]> {
    let nul = T::default();
    let mut end = 1;
    let paths = iter::from_fn(move || {
        // A name has a character at least: without one, the path has ended.
        let length = key.get(end..)?.iter().position(|unit| *unit == nul)?;
        end += length + 1;
        (length != 0).then(|| &key[..end])
    });
    paths.take(SPACES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_in_each_namespace_of_its_path() {
        let of = |key: &'static str| paths(key.as_bytes()).collect::<Vec<_>>();
        assert_eq!(of("\0a\0\0key"), [b"\0a\0"]);
        assert_eq!(of("\0a\0bc\0\0key\0\0"), [&b"\0a\0"[..], b"\0a\0bc\0"]);
        assert_eq!(of("\0a\0\0\0"), [b"\0a\0"]);
        assert_eq!(of("\0\0a\0\0key"), [b""; 0]);
        assert_eq!(of("\0a"), [b""; 0]);
        assert_eq!(of("\0"), [b""; 0]);
        assert_eq!(paths("\0a".repeat(40).as_bytes()).count(), SPACES_MAX);
    }

    #[test]
    fn a_namespace_is_the_same_for_narrow_and_wide_keys() {
        let seed = [1, 2, 3, 4];
        let wide: Vec<u8> = "\0a\0\0\u{263A}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = Key { bytes: &wide, wide: true, form: 0 };
        let spaces = |key: Key<'_>| Spaces::of(&seed, &key).map(|it| it.part().to_vec());
        let of = |key: &'static [u8]| spaces(Key::narrow(key));
        assert_eq!(spaces(wide), of(b"\0a\0\0k"));
        assert!(spaces(wide).is_some());
        assert_ne!(spaces(wide), of(b"\0b\0\0k"));
        assert!(of(b"\0\0a\0\0k").is_none());
        assert!(of(b"k").is_none());
    }
}
