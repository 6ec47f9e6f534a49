//! The hash table: from the hash of a key to its slot. Knows no key.
//!
//! Linear probing over words of {hash 32 | slot 32}: a look-up that misses the processor's caches
//! misses them once here, where a table with separate tags misses twice (measured in
//! `decisions.md`). Slot 0 is no entry's, so a word of 0 is an empty bucket. Removal
//! shifts later words back, so there are no tombstones.
//!
//! A large table consists of leaves, each a table of its own, which the first bits of the hash
//! choose. One that is full is split: no call waits until all words were moved. Invariant: a leaf
//! has the words whose hashes begin with its `depth` bits, and one bucket at least is empty.

/// Buckets of the first allocation.
const FIRST_BUCKETS: usize = 16;
/// Buckets of a leaf that is split when it is full, and no more doubled: a tenth of a millisecond.
const LEAF_BUCKETS: usize = 1 << LEAF_SHIFT;
const LEAF_SHIFT: u32 = 15;
/// Leaves that lie in one allocation, which so is worth huge pages.
const SLAB_LEAVES: usize = 1 << SLAB_SHIFT;
const SLAB_SHIFT: u32 = 4;
/// Leaves are split no further: with more slots than a store has, they are not full by then.
const DEEPEST: u32 = 14;
const HASH_BITS: u32 = 32;
const HASH_SHIFT: u32 = 32;

/// Slots by the hashes of their keys.
#[derive(Debug)]
pub struct Table {
    /// The words of the leaves, one leaf behind the other; of the only leaf, fewer at first.
    slabs: Vec<Vec<u64>>,
    leaves: Vec<Leaf>,
    /// The leaf of each beginning of a hash.
    directory: Vec<u32>,
    /// How many bits of a hash are not its beginning.
    shift: u32,
    /// Buckets of each leaf, less one.
    mask: usize,
}

/// What is known of a leaf.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    count: usize,
    /// How many bits its hashes have in common.
    depth: u32,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            slabs: Vec::new(),
            leaves: Vec::new(),
            directory: Vec::new(),
            shift: HASH_BITS,
            mask: 0,
        }
    }
}

impl Table {
    /// The slot for which `same` holds, among those whose keys have this hash.
    #[inline]
    pub fn find(&self, hash: u32, same: impl Fn(u32) -> bool) -> Option<u32> {
        if self.leaves.is_empty() {
            return None;
        }
        let words = self.words(self.leaf_of(hash));
        let mask = words.len() - 1;
        let mut bucket = hash as usize & mask;
        loop {
            let word = words[bucket];
            if word == 0 {
                return None;
            }
            if hash_of(word) == hash && same(slot_of(word)) {
                return Some(slot_of(word));
            }
            bucket = (bucket + 1) & mask;
        }
    }

    /// Makes room for one more of this hash; `None` when there is no memory: what was found before
    /// is found then, too.
    #[inline]
    pub fn reserve_one(&mut self, hash: u32) -> Option<()> {
        if self.leaves.is_empty() {
            return self.begin();
        }
        // A quarter stays empty: the longest look-up there still sees few cache lines.
        let Leaf { count, .. } = self.leaves[self.leaf_of(hash)];
        if (count + 1) * 4 <= (self.mask + 1) * 3 { Some(()) } else { self.grow(hash) }
    }

    /// Puts in a slot, for which there is room and which is not here.
    #[inline]
    pub fn insert(&mut self, hash: u32, slot: u32) {
        let number = self.leaf_of(hash);
        self.leaves[number].count += 1;
        put(self.words_mut(number), word(hash, slot));
    }

    /// Takes a slot out, which is here.
    ///
    /// # Panics
    ///
    /// If it is not: a defect of the caller.
    pub fn remove(&mut self, hash: u32, slot: u32) {
        let number = self.leaf_of(hash);
        let words = self.words_mut(number);
        let mask = words.len() - 1;
        let mut hole = hash as usize & mask;
        while slot_of(words[hole]) != slot {
            assert!(words[hole] != 0, "a slot that is removed is in the table");
            hole = (hole + 1) & mask;
        }
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
        self.leaves[number].count -= 1;
    }

    /// Bytes that are allocated.
    pub fn bytes(&self) -> usize {
        let words: usize = self.slabs.iter().map(Vec::capacity).sum();
        let leaves = self.leaves.capacity() * size_of::<Leaf>();
        words * size_of::<u64>() + leaves + self.directory.capacity() * size_of::<u32>()
    }

