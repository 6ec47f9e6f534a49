//! Regions that somebody has damaged, and memories that refuse: never a fault, a hang, a panic.
#![expect(unsafe_code, reason = "a memory of one's own, to write anything into")]

use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use proptest::prelude::*;
use shared_memory_store::engine::Threads;
use shared_memory_store::engine::entry::Key;
use shared_memory_store::engine::store::{Engine, Options, WhenFull};
use shared_memory_store::error::Error;
use shared_memory_store::region::header::NAME_UNITS_MAX;
use shared_memory_store::region::memory::Memory;
use shared_memory_store::region::memory::anonymous::Anonymous;
use shared_memory_store::region::region::Region;
use shared_memory_store::sync::owner::{Liveness, Owner};

use crate::model::{Step, name, perform, step};
use crate::stores::{User, geometry, options, pattern};

const SEGMENT: u32 = 16 * 1024;
const SEGMENTS: u32 = 16;

/// A memory that several stores can be opened over, and that has only so many pages.
#[derive(Clone)]
struct Limited {
    memory: Arc<Anonymous>,
    left: Arc<AtomicUsize>,
}

impl Limited {
    fn new(bytes: usize, pages_bytes: usize) -> Self {
        let memory = Arc::new(Anonymous::reserve(bytes).expect("addresses"));
        Self { memory, left: Arc::new(AtomicUsize::new(pages_bytes)) }
    }

    fn words(&self) -> &[AtomicU64] {
        let count = self.memory.reserved_bytes() / 8;
        // SAFETY: the reservation is mapped as long as it lives, and atomics have no bad value.
        unsafe { std::slice::from_raw_parts(self.memory.start().as_ptr().cast(), count) }
    }
}

// SAFETY: the reservation lives as long as this.
unsafe impl Memory for Limited {
    fn start(&self) -> NonNull<u8> {
        self.memory.start()
    }

    fn reserved_bytes(&self) -> usize {
        self.memory.reserved_bytes()
    }

    fn commit(&self, offset: usize, bytes: usize) -> Result<(), Error> {
        let take = |left: usize| left.checked_sub(bytes);
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.map_err(|_| Error::Full)?;
        self.memory.commit(offset, bytes)
    }

    fn release(&self, offset: usize, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
        self.memory.release(offset, bytes);
    }
}

/// Nobody lives: no garbage in a lock's word keeps anybody waiting.
struct Nobody;

impl Liveness for Nobody {
    fn is_alive(&self, _owner: Owner) -> bool {
        false
    }
}

fn region_bytes() -> usize {
    Region::bytes_of(geometry(SEGMENT, SEGMENTS, 2)).expect("sound")
}

/// A store with a little of everything, as the words that are not zero.
fn image(when_full: WhenFull) -> Vec<(usize, u64)> {
    let memory = Limited::new(region_bytes(), usize::MAX);
    let options = options(geometry(SEGMENT, SEGMENTS, 2), when_full);
    let engine = Engine::create(Box::new(memory.clone()), &options, Box::new(Threads));
    let user = User::of(&engine.expect("room"));
    for key in 0..120 {
        let ttl_us = (key % 3 == 0).then_some(100);
        let length = if key % 40 == 0 { 20_000 } else { 300 };
        let _ = perform(&user, Step::Set { key, seed: 1, length, ttl_us });
    }
    for key in 0..20 {
        let _ = perform(&user, Step::Delete { key });
        let _ = perform(&user, Step::Increment { key, by: 1 });
        user.who.lock_key(Key::narrow(name(key).as_bytes()), 0, &user.clock).expect("room");
    }
    user.who.replace_schema(0, &pattern(1, 1000)).expect("room");
    let words = memory.words().iter().map(|word| word.load(Ordering::Relaxed)).enumerate();
    words.filter(|(_, word)| *word != 0).collect()
}

