//! The hash of a key, and what each of its bits is for. Knows no entry.
//!
//! Keyed by four secret words of the store, so that no outsider can choose keys that crowd one
//! place. The same in every build and on every machine: processes share what it arranges.
//!
//! ```text
//! bits  0–15 stripe; its low bits are the shard · 16–39 tag · 40–45 bucket within the group
//! ```

use crate::region::bytes::last_word;
use crate::region::segment::GROUP_BUCKETS;
use crate::region::slot::TAG_BITS;
use crate::region::word::low;

/// Odd, and about half of its bits are set: one half of the golden ratio's digits.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
const STRIPE_MASK: u32 = 0xFFFF;
const TAG_SHIFT: u32 = 16;
const TAG_MASK: u32 = (1 << TAG_BITS) - 1;
const BUCKET_SHIFT: u32 = TAG_SHIFT + TAG_BITS;
const BUCKET_MASK: u64 = GROUP_BUCKETS as u64 - 1;
const CHUNK: usize = 16;

/// The hash of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Hash(pub(crate) u64);

impl Hash {
    /// The hash of a key's bytes. A wide and a narrow key of the same bytes differ.
    #[inline]
    pub(crate) fn of(seed: &[u64; 4], bytes: &[u8], wide: bool) -> Self {
        let mut state = start(seed, bytes.len(), wide);
        let (chunks, rest) = bytes.as_chunks::<CHUNK>();
        for chunk in chunks {
            state = absorb(seed, state, chunk);
        }
        if !rest.is_empty() || chunks.is_empty() {
            let last = last_word(bytes);
            let (first, second) = match rest.first_chunk::<8>() {
                Some(first) => (u64::from_le_bytes(*first), last),
                None => (last, 0),
            };
            state = absorb_words(seed, state, first, second);
        }
        Self(fold(state ^ seed[3], MIX))
    }

    /// The same hash, of a key that lies in words, padded with zeroes.
    pub(crate) fn of_words(
        seed: &[u64; 4],
        bytes: usize,
        mut words: impl Iterator<Item = u64>,
        wide: bool,
    ) -> Self {
        let mut state = start(seed, bytes, wide);
        for _ in 0..bytes.div_ceil(CHUNK).max(1) {
            let (first, second) = (words.next().unwrap_or(0), words.next().unwrap_or(0));
            state = absorb_words(seed, state, first, second);
        }
        Self(fold(state ^ seed[3], MIX))
    }

    #[inline]
    pub(crate) fn stripe(self) -> u32 {
        low(self.0) & STRIPE_MASK
    }

    #[inline]
    pub(crate) fn tag(self) -> u32 {
        low(self.0 >> TAG_SHIFT) & TAG_MASK
    }

    /// The two buckets of its group where the key may be.
    #[inline]
    pub(crate) fn buckets(self) -> [usize; 2] {
        let first = usize::from((self.0 >> BUCKET_SHIFT & BUCKET_MASK).to_le_bytes()[0]);
        [first, other_bucket(first, self.tag())]
    }
}

/// The other bucket of a key with this tag: found without its hash, and its own inverse.
#[inline]
pub(crate) fn other_bucket(bucket: usize, tag: u32) -> usize {
    // All keys of a group agree in the low bits of the tag; the product's high bits depend on all.
    let spread = u64::from(tag).wrapping_mul(MIX) >> 32 & BUCKET_MASK;
    // Odd: never the same bucket.
    bucket ^ usize::from((spread | 1).to_le_bytes()[0])
}

#[inline]
fn start(seed: &[u64; 4], bytes: usize, wide: bool) -> u64 {
    seed[0] ^ (bytes as u64) << 1 ^ u64::from(wide)
}

#[inline]
fn absorb(seed: &[u64; 4], state: u64, chunk: &[u8; CHUNK]) -> u64 {
    let [first, second] = chunk.as_chunks::<8>().0 else { return state };
    absorb_words(seed, state, u64::from_le_bytes(*first), u64::from_le_bytes(*second))
}

#[inline]
fn absorb_words(seed: &[u64; 4], state: u64, first: u64, second: u64) -> u64 {
    fold(first ^ seed[1], second ^ seed[2] ^ state).wrapping_add(state.rotate_left(29))
}

/// The two halves of a product, one over the other.
#[inline]
fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    let bytes = product.to_le_bytes();
    let ([low, high], _) = bytes.as_chunks::<8>() else { return 0 };
    u64::from_le_bytes(*low) ^ u64::from_le_bytes(*high)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: [u64; 4] = [0x1234_5678, 0x9ABC_DEF1, 0x5555_1111_2222, 0x7777_8888_9999];

    #[test]
    fn other_bucket_is_another_and_its_own_inverse() {
        for tag in 0..10_000 {
            let other = other_bucket(5, tag);
            assert!(other != 5 && other < GROUP_BUCKETS);
            assert_eq!(other_bucket(other, tag), 5);
        }
    }

    #[test]
    fn keys_that_differ_in_width_or_length_differ() {
        let hashes = [
            Hash::of(&SEED, b"", false),
            Hash::of(&SEED, b"\0", false),
            Hash::of(&SEED, b"\0\0", false),
            Hash::of(&SEED, b"\0\0", true),
            Hash::of(&SEED, &[0; 16], false),
            Hash::of(&SEED, &[0; 32], false),
        ];
        for (index, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..index].contains(hash), "{index}");
        }
    }

    #[test]
    fn words_of_a_key_have_the_hash_of_its_bytes() {
        for length in 0..70 {
            let bytes: Vec<u8> = (1..=length).collect();
            let mut words = bytes.clone();
            words.resize(bytes.len().next_multiple_of(8), 0);
            let words = words.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
            let hash = Hash::of_words(&SEED, bytes.len(), words, true);
            assert_eq!(hash, Hash::of(&SEED, &bytes, true));
        }
    }

    #[test]
    fn every_field_of_the_hash_is_even_over_counting_keys() {
        const KEYS: usize = 1 << 16;
        let (mut stripes, mut tags, mut buckets) = (vec![0; 256], vec![0; 256], vec![0; 64]);
        for number in 0..KEYS {
            let hash = Hash::of(&SEED, format!("user:{number}").as_bytes(), false);
            stripes[hash.stripe() as usize % 256] += 1;
            tags[hash.tag() as usize % 256] += 1;
            buckets[hash.buckets()[0]] += 1;
        }
        // Six standard deviations.
        let even = |counts: &[i32]| {
            let mean = f64::from(1 << 16) / f64::from(i32::try_from(counts.len()).expect("few"));
            counts.iter().all(|count| (f64::from(*count) - mean).abs() < 6.0 * mean.sqrt())
        };
        assert!(even(&stripes) && even(&tags) && even(&buckets));
    }
}
