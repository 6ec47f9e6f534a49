//! An observer sees everything, changes no byte, and waits for nobody.

use std::cell::{Cell, RefCell};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use shared_memory_store::engine::entry::{Addition, Key, NEVER_US, Value};
use shared_memory_store::engine::fail_points::{Point, interrupt};
use shared_memory_store::engine::observer::{Observer, StoreLock};
use shared_memory_store::engine::participant::Participant;
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::engine::{Batch, Claim, ClaimTable, START, Want};
use shared_memory_store::error::Error;
use shared_memory_store::platform::clock::{Clock, Monotonic};
use shared_memory_store::region::layout::Geometry;
use shared_memory_store::registry::observed::observe;
use shared_memory_store::registry::stores::Opened;

use crate::folder::{Folder, KIND, has, set, store_name};

const LARGE: usize = 100_000;
/// Where a name says how many units it has.
const NAME: u64 = 1024;

/// A store with a little of everything: entries, a large one, a number, claims, a blob.
fn filled(folder: &Folder) -> Opened {
    let opened = folder.open().expect("a store");
    let who = opened.participant();
    for number in 0..500 {
        set(&opened, &format!("key {number}"), NEVER_US).expect("room");
    }
    set(&opened, "expired", 1).expect("room");
    let large = vec![9; LARGE];
    let large = Value::permanent(KIND, &large);
    who.set(Key::narrow(b"large"), &large, &Monotonic).expect("room");
    who.add(Key::narrow(b"number"), &Addition::of(2.5, NEVER_US), &Monotonic).expect("room");
    assert_eq!(who.lock_key(Key::narrow(b"key 1"), 0, &Monotonic), Ok(Claim::Won));
    assert_eq!(who.lock_key(Key::narrow(b"key 1"), 0, &Monotonic), Ok(Claim::Own));
    who.claim_load(Key::narrow(b"key 2")).expect("room");
    assert_eq!(who.replace_schema(0, b"structures"), Ok(true));
    opened
}

fn value(observer: &Observer, key: &str) -> Result<Option<Vec<u8>>, Error> {
    let mut into = vec![0; LARGE];
    let found = observer.get(Key::narrow(key.as_bytes()), &Monotonic, &mut into)?;
    Ok(found.map(|found| into[..found.length].to_vec()))
}

/// All entries, with their values.
fn listed(observer: &Observer, clock: &impl Clock) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let (mut all, mut batch, mut cursor) = (Vec::new(), Batch::default(), START);
    loop {
        cursor = observer.scan(cursor, 50, Want::Values, clock, &mut batch)?;
        for entry in batch.entries() {
            let key = String::from_utf8(batch.key(entry).to_vec()).expect("our own");
            all.push((key, batch.value(entry).to_vec()));
        }
        if cursor == START {
            return Ok(all);
        }
    }
}

/// Looks at all there is.
fn look_at_all(observer: &Observer) -> Result<(), Error> {
    observer.facts()?;
    observer.stats()?;
    observer.participants()?;
    observer.claims()?;
    observer.locks()?;
    observer.schema(&mut Vec::new())?;
    listed(observer, &Monotonic)?;
    value(observer, "key 7").map(drop)
}

/// A copy of a store, which nobody uses.
fn copy(folder: &Folder) -> PathBuf {
    let copy = folder.0.join("copy");
    fs::copy(folder.file(), &copy).expect("a copy");
    copy
}

fn assert_complete(observer: &Observer, participant: &Participant) {
    let facts = observer.facts().expect("sound");
    assert_eq!(facts.name, store_name());
    assert_eq!(facts.geometry, Geometry::for_bytes(1 << 20).expect("a size"));
    assert_eq!((facts.max_bytes, facts.max_entries), (1 << 20, 0));
    assert_eq!((facts.when_full, facts.closed_at), (WhenFull::Refuse, None));
    assert_eq!(facts.boot_id, participant.engine().boot_id());
    assert!(facts.used_segments > u64::from(facts.free_segments));
    assert_eq!(value(observer, "key 7"), Ok(Some(b"key 7".to_vec())));
    assert_eq!(value(observer, "large"), Ok(Some(vec![9; LARGE])));
    assert_eq!(value(observer, "number"), Ok(Some(2.5_f64.to_le_bytes().to_vec())));
    assert_eq!((value(observer, "expired"), value(observer, "none")), (Ok(None), Ok(None)));
    let all = listed(observer, &Monotonic).expect("sound");
    assert_eq!(all.len(), 502);
    assert!(all.iter().all(|(key, value)| !key.starts_with("key") || key.as_bytes() == value));
    let mut blob = Vec::new();
    assert_eq!((observer.schema(&mut blob), &blob[..]), (Ok(1), &b"structures"[..]));
}

