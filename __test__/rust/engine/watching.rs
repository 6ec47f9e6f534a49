//! Changes that watchers are told of: all, in order, or an overflow; also after deaths.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use proptest::prelude::*;
use shared_memory_store::contract::Change;
use shared_memory_store::engine::entry::{Addition, Key, NEVER_US};
use shared_memory_store::engine::fail_points::{Point, arm, disarm, interrupt, seen};
use shared_memory_store::engine::store::{Engine, WhenFull};
use shared_memory_store::engine::watching::reader::{Reader, Told};
use shared_memory_store::engine::{Batch, START, Want};
use shared_memory_store::error::Error;

use crate::model::{Step, perform};
use crate::recovery::quiet;
use crate::stores::{User, store};
use crate::tags;

/// Keys that there are, as a watcher knows them.
#[derive(Debug, Default)]
struct Replay {
    keys: BTreeSet<String>,
    overflows: usize,
}

impl Replay {
    /// Reads what there is to read; after an overflow it looks at the store.
    fn go_on(&mut self, engine: &Engine, reader: &mut Reader, watcher: &User) {
        let (keys, overflows) = (&mut self.keys, &mut self.overflows);
        let mut take = |told: &Told<'_>| {
            let key = || String::from_utf8(told.key.to_vec()).expect("a key of the test");
            match told.change {
                Change::Set => drop(keys.insert(key())),
                Change::Delete | Change::Expire | Change::Evict => drop(keys.remove(&key())),
                Change::Clear => keys.clear(),
                Change::Overflow => {
                    *keys = listed(watcher);
                    *overflows += 1;
                }
                Change::Invalidate | Change::Message | Change::Purge => panic!("nobody did that"),
            }
        };
        while reader.read(engine, &mut take).expect("sound") {}
    }
}

fn listed(user: &User) -> BTreeSet<String> {
    let (mut batch, mut cursor, mut keys) = (Batch::default(), START, BTreeSet::new());
    loop {
        cursor = user.who.scan(cursor, 64, Want::Keys, &user.clock, &mut batch).expect("sound");
        for entry in batch.entries() {
            keys.insert(String::from_utf8(batch.key(entry).to_vec()).expect("a key of the test"));
        }
        if cursor == START {
            return keys;
        }
    }
}

fn all(engine: &Engine, reader: &mut Reader) -> Vec<(Change, String)> {
    let mut told = Vec::new();
    let mut take = |one: &Told<'_>| {
        told.push((one.change, String::from_utf8_lossy(one.key).into_owned()));
    };
    while reader.read(engine, &mut take).expect("sound") {}
    told
}

fn strings(told: &[(Change, String)]) -> Vec<(Change, &str)> {
    told.iter().map(|(change, key)| (*change, key.as_str())).collect()
}

#[test]
fn each_kind_of_change_is_told_in_order_by_whom() {
    let engine = store(16 * 1024, 16, 2, WhenFull::Refuse);
    let (watcher, user) = (User::of(&engine), User::of(&engine));
    user.set("before", b"x").expect("room");
    watcher.who.begin_watching().expect("memory");
    let mut reader = Reader::of(&engine);
    user.set("a", b"1").expect("room");
    user.set("a", b"longer than before").expect("room");
    user.add(Key::narrow(b"n"), &Addition::of(1.0, NEVER_US)).expect("a number");
    user.add(Key::narrow(b"n"), &Addition::of(1.0, NEVER_US)).expect("a number");
    assert!(user.delete("a"));
    assert!(!user.delete("a"));
    user.set_until("t", b"x", 10).expect("room");
    user.clock.0.set(20);
    assert_eq!(user.who.sweep_due(10, &user.clock), Ok(true));
    user.set(&"w".repeat(5000), &vec![1; 40_000]).expect("room for a large one");
    user.who.clear().expect("no other holds a lock");
    user.who.publish(Key::narrow(b"channel"), 9, b"message").expect("room");
    let long = "w".repeat(5000);
    assert_eq!(
        strings(&all(&engine, &mut reader)),
        [
            (Change::Set, "a"),
            (Change::Set, "a"),
            (Change::Set, "n"),
            (Change::Set, "n"),
            (Change::Delete, "a"),
            (Change::Set, "t"),
            (Change::Expire, "t"),
            (Change::Set, &long),
            (Change::Clear, ""),
            (Change::Message, "channel"),
        ]
    );
    watcher.set("mine", b"x").expect("room");
    user.who.publish(Key { bytes: b"c\0", wide: true, form: 0 }, 9, b"message").expect("room");
    let mut origins = Vec::new();
    let mut message = None;
    let read = reader.read(&engine, |told| {
        origins.push(told.origin);
        message = Some((told.wide, told.kind, told.value.to_vec()));
    });
    assert_eq!(read, Ok(true));
    assert_eq!(origins, [watcher.who.owner().word(), user.who.owner().word()]);
    assert_eq!(message, Some((true, 9, b"message".to_vec())));
}