/// Everything that can be done, on whatever lies there.
fn exercise(memory: &Limited, steps: &[Step]) {
    let Ok(engine) = Engine::attach(Box::new(memory.clone()), Box::new(Nobody)) else { return };
    let Ok(who) = engine.join(1, 1) else { return };
    let user = User { who, clock: crate::stores::Manual::default() };
    let _ = (user.who.audit(), user.who.stats());
    for step in steps {
        match step {
            // Those that expect a sound store.
            Step::Get { key } => {
                let mut space = vec![0; 50_000];
                let _ = user.who.get(Key::narrow(name(*key).as_bytes()), &user.clock, &mut space);
            }
            Step::List => {
                let mut batch = shared_memory_store::engine::Batch::default();
                let mut cursor = shared_memory_store::engine::START;
                for _ in 0..1000 {
                    let want = shared_memory_store::engine::Want::Values;
                    match user.who.scan(cursor, 10, want, &user.clock, &mut batch) {
                        Ok(next) if next != shared_memory_store::engine::START => cursor = next,
                        _ => break,
                    }
                }
            }
            step => {
                let _ = perform(&user, *step);
            }
        }
    }
    let key = Key::narrow(b"key 3");
    let _ = (user.who.lock_key(key, 0, &user.clock), user.who.release_key(key, &user.clock));
    let _ = (user.who.claim_load(key), user.who.end_load(key));
    let _ = (user.who.schema(&mut Vec::new()), user.who.replace_schema(1, b"blob"));
    let _ = (user.who.len(&user.clock), user.who.clear(), user.who.stats());
}

/// Where damage hurts most: in the head, the shards, the headers of segments, the first segments.
fn place() -> impl Strategy<Value = usize> {
    let words = region_bytes() / 8;
    let tail = SEGMENTS as usize * (SEGMENT as usize + 64) / 8 + 1024;
    let tables = 4096_usize / 8 + 256 * 64 / 8;
    prop_oneof![
        1 => 0..words,
        1 => 0_usize..4096 / 8,
        3 => tables..tables + 512,
        3 => words - tail..words - tail + 2048,
        3 => words - tail..words,
    ]
}

fn damage() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        (0..64_u32).prop_map(|bit| 1 << bit),
        Just(u64::MAX),
        Just(u64::MAX << 32),
        (0..40_u64, 0..40_u64).prop_map(|(low, high)| high << 32 | low),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damaged_store_answers_something(
        places in prop::collection::vec((place(), damage(), any::<bool>()), 1..12),
        steps in prop::collection::vec(step(120, 30_000), 1..80),
        evicts in any::<bool>(),
    ) {
        let memory = Limited::new(region_bytes(), usize::MAX);
        let when_full = if evicts { WhenFull::Evict } else { WhenFull::Refuse };
        for (place, word) in image(when_full) {
            memory.words()[place].store(word, Ordering::Relaxed);
        }
        for (place, word, flips) in places {
            let before = memory.words()[place].load(Ordering::Relaxed);
            let word = if flips { before ^ word } else { word };
            memory.words()[place].store(word, Ordering::Relaxed);
        }
        exercise(&memory, &steps);
    }

    #[test]
    fn memory_of_arbitrary_bytes_is_no_store(
        words in prop::collection::vec(any::<u64>(), 1..4096),
        bytes in 0..3_usize,
    ) {
        let memory = Limited::new(4096 << (bytes * 4), usize::MAX);
        for (place, word) in memory.words().iter().zip(words) {
            place.store(word, Ordering::Relaxed);
        }
        let engine = Engine::attach(Box::new(memory), Box::new(Nobody));
        prop_assert_eq!(engine.map(|_| ()), Err(Error::Corrupted));
    }
}

/// Lets the second segment of a queue of `memory` lead back to the oldest, and that one to it if
/// it shall look whole from both sides.
fn bend_a_queue(memory: &Limited, from_both_sides: bool) {
    const NEIGHBOURS: usize = 3;
    let words = region_bytes() / 8;
    let area = (SEGMENTS * SEGMENT) as usize / 8;
    let rows = (SEGMENTS as usize * 64).next_multiple_of(4096) / 8;
    let row = |segment: u64| {
        let place = usize::try_from(segment).expect("small") * 8 + NEIGHBOURS;
        &memory.words()[words - area - rows + place]
    };
    let word_of = |segment| row(segment).load(Ordering::Relaxed);
    // A link is the number of a segment, and one more: 0 leads nowhere.
    let (older, newer) = (|word: u64| word & 0xFFFF_FFFF, |word: u64| word >> 32);
    let is_oldest = |segment: &u64| older(word_of(*segment)) == 0 && newer(word_of(*segment)) != 0;
    let oldest = (0..SEGMENTS.into()).find(is_oldest).expect("a queue of several segments");
    let second = newer(word_of(oldest)) - 1;
    row(second).store((oldest + 1) << 32 | older(word_of(second)), Ordering::Relaxed);
    if from_both_sides {
        let back = word_of(oldest) & !0xFFFF_FFFF | (second + 1);
        row(oldest).store(back, Ordering::Relaxed);
    }
}

