//! Writes that keep a deadline, numbers with bounds, and entries that lose their deadline.

use shared_memory_store::engine::entry::{
    Absent, Addition, Condition, Key, Lifetime, NEVER_US, NUMBER, Sum, Tagging, Value,
};
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::error::Error;

use crate::stores::{BYTES, User, store};

const SEGMENT: u32 = 16 * 1024;
const KEY: Key<'static> = Key { bytes: b"key", wide: false, form: 0 };

fn user() -> User {
    User::of(&store(SEGMENT, 64, 1, WhenFull::Refuse))
}

fn write_kept(user: &User, bytes: &[u8], deadline_us: u64, condition: Condition) -> bool {
    let value = Value { kind: BYTES, bytes, deadline_us, stale_us: 0, tags: Tagging::None };
    let written = user.who.write_for(KEY, &value, Lifetime::Kept, condition, &user.clock);
    written.expect("room")
}

fn deadline_us(user: &User) -> Option<u64> {
    user.who.peek(KEY, &user.clock).expect("sound").map(|found| found.deadline_us)
}

#[test]
fn overwritten_live_entry_keeps_its_deadline() {
    for kept_us in [500, NEVER_US] {
        let user = user();
        user.set_until("key", b"old", kept_us).expect("room");
        // Of lengths that fit where the old value was, and that do not.
        for length in [0, 3, 10_000, 40_000] {
            for given_us in [100, 900, NEVER_US] {
                assert!(write_kept(&user, &vec![1; length], given_us, Condition::Always));
                assert_eq!(deadline_us(&user), Some(kept_us));
                assert_eq!(user.get("key"), Some(vec![1; length]));
            }
        }
    }
}

#[test]
fn deadline_is_kept_under_every_condition() {
    let user = user();
    user.set_until("key", b"old", 500).expect("room");
    assert!(write_kept(&user, b"present", 900, Condition::IfPresent));
    assert!(write_kept(&user, b"unlocked", 900, Condition::Unlocked));
    let seen = user.who.peek(KEY, &user.clock).expect("sound").expect("there");
    assert!(write_kept(&user, b"version", 900, Condition::IfVersion(seen.version)));
    assert!(!write_kept(&user, b"late", 900, Condition::IfVersion(seen.version)));
    assert_eq!((user.get("key"), deadline_us(&user)), (Some(b"version".to_vec()), Some(500)));
}

#[test]
fn given_deadline_counts_where_no_live_entry_is_overwritten() {
    let user = user();
    assert!(write_kept(&user, b"new", 500, Condition::IfAbsent));
    assert_eq!(deadline_us(&user), Some(500));
    user.clock.0.set(500);
    // It has expired, though nobody has removed it.
    assert!(write_kept(&user, b"newer", 900, Condition::Always));
    assert_eq!(deadline_us(&user), Some(900));
    user.clock.0.set(900);
    assert!(write_kept(&user, b"newest", NEVER_US, Condition::Always));
    assert_eq!(deadline_us(&user), Some(NEVER_US));
}

#[test]
fn kept_deadline_is_swept_when_it_has_passed() {
    let user = user();
    user.set_until("key", b"old", 500).expect("room");
    assert!(write_kept(&user, b"new", NEVER_US, Condition::Always));
    user.clock.0.set(500);
    assert_eq!(user.get("key"), None);
    while user.who.sweep(100, &user.clock).expect("sound").more {}
    assert_eq!(user.who.stats().expect("sound").entries, 0);
    assert_eq!(user.who.audit(), Ok(()));
}

#[test]
fn entry_that_loses_its_deadline_outlives_it_and_the_sweep() {
    let user = user();
    user.set_until("key", b"value", 500).expect("room");
    assert!(user.who.touch(KEY, NEVER_US, &user.clock).expect("sound"));
    user.clock.0.set(1_000_000);
    while user.who.sweep(100, &user.clock).expect("sound").more {}
    assert_eq!((user.get("key"), deadline_us(&user)), (Some(b"value".to_vec()), Some(NEVER_US)));
    assert_eq!(user.who.audit(), Ok(()));
}

