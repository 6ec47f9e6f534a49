//! Tags: what was invalidated is gone, for everybody and for good, and leaves nothing behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use shared_memory_store::engine::Swept;
use shared_memory_store::engine::entry::{Condition, Key, Lifetime, NEVER_US, Tagging, Value};
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::engine::tags::Purge;

use crate::stores::{BYTES, User, beside, pattern, store};

const SEGMENT: u32 = 16 * 1024;

pub(crate) fn user() -> User {
    User::of(&store(SEGMENT, 64, 1, WhenFull::Refuse))
}

/// Tags, packed as the store takes them.
pub(crate) fn packed(tags: &[&str]) -> Vec<u16> {
    let packed = tags.iter().flat_map(|tag| {
        let units: Vec<u16> = tag.encode_utf16().collect();
        [u16::try_from(units.len()).expect("short")].into_iter().chain(units)
    });
    packed.collect()
}

fn write(
    user: &User,
    key: &str,
    bytes: &[u8],
    tags: &[&str],
    as_of: Option<u64>,
    condition: Condition,
) -> bool {
    let list = user.who.tag_list(&packed(tags)).expect("few");
    let value = Value { tags: list.given(as_of), ..Value::permanent(BYTES, bytes) };
    let key = Key::narrow(key.as_bytes());
    user.who.write(key, &value, condition, &user.clock).expect("room")
}

pub(crate) fn set(user: &User, key: &str, bytes: &[u8], tags: &[&str]) {
    assert!(write(user, key, bytes, tags, None, Condition::Always));
}

/// Sets an entry with the tags that it has.
pub(crate) fn keep(user: &User, key: &str, bytes: &[u8]) {
    let value = Value { tags: Tagging::Kept, ..Value::permanent(BYTES, bytes) };
    let key = Key::narrow(key.as_bytes());
    user.who.write_for(key, &value, Lifetime::Kept, Condition::Always, &user.clock).expect("room");
}

pub(crate) fn invalidate(user: &User, tag: &str) {
    user.who.invalidate_tags(&packed(&[tag])).expect("room");
}

/// The tags of an entry, packed; `None` where there is none.
pub(crate) fn tags_of(user: &User, key: &str) -> Option<Vec<u16>> {
    let mut bytes = Vec::new();
    let key = Key::narrow(key.as_bytes());
    let (_, wide) = user.who.tags(key, &user.clock, &mut bytes).expect("sound")?;
    Some(if wide {
        bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect()
    } else {
        bytes.into_iter().map(u16::from).collect()
    })
}

pub(crate) fn purge(user: &User) {
    let mut purge = Purge::default();
    while user.who.purge(&mut purge).expect("sound") {}
}

#[test]
fn tags_and_value_of_any_length_come_back() {
    let user = user();
    for length in [0, 1, 8, 500, SEGMENT as usize, 100_000] {
        for tags in [&["a"][..], &["a", "\u{263A}"], &["\0", &"long".repeat(200)]] {
            let bytes = pattern(1, length);
            set(&user, "key", &bytes, tags);
            assert_eq!(user.get("key"), Some(bytes), "{length} bytes");
            assert_eq!(tags_of(&user, "key"), Some(packed(tags)));
        }
    }
    user.set("key", b"without").expect("room");
    assert_eq!(tags_of(&user, "key"), Some(vec![]));
    assert_eq!(user.who.audit(), Ok(()));
}

#[test]
fn whatever_has_an_invalidated_tag_is_gone_and_nothing_else() {
    let user = user();
    set(&user, "a", b"1", &["x"]);
    set(&user, "b", b"2", &["x", "y"]);
    set(&user, "c", b"3", &["y"]);
    set(&user, "large", &pattern(1, 50_000), &["x"]);
    user.set("d", b"4").expect("room");
    invalidate(&user, "x");
    for key in ["a", "b", "large"] {
        assert_eq!(user.get(key), None, "{key}");
        assert!(!user.delete(key), "{key}");
        assert_eq!(tags_of(&user, key), None, "{key}");
        assert!(
            !user.who.touch(Key::narrow(key.as_bytes()), NEVER_US, &user.clock).expect("sound")
        );
    }
    assert_eq!(user.get("c"), Some(b"3".to_vec()));
    assert_eq!(user.get("d"), Some(b"4".to_vec()));
    assert_eq!(user.len(), 2);
    assert_eq!(user.who.audit(), Ok(()));
}

