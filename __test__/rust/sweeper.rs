//! The sweeper's thread and its schedule, with real stores and the real clock.
//!
//! A test waits for what must come, with a limit far beyond any machine's mood; it never sleeps
//! to be right.

use shared_memory_store::engine::entry::{self, Key};
use shared_memory_store::local::index::{Lookup, Placed, Placement};
use shared_memory_store::local::store::Store;
use shared_memory_store::platform::clock::{Clock, Monotonic, NEVER_US};
use shared_memory_store::platform::thread::schedule::{self, Task};
use shared_memory_store::registry::stores::{self, Place, Wanted};
use shared_memory_store::text::string::Text;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const LIMIT_US: u64 = 60_000_000;

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start_us = Monotonic.now_us();
    while !is_so() {
        assert!(Monotonic.now_us() - start_us < LIMIT_US, "waited in vain until {what}");
        std::thread::yield_now();
    }
}

fn place(store: &Arc<Store>, key: &[u8], deadline_us: u64) -> Placed {
    let key = Text::latin1(key);
    let placement = Placement { key, form: 0, deadline_us, size: 0 };
    store.place(placement, &Monotonic, &mut []).expect("room").0
}

/// How many slots the sweeper has released meanwhile, which are drained.
fn fill(store: &Arc<Store>, count: u32, ttl_us: u64) -> usize {
    let mut released = 0;
    for number in 0..count {
        let deadline_us = Monotonic.now_us() + ttl_us;
        while place(store, &number.to_le_bytes(), deadline_us) == Placed::DrainFirst {
            released += drained(store);
        }
    }
    released
}

fn drained(store: &Store) -> usize {
    store.drain(&mut [0; 64])
}

#[test]
fn sweeper_releases_what_expired_without_any_access() {
    let store = Arc::new(Store::new(1, true, None));
    let mut count = fill(&store, 1000, 1);
    wait_until("every entry was released", || {
        count += drained(&store);
        count == 1000
    });
}

#[test]
fn entry_without_a_deadline_is_not_swept() {
    let store = Arc::new(Store::new(1, true, None));
    let Placed::Added(kept) = place(&store, b"stays", NEVER_US) else { panic!("a new entry") };
    let mut count = fill(&store, 10, 1);
    wait_until("the others were released", || {
        count += drained(&store);
        count == 10
    });
    let found = store.find(Text::latin1(b"stays"));
    assert!(matches!(found, Lookup::Live { slot, .. } if slot == kept));
}

#[test]
fn sweep_is_scheduled_only_while_it_is_wanted() {
    let store = Arc::new(Store::new(1000, false, None));
    fill(&store, 10, 1_000_000_000);
    assert_eq!(store.next_sweep_ms(), None);
    assert!(!store.stop_sweeping());
    assert!(store.start_sweeping(Some(500_000)));
    assert!(!store.start_sweeping(Some(1)));
    assert!(store.next_sweep_ms().is_some_and(|ms| ms > 400_000));
    assert!(store.stop_sweeping());
    assert_eq!(store.next_sweep_ms(), None);
    assert!(store.start_sweeping(None));
    assert!(store.next_sweep_ms().is_some_and(|ms| ms > 400_000), "the interval is kept");
}

#[test]
fn sweeps_that_were_stopped_do_not_stay_on_the_schedule() {
    let store = Arc::new(Store::new(1000, false, None));
    fill(&store, 1, 1_000_000_000);
    for _ in 0..1000 {
        assert!(store.start_sweeping(Some(u32::MAX >> 1)));
        assert!(store.stop_sweeping());
    }
    // Each sweep refers to its store; others may be on the schedule besides.
    let scheduled = Arc::weak_count(&store);
    assert!(scheduled < 100, "{scheduled} sweeps");
}

#[test]
fn automatic_sweep_does_not_count_as_started() {
    let store = Arc::new(Store::new(1000, true, None));
    fill(&store, 1, 1_000_000_000);
    assert!(store.start_sweeping(None));
    assert!(!store.start_sweeping(None));
}

#[test]
fn stores_that_come_and_go_while_they_are_swept_leave_nothing_behind() {
    let threads: Vec<_> = (0..4)
        .map(|_| {
            #[expect(clippy::disallowed_methods, reason = "a test may start threads")]
            std::thread::spawn(|| {
                for round in 0..200_u32 {
                    let store = Arc::new(Store::new(1, true, None));
                    fill(&store, 50, u64::from(round % 3) * 500);
                    store.stop_sweeping();
                    store.start_sweeping(Some(1 + round % 2));
                    store.find(Text::latin1(&0_u32.to_le_bytes()));
                    store.size();
                    store.clear();
                    fill(&store, 50, 1);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
}

/// Runs again and again until another has run.
struct Patient {
    other: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

impl Task for Patient {
    fn run(&mut self) -> Option<u64> {
        if self.other.load(Ordering::Acquire) == 0 {
            return Some(Monotonic.now_us());
        }
        self.ended.fetch_add(1, Ordering::Release);
        None
    }

    fn is_void(&self) -> bool {
        false
    }
}

/// Runs once, and may panic then.
struct Once {
    runs: Arc<AtomicUsize>,
    panics: bool,
}

impl Task for Once {
    fn run(&mut self) -> Option<u64> {
        self.runs.fetch_add(1, Ordering::Release);
        assert!(!self.panics, "as the test wants it");
        None
    }

    fn is_void(&self) -> bool {
        false
    }
}

#[test]
fn task_that_always_has_more_to_do_lets_others_in_between() {
    let (other, ended) = (Arc::default(), Arc::default());
    let patient = Patient { other: Arc::clone(&other), ended: Arc::clone(&ended) };
    assert!(schedule::enrol(Monotonic.now_us(), Box::new(patient)));
    let once = Once { runs: other, panics: false };
    assert!(schedule::enrol(Monotonic.now_us(), Box::new(once)));
    wait_until("both have run", || ended.load(Ordering::Acquire) == 1);
}

#[test]
fn task_that_panics_holds_up_no_other() {
    let runs: Arc<AtomicUsize> = Arc::default();
    for panics in [true, false, true, false] {
        let once = Once { runs: Arc::clone(&runs), panics };
        assert!(schedule::enrol(Monotonic.now_us(), Box::new(once)));
    }
    wait_until("all have run", || runs.load(Ordering::Acquire) == 4);
}

#[test]
fn stores_of_both_kinds_are_swept_by_turns() {
    let place = Place::Threads("swept".encode_utf16().collect());
    for _ in 0..2 {
        let shared = stores::open(&place, Wanted::default()).expect("a store");
        let local = Arc::new(Store::new(1, true, None));
        for number in 0..1000_u32 {
            let bytes = number.to_le_bytes();
            let value = entry::Value {
                kind: 9,
                bytes: &bytes,
                deadline_us: 1,
                stale_us: 0,
                tags: entry::Tagging::None,
            };
            shared.participant().set(Key::narrow(&bytes), &value, &Monotonic).expect("room");
        }
        let mut count = fill(&local, 10, 1);
        wait_until("both are empty", || {
            count += drained(&local);
            count == 10 && shared.participant().stats().expect("sound").entries == 0
        });
    }
}
