//! S3-FIFO: who is admitted where, and who is the next victim. Knows slots and hashes, no keys.
//!
//! A small queue takes new entries; what was not used again leaves it for good, what was moves to
//! the main queue, where an entry goes round once more for each use. A key that comes back while
//! the ghost remembers it goes to the main queue at once. How often an entry was used since is in
//! the low bits of its state, a byte a slot that JavaScript counts in.

use super::ghost::Ghost;
use super::queue::{Node, Queues, Which};
use crate::contract::SlotState;

/// The bits of a state that count the uses of an entry, up to three.
pub const FREQUENCY: u8 = SlotState::Frequency.number();

/// The small queue's share of a store is one in this many: 10 %, as the rule has it.
const SMALL_SHARE: u32 = 10;
/// Entries that are looked at for one victim: then the oldest goes, used or not. Measured on
/// request traces, a limit of 64 costs less than a thousandth of the misses.
const VICTIM_STEPS: usize = 64;

/// How much a store holds at the most.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// How many entries.
    pub entries: u32,
    /// Of which size, all together.
    pub size: u64,
}

/// Which bound a store would exceed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Excess {
    /// That on the number of entries.
    Entries,
    /// That on their size.
    Size,
}

/// The eviction of one store.
#[derive(Debug)]
pub struct Eviction {
    bounds: Bounds,
    queues: Queues,
    ghost: Ghost,
}