#[test]
fn what_is_written_after_it_stays() {
    let user = user();
    set(&user, "a", b"1", &["x"]);
    invalidate(&user, "x");
    assert!(write(&user, "a", b"2", &["x"], None, Condition::IfAbsent));
    assert_eq!(user.get("a"), Some(b"2".to_vec()));
    purge(&user);
    assert_eq!(user.get("a"), Some(b"2".to_vec()));
    invalidate(&user, "x");
    assert_eq!(user.get("a"), None);
}

#[test]
fn what_is_of_a_moment_before_it_is_never_stored() {
    let user = user();
    let before = user.who.moment().expect("sound");
    set(&user, "a", b"1", &["x"]);
    invalidate(&user, "x");
    assert!(!write(&user, "a", b"old", &["x"], Some(before), Condition::Always));
    assert!(write(&user, "b", b"other", &["y"], Some(before), Condition::Always));
    // Whether the row is still there or not.
    purge(&user);
    assert!(!write(&user, "a", b"old", &["x"], Some(before), Condition::Always));
    assert_eq!(user.get("a"), None);
    assert_eq!(user.get("b"), Some(b"other".to_vec()));
    let now = user.who.moment().expect("sound");
    assert!(write(&user, "a", b"new", &["x"], Some(now), Condition::Always));
    assert_eq!(user.get("a"), Some(b"new".to_vec()));
    assert!(user.who.is_any_invalidated(&packed(&["x"]), before).expect("sound"));
    assert!(!user.who.is_any_invalidated(&packed(&["x"]), now).expect("sound"));
}

#[test]
fn what_is_of_a_moment_before_others_were_invalidated_is_stored() {
    let user = user();
    let before = user.who.moment().expect("sound");
    for number in 0..10 {
        invalidate(&user, &format!("tag {number}"));
        // The rows go.
        purge(&user);
    }
    assert!(!user.who.is_any_invalidated(&packed(&["x"]), before).expect("sound"));
    assert!(write(&user, "a", b"1", &["x"], Some(before), Condition::Always));
    assert_eq!(user.get("a"), Some(b"1".to_vec()));
}

#[test]
fn purge_finds_what_was_being_written_when_its_tag_was_invalidated() {
    let engine = store(SEGMENT, 64, 1, WhenFull::Refuse);
    let user = User::of(&engine);
    let before = user.who.moment().expect("sound");
    let removing = |other: &User| {
        invalidate(other, "x");
        purge(other);
    };
    let bytes = pattern(1, 40_000);
    let large = || write(&user, "a", &bytes, &["x"], Some(before), Condition::Always);
    assert!(beside(&engine, removing, large));
    assert_eq!(user.get("a"), None);
    purge(&user);
    assert_eq!(user.len(), 0);
    assert_eq!(user.who.audit(), Ok(()));
}

#[test]
fn write_that_finds_no_room_waits_for_no_other_part_of_the_store() {
    let engine = store(SEGMENT, 64, 2, WhenFull::Refuse);
    let user = User::of(&engine);
    let large = |user: &User, name: &str| {
        let list = user.who.tag_list(&packed(&["x"])).expect("few");
        let value = Value { tags: list.given(None), ..Value::permanent(BYTES, &[1; 4000]) };
        user.who.set(Key::narrow(name.as_bytes()), &value, &user.clock)
    };
    user.set("held", b"x").expect("room");
    let shard = |name: &str| {
        let found = user.who.view(Key::narrow(name.as_bytes()), &user.clock, &mut []);
        found.expect("sound").map(|found| found.stripe & 1)
    };
    let names: Vec<_> =
        (0..1000).map(|n| n.to_string()).take_while(|n| large(&user, n).is_ok()).collect();
    let apart = names.into_iter().find(|name| shard(name) != shard("held")).expect("one of many");
    let is_written = Arc::new(AtomicBool::new(false));
    let was_written = Arc::clone(&is_written);
    let filling = move |other: &User| {
        invalidate(other, "x");
        let bytes = pattern(1, 40_000);
        assert!(write(other, &apart, &bytes, &[], None, Condition::Always));
        assert!(!was_written.load(Ordering::SeqCst), "it did not wait");
    };
    let hold = || {
        user.set("held", b"y").expect("room");
        is_written.store(true, Ordering::SeqCst);
    };
    beside(&engine, filling, hold);
    assert_eq!(user.who.audit(), Ok(()));
}

