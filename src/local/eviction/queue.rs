//! Two queues of slots, oldest to newest, linked through one vector. Knows no policy.
//!
//! Each is a ring that a joint closes, so that no end is a case of its own. The newest of the small
//! queue are its young part: to leave it is one step of the boundary, and nobody is linked anew.
//! Invariant: a slot is in one queue at most, the one that its links name.

/// The place of a slot is one behind its number, which leaves that of slot 0, nobody's, and one
/// more for the joints.
const SMALL_JOINT: u32 = 0;
const MAIN_JOINT: u32 = 1;
/// Marks in `older` of which part a slot is. Places stay below them.
const MAIN: u32 = 1 << 31;
const YOUNG: u32 = 1 << 30;
const PART: u32 = MAIN | YOUNG;

/// What a queue keeps of an entry.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Node {
    /// Of its key: kept, so that an entry that goes need not be looked at.
    pub(super) hash: u64,
    /// What it counts.
    pub(super) size: u64,
}

/// One of the queues.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Queue {
    /// Where new entries come.
    Small,
    /// Where entries stay that were used again.
    Main,
}

impl Queue {
    const fn joint(self) -> u32 {
        match self {
            Self::Small => SMALL_JOINT,
            Self::Main => MAIN_JOINT,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Links {
    newer: u32,
    /// {part 2 | place 30}.
    older: u32,
    node: Node,
}

impl Links {
    const fn joint(place: u32) -> Self {
        Self { newer: place, older: place, node: Node { hash: 0, size: 0 } }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    count: usize,
    size: u64,
}

/// Two queues over the slots of one store.
#[derive(Debug)]
pub(super) struct Queues {
    links: Vec<Links>,
    sums: [Sums; 2],
    /// The place of the oldest of the young part; the joint where there is none.
    boundary: u32,
    young: usize,
}

impl Default for Queues {
    fn default() -> Self {
        let links = vec![Links::joint(SMALL_JOINT), Links::joint(MAIN_JOINT)];
        Self { links, sums: Default::default(), boundary: SMALL_JOINT, young: 0 }
    }
}

impl Queues {
    /// Makes room for every slot up to `slot`; `None` when there is no memory.
    #[inline]
    pub(super) fn reserve(&mut self, slot: u32) -> Option<()> {
        let wanted = place(slot) as usize + 1;
        if wanted > self.links.len() {
            self.links.try_reserve(wanted - self.links.len()).ok()?;
            self.links.resize(wanted, Links::joint(SMALL_JOINT));
        }
        Some(())
    }

    /// How many slots are in a queue.
    #[inline]
    pub(super) fn count(&self, queue: Queue) -> usize {
        self.sums[queue as usize].count
    }

    /// How many slots are in the young part of the small queue.
    #[inline]
    pub(super) fn young(&self) -> usize {
        self.young
    }

    /// The sum of the sizes of a queue.
    #[inline]
    pub(super) fn size(&self, queue: Queue) -> u64 {
        self.sums[queue as usize].size
    }

    /// The oldest slot of a queue, if there is one.
    #[inline]
    pub(super) fn oldest(&self, queue: Queue) -> Option<u32> {
        let place = self.links[queue.joint() as usize].newer;
        (place != queue.joint()).then(|| place - 1)
    }

    /// The queue of a slot that is in one.
    #[inline]
    pub(super) fn queue(&self, slot: u32) -> Queue {
        queue_of(self.links[place(slot) as usize].older)
    }

    /// What is kept of a slot that is in a queue.
    #[inline]
    pub(super) fn node(&self, slot: u32) -> Node {
        self.links[place(slot) as usize].node
    }

    /// The key of a slot that is in a queue has another hash now.
    pub(super) fn rehash(&mut self, slot: u32, hash: u64) {
        self.links[place(slot) as usize].node.hash = hash;
    }

    /// Changes the size of a slot that is in a queue.
    pub(super) fn resize(&mut self, slot: u32, size: u64) {
        let queue = self.queue(slot);
        let former = std::mem::replace(&mut self.links[place(slot) as usize].node.size, size);
        let sums = &mut self.sums[queue as usize];
        sums.size = sums.size - former + size;
    }

    /// Puts a slot, which is in no queue and for which there is room, at the newest end: in the
    /// small queue, before those that are young.
    #[inline]
    pub(super) fn push(&mut self, queue: Queue, slot: u32, node: Node) {
        match queue {
            Queue::Small => self.insert(self.boundary, place(slot), 0, node),
            Queue::Main => self.insert(MAIN_JOINT, place(slot), MAIN, node),
        }
    }

    /// The same in the young part of the small queue.
    #[inline]
    pub(super) fn push_young(&mut self, slot: u32, node: Node) {
        self.insert(SMALL_JOINT, place(slot), YOUNG, node);
        self.young += 1;
        if self.boundary == SMALL_JOINT {
            self.boundary = place(slot);
        }
    }

    /// Lets the oldest of the young part be young no more; which that was.
    #[inline]
    pub(super) fn grow_up(&mut self) -> Option<u32> {
        let place = self.boundary;
        if place == SMALL_JOINT {
            return None;
        }
        let links = &mut self.links[place as usize];
        links.older &= !YOUNG;
        self.boundary = links.newer;
        self.young -= 1;
        Some(place - 1)
    }

    /// Takes a slot out of its queue; what was kept of it.
    #[inline]
    pub(super) fn unlink(&mut self, slot: u32) -> Node {
        let place = place(slot);
        let Links { newer, older, node } = self.links[place as usize];
        self.links[(older & !PART) as usize].newer = newer;
        let after = &mut self.links[newer as usize];
        after.older = older & !PART | after.older & PART;
        if older & YOUNG != 0 {
            self.young -= 1;
            if self.boundary == place {
                self.boundary = newer;
            }
        }
        let sums = &mut self.sums[queue_of(older) as usize];
        sums.count -= 1;
        sums.size -= node.size;
        node
    }

    /// Bytes that are allocated.
    pub(super) fn bytes(&self) -> usize {
        self.links.capacity() * size_of::<Links>()
    }

    /// Puts a place before another of the same ring, the joint for the newest end.
    #[inline]
    fn insert(&mut self, before: u32, place: u32, part: u32, node: Node) {
        let after = &mut self.links[before as usize];
        let older = after.older & !PART;
        after.older = place | after.older & PART;
        self.links[older as usize].newer = place;
        self.links[place as usize] = Links { newer: before, older: older | part, node };
        let sums = &mut self.sums[queue_of(part) as usize];
        sums.count += 1;
        sums.size += node.size;
    }
}

#[inline]
fn place(slot: u32) -> u32 {
    slot + 1
}

/// The queue of what is marked so.
#[inline]
fn queue_of(marked: u32) -> Queue {
    if marked & MAIN == 0 { Queue::Small } else { Queue::Main }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    fn drained(queues: &mut Queues, queue: Queue) -> Vec<u32> {
        let mut slots = Vec::new();
        while let Some(slot) = queues.oldest(queue) {
            queues.unlink(slot);
            slots.push(slot);
        }
        slots
    }

    #[test]
    fn slots_come_out_oldest_first_whatever_was_unlinked_between() {
        let mut queues = Queues::default();
        queues.reserve(12).expect("memory");
        for slot in 1..=9 {
            let node = Node { hash: 0, size: 10 };
            queues.push(if slot % 2 == 0 { Queue::Main } else { Queue::Small }, slot, node);
        }
        for slot in 10..=12 {
            queues.push_young(slot, Node { hash: 0, size: 1 });
        }
        assert_eq!([3, 4, 11].map(|slot| queues.queue(slot) == Queue::Small), [true, false, true]);
        for slot in [1, 9, 5, 4, 11] {
            queues.unlink(slot);
        }
        assert_eq!((queues.count(Queue::Small), queues.count(Queue::Main)), (4, 3));
        assert_eq!((queues.size(Queue::Small), queues.size(Queue::Main)), (22, 30));
        assert_eq!(queues.young(), 2);
        assert_eq!(drained(&mut queues, Queue::Small), [3, 7, 10, 12]);
        assert_eq!(drained(&mut queues, Queue::Main), [2, 6, 8]);
        assert_eq!((queues.young(), queues.size(Queue::Main)), (0, 0));
    }

    #[test]
    fn young_ones_stay_behind_the_others_until_they_grow_up() {
        let mut queues = Queues::default();
        let mut seed = 7_u64;
        let mut random = |most: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(seed >> 33).expect("31 bits") % most
        };
        let (mut small, mut young) = (VecDeque::new(), VecDeque::new());
        queues.reserve(64).expect("memory");
        for _ in 0..20_000 {
            let slot = u32::try_from(random(64) + 1).expect("few");
            if let Some(at) = small.iter().position(|&other| other == slot) {
                small.remove(at);
                queues.unlink(slot);
            } else if let Some(at) = young.iter().position(|&other| other == slot) {
                young.remove(at);
                queues.unlink(slot);
            } else if random(3) == 0 {
                small.push_back(slot);
                queues.push(Queue::Small, slot, Node::default());
            } else {
                young.push_back(slot);
                queues.push_young(slot, Node::default());
            }
            if random(3) == 0 {
                assert_eq!(queues.grow_up(), young.front().copied());
                small.extend(young.pop_front());
            }
            assert_eq!(queues.young(), young.len());
            assert_eq!(queues.count(Queue::Small), small.len() + young.len());
            assert_eq!(queues.oldest(Queue::Small), small.front().or(young.front()).copied());
        }
        small.extend(young);
        assert_eq!(drained(&mut queues, Queue::Small), Vec::from(small));
    }

    #[test]
    fn size_of_a_queue_follows_that_of_its_slots() {
        let mut queues = Queues::default();
        queues.reserve(2).expect("memory");
        queues.push(Queue::Main, 1, Node { hash: 0, size: 5 });
        queues.push(Queue::Main, 2, Node { hash: 0, size: 7 });
        queues.resize(1, 100);
        assert_eq!((queues.node(1).size, queues.size(Queue::Main)), (100, 107));
        queues.unlink(1);
        assert_eq!(queues.size(Queue::Main), 7);
    }
}
