//! What goes into a store and what comes out of it. Knows no region.

use super::tags::Tags;
use crate::contract::Kind;
use crate::error::Error;
use crate::region::item::VALUE_BYTES_MAX;

/// The deadline of what never expires.
pub use crate::platform::clock::NEVER_US;

/// The kind of a value that [`add`](super::participant::Participant::add) works on: eight bytes, a
/// 64-bit float, little-endian. All other kinds mean nothing to the engine.
pub const NUMBER: u8 = Kind::Number.number();

/// The largest form of a key.
pub const FORM_MAX: u8 = 0x1F;

/// A key: bytes, and whether two of them make a unit of its string.
///
/// A wide and a narrow key of the same bytes are different keys. The form is kept with the entry
/// and comes back with it; it does not tell keys apart.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// Its bytes: at most half a segment, and 65,528.
    pub bytes: &'a [u8],
    /// Whether two bytes make a unit.
    pub wide: bool,
    /// How the caller gave it, 0 to [`FORM_MAX`].
    pub form: u8,
}

impl<'a> Key<'a> {
    /// A narrow key of form 0.
    pub fn narrow(bytes: &'a [u8]) -> Self {
        Self { bytes, wide: false, form: 0 }
    }
}

/// A value with what belongs to it.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    /// What the bytes are: opaque, but for [`NUMBER`].
    pub kind: u8,
    /// The bytes: at most 1 GiB.
    pub bytes: &'a [u8],
    /// When the entry stops being there, on the store's clock; [`NEVER_US`] for never.
    pub deadline_us: u64,
    /// How long before that it turns stale: it is there, and somebody may want to renew it. 0 for
    /// not at all.
    pub stale_us: u64,
    /// What the entry can be invalidated by.
    pub tags: Tagging<'a>,
}

/// The tags of an entry that a write makes.
#[derive(Clone, Copy, Debug)]
pub enum Tagging<'a> {
    /// None.
    None,
    /// Those of the live entry that is overwritten, if it has any.
    Kept,
    /// These.
    Given(Tags<'a>),
}

impl Tagging<'_> {
    /// Bytes of an item that they take.
    #[inline]
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Given(tags) => tags.part.len(),
            Self::None | Self::Kept => 0,
        }
    }
}

impl<'a> Value<'a> {
    /// A value that never expires.
    pub fn permanent(kind: u8, bytes: &'a [u8]) -> Self {
        Self { kind, bytes, deadline_us: NEVER_US, stale_us: 0, tags: Tagging::None }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let is_number = self.kind == NUMBER;
        match self.bytes.len() {
            8 => Ok(()),
            _ if is_number => Err(Error::Argument),
            bytes if bytes + self.tags.bytes() <= VALUE_BYTES_MAX => Ok(()),
            _ => Err(Error::TooLarge),
        }
    }
}

/// Until when an entry is there that a write makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lifetime {
    /// Until the deadline of the value.
    Given,
    /// Until the deadline of the live entry that is overwritten, and fresh as long as that; else as
    /// [`Self::Given`].
    Kept,
}

/// When a write takes place. An entry that has expired is absent.
#[derive(Clone, Copy, Debug)]
pub enum Condition {
    /// In any case.
    Always,
    /// In any case, but not while another participant holds the lock of the key: [`Error::Busy`].
    Unlocked,
    /// Only where there is no entry.
    IfAbsent,
    /// Only where there is no entry, while the caller leads the [load] of the key and nobody has
    /// removed the key since it was claimed.
    ///
    /// [load]: super::participant::Participant::claim_load
    IfLed,
    /// Only where there is one.
    IfPresent,
    /// Only where there is one, while the version of the key's stripe is still this one: no write
    /// since the read that gave it. May refuse for another key's sake (one write in 65,536): read
    /// again and retry.
    ///
    /// For values that have several encodings, so that bytes cannot be compared.
    IfVersion(u32),
    /// Only while the version of the key's stripe is still this one, whether there is an entry or
    /// not: nothing was written or [invalidated] since the version was
    /// [noted](super::participant::Participant::note). May refuse for another key's sake, as
    /// [`IfVersion`](Self::IfVersion).
    ///
    /// For what is kept of another place: it is asked there after the version was noted.
    ///
    /// [invalidated]: super::participant::Participant::invalidate_key
    IfUnmoved(u32),
}