#[test]
fn kept_tags_are_those_of_the_live_entry() {
    let user = user();
    let keep = |bytes: &[u8]| keep(&user, "a", bytes);
    keep(b"without");
    assert_eq!(tags_of(&user, "a"), Some(vec![]));
    set(&user, "a", b"1", &["x", "y"]);
    invalidate(&user, "z");
    keep(b"2");
    assert_eq!(tags_of(&user, "a"), Some(packed(&["x", "y"])));
    purge(&user);
    assert_eq!(user.get("a"), Some(b"2".to_vec()));
    invalidate(&user, "y");
    assert_eq!(user.get("a"), None);
    keep(b"3");
    assert_eq!(tags_of(&user, "a"), Some(vec![]));
}

#[test]
fn memory_comes_back_with_a_purge() {
    let user = user();
    let before = user.who.stats().expect("sound").data_bytes;
    for number in 0..500 {
        set(&user, &format!("key {number}"), &[1; 100], &["x"]);
    }
    invalidate(&user, "x");
    purge(&user);
    let stats = user.who.stats().expect("sound");
    assert_eq!((stats.entries, stats.data_bytes), (0, before));
    assert_eq!(user.who.audit(), Ok(()));
}

#[test]
fn more_tags_are_invalidated_than_there_are_rows() {
    let user = user();
    set(&user, "old", b"1", &["tag 3"]);
    for number in 0..40_000 {
        invalidate(&user, &format!("tag {number}"));
    }
    assert_eq!(user.get("old"), None);
    set(&user, "new", b"2", &["tag 3"]);
    assert_eq!(user.get("new"), Some(b"2".to_vec()));
    assert_eq!(user.len(), 1);
}

#[test]
fn nothing_invalidated_is_read_again_in_a_store_that_evicts() {
    let user = User::of(&store(SEGMENT, 24, 1, WhenFull::Evict));
    let mut state: u64 = 42;
    let mut random = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut invalidated_at = [0_u64; 50];
    let steps = if cfg!(debug_assertions) { 60_000 } else { 1_000_000 };
    for step in 1..=steps {
        let key = format!("key {}", random(3000));
        match random(100) {
            0 => {
                let tag = random(50);
                invalidate(&user, &format!("tag {tag}"));
                invalidated_at[usize::try_from(tag).expect("small")] = step;
            }
            1 => {
                let _: Swept = user.who.sweep(64, &user.clock).expect("sound");
                purge(&user);
            }
            2..40 => {
                let tags = [random(50), random(50)];
                let mut bytes = [step, tags[0], tags[1]].map(u64::to_le_bytes).concat();
                bytes.extend(pattern(step, usize::try_from(random(300)).expect("small")));
                set(
                    &user,
                    &key,
                    &bytes,
                    &tags.map(|tag| format!("tag {tag}")).each_ref().map(String::as_str),
                );
            }
            _ => {
                let Some(bytes) = user.get(&key) else { continue };
                let word =
                    |at: usize| u64::from_le_bytes(bytes[8 * at..][..8].try_into().expect("8"));
                for tag in [word(1), word(2)] {
                    let at = invalidated_at[usize::try_from(tag).expect("small")];
                    assert!(
                        word(0) > at,
                        "{key} of step {} is there at {step}: tag {tag} went at {at}",
                        word(0)
                    );
                }
            }
        }
    }
    assert_eq!(user.who.audit(), Ok(()));
}