fn bounded(by: f64, bounds: (f64, f64)) -> Addition {
    Addition { bounds, ..Addition::of(by, NEVER_US) }
}

fn set_number(user: &User, number: f64) {
    let value = Value {
        kind: NUMBER,
        bytes: &number.to_le_bytes(),
        deadline_us: NEVER_US,
        stale_us: 0,
        tags: Tagging::None,
    };
    user.who.set(KEY, &value, &user.clock).expect("room");
}

#[test]
fn sum_is_clamped_but_never_moved_against_the_sign() {
    const NONE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
    let cases = [
        (5.0, 3.0, NONE, 8.0),
        (5.0, 3.0, (0.0, 7.0), 7.0),
        (5.0, -9.0, (0.0, 7.0), 0.0),
        // The bound is passed already: the number stays.
        (9.0, 3.0, (0.0, 7.0), 9.0),
        (-9.0, -3.0, (0.0, 7.0), -9.0),
        // It is passed on the other side: the sum comes up to the bound.
        (-9.0, 3.0, (0.0, 7.0), 0.0),
        (9.0, -1.0, (0.0, 7.0), 7.0),
        // Nothing is added: nothing changes.
        (9.0, 0.0, (0.0, 7.0), 9.0),
        (-9.0, -0.0, (0.0, 7.0), -9.0),
    ];
    let user = user();
    for (number, by, bounds, sum) in cases {
        set_number(&user, number);
        assert_eq!(user.add(KEY, &bounded(by, bounds)), Ok(sum), "{number} and {by}");
        assert_eq!(user.get("key"), Some(sum.to_le_bytes().to_vec()));
    }
    for (by, first) in [(3.0, 3.0), (9.0, 7.0), (-3.0, 0.0), (0.0, 0.0)] {
        user.delete("key");
        assert_eq!(user.add(KEY, &bounded(by, (0.0, 7.0))), Ok(first), "{by}");
    }
}

#[test]
fn sum_that_is_not_finite_is_refused_and_changes_nothing() {
    let user = user();
    for (number, by) in [(f64::MAX, f64::MAX), (f64::MIN, f64::MIN), (f64::NAN, 1.0)] {
        set_number(&user, number);
        let seen = user.who.peek(KEY, &user.clock).expect("sound").expect("there");
        assert_eq!(user.add(KEY, &bounded(by, (-1.0, 1.0))), Err(Error::OutOfRange));
        assert_eq!(user.get("key"), Some(number.to_le_bytes().to_vec()));
        let still = user.who.peek(KEY, &user.clock).expect("sound").expect("there");
        assert_eq!(still.version, seen.version);
    }
    user.delete("key");
    assert_eq!(user.add(KEY, &Addition::of(f64::INFINITY, 1)), Err(Error::OutOfRange));
    assert_eq!(user.get("key"), None);
}

#[test]
fn addition_to_what_is_absent_is_left_or_made() {
    let user = user();
    let left = Addition { absent: Absent::Left, ..Addition::of(2.0, NEVER_US) };
    let add = |addition: &Addition| user.who.add(KEY, addition, &user.clock);
    assert_eq!((add(&left), user.get("key")), (Ok(None), None));
    let made = Sum { number: 2.0, deadline_us: 500 };
    assert_eq!(add(&Addition::of(2.0, 500)), Ok(Some(made)));
    // It keeps its own deadline.
    let sum = Sum { number: 4.0, deadline_us: 500 };
    assert_eq!(add(&Addition::of(2.0, 900)), Ok(Some(sum)));
    assert_eq!(add(&left), Ok(Some(Sum { number: 6.0, ..sum })));
    user.clock.0.set(500);
    assert_eq!(add(&left), Ok(None));
}
