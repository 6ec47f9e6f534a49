//! Deadlines: a hierarchical timing wheel, so what is due is found without a scan.
//!
//! Knows slots and times, no keys. Nine levels of 64 buckets; level 0 counts ticks of 1.024 ms,
//! each further level 64 times as much, which reaches every deadline of 64 bits. Adding,
//! removing and moving on are O(1) a slot. Nodes are indices, so nothing can dangle.
//!
//! Invariant: a slot sits in the bucket of the highest digit (base 64) in which its deadline
//! differs from `elapsed_ticks`, except those of `moving`, the bucket that is just being emptied
//! into finer ones and is emptied before anything else. A node
//! whose `older` carries `BUCKET` is the head of that bucket.

use super::pieces::Pieces;
use crate::platform::clock::NEVER_US;

/// A tick is 2^10 microseconds.
const TICK_SHIFT: u32 = 10;
const DIGIT_BITS: u32 = 6;
const BUCKETS_PER_LEVEL: usize = 1 << DIGIT_BITS;
/// 9 × 6 bits: all that a deadline of 64 bits has left above the tick.
const LEVELS: usize = 9;
/// No slot: 0 is never an entry's.
const NONE: u32 = 0;
/// No bucket is being emptied: those of level 0 never are.
const STILL: usize = 0;
/// Marks an `older` that names a bucket. Slots stay below it.
const BUCKET: u32 = 1 << 31;

#[derive(Clone, Copy, Debug)]
struct Node {
    deadline_us: u64,
    newer: u32,
    older: u32,
}

const IDLE: Node = Node { deadline_us: NEVER_US, newer: NONE, older: NONE };

/// What a step of the wheel met.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// This slot is due and has left the wheel.
    Due(u32),
    /// A slot moved to a finer level; there may be more to do.
    Moved,
    /// Nothing more is due before the current tick.
    Done,
}

/// The deadlines of a store's slots.
#[derive(Debug, Default)]
pub struct Wheel {
    nodes: Pieces<Node>,
    buckets: Vec<u32>,
    occupied: [u64; LEVELS],
    elapsed_ticks: u64,
    moving: usize,
    count: usize,
}

impl Wheel {
    /// Gives all slots back, to be dropped; those that come now meet the same time.
    #[must_use = "to drop it takes a while"]
    pub fn clear(&mut self) -> Self {
        let empty = Self { elapsed_ticks: self.elapsed_ticks, ..Self::default() };
        std::mem::replace(self, empty)
    }

    /// How many slots have a deadline.
    pub fn count(&self) -> usize {
        self.count
    }

    /// A time at which there is something to do, no later than the end of the tick in which the
    /// next slot is due; `None` when no slot has a deadline.
    pub fn next_us(&self) -> Option<u64> {
        if self.moving != STILL {
            return Some(self.elapsed_ticks << TICK_SHIFT);
        }
        let (bucket, start_ticks) = self.next_bucket()?;
        let ticks = if bucket < BUCKETS_PER_LEVEL { start_ticks + 1 } else { start_ticks };
        Some(ticks << TICK_SHIFT)
    }

    /// Bytes that are allocated.
    pub fn bytes(&self) -> usize {
        self.nodes.bytes() + self.buckets.capacity() * size_of::<u32>()
    }

    /// The deadline of `slot`; `NEVER_US` when it has none.
    pub fn deadline_us(&self, slot: u32) -> u64 {
        self.nodes.get(slot as usize).map_or(NEVER_US, |node| node.deadline_us)
    }

    /// Makes room for every slot up to `slot`; `None` when there is no memory.
    pub fn reserve(&mut self, slot: u32) -> Option<()> {
        self.nodes.reach(slot as usize, IDLE)?;
        if self.buckets.is_empty() {
            self.buckets.try_reserve_exact(LEVELS * BUCKETS_PER_LEVEL).ok()?;
            self.buckets.resize(LEVELS * BUCKETS_PER_LEVEL, NONE);
        }
        Some(())
    }

    /// Gives `slot`, for which there is room, a deadline, or takes it away with `NEVER_US`.
    pub fn set(&mut self, slot: u32, deadline_us: u64) {
        self.remove(slot);
        if deadline_us != NEVER_US {
            self.insert(slot, deadline_us);
            self.count += 1;
        }
    }

    /// Takes the deadline of `slot` away, where it has one.
    pub fn remove(&mut self, slot: u32) {
        if let Some(&node) = self.nodes.get(slot as usize)
            && node.deadline_us != NEVER_US
        {
            self.unlink(node);
            self.nodes[slot as usize] = IDLE;
            self.count -= 1;
        }
    }