/// Overwrites what has expired, among others that fill the store or alone.
fn overwrite_expired(when_full: WhenFull, others: usize, (length, deadline_us): (usize, u64)) {
    let engine = store(16 * 1024, 16, 1, when_full);
    let user = User::of(&engine);
    let others = (0..others).map(|other| format!("other {other}"));
    let full = others.map(|other| user.set_until(&other, &[7; 900], 10));
    assert!(full.take_while(Result::is_ok).count() < 1000);
    user.set_until("t", &[1; 300], 10).expect("less than there is left, or room is made");
    user.who.begin_watching().expect("memory");
    let mut reader = Reader::of(&engine);
    let before = user.who.stats().expect("sound");
    user.clock.0.set(10);
    user.set_until("t", &vec![2; length], deadline_us).expect("room of what has expired");
    user.who.sweep(1000, &user.clock).expect("sound");
    let told = all(&engine, &mut reader);
    let of_key = told.iter().filter(|(_, key)| key == "t").map(|(change, _)| *change);
    assert_eq!(of_key.collect::<Vec<_>>(), [Change::Expire, Change::Set]);
    let after = user.who.stats().expect("sound");
    assert_eq!(told.len() as u64, before.entries + 1);
    assert_eq!(after.expired - before.expired, before.entries);
    assert_eq!((after.entries, after.evicted), (1, before.evicted));
}

#[test]
fn what_has_expired_is_told_and_counted_once_also_where_it_is_overwritten() {
    for deadline_us in [NEVER_US, 1_000_000] {
        for when_full in [WhenFull::Refuse, WhenFull::Evict] {
            for length in [1, 300, 3000, 40_000] {
                overwrite_expired(when_full, 0, (length, deadline_us));
                overwrite_expired(when_full, 300, (length, deadline_us));
            }
        }
    }
}

#[test]
fn changes_are_found_by_tags_that_the_entry_has_or_had_until_then() {
    let engine = store(16 * 1024, 16, 2, WhenFull::Refuse);
    let user = User::of(&engine);
    user.who.begin_watching().expect("memory");
    let mut reader = Reader::of(&engine);
    let marks = ["one", "two"].map(|tag| {
        let units: Vec<u16> = tag.encode_utf16().collect();
        engine.tag_mark(&units)
    });
    let mut said = |act: &dyn Fn()| {
        act();
        let mut said = Vec::new();
        let mut take = |told: &Told<'_>| {
            said.push((told.change, marks.map(|mark| told.is_of_tag(mark))));
        };
        while reader.read(&engine, &mut take).expect("sound") {}
        said
    };
    let (set, neither) = (Change::Set, [false, false]);
    assert_eq!(said(&|| tags::set(&user, "a", b"1", &[])), [(set, neither)]);
    assert_eq!(said(&|| tags::set(&user, "a", b"1", &["one"])), [(set, [true, false])]);
    assert_eq!(said(&|| tags::set(&user, "a", b"1", &["two"])), [(set, [true, true])]);
    assert_eq!(said(&|| user.set("a", b"2").expect("room")), [(set, [false, true])]);
    assert_eq!(said(&|| assert!(user.delete("a"))), [(Change::Delete, neither)]);
    let large = vec![1; 40_000];
    assert_eq!(said(&|| tags::set(&user, "a", &large, &["one"])), [(set, [true, false])]);
    assert_eq!(said(&|| assert!(user.delete("a"))), [(Change::Delete, [true, false])]);
    tags::set(&user, "a", b"1", &["one", "two"]);
    tags::set(&user, "b", b"1", &["one"]);
    let invalidated = said(&|| tags::invalidate(&user, "one"));
    assert_eq!(invalidated.last(), Some(&(Change::Invalidate, neither)));
    // Of the one that is alone nobody else is to know.
    assert_eq!(said(&|| tags::purge(&user)), [(Change::Purge, [false, true])]);
}

