//! Bytes into and out of a region, a word at a time. Knows no item.
//!
//! Others may write the same words at the same time: what is read is some mixture of what was
//! written, and the reader finds out by a generation or a lock. All accesses are Relaxed for that
//! reason: seqlock orders them, not they themselves.

use super::region::Region;
use super::word::to_u32;
use crate::error::Error;
use crate::sync::{AtomicU64, Ordering};

const WORD: usize = size_of::<u64>();

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
    let rest = to_u32(bytes.len() % 8);
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

impl Region {
    /// Copies to `into` what lies at `offset`.
    #[inline]
    pub(crate) fn load_bytes(&self, offset: usize, into: &mut [u8]) -> Result<(), Error> {
        load_words(self.words(offset, padded(into.len()) / WORD)?, into);
        Ok(())
    }

    /// Copies `bytes` bytes at `offset` to the end of `into`.
    pub(crate) fn append_to(
        &self,
        offset: usize,
        bytes: usize,
        into: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let words = self.words(offset, padded(bytes) / WORD)?;
        let start = into.len();
        into.try_reserve(padded(bytes)).map_err(|_| Error::Full)?;
        into.extend(words.iter().flat_map(|word| word.load(Ordering::Relaxed).to_le_bytes()));
        into.truncate(start + bytes);
        Ok(())
    }

    /// Whether `bytes` lie at `offset`.
    #[inline]
    pub(crate) fn equals(&self, offset: usize, bytes: &[u8]) -> Result<bool, Error> {
        Ok(are_words(self.words(offset, padded(bytes.len()) / WORD)?, bytes))
    }

    /// Writes `bytes` at `offset`, and zeroes up to the end of the last word.
    #[inline]
    pub(crate) fn store_bytes(&self, offset: usize, bytes: &[u8]) -> Result<(), Error> {
        let words = self.words(offset, padded(bytes.len()) / WORD)?;
        let (whole, rest) = bytes.as_chunks::<WORD>();
        for (bytes, word) in whole.iter().zip(words) {
            word.store(u64::from_le_bytes(*bytes), Ordering::Relaxed);
        }
        if let (false, Some(word)) = (rest.is_empty(), words.last()) {
            word.store(last_word(bytes), Ordering::Relaxed);
        }
        Ok(())
    }

    /// Copies whole words from one place to another that does not overlap.
    pub(crate) fn copy_words(&self, from: usize, to: usize, bytes: usize) -> Result<(), Error> {
        let (from, to) = (self.words(from, bytes / WORD)?, self.words(to, bytes / WORD)?);
        for (source, target) in from.iter().zip(to) {
            target.store(source.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Copies to `into` what `words` hold, of which there are just enough.
///
/// Never inlined: there the compiler spreads it out, and has no registers left for the rest.
#[inline(never)]
pub(crate) fn load_words(words: &[AtomicU64], into: &mut [u8]) {
    let mut before = 0;
    let (whole, rest) = into.as_chunks_mut::<WORD>();
    for (bytes, word) in whole.iter_mut().zip(words) {
        before = word.load(Ordering::Relaxed);
        *bytes = before.to_le_bytes();
    }
    let (false, Some(word)) = (rest.is_empty(), words.last()) else { return };
    let (word, bits) = (word.load(Ordering::Relaxed), 8 * to_u32(rest.len()));
    match into.last_chunk_mut::<WORD>() {
        // Over some of the whole words once more: one store instead of a call.
        Some(last) => *last = (before >> bits | word << (64 - bits)).to_le_bytes(),
        None => into.copy_from_slice(&word.to_le_bytes()[..into.len()]),
    }
}

/// Whether `words` hold `bytes`, for which there are just enough of them.
#[inline]
pub(crate) fn are_words(words: &[AtomicU64], bytes: &[u8]) -> bool {
    let (whole, rest) = bytes.as_chunks::<WORD>();
    for (bytes, word) in whole.iter().zip(words) {
        if word.load(Ordering::Relaxed) != u64::from_le_bytes(*bytes) {
            return false;
        }
    }
    let (false, Some(word)) = (rest.is_empty(), words.last()) else { return true };
    word.load(Ordering::Relaxed) == last_word(bytes)
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
