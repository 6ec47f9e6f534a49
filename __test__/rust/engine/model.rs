//! Random operations beside a map that knows what must come of them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use shared_memory_store::engine::entry::{Addition, Condition, Key, NEVER_US, Tagging, Value};
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::engine::tags::Purge;
use shared_memory_store::engine::{Batch, Beginning, Meant, Removal, START, Want};
use shared_memory_store::error::Error;
use shared_memory_store::rate::{Rate, Taken, Verdict};

use crate::stores::{BYTES, User, pattern, store};

/// What limits allow: often less than is asked for.
const RATE: Rate = Rate { units: 3.0, per_us: 100.0, burst: 5.0 };
/// What the keys of entries that are removed begin with.
const BEGINNINGS: [&str; 6] = ["0000", "key 1", "key", "number 1", "key 99", "none"];

/// One operation of a test.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Set {
        key: u16,
        seed: u64,
        length: usize,
        ttl_us: Option<u64>,
    },
    /// The bits of `tags` are its tags.
    Tag {
        key: u16,
        seed: u64,
        length: usize,
        tags: u8,
    },
    /// Sets it with the tags that it has.
    KeepTags {
        key: u16,
        seed: u64,
        length: usize,
    },
    Invalidate {
        tag: u8,
    },
    Purge,
    Add {
        key: u16,
        seed: u64,
        length: usize,
    },
    Replace {
        key: u16,
        seed: u64,
        length: usize,
    },
    Delete {
        key: u16,
    },
    Take {
        key: u16,
    },
    Get {
        key: u16,
    },
    Touch {
        key: u16,
        ttl_us: u64,
    },
    Increment {
        key: u16,
        by: u8,
    },
    Limit {
        key: u16,
        cost: u8,
    },
    DeleteWhere {
        beginning: u8,
    },
    Wait {
        us: u64,
    },
    Sweep,
    Clear,
    List,
}

/// What an entry may be: more than one thing only after a death in the middle of a write.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    pub(crate) value: Vec<u8>,
    pub(crate) deadline_us: u64,
    pub(crate) tags: u8,
}

/// The map beside the store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) entries: BTreeMap<String, Known>,
}

pub(crate) fn name(key: u16) -> String {
    // Some keys are long, some fill words exactly.
    match key % 5 {
        0 => format!("{key:08}"),
        1 => format!("{key:040}"),
        _ => format!("key {key}"),
    }
}

impl Model {
    pub(crate) fn live(&self, key: &str, now_us: u64) -> Option<&Known> {
        self.entries.get(key).filter(|known| known.deadline_us > now_us)
    }

    /// What an operation does depends on whether its entry was evicted.
    pub(crate) fn forget_what_was_evicted(&mut self, user: &User, step: Step) {
        let key = match step {
            Step::Add { key, .. }
            | Step::Replace { key, .. }
            | Step::Touch { key, .. }
            | Step::KeepTags { key, .. } => name(key),
            Step::Increment { key, .. } | Step::Limit { key, .. } => format!("number {key}"),
            _ => return,
        };
        if !user.who.contains(Key::narrow(key.as_bytes()), &user.clock).expect("sound") {
            self.entries.retain(|known, _| *known != key);
        }
    }

