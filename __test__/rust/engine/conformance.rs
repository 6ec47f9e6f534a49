//! What every store promises, whatever memory it lies in.
//!
//! Each promise is a function of a memory, and is tested over each memory that has a line
//! `kept_over!` below: `cargo test --test engine conformance::pages_of_this_process`.

use shared_memory_store::engine::entry::{
    Addition, Condition, Key, NEVER_US, NUMBER, Tagging, Value,
};
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::engine::{Batch, NO_THREAD, START, Want};
use shared_memory_store::error::Error;

#[cfg(unix)]
use crate::memories::mapped_file;
use crate::memories::{Counted, Make, anonymous};
use crate::stores::{BYTES, User, geometry, options, pattern, store_with};

const SEGMENT: u32 = 16 * 1024;

/// Makes a macro that tests all promises over one memory.
macro_rules! promises {
    ($($promise:ident,)*) => {
        macro_rules! kept_over {
            ($memory:ident, $make:expr) => {
                mod $memory {
                    use super::*;

                    $(
                        #[test]
                        fn $promise() {
                            super::$promise($make);
                        }
                    )*
                }
            };
        }
    };
}

promises! {
    value_comes_back_as_it_was_set,
    overwriting_replaces_the_value_and_keeps_the_count,
    deleted_entry_is_gone_and_deleting_again_says_so,
    entry_is_absent_from_its_deadline_on,
    many_keys_are_all_found_while_the_index_grows,
    full_store_refuses_and_keeps_everything,
    overwriting_for_ever_never_fills_a_store,
    evicting_store_takes_everything_and_keeps_what_is_read,
    evicting_store_makes_room_for_large_values,
    clear_removes_everything_and_all_room_is_there_again,
    sweep_removes_what_is_due_and_gives_memory_back,
    sweep_of_an_emptied_store_gives_its_index_back,
    condition_decides_whether_a_write_takes_place,
    take_removes_and_gives_the_value_unless_it_does_not_fit,
    what_is_seen_is_removed_only_while_its_version_stands,
    touch_moves_the_deadline_both_ways,
    number_adds_up_in_place_and_other_values_are_none,
    keys_differ_by_width_and_length_but_not_by_form,
    keys_too_long_and_values_too_large_change_nothing,
    walk_meets_every_entry_once,
    limit_of_entries_is_kept,
    users_are_counted_and_who_keeps_order_is_not,
}

kept_over!(pages_of_this_process, anonymous);
kept_over!(pages_that_are_counted, Counted::reserve);
#[cfg(unix)]
kept_over!(pages_of_a_file, mapped_file);

/// A user of a new store.
fn user(memory: Make, segments: u32, shards: u32, when_full: WhenFull) -> User {
    User::of(&store_with(memory, &options(geometry(SEGMENT, segments, shards), when_full)))
}

fn value_comes_back_as_it_was_set(memory: Make) {
    let user = user(memory, 64, 2, WhenFull::Refuse);
    for length in [0, 1, 7, 8, 9, 63, 64, 65, 1000, 16_000, 16_352, 16_353, 40_000, 300_000] {
        let key = format!("key {length}");
        user.set(&key, &pattern(1, length)).expect("room");
        assert_eq!(user.get(&key), Some(pattern(1, length)), "{length}");
    }
    assert_eq!(user.get("none"), None);
}

fn overwriting_replaces_the_value_and_keeps_the_count(memory: Make) {
    let user = user(memory, 64, 1, WhenFull::Refuse);
    for length in [10, 100_000, 20, 5_000, 200_000, 200_001] {
        user.set("key", &pattern(9, length)).expect("room");
        assert_eq!(user.get("key"), Some(pattern(9, length)));
        assert_eq!(user.len(), 1);
    }
}

fn deleted_entry_is_gone_and_deleting_again_says_so(memory: Make) {
    let user = user(memory, 64, 1, WhenFull::Refuse);
    user.set("key", b"value").expect("room");
    assert!(user.delete("key"));
    assert!(!user.delete("key"));
    assert_eq!((user.get("key"), user.len()), (None, 0));
}