#[test]
fn who_is_told_that_all_is_gone_finds_nothing_that_was_there_before() {
    let engine = store(16 * 1024, 64, 8, WhenFull::Refuse);
    let (watcher, user) = (Rc::new(User::of(&engine)), User::of(&engine));
    watcher.who.begin_watching().expect("memory");
    for key in 0..100 {
        user.set(&format!("key {key}"), b"x").expect("room");
    }
    let (mut reader, beside) = (Reader::of(&engine), Arc::clone(&engine));
    let mut looks = 0;
    interrupt(Some(Box::new(move |_| {
        looks += 1;
        if !all(&beside, &mut reader).is_empty() {
            assert_eq!(listed(&watcher), BTreeSet::new());
        }
        assert!(looks < 10_000);
    })));
    let cleared = user.who.clear();
    interrupt(None);
    assert_eq!(cleared, Ok(()));
}

#[test]
fn who_begins_to_watch_in_the_midst_of_a_clear_learns_of_the_rest() {
    for _ in 0..300 {
        let engine = store(16 * 1024, 64, 8, WhenFull::Refuse);
        let user = User::of(&engine);
        for key in 0..200 {
            user.set(&format!("key {key}"), b"x").expect("room");
        }
        let watched = thread::scope(|scope| {
            let beside = scope.spawn(|| {
                let watcher = User::of(&engine);
                watcher.who.begin_watching().expect("memory");
                let reader = Reader::of(&engine);
                let keys = listed(&watcher);
                (watcher.who, reader, keys)
            });
            user.who.clear().expect("no other holds a lock for long");
            beside.join().expect("no panic")
        });
        let (_watcher, mut reader, keys) = watched;
        let mut replay = Replay { keys, overflows: 0 };
        replay.go_on(&engine, &mut reader, &user);
        assert_eq!(replay.keys, BTreeSet::new());
    }
}

#[test]
fn nothing_is_written_down_while_nobody_watches_nor_for_the_dead() {
    let engine = store(16 * 1024, 16, 2, WhenFull::Refuse);
    let (watcher, user) = (User::of(&engine), User::of(&engine));
    watcher.who.begin_watching().expect("memory");
    watcher.who.end_watching();
    let mut reader = Reader::of(&engine);
    user.set("a", b"1").expect("room");
    assert_eq!(all(&engine, &mut reader), []);
    watcher.who.begin_watching().expect("memory");
    user.set("a", b"2").expect("room");
    assert_eq!(all(&engine, &mut reader).len(), 1);
    // It leaves without a word.
    drop(watcher);
    user.who.sweep(100, &user.clock).expect("sound");
    user.set("a", b"3").expect("room");
    assert_eq!(all(&engine, &mut reader), []);
    // Whoever gets its place does not watch.
    let other = User::of(&engine);
    user.who.begin_watching().expect("memory");
    user.who.end_watching();
    user.set("a", b"4").expect("room");
    assert_eq!(all(&engine, &mut reader), []);
    drop(other);
}