    /// What the operation makes of the map, if it succeeds.
    pub(crate) fn after(&self, step: Step, now_us: u64) -> Self {
        let mut next = self.clone();
        let mut put = |key: String, value, deadline_us, tags| {
            next.entries.insert(key, Known { value, deadline_us, tags });
        };
        match step {
            Step::Set { key, seed, length, ttl_us } => {
                let deadline_us = ttl_us.map_or(NEVER_US, |ttl| now_us + ttl);
                put(name(key), pattern(seed, length), deadline_us, 0);
            }
            Step::Add { key, seed, length } if self.live(&name(key), now_us).is_none() => {
                put(name(key), pattern(seed, length), NEVER_US, 0);
            }
            Step::Replace { key, seed, length } if self.live(&name(key), now_us).is_some() => {
                put(name(key), pattern(seed, length), NEVER_US, 0);
            }
            Step::Delete { key } | Step::Take { key } => {
                next.entries.remove(&name(key));
            }
            Step::Touch { key, ttl_us } => {
                if let Some(known) = self.live(&name(key), now_us).cloned() {
                    put(name(key), known.value, now_us + ttl_us, known.tags);
                }
            }
            Step::Increment { key, by } => {
                let key = format!("number {key}");
                let known = self.live(&key, now_us).cloned();
                let number = known.as_ref().map_or(0.0, |known| number_of(&known.value));
                let deadline_us = known.as_ref().map_or(NEVER_US, |known| known.deadline_us);
                let tags = known.map_or(0, |known| known.tags);
                put(key, (number + f64::from(by)).to_le_bytes().to_vec(), deadline_us, tags);
            }
            Step::Tag { key, seed, length, tags } => {
                put(name(key), pattern(seed, length), NEVER_US, tags);
            }
            Step::KeepTags { key, seed, length } => {
                let tags = self.live(&name(key), now_us).map_or(0, |known| known.tags);
                put(name(key), pattern(seed, length), NEVER_US, tags);
            }
            Step::Invalidate { tag } => {
                next.entries.retain(|_, known| known.tags & 1 << tag == 0);
            }
            Step::Limit { key, cost } => {
                let key = format!("number {key}");
                let known = self.live(&key, now_us);
                let taken = known.map(|known| Taken {
                    deadline_us: known.deadline_us,
                    count: number_of(&known.value),
                });
                if let Verdict::Allowed(_, Some(taken)) =
                    RATE.decide(taken, f64::from(cost), now_us)
                {
                    let tags = known.map_or(0, |known| known.tags);
                    put(key, taken.count.to_le_bytes().to_vec(), taken.deadline_us, tags);
                }
            }
            Step::DeleteWhere { beginning } => {
                let beginning = BEGINNINGS[usize::from(beginning) % BEGINNINGS.len()];
                next.entries.retain(|key, _| !key.starts_with(beginning));
            }
            Step::Clear => next.entries.clear(),
            _ => {}
        }
        next
    }
}

pub(crate) fn number_of(bytes: &[u8]) -> f64 {
    f64::from_le_bytes(bytes.try_into().expect("eight bytes"))
}