#[test]
fn observer_sees_what_those_see_who_take_part() {
    let folder = Folder::new();
    let opened = filled(&folder);
    let observer = observe(&folder.file()).expect("a store");
    let me = opened.participant();
    assert_complete(&observer, me);
    let [seated] = observer.participants().expect("sound")[..] else { panic!("one is there") };
    assert_eq!((seated.owner, seated.process), (me.owner(), std::process::id()));
    assert!(seated.is_alive && seated.is_user && seated.since_us > 0);
    assert_eq!((seated.sets, seated.deletes), (503, 0));
    let claims = observer.claims().expect("sound");
    let hash = |key: &str| observer.hash(Key::narrow(key.as_bytes()));
    let seen: Vec<_> = claims.iter().map(|it| (it.table, it.hash, it.depth)).collect();
    let made = [(ClaimTable::Locks, hash("key 1"), 2), (ClaimTable::Loads, hash("key 2"), 1)];
    assert_eq!(seen, made);
    assert!(claims.iter().all(|claim| claim.owner == me.owner() && claim.is_alive));
    // Its looks are nobody's: the numbers of the store are as before.
    let stats = observer.stats().expect("sound");
    assert_eq!(Ok(stats), me.stats());
    assert_eq!((stats.hits, stats.misses, stats.participants), (0, 0, 1));
}

#[test]
fn entry_is_found_by_the_hash_of_its_key_and_segments_add_up() {
    let folder = Folder::new();
    let opened = filled(&folder);
    let observer = observe(&folder.file()).expect("a store");
    let mut batch = Batch::default();
    let mut named = |key: &str| {
        let hash = observer.hash(Key::narrow(key.as_bytes()));
        observer.list_hash(hash, Want::Tags, &Monotonic, &mut batch).expect("sound");
        batch.entries().iter().map(|it| batch.key(it).to_vec()).collect::<Vec<_>>()
    };
    for number in 0..500 {
        let key = format!("key {number}");
        assert_eq!(named(&key), [key.as_bytes()]);
    }
    assert_eq!(named("large"), [b"large"]);
    assert!(named("none").is_empty() && named("expired").is_empty());
    let segments = observer.segments(0, u32::MAX).expect("sound");
    let live: u64 = segments.iter().filter(|it| it.role < 3).map(|it| it.live_bytes).sum();
    assert_eq!(live, observer.stats().expect("sound").data_bytes);
    assert_eq!(segments[3..5], observer.segments(3, 2).expect("sound")[..]);
    drop(opened);
}

#[test]
fn no_byte_of_a_store_changes_whose_users_were_killed() {
    let folder = Folder::new();
    let opened = filled(&folder);
    let path = copy(&folder);
    let state = |path: &Path| {
        let metadata = fs::metadata(path).expect("the file");
        let times = (metadata.mtime(), metadata.mtime_nsec(), metadata.blocks());
        (times, fs::read(path).expect("the file"))
    };
    let before = state(&path);
    let observer = observe(&path).expect("a store");
    assert_complete(&observer, opened.participant());
    look_at_all(&observer).expect("sound");
    let [seated] = observer.participants().expect("sound")[..] else { panic!("one was there") };
    assert!(!seated.is_alive && seated.is_user);
    assert!(observer.claims().expect("sound").iter().all(|claim| !claim.is_alive));
    assert_eq!(observer.stats().expect("sound").participants, 0);
    drop(observer);
    assert!(state(&path) == before, "something has changed");
}

#[test]
fn writer_that_stands_still_keeps_no_observer_waiting() {
    let folder = Folder::new();
    let opened = filled(&folder);
    let observer = observe(&folder.file()).expect("a store");
    let me = opened.participant().owner();
    let looks = Rc::new(Cell::new(0));
    let seen = Rc::clone(&looks);
    interrupt(Some(Box::new(move |point| {
        // Its thread is this one: whoever waited for it would wait for ever.
        look_at_all(&observer).expect("sound");
        let held = observer.locks().expect("sound");
        assert!(held.iter().any(|held| held.owner == Some(me) && held.is_alive), "{point:?}");
        if point == Point::StripeOpen {
            assert!(held.iter().any(|held| matches!(held.lock, StoreLock::Shard(_))));
            assert_eq!(value(&observer, "key 3"), Ok(Some(b"key 3".to_vec())));
        }
        if point == Point::StripeChanged {
            assert_eq!(value(&observer, "key 3"), Ok(Some(b"new".to_vec())));
        }
        seen.set(seen.get() + 1);
    })));
    let new = Value::permanent(KIND, b"new");
    opened.participant().set(Key::narrow(b"key 3"), &new, &Monotonic).expect("room");
    interrupt(None);
    assert!(looks.get() > 5);
}

/// The locks that are held while `act` runs, by whoever does it.
fn held_during(
    opened: &Opened,
    observer: Observer,
    act: impl FnOnce(&Participant),
) -> Vec<StoreLock> {
    let who = opened.participant();
    let me = who.owner();
    let all = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&all);
    interrupt(Some(Box::new(move |_| {
        let held = observer.locks().expect("sound").into_iter();
        seen.borrow_mut().extend(held.filter(|it| it.owner == Some(me)).map(|it| it.lock));
    })));
    act(who);
    interrupt(None);
    all.take()
}

