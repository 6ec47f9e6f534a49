//! Queues of slots, oldest to newest, linked through one vector. Knows no policy.
//!
//! Invariant: a slot is in one queue at most, the one that its links name; slot 0 is nobody's
//! and ends both directions.

const NO_SLOT: u32 = 0;
/// Marks a queue's slots: in `older` those of the main queue, in `newer` those of the youngest.
/// Slots stay below it.
const MARK: u32 = 1 << 31;

/// What a queue keeps of an entry.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Node {
    /// Of its key: kept, so that an entry that goes need not be looked at.
    pub(super) hash: u64,
    /// What it counts.
    pub(super) size: u64,
}

/// One of three queues.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Which {
    /// Where new entries come: the young part of the small queue.
    Young,
    /// The rest of the small queue.
    Small,
    /// Where entries stay that were used again.
    Main,
}

impl Which {
    /// What `newer` and `older` of its slots are marked with.
    const fn marks(self) -> (u32, u32) {
        match self {
            Self::Young => (MARK, 0),
            Self::Small => (0, 0),
            Self::Main => (0, MARK),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Links {
    newer: u32,
    older: u32,
    node: Node,
}

#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    oldest: u32,
    newest: u32,
    count: usize,
    size: u64,
}

/// Three queues over the slots of one store.
#[derive(Debug, Default)]
pub(super) struct Queues {
    links: Vec<Links>,
    ends: [Ends; 3],
}

impl Queues {
    /// Makes room for every slot up to `slot`; `None` when there is no memory.
    pub(super) fn reserve(&mut self, slot: u32) -> Option<()> {
        let wanted = slot as usize + 1;
        if wanted > self.links.len() {
            self.links.try_reserve(wanted - self.links.len()).ok()?;
            self.links
                .resize(wanted, Links { newer: NO_SLOT, older: NO_SLOT, node: Node::default() });
        }
        Some(())
    }

    /// How many slots are in a queue.
    pub(super) fn count(&self, which: Which) -> usize {
        self.ends[which as usize].count
    }

    /// The sum of the sizes of a queue.
    pub(super) fn size(&self, which: Which) -> u64 {
        self.ends[which as usize].size
    }

    /// The oldest slot of a queue, if there is one.
    pub(super) fn oldest(&self, which: Which) -> Option<u32> {
        Some(self.ends[which as usize].oldest).filter(|&slot| slot != NO_SLOT)
    }

    /// The queue of a slot that is in one.
    pub(super) fn which(&self, slot: u32) -> Which {
        let Links { newer, older, .. } = self.links[slot as usize];
        match (newer & MARK, older & MARK) {
            (MARK, _) => Which::Young,
            (_, MARK) => Which::Main,
            _ => Which::Small,
        }
    }

    /// What is kept of a slot that is in a queue.
    pub(super) fn node(&self, slot: u32) -> Node {
        self.links[slot as usize].node
    }

    /// The key of a slot that is in a queue has another hash now.
    pub(super) fn rehash(&mut self, slot: u32, hash: u64) {
        self.links[slot as usize].node.hash = hash;
    }

    /// Changes the size of a slot that is in a queue.
    pub(super) fn resize(&mut self, slot: u32, size: u64) {
        let which = self.which(slot);
        let former = std::mem::replace(&mut self.links[slot as usize].node.size, size);
        let ends = &mut self.ends[which as usize];
        ends.size = ends.size - former + size;
    }

    /// Puts a slot, which is in no queue and for which there is room, at the newest end.
    pub(super) fn push(&mut self, which: Which, slot: u32, node: Node) {
        let ends = &mut self.ends[which as usize];
        let older = std::mem::replace(&mut ends.newest, slot);
        ends.count += 1;
        ends.size += node.size;
        if older == NO_SLOT {
            ends.oldest = slot;
        } else {
            self.links[older as usize].newer = slot | which.marks().0;
        }
        let (newer_mark, older_mark) = which.marks();
        self.links[slot as usize] =
            Links { newer: NO_SLOT | newer_mark, older: older | older_mark, node };
    }

    /// Takes a slot out of its queue; what was kept of it.
    pub(super) fn unlink(&mut self, slot: u32) -> Node {
        let which = self.which(slot);
        let Links { newer, older, node } = self.links[slot as usize];
        let (newer, older) = (newer & !MARK, older & !MARK);
        let (newer_mark, older_mark) = which.marks();
        let ends = &mut self.ends[which as usize];
        ends.count -= 1;
        ends.size -= node.size;
        if newer == NO_SLOT {
            ends.newest = older;
        }
        if older == NO_SLOT {
            ends.oldest = newer;
        } else {
            self.links[older as usize].newer = newer | newer_mark;
        }
        if newer != NO_SLOT {
            self.links[newer as usize].older = older | older_mark;
        }
        node
    }

    /// Bytes that are allocated.
    pub(super) fn bytes(&self) -> usize {
        self.links.capacity() * size_of::<Links>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUES: [Which; 3] = [Which::Small, Which::Main, Which::Young];

    fn drained(queues: &mut Queues, which: Which) -> Vec<u32> {
        let mut slots = Vec::new();
        while let Some(slot) = queues.oldest(which) {
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
            queues.push(if slot % 2 == 0 { Which::Main } else { Which::Small }, slot, node);
        }
        for slot in 10..=12 {
            queues.push(Which::Young, slot, Node { hash: 0, size: 1 });
        }
        assert_eq!([3, 4, 11].map(|slot| queues.which(slot)), QUEUES);
        for slot in [1, 9, 5, 4, 11] {
            queues.unlink(slot);
        }
        assert_eq!((queues.count(Which::Small), queues.count(Which::Main)), (2, 3));
        assert_eq!((queues.size(Which::Small), queues.size(Which::Main)), (20, 30));
        assert_eq!(drained(&mut queues, Which::Small), [3, 7]);
        assert_eq!(drained(&mut queues, Which::Main), [2, 6, 8]);
        assert_eq!(
            (queues.size(Which::Young), drained(&mut queues, Which::Young)),
            (2, vec![10, 12])
        );
        assert_eq!(queues.size(Which::Main), 0);
    }

    #[test]
    fn size_of_a_queue_follows_that_of_its_slots() {
        let mut queues = Queues::default();
        queues.reserve(2).expect("memory");
        queues.push(Which::Main, 1, Node { hash: 0, size: 5 });
        queues.push(Which::Main, 2, Node { hash: 0, size: 7 });
        queues.resize(1, 100);
        assert_eq!((queues.node(1).size, queues.size(Which::Main)), (100, 107));
        queues.unlink(1);
        assert_eq!(queues.size(Which::Main), 7);
    }
}
