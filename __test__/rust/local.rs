//! The index of a store against a model: an ordered list of entries, and a clock set by hand.
//!
//! Whatever the operations and however time goes on, both must answer the same.

use std::cell::Cell;
use std::sync::Arc;

use proptest::prelude::*;
use shared_memory_store::error::Error;
use shared_memory_store::local::index::{
    Ahead, Backlog, Index, Lookup, Placed, Placement, Renamed,
};
use shared_memory_store::local::store::{Effort, Store};
use shared_memory_store::platform::clock::{Clock, Monotonic, NEVER_US, Reading};
use shared_memory_store::text::string::Text;

/// Keys that the operations choose from: few, so that they meet.
const KEYS: usize = 12;

#[derive(Clone, Debug)]
enum Operation {
    Place { key: usize, form: u8, ttl_us: Option<u64> },
    Find { key: usize },
    Touch { key: usize, ttl_us: u64 },
    Remove { key: usize },
    AddAhead { key: usize },
    RemoveAhead { key: usize },
    GiveSlot,
    Rename { from: usize, to: usize },
    Wait { us: u64 },
    Sweep { steps: usize },
    Drain { slots: usize },
    Size,
    List,
    OpenCursor,
    Advance,
    Clear,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    key: usize,
    form: u8,
    deadline_us: u64,
}

/// What the index promises, in the simplest words.
#[derive(Default)]
struct Model {
    entries: Vec<Entry>,
}

impl Model {
    fn expire(&mut self, now_us: u64) {
        self.entries.retain(|entry| entry.deadline_us > now_us);
    }

    fn get(&mut self, key: usize) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }
}

fn operation() -> impl Strategy<Value = Operation> {
    let key = 0..KEYS;
    let ttl_us = prop_oneof![1..5000_u64, 1..500_000_u64, 1..1_u64 << 50, Just(u64::MAX >> 1)];
    prop_oneof![
        6 => (key.clone(), 0..5_u8, proptest::option::of(ttl_us.clone()))
            .prop_map(|(key, form, ttl_us)| Operation::Place { key, form, ttl_us }),
        4 => key.clone().prop_map(|key| Operation::Find { key }),
        2 => (key.clone(), ttl_us).prop_map(|(key, ttl_us)| Operation::Touch { key, ttl_us }),
        2 => key.clone().prop_map(|key| Operation::Remove { key }),
        4 => key.clone().prop_map(|key| Operation::AddAhead { key }),
        3 => key.clone().prop_map(|key| Operation::RemoveAhead { key }),
        2 => Just(Operation::GiveSlot),
        2 => (key.clone(), key).prop_map(|(from, to)| Operation::Rename { from, to }),
        4 => prop_oneof![0..3000_u64, 0..300_000_u64, 0..1_u64 << 51]
            .prop_map(|us| Operation::Wait { us }),
        2 => (0..20_usize).prop_map(|steps| Operation::Sweep { steps }),
        2 => (0..4_usize).prop_map(|slots| Operation::Drain { slots }),
        1 => Just(Operation::Size),
        2 => Just(Operation::List),
        1 => Just(Operation::OpenCursor),
        3 => Just(Operation::Advance),
        1 => Just(Operation::Clear),
    ]
}