fn entry_is_absent_from_its_deadline_on(memory: Make) {
    let user = user(memory, 64, 1, WhenFull::Refuse);
    user.set_until("key", b"value", 1000).expect("room");
    user.clock.0.set(999);
    assert!(user.get("key").is_some());
    user.clock.0.set(1000);
    assert_eq!(user.get("key"), None);
    assert!(!user.delete("key"));
    assert_eq!(user.len(), 0);
}

fn many_keys_are_all_found_while_the_index_grows(memory: Make) {
    let user = user(memory, 1024, 4, WhenFull::Refuse);
    for number in 0..100_000_u32 {
        user.set(&format!("user:{number}"), &number.to_le_bytes()).expect("room");
    }
    assert_eq!(user.len(), 100_000);
    for number in 0..100_000_u32 {
        assert_eq!(user.get(&format!("user:{number}")), Some(number.to_le_bytes().to_vec()));
    }
}

fn full_store_refuses_and_keeps_everything(memory: Make) {
    let user = user(memory, 16, 1, WhenFull::Refuse);
    let mut kept = 0;
    while user.set(&format!("{kept}"), &pattern(kept, 500)).is_ok() {
        kept += 1;
    }
    assert!(kept > 250, "{kept} of 262144 bytes");
    assert_eq!(user.set("one more", &pattern(0, 500)), Err(Error::Full));
    assert_eq!(user.len(), kept);
    for number in 0..kept {
        assert_eq!(user.get(&format!("{number}")), Some(pattern(number, 500)), "{number}");
    }
    for round in 0..kept * 3 {
        let key = format!("{}", round * 7 % kept);
        user.set(&key, &pattern(round, 500)).expect("an overwrite of the same size");
        assert_eq!(user.get(&key), Some(pattern(round, 500)));
    }
    assert_eq!(user.len(), kept);
}

fn overwriting_for_ever_never_fills_a_store(memory: Make) {
    for shards in [1, 4] {
        let user = user(memory, 32 * shards, shards, WhenFull::Refuse);
        for round in 0..40_000_u64 {
            let key = format!("{}", round % 300);
            let length = 200 + usize::try_from(round % 7).expect("small") * 50;
            user.set(&key, &pattern(round, length)).expect("room");
        }
        for key in 0..300_u64 {
            let round = (0..40_000_u64).rev().find(|round| round % 300 == key).expect("one");
            let length = 200 + usize::try_from(round % 7).expect("small") * 50;
            assert_eq!(user.get(&format!("{key}")), Some(pattern(round, length)));
        }
    }
}

fn evicting_store_takes_everything_and_keeps_what_is_read(memory: Make) {
    let user = user(memory, 64, 2, WhenFull::Evict);
    for number in 0..50_000_u64 {
        user.set(&format!("{number}"), &pattern(number, 100)).expect("room");
        if number >= 10 {
            for hot in 0..10_u64 {
                assert_eq!(user.get(&format!("{hot}")), Some(pattern(hot, 100)), "{number}");
            }
        }
    }
    let stats = user.who.stats().expect("sound");
    assert!(stats.evicted > 40_000, "{stats:?}");
    assert!(stats.entries > 4_000, "{stats:?}");
    assert_eq!(user.len(), stats.entries);
}

fn evicting_store_makes_room_for_large_values(memory: Make) {
    let user = user(memory, 128, 4, WhenFull::Evict);
    for number in 0..500_u64 {
        let length = 1000 + usize::try_from(number).expect("small") * 937 % 400_000;
        user.set(&format!("{number}"), &pattern(number, length)).expect("room");
        assert_eq!(user.get(&format!("{number}")), Some(pattern(number, length)));
    }
}

