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

/// The bytes behind the last whole word of `bytes`, padded with zeroes to a word.
///
/// By loads that overlap: a copy to a buffer would be stored in pieces and loaded as one, for
/// which the processor waits.
#[inline]
pub(crate) fn last_word(bytes: &[u8]) -> u64 {
    let rest = narrow(bytes.len() % 8);
    if rest == 0 {
        return 0;
    }
    if let Some(last) = bytes.last_chunk::<8>() {
        return u64::from_le_bytes(*last) >> (64 - 8 * rest);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return u64::from(first) | u64::from(last) << (8 * (rest - 4));
    }
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_word_is_what_is_left_padded_with_zeroes() {
        for length in 0..40_usize {
            let bytes: Vec<u8> = (1..=40).take(length).collect();
            let mut padded = [0; 8];
            let rest = &bytes[length / 8 * 8..];
            padded[..rest.len()].copy_from_slice(rest);
            assert_eq!(last_word(&bytes), u64::from_le_bytes(padded), "{length}");
        }
    }
}
