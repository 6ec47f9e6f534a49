//! S3-FIFO that adapts: who is admitted where, and who is the next victim. Knows no keys.
//!
//! A small queue takes new entries; what was not used again leaves it for good, what was moves to
//! the main queue, where an entry goes round once more for each use. Uses that follow an entry's
//! arrival closely do not count: they say little of later ones. The ghost knows what was evicted:
//!
//! - who comes back from the small queue would have stayed in a longer one: it grows a little; if
//!   the key was away for much less than a turn of the main queue, it goes there at once, for what
//!   is there is needed less often; so it does while the main queue is far from full;
//! - who comes back from the main queue would have stayed in a longer one: the small one shrinks;
//!   the entry is as good as used, and moves to the main queue when its turn comes.
//!
//! How often an entry was used since is in the low bits of its state, a byte a slot that
//! JavaScript counts in.

use super::ghost::{Ghost, Left, Trace};
use super::queue::{Node, Queue, Queues};
use super::share::Share;
use super::turn::Turn;
use crate::contract::SlotState;

/// The bits of a state that count the uses of an entry, up to three.
pub const FREQUENCY: u8 = SlotState::Frequency.number();

/// The part of the small queue's share in which uses do not count: one in this many.
const YOUNG_PART: u64 = 5;
/// Entries that get too old for that with each one that comes: the rest follows later.
const AGED_AT_ONCE: usize = 2;
/// The ghost remembers so many times as many as the store holds.
const GHOST_WINDOW: usize = 2;
/// A queue would have kept an entry if it was longer by one in this many of all.
const NEAR_MISS: usize = 10;
/// An entry that left the main queue is known for one in this many of all that leave it.
const MAIN_MEMORY: usize = 2;
/// The main queue has room while the small one has so many times its share.
const MAIN_ROOM: u64 = 2;
/// A key that comes back goes to the main queue if it was away for this part of a turn there at
/// the most: with a larger one, a loop through more than the store holds drives itself out.
const LEAD: (u64, u64) = (5, 2);
/// The main queue moves, too, when its oldest has been there while so many times as many as the
/// store holds were evicted: else what was needed once would stay where nothing is needed twice.
const STALE: u64 = 16;
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
    share: Share,
    turn: Turn,
    /// Entries that were evicted from the small queue.
    time: u64,
}

