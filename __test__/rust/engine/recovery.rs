//! Deaths at every point of every operation: what is left, and that others go on.
//!
//! A participant dies at the nth point it passes: its locks stay held, whatever it was doing stays
//! half done. Another goes on with the same operations, and everything must agree.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use shared_memory_store::engine::Claim;
use shared_memory_store::engine::entry::Key;
use shared_memory_store::engine::fail_points::{Died, Point, arm, disarm, seen};
use shared_memory_store::engine::store::{Engine, WhenFull};

use crate::model::{Known, Model, Step, compare, name, perform};
use crate::stores::{User, store};

/// What is done, from which beginning, in which store.
struct Scenario {
    when_full: WhenFull,
    segments: u32,
    before: Vec<Step>,
    steps: Vec<Step>,
}

impl Scenario {
    fn new(when_full: WhenFull, before: Vec<Step>, steps: Vec<Step>) -> Self {
        Self { when_full, segments: 12, before, steps }
    }

    fn store(&self) -> Arc<Engine> {
        store(16 * 1024, self.segments, 1, self.when_full)
    }

    /// Runs it with a death at the nth point, and in its recovery a death at the mth. `false`:
    /// there were not so many points.
    fn run(&self, deaths: &[u64]) -> bool {
        let engine = self.store();
        let (mut user, mut model) = (User::of(&engine), Model::default());
        for step in &self.before {
            self.step(&user, &mut model, *step);
        }
        let mut deaths = deaths.iter();
        let mut has_died = true;
        let mut arm_next = || deaths.next().map(|points| arm(*points)).is_some();
        arm_next();
        for step in &self.steps {
            // Whoever dies in the midst of it leaves it done, or not done.
            let mut ends = vec![model.clone()];
            loop {
                let mut after = model.clone();
                let end = catch_unwind(AssertUnwindSafe(|| self.step(&user, &mut after, *step)));
                if end.is_ok() {
                    if ends.len() == 1 {
                        model = after;
                    } else {
                        disarm();
                        model = self.settle(&user, ends, *step);
                    }
                    break;
                }
                ends.push(model.after(*step, user.clock.0.get()));
                let now_us = user.clock.0.get();
                user = User::of(&engine);
                user.clock.0.set(now_us);
                arm_next();
            }
        }
        if disarm() {
            has_died = false;
        }
        compare(&user, &mut model, self.when_full);
        has_died
    }

    fn step(&self, user: &User, model: &mut Model, step: Step) {
        if self.when_full == WhenFull::Evict {
            model.forget_what_was_evicted(user, step);
        }
        let after = model.after(step, user.clock.0.get());
        if perform(user, step).is_ok() {
            *model = after;
        }
    }

    /// The operation was cut off, then done again: a set twice is a set; a number was added to
    /// once or twice, or as often as it was cut off and once more.
    fn settle(&self, user: &User, ends: Vec<Model>, step: Step) -> Model {
        let now_us = user.clock.0.get();
        let before = ends.into_iter().next().expect("what was before");
        let mut model = before.after(step, now_us);
        if let Step::Increment { key, by } = step {
            let key = format!("number {key}");
            let got = user.get(&key).map(|value| crate::model::number_of(&value));
            let was = before.live(&key, now_us);
            let was = was.map_or(0.0, |known| crate::model::number_of(&known.value));
            let sums = (1..=3).map(|times| was + f64::from(by) * f64::from(times));
            let sum = got.filter(|got| sums.clone().any(|sum| sum.to_bits() == got.to_bits()));
            let sum = match (sum, self.when_full) {
                (None, WhenFull::Evict) => f64::from(by),
                (sum, _) => sum.expect("added once for each time it was tried, or not"),
            };
            let known = model.entries.get_mut(&key).expect("it was set");
            *known = Known { value: sum.to_le_bytes().to_vec(), ..known.clone() };
        }
        if perform_failed(user, &model, step) { before } else { model }
    }

    fn everywhere(&self) -> BTreeSet<Point> {
        quiet();
        let mut points = 0;
        while self.run(&[points]) {
            points += 1;
        }
        assert!(points > 0, "something happened");
        seen()
    }

    fn everywhere_twice(&self, stride: usize) -> BTreeSet<Point> {
        quiet();
        for first in (0..).step_by(stride) {
            if !self.run(&[first]) {
                return seen();
            }
            for second in 0..40 {
                self.run(&[first, second]);
            }
        }
        unreachable!("an operation has an end")
    }
}

