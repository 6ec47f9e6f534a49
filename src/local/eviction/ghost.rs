//! What was evicted lately, by fingerprint: a key that comes back soon was worth keeping.
//!
//! Knows hashes only. One cache line of 16 words {fingerprint 20 | epoch 12} per bucket; an epoch
//! is a 1,024th of the window, so words age without being touched. A word that a newer one needs
//! is overwritten, the oldest first: forgetting is harmless here.

const BUCKET_WORDS: usize = 16;
const EPOCH_BITS: u32 = 12;
const EPOCH_MASK: u32 = (1 << EPOCH_BITS) - 1;
/// Epochs of a window: a quarter of what the bits count, so that an old word rarely looks new.
const WINDOW_EPOCHS: u64 = 1 << (EPOCH_BITS - 2);
/// Fingerprints are the top bits of a hash, buckets come from the low ones.
const FINGERPRINT_SHIFT: u32 = 44;
/// An empty word. No fingerprint is 0.
const EMPTY: u32 = 0;

/// The fingerprints of what was evicted within a window of evictions.
#[derive(Debug, Default)]
pub(super) struct Ghost {
    words: Vec<u32>,
    /// Evictions so far.
    count: u64,
    /// How many evictions are remembered.
    window: u64,
}

impl Ghost {
    /// Makes the window at least `window` evictions long. What was remembered is forgotten when the
    /// table has to grow; without memory for that, the window stays.
    pub(super) fn widen(&mut self, window: usize) {
        if window as u64 <= self.window {
            return;
        }
        let wanted = (window + window / 3).next_power_of_two().max(BUCKET_WORDS);
        if wanted > self.words.len() {
            let mut words = Vec::new();
            if words.try_reserve_exact(wanted).is_err() {
                return;
            }
            words.resize(wanted, EMPTY);
            self.words = words;
        }
        self.window = window as u64;
    }

    /// Remembers a hash.
    pub(super) fn remember(&mut self, hash: u64) {
        self.count += 1;
        let epoch = self.epoch();
        let word = fingerprint(hash) << EPOCH_BITS | epoch;
        let bucket = self.bucket(hash);
        let oldest = bucket.iter_mut().max_by_key(|word| {
            let age = epoch.wrapping_sub(**word) & EPOCH_MASK;
            if **word == EMPTY { u32::MAX } else { age }
        });
        if let Some(oldest) = oldest {
            *oldest = word;
        }
    }

    /// Whether a hash was remembered within the window. It is forgotten.
    pub(super) fn take(&mut self, hash: u64) -> bool {
        let (epoch, print) = (self.epoch(), fingerprint(hash));
        let oldest_age = self.window / self.unit();
        let found = self.bucket(hash).iter_mut().find(|word| {
            let age = epoch.wrapping_sub(**word) & EPOCH_MASK;
            **word >> EPOCH_BITS == print && u64::from(age) <= oldest_age
        });
        found.map(|word| *word = EMPTY).is_some()
    }

    /// Bytes that are allocated.
    pub(super) fn bytes(&self) -> usize {
        self.words.capacity() * size_of::<u32>()
    }

    /// Evictions of an epoch.
    fn unit(&self) -> u64 {
        (self.window / WINDOW_EPOCHS).max(1)
    }

    fn epoch(&self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "masked to fewer bits")]
        let epoch = (self.count / self.unit()) as u32 & EPOCH_MASK;
        epoch
    }

    fn bucket(&mut self, hash: u64) -> &mut [u32] {
        let buckets = self.words.len() / BUCKET_WORDS;
        #[expect(clippy::cast_possible_truncation, reason = "masked to fewer bits")]
        let index = (hash >> 8) as usize & buckets.wrapping_sub(1);
        self.words.get_mut(index * BUCKET_WORDS..(index + 1) * BUCKET_WORDS).unwrap_or_default()
    }
}

fn fingerprint(hash: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "20 bits are left")]
    let print = (hash >> FINGERPRINT_SHIFT) as u32;
    print.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spreads a number over 64 bits.
    fn hash(number: u64) -> u64 {
        let mixed = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9)
    }

    #[test]
    fn what_was_evicted_within_the_window_is_remembered_and_no_more() {
        for window in [1, 10, 900, 9000, 200_000] {
            let mut ghost = Ghost::default();
            ghost.widen(window);
            let last = window as u64 * 10;
            (0..last).for_each(|number| ghost.remember(hash(number)));
            let lately = last - window as u64 * 9 / 10..last;
            let kept = lately.clone().filter(|&number| ghost.take(hash(number))).count();
            assert!(kept * 100 >= lately.count() * 99, "{kept} of a window of {window}");
            let longer_ago = (0..last - window as u64 * 11 / 10 - 1).rev().take(1000);
            let alike = longer_ago.filter(|&number| ghost.take(hash(number))).count();
            assert!(alike <= 10, "{alike} of a window of {window}");
        }
    }

    #[test]
    fn what_is_taken_is_forgotten() {
        let mut ghost = Ghost::default();
        ghost.widen(100);
        ghost.remember(hash(1));
        assert!(ghost.take(hash(1)));
        assert!(!ghost.take(hash(1)));
    }

    #[test]
    fn without_room_nothing_is_remembered() {
        let mut ghost = Ghost::default();
        ghost.remember(hash(1));
        assert!(!ghost.take(hash(1)));
    }
}
