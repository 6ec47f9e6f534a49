//! Pages that are not to be had, and pages that others stand in for.

use std::sync::Arc;

use shared_memory_store::engine::entry::{Absent, Addition, Key, NEVER_US};
use shared_memory_store::engine::fail_points::{Point, interrupt};
use shared_memory_store::engine::store::{Engine, WhenFull};
use shared_memory_store::engine::{Batch, START, Threads, Want};
use shared_memory_store::error::Error;
use shared_memory_store::region::region::Region;

use crate::memories::{Counted, Lossy};
use crate::stores::{User, geometry, options, pattern, store_with};
use crate::tags;

/// A value by which one sees whose it is.
fn value_of(key: u64) -> Vec<u8> {
    pattern(key, 20)
}

#[test]
fn entries_can_be_replaced_and_deleted_when_no_more_pages_are_to_be_had() {
    for when_full in [WhenFull::Refuse, WhenFull::Evict] {
        let geometry = geometry(64 * 1024, 64, 1);
        let user = User::of(&store_with(Counted::reserve, &options(geometry, when_full)));
        for key in 0..1000 {
            user.set(&format!("{key}"), &pattern(key, 500)).expect("room");
        }
        Counted::refuse_more(|| {
            for round in 0..5000 {
                let (key, value) = (format!("{}", round * 7 % 1000), pattern(round, 500));
                user.set(&key, &value).expect("an overwrite of the same size");
                assert_eq!(user.get(&key), Some(value));
            }
            for key in 0..1000 {
                let was_there = user.delete(&format!("{key}"));
                assert!(was_there || when_full == WhenFull::Evict);
            }
        });
        user.who.audit().expect("everything agrees");
    }
}

#[test]
fn nothing_is_found_and_deleted_in_a_new_store_when_no_more_pages_are_to_be_had() {
    let geometry = geometry(64 * 1024, 64, 1);
    let user = User::of(&store_with(Counted::reserve, &options(geometry, WhenFull::Refuse)));
    let (key, clock) = (Key::narrow(b"key"), &user.clock);
    Counted::refuse_more(|| {
        assert_eq!(user.set("key", b"value"), Err(Error::Full));
        assert!(!user.delete("key"));
        assert_eq!(user.who.touch(key, 5, clock), Ok(false));
        assert_eq!(user.who.refresh(key, 5, clock), Ok(false));
        assert_eq!(user.who.tags(key, clock, &mut Vec::new()), Ok(None));
        assert_eq!(user.who.take(key, clock, None), Ok(None));
        assert_eq!((user.get("key"), user.len()), (None, 0));
    });
    user.set("key", b"value").expect("room");
}

/// A store in pages that can be lost, and where the first group of its index is.
fn lossy() -> (Lossy, Arc<Engine>, usize) {
    const SEGMENT: usize = 16 * 1024;
    let geometry = geometry(16 * 1024, 64, 1);
    let bytes = Region::bytes_of(geometry).expect("sound");
    let memory = Lossy::reserve(bytes);
    let options = options(geometry, WhenFull::Refuse);
    let engine = Engine::create(Box::new(memory.clone()), &options, Box::new(Threads));
    (memory, engine.expect("a store"), bytes - 63 * SEGMENT)
}

#[test]
fn pages_that_are_lost_while_one_waits_for_a_lock_are_back_before_it_is_used() {
    let (memory, engine, group) = lossy();
    let user = User::of(&engine);
    for key in 0..300 {
        user.set(&format!("{key}"), &value_of(key)).expect("room");
    }
    let mut is_lost = false;
    interrupt(Some(Box::new(move |point| {
        // Another thread of this process has looked there, when it was not real.
        if point == Point::Locked && !std::mem::replace(&mut is_lost, true) {
            memory.lose(group);
        }
    })));
    let was_there = user.who.delete(Key::narrow(b"0"), &user.clock);
    interrupt(None);
    user.who.audit().expect("everything agrees");
    assert_eq!(was_there, Ok(true));
    for key in 1..300 {
        assert_eq!(user.get(&format!("{key}")), Some(value_of(key)), "{key}");
    }
}

#[test]
fn what_is_written_when_pages_are_lost_is_not_written_twice() {
    let (memory, engine, group) = lossy();
    let user = User::of(&engine);
    // What is invalidated is room for what found none.
    tags::set(&user, "tagged", b"x", &["x"]);
    tags::invalidate(&user, "x");
    let addition = Addition {
        by: 1.0,
        bounds: (f64::NEG_INFINITY, f64::INFINITY),
        absent: Absent::Made(NEVER_US),
    };
    let key = Key::narrow(b"number");
    let mut is_lost = false;
    interrupt(Some(Box::new(move |point| {
        if point == Point::StripeClosed && !std::mem::replace(&mut is_lost, true) {
            memory.lose(group);
        }
    })));
    let added = user.add(key, &addition);
    interrupt(None);
    assert_eq!(added, Err(Error::Full));
    assert_eq!(user.add(key, &addition), Ok(2.0), "once before");
}

#[test]
fn walk_lists_what_is_in_a_page_that_was_lost_before() {
    let (memory, engine, group) = lossy();
    let user = User::of(&engine);
    for key in 0..300 {
        user.set(&format!("{key}"), &value_of(key)).expect("room");
    }
    memory.lose(group);
    let mut batch = Batch::default();
    let end = user.who.scan(START, 1000, Want::Keys, &user.clock, &mut batch).expect("sound");
    assert_eq!((end, batch.entries().len()), (START, 300));
}
