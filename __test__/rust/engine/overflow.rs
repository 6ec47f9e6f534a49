//! What is told to watchers although much is written, or somebody keeps the ring.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use shared_memory_store::contract::Change;
use shared_memory_store::engine::entry::Key;
use shared_memory_store::engine::fail_points::Point;
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::engine::watching::reader::{Reader, Told};

use crate::stores::{User, beside_at, store};

/// Changes of each kind since a reader looked.
fn counts(user: &User, reader: &mut Reader, wanted: Change) -> (usize, usize) {
    let (mut changes, mut overflows) = (0, 0);
    let mut take = |told: &Told<'_>| {
        changes += usize::from(told.change == wanted);
        overflows += usize::from(told.change == Change::Overflow);
    };
    while reader.read(user.who.engine(), &mut take).expect("sound") {}
    (changes, overflows)
}

#[test]
fn what_is_told_in_more_than_one_piece_is_told_whole_however_long_its_keys_are() {
    const CHANGES: usize = 700;
    for length in 1..=64 {
        let user = User::of(&store(16 * 1024, 64, 1, WhenFull::Refuse));
        user.who.begin_watching().expect("memory");
        let mut reader = Reader::of(user.who.engine());
        let key = "k".repeat(length);
        for _ in 0..CHANGES {
            user.set(&key, b"x").expect("room");
        }
        assert_eq!(counts(&user, &mut reader, Change::Set), (CHANGES, 0), "{length}");
    }
}

#[test]
fn who_keeps_the_ring_keeps_up_one_change_of_others_at_the_most() {
    let engine = store(16 * 1024, 64, 2, WhenFull::Refuse);
    let user = User::of(&engine);
    user.who.begin_watching().expect("memory");
    let shard = |name: &str| {
        let found = user.who.view(Key::narrow(name.as_bytes()), &user.clock, &mut []);
        found.expect("sound").map(|found| found.stripe & 1)
    };
    user.set("held", b"x").expect("room");
    let mut names: Vec<_> = (0..200).map(|n| n.to_string()).collect();
    for name in &names {
        user.set(name, b"x").expect("room");
    }
    names.retain(|name| shard(name) != shard("held"));
    assert!(names.len() > 10);
    let mut reader = Reader::of(&engine);
    let is_told = Arc::new(AtomicBool::new(false));
    let was_told = Arc::clone(&is_told);
    let deleting = move |other: &User| {
        assert!(names.iter().all(|name| other.delete(name)));
        assert!(!was_told.load(Ordering::SeqCst), "they did not wait");
    };
    let hold = || {
        user.set("held", b"y").expect("room");
        is_told.store(true, Ordering::SeqCst);
    };
    beside_at(Point::Told, &engine, deleting, hold);
    let (sets, overflows) = counts(&user, &mut reader, Change::Set);
    assert!(sets <= 1 && overflows > 0);
    // Nobody is kept up any more.
    assert!(user.delete("held"));
    assert_eq!(counts(&user, &mut reader, Change::Delete), (1, 0));
}

#[test]
fn who_is_about_to_sleep_hears_that_something_expires_sooner() {
    let user = User::of(&store(16 * 1024, 64, 1, WhenFull::Refuse));
    user.who.begin_watching().expect("memory");
    user.set_until("key", b"x", 1000).expect("room");
    let heard = user.who.engine().changes_bell();
    assert_eq!(user.who.touch(Key::narrow(b"key"), 10, &user.clock), Ok(true));
    assert_ne!(user.who.engine().changes_bell(), heard);
}
