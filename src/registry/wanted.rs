//! What a watcher wants to know, and which changes that are. Knows no queue and no thread.
//!
//! Invariant: a change that may concern what is watched is wanted; so is each overflow.

use std::fmt;

use crate::contract::Change;
use crate::engine::watching::reader::{TagMark, Told};

/// What is watched.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// Changes of one key: its bytes, and whether it is wide.
    Key(Vec<u8>, bool),
    /// Changes of keys that begin so: units of a string.
    Prefix(Vec<u16>),
    /// Messages on a channel: its bytes, and whether it is wide.
    Channel(Vec<u8>, bool),
    /// Changes of entries with a tag, its invalidation first of all: as a key, and its mark.
    Tag(Vec<u8>, bool, TagMark),
}

/// Whether a key or a tag, by its bytes and width, is of those among which somebody watches.
pub type IsTheirs = Box<dyn Fn(&[u8], bool) -> bool + Send>;

/// What a watcher wants to know.
pub struct Wanted {
    /// What is watched.
    pub what: What,
    /// Which keys and tags there are for it, as far as it is about any.
    pub is_theirs: IsTheirs,
}

impl fmt::Debug for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.what.fmt(formatter)
    }
}

impl Wanted {
    pub(super) fn is_met_by(&self, told: &Told<'_>) -> bool {
        let change = told.change;
        if change == Change::Overflow {
            return true;
        }
        let is_named = |bytes: &[u8], wide: bool| told.key == bytes && told.wide == wide;
        let named = || units(told.key, told.wide);
        match &self.what {
            What::Channel(bytes, wide) => change == Change::Message && is_named(bytes, *wide),
            What::Tag(bytes, wide, mark) => match change {
                Change::Invalidate => is_named(bytes, *wide),
                // A tag is of a namespace, as the entries are that it stands for.
                Change::Clear => begins_with(units(bytes, *wide), named()),
                _ => told.is_of_tag(*mark),
            },
            What::Key(bytes, wide) => match change {
                // Whoever watches keys cannot know which of them have the tag.
                Change::Invalidate => (self.is_theirs)(told.key, told.wide),
                Change::Message | Change::Purge => false,
                Change::Clear => begins_with(units(bytes, *wide), named()),
                _ => is_named(bytes, *wide),
            },
            What::Prefix(prefix) => match change {
                Change::Invalidate => (self.is_theirs)(told.key, told.wide),
                Change::Message | Change::Purge => false,
                Change::Clear => begins_with(prefix.iter().copied(), named()),
                _ => {
                    begins_with(named(), prefix.iter().copied())
                        && (self.is_theirs)(told.key, told.wide)
                }
            },
        }
    }
}

/// The units of a string.
fn units(bytes: &[u8], wide: bool) -> impl Iterator<Item = u16> {
    let step = if wide { 2 } else { 1 };
    bytes.chunks_exact(step).map(|unit| match unit {
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => u16::from(unit[0]),
    })
}

fn begins_with(mut all: impl Iterator<Item = u16>, first: impl Iterator<Item = u16>) -> bool {
    let mut first = first;
    first.all(|unit| all.next() == Some(unit))
}