/// Whether a set that was done again came to nothing, for want of room.
fn perform_failed(user: &User, model: &Model, step: Step) -> bool {
    let (Step::Set { key, .. } | Step::Add { key, .. } | Step::Replace { key, .. }) = step else {
        return false;
    };
    let expected = model.live(&name(key), user.clock.0.get()).map(|known| known.value.clone());
    user.get(&name(key)) != expected
}

/// How far apart first deaths are that a second follows, where one such takes long: the long form
/// of the tests (`TEST_EFFORT=long`) looks more often.
fn stride(usual: usize, long: usize) -> usize {
    if std::env::var_os("TEST_EFFORT").is_some_and(|effort| effort == "long") {
        long
    } else {
        usual
    }
}

/// Deaths are expected here: nothing is printed for them.
pub(crate) fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if info.payload().downcast_ref::<Died>().is_none() {
                before(info);
            }
        }));
    });
}

fn set(key: u16, seed: u64, length: usize) -> Step {
    Step::Set { key, seed, length, ttl_us: None }
}

fn timed(key: u16, seed: u64, length: usize) -> Step {
    Step::Set { key, seed, length, ttl_us: Some(100) }
}

fn few() -> Vec<Step> {
    (0..30).map(|key| set(key, u64::from(key), 300)).collect()
}

#[test]
fn death_anywhere_in_simple_operations_leaves_them_done_or_not_done() {
    let steps = vec![
        set(100, 1, 50),
        set(100, 2, 60),
        set(3, 3, 900),
        Step::Delete { key: 3 },
        Step::Take { key: 4 },
        Step::Increment { key: 0, by: 3 },
        Step::Increment { key: 0, by: 4 },
        Step::Touch { key: 5, ttl_us: 50 },
        Step::Add { key: 101, seed: 5, length: 10 },
        Step::Replace { key: 6, seed: 6, length: 10 },
        set(7, 7, 40_000),
        set(7, 8, 20_000),
        Step::Delete { key: 7 },
        set(8, 8, 10),
    ];
    let scenario = Scenario::new(WhenFull::Refuse, few(), steps);
    let seen = scenario.everywhere();
    for point in [Point::Written, Point::Committed, Point::StripeOpen, Point::Incremented] {
        assert!(seen.contains(&point), "{point:?}");
    }
    assert!(scenario.everywhere_twice(7).contains(&Point::Redone));
}

#[test]
fn death_anywhere_in_sweep_and_clear_leaves_nothing_half_gone() {
    let before =
        (0..60).map(|key| if key % 2 == 0 { timed(key, 1, 400) } else { set(key, 1, 400) });
    let steps = vec![
        Step::Wait { us: 200 },
        Step::Sweep,
        set(3, 2, 100),
        Step::Clear,
        set(4, 2, 100),
        Step::Sweep,
        set(5, 2, 30_000),
        Step::Clear,
        Step::Sweep,
        set(6, 2, 100),
    ];
    let scenario = Scenario::new(WhenFull::Refuse, before.collect(), steps);
    let seen = scenario.everywhere();
    for point in [Point::Sweeping, Point::ClearOpened, Point::ClearRetired, Point::Claimed] {
        assert!(seen.contains(&point), "{point:?}");
    }
    scenario.everywhere_twice(5);
}

#[test]
fn death_anywhere_in_an_invalidation_or_a_purge_leaves_it_done_or_not_done() {
    let tagged = |key, seed| Step::Tag { key, seed, length: 300, tags: 1 << (key % 3) };
    let before = (0..24).map(|key| tagged(key, 1)).collect();
    let steps = vec![
        Step::Invalidate { tag: 0 },
        tagged(3, 2),
        Step::KeepTags { key: 4, seed: 2, length: 300 },
        Step::Invalidate { tag: 1 },
        Step::Purge,
        Step::Invalidate { tag: 0 },
        tagged(6, 3),
        Step::Purge,
        set(5, 2, 100),
    ];
    let scenario = Scenario::new(WhenFull::Refuse, before, steps);
    let seen = scenario.everywhere();
    let points = [
        [Point::TagClaimed, Point::TagBegun, Point::TagInvalidated],
        [Point::Purging, Point::TagsFloored, Point::TagDropped],
    ];
    for point in points.iter().flatten() {
        assert!(seen.contains(point), "{point:?}");
    }
    scenario.everywhere_twice(7);
}

