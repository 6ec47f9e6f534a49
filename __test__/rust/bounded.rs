//! A bounded index against a model that lets it evict whatever it likes, but says when and why.
//!
//! The bounds hold after each operation, nothing goes without need, what goes while somebody
//! watches is told once with its key, and no slot is given away before it was drained or freed.

use proptest::prelude::*;
use shared_memory_store::local::eviction::{Bounds, Eviction, FREQUENCY};
use shared_memory_store::local::index::{Index, Lookup, Placed, Placement};
use shared_memory_store::platform::clock::{Clock, NEVER_US, Reading};
use shared_memory_store::text::string::Text;
use std::collections::BTreeMap;

const KEYS: u8 = 24;
const EXPIRED: u32 = 1;

/// The bytes of a key: of some that fit into their entries, and of some that do not.
fn name(key: u8) -> Vec<u8> {
    vec![key; 1 + usize::from(key % 4) * 10]
}

#[derive(Clone, Debug)]
enum Operation {
    Place { key: u8, size: u64, ttl_us: Option<u64> },
    Find { key: u8 },
    Remove { key: u8 },
    Rename { from: u8, to: u8 },
    Wait { us: u64 },
    Sweep,
    Drain,
    Watch { on: bool },
    Clear,
}

fn operation() -> impl Strategy<Value = Operation> {
    let key = 0..KEYS;
    let ttl_us = proptest::option::of(1..200_000_u64);
    prop_oneof![
        12 => (key.clone(), 0..=10_u64, ttl_us)
            .prop_map(|(key, size, ttl_us)| Operation::Place { key, size, ttl_us }),
        8 => key.clone().prop_map(|key| Operation::Find { key }),
        2 => key.clone().prop_map(|key| Operation::Remove { key }),
        1 => (key.clone(), key).prop_map(|(from, to)| Operation::Rename { from, to }),
        3 => (0..100_000_u64).prop_map(|us| Operation::Wait { us }),
        1 => Just(Operation::Sweep),
        3 => Just(Operation::Drain),
        1 => any::<bool>().prop_map(|on| Operation::Watch { on }),
        1 => Just(Operation::Clear),
    ]
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    slot: u32,
    size: u64,
    deadline_us: u64,
}

struct Subject {
    index: Index,
    bounds: Bounds,
    states: Vec<u8>,
    clock: Reading,
    /// What was placed and was not seen to go.
    model: BTreeMap<u8, Entry>,
    watched: bool,
    /// Evictions that were not told yet, while somebody watches.
    untold: u64,
}

impl Subject {
    fn new(bounds: Bounds) -> Self {
        let states = vec![0; usize::from(KEYS) * 8];
        let index = Index::new(Some(bounds));
        let (clock, model) = (Reading(1), BTreeMap::new());
        Self { index, bounds, states, clock, model, watched: false, untold: 0 }
    }

    fn perform(&mut self, operation: &Operation) {
        match *operation {
            Operation::Place { key, size, ttl_us } => self.place(key, size, ttl_us),
            Operation::Find { key } => {
                self.find(key);
            }
            Operation::Remove { key } => {
                let found = self.index.remove(Text::latin1(&name(key)), &self.clock);
                assert!(!matches!(found, Lookup::Live { .. }) || self.model.contains_key(&key));
                self.model.remove(&key);
            }
            Operation::Rename { from, to } => self.rename(from, to),
            Operation::Wait { us } => self.clock = Reading(self.clock.0 + us),
            Operation::Sweep => while self.index.sweep(self.clock.0, 7) {},
            Operation::Drain => self.drain(),
            Operation::Watch { on } => {
                // As the slab does: what left before is of the other kind.
                self.drain();
                self.index.watch(on);
                self.watched = on;
                self.untold = 0;
            }
            Operation::Clear => {
                drop(self.index.clear());
                self.model.clear();
                self.untold = 0;
            }
        }
    }