    #[inline]
    fn leaf_of(&self, hash: u32) -> usize {
        // The shift may be as long as the hash.
        self.directory[hash.unbounded_shr(self.shift) as usize] as usize
    }

    #[inline]
    fn words(&self, leaf: usize) -> &[u64] {
        let start = leaf % SLAB_LEAVES * LEAF_BUCKETS;
        &self.slabs[leaf / SLAB_LEAVES][start..=start + self.mask]
    }

    #[inline]
    fn words_mut(&mut self, leaf: usize) -> &mut [u64] {
        let start = leaf % SLAB_LEAVES * LEAF_BUCKETS;
        &mut self.slabs[leaf / SLAB_LEAVES][start..=start + self.mask]
    }

    #[cold]
    fn begin(&mut self) -> Option<()> {
        let words = zeroes(FIRST_BUCKETS)?;
        self.slabs.try_reserve(1).ok()?;
        self.leaves.try_reserve(1).ok()?;
        self.directory.try_reserve(1).ok()?;
        self.slabs.push(words);
        self.leaves.push(Leaf { count: 0, depth: 0 });
        self.directory.push(0);
        self.mask = FIRST_BUCKETS - 1;
        Some(())
    }

    /// Makes the leaf of a hash less full.
    #[cold]
    fn grow(&mut self, hash: u32) -> Option<()> {
        if self.mask + 1 < LEAF_BUCKETS {
            return self.double();
        }
        loop {
            let number = self.leaf_of(hash);
            let Leaf { count, depth } = self.leaves[number];
            if (count + 1) * 4 <= LEAF_BUCKETS * 3 {
                return Some(());
            }
            if depth == DEEPEST {
                return (count + 1 < LEAF_BUCKETS).then_some(());
            }
            self.split(number, hash)?;
        }
    }

    /// Doubles the only leaf.
    fn double(&mut self) -> Option<()> {
        let mut words = zeroes((self.mask + 1) * 2)?;
        for &word in self.words(0).iter().filter(|&&word| word != 0) {
            put(&mut words, word);
        }
        self.mask = words.len() - 1;
        self.slabs[0] = words;
        Some(())
    }

    /// Moves the words of a leaf whose hashes have the next bit set to a new leaf.
    fn split(&mut self, number: usize, hash: u32) -> Option<()> {
        let Leaf { depth, .. } = self.leaves[number];
        let mut former = Vec::new();
        former.try_reserve_exact(LEAF_BUCKETS).ok()?;
        self.leaves.try_reserve(1).ok()?;
        if depth == HASH_BITS - self.shift {
            self.double_directory()?;
        }
        self.add_leaf()?;
        let added = self.leaves.len();
        former.extend_from_slice(self.words(number));
        self.leaves[number] = Leaf { count: 0, depth: depth + 1 };
        self.leaves.push(Leaf { count: 0, depth: depth + 1 });
        // Those with the same beginning are neighbours; of the second half, the next bit is set.
        let bits = HASH_BITS - self.shift;
        let width = 1_usize << (bits - depth);
        let first = hash.unbounded_shr(self.shift) as usize & !(width - 1);
        #[expect(clippy::cast_possible_truncation, reason = "no more than 2^DEEPEST")]
        self.directory[first + width / 2..first + width].fill(added as u32);
        self.words_mut(number).fill(0);
        for word in former.into_iter().filter(|&word| word != 0) {
            self.insert(hash_of(word), slot_of(word));
        }
        Some(())
    }

    fn double_directory(&mut self) -> Option<()> {
        let mut doubled = Vec::new();
        doubled.try_reserve_exact(self.directory.len() * 2).ok()?;
        doubled.extend(self.directory.iter().flat_map(|&leaf| [leaf, leaf]));
        self.directory = doubled;
        self.shift -= 1;
        Some(())
    }

    /// Adds the words of one more leaf. The first slab grows with its leaves, so that a table of
    /// few has no more than it needs.
    fn add_leaf(&mut self) -> Option<()> {
        match self.slabs.last_mut() {
            Some(slab) if slab.len() < SLAB_LEAVES * LEAF_BUCKETS => {
                slab.try_reserve(LEAF_BUCKETS).ok()?;
                slab.resize(slab.len() + LEAF_BUCKETS, 0);
            }
            _ => {
                let mut slab = Vec::new();
                slab.try_reserve_exact(SLAB_LEAVES * LEAF_BUCKETS).ok()?;
                self.slabs.try_reserve(1).ok()?;
                slab.resize(LEAF_BUCKETS, 0);
                self.slabs.push(slab);
            }
        }
        Some(())
    }
}