#[test]
fn queue_that_leads_back_into_itself_is_damage_at_the_first_write_that_walks_it() {
    for when_full in [WhenFull::Refuse, WhenFull::Evict] {
        for from_both_sides in [false, true] {
            let memory = Limited::new(region_bytes(), usize::MAX);
            let options = options(geometry(SEGMENT, SEGMENTS, 1), when_full);
            let engine = Engine::create(Box::new(memory.clone()), &options, Box::new(Threads));
            let user = User::of(&engine.expect("room"));
            let fill = |from: u64, deadline_us| {
                let set = |number| user.set_until(&format!("{number}"), &[7; 700], deadline_us);
                (from..from + 2000).map(set).find(Result::is_err)
            };
            for number in 0..200 {
                user.set_until(&format!("{number}"), &[7; 700], 1000).expect("room");
            }
            bend_a_queue(&memory, from_both_sides);
            user.clock.0.set(2000);
            assert_eq!(fill(1000, 3000), Some(Err(Error::Corrupted)), "{when_full:?}");
        }
    }
}

#[test]
fn store_is_opened_again_with_all_that_it_held() {
    let memory = Limited::new(region_bytes(), usize::MAX);
    let options = options(geometry(SEGMENT, SEGMENTS, 2), WhenFull::Refuse);
    let engine = Engine::create(Box::new(memory.clone()), &options, Box::new(Threads));
    User::of(&engine.expect("room")).set("key", b"value").expect("room");
    let engine = Engine::attach(Box::new(memory), Box::new(Threads)).expect("a store");
    assert_eq!(User::of(&engine).get("key"), Some(b"value".to_vec()));
    assert_eq!(engine.geometry(), options.geometry);
}

#[test]
fn store_keeps_its_name_and_takes_none_that_is_too_long() {
    let named = |name: &[u16]| {
        let memory = Limited::new(region_bytes(), usize::MAX);
        let options = Options { name, ..options(geometry(SEGMENT, SEGMENTS, 2), WhenFull::Refuse) };
        let made = Engine::create(Box::new(memory.clone()), &options, Box::new(Threads));
        made.and_then(|_| Engine::attach(Box::new(memory), Box::new(Threads))?.name())
    };
    for length in 0..=NAME_UNITS_MAX {
        let name: Vec<u16> = (0xD7F0..).take(length).collect();
        assert_eq!(named(&name), Ok(name));
    }
    assert_eq!(named(&[1; NAME_UNITS_MAX + 1]), Err(Error::Argument));
    assert_eq!(named(&vec![1; 1 << 16]), Err(Error::Argument));
}

#[test]
fn memory_that_refuses_pages_makes_a_store_full_or_evicting() {
    let tables = region_bytes() - (SEGMENTS * SEGMENT) as usize;
    for when_full in [WhenFull::Refuse, WhenFull::Evict] {
        // Pages for half of the segments; those of tables count each time that they are asked for.
        let pages_bytes = tables + 16 * 4096 + (SEGMENTS / 2 * SEGMENT) as usize;
        let memory = Limited::new(region_bytes(), pages_bytes);
        let options = options(geometry(SEGMENT, SEGMENTS, 2), when_full);
        let engine = Engine::create(Box::new(memory), &options, Box::new(Threads));
        let user = User::of(&engine.expect("room"));
        let sets = (0..400).map(|number| user.set(&format!("{number}"), &pattern(number, 500)));
        let refused = sets.filter(|set| *set == Err(Error::Full)).count();
        assert_eq!(refused > 0, when_full == WhenFull::Refuse);
        assert!(user.len() > 60, "{}", user.len());
        user.who.audit().expect("everything agrees");
    }
}
