//! What readers see at every point of every operation, while its lock is held and stands still.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use shared_memory_store::engine::entry::{Found, Key};
use shared_memory_store::engine::fail_points::{Point, interrupt};
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::region::header::STRIPES;

use crate::model::{Model, Step, list, name, perform};
use crate::stores::{User, store};

/// A copy outside the store, as a near cache has it.
struct Near {
    found: Found,
    value: Vec<u8>,
}

/// A reader that looks at everything at every point.
struct Watcher {
    user: User,
    before: RefCell<Model>,
    after: RefCell<Model>,
    /// Keys whose new state was seen during this operation.
    turned: RefCell<BTreeMap<String, bool>>,
    near: RefCell<BTreeMap<String, Near>>,
    evicts: bool,
    points: Cell<usize>,
}

impl Watcher {
    fn look(&self, point: Point) {
        self.points.set(self.points.get() + 1);
        let now_us = self.user.clock.0.get();
        let (before, after) = (self.before.borrow(), self.after.borrow());
        let keys: Vec<_> = before.entries.keys().chain(after.entries.keys()).cloned().collect();
        for key in keys {
            let value = |model: &Model| model.live(&key, now_us).map(|known| known.value.clone());
            let (old, new) = (value(&before), value(&after));
            self.near_copy_is_current(&key, old.as_ref(), new.as_ref(), point);
            let got = self.read(&key);
            let mut turned = self.turned.borrow_mut();
            let turned = turned.entry(key.clone()).or_insert(false);
            if old != new && got == new {
                *turned = true;
            }
            let is_right = got == new || (got == old && !*turned) || (self.evicts && got.is_none());
            assert!(is_right, "{point:?}: {key} was {old:?}, will be {new:?}, is {got:?}");
        }
    }

    /// A copy whose version is current is what a read would give, or would have given.
    fn near_copy_is_current(
        &self,
        key: &str,
        old: Option<&Vec<u8>>,
        new: Option<&Vec<u8>>,
        point: Point,
    ) {
        let near = self.near.borrow();
        let Some(near) = near.get(key) else { return };
        let version = self.version(near.found.stripe);
        let is_current = version == near.found.version && version.is_multiple_of(2);
        if is_current && near.found.deadline_us > self.user.clock.0.get() {
            let turned = self.turned.borrow().get(key).copied().unwrap_or(false);
            let value = Some(&near.value);
            let is_right = value == new || (value == old && !turned);
            assert!(is_right, "{point:?}: a stale copy of {key}");
        }
    }

    fn version(&self, stripe: u32) -> u32 {
        self.user.who.engine().stripe_version(stripe)
    }

    fn read(&self, key: &str) -> Option<Vec<u8>> {
        let mut space = vec![0; 100_000];
        let found =
            self.user.who.get(Key::narrow(key.as_bytes()), &self.user.clock, &mut space).ok()?;
        let mut near = self.near.borrow_mut();
        let Some(found) = found else {
            near.remove(key);
            return None;
        };
        space.truncate(found.length);
        if found.version.is_multiple_of(2) {
            near.insert(key.to_owned(), Near { found, value: space.clone() });
        }
        assert!((found.stripe as usize) < STRIPES);
        Some(space)
    }
}

fn watch(when_full: WhenFull, before: &[Step], steps: &[Step]) -> usize {
    let engine = store(16 * 1024, 12, 1, when_full);
    let user = User::of(&engine);
    let mut model = Model::default();
    for step in before {
        model = model.after(*step, user.clock.0.get());
        perform(&user, *step).expect("room");
    }
    let watcher = Rc::new(Watcher {
        user: User::of(&engine),
        before: RefCell::default(),
        after: RefCell::default(),
        turned: RefCell::default(),
        near: RefCell::default(),
        evicts: when_full == WhenFull::Evict,
        points: Cell::default(),
    });
    for step in steps {
        if when_full == WhenFull::Evict {
            model.entries.retain(|key, _| list(&user).contains_key(key));
        }
        let now_us = user.clock.0.get();
        watcher.user.clock.0.set(now_us);
        let after = model.after(*step, now_us);
        watcher.before.replace(model);
        watcher.after.replace(after.clone());
        watcher.turned.take();
        let at_points = Rc::clone(&watcher);
        interrupt(Some(Box::new(move |point| at_points.look(point))));
        let end = perform(&user, *step);
        interrupt(None);
        model = if end.is_ok() { after } else { watcher.before.take() };
    }
    watcher.points.get()
}

fn set(key: u16, seed: u64, length: usize) -> Step {
    Step::Set { key, seed, length, ttl_us: None }
}

#[test]
fn reader_at_every_point_of_simple_operations_sees_old_or_new() {
    let before: Vec<_> = (0..20).map(|key| set(key, 1, 300)).collect();
    let steps = [
        set(3, 2, 30),
        set(100, 2, 30),
        Step::Touch { key: 4, ttl_us: 10 },
        Step::Increment { key: 1, by: 3 },
        Step::Increment { key: 1, by: 3 },
        set(5, 2, 40_000),
        Step::Wait { us: 20 },
        Step::Sweep,
        Step::Delete { key: 5 },
        Step::Delete { key: 6 },
        Step::Clear,
        set(7, 7, 7),
    ];
    assert!(watch(WhenFull::Refuse, &before, &steps) > 100);
}

#[test]
fn reader_at_every_point_of_a_split_finds_every_key() {
    let before: Vec<_> = (0..480).map(|key| set(key, 1, 1)).collect();
    let steps: Vec<_> = (480..510).map(|key| set(key, 2, 2)).collect();
    assert!(watch(WhenFull::Refuse, &before, &steps) > 100);
}

#[test]
fn reader_at_every_point_of_an_emptied_index_finds_nothing_until_something_is_set() {
    let sets = (0..520).map(|key| set(key, 1, 1));
    let before: Vec<_> = sets.chain((0..520).map(|key| Step::Delete { key })).collect();
    let steps = [Step::Sweep, set(3, 2, 30), Step::Sweep, set(4, 2, 30)];
    assert!(watch(WhenFull::Refuse, &before, &steps) > 20);
}

#[test]
fn reader_at_every_point_of_a_compaction_finds_every_key() {
    let scattered = |n: u16| u16::try_from(u32::from(n) * u32::from(n) * 31 % 109).expect("small");
    let mut before: Vec<_> = (0..109).map(|n| set(n, 1, 900)).collect();
    before.extend((0..60).map(|n| set(scattered(n), 2, 900)));
    let steps: Vec<_> = (60..140).map(|n| set(scattered(n), 3, 900)).collect();
    assert!(watch(WhenFull::Refuse, &before, &steps) > 1000);
}

#[test]
fn reader_at_every_point_of_an_eviction_sees_whole_values_or_nothing() {
    let before: Vec<_> = (0..150).map(|key| set(key, 1, 900)).collect();
    let mut steps: Vec<_> = (150..200).map(|key| set(key, 2, 900)).collect();
    steps.extend([set(3, 3, 60_000), set(160, 3, 10)]);
    assert!(watch(WhenFull::Evict, &before, &steps) > 1000);
}

#[test]
fn names_of_keys_differ() {
    let names: std::collections::BTreeSet<_> = (0..600).map(name).collect();
    assert_eq!(names.len(), 600);
}
