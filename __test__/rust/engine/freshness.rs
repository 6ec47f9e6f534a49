//! How long before its deadline an entry turns stale: kept with it, whatever happens to its bytes.

use shared_memory_store::engine::entry::{
    Condition, Key, Lifetime, NEVER_US, NUMBER, Tagging, Value,
};
use shared_memory_store::engine::store::WhenFull;

use crate::stores::{BYTES, User, store};

const SEGMENT: u32 = 16 * 1024;
const KEY: Key<'static> = Key { bytes: b"key", wide: false, form: 0 };

fn user() -> User {
    User::of(&store(SEGMENT, 64, 1, WhenFull::Refuse))
}

fn set(user: &User, bytes: &[u8], deadline_us: u64, stale_us: u64) {
    let value = Value { kind: BYTES, bytes, deadline_us, stale_us, tags: Tagging::None };
    user.who.set(KEY, &value, &user.clock).expect("room");
}

fn stale_us(user: &User) -> Option<u64> {
    user.who.staleness(KEY, &user.clock).expect("sound").map(|known| known.stale_us)
}

#[test]
fn it_comes_back_with_a_value_of_any_length() {
    let user = user();
    for length in [0, 1, 8, 500, SEGMENT as usize, 100_000] {
        for stale in [0, 1, 400, 500] {
            set(&user, &vec![3; length], 500, stale);
            assert_eq!(stale_us(&user), Some(stale), "{length} bytes");
            assert_eq!(user.get("key"), Some(vec![3; length]));
        }
    }
    user.clock.0.set(500);
    assert_eq!(stale_us(&user), None);
    assert_eq!(user.who.audit(), Ok(()));
}

#[test]
fn the_mark_is_another_one_after_each_write_and_touch() {
    let user = user();
    let mark = || {
        let known = user.who.staleness(KEY, &user.clock).expect("sound");
        known.expect("there").mark
    };
    let write = |lifetime| {
        let value = Value {
            kind: BYTES,
            bytes: b"same",
            deadline_us: 900,
            stale_us: 400,
            tags: Tagging::None,
        };
        user.who.write_for(KEY, &value, lifetime, Condition::Always, &user.clock).expect("room");
    };
    write(Lifetime::Given);
    assert_eq!(mark(), mark(), "a look changes nothing");
    let mut seen = vec![mark()];
    // More than a segment holds, so that places come again.
    for _ in 0..2000 {
        write(Lifetime::Kept);
        seen.push(mark());
    }
    user.who.touch(KEY, 901, &user.clock).expect("sound");
    seen.push(mark());
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
}

#[test]
fn it_goes_with_the_deadline() {
    let user = user();
    let keep = |bytes: &[u8]| {
        let value =
            Value { kind: BYTES, bytes, deadline_us: 900, stale_us: 7, tags: Tagging::None };
        let kept = Lifetime::Kept;
        user.who.write_for(KEY, &value, kept, Condition::Always, &user.clock).expect("room");
    };
    set(&user, b"made", 500, 400);
    keep(b"changed");
    assert_eq!(stale_us(&user), Some(400));
    set(&user, b"set", 500, 0);
    keep(b"changed");
    assert_eq!(stale_us(&user), Some(0));
    user.delete("key");
    keep(b"new");
    assert_eq!(stale_us(&user), Some(7));
    assert!(user.who.touch(KEY, 600, &user.clock).expect("sound"));
    assert_eq!(stale_us(&user), Some(0));
}

#[test]
fn number_that_is_added_to_keeps_it() {
    let user = user();
    let bytes = &5.0_f64.to_le_bytes();
    let value = Value { kind: NUMBER, bytes, deadline_us: 500, stale_us: 400, tags: Tagging::None };
    user.who.set(KEY, &value, &user.clock).expect("room");
    let by = shared_memory_store::engine::entry::Addition::of(2.0, NEVER_US);
    assert_eq!(user.add(KEY, &by), Ok(7.0));
    assert_eq!((stale_us(&user), user.get("key")), (Some(400), Some(7.0_f64.to_le_bytes().into())));
}

#[test]
fn only_what_is_stale_is_fresh_once_more() {
    let user = user();
    let refresh = |until_us| user.who.refresh(KEY, until_us, &user.clock).expect("sound");
    assert!(!refresh(300));
    set(&user, b"value", 500, 400);
    assert!(!refresh(300), "fresh");
    assert_eq!(stale_us(&user), Some(400));
    user.clock.0.set(100);
    assert!(refresh(300));
    assert_eq!(stale_us(&user), Some(200));
    user.clock.0.set(299);
    assert!(!refresh(400));
    user.clock.0.set(300);
    // A time behind its deadline: it is fresh to the end.
    assert!(refresh(700));
    assert_eq!(stale_us(&user), Some(0));
    user.clock.0.set(500);
    assert!(!refresh(900));
    set(&user, b"value", NEVER_US, 0);
    assert!(!refresh(900));
}

#[test]
fn moved_entries_keep_it() {
    let user = User::of(&store(SEGMENT, 10, 1, WhenFull::Refuse));
    set(&user, b"value", 1000, 400);
    // What is overwritten in turns leaves dead bytes beside what lives.
    for round in 0..10_000_u32 {
        let key = round.wrapping_mul(2_654_435_761) >> 16;
        user.set_until(&format!("{}", key % 150), &[1; 500], 1000).expect("room");
    }
    let moved = user.who.stats().expect("sound").moved;
    assert!(moved > 100, "{moved} were moved");
    assert_eq!((stale_us(&user), user.get("key")), (Some(400), Some(b"value".to_vec())));
    assert_eq!(user.who.audit(), Ok(()));
}
