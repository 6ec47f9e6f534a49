//! Everything that can be done with a store, whatever comes of it.

use std::cell::Cell;
use std::sync::Arc;

use arbitrary::Arbitrary;
use shared_memory_store::engine::entry::{Addition, Condition, Key, NEVER_US, Tagging, Value};
use shared_memory_store::engine::observer::Observer;
use shared_memory_store::engine::participant::Participant;
use shared_memory_store::engine::store::Engine;
use shared_memory_store::engine::{Batch, START, Want};
use shared_memory_store::platform::clock::Clock;

use crate::Nobody;
use crate::damage::{Damage, Place, Vandal};
use crate::guarded::Guarded;

pub(crate) const KEYS: u16 = 400;
const STEPS_OF_A_WALK: usize = 1000;

pub(crate) struct Manual(pub(crate) Cell<u64>);

impl Clock for Manual {
    fn now_us(&self) -> u64 {
        self.0.get()
    }
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) enum Length {
    Short(u8),
    Middle(u8),
    Long(u16),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) enum Step {
    Set { key: u16, length: Length, ttl_us: Option<u8> },
    Again { key: u16, length: Length },
    Get { key: u16 },
    Walk { keys_only: bool },
    Remove { key: u16, takes: bool },
    Change { key: u16, ttl_us: u8 },
    Compare { key: u16, length: Length },
    Replace { key: u16, version: u32 },
    Claim { key: u16 },
    Schema { version: u8, length: u16 },
    Wait { us: u8 },
    Count,
    Observe,
    Sweep,
    Clear,
    Damage(Place, Damage),
}

pub(crate) struct User {
    memory: Guarded,
    who: Participant,
    clock: Manual,
    space: Vec<u8>,
}

impl User {
    pub(crate) fn of(engine: &Arc<Engine>, memory: &Guarded) -> Option<Self> {
        let who = engine.join(1, 1).ok()?;
        let memory = memory.clone();
        Some(Self { memory, who, clock: Manual(Cell::new(1)), space: vec![0; VALUE.len()] })
    }

    /// Does it, whatever comes of it.
    pub(crate) fn perform(&mut self, step: Step, vandal: &Vandal<'_>) {
        let (who, clock, space) = (&self.who, &self.clock, &mut self.space[..]);
        let now_us = clock.now_us();
        let bytes = |length| {
            let bytes = match length {
                Length::Short(bytes) => usize::from(bytes),
                Length::Middle(bytes) => usize::from(bytes) * 8,
                Length::Long(bytes) => usize::from(bytes) % VALUE.len(),
            };
            &VALUE[..bytes]
        };
        let write = |key: u16, value, deadline_us, condition| {
            let name = name(key);
            let value =
                Value { kind: 7, bytes: value, deadline_us, stale_us: 0, tags: Tagging::None };
            let _ = who.write(Key::narrow(name.as_bytes()), &value, condition, clock);
        };
        match step {
            Step::Set { key, length, ttl_us } => {
                let deadline_us = ttl_us.map_or(NEVER_US, |ttl| now_us + u64::from(ttl));
                write(key, bytes(length), deadline_us, Condition::Always);
            }
            Step::Again { key, length } => {
                // Twice, so that something is overwritten.
                write(key, bytes(length), NEVER_US, Condition::Always);
                write(key, bytes(length), NEVER_US, Condition::IfPresent);
            }
            Step::Compare { key, length } => {
                let named = name(key);
                let found = who.peek(Key::narrow(named.as_bytes()), clock);
                let version = found.ok().flatten().map_or(0, |found| found.version);
                write(key, bytes(length), NEVER_US, Condition::IfVersion(version));
            }
            Step::Replace { key, version } => {
                write(key, b"replaced", NEVER_US, Condition::IfVersion(version));
            }
            Step::Walk { keys_only } => {
                let want = if keys_only { Want::Keys } else { Want::Values };
                let (mut cursor, mut batch) = (START, Batch::default());
                for _ in 0..STEPS_OF_A_WALK {
                    match who.scan(cursor, 50, want, clock, &mut batch) {
                        Ok(next) if next != START => cursor = next,
                        _ => break,
                    }
                    let bytes = |e| batch.key(e).len() + batch.value(e).len();
                    std::hint::black_box(batch.entries().iter().map(bytes).sum::<usize>());
                }
            }
            Step::Schema { version, length } => {
                let mut blob = Vec::new();
                let version = who.schema(&mut blob).unwrap_or(u32::from(version));
                let _ = who.replace_schema(version, &VALUE[..usize::from(length) % VALUE.len()]);
            }
            Step::Wait { us } => clock.0.set(now_us + u64::from(us)),
            Step::Damage(place, damage) => vandal.damage(place, damage),
            Step::Count => {
                let _ = (who.len(clock), who.stats(), who.audit());
            }
            Step::Observe => observe(&self.memory, clock, space),
            Step::Sweep => {
                let _ = who.sweep(3, clock);
            }
            Step::Clear => {
                let _ = who.clear();
            }
            Step::Get { key } => {
                let name = name(key);
                let key = Key::narrow(name.as_bytes());
                let _ = (who.get(key, clock, space), who.peek(key, clock));
            }
            Step::Remove { key, takes } => {
                let name = name(key);
                let key = Key::narrow(name.as_bytes());
                let _ = who.take(key, clock, takes.then_some(space));
            }
            Step::Change { key, ttl_us } => {
                let name = name(key);
                let key = Key::narrow(name.as_bytes());
                let _ = who.touch(key, now_us + u64::from(ttl_us), clock);
                let _ = who.add(key, &Addition::of(1.5, NEVER_US), clock);
            }
            Step::Claim { key } => {
                let name = name(key);
                let key = Key::narrow(name.as_bytes());
                let _ = (who.lock_key(key, 0, clock), who.is_locked_by_others(key));
                let _ = (who.claim_load(key), who.end_load(key));
                let _ = who.release_key(key, clock);
            }
        }
    }
}

/// Looks at all that there is, without taking part.
pub(crate) fn observe(memory: &Guarded, clock: &Manual, space: &mut [u8]) {
    let observer = Observer::attach(Box::new(memory.clone()), Box::new(Nobody));
    let Ok(observer) = observer else { return };
    let _ = (observer.facts(), observer.stats(), observer.participants());
    let _ = (observer.claims(), observer.locks(), observer.schema(&mut Vec::new()));
    for key in 0..20 {
        let _ = observer.get(Key::narrow(name(key).as_bytes()), clock, space);
    }
    let (mut cursor, mut batch) = (START, Batch::default());
    for _ in 0..STEPS_OF_A_WALK {
        match observer.scan(cursor, 50, Want::Values, clock, &mut batch) {
            Ok(next) if next != START => cursor = next,
            _ => break,
        }
    }
}

static VALUE: [u8; 40_000] = [0x5A; 40_000];

fn name(key: u16) -> String {
    let key = key % KEYS;
    if key.is_multiple_of(5) { format!("{key:040}") } else { format!("key {key}") }
}
