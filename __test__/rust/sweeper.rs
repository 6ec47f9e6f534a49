//! The sweeper's thread with real stores and the real clock.
//!
//! A test waits for what must come, with a limit far beyond any machine's mood; it never sleeps
//! to be right.

use shared_memory_store::local::index::{Found, Placed, Placement};
use shared_memory_store::local::store::Store;
use shared_memory_store::platform::clock::{Clock, Monotonic, NEVER_US};
use shared_memory_store::text::string::Text;
use std::sync::Arc;

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

fn fill(store: &Arc<Store>, count: u32, ttl_us: u64) {
    for number in 0..count {
        let deadline_us = Monotonic.now_us() + ttl_us;
        place(store, &number.to_le_bytes(), deadline_us);
    }
}

fn drained(store: &Store) -> usize {
    store.drain(&mut [0; 64])
}

#[test]
fn sweeper_releases_what_expired_without_any_access() {
    let store = Arc::new(Store::new(1, true, None));
    fill(&store, 1000, 1);
    let mut count = 0;
    wait_until("every entry was released", || {
        count += drained(&store);
        count == 1000
    });
}

#[test]
fn entry_without_a_deadline_is_not_swept() {
    let store = Arc::new(Store::new(1, true, None));
    let Placed::Added(kept) = place(&store, b"stays", NEVER_US) else { panic!("a new entry") };
    fill(&store, 10, 1);
    let mut count = 0;
    wait_until("the others were released", || {
        count += drained(&store);
        count == 10
    });
    let found = store.find(Text::latin1(b"stays"));
    assert!(matches!(found, Found::Live { slot, .. } if slot == kept));
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