impl Condition {
    /// Whether a write may make an entry where there was none.
    #[inline]
    pub(crate) fn may_add(self) -> bool {
        self.holds_always() || matches!(self, Self::IfAbsent | Self::IfLed | Self::IfUnmoved(_))
    }

    /// Whether a write takes place only where there is an entry.
    #[inline]
    pub(crate) fn needs_entry(self) -> bool {
        matches!(self, Self::IfPresent | Self::IfVersion(_))
    }

    /// Whether a write takes place whatever is there.
    #[inline]
    pub(crate) fn holds_always(self) -> bool {
        matches!(self, Self::Always | Self::Unlocked)
    }
}

/// What is added to a number.
#[derive(Clone, Copy, Debug)]
pub struct Addition {
    /// The number that is added.
    pub by: f64,
    /// The least and the most that the sum becomes; infinite for no bound. A bound never moves a
    /// number against the sign of `by`.
    pub bounds: (f64, f64),
    /// What becomes of a key that has no live entry.
    pub absent: Absent,
}

impl Addition {
    /// An addition without bounds; where there is no entry, one is made with this deadline.
    pub fn of(by: f64, deadline_us: u64) -> Self {
        Self { by, bounds: (f64::NEG_INFINITY, f64::INFINITY), absent: Absent::Made(deadline_us) }
    }

    /// What a number becomes.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] when the sum is not finite, bounds or not.
    pub(crate) fn sum(&self, number: f64) -> Result<f64, Error> {
        let sum = number + self.by;
        if !sum.is_finite() {
            return Err(Error::OutOfRange);
        }
        let bounded = self.bounded(sum);
        Ok(if self.by > 0.0 {
            bounded.max(number)
        } else if self.by < 0.0 {
            bounded.min(number)
        } else {
            number
        })
    }

    /// What there is first, where there was nothing.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] when that is not finite.
    pub(crate) fn first(&self) -> Result<f64, Error> {
        let first = self.bounded(self.by);
        if first.is_finite() { Ok(first) } else { Err(Error::OutOfRange) }
    }

    fn bounded(&self, number: f64) -> f64 {
        let (least, most) = self.bounds;
        number.max(least).min(most)
    }
}

/// What an addition does where there is no live entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Absent {
    /// Nothing.
    Left,
    /// It makes one, with this deadline.
    Made(u64),
}

/// What an addition came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sum {
    /// The number of the entry now.
    pub number: f64,
    /// When the entry stops being there.
    pub deadline_us: u64,
}

/// What is known of an entry that was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Found {
    /// Bytes of the value. More than the buffer holds: nothing was copied, come with a longer one.
    pub length: usize,
    /// What the bytes are.
    pub kind: u8,
    /// How the key was given when the entry was set.
    pub form: u8,
    /// When the entry stops being there.
    pub deadline_us: u64,
    /// Which version word says whether this is still current.
    pub stripe: u32,
    /// That word before the entry was read. Odd: keep no copy.
    pub version: u32,
    /// Of an entry with tags, the count of invalidations for which this is right; odd: keep no
    /// copy. [`UNTAGGED`] of others.
    pub moment: u64,
    /// Whether one of its tags was invalidated since: then it is not there.
    pub(crate) is_invalidated: bool,
}

/// The moment of an entry that has no tags.
pub const UNTAGGED: u64 = u64::MAX;

/// When an entry turns stale, and what tells whether it is still that entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Staleness {
    /// What else is known of it.
    pub found: Found,
    /// How long before its deadline it turns stale: 0 for not at all.
    pub stale_us: u64,
    /// Another one after each write and each `touch`, but for what adds to a number; and after the
    /// entry was moved. 53 bits; 0 of an entry that does not turn stale.
    pub mark: u64,
}

impl Found {
    /// Whether a buffer of `bytes` was long enough.
    pub fn fits(&self, bytes: usize) -> bool {
        self.length <= bytes
    }
}
