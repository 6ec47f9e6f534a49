//! What was evicted lately, by fingerprint, from which queue and how long ago.
//!
//! Knows hashes only. A bucket is one cache line of 21 words and a cursor; words are written in
//! turns, so the oldest is overwritten first. Time is counted in evictions of the same queue, and
//! kept in 128ths of the window, so words age without being touched. Forgetting one too soon, or
//! taking one for another, is harmless here.

/// Words of a bucket: 3 bytes each, and one for the cursor, are a cache line.
const WORDS: usize = 21;
/// Epochs of a window: half of what a byte counts, so that an old word rarely looks new.
const WINDOW_EPOCHS: usize = 128;
/// Words to so many evictions of a window: buckets fill unevenly.
const ROOM: (usize, usize) = (6, 5);
/// Fingerprints are the top bits of a hash, buckets come from the low ones.
const FINGERPRINT_SHIFT: u32 = 49;
const BUCKET_SHIFT: u32 = 8;
/// An empty word. No fingerprint is 0.
const EMPTY: u16 = 0;

/// The queue from which an entry was evicted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Left {
    /// The small one.
    Small = 0,
    /// The main one.
    Main = 1,
}

/// What the ghost knows of a key that comes back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Trace {
    /// Where it was.
    pub(super) left: Left,
    /// How many were evicted from there since, to a 128th of the window.
    pub(super) age: usize,
}

#[derive(Clone, Debug)]
#[repr(C, align(64))]
struct Bucket {
    /// {fingerprint 15 | queue 1}.
    prints: [u16; WORDS],
    epochs: [u8; WORDS],
    /// The word that is written next.
    cursor: u8,
}

const _: () = assert!(size_of::<Bucket>() == 64);
const NEVER_USED: Bucket = Bucket { prints: [EMPTY; WORDS], epochs: [0; WORDS], cursor: 0 };

/// The evictions of one queue, counted.
#[derive(Debug, Default)]
struct Clock {
    epoch: u8,
    /// Evictions that are left of the epoch.
    left: usize,
}

/// The fingerprints of what was evicted within a window of evictions.
#[derive(Debug, Default)]
pub(super) struct Ghost {
    buckets: Vec<Bucket>,
    /// How many evictions are remembered.
    window: usize,
    clocks: [Clock; 2],
}

impl Ghost {
    /// Makes the window at least `window` evictions long, of `most` that it may ever be. What was
    /// remembered is forgotten when the table has to grow; without memory, the window stays.
    pub(super) fn widen(&mut self, window: usize, most: usize) {
        if window <= self.window {
            return;
        }
        let wanted = buckets_for(window);
        if wanted > self.buckets.len() {
            // By halves, so that a store that fills up is not copied for every entry.
            let ample = self.buckets.len() + self.buckets.len() / 2;
            let length = wanted.max(ample.min(buckets_for(most.max(window))));
            let mut buckets = Vec::new();
            if buckets.try_reserve_exact(length).is_err() {
                return;
            }
            buckets.resize(length, NEVER_USED);
            self.buckets = buckets;
        }
        self.window = window;
    }

    /// Remembers a hash.
    pub(super) fn remember(&mut self, hash: u64, left: Left) {
        let unit = self.unit();
        let clock = &mut self.clocks[left as usize];
        if clock.left == 0 {
            clock.epoch = clock.epoch.wrapping_add(1);
            clock.left = unit;
        }
        clock.left -= 1;
        let epoch = clock.epoch;
        let Some(bucket) = self.bucket(hash) else { return };
        let place = usize::from(bucket.cursor).min(WORDS - 1);
        bucket.prints[place] = fingerprint(hash) << 1 | left as u16;
        bucket.epochs[place] = epoch;
        bucket.cursor = if place + 1 < WORDS { bucket.cursor + 1 } else { 0 };
    }