fn clear_removes_everything_and_all_room_is_there_again(memory: Make) {
    let user = user(memory, 64, 2, WhenFull::Refuse);
    let mut fits = Vec::new();
    for _ in 0..3 {
        let mut kept = 0;
        while user.set(&format!("{kept}"), &pattern(kept, 300)).is_ok() {
            kept += 1;
        }
        fits.push(kept);
        user.who.clear().expect("sound");
        assert_eq!((user.len(), user.get("3")), (0, None));
    }
    assert!(fits[2] + 100 > fits[0], "{fits:?}");
}

fn sweep_removes_what_is_due_and_gives_memory_back(memory: Make) {
    let user = user(memory, 256, 2, WhenFull::Refuse);
    for number in 0..5_000_u64 {
        let deadline_us = if number % 2 == 0 { NEVER_US } else { 1000 + number };
        user.set_until(&format!("{number}"), &pattern(number, 100), deadline_us).expect("room");
    }
    user.clock.0.set(1_000_000);
    while user.who.sweep(100, &user.clock).expect("sound").more {}
    let stats = user.who.stats().expect("sound");
    assert_eq!((stats.entries, stats.expired), (2_500, 2_500));
    user.who.clear().expect("sound");
    sweep_until_pages_go(&user);
    let stats = user.who.stats().expect("sound");
    assert!(stats.resident_bytes <= 16 * u64::from(SEGMENT), "{stats:?}");
    assert_eq!((stats.data_bytes, stats.segment_bytes), (0, 0));
}

#[test]
fn segments_that_were_begun_and_lay_idle_are_written_to_in_full() {
    // Of the first segments of a shard a part is real.
    let user = User::of(&store_with(
        Counted::reserve,
        &options(geometry(4 * SEGMENT, 256, 16), WhenFull::Refuse),
    ));
    for number in 0..400 {
        user.set(&format!("{number}"), b"begun").expect("room");
    }
    user.who.clear().expect("sound");
    // Who finds no room for much gives back what he has.
    Counted::refuse_more(|| {
        let much = pattern(0, 1 << 20);
        for number in 0..200 {
            assert!(user.set(&format!("{number}"), &much).is_err());
        }
    });
    while user.who.sweep(100, &user.clock).expect("sound").more {}
    let mut kept = 0;
    while user.set(&format!("{kept}"), &pattern(kept, 300)).is_ok() {
        kept += 1;
    }
    assert!(kept > 20_000, "{kept}");
    assert!((0..kept).all(|at| user.get(&format!("{at}")) == Some(pattern(at, 300))));
    user.who.clear().expect("sound");
    sweep_until_pages_go(&user);
}

/// Pages go when their segments were free for a while.
fn sweep_until_pages_go(user: &User) {
    for _ in 0..2 {
        user.clock.0.set(user.clock.0.get() + 2_000_000);
        while user.who.sweep(100, &user.clock).expect("sound").more {}
    }
}

fn sweep_of_an_emptied_store_gives_its_index_back(memory: Make) {
    let user = user(memory, 512, 2, WhenFull::Refuse);
    let start = user.who.stats().expect("sound").index_bytes;
    for _ in 0..2 {
        for number in 0..20_000 {
            user.set(&format!("{number}"), b"value").expect("room");
        }
        assert!(user.who.stats().expect("sound").index_bytes > 5 * start);
        for number in 0..20_000 {
            assert!(user.delete(&format!("{number}")));
        }
        sweep_until_pages_go(&user);
        let stats = user.who.stats().expect("sound");
        assert_eq!((stats.entries, stats.index_bytes, stats.segment_bytes), (0, start, 0));
        assert!(stats.resident_bytes <= 16 * u64::from(SEGMENT), "{stats:?}");
        user.who.audit().expect("everything agrees");
    }
}

