//! Removing many entries by their keys: all that are there throughout, wherever they are moved.

use std::collections::BTreeSet;

use shared_memory_store::engine::Claim;
use shared_memory_store::engine::entry::{Condition, Key, NEVER_US, Tagging, Value};
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::engine::{Batch, Beginning, Meant, Removal};

use crate::model::list;
use crate::stores::{BYTES, User, beside, pattern, store};
use crate::tags;

const SEGMENT: u32 = 16 * 1024;

/// One step of removing what begins with `a`: how far it is, how many went.
fn step(user: &User, at: Removal) -> (Removal, usize) {
    step_of(user, at, (Beginning::ANY, &|key, _| key.starts_with(b"a")))
}

fn step_of(user: &User, at: Removal, meant: Meant<'_>) -> (Removal, usize) {
    user.who.delete_where(at, meant, &user.clock, &mut Batch::default()).expect("sound")
}

fn remove(user: &User, at: Removal) -> usize {
    remove_all(at, |at| step(user, at))
}

fn remove_all(mut at: Removal, step: impl Fn(Removal) -> (Removal, usize)) -> usize {
    let mut sum = 0;
    loop {
        let removed;
        (at, removed) = step(at);
        sum += removed;
        if at.is_over() {
            return sum;
        }
    }
}

fn keys(user: &User) -> BTreeSet<String> {
    list(user).into_keys().collect()
}

#[test]
fn what_is_meant_goes_and_is_counted_once_and_the_rest_stays() {
    let user = User::of(&store(SEGMENT, 128, 4, WhenFull::Refuse));
    for n in 0..3000 {
        // Some lie there twice, the first time in vain.
        for _ in 0..=n % 2 {
            user.set(&format!("{}{n}", if n % 3 == 0 { "a" } else { "b" }), b"x").expect("room");
        }
    }
    user.set(&format!("a{}", "w".repeat(5000)), &vec![1; 40_000]).expect("room");
    user.set(&format!("b{}", "w".repeat(5000)), &vec![1; 40_000]).expect("room");
    tags::set(&user, "a tagged", b"x", &["one"]);
    tags::set(&user, "a gone", b"x", &["two"]);
    tags::invalidate(&user, "two");
    user.set_until("a expired", b"x", 10).expect("room");
    user.clock.0.set(20);
    assert_eq!(remove(&user, Removal::BEGIN), 1000 + 2);
    assert_eq!(keys(&user).len(), 2000 + 1);
    assert!(keys(&user).iter().all(|key| key.starts_with('b')));
    assert_eq!(remove(&user, Removal::BEGIN), 0);
}

#[test]
fn what_keys_begin_with_decides_only_what_is_not_asked_further() {
    let user = User::of(&store(SEGMENT, 128, 4, WhenFull::Refuse));
    let narrow: [&[u8]; 8] =
        [b"", b"a", b"ab", b"ab\0", b"abcdefgh", b"abcdefghi", b"abcdefghj", b"b"];
    let wide: &[u8] = &[b'a', 0, 0, 1];
    for beginning in narrow {
        for bytes in narrow {
            user.set(std::str::from_utf8(bytes).expect("ASCII"), b"x").expect("room");
        }
        let value = Value {
            kind: BYTES,
            bytes: b"x",
            deadline_us: NEVER_US,
            stale_us: 0,
            tags: Tagging::None,
        };
        let key = Key { bytes: wide, wide: true, form: 0 };
        user.who.set(key, &value, &user.clock).expect("room");
        let is_meant = |key: &[u8], is_wide: bool| is_wide || key.starts_with(beginning);
        let meant: Meant<'_> = (Beginning::of(beginning), &is_meant);
        let removed = remove_all(Removal::BEGIN, |at| step_of(&user, at, meant));
        let of_narrow = narrow.iter().filter(|key| key.starts_with(beginning)).count();
        assert_eq!(removed, of_narrow + 1, "{beginning:?}");
    }
}

#[test]
fn entry_that_is_moved_to_where_the_walk_has_been_goes() {
    let user = User::of(&store(SEGMENT, 32, 1, WhenFull::Refuse));
    // Full, so that room is made by moving what is left of segments.
    let pairs = (0..).take_while(|n| {
        user.set(&format!("b{n}"), b"x").is_ok() && user.set(&format!("a{n}"), b"x").is_ok()
    });
    let pairs = pairs.count();
    let (at, removed) = step(&user, Removal::BEGIN);
    assert!(!at.is_over() && removed > 0);
    let before = user.who.stats().expect("sound").moved;
    for n in (0..pairs).cycle().take(3 * pairs) {
        user.set(&format!("b{n}"), b"y").expect("room");
    }
    assert!(user.who.stats().expect("sound").moved > before);
    assert_eq!(removed + remove(&user, at), pairs);
    assert!(keys(&user).iter().all(|key| key.starts_with('b')));
}

#[test]
fn what_is_made_of_an_entry_goes_wherever_it_is_put() {
    let user = User::of(&store(SEGMENT, 32, 1, WhenFull::Refuse));
    for n in 0..4000 {
        user.set(&format!("a{n}"), b"x").expect("room");
    }
    let (at, removed) = step(&user, Removal::BEGIN);
    assert!(!at.is_over() && removed > 0);
    // What the walk has emptied is filled again.
    let mut made = 0;
    for key in keys(&user) {
        let value = Value::permanent(BYTES, b"y");
        let key = Key::narrow(key.as_bytes());
        let is_written = user.who.write(key, &value, Condition::IfPresent, &user.clock);
        assert_eq!(is_written, Ok(true));
        made += 1;
    }
    assert_eq!(remove(&user, at), made);
    assert!(keys(&user).is_empty());
}

#[test]
fn any_cursor_is_a_place_to_go_on_from() {
    let user = User::of(&store(SEGMENT, 32, 2, WhenFull::Refuse));
    for n in 0..500 {
        user.set(&format!("b{n}"), b"x").expect("room");
    }
    for shift in 0..53 {
        for cursor in [1 << shift, (1 << shift) | 2, (1 << shift) | 1, (2 << shift) - 1] {
            let is_meant = |_: &[u8], _| false;
            let (mut at, mut batch) = (Removal { cursor, moved: 5 }, Batch::default());
            // Ends: what leads outside is refused, what is inside goes on.
            while let Ok((next, 0)) =
                user.who.delete_where(at, (Beginning::ANY, &is_meant), &user.clock, &mut batch)
                && !next.is_over()
            {
                at = next;
            }
        }
    }
    assert_eq!(keys(&user).len(), 500);
}

#[test]
fn walk_removes_what_a_load_was_storing_when_its_claim_was_overtaken() {
    let engine = store(SEGMENT, 32, 1, WhenFull::Refuse);
    let (user, key) = (User::of(&engine), Key::narrow(b"a large one"));
    assert_eq!(user.who.claim_load(key), Ok(Claim::Won));
    let removing = |other: &User| {
        other.who.overtake_loads().expect("sound");
        remove(other, Removal::BEGIN);
    };
    let bytes = pattern(1, 40_000);
    let value = Value::permanent(BYTES, &bytes);
    let write = || user.who.write(key, &value, Condition::IfLed, &user.clock);
    assert_eq!(beside(&engine, removing, write), Ok(true));
    assert_eq!(user.get("a large one"), None);
    assert_eq!(user.who.audit(), Ok(()));
}