#[test]
fn each_lock_of_the_store_is_seen_while_it_is_held() {
    let folder = Folder::new();
    let opened = filled(&folder);
    opened.participant().begin_watching().expect("room");
    let observe = || observe(&folder.file()).expect("a store");
    let held = held_during(&opened, observe(), |who| {
        let new = Value::permanent(KIND, b"new");
        who.set(Key::narrow(b"key 3"), &new, &Monotonic).expect("room");
    });
    assert!(held.iter().any(|lock| matches!(lock, StoreLock::Shard(_))), "{held:?}");
    assert!(held.contains(&StoreLock::Changes), "{held:?}");
    let held = held_during(&opened, observe(), |who| who.invalidate_tags(&[1, 116]).expect("room"));
    assert!(held.contains(&StoreLock::Tags), "{held:?}");
    let held = held_during(&opened, observe(), |who| {
        assert_eq!(who.replace_schema(1, b"other"), Ok(true));
    });
    assert!(held.contains(&StoreLock::Schema), "{held:?}");
    let held = held_during(&opened, observe(), |who| {
        assert_eq!(who.lock_key(Key::narrow(b"key 4"), 0, &Monotonic), Ok(Claim::Won));
        assert_eq!(who.claim_load(Key::narrow(b"key 5")), Ok(Claim::Won));
    });
    for table in [ClaimTable::Locks, ClaimTable::Loads] {
        assert!(held.contains(&StoreLock::Claims(table)), "{held:?}");
    }
    let held = held_during(&opened, observe(), |who| {
        let large = vec![9; LARGE];
        let large = Value::permanent(KIND, &large);
        who.set(Key::narrow(b"another"), &large, &Monotonic).expect("room");
    });
    assert!(held.contains(&StoreLock::Pool), "{held:?}");
}

#[test]
fn those_who_come_and_go_do_not_see_an_observer() {
    let folder = Folder::new();
    let opened = filled(&folder);
    let observer = observe(&folder.file()).expect("a store");
    assert_eq!(observer.facts().expect("sound").closed_at, None);
    // The last one leaves it whole, which takes the file for itself alone.
    drop(opened);
    assert!(observer.facts().expect("sound").closed_at.is_some());
    assert_eq!(observer.participants(), Ok(Vec::new()));
    let again = folder.open().expect("a store");
    assert!(has(&again, "key 7"));
    assert_eq!(again.clear_if_alone(), Ok(true));
    assert_eq!(listed(&observer, &Monotonic), Ok(Vec::new()));
    assert_eq!(again.remove_name(), Ok(true));
    assert_eq!(observe(&folder.file()).err(), Some(Error::System(2)));
    look_at_all(&observer).expect("what it looks at is still there");
}

#[test]
fn expired_entries_are_there_for_whom_no_time_passes() {
    struct Never;
    impl Clock for Never {
        fn now_us(&self) -> u64 {
            0
        }
    }
    let folder = Folder::new();
    let _opened = filled(&folder);
    let observer = observe(&copy(&folder)).expect("a store");
    let all = listed(&observer, &Never).expect("sound");
    assert!(all.iter().any(|(key, _)| key == "expired"));
}

#[test]
fn what_is_no_store_is_refused() {
    let folder = Folder::new();
    drop(filled(&folder));
    let path = folder.0.join("other");
    assert_eq!(observe(&path).err(), Some(Error::System(2)));
    for bytes in [0, 1, 4095, 4096, 1 << 20] {
        fs::write(&path, vec![0x53; bytes]).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("our own");
        assert_eq!(observe(&path).err(), Some(Error::Corrupted), "{bytes} bytes");
    }
    let file = OpenOptions::new().write(true).open(&path).expect("our own");
    file.set_len(1 << 40).expect("a sparse file");
    assert_eq!(observe(&path).err(), Some(Error::Corrupted));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("our own");
    assert_eq!(observe(&path).err(), Some(Error::Forbidden));
    fs::remove_file(&path).expect("our own");
    symlink(folder.file(), &path).expect("a link");
    assert_eq!(observe(&path).err(), Some(Error::Forbidden));
    assert_eq!(observe(&folder.0).err(), Some(Error::Forbidden));
}

#[test]
fn damage_is_an_error_and_nothing_else() {
    let folder = Folder::new();
    drop(filled(&folder));
    let path = copy(&folder);
    let file = OpenOptions::new().write(true).open(&path).expect("our own");
    let observer = observe(&path).expect("a store");
    std::os::unix::fs::FileExt::write_all_at(&file, &256_u16.to_le_bytes(), NAME).expect("a file");
    assert_eq!(observer.facts().err(), Some(Error::Corrupted));
    // Somebody makes it shorter while it is looked at.
    file.set_len(4096).expect("our own");
    assert_eq!(observer.stats().err(), Some(Error::Corrupted));
    assert_eq!(value(&observer, "key 7").err(), Some(Error::Corrupted));
    assert_eq!(listed(&observer, &Monotonic).err(), Some(Error::Corrupted));
    assert_eq!(observe(&path).err(), Some(Error::Corrupted));
}