fn condition_decides_whether_a_write_takes_place(memory: Make) {
    let user = user(memory, 64, 1, WhenFull::Refuse);
    let key = Key::narrow(b"key");
    let write = |bytes: &[u8], condition| {
        let value =
            Value { kind: BYTES, bytes, deadline_us: 1000, stale_us: 0, tags: Tagging::None };
        user.who.write(key, &value, condition, &user.clock).expect("room")
    };
    assert!(!write(b"a", Condition::IfPresent));
    assert!(!write(b"a", Condition::IfVersion(0)));
    assert!(write(b"a", Condition::IfAbsent));
    assert!(!write(b"b", Condition::IfAbsent));
    assert!(write(b"b", Condition::IfPresent));
    let seen = user.who.peek(key, &user.clock).expect("sound").expect("there");
    assert!(write(b"c", Condition::IfVersion(seen.version)));
    assert!(!write(b"d", Condition::IfVersion(seen.version)));
    assert_eq!(user.get("key"), Some(b"c".to_vec()));
    let seen = user.who.peek(key, &user.clock).expect("sound").expect("there");
    user.clock.0.set(1000);
    assert!(!write(b"e", Condition::IfPresent));
    // Nobody has changed the version: it has expired.
    assert!(!write(b"e", Condition::IfVersion(seen.version)));
    assert!(!user.who.delete_version(key, seen.version, &user.clock).expect("sound"));
}

fn what_is_seen_is_removed_only_while_its_version_stands(memory: Make) {
    let user = user(memory, 64, 1, WhenFull::Refuse);
    let key = Key::narrow(b"key");
    user.set("key", b"old").expect("room");
    let seen = user.who.peek(key, &user.clock).expect("sound").expect("there");
    user.set("key", b"new").expect("room");
    assert!(!user.who.delete_version(key, seen.version, &user.clock).expect("sound"));
    assert_eq!(user.get("key"), Some(b"new".to_vec()));
    let seen = user.who.peek(key, &user.clock).expect("sound").expect("there");
    assert!(user.who.delete_version(key, seen.version, &user.clock).expect("sound"));
    assert_eq!(user.get("key"), None);
}

fn take_removes_and_gives_the_value_unless_it_does_not_fit(memory: Make) {
    let user = user(memory, 64, 1, WhenFull::Refuse);
    user.set("key", b"value").expect("room");
    let key = Key::narrow(b"key");
    let mut space = [0; 5];
    let short = user.who.take(key, &user.clock, Some(&mut space[..4])).expect("sound");
    assert_eq!(short.expect("there").length, 5);
    let taken = user.who.take(key, &user.clock, Some(&mut space)).expect("sound").expect("there");
    assert_eq!((taken.length, &space), (5, b"value"));
    assert!(user.who.take(key, &user.clock, Some(&mut space)).expect("sound").is_none());
}

fn touch_moves_the_deadline_both_ways(memory: Make) {
    let user = user(memory, 64, 1, WhenFull::Refuse);
    let key = Key::narrow(b"key");
    assert!(!user.who.touch(key, 5, &user.clock).expect("sound"));
    user.set("key", b"value").expect("room");
    assert!(user.who.touch(key, 100, &user.clock).expect("sound"));
    user.clock.0.set(99);
    assert!(user.who.touch(key, 200, &user.clock).expect("sound"));
    user.clock.0.set(199);
    assert!(user.get("key").is_some());
    user.clock.0.set(200);
    assert_eq!((user.get("key"), user.len()), (None, 0));
    assert!(!user.who.touch(key, 900, &user.clock).expect("sound"));
}

fn number_adds_up_in_place_and_other_values_are_none(memory: Make) {
    let user = user(memory, 64, 1, WhenFull::Refuse);
    let key = Key::narrow(b"n");
    let add = |by: f64| user.add(key, &Addition::of(by, 500));
    assert_eq!((add(1.5), add(2.0), add(-4.0)), (Ok(1.5), Ok(3.5), Ok(-0.5)));
    assert_eq!(user.get("n"), Some((-0.5_f64).to_le_bytes().to_vec()));
    let found = user.who.peek(key, &user.clock).expect("sound").expect("there");
    assert_eq!((found.kind, found.deadline_us), (NUMBER, 500));
    user.clock.0.set(500);
    assert_eq!(add(1.0), Ok(1.0));
    user.set("n", b"12345678").expect("room");
    assert_eq!(add(1.0), Err(Error::NotNumber));
}