    /// What was remembered of a hash within the window. It is forgotten.
    pub(super) fn take(&mut self, hash: u64) -> Option<Trace> {
        let unit = self.unit();
        let print = fingerprint(hash);
        let bucket = self.bucket(hash)?;
        // All are compared at once; that one is alike is rare.
        let is_alike = |word: u16| word >> 1 == print;
        if !bucket.prints.iter().fold(false, |any, &word| any | is_alike(word)) {
            return None;
        }
        let found = bucket.prints.iter().position(|&word| is_alike(word))?;
        let word = std::mem::replace(&mut bucket.prints[found], EMPTY);
        let epoch = bucket.epochs[found];
        let left = if word & 1 == 0 { Left::Small } else { Left::Main };
        let epochs = self.clocks[left as usize].epoch.wrapping_sub(epoch);
        let age = usize::from(epochs) * unit;
        (age <= self.window).then_some(Trace { left, age })
    }

    /// Bytes that are allocated.
    pub(super) fn bytes(&self) -> usize {
        self.buckets.capacity() * size_of::<Bucket>()
    }

    /// Evictions of an epoch.
    fn unit(&self) -> usize {
        (self.window / WINDOW_EPOCHS).max(1)
    }

    fn bucket(&mut self, hash: u64) -> Option<&mut Bucket> {
        let share = hash >> BUCKET_SHIFT & u64::from(u32::MAX);
        let index = (share * self.buckets.len() as u64) >> 32;
        self.buckets.get_mut(index as usize)
    }
}

fn buckets_for(window: usize) -> usize {
    (window * ROOM.0 / ROOM.1).div_ceil(WORDS)
}

fn fingerprint(hash: u64) -> u16 {
    ((hash >> FINGERPRINT_SHIFT) as u16).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spreads a number over 64 bits.
    fn hash(number: u64) -> u64 {
        let mixed = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9)
    }

    fn ghost(window: usize) -> Ghost {
        let mut ghost = Ghost::default();
        ghost.widen(window, window);
        ghost
    }

    #[test]
    fn what_was_evicted_within_the_window_is_remembered_and_no_more() {
        for window in [1, 10, 900, 9000, 200_000] {
            let mut ghost = ghost(window);
            let last = window as u64 * 10;
            (0..last).for_each(|number| ghost.remember(hash(number), Left::Small));
            let lately = last - window as u64 * 3 / 4..last;
            let kept = lately.clone().filter(|&number| ghost.take(hash(number)).is_some()).count();
            assert!(kept * 100 >= lately.count() * 97, "{kept} of a window of {window}");
            let longer_ago = (0..last - window as u64 * 11 / 10 - 1).rev().take(1000);
            let alike = longer_ago.filter(|&number| ghost.take(hash(number)).is_some()).count();
            assert!(alike <= 30, "{alike} of a window of {window}");
        }
    }

    #[test]
    fn each_queue_has_its_own_time() {
        let mut ghost = ghost(1280);
        ghost.remember(hash(1), Left::Small);
        ghost.remember(hash(2), Left::Main);
        (10..510).for_each(|number| ghost.remember(hash(number), Left::Small));
        let small = ghost.take(hash(1)).expect("it is within the window");
        assert_eq!(small.left, Left::Small);
        assert!((490..=510).contains(&small.age), "{}", small.age);
        assert_eq!(ghost.take(hash(2)), Some(Trace { left: Left::Main, age: 0 }));
    }

    #[test]
    fn what_is_taken_is_forgotten() {
        let mut ghost = ghost(100);
        ghost.remember(hash(1), Left::Main);
        assert!(ghost.take(hash(1)).is_some());
        assert!(ghost.take(hash(1)).is_none());
    }

    #[test]
    fn without_room_nothing_is_remembered() {
        let mut ghost = Ghost::default();
        ghost.remember(hash(1), Left::Small);
        assert!(ghost.take(hash(1)).is_none());
    }
}