impl Eviction {
    /// Nothing is in yet.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, queues: Queues::default(), ghost: Ghost::default() }
    }

    /// The bounds it was made with.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Makes room for every slot up to `slot`; `None` when there is no memory.
    pub fn reserve(&mut self, slot: u32) -> Option<()> {
        self.queues.reserve(slot)
    }

    /// Which bound would be exceeded with so many more entries, of this size together.
    pub fn excess(&self, entries: usize, size: u64) -> Option<Excess> {
        if self.count() + entries > self.bounds.entries as usize {
            return Some(Excess::Entries);
        }
        (self.size().saturating_add(size) > self.bounds.size).then_some(Excess::Size)
    }

    /// The sum of the sizes.
    pub fn size(&self) -> u64 {
        self.queues.size(Which::Small) + self.queues.size(Which::Main)
    }

    /// The size of an entry that is in.
    pub fn size_of(&self, slot: u32) -> u64 {
        self.queues.node(slot).size
    }

    /// Changes the size of an entry that is in.
    pub fn resize(&mut self, slot: u32, size: u64) {
        self.queues.resize(slot, size);
    }

    /// Takes in an entry, for whose slot there is room.
    pub fn admit(&mut self, slot: u32, hash: u64, size: u64) {
        let which = if self.ghost.take(hash) { Which::Main } else { Which::Small };
        self.queues.push(which, slot, Node { hash, size });
        // As many as the main queue holds, so that the two can change places.
        let count = self.count();
        self.ghost.widen(count - count / SMALL_SHARE as usize);
    }

    /// The key of an entry has changed.
    pub fn rehash(&mut self, slot: u32, hash: u64) {
        self.queues.rehash(slot, hash);
    }

    /// Lets go of an entry that was removed, or expired.
    pub fn forget(&mut self, slot: u32) {
        self.queues.unlink(slot);
    }

    /// Lets go of a victim, and remembers it if it was never used again; the hash of its key.
    pub fn evict(&mut self, slot: u32) -> u64 {
        let which = self.queues.which(slot);
        let Node { hash, .. } = self.queues.unlink(slot);
        if which == Which::Small {
            self.ghost.remember(hash);
        }
        hash
    }

    /// The entry that goes next, other than `kept`; `None` when there is no other. The states of
    /// those that it passes over are counted down.
    pub fn victim(&mut self, kept: u32, states: &mut [u8]) -> Option<u32> {
        for _ in 0..VICTIM_STEPS {
            let which = self.from(kept);
            let slot = self.queues.oldest(which)?;
            let state = states.get_mut(slot as usize);
            let uses = state.as_ref().map_or(0, |state| **state & FREQUENCY);
            if uses == 0 && slot != kept {
                return Some(slot);
            }
            if let Some(state) = state {
                // Used within the small queue, it begins anew in the main one.
                *state -= if which == Which::Small { uses } else { uses.min(1) };
            }
            self.move_to_main(slot);
        }
        self.oldest_but(kept)
    }

    /// Bytes that are allocated.
    pub fn bytes(&self) -> usize {
        self.queues.bytes() + self.ghost.bytes()
    }

    fn count(&self) -> usize {
        self.queues.count(Which::Small) + self.queues.count(Which::Main)
    }

    /// The queue that has to give one up, other than `kept`: the small one while it has its share.
    fn from(&self, kept: u32) -> Which {
        let count = self.queues.count(Which::Small);
        let Bounds { entries, size } = self.bounds;
        let has_share = count >= (entries / SMALL_SHARE).max(1) as usize
            || self.queues.size(Which::Small) > size / u64::from(SMALL_SHARE);
        let is_only = match self.queues.count(Which::Main) {
            0 => true,
            1 => self.queues.oldest(Which::Main) == Some(kept),
            _ => false,
        };
        if count > 0 && (has_share || is_only) { Which::Small } else { Which::Main }
    }

    fn oldest_but(&mut self, kept: u32) -> Option<u32> {
        let slot = self.queues.oldest(self.from(kept))?;
        if slot != kept {
            return Some(slot);
        }
        self.move_to_main(slot);
        self.queues.oldest(self.from(kept)).filter(|&slot| slot != kept)
    }

    fn move_to_main(&mut self, slot: u32) {
        let node = self.queues.unlink(slot);
        self.queues.push(Which::Main, slot, node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: u32 = 0;

    fn full(entries: u32) -> (Eviction, Vec<u8>) {
        let mut eviction = Eviction::new(Bounds { entries, size: u64::MAX });
        eviction.reserve(entries).expect("memory");
        for slot in 1..=entries {
            eviction.admit(slot, u64::from(slot) << 44, 0);
        }
        (eviction, vec![0; entries as usize + 1])
    }

    #[test]
    fn what_was_never_used_goes_in_the_order_in_which_it_came() {
        let (mut eviction, mut states) = full(20);
        for expected in 1..=20 {
            assert_eq!(eviction.victim(NOBODY, &mut states), Some(expected));
            eviction.forget(expected);
        }
        assert_eq!(eviction.victim(NOBODY, &mut states), None);
    }

    #[test]
    fn what_was_used_once_outlives_what_was_not() {
        let (mut eviction, mut states) = full(20);
        states[3] = 1;
        let mut gone = Vec::new();
        while let Some(slot) = eviction.victim(NOBODY, &mut states) {
            eviction.forget(slot);
            gone.push(slot);
        }
        assert_eq!(gone.len(), 20);
        assert!(gone.iter().position(|&slot| slot == 3) > Some(15));
    }

    #[test]
    fn a_key_that_comes_back_soon_is_not_new() {
        let (mut eviction, mut states) = full(20);
        assert_eq!(eviction.evict(1), 1 << 44);
        eviction.admit(1, 1 << 44, 0);
        for _ in 0..18 {
            let slot = eviction.victim(NOBODY, &mut states).expect("one more");
            assert_ne!(slot, 1);
            eviction.forget(slot);
        }
    }

    #[test]
    fn a_victim_is_found_in_bounded_steps_and_is_never_the_kept_one() {
        let (mut eviction, mut states) = full(1000);
        states.fill(FREQUENCY);
        for kept in 1..=999 {
            let slot = eviction.victim(kept, &mut states).expect("others");
            assert_ne!(slot, kept);
            eviction.forget(slot);
            eviction.admit(slot, 7, 0);
        }
        let (mut alone, mut states) = full(1);
        assert_eq!(alone.victim(1, &mut states), None);
    }

    #[test]
    fn another_goes_even_if_the_kept_one_is_alone_in_its_queue() {
        let mut eviction = Eviction::new(Bounds { entries: u32::MAX, size: 100 });
        eviction.reserve(3).expect("memory");
        let mut states = [0, FREQUENCY, 0, 0];
        eviction.admit(1, 1, 80);
        assert_eq!(eviction.victim(NOBODY, &mut states), Some(1));
        eviction.admit(2, 2, 1);
        assert_eq!(eviction.victim(1, &mut states), Some(2));
    }

    #[test]
    fn excess_names_the_bound_that_is_exceeded() {
        let mut eviction = Eviction::new(Bounds { entries: 2, size: 10 });
        eviction.reserve(2).expect("memory");
        eviction.admit(1, 1, 6);
        assert_eq!(eviction.excess(1, 4), None);
        assert_eq!(eviction.excess(1, 5), Some(Excess::Size));
        eviction.admit(2, 2, 4);
        assert_eq!(eviction.excess(1, 0), Some(Excess::Entries));
        assert_eq!(eviction.excess(0, u64::MAX), Some(Excess::Size));
    }
}