fn zeroes(count: usize) -> Option<Vec<u64>> {
    let mut words = Vec::new();
    words.try_reserve_exact(count).ok()?;
    words.resize(count, 0);
    Some(words)
}

#[inline]
fn put(words: &mut [u64], word: u64) {
    let mask = words.len() - 1;
    let mut bucket = hash_of(word) as usize & mask;
    while words[bucket] != 0 {
        bucket = (bucket + 1) & mask;
    }
    words[bucket] = word;
}

#[inline]
fn word(hash: u32, slot: u32) -> u64 {
    u64::from(hash) << HASH_SHIFT | u64::from(slot)
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
            table.reserve_one(7).expect("memory");
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
            table.reserve_one(hash(slot)).expect("memory");
            table.insert(hash(slot), slot);
            if slot > 60 {
                table.remove(hash(slot - 60), slot - 60);
            }
            for other in slot.saturating_sub(59).max(1)..=slot {
                assert!(table.find(hash(other), |found| found == other).is_some());
            }
        }
    }

    /// Spreads numbers over all hashes.
    fn spread(slot: u32) -> u32 {
        slot.wrapping_mul(0x9E37_79B9) ^ slot.rotate_left(13)
    }

    fn filled(hash: impl Fn(u32) -> u32, slots: u32) -> Table {
        let mut table = Table::default();
        for slot in 1..=slots {
            table.reserve_one(hash(slot)).expect("memory");
            table.insert(hash(slot), slot);
        }
        table
    }

    #[test]
    fn every_slot_is_found_after_many_splits() {
        const SLOTS: u32 = 600_000;
        let mut table = filled(spread, SLOTS);
        assert!(table.leaves.len() > SLAB_LEAVES, "more than one slab");
        let count: usize = table.leaves.iter().map(|leaf| leaf.count).sum();
        assert_eq!(count, SLOTS as usize);
        let has = |table: &Table, slot| table.find(spread(slot), |other| other == slot).is_some();
        assert!((1..=SLOTS).all(|slot| has(&table, slot)));
        assert!((SLOTS + 1..SLOTS + 1000).all(|slot| !has(&table, slot)));
        for slot in (1..=SLOTS).step_by(3) {
            table.remove(spread(slot), slot);
        }
        assert!((1..=SLOTS).all(|slot| has(&table, slot) == (slot % 3 != 1)));
    }

    #[test]
    fn hashes_that_begin_alike_split_one_leaf_and_leave_the_others() {
        // All begin with the same nine bits, so that the directory grows ahead of most leaves.
        let hash = |slot: u32| spread(slot) >> 9 | 0x5A80_0000;
        let mut table = filled(hash, 60_000);
        assert!(table.leaves.iter().any(|leaf| leaf.depth >= 10));
        for slot in 60_001..=61_000 {
            table.reserve_one(spread(slot)).expect("memory");
            table.insert(spread(slot), slot);
        }
        assert!((1..=60_000).all(|slot| table.find(hash(slot), |other| other == slot).is_some()));
        let found = |slot| table.find(spread(slot), |other| other == slot).is_some();
        assert!((60_001..=61_000).all(found));
    }

    #[test]
    fn no_step_moves_more_than_a_leaf() {
        let mut table = filled(spread, 24_576 * 40);
        let places = |table: &Table| -> Vec<*const u64> {
            table.slabs.iter().skip(1).map(Vec::as_ptr).collect()
        };
        let before = places(&table);
        for slot in 24_576 * 40 + 1..=24_576 * 120 {
            table.reserve_one(spread(slot)).expect("memory");
            table.insert(spread(slot), slot);
        }
        assert_eq!(before, places(&table)[..before.len()]);
        assert!(table.slabs.iter().skip(1).all(|slab| slab.capacity() == 16 * LEAF_BUCKETS));
    }

    #[test]
    fn room_ends_where_a_leaf_cannot_be_split() {
        let mut table = Table::default();
        let most = u32::try_from(LEAF_BUCKETS).expect("small") - 1;
        for slot in 1..=most {
            table.reserve_one(7).expect("memory");
            table.insert(7, slot);
        }
        assert_eq!(table.reserve_one(7), None);
        assert!(table.find(7, |slot| slot == most).is_some());
        assert!(table.find(7, |_| false).is_none());
    }
}
