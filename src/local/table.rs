//! The hash table: from the hash of a key to its slot. Knows no key.
//!
//! Linear probing over words of {hash 32 | slot 32}: a look-up that misses the processor's caches
//! misses them once here, where a table with separate tags misses twice (measured in
//! `architecture.md`). Slot 0 is no entry's, so a word of 0 is an empty bucket. Removal
//! shifts later words back, so there are no tombstones.

/// Buckets of the first allocation.
const FIRST_BUCKETS: usize = 16;
const HASH_SHIFT: u32 = 32;

/// Slots by the hashes of their keys.
#[derive(Debug, Default)]
pub struct Table {
    words: Vec<u64>,
    count: usize,
}

impl Table {
    /// The slot for which `same` holds, among those whose keys have this hash.
    #[inline]
    pub fn find(&self, hash: u32, same: impl Fn(u32) -> bool) -> Option<u32> {
        if self.words.is_empty() {
            return None;
        }
        let mut bucket = self.home(hash);
        loop {
            let word = self.words[bucket];
            if word == 0 {
                return None;
            }
            if hash_of(word) == hash && same(slot_of(word)) {
                return Some(slot_of(word));
            }
            bucket = self.next(bucket);
        }
    }

    /// Makes room for one more; `None`, and nothing happened, when there is no memory.
    pub fn reserve_one(&mut self) -> Option<()> {
        // A quarter stays empty: the longest look-up there still sees few cache lines.
        if (self.count + 1) * 4 <= self.words.len() * 3 {
            return Some(());
        }
        let length = (self.words.len() * 2).max(FIRST_BUCKETS);
        let mut words = Vec::new();
        words.try_reserve_exact(length).ok()?;
        words.resize(length, 0);
        let former = std::mem::replace(&mut self.words, words);
        self.count = 0;
        for word in former.into_iter().filter(|&word| word != 0) {
            self.insert(hash_of(word), slot_of(word));
        }
        Some(())
    }

    /// Puts in a slot, for which there is room and which is not here.
    pub fn insert(&mut self, hash: u32, slot: u32) {
        let mut bucket = self.home(hash);
        while self.words[bucket] != 0 {
            bucket = self.next(bucket);
        }
        self.words[bucket] = u64::from(hash) << HASH_SHIFT | u64::from(slot);
        self.count += 1;
    }

    /// Takes a slot out, which is here.
    ///
    /// # Panics
    ///
    /// If it is not: a defect of the caller.
    pub fn remove(&mut self, hash: u32, slot: u32) {
        let words = self.words.as_mut_slice();
        let mask = words.len() - 1;
        let mut hole = hash as usize & mask;
        while slot_of(words[hole]) != slot {
            assert!(words[hole] != 0, "a slot that is removed is in the table");
            hole = (hole + 1) & mask;
        }
        self.count -= 1;
        let mut bucket = (hole + 1) & mask;
        loop {
            let word = words[bucket];
            if word == 0 {
                break;
            }
            // A later word fills the hole if its home is not behind the hole.
            let distance = bucket.wrapping_sub(hash_of(word) as usize) & mask;
            if distance >= bucket.wrapping_sub(hole) & mask {
                words[hole] = word;
                hole = bucket;
            }
            bucket = (bucket + 1) & mask;
        }
        words[hole] = 0;
    }

    /// Bytes that are allocated.
    pub fn bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }

    #[inline]
    fn home(&self, hash: u32) -> usize {
        hash as usize & (self.words.len() - 1)
    }

    #[inline]
    fn next(&self, bucket: usize) -> usize {
        (bucket + 1) & (self.words.len() - 1)
    }
}

#[inline]
fn hash_of(word: u64) -> u32 {
    (word >> HASH_SHIFT) as u32
}

#[inline]
fn slot_of(word: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "the low half is the slot")]
    let slot = word as u32;
    slot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_of_one_hash_are_told_apart() {
        let mut table = Table::default();
        for slot in 1..=100 {
            table.reserve_one().expect("memory");
            table.insert(7, slot);
        }
        for slot in (1..=100).step_by(2) {
            table.remove(7, slot);
        }
        for slot in 1..=100 {
            assert_eq!(table.find(7, |other| other == slot).is_some(), slot % 2 == 0);
        }
    }

    #[test]
    fn removal_leaves_every_other_slot_findable() {
        let mut table = Table::default();
        // Hashes that crowd a few homes and wrap around the end.
        let hash = |slot: u32| (slot * 5) % 23 + 1000;
        for slot in 1..=2000 {
            table.reserve_one().expect("memory");
            table.insert(hash(slot), slot);
            if slot > 60 {
                table.remove(hash(slot - 60), slot - 60);
            }
            for other in slot.saturating_sub(59).max(1)..=slot {
                assert!(table.find(hash(other), |found| found == other).is_some());
            }
        }
    }
}
