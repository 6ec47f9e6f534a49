//! Copies of what lies elsewhere: noted, filled, made void, also of keys that are absent.

use std::panic::{AssertUnwindSafe, catch_unwind};

use shared_memory_store::engine::entry::{Condition, Key, Lifetime, NEVER_US, Tagging, Value};
use shared_memory_store::engine::fail_points::{Died, arm, disarm};
use shared_memory_store::engine::store::WhenFull;

use crate::stores::{BYTES, User, store};

const KEY: Key<'static> = Key { bytes: b"key", wide: false, form: 0 };

fn user() -> User {
    User::of(&store(16 * 1024, 64, 1, WhenFull::Evict))
}

fn fill(user: &User, bytes: &[u8], version: u32) -> bool {
    let value =
        Value { kind: BYTES, bytes, deadline_us: NEVER_US, stale_us: 0, tags: Tagging::None };
    let condition = Condition::IfUnmoved(version);
    user.who.write_for(KEY, &value, Lifetime::Given, condition, &user.clock).expect("room")
}

fn note(user: &User) -> u32 {
    user.who.note(KEY).expect("sound")
}

#[test]
fn fill_of_an_absent_key_is_refused_once_the_key_was_made_void() {
    let user = user();
    let noted = note(&user);
    assert!(!user.who.invalidate_key(KEY).expect("sound"));
    assert!(!fill(&user, b"old", noted));
    assert_eq!(user.get("key"), None);
    assert!(fill(&user, b"new", note(&user)));
    assert_eq!(user.get("key"), Some(b"new".to_vec()));
}

#[test]
fn fill_moves_the_version_itself() {
    let user = user();
    let noted = note(&user);
    assert!(fill(&user, b"first", noted));
    assert!(!fill(&user, b"second", noted));
    assert_eq!(user.get("key"), Some(b"first".to_vec()));
    let noted = note(&user);
    assert!(fill(&user, b"third", noted));
    assert_ne!(note(&user), noted);
}

#[test]
fn fill_is_refused_after_whatever_else_changes_the_key() {
    let user = user();
    let changes: [(&str, &dyn Fn()); 4] = [
        ("a write", &|| user.set("key", b"written").expect("room")),
        ("a removal", &|| {
            user.delete("key");
        }),
        ("an invalidation", &|| {
            assert!(user.who.invalidate_key(KEY).expect("sound"));
        }),
        ("a clear", &|| user.who.clear().expect("sound")),
    ];
    for (what, change) in changes {
        user.set("key", b"before").expect("room");
        let noted = note(&user);
        change();
        assert!(!fill(&user, b"late", noted), "{what}");
    }
    assert_eq!(user.who.audit(), Ok(()));
}

#[test]
fn clear_of_a_store_that_was_never_written_to_moves_what_was_noted() {
    let user = user();
    let noted = note(&user);
    user.who.clear().expect("sound");
    assert!(!fill(&user, b"late", noted));
}

#[test]
fn entry_that_has_expired_is_made_void_as_well() {
    let user = user();
    user.set_until("key", b"short", 10).expect("room");
    user.clock.0.set(10);
    let noted = note(&user);
    assert!(user.who.invalidate_key(KEY).expect("sound"));
    assert!(!fill(&user, b"late", noted));
    assert_eq!(user.who.audit(), Ok(()));
}

#[test]
fn whoever_dies_while_it_makes_a_key_void_leaves_no_way_for_an_old_fill() {
    for is_there in [false, true] {
        let mut points = 0;
        loop {
            let engine = store(16 * 1024, 64, 1, WhenFull::Evict);
            let user = User::of(&engine);
            if is_there {
                user.set("key", b"before").expect("room");
            }
            let noted = note(&user);
            arm(points);
            let end = catch_unwind(AssertUnwindSafe(|| user.who.invalidate_key(KEY)));
            let has_died = !disarm();
            let other = User::of(&engine);
            // Whoever was cut off tries again, or ends the trust: see `whole::trust`.
            let gone = other.get("key").is_none();
            let is_kept_from_filling = {
                let moved = note(&other) != noted;
                assert!(moved || has_died, "an end without a move");
                !moved || !fill(&other, b"late", noted)
            };
            assert!(is_kept_from_filling, "at point {points}");
            assert!(gone || has_died, "it stayed");
            assert_eq!(other.who.audit(), Ok(()));
            if end.is_ok() {
                break;
            }
            assert!(end.is_err_and(|death| death.is::<Died>()));
            points += 1;
        }
        assert!(points > 2, "it passes points");
    }
}

#[test]
fn trust_ends_with_the_term_and_with_time() {
    let user = user();
    let engine = user.who.engine();
    assert!(!engine.is_trusted(5, 1000));
    let first = engine.begin_term();
    assert!(!engine.is_trusted(5, 1000));
    assert!(engine.say_heard(first, 5));
    assert!(engine.is_trusted(5, 10) && engine.is_trusted(14, 10));
    assert!(!engine.is_trusted(15, 10) && !engine.is_trusted(4, 10));
    let second = engine.begin_term();
    assert!(!engine.is_trusted(5, 10) && !engine.say_heard(first, 6));
    assert!(engine.say_heard(second, 6) && engine.is_trusted(6, 10));
    // Another boot has another clock.
    engine.set_clock([1, 2], 0);
    assert!(!engine.is_trusted(6, 10) && !engine.say_heard(second, 7));
}