fn placement(key: Text<'_>, form: u8, deadline_us: u64) -> Placement<'_> {
    Placement { key, form, deadline_us, size: 0 }
}

/// The index under test, with what a caller would know of it.
struct Subject {
    index: Index,
    clock: Reading,
    model: Model,
    names: Vec<Vec<u8>>,
    /// The cursor, and the keys of the model that it has yet to visit.
    cursor: Option<usize>,
    /// Slots that the index gave for what is added ahead of it.
    given: Vec<u32>,
    /// The slot that was never used, and is used next.
    next_slot: u32,
}

impl Subject {
    fn new() -> Self {
        // Short and long keys, some with a common beginning.
        let names = (0..KEYS).map(|key| vec![b'k'; key * key]).collect();
        let model = Model::default();
        let (index, clock) = (Index::new(None), Reading(12_345));
        Self { index, clock, model, names, cursor: None, given: Vec::new(), next_slot: 1 }
    }

    fn perform(&mut self, operation: &Operation) {
        let now_us = self.clock.now_us();
        self.model.expire(now_us);
        let Self { index, clock, model, names, given, next_slot, .. } = self;
        let named = |key: usize| Text::latin1(&names[key]);
        match *operation {
            Operation::Place { key, form, ttl_us } => {
                let deadline_us = ttl_us.map_or(NEVER_US, |ttl_us| now_us.saturating_add(ttl_us));
                let known = model.get(key).is_some();
                let placed = index
                    .place(placement(named(key), form, deadline_us), clock, &mut [])
                    .expect("room");
                let placed = if placed == Placed::DrainFirst {
                    assert!(index.drain(&mut [0; 8]) > 0, "there is something to drain");
                    index
                        .place(placement(named(key), form, deadline_us), clock, &mut [])
                        .expect("room")
                } else {
                    placed
                };
                assert_eq!(known, matches!(placed, Placed::Overwritten(_)));
                if let Placed::Added(slot) = placed {
                    *next_slot = (*next_slot).max(slot + 1);
                }
                let entry = Entry { key, form, deadline_us };
                match model.get(key) {
                    Some(former) => *former = entry,
                    None => model.entries.push(entry),
                }
            }
            Operation::Find { key } => {
                let found = index.find(named(key), clock);
                assert_found(found, model.get(key));
            }
            Operation::Touch { key, ttl_us } => {
                let deadline_us = now_us.saturating_add(ttl_us);
                let found = index.touch(named(key), deadline_us, clock).expect("room");
                if let Some(entry) = model.get(key) {
                    entry.deadline_us = deadline_us;
                }
                assert_found(found, model.get(key));
            }
            Operation::Remove { key } => {
                assert_found(index.remove(named(key), clock), model.get(key));
                model.entries.retain(|entry| entry.key != key);
            }
            Operation::AddAhead { key } => {
                // What has expired there may have been met, or not.
                if model.get(key).is_none() {
                    let slot = given.pop().unwrap_or(*next_slot);
                    *next_slot = (*next_slot).max(slot + 1);
                    index.catch_up(Ahead::Add(slot, named(key))).expect("room");
                    model.entries.push(Entry { key, form: 0, deadline_us: NEVER_US });
                }
            }
            Operation::RemoveAhead { key } => {
                if let Lookup::Live { slot, deadline_us: NEVER_US, .. } =
                    index.find(named(key), clock)
                {
                    index.catch_up(Ahead::Remove(slot)).expect("an entry");
                    model.entries.retain(|entry| entry.key != key);
                }
            }
            Operation::GiveSlot => given.extend(index.give_slot()),
            Operation::Rename { from, to } => {
                let moves = from != to && model.get(from).is_some() && model.get(to).is_none();
                let renamed = index.rename(named(from), named(to), 4, clock).expect("room");
                assert_eq!(matches!(renamed, Renamed::Moved(_)), moves);
                if let (true, Some(entry)) = (moves, model.get(from)) {
                    entry.key = to;
                    entry.form = 4;
                }
            }
            Operation::Wait { us } => self.clock = Reading(now_us.saturating_add(us)),
            Operation::Sweep { steps } => {
                index.sweep(now_us, steps);
            }
            Operation::Drain { slots } => {
                index.drain(&mut vec![0; slots]);
            }
            Operation::Size => assert_eq!(index.size(now_us), model.entries.len()),
            Operation::List => self.assert_list(),
            Operation::OpenCursor => {
                if let Some(cursor) = self.cursor.replace(index.open_cursor()) {
                    index.close_cursor(cursor);
                }
            }
            Operation::Advance => {
                if let Some(cursor) = self.cursor {
                    let next = index.advance(cursor, now_us).map(|(_, key)| key.as_ref());
                    let key = next.map(|key| names.iter().position(|n| key == Text::latin1(n)));
                    let live = |key: usize| model.entries.iter().any(|entry| entry.key == key);
                    assert!(key.is_none_or(|key| key.is_some_and(live)), "a cursor shows the live");
                }
            }
            Operation::Clear => {
                drop(index.clear());
                model.entries.clear();
                given.clear();
                *next_slot = 1;
            }
        }
    }

    fn assert_list(&mut self) {
        let now_us = self.clock.now_us();
        let cursor = self.index.open_cursor();
        let mut listed = Vec::new();
        while let Some((_, key)) = self.index.advance(cursor, now_us) {
            listed.push((key.as_ref().latin1_bytes().expect("Latin-1").to_vec(), key.form()));
        }
        self.index.close_cursor(cursor);
        let expected: Vec<_> =
            self.model.entries.iter().map(|e| (self.names[e.key].clone(), e.form)).collect();
        assert_eq!(listed, expected);
    }
}

fn assert_found(found: Lookup, entry: Option<&mut Entry>) {
    match (found, entry) {
        (Lookup::Live { deadline_us, form, .. }, Some(entry)) => {
            assert_eq!(deadline_us, entry.deadline_us);
            assert_eq!(form, entry.form);
        }
        (Lookup::Expired(_) | Lookup::Absent, None) => {}
        (found, entry) => panic!("expected {entry:?}, got {found:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn index_answers_as_the_model(operations in proptest::collection::vec(operation(), 1..200)) {
        let mut subject = Subject::new();
        for operation in &operations {
            subject.perform(operation);
        }
        subject.model.expire(subject.clock.now_us());
        subject.assert_list();
        let size = subject.index.size(subject.clock.now_us());
        prop_assert_eq!(size, subject.model.entries.len());
    }
}

#[test]
fn slot_is_not_reused_before_it_was_drained() {
    let mut index = Index::new(None);
    let early = Reading(0);
    let placed =
        index.place(placement(Text::latin1(b"a"), 0, 10_000), &early, &mut []).expect("room");
    let Placed::Added(slot) = placed else { panic!("a new entry") };
    while index.sweep(50_000, 1) {}
    let late = Reading(50_000);
    let placed =
        index.place(placement(Text::latin1(b"b"), 0, NEVER_US), &late, &mut []).expect("room");
    assert_eq!(placed, Placed::DrainFirst);
    let mut drained = [0; 4];
    assert_eq!(index.drain(&mut drained), 1);
    assert_eq!(drained[0], slot);
    let placed =
        index.place(placement(Text::latin1(b"b"), 0, NEVER_US), &late, &mut []).expect("room");
    assert_eq!(placed, Placed::Added(slot));
}

#[test]
fn step_that_cannot_have_been_done_is_refused() {
    let mut index = Index::new(None);
    let add = |index: &mut Index, slot| index.catch_up(Ahead::Add(slot, Text::latin1(b"a")));
    assert_eq!(add(&mut index, 0), Err(Error::Argument));
    assert_eq!(add(&mut index, 2), Err(Error::Argument));
    assert_eq!(index.catch_up(Ahead::Remove(1)), Err(Error::Argument));
    assert_eq!(add(&mut index, 1), Ok(()));
    index.touch(Text::latin1(b"a"), 10, &Reading(0)).expect("room");
    assert_eq!(index.catch_up(Ahead::Remove(1)), Err(Error::Argument));
    assert_eq!(index.size(0), 1);
}

#[test]
fn what_is_added_where_something_has_expired_is_the_one_that_is_found() {
    let mut index = Index::new(None);
    let key = Text::latin1(b"a");
    index.place(placement(key, 0, 10), &Reading(0), &mut []).expect("room");
    assert_eq!(index.catch_up(Ahead::Add(2, key)), Ok(()));
    let clock = Reading(5000);
    assert_eq!(index.find(key, &clock), Lookup::Live { slot: 2, deadline_us: NEVER_US, form: 0 });
    assert_eq!((index.size(clock.0), index.counters().expired), (1, 1));
    assert_eq!(index.drain(&mut [0; 4]), 1);
    assert_eq!(index.catch_up(Ahead::Add(1, key)), Err(Error::Argument));
}

#[test]
fn backlog_goes_on_where_it_was_left() {
    let mut index = Index::new(None);
    let units: Vec<u16> = "onethree".encode_utf16().collect();
    let steps = [1 << 1 | 1, 3, 1 << 1, 0, 1 << 1 | 1, 5];
    let mut space = [0; 16];
    let mut caught_up = |index: &mut Index, steps: &[u32], first| {
        index.catch_up_all(Backlog { steps, first, units: &units, space: &mut space })
    };
    assert_eq!(caught_up(&mut index, &steps[..4], 0), 2);
    assert_eq!(caught_up(&mut index, &steps, 2), 1);
    let found = index.find(Text::latin1(b"three"), &Reading(0));
    assert_eq!(found, Lookup::Live { slot: 1, deadline_us: NEVER_US, form: 0 });
    assert_eq!(index.find(Text::latin1(b"one"), &Reading(0)), Lookup::Absent);
}

#[test]
fn renamed_entry_keeps_its_slot_and_its_place() {
    let mut index = Index::new(None);
    let clock = Reading(0);
    for key in [b"a", b"b", b"c"] {
        index.place(placement(Text::latin1(key), 0, NEVER_US), &clock, &mut []).expect("room");
    }
    let Lookup::Live { slot, .. } = index.find(Text::latin1(b"b"), &clock) else {
        panic!("a live entry")
    };
    let renamed = index.rename(Text::latin1(b"b"), Text::latin1(b"longer"), 0, &clock);
    assert_eq!(renamed, Ok(Renamed::Moved(slot)));
    let cursor = index.open_cursor();
    let mut order = Vec::new();
    while let Some((slot, _)) = index.advance(cursor, 0) {
        order.push(slot);
    }
    assert_eq!(order[1], slot);
}

#[test]
fn a_hundred_thousand_deadlines_expire_in_steps_that_are_bounded() {
    let mut index = Index::new(None);
    let clock = Reading(0);
    for number in 0..100_000_u32 {
        let deadline_us = u64::from(number) * 997 + 1;
        index
            .place(placement(Text::latin1(&number.to_le_bytes()), 0, deadline_us), &clock, &mut [])
            .expect("room");
    }
    let mut steps = 0_u64;
    while index.sweep(200_000_000, 1) {
        steps += 1;
    }
    // Each entry expires once, and moves down at most once a level that its deadline spans.
    assert!(steps <= 100_000 * 4, "{steps} steps");
    assert_eq!(index.size(200_000_000), 0);
}

/// A store that does not sweep, and the time.
fn kept_store() -> (Arc<Store>, u64) {
    (Arc::new(Store::new(1000, false, None)), Monotonic.now_us())
}

/// An hour on.
const LATER_US: u64 = 3_600_000_000;

fn placed_until(deadline_us: u64) -> Placement<'static> {
    placement(Text::latin1(b"key"), 0, deadline_us)
}

fn is_timed(store: &Store) -> Option<bool> {
    match store.find(Text::latin1(b"key")) {
        Lookup::Live { deadline_us, .. } => Some(deadline_us != NEVER_US),
        _ => None,
    }
}

#[test]
fn overwritten_live_entry_keeps_its_deadline() {
    for (kept_us, given_us) in [(LATER_US, NEVER_US), (NEVER_US, LATER_US), (LATER_US, 1)] {
        let (store, now_us) = kept_store();
        let until = |after_us: u64| now_us.saturating_add(after_us);
        store.place(placed_until(until(kept_us)), &Monotonic, &mut []).expect("room");
        let again = store.place_kept(placed_until(until(given_us)), Reading(now_us), &mut []);
        assert_eq!(again, Ok((Placed::Overwritten(1), false, until(kept_us))));
        assert_eq!(is_timed(&store), Some(kept_us != NEVER_US));
    }
}

#[test]
fn given_deadline_counts_where_no_live_entry_is_overwritten() {
    let (store, now_us) = kept_store();
    let first = store.place_kept(placed_until(now_us + LATER_US), Reading(now_us), &mut []);
    assert_eq!(first, Ok((Placed::Added(1), false, now_us + LATER_US)));
    // By then it has expired, though nothing has met it.
    let then = Reading(now_us + LATER_US);
    let again = store.place_kept(placed_until(NEVER_US), then, &mut []);
    assert_eq!(again, Ok((Placed::Added(1), false, NEVER_US)));
    assert_eq!((is_timed(&store), store.counters().expired), (Some(false), 1));
}

#[test]
fn entry_that_loses_its_deadline_has_nothing_to_release() {
    let (store, now_us) = kept_store();
    store.place(placed_until(now_us + LATER_US), &Monotonic, &mut []).expect("room");
    assert!(store.next_due_ms().is_some());
    let touched = store.touch(Text::latin1(b"key"), NEVER_US, &Reading(now_us));
    assert_eq!(touched, Ok(Lookup::Live { slot: 1, deadline_us: NEVER_US, form: 0 }));
    assert_eq!((is_timed(&store), store.next_due_ms()), (Some(false), None));
}

#[test]
fn entry_without_a_deadline_takes_no_memory_for_one_when_it_is_touched() {
    let (mut index, clock) = (Index::new(None), Reading(0));
    for number in 0..1000_u32 {
        let key = number.to_le_bytes();
        index.place(placement(Text::latin1(&key), 0, NEVER_US), &clock, &mut []).expect("room");
    }
    let before = index.counters();
    let key = 999_u32.to_le_bytes();
    let touched = index.touch(Text::latin1(&key), NEVER_US, &clock);
    assert!(matches!(touched, Ok(Lookup::Live { deadline_us: NEVER_US, .. })));
    assert_eq!(index.counters(), before);
}

#[test]
fn index_that_was_cleared_knows_the_time_as_before() {
    let clock = Reading(1 << 45);
    let now_us = clock.now_us();
    let key = Text::latin1(b"key");
    let mut index = Index::new(None);
    assert!(!index.sweep(now_us, 1));
    let mut due = Vec::new();
    for _ in 0..2 {
        index.place(placement(key, 0, now_us + LATER_US), &clock, &mut []).expect("room");
        due.push(index.next_due_us());
        drop(index.clear());
        assert_eq!(index.next_due_us(), None);
    }
    assert_eq!(due[0], due[1]);
    assert!(due[0].is_some_and(|due_us| due_us > now_us));
}

#[test]
fn walk_pauses_soon_where_each_key_takes_long_to_tell() {
    const KEYS_MANY: u32 = 200;
    let (store, now_us) = kept_store();
    for number in 0..KEYS_MANY {
        let key = number.to_le_bytes();
        let placement = placement(Text::latin1(&key), 0, now_us + LATER_US);
        store.place(placement, &Monotonic, &mut []).expect("room");
    }
    let asked = Cell::new(0);
    let takes_a_millisecond = |_: Text<'_>| {
        asked.set(asked.get() + 1);
        let until_us = Monotonic.now_us() + 1000;
        while Monotonic.now_us() < until_us {}
        true
    };
    let cursor = store.open_cursor();
    let (mut seen, mut pauses, mut has_more) = (0, 0, true);
    while has_more {
        asked.set(0);
        let count;
        (count, has_more) =
            store.visit_where((cursor, Effort::Unknown), 256, takes_a_millisecond, |_, _| ());
        assert!(asked.get() <= 8, "{} keys without a pause", asked.get());
        seen += count;
        pauses += u32::from(has_more);
    }
    assert_eq!(seen, KEYS_MANY as usize);
    assert!(pauses >= KEYS_MANY / 8);
    assert_eq!(store.visit_where((cursor, Effort::Small), 256, |_| true, |_, _| ()), (0, false));
    store.close_cursor(cursor);
}