/// Does an operation. What it answers is checked by what can be read afterwards.
pub(crate) fn perform(user: &User, step: Step) -> Result<(), Error> {
    let clock = &user.clock;
    let write = |key: u16, seed, length, condition| {
        let value = pattern(seed, length);
        let value = Value::permanent(BYTES, &value);
        user.who.write(Key::narrow(name(key).as_bytes()), &value, condition, clock).map(|_| ())
    };
    match step {
        Step::Set { key, seed, length, ttl_us } => {
            let deadline_us = ttl_us.map_or(NEVER_US, |ttl| clock.0.get() + ttl);
            user.set_until(&name(key), &pattern(seed, length), deadline_us)
        }
        Step::Tag { key, seed, length, tags } => {
            let list = user.who.tag_list(&tagged(tags)).expect("few");
            write_tagged(user, key, &pattern(seed, length), list.given(None))
        }
        Step::KeepTags { key, seed, length } => {
            write_tagged(user, key, &pattern(seed, length), Tagging::Kept)
        }
        Step::Invalidate { tag } => user.who.invalidate_tags(&tagged(1 << tag)),
        Step::Purge => {
            let mut purge = Purge::default();
            while user.who.purge(&mut purge)? {}
            Ok(())
        }
        Step::Add { key, seed, length } => write(key, seed, length, Condition::IfAbsent),
        Step::Replace { key, seed, length } => write(key, seed, length, Condition::IfPresent),
        Step::Delete { key } => {
            user.who.delete(Key::narrow(name(key).as_bytes()), clock).map(|_| ())
        }
        Step::Take { key } => {
            let mut space = vec![0; 200_000];
            let name = name(key);
            user.who.take(Key::narrow(name.as_bytes()), clock, Some(&mut space)).map(|_| ())
        }
        Step::Get { key } => {
            user.get(&name(key));
            Ok(())
        }
        Step::Touch { key, ttl_us } => {
            let deadline_us = clock.0.get() + ttl_us;
            user.who.touch(Key::narrow(name(key).as_bytes()), deadline_us, clock).map(|_| ())
        }
        Step::Increment { key, by } => {
            let key = format!("number {key}");
            let key = Key::narrow(key.as_bytes());
            user.who.add(key, &Addition::of(f64::from(by), NEVER_US), clock).map(|_| ())
        }
        Step::Wait { us } => {
            clock.0.set(clock.0.get() + us);
            Ok(())
        }
        Step::Limit { key, cost } => {
            let key = format!("number {key}");
            let key = Key::narrow(key.as_bytes());
            user.who.limit(key, f64::from(cost), &RATE, clock).map(|_| ())
        }
        Step::DeleteWhere { beginning } => {
            let beginning = BEGINNINGS[usize::from(beginning) % BEGINNINGS.len()].as_bytes();
            let is_meant = |key: &[u8], _: bool| key.starts_with(beginning);
            let meant: Meant<'_> = (Beginning::of(beginning), &is_meant);
            let (mut at, mut batch) = (Removal::BEGIN, Batch::default());
            loop {
                (at, _) = user.who.delete_where(at, meant, clock, &mut batch)?;
                if at.is_over() {
                    return Ok(());
                }
            }
        }
        Step::Sweep => user.who.sweep(3, clock).map(|_| ()),
        Step::Clear => user.who.clear(),
        Step::List => {
            list(user);
            Ok(())
        }
    }
}

/// The tags that bits mean, packed.
pub(crate) fn tagged(bits: u8) -> Vec<u16> {
    let tags = (0..8_u16).filter(|tag| bits & 1 << tag != 0);
    // One of them is wide, one long.
    let tags = tags.map(|tag| match tag {
        0 => vec![0x263A],
        1 => vec![0x61; 300],
        _ => vec![0x74, tag],
    });
    tags.flat_map(|tag| [u16::try_from(tag.len()).expect("short")].into_iter().chain(tag)).collect()
}

fn write_tagged(user: &User, key: u16, bytes: &[u8], tags: Tagging<'_>) -> Result<(), Error> {
    let value = Value { tags, ..Value::permanent(BYTES, bytes) };
    user.who.set(Key::narrow(name(key).as_bytes()), &value, &user.clock)
}

/// All live entries, as a walk meets them: each once.
pub(crate) fn list(user: &User) -> BTreeMap<String, Vec<u8>> {
    let (mut cursor, mut batch, mut all) = (START, Batch::default(), BTreeMap::new());
    loop {
        cursor = user.who.scan(cursor, 7, Want::Values, &user.clock, &mut batch).expect("memory");
        for listed in batch.entries() {
            let key = String::from_utf8(batch.key(listed).to_vec()).expect("text");
            assert!(all.insert(key, batch.value(listed).to_vec()).is_none(), "met twice");
        }
        if cursor == START {
            return all;
        }
    }
}

/// Compares the store with the map; a store that evicts may have lost anything, for good.
pub(crate) fn compare(user: &User, model: &mut Model, when_full: WhenFull) {
    let now_us = user.clock.0.get();
    let listed = list(user);
    for (key, known) in model.entries.clone() {
        let got = user.get(&key);
        assert_eq!(got.as_ref(), listed.get(&key), "walk and get of {key}");
        let live = known.deadline_us > now_us;
        match got {
            Some(value) => assert!(live && value == known.value, "{key}"),
            None if live && when_full == WhenFull::Refuse => panic!("{key} is lost"),
            None => {
                model.entries.remove(&key);
            }
        }
    }
    for key in listed.keys() {
        assert!(model.live(key, now_us).is_some(), "{key} came from nowhere");
    }
    assert_eq!(user.len(), listed.len() as u64);
    user.who.audit().expect("everything agrees");
}