fn keys_differ_by_width_and_length_but_not_by_form(memory: Make) {
    let user = user(memory, 64, 1, WhenFull::Refuse);
    let keys = [(&b"ab"[..], false), (b"ab", true), (b"ab\0", false), (b"", false), (b"", true)];
    for (number, (bytes, wide)) in keys.into_iter().enumerate() {
        let value = [u8::try_from(number).expect("few")];
        let key = Key { bytes, wide, form: 3 };
        user.who.set(key, &Value::permanent(BYTES, &value), &user.clock).expect("room");
    }
    for (number, (bytes, wide)) in keys.into_iter().enumerate() {
        let mut space = [0; 1];
        let key = Key { bytes, wide, form: 0 };
        let found = user.who.get(key, &user.clock, &mut space).expect("sound").expect("there");
        assert_eq!((usize::from(space[0]), found.form, found.kind), (number, 3, BYTES));
    }
}

fn keys_too_long_and_values_too_large_change_nothing(memory: Make) {
    let user = user(memory, 16, 1, WhenFull::Evict);
    user.set("kept", b"value").expect("room");
    assert_eq!(user.set(&"k".repeat(8193), b""), Err(Error::TooLarge));
    user.set(&"k".repeat(8192), b"").expect("room");
    assert_eq!(user.set("large", &pattern(1, 16 * 16 * 1024)), Err(Error::TooLarge));
    assert!(user.get("kept").is_some());
}

fn walk_meets_every_entry_once(memory: Make) {
    let user = user(memory, 512, 4, WhenFull::Refuse);
    let mut batch = Batch::default();
    for count in [0_u64, 1, 1000, 20_000] {
        for number in 0..count {
            user.set(&format!("{number}"), &number.to_le_bytes()).expect("room");
        }
        let (mut cursor, mut met) = (START, Vec::new());
        loop {
            cursor =
                user.who.scan(cursor, 100, Want::Values, &user.clock, &mut batch).expect("memory");
            for listed in batch.entries() {
                let key = String::from_utf8(batch.key(listed).to_vec()).expect("text");
                let number: u64 = key.parse().expect("a number");
                assert_eq!(batch.value(listed), number.to_le_bytes());
                met.push(number);
            }
            if cursor == START {
                break;
            }
        }
        met.sort_unstable();
        assert_eq!(met, (0..count).collect::<Vec<_>>());
    }
}

fn limit_of_entries_is_kept(memory: Make) {
    for when_full in [WhenFull::Refuse, WhenFull::Evict] {
        let mut options = options(geometry(SEGMENT, 256, 4), when_full);
        options.max_entries = 1000;
        let user = User::of(&store_with(memory, &options));
        let refused = (0..5000).filter(|n| user.set(&format!("{n}"), b"value").is_err()).count();
        assert_eq!(user.len(), 1000);
        assert_eq!(refused, if when_full == WhenFull::Refuse { 4000 } else { 0 });
        user.set("3", b"again").unwrap_or_else(|_| assert_eq!(when_full, WhenFull::Refuse));
    }
}

fn users_are_counted_and_who_keeps_order_is_not(memory: Make) {
    let engine = store_with(memory, &options(geometry(SEGMENT, 64, 2), WhenFull::Refuse));
    let user = User::of(&engine);
    let count = || user.who.stats().expect("sound").participants;
    let keeper = engine.join(1, NO_THREAD).expect("a seat");
    assert_eq!(count(), 1);
    let other = engine.join(1, 2).expect("a seat");
    assert_eq!(count(), 2);
    drop((keeper, other));
    assert_eq!(count(), 1);
}