    /// Whether a key is live. What is found is what was placed last.
    fn find(&mut self, key: u8) -> bool {
        match self.index.find(Text::latin1(&name(key)), &self.clock) {
            Lookup::Live { slot, .. } => {
                let entry = self.model.get(&key).expect("it was placed");
                assert_eq!(entry.slot, slot);
                assert!(entry.deadline_us > self.clock.now_us(), "it has expired");
                let state = &mut self.states[slot as usize];
                *state = (*state + 1).min(FREQUENCY);
                true
            }
            Lookup::Expired(_) | Lookup::Absent => {
                self.model.remove(&key);
                false
            }
        }
    }

    fn place(&mut self, key: u8, size: u64, ttl_us: Option<u64>) {
        let size = size.min(self.bounds.size);
        let deadline_us = ttl_us.map_or(NEVER_US, |ttl_us| self.clock.0 + ttl_us);
        let was_live = self.find(key);
        let evicted = self.index.counters().evicted;
        let held = self.live_sizes();
        let name = name(key);
        let placement = Placement { key: Text::latin1(&name), form: 0, deadline_us, size };
        let mut placed = self.index.place(placement, &self.clock, &mut self.states);
        self.untold += self.index.counters().evicted - evicted;
        if placed == Ok(Placed::DrainFirst) {
            self.drain();
            placed = self.index.place(placement, &self.clock, &mut self.states);
        }
        let slot = match placed.expect("memory") {
            Placed::Overwritten(slot) => {
                assert!(was_live);
                slot
            }
            Placed::Added(slot) => {
                assert!(!was_live);
                // One that comes back to the ghost is as good as used once.
                assert!(self.states[slot as usize] <= 1, "a new entry was never used");
                slot
            }
            Placed::DrainFirst => panic!("it was drained"),
        };
        let needed = held.len() + usize::from(!was_live) > self.bounds.entries as usize
            || held.iter().sum::<u64>() + size > self.bounds.size;
        assert!(needed || self.index.counters().evicted == evicted, "evicted without need");
        self.model.insert(key, Entry { slot, size, deadline_us });
        assert!(self.find(key), "what was just placed is there");
    }

    fn rename(&mut self, from: u8, to: u8) {
        let (from_is_live, to_is_live) = (self.find(from), self.find(to));
        let (from_key, to_key) = (name(from), name(to));
        let (old, new) = (Text::latin1(&from_key), Text::latin1(&to_key));
        self.index.rename(old, new, 0, &self.clock).expect("memory");
        if from_is_live && !to_is_live {
            let entry = self.model.remove(&from).expect("it was placed");
            self.model.insert(to, entry);
        }
    }

    /// Sizes of the entries that are live, by asking for each.
    fn live_sizes(&mut self) -> Vec<u64> {
        let live: Vec<u8> = (0..KEYS).filter(|&key| self.is_there(key)).collect();
        live.iter().filter_map(|key| self.model.get(key)).map(|entry| entry.size).collect()
    }

    fn is_there(&mut self, key: u8) -> bool {
        matches!(self.index.find(Text::latin1(&name(key)), &self.clock), Lookup::Live { .. })
    }

    fn drain(&mut self) {
        if !self.watched {
            self.index.drain(&mut [0; 64]);
            return;
        }
        while let Some((_, why, key)) = self.index.drain_departed() {
            let bytes = key.as_ref().latin1_bytes().expect("Latin-1").to_vec();
            assert_eq!(bytes, name(bytes[0]), "it is told with its key");
            self.untold -= u64::from(why > EXPIRED);
        }
        assert_eq!(self.untold, 0, "each eviction is told");
    }