#[test]
fn evicted_entries_are_told() {
    let engine = store(16 * 1024, 16, 1, WhenFull::Evict);
    let (watcher, user) = (User::of(&engine), User::of(&engine));
    watcher.who.begin_watching().expect("memory");
    let (mut reader, mut replay) = (Reader::of(&engine), Replay::default());
    for key in 0..1000 {
        user.set(&format!("key {key}"), &[7; 900]).expect("evicts");
        replay.go_on(&engine, &mut reader, &watcher);
    }
    assert_eq!(replay.overflows, 0);
    assert_eq!(replay.keys, listed(&watcher));
    assert!(replay.keys.len() < 500);
}

#[test]
fn reader_that_is_overtaken_is_told_of_an_overflow_and_goes_on() {
    let engine = store(16 * 1024, 16, 1, WhenFull::Refuse);
    let user = User::of(&engine);
    user.who.begin_watching().expect("memory");
    let mut reader = Reader::of(&engine);
    let most = engine.message_bytes_max();
    let publish = |bytes: usize| user.who.publish(Key::narrow(b""), 9, &vec![1; bytes]);
    assert_eq!(publish(most + 1), Err(Error::OutOfRange));
    for _ in 0..5 {
        publish(most).expect("no longer than that");
    }
    assert_eq!(strings(&all(&engine, &mut reader)), [(Change::Overflow, "")]);
    publish(most).expect("no longer than that");
    user.set("a", b"1").expect("room");
    assert_eq!(strings(&all(&engine, &mut reader)), [(Change::Message, ""), (Change::Set, "a")]);
}

#[test]
fn reader_beside_writers_sees_every_message_in_order_or_an_overflow() {
    const MESSAGES: u64 = 30_000;
    let engine = store(16 * 1024, 32, 4, WhenFull::Refuse);
    let watcher = User::of(&engine);
    watcher.who.begin_watching().expect("memory");
    let mut reader = Reader::of(&engine);
    let left = AtomicUsize::new(2);
    let write = |number: u8| {
        let user = User::of(&engine);
        for message in 0..MESSAGES {
            let bytes = message.to_le_bytes().repeat(1 + usize::from(message % 7 == 0) * 9);
            user.who.publish(Key::narrow(&[number]), 9, &bytes).expect("room");
        }
        left.fetch_sub(1, Ordering::Release);
    };
    let (mut next, mut overflows) = ([0; 2], 0);
    thread::scope(|scope| {
        scope.spawn(|| write(0));
        scope.spawn(|| write(1));
        loop {
            let was_done = left.load(Ordering::Acquire) == 0;
            let has_read = reader.read(&engine, |told| {
                if told.change == Change::Overflow {
                    overflows += 1;
                    return;
                }
                let words = told.value.as_chunks::<8>().0;
                let message = u64::from_le_bytes(words[0]);
                assert!(words.iter().all(|word| *word == words[0]), "torn");
                let expected = &mut next[usize::from(told.key[0])];
                assert!(message == *expected || (overflows > 0 && message > *expected));
                *expected = message + 1;
            });
            if !has_read.expect("sound") && was_done {
                break;
            }
        }
    });
    assert!(overflows > 0 || next == [MESSAGES; 2], "{next:?}");
}

