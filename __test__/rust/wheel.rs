//! The timing wheel by itself, against a sorted list: due when due, not before, none forgotten.

use proptest::prelude::*;
use shared_memory_store::local::wheel::{Step, Wheel};
use shared_memory_store::platform::clock::NEVER_US;
use std::collections::BTreeMap;

/// Takes all that is due at `now_us`, interrupted after every step by `interrupt`.
fn take_due(wheel: &mut Wheel, now_us: u64, mut interrupt: impl FnMut(&mut Wheel)) -> Vec<u32> {
    let mut due = Vec::new();
    loop {
        match wheel.step(now_us) {
            Step::Due(slot) => due.push(slot),
            Step::Moved => interrupt(wheel),
            Step::Done => break,
        }
    }
    wheel.take_due_in_tick(now_us, |slot| due.push(slot));
    due.sort_unstable();
    due
}

fn deadline() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..5_000_u64,
        0..5_000_000_u64,
        0..1_u64 << 40,
        0..NEVER_US,
        Just(NEVER_US - 1),
        Just(1024_u64 * 64 - 1),
        Just(1024_u64 * 64),
    ]
}

/// Slots, and after which time each is due; without one, its deadline is taken away.
fn changes() -> impl Strategy<Value = Vec<(u32, Option<u64>)>> {
    proptest::collection::vec((1..40_u32, proptest::option::of(deadline())), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn slots_are_due_when_their_deadline_has_passed(
        rounds in proptest::collection::vec((changes(), deadline()), 1..12),
    ) {
        let mut wheel = Wheel::default();
        let mut model = BTreeMap::new();
        let mut now_us = 0_u64;
        for (changes, forward_us) in rounds {
            for (slot, ttl_us) in changes {
                wheel.reserve(slot).expect("memory");
                let deadline_us = ttl_us.map_or(NEVER_US, |ttl_us| {
                    now_us.saturating_add(ttl_us).min(NEVER_US - 1)
                });
                wheel.set(slot, deadline_us);
                model.insert(slot, deadline_us);
                prop_assert_eq!(wheel.deadline_us(slot), deadline_us);
            }
            now_us = now_us.saturating_add(forward_us).min(NEVER_US - 1);
            let due: Vec<u32> = model
                .iter()
                .filter(|&(_, &deadline_us)| deadline_us <= now_us)
                .map(|(&slot, _)| slot)
                .collect();
            model.retain(|_, deadline_us| *deadline_us > now_us);
            prop_assert_eq!(take_due(&mut wheel, now_us, |_| ()), due);
            let timed = model.values().filter(|&&deadline_us| deadline_us != NEVER_US).count();
            prop_assert_eq!(wheel.count(), timed);
        }
    }

    #[test]
    fn slots_that_come_while_a_bucket_is_emptied_are_not_lost(
        deadlines in proptest::collection::vec(0..10_000_000_u64, 1..60),
        late in proptest::collection::vec(0..10_000_000_u64, 1..60),
    ) {
        let mut wheel = Wheel::default();
        for (slot, &deadline_us) in (1..).zip(&deadlines) {
            wheel.reserve(slot).expect("memory");
            wheel.set(slot, deadline_us);
        }
        let mut next = (1000..).zip(&late);
        let mut due = take_due(&mut wheel, 10_000_000, |wheel| {
            if let Some((slot, &deadline_us)) = next.next() {
                wheel.reserve(slot).expect("memory");
                wheel.set(slot, deadline_us);
            }
        });
        due.extend(take_due(&mut wheel, 10_000_000, |_| ()));
        let came = late.len() - next.count();
        prop_assert_eq!(due.len(), deadlines.len() + came);
        prop_assert_eq!(wheel.count(), 0);
    }
}

#[test]
fn bucket_that_fills_again_a_turn_later_is_not_taken_for_the_one_being_emptied() {
    let mut wheel = Wheel::default();
    let turn_us = 1024 * 64 * 64;
    for round in 0..5 {
        wheel.reserve(1).expect("memory");
        wheel.set(1, round * turn_us + 200_000);
        assert_eq!(take_due(&mut wheel, round * turn_us + 100_000, |_| ()), []);
        assert_eq!(take_due(&mut wheel, round * turn_us + 200_000, |_| ()), [1]);
    }
}

#[test]
fn wheel_of_many_slots_grows_by_a_piece_and_not_by_all_that_it_has() {
    const PIECE_BYTES: usize = 4 * 1024 * 1024;
    let mut wheel = Wheel::default();
    let mut taken = [0, 0];
    for slot in 1..600_000 {
        wheel.reserve(slot).expect("memory");
        if wheel.bytes() != taken[1] {
            taken = [taken[1], wheel.bytes()];
            assert!(taken[1] <= taken[0] + PIECE_BYTES, "{taken:?}");
        }
    }
    assert!(taken[1] > 2 * PIECE_BYTES);
    wheel.set(599_999, 1);
    wheel.set(1, 2);
    assert_eq!(take_due(&mut wheel, 5000, |_| ()), [1, 599_999]);
}