    fn check(&mut self) {
        let live = self.index.size(self.clock.0);
        assert!(live <= self.bounds.entries as usize);
        let sizes = self.live_sizes();
        assert_eq!(sizes.len(), live);
        assert_eq!(self.index.counters().size, sizes.iter().sum::<u64>());
        assert!(self.index.counters().size <= self.bounds.size);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn bounds_hold_and_nothing_goes_without_need(
        operations in proptest::collection::vec(operation(), 1..200),
        entries in prop_oneof![1..20_u32, Just(u32::MAX)],
        size in prop_oneof![1..60_u64, Just(u64::MAX)],
    ) {
        let mut subject = Subject::new(Bounds { entries, size });
        for operation in &operations {
            subject.perform(operation);
            subject.check();
        }
    }
}

#[test]
fn what_expired_goes_before_what_is_live() {
    let mut index = Index::new(Some(Bounds { entries: 4, size: u64::MAX }));
    let mut states = [0; 16];
    let mut place = |index: &mut Index, key: u8, deadline_us, clock: Reading| {
        let key = [key];
        let placement = Placement { key: Text::latin1(&key), form: 0, deadline_us, size: 0 };
        if index.place(placement, &clock, &mut states) == Ok(Placed::DrainFirst) {
            assert!(index.drain(&mut [0; 4]) > 0);
            index.place(placement, &clock, &mut states).expect("room");
        }
    };
    place(&mut index, 0, NEVER_US, Reading(0));
    place(&mut index, 1, 5_000, Reading(0));
    place(&mut index, 2, NEVER_US, Reading(0));
    place(&mut index, 3, NEVER_US, Reading(0));
    place(&mut index, 4, NEVER_US, Reading(50_000));
    assert_eq!(index.counters().evicted, 0);
    assert_eq!(index.counters().expired, 1);
    assert_eq!(index.size(50_000), 4);
}

/// Random numbers, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888);
        (self.0 >> 33) % most
    }

    fn slot(&mut self) -> u32 {
        u32::try_from(self.below(SLOTS)).expect("few") + 1
    }
}

const SLOTS: u64 = 200;

#[test]
fn policy_knows_what_is_in_and_gives_up_one_of_it_and_never_the_kept_one() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let bounds = Bounds { entries: random.slot(), size: 1 + random.below(3000) };
        let mut eviction = Eviction::new(bounds);
        eviction.reserve(u32::try_from(SLOTS).expect("few")).expect("memory");
        let mut states = vec![0; usize::try_from(SLOTS).expect("few") + 1];
        let mut sizes: BTreeMap<u32, u64> = BTreeMap::new();
        for _ in 0..3000 {
            let (slot, kept) = (random.slot(), random.slot());
            let (size, hash) = (random.below(30), random.below(600) << 40 | random.below(600));
            match (sizes.contains_key(&slot), random.below(8)) {
                (false, _) => {
                    states[slot as usize] = 0;
                    eviction.admit(slot, hash, size, &mut states);
                    sizes.insert(slot, size);
                }
                (true, 0) => {
                    eviction.forget(slot);
                    sizes.remove(&slot);
                }
                (true, 1) => {
                    eviction.resize(slot, size);
                    sizes.insert(slot, size);
                }
                (true, 2) => eviction.rehash(slot, hash),
                (true, _) => {
                    states[slot as usize] = (states[slot as usize] + 1).min(FREQUENCY);
                }
            }
            if random.below(2) == 0 {
                let victim = eviction.victim(kept, &mut states);
                let others = sizes.keys().filter(|&&slot| slot != kept).count();
                assert_eq!(victim.is_some(), others > 0, "seed {seed}");
                if let Some(victim) = victim {
                    assert_ne!(victim, kept, "seed {seed}");
                    eviction.evict(victim);
                    assert!(sizes.remove(&victim).is_some(), "seed {seed}: it was in");
                }
            }
            assert_eq!(eviction.size(), sizes.values().sum::<u64>(), "seed {seed}");
            assert!(sizes.iter().all(|(&slot, &size)| eviction.size_of(slot) == size));
            let exceeds = sizes.len() >= bounds.entries as usize || eviction.size() > bounds.size;
            assert_eq!(eviction.excess(1, 0).is_some(), exceeds, "seed {seed}");
        }
    }
}