pub(crate) fn step(keys: u16, long: usize) -> impl Strategy<Value = Step> {
    let key = 0..keys;
    let length = prop_oneof![4 => 0..200_usize, 2 => 200..3000_usize, 1 => 3000..long];
    let ttl_us = prop_oneof![2 => Just(None), 1 => (1..500_u64).prop_map(Some)];
    prop_oneof![
        8 => (key.clone(), any::<u64>(), length.clone(), ttl_us).prop_map(
            |(key, seed, length, ttl_us)| Step::Set { key, seed, length, ttl_us }
        ),
        1 => (key.clone(), any::<u64>(), length.clone())
            .prop_map(|(key, seed, length)| Step::Add { key, seed, length }),
        1 => (key.clone(), any::<u64>(), length.clone())
            .prop_map(|(key, seed, length)| Step::Replace { key, seed, length }),
        4 => (key.clone(), any::<u64>(), length.clone(), 0..16_u8)
            .prop_map(|(key, seed, length, tags)| Step::Tag { key, seed, length, tags }),
        1 => (key.clone(), any::<u64>(), length)
            .prop_map(|(key, seed, length)| Step::KeepTags { key, seed, length }),
        1 => (0..4_u8).prop_map(|tag| Step::Invalidate { tag }),
        1 => Just(Step::Purge),
        2 => key.clone().prop_map(|key| Step::Delete { key }),
        1 => key.clone().prop_map(|key| Step::Take { key }),
        4 => key.clone().prop_map(|key| Step::Get { key }),
        1 => (key.clone(), 1..500_u64).prop_map(|(key, ttl_us)| Step::Touch { key, ttl_us }),
        2 => (key.clone(), any::<u8>()).prop_map(|(key, by)| Step::Increment { key: key % 20, by }),
        2 => (key, 0..4_u8).prop_map(|(key, cost)| Step::Limit { key: key % 20, cost }),
        1 => any::<u8>().prop_map(|beginning| Step::DeleteWhere { beginning }),
        1 => (1..100_u64).prop_map(|us| Step::Wait { us }),
        1 => Just(Step::Sweep),
        1 => Just(Step::List),
        1 => (0..20_u8).prop_map(|one| if one == 0 { Step::Clear } else { Step::Sweep }),
    ]
}

fn run(steps: &[Step], when_full: WhenFull, shards: u32) {
    let user = User::of(&store(16 * 1024, 12 * shards, shards, when_full));
    let mut model = Model::default();
    for (index, step) in steps.iter().enumerate() {
        if when_full == WhenFull::Evict {
            model.forget_what_was_evicted(&user, *step);
        }
        let after = model.after(*step, user.clock.0.get());
        match perform(&user, *step) {
            Ok(()) => model = after,
            // The map stays as it was.
            Err(Error::Full | Error::TooLarge) => {}
            Err(error) => panic!("{error:?}"),
        }
        if index % 50 == 49 {
            compare(&user, &mut model, when_full);
        }
    }
    compare(&user, &mut model, when_full);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn refusing_store_is_a_map(
        steps in prop::collection::vec(step(150, 60_000), 1..600),
        shards in prop_oneof![Just(1_u32), Just(4)],
    ) {
        run(&steps, WhenFull::Refuse, shards);
    }

    #[test]
    fn evicting_store_is_a_map_that_forgets(
        steps in prop::collection::vec(step(400, 60_000), 1..600),
        shards in prop_oneof![Just(1_u32), Just(4)],
    ) {
        run(&steps, WhenFull::Evict, shards);
    }
}
