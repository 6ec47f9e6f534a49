//! What was evicted lately, by fingerprint: a key that comes back soon was worth keeping.
//!
//! Knows hashes only. A bucket is one cache line: a cursor, and 15 words {fingerprint 20 | epoch
//! 12} that are written in turns, so the oldest is overwritten first. An epoch is a 1,024th of the
//! window, so words age without being touched. Forgetting one too soon is harmless here.

/// A cache line of words. The first is where the next one goes.
const BUCKET_WORDS: usize = 16;
const KEPT_WORDS: usize = BUCKET_WORDS - 1;
const EPOCH_BITS: u32 = 12;
const EPOCH_MASK: u32 = (1 << EPOCH_BITS) - 1;
/// Epochs of a window: a quarter of what the bits count, so that an old word rarely looks new.
const WINDOW_EPOCHS: usize = 1 << (EPOCH_BITS - 2);
/// Fingerprints are the top bits of a hash, buckets come from the low ones.
const FINGERPRINT_SHIFT: u32 = 44;
const BUCKET_SHIFT: u32 = 8;
/// An empty word. No fingerprint is 0.
const EMPTY: u32 = 0;

/// The fingerprints of what was evicted within a window of evictions.
#[derive(Debug, Default)]
pub(super) struct Ghost {
    buckets: Vec<[u32; BUCKET_WORDS]>,
    /// How many evictions are remembered.
    window: usize,
    /// The current epoch, masked, and the evictions that are left of it.
    epoch: u32,
    left: usize,
}

impl Ghost {
    /// Makes the window at least `window` evictions long. What was remembered is forgotten when the
    /// table has to grow; without memory for that, the window stays.
    pub(super) fn widen(&mut self, window: usize) {
        if window <= self.window {
            return;
        }
        let wanted = (window + window / 2).div_ceil(KEPT_WORDS).next_power_of_two();
        if wanted > self.buckets.len() {
            let mut buckets = Vec::new();
            if buckets.try_reserve_exact(wanted).is_err() {
                return;
            }
            buckets.resize(wanted, [EMPTY; BUCKET_WORDS]);
            self.buckets = buckets;
        }
        self.window = window;
    }

    /// Remembers a hash.
    pub(super) fn remember(&mut self, hash: u64) {
        if self.left == 0 {
            self.epoch = (self.epoch + 1) & EPOCH_MASK;
            self.left = self.unit();
        }
        self.left -= 1;
        let word = fingerprint(hash) << EPOCH_BITS | self.epoch;
        let Some([cursor, words @ ..]) = self.bucket(hash) else { return };
        words[*cursor as usize % KEPT_WORDS] = word;
        *cursor = if *cursor as usize + 1 < KEPT_WORDS { *cursor + 1 } else { 0 };
    }

    /// Whether a hash was remembered within the window. It is forgotten.
    pub(super) fn take(&mut self, hash: u64) -> bool {
        let (epoch, print) = (self.epoch, fingerprint(hash));
        let Some([_, words @ ..]) = self.bucket(hash) else { return false };
        // All are compared at once; that one is alike is rare.
        let is_alike = |word: u32| word >> EPOCH_BITS == print;
        if !words.iter().fold(false, |any, &word| any | is_alike(word)) {
            return false;
        }
        let Some(found) = words.iter_mut().find(|word| is_alike(**word)) else { return false };
        let age = epoch.wrapping_sub(std::mem::replace(found, EMPTY)) & EPOCH_MASK;
        age as usize <= self.window / self.unit()
    }

    /// Bytes that are allocated.
    pub(super) fn bytes(&self) -> usize {
        self.buckets.capacity() * size_of::<[u32; BUCKET_WORDS]>()
    }

    /// Evictions of an epoch.
    fn unit(&self) -> usize {
        (self.window / WINDOW_EPOCHS).max(1)
    }

    fn bucket(&mut self, hash: u64) -> Option<&mut [u32; BUCKET_WORDS]> {
        let index = (hash >> BUCKET_SHIFT) as usize & self.buckets.len().wrapping_sub(1);
        self.buckets.get_mut(index)
    }
}

fn fingerprint(hash: u64) -> u32 {
    ((hash >> FINGERPRINT_SHIFT) as u32).max(1)
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
