//! Namespaces: a clear takes all that lies in one, whichever verb wrote it, and nothing else.

use shared_memory_store::engine::entry::{Addition, Condition, Key, NEVER_US, Value};
use shared_memory_store::engine::tags::TagList;
use shared_memory_store::rate::{Rate, Verdict};

use crate::stores::{BYTES, User, pattern};
use crate::tags::{keep, packed, purge, set, tags_of, user};

/// A key of the namespace `a`, or of one within.
fn within(path: &str, key: &str) -> String {
    format!("\0{path}\0\0{key}")
}

fn clear_space(user: &User, path: &str) {
    let path: Vec<u16> = format!("\0{path}\0").encode_utf16().collect();
    user.who.clear_space(&path).expect("room");
}

#[test]
fn clear_of_a_namespace_is_for_all_that_was_written_in_it_by_whatever_verb() {
    let user = user();
    let (set_key, sum, limited, kept) =
        (within("a", "set"), within("a\0b", "sum"), within("a", "limit"), within("a", "kept"));
    for round in 0..3 {
        user.set(&set_key, b"1").expect("room");
        let addition = Addition::of(1.0, NEVER_US);
        let sum_key = Key::narrow(sum.as_bytes());
        for number in 1..3 {
            let sum = user.who.add(sum_key, &addition, &user.clock).expect("a number");
            assert_eq!(sum.map(|sum| sum.number), Some(f64::from(number)), "round {round}");
        }
        let rate = Rate { units: 1.0, per_us: 1_000_000.0, burst: 1.0 };
        let limit_key = Key::narrow(limited.as_bytes());
        let verdict = user.who.limit(limit_key, 1.0, &rate, &user.clock).expect("sound");
        assert!(matches!(verdict, Verdict::Allowed(..)), "round {round}: {verdict:?}");
        keep(&user, &kept, b"of the key");
        set(&user, &within("a", "tagged"), b"2", &["x", "\u{263A}"]);
        assert_eq!(tags_of(&user, &within("a", "tagged")), Some(packed(&["x", "\u{263A}"])));
        assert_eq!(tags_of(&user, &set_key), Some(vec![]));
        keep(&user, &set_key, b"3");
        for other in ["plain", "\0\0a\0\0k", &within("ab", "k"), &within("b", "k")] {
            set(&user, other, b"4", &[]);
        }
        assert_eq!(user.len(), 9);
        clear_space(&user, "a");
        assert_eq!(user.len(), 4);
        for key in [&set_key, &sum, &limited, &kept, &within("a", "tagged")] {
            assert_eq!(user.get(key), None, "{key}");
            assert!(!user.delete(key), "{key}");
        }
        if round == 1 {
            purge(&user);
        }
    }
    assert_eq!(user.who.audit(), Ok(()));
}

#[test]
fn a_namespace_within_is_cleared_without_that_around_it() {
    let user = user();
    user.set(&within("a", "k"), b"1").expect("room");
    user.set(&within("a\0b", "k"), b"2").expect("room");
    user.set(&within("a\0bc", "k"), b"3").expect("room");
    clear_space(&user, "a\0b");
    assert_eq!(user.get(&within("a", "k")), Some(b"1".to_vec()));
    assert_eq!(user.get(&within("a\0b", "k")), None);
    assert_eq!(user.get(&within("a\0bc", "k")), Some(b"3".to_vec()));
}

#[test]
fn what_is_of_a_moment_before_its_namespace_was_cleared_is_never_stored() {
    let user = user();
    let before = user.who.moment().expect("sound");
    let put = |key: &str, as_of: u64| {
        let list = TagList::none();
        let value = Value { tags: list.given(Some(as_of)), ..Value::permanent(BYTES, b"made") };
        let key = Key::narrow(key.as_bytes());
        user.who.write(key, &value, Condition::IfAbsent, &user.clock).expect("room")
    };
    clear_space(&user, "a");
    assert!(!put(&within("a", "k"), before));
    assert!(!put(&within("a\0b", "k"), before));
    assert!(put(&within("b", "k"), before));
    assert!(put("plain", before));
    purge(&user);
    assert!(!put(&within("a", "k"), before));
    let now = user.who.moment().expect("sound");
    assert!(put(&within("a", "k"), now));
    assert_eq!(user.get(&within("a", "k")), Some(b"made".to_vec()));
}

#[test]
fn memory_of_a_cleared_namespace_comes_back() {
    let user = user();
    for round in 0..50 {
        for number in 0..64 {
            user.set(&within("a", &format!("{round} {number}")), &pattern(1, 1000)).expect("room");
        }
        clear_space(&user, "a");
        purge(&user);
        assert_eq!(user.who.stats().expect("sound").entries, 0);
    }
}