/// Runs steps with a death at the nth point; `false`: there were not so many.
fn dies_at(points: u64, when_full: WhenFull, before: &[Step], steps: &[Step]) -> bool {
    let engine = store(16 * 1024, 16, 2, when_full);
    let watcher = User::of(&engine);
    let mut user = User::of(&engine);
    for step in before {
        perform(&user, *step).expect("room");
    }
    watcher.who.begin_watching().expect("memory");
    let mut reader = Reader::of(&engine);
    let mut replay = Replay { keys: listed(&watcher), overflows: 0 };
    arm(points);
    let mut has_died = false;
    for step in steps {
        while catch_unwind(AssertUnwindSafe(|| perform(&user, *step))).is_err() {
            has_died = true;
            let now_us = user.clock.0.get();
            user = User::of(&engine);
            user.clock.0.set(now_us);
        }
        watcher.clock.0.set(user.clock.0.get());
        replay.go_on(&engine, &mut reader, &watcher);
    }
    disarm();
    // Whoever sweeps takes every lock of the dead.
    user.who.sweep(1000, &user.clock).expect("sound");
    replay.go_on(&engine, &mut reader, &watcher);
    assert_eq!(replay.keys, listed(&watcher), "died at point {points}");
    has_died
}

#[test]
fn death_anywhere_leaves_a_watcher_that_knows_all_or_knows_that_it_has_to_look() {
    quiet();
    let set = |key, length| Step::Set { key, seed: 1, length, ttl_us: None };
    let timed = |key| Step::Set { key, seed: 1, length: 300, ttl_us: Some(100) };
    let before: Vec<_> = (0..20).map(|key| set(key, 300)).collect();
    let steps = [
        set(100, 50),
        set(100, 60),
        Step::Delete { key: 3 },
        Step::Take { key: 4 },
        Step::Increment { key: 0, by: 3 },
        timed(7),
        timed(30),
        set(8, 40_000),
        Step::Wait { us: 200 },
        timed(7),
        Step::Sweep,
        Step::Clear,
        set(5, 10),
    ];
    let mut points = 0;
    while dies_at(points, WhenFull::Refuse, &before, &steps) {
        points += 1;
    }
    let seen = seen();
    for point in [Point::Telling, Point::Told, Point::ClearOpened] {
        assert!(seen.contains(&point), "{point:?}");
    }
    let crowd: Vec<_> = (0..150).map(|key| set(key, 900)).collect();
    let steps: Vec<_> = (150..190).map(|key| set(key, 900)).collect();
    for points in (0..).step_by(13) {
        if !dies_at(points, WhenFull::Evict, &crowd, &steps) {
            break;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn replay_of_any_changes_is_the_store(
        steps in prop::collection::vec(step(), 1..120),
        evicts in any::<bool>(),
        stride in 1_usize..40,
    ) {
        let when_full = if evicts { WhenFull::Evict } else { WhenFull::Refuse };
        let engine = store(16 * 1024, 16, 2, when_full);
        let (watcher, user) = (User::of(&engine), User::of(&engine));
        watcher.who.begin_watching().expect("memory");
        let (mut reader, mut replay) = (Reader::of(&engine), Replay::default());
        for (index, step) in steps.iter().enumerate() {
            // Without room nothing happens, and nothing is told.
            let _ = perform(&user, *step);
            if index % stride == 0 {
                watcher.clock.0.set(user.clock.0.get());
                replay.go_on(&engine, &mut reader, &watcher);
            }
        }
        user.who.sweep(1000, &user.clock).expect("sound");
        watcher.clock.0.set(user.clock.0.get());
        replay.go_on(&engine, &mut reader, &watcher);
        prop_assert_eq!(replay.keys, listed(&watcher));
    }
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0_u16..60;
    prop_oneof![
        6 => (key.clone(), any::<u64>(), 0_usize..1500, prop::option::of(1_u64..100)).prop_map(
            |(key, seed, length, ttl_us)| Step::Set { key, seed, length, ttl_us }
        ),
        2 => key.clone().prop_map(|key| Step::Delete { key }),
        1 => key.clone().prop_map(|key| Step::Take { key }),
        1 => (key.clone(), 1_u64..100).prop_map(|(key, ttl_us)| Step::Touch { key, ttl_us }),
        1 => (key, 1_u8..9).prop_map(|(key, by)| Step::Increment { key, by }),
        1 => (1_u64..60).prop_map(|us| Step::Wait { us }),
        1 => Just(Step::Sweep),
        1 => Just(Step::Clear),
    ]
}