impl Eviction {
    /// Nothing is in yet.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            queues: Queues::default(),
            ghost: Ghost::default(),
            share: Share::new(bounds),
            turn: Turn::default(),
            time: 0,
        }
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
    #[inline]
    pub fn excess(&self, entries: usize, size: u64) -> Option<Excess> {
        if self.count() + entries > self.bounds.entries as usize {
            return Some(Excess::Entries);
        }
        (self.size().saturating_add(size) > self.bounds.size).then_some(Excess::Size)
    }

    /// The sum of the sizes.
    #[inline]
    pub fn size(&self) -> u64 {
        self.queues.size(Queue::Small) + self.queues.size(Queue::Main)
    }

    /// The size of an entry that is in.
    pub fn size_of(&self, slot: u32) -> u64 {
        self.queues.node(slot).size
    }

    /// Changes the size of an entry that is in.
    pub fn resize(&mut self, slot: u32, size: u64) {
        self.queues.resize(slot, size);
    }

    /// Takes in an entry that was not used yet, for whose slot there is room.
    pub fn admit(&mut self, slot: u32, hash: u64, size: u64, states: &mut [u8]) {
        let node = Node { hash, size };
        let count = self.count();
        match self.ghost.take(hash) {
            Some(Trace { left: Left::Small, age }) => {
                if age <= count / NEAR_MISS {
                    self.share.grow(count);
                }
                if self.is_needed_more(age) {
                    self.push_main(slot, node);
                } else {
                    self.queues.push_young(slot, node);
                }
            }
            Some(Trace { left: Left::Main, age }) if age <= count / MAIN_MEMORY => {
                if age <= count / NEAR_MISS {
                    self.share.shrink(count);
                }
                self.queues.push(Queue::Small, slot, node);
                if let Some(state) = states.get_mut(slot as usize) {
                    *state |= 1;
                }
            }
            // Uses count from the start where nothing had to go yet.
            _ if self.time == 0 => self.queues.push(Queue::Small, slot, node),
            _ => self.queues.push_young(slot, node),
        }
        self.age(states);
        let most = self.bounds.entries as usize;
        self.ghost.widen((count + 1) * GHOST_WINDOW, most.saturating_mul(GHOST_WINDOW));
    }

    /// The key of an entry has changed.
    pub fn rehash(&mut self, slot: u32, hash: u64) {
        self.queues.rehash(slot, hash);
    }

    /// Lets go of an entry that was removed, or expired.
    pub fn forget(&mut self, slot: u32) {
        self.queues.unlink(slot);
    }

    /// Lets go of a victim, and remembers it; the hash of its key.
    #[inline]
    pub fn evict(&mut self, slot: u32) -> u64 {
        let left = match self.queues.queue(slot) {
            Queue::Small => Left::Small,
            Queue::Main => Left::Main,
        };
        let Node { hash, .. } = self.queues.unlink(slot);
        self.time += u64::from(left == Left::Small);
        self.ghost.remember(hash, left);
        hash
    }

    /// The entry that goes next, other than `kept`; `None` when there is no other. The states of
    /// those that it passes over are counted down.
    #[inline]
    pub fn victim(&mut self, kept: u32, states: &mut [u8]) -> Option<u32> {
        for _ in 0..VICTIM_STEPS {
            let (queue, slot) = self.oldest(kept)?;
            let state = states.get_mut(slot as usize);
            let uses = state.as_ref().map_or(0, |state| **state & FREQUENCY);
            if uses == 0 && slot != kept {
                return Some(slot);
            }
            if let Some(state) = state {
                // Used within the small queue, it begins anew in the main one.
                *state -= if queue == Queue::Main { uses.min(1) } else { uses };
            }
            self.move_to_main(slot);
        }
        self.oldest_but(kept)
    }

    /// Bytes that are allocated.
    pub fn bytes(&self) -> usize {
        self.queues.bytes() + self.ghost.bytes()
    }

    #[inline]
    fn count(&self) -> usize {
        self.queues.count(Queue::Small) + self.queues.count(Queue::Main)
    }

    /// The oldest of the queue that has to give one up, other than `kept`: of the small one while
    /// it has its share.
    #[inline]
    fn oldest(&mut self, kept: u32) -> Option<(Queue, u32)> {
        let (count, main_count) = (self.queues.count(Queue::Small), self.queues.count(Queue::Main));
        let has_share = self.share.is_reached(count, self.queues.size(Queue::Small));
        let main = self.queues.oldest(Queue::Main);
        let is_only = main_count == 0 || main_count == 1 && main == Some(kept);
        let is_stale = self.turn.idle(main_count, self.time) > STALE * self.count() as u64;
        if count == 0 || !(has_share && !is_stale || is_only) {
            return Some((Queue::Main, main?));
        }
        Some((Queue::Small, self.queues.oldest(Queue::Small)?))
    }

    #[cold]
    fn oldest_but(&mut self, kept: u32) -> Option<u32> {
        let (_, slot) = self.oldest(kept)?;
        if slot != kept {
            return Some(slot);
        }
        self.move_to_main(slot);
        self.oldest(kept).map(|(_, slot)| slot).filter(|&slot| slot != kept)
    }

    fn move_to_main(&mut self, slot: u32) {
        let node = self.queues.unlink(slot);
        self.push_main(slot, node);
    }

    fn push_main(&mut self, slot: u32, node: Node) {
        self.queues.push(Queue::Main, slot, node);
        self.turn.push(self.queues.count(Queue::Main), self.time);
    }

    /// Whether a key that comes back is needed more than the oldest entry of the main queue.
    fn is_needed_more(&mut self, age: usize) -> bool {
        let small = self.queues.count(Queue::Small);
        let has_room = small as u64 > self.share.of(self.count()) * MAIN_ROOM;
        // It was here for a turn of the small queue before it was away.
        let away = (age + small) as u64;
        let idle = self.turn.idle(self.queues.count(Queue::Main), self.time);
        has_room || away * LEAD.0 <= idle * LEAD.1
    }

    /// Lets entries grow out of the young part: from here on, uses count.
    #[inline]
    fn age(&mut self, states: &mut [u8]) {
        let most = self.share.of(self.count()) / YOUNG_PART;
        for _ in 0..AGED_AT_ONCE {
            if self.queues.young() as u64 <= most {
                return;
            }
            let Some(slot) = self.queues.grow_up() else { return };
            if let Some(state) = states.get_mut(slot as usize) {
                *state &= !FREQUENCY;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: u32 = 0;

    fn full(entries: u32) -> (Eviction, Vec<u8>) {
        let mut eviction = Eviction::new(Bounds { entries, size: u64::MAX });
        eviction.reserve(entries).expect("memory");
        let mut states = vec![0; entries as usize + 1];
        for slot in 1..=entries {
            eviction.admit(slot, hash(slot), 0, &mut states);
        }
        (eviction, states)
    }

    /// Spreads a number over 64 bits.
    fn hash(number: u32) -> u64 {
        let mixed = (u64::from(number) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9)
    }

    /// A full store whose slots hold a number each; those at first are never asked for.
    struct Cache {
        eviction: Eviction,
        states: Vec<u8>,
        /// The number of each slot.
        held: Vec<u32>,
    }

    impl Cache {
        const NOBODYS: u32 = u32::MAX;

        fn of(entries: u32) -> Self {
            let (eviction, states) = full(entries);
            let held = vec![Self::NOBODYS; entries as usize + 1];
            Self { eviction, states, held }
        }

        /// Uses a number, which is placed if it is missed; whether it was there.
        fn ask(&mut self, number: u32) -> bool {
            if let Some(slot) = self.held.iter().position(|&held| held == number) {
                self.states[slot] = (self.states[slot] + 1).min(FREQUENCY);
                return true;
            }
            let slot = self.eviction.victim(NOBODY, &mut self.states).expect("it is full");
            self.eviction.evict(slot);
            self.states[slot as usize] = 0;
            let hash = hash(number + 1_000_000);
            self.eviction.admit(slot, hash, 0, &mut self.states);
            self.held[slot as usize] = number;
            assert_eq!(self.eviction.count() + 1, self.held.len(), "all are counted");
            false
        }

        fn misses(&mut self, numbers: impl Iterator<Item = u32>) -> usize {
            numbers.filter(|&number| !self.ask(number)).count()
        }

        fn share(&mut self) -> u64 {
            self.eviction.share.of(1000)
        }
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
        assert_eq!(eviction.evict(1), hash(1));
        eviction.admit(1, hash(1), 0, &mut states);
        for _ in 0..14 {
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
            eviction.admit(slot, 7, 0, &mut states);
        }
        let (mut alone, mut states) = full(1);
        assert_eq!(alone.victim(1, &mut states), None);
    }

    #[test]
    fn another_goes_even_if_the_kept_one_is_alone_in_its_queue() {
        let mut eviction = Eviction::new(Bounds { entries: u32::MAX, size: 100 });
        eviction.reserve(3).expect("memory");
        let mut states = [0, FREQUENCY, 0, 0];
        eviction.admit(1, 1, 80, &mut states);
        states[1] = FREQUENCY;
        assert_eq!(eviction.victim(NOBODY, &mut states), Some(1));
        eviction.admit(2, 2, 1, &mut states);
        assert_eq!(eviction.victim(1, &mut states), Some(2));
    }

    #[test]
    fn a_scan_leaves_what_is_used() {
        let mut cache = Cache::of(200);
        for _ in 0..20 {
            cache.misses(0..100);
        }
        for scan in 1..10 {
            cache.misses(scan * 1000..scan * 1000 + 1000);
            let misses = cache.misses(0..100);
            assert!(misses <= 20, "{misses} after scan {scan}");
        }
    }

    #[test]
    fn a_loop_that_is_larger_than_the_store_hits_nevertheless() {
        let mut cache = Cache::of(200);
        let misses = cache.misses((0..40).flat_map(|_| 0..300));
        assert!(misses < 40 * 300 * 4 / 5, "{misses}: first in, first out would miss all");
    }

    #[test]
    fn the_share_of_newcomers_grows_where_they_come_back_and_shrinks_where_others_do() {
        let mut cache = Cache::of(200);
        let begin = cache.share();
        // Each number twice, with 50 others between: more than a small share holds.
        cache.misses((0..4000).flat_map(|number| [number + 50, number]));
        let grown = cache.share();
        assert!(grown > begin, "{grown}, {begin} at first");
        // As many as the store holds, in rounds, and others that never come back.
        let rounds =
            (0..80_000_u32).map(|turn| if turn % 4 > 0 { turn / 4 % 160 } else { turn + 9000 });
        cache.misses(rounds);
        assert!(cache.share() < grown, "{}, {grown} before", cache.share());
    }

    #[test]
    fn uses_that_follow_the_arrival_do_not_count() {
        let mut cache = Cache::of(1000);
        cache.misses((0..2000).flat_map(|number| [number, number]));
        let main = cache.eviction.queues.count(Queue::Main);
        assert!(main < 50, "{main}");
        // With others between, they do.
        let later = |number| if number < 2150 { [number, number] } else { [number, number - 150] };
        cache.misses((2000..5000).flat_map(later));
        let main = cache.eviction.queues.count(Queue::Main);
        assert!(main > 100, "{main}");
    }

    #[test]
    fn excess_names_the_bound_that_is_exceeded() {
        let mut eviction = Eviction::new(Bounds { entries: 2, size: 10 });
        eviction.reserve(2).expect("memory");
        eviction.admit(1, 1, 6, &mut []);
        assert_eq!(eviction.excess(1, 4), None);
        assert_eq!(eviction.excess(1, 5), Some(Excess::Size));
        eviction.admit(2, 2, 4, &mut []);
        assert_eq!(eviction.excess(1, 0), Some(Excess::Entries));
        assert_eq!(eviction.excess(0, u64::MAX), Some(Excess::Size));
    }
}
