//! Numbers as words hold them: two halves in one, links, and the widths of this machine.
//!
//! A link is an index + 1, so that zeroed memory links to nothing.

const _: () = assert!(usize::BITS == 64, "offsets of a region need 64 bits");

/// Two numbers in one word, which are stored together.
#[inline]
pub(crate) fn pair(low: u32, high: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// The first number of a pair.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "cutting is the purpose")]
pub(crate) fn low(word: u64) -> u32 {
    word as u32
}

/// The second number of a pair.
#[inline]
pub(crate) fn high(word: u64) -> u32 {
    (word >> 32) as u32
}

/// A number from memory as an index or a length.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "this crate needs 64-bit addresses")]
pub(crate) fn wide(number: u64) -> usize {
    number as usize
}

/// A length that was checked to be small, as memory holds it.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "checked in debug builds")]
pub(crate) fn narrow(number: usize) -> u32 {
    debug_assert!(u32::try_from(number).is_ok());
    number as u32
}

/// `bytes` rounded up to whole words.
#[inline]
pub(crate) fn padded(bytes: usize) -> usize {
    bytes.next_multiple_of(8)
}

/// The index that a link leads to; `None` at an end.
#[inline]
pub(crate) fn target(link: u32) -> Option<u32> {
    link.checked_sub(1)
}

/// The link to an index.
#[inline]
pub(crate) fn link(index: u32) -> u32 {
    index + 1
}