#[test]
fn death_anywhere_while_an_emptied_store_gives_its_index_back_leaves_it_whole() {
    let sets = (0..520).map(|key| set(key, 1, 1));
    let before = sets.chain((0..520).map(|key| Step::Delete { key })).collect();
    let steps = vec![Step::Sweep, set(3, 2, 100), Step::Sweep, set(4, 2, 100)];
    let scenario = Scenario::new(WhenFull::Refuse, before, steps);
    let seen = scenario.everywhere();
    for point in [Point::ClearOpened, Point::ClearEmptied, Point::ClearRetired] {
        assert!(seen.contains(&point), "{point:?}");
    }
    scenario.everywhere_twice(29);
}

#[test]
fn death_anywhere_in_a_split_loses_no_key() {
    let before = (0..470).map(|key| set(key, 1, 1)).collect();
    let steps = (470..530).map(|key| set(key, 2, 2)).collect();
    let scenario = Scenario::new(WhenFull::Refuse, before, steps);
    let seen = scenario.everywhere();
    for point in [Point::SplitNoted, Point::SplitCopied, Point::SplitNaming, Point::SplitCleared] {
        assert!(seen.contains(&point), "{point:?}");
    }
    scenario.everywhere_twice(stride(404, 101));
}

#[test]
fn death_anywhere_in_a_compaction_loses_nothing() {
    // In an order that leaves something live in every segment.
    let scattered = |n: u16| u16::try_from(u32::from(n) * u32::from(n) * 31 % 109).expect("small");
    let before =
        (0..150).map(|n| set(n % 109, 1, 900)).chain((0..90).map(|n| set(scattered(n), 2, 900)));
    let before = before.collect();
    let steps = (90..150).map(|n| set(scattered(n), 3, 900)).collect();
    let scenario = Scenario::new(WhenFull::Refuse, before, steps);
    let seen = scenario.everywhere();
    assert!(seen.contains(&Point::Compacting) && seen.contains(&Point::Retiring));
    scenario.everywhere_twice(151);
}

#[test]
fn death_anywhere_in_an_eviction_leaves_whole_entries() {
    let mut before: Vec<_> = (0..200).map(|key| set(key, 1, 900)).collect();
    before.extend((150..200).map(|key| Step::Get { key }));
    let mut steps: Vec<_> = (200..245).map(|key| set(key, 2, 900)).collect();
    steps.extend([set(3, 3, 40_000), Step::Get { key: 3 }, set(4, 3, 90_000)]);
    let scenario = Scenario::new(WhenFull::Evict, before, steps);
    let seen = scenario.everywhere();
    assert!(seen.contains(&Point::Evicting));
    scenario.everywhere_twice(stride(844, 211));
}

#[test]
fn claims_of_the_dead_are_free_and_their_loads_are_taken_over() {
    quiet();
    for points in 0..20 {
        let engine = store(16 * 1024, 12, 1, WhenFull::Refuse);
        let (first, second) = (User::of(&engine), User::of(&engine));
        let key = Key::narrow(b"key");
        arm(points);
        let end = catch_unwind(AssertUnwindSafe(|| {
            assert_eq!(first.who.lock_key(key, 0, &first.clock), Ok(Claim::Won));
            assert_eq!(first.who.claim_load(key), Ok(Claim::Won));
            assert_eq!(first.who.release_key(key, &first.clock), Ok(true));
            assert_eq!(first.who.lock_key(key, 0, &first.clock), Ok(Claim::Won));
        }));
        if disarm() {
            assert!(end.is_ok());
            assert!(second.who.is_locked_by_others(key));
            assert_eq!(second.who.claim_load(key), Ok(Claim::Others));
        }
        drop(first);
        assert!(!second.who.is_locked_by_others(key));
        assert_eq!(second.who.lock_key(key, 0, &second.clock), Ok(Claim::Won));
        assert_eq!(second.who.claim_load(key), Ok(Claim::Won));
    }
}

#[test]
fn death_while_the_blob_is_replaced_leaves_the_old_or_the_new_one() {
    quiet();
    for points in 0..3 {
        let engine = store(16 * 1024, 12, 1, WhenFull::Refuse);
        let (first, second) = (User::of(&engine), User::of(&engine));
        assert_eq!(first.who.replace_schema(0, b"old"), Ok(true));
        arm(points);
        let end = catch_unwind(AssertUnwindSafe(|| first.who.replace_schema(1, b"newer")));
        disarm();
        let mut blob = Vec::new();
        let version = second.who.schema(&mut blob).expect("whole");
        let is_new = end.is_ok();
        assert_eq!(
            (version, &blob[..]),
            if is_new { (2, &b"newer"[..]) } else { (1, &b"old"[..]) }
        );
        assert_eq!(second.who.replace_schema(version, b"newest"), Ok(true));
    }
}