    /// Does one step towards `now_us`: O(1), so the caller decides how long it goes on.
    pub fn step(&mut self, now_us: u64) -> Step {
        if self.moving != STILL {
            if self.buckets[self.moving] != NONE {
                return self.move_one();
            }
            // Before time goes on: only then may new slots come to this bucket.
            self.moving = STILL;
        }
        let now_ticks = now_us >> TICK_SHIFT;
        let next = self.next_bucket().filter(|&(bucket, start_ticks)| {
            // The current tick is not over: its slots are due one by one, see `take_due_in_tick`.
            start_ticks < now_ticks || (bucket >= BUCKETS_PER_LEVEL && start_ticks == now_ticks)
        });
        let Some((bucket, start_ticks)) = next else {
            self.elapsed_ticks = self.elapsed_ticks.max(now_ticks);
            return Step::Done;
        };
        self.elapsed_ticks = self.elapsed_ticks.max(start_ticks);
        if bucket >= BUCKETS_PER_LEVEL {
            self.moving = bucket;
            return self.move_one();
        }
        let slot = self.buckets[bucket];
        self.remove(slot);
        Step::Due(slot)
    }

    /// Takes the slots that are due within the tick of `now_us` itself, once [`Self::step`] is
    /// done, and shows each to `take`. Scans that one bucket.
    pub fn take_due_in_tick(&mut self, now_us: u64, mut take: impl FnMut(u32)) {
        let bucket = (now_us >> TICK_SHIFT) as usize & (BUCKETS_PER_LEVEL - 1);
        let mut slot = self.buckets.get(bucket).map_or(NONE, |&head| head);
        while slot != NONE {
            let Node { deadline_us, newer, .. } = self.nodes[slot as usize];
            if deadline_us <= now_us {
                self.remove(slot);
                take(slot);
            }
            slot = newer;
        }
    }

    /// Takes one slot that is due within the tick of `now_us`, if `looks` are enough to find one.
    pub fn take_one_due_in_tick(&mut self, now_us: u64, looks: usize) -> Option<u32> {
        let bucket = (now_us >> TICK_SHIFT) as usize & (BUCKETS_PER_LEVEL - 1);
        let mut slot = self.buckets.get(bucket).copied().filter(|&slot| slot != NONE)?;
        for _ in 0..looks {
            let Node { deadline_us, newer, .. } = self.nodes[slot as usize];
            if deadline_us <= now_us {
                self.remove(slot);
                return Some(slot);
            }
            slot = Some(newer).filter(|&newer| newer != NONE)?;
        }
        None
    }

    fn move_one(&mut self) -> Step {
        let slot = self.buckets[self.moving];
        let node = self.nodes[slot as usize];
        self.unlink(node);
        self.insert(slot, node.deadline_us);
        Step::Moved
    }

    /// The next bucket that holds something, and its first tick.
    fn next_bucket(&self) -> Option<(usize, u64)> {
        let level = self.occupied.iter().position(|&buckets| buckets != 0)?;
        let digit = self.occupied[level].trailing_zeros();
        let shift = DIGIT_BITS * u32::try_from(level).expect("few levels");
        let above = self.elapsed_ticks >> (shift + DIGIT_BITS);
        let start_ticks = ((above << DIGIT_BITS) | u64::from(digit)) << shift;
        Some((level * BUCKETS_PER_LEVEL + digit as usize, start_ticks))
    }

    /// Puts a slot that is in no bucket into that of its deadline.
    fn insert(&mut self, slot: u32, deadline_us: u64) {
        let bucket = self.bucket_of(deadline_us);
        let head = self.buckets[bucket];
        if head != NONE {
            self.nodes[head as usize].older = slot;
        }
        let older = BUCKET | u32::try_from(bucket).expect("few buckets");
        self.nodes[slot as usize] = Node { deadline_us, newer: head, older };
        self.buckets[bucket] = slot;
        self.occupied[bucket / BUCKETS_PER_LEVEL] |= 1 << (bucket % BUCKETS_PER_LEVEL);
    }

    /// Takes a node out of its bucket, and leaves it as it is.
    fn unlink(&mut self, Node { newer, older, .. }: Node) {
        if newer != NONE {
            self.nodes[newer as usize].older = older;
        }
        if older & BUCKET == 0 {
            self.nodes[older as usize].newer = newer;
            return;
        }
        let bucket = (older & !BUCKET) as usize;
        self.buckets[bucket] = newer;
        if newer == NONE {
            self.occupied[bucket / BUCKETS_PER_LEVEL] &= !(1 << (bucket % BUCKETS_PER_LEVEL));
        }
    }

    /// What is past or of the current tick goes to the current bucket of level 0.
    fn bucket_of(&self, deadline_us: u64) -> usize {
        let ticks = (deadline_us >> TICK_SHIFT).max(self.elapsed_ticks);
        let differing = (ticks ^ self.elapsed_ticks) | 1;
        let level = (differing.ilog2() / DIGIT_BITS) as usize;
        let digit = (ticks >> (level * DIGIT_BITS as usize)) as usize & (BUCKETS_PER_LEVEL - 1);
        level * BUCKETS_PER_LEVEL + digit
    }
}
