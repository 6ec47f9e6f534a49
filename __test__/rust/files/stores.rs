//! Stores in files: opened, left, taken over from another boot, damaged, removed.
//!
//! A path that is spelled otherwise is another open file: to the kernel, another process.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use shared_memory_store::engine::entry::{Key, NEVER_US, Value};
use shared_memory_store::engine::fail_points::{arm, disarm};
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::engine::{Batch, Claim, NO_THREAD, START, Want};
use shared_memory_store::error::Error;
use shared_memory_store::platform::byte_lock::{self, Hold};
use shared_memory_store::platform::clock::{Clock, Monotonic};
use shared_memory_store::registry::stores::{Mismatch, OpenError, Opened, Wanted, open};

use crate::folder::{Folder, KIND, WANTED, has, place, set};

const MINUTE_US: u64 = 60_000_000;
/// Where the file says which boot it is of, that it was left clean, and when by the wall's clock.
const BOOT_ID: u64 = 32;
const CLOCK_OFFSET: u64 = 48;
const IS_CLEAN: u64 = 152;
const LEFT_AT_WALL: u64 = 168;
/// The byte that everybody holds who has a file open.
const EVERYBODY: u32 = 256;

#[test]
fn everybody_who_opens_the_place_has_the_same_store() {
    let folder = Folder::new();
    let (first, other) = (folder.open().expect("built"), folder.open_as_other().expect("found"));
    set(&first, "a", NEVER_US).expect("room");
    assert!(has(&other, "a"));
    assert_eq!((first.clear_if_alone(), other.clear_if_alone()), (Ok(false), Ok(false)));
    drop(other);
    let again = folder.open().expect("joined");
    assert_eq!(first.clear_if_alone(), Ok(false));
    drop(again);
    assert!(has(&first, "a"));
    assert_eq!(first.clear_if_alone(), Ok(true));
    assert!(!has(&first, "a"));
    assert_eq!(folder.files(), 1, "nothing is left of the building");
}

#[test]
fn who_only_keeps_a_store_in_order_takes_nobody_s_place() {
    let folder = Folder::new();
    let mut all: Vec<_> = (0..255).map(|_| folder.open().expect("a place")).collect();
    let engine = Arc::clone(all[0].engine());
    std::thread::scope(|threads| {
        let (say, hear) = std::sync::mpsc::channel();
        threads.spawn(move || {
            // The sweeper may have the place for now.
            let keeper = loop {
                match engine.join(std::process::id(), NO_THREAD) {
                    Ok(keeper) => break keeper,
                    Err(error) => assert_eq!(error, Error::Crowded),
                }
            };
            say.send(()).expect("heard");
            std::thread::sleep(std::time::Duration::from_millis(50));
            drop(keeper);
        });
        hear.recv().expect("said");
        all.push(folder.open().expect("the keeper's place, once that has left"));
    });
    let refused = folder.open().err();
    assert_eq!(refused, Some(OpenError::Failed(Error::Participants)));
    all.pop();
    folder.open().expect("a place again");
}

#[test]
fn next_one_finds_what_the_last_one_left() {
    let folder = Folder::new();
    for round in 0..20 {
        let opened = folder.open().expect("a store");
        assert_eq!(opened.participant().len(&Monotonic), Ok(round));
        set(&opened, &round.to_string(), NEVER_US).expect("room");
        assert_eq!(opened.participant().audit(), Ok(()));
    }
}

#[test]
fn schema_may_be_empty_wherever_its_copy_begins() {
    let folder = Folder::new();
    let opened = folder.open().expect("a store");
    let who = opened.participant();
    for version in 0..4 {
        let bytes = vec![7; usize::from(version > 1)];
        assert_eq!(who.replace_schema(version, &bytes), Ok(true));
        let mut read = vec![1, 2, 3];
        assert_eq!((who.schema(&mut read), read), (Ok(version + 1), bytes));
    }
}

#[test]
fn other_options_are_refused() {
    let folder = Folder::new();
    let opened = folder.open().expect("a store");
    let others = [
        Wanted { max_bytes: Some(1 << 21), ..Wanted::default() },
        Wanted { max_entries: Some(5), ..Wanted::default() },
        Wanted { when_full: Some(WhenFull::Evict), ..Wanted::default() },
    ];
    let mismatches = || others.map(|other| open(&place(folder.file()), other).err());
    let had = [
        Mismatch::MaxBytes(opened.engine().max_bytes()),
        Mismatch::MaxEntries(0),
        Mismatch::WhenFull(WhenFull::Refuse),
    ];
    let refused = had.map(|had| Some(OpenError::Mismatch(had)));
    assert_eq!(mismatches(), refused);
    assert_eq!(others.map(|other| opened.mismatch(other)), had.map(Some));
    assert_eq!(opened.mismatch(Wanted::default()), None);
    drop(opened);
    assert_eq!(mismatches(), refused);
    assert!(open(&place(folder.file()), Wanted::default()).is_ok());
}

#[test]
fn places_of_others_are_not_taken() {
    let folder = Folder::new();
    let (first, other) = (folder.open().expect("built"), folder.open_as_other().expect("found"));
    let again = folder.open().expect("joined");
    let places: Vec<u32> =
        [&first, &other, &again].map(|opened| opened.participant().owner().client_slot()).into();
    assert_eq!(places.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "{places:?}");
    let key = Key::narrow(b"key");
    assert_eq!(first.participant().lock_key(key, 0, &Monotonic), Ok(Claim::Won));
    assert!(other.participant().is_locked_by_others(key));
    assert!(again.participant().is_locked_by_others(key));
    drop(first);
    assert!(!other.participant().is_locked_by_others(key));
}

#[test]
fn store_of_another_boot_that_was_left_clean_is_taken_over() {
    let folder = Folder::new();
    let opened = folder.open().expect("a store");
    let now_us = Monotonic.now_us();
    set(&opened, "permanent", NEVER_US).expect("room");
    set(&opened, "long", now_us + 60 * MINUTE_US).expect("room");
    set(&opened, "short", now_us + MINUTE_US).expect("room");
    drop(opened);
    assert_eq!(folder.word(IS_CLEAN), 1);
    folder.change(BOOT_ID, &[7; 16]);
    // Half an hour ago.
    let left = folder.word(LEFT_AT_WALL) - 30 * MINUTE_US;
    folder.change(LEFT_AT_WALL, &left.to_le_bytes());
    let opened = folder.open().expect("taken over");
    assert_eq!(folder.word(IS_CLEAN), 0);
    assert!(has(&opened, "permanent") && has(&opened, "long") && !has(&opened, "short"));
    let found = opened.participant().peek(Key::narrow(b"long"), &Monotonic).expect("sound");
    let left_us = found.expect("there").deadline_us - Monotonic.now_us();
    assert!((29 * MINUTE_US..30 * MINUTE_US).contains(&left_us), "{left_us}");
    assert_eq!(opened.participant().audit(), Ok(()));
    drop(opened);
    let opened = folder.open().expect("the same boot");
    assert!(has(&opened, "long"));
}

#[test]
fn store_of_another_boot_that_was_in_use_begins_empty() {
    let folder = Folder::new();
    let opened = folder.open().expect("a store");
    set(&opened, "a", NEVER_US).expect("room");
    drop(opened);
    folder.change(BOOT_ID, &[7; 16]);
    folder.change(IS_CLEAN, &[0; 8]);
    let opened = folder.open().expect("built anew");
    assert_eq!(opened.participant().len(&Monotonic), Ok(0));
    set(&opened, "b", NEVER_US).expect("room");
    drop(opened);
    assert!(has(&folder.open().expect("the same boot"), "b"));
}

#[test]
fn head_that_never_reached_the_disk_is_no_store() {
    let folder = Folder::new();
    drop(folder.open().expect("a store"));
    folder.change(0, &[0; 4096]);
    let opened = folder.open().expect("built anew");
    assert_eq!(opened.participant().len(&Monotonic), Ok(0));
}

#[test]
fn refused_opening_leaves_a_store_as_it_was() {
    let folder = Folder::new();
    drop(folder.open().expect("a store"));
    let other = Wanted { max_entries: Some(5), ..Wanted::default() };
    let refused = OpenError::Mismatch(Mismatch::MaxEntries(0));
    assert_eq!(open(&place(folder.file()), other).err(), Some(refused));
    assert_eq!(folder.word(IS_CLEAN), 1);
    let (first, second) = (folder.open().expect("it"), folder.open_as_other().expect("it"));
    assert_eq!(folder.word(IS_CLEAN), 0);
    drop(first);
    assert_eq!(folder.word(IS_CLEAN), 0);
    drop(second);
    assert_eq!(folder.word(IS_CLEAN), 1);
}

#[test]
fn removed_name_is_free_and_its_users_go_on() {
    let folder = Folder::new();
    let (old, other) = (folder.open().expect("built"), folder.open_as_other().expect("found"));
    set(&old, "a", NEVER_US).expect("room");
    assert_eq!(
        (old.is_named(), old.remove_name(), old.is_named()),
        (Ok(true), Ok(true), Ok(false))
    );
    assert_eq!((other.is_named(), other.remove_name()), (Ok(false), Ok(false)));
    let new = folder.open().expect("built anew");
    assert!(has(&other, "a") && !has(&new, "a"));
    assert!(!has(&folder.open_as_other().expect("the new one"), "a"));
    // The name is the new one's.
    assert_eq!(old.remove_name(), Ok(false));
    assert!(folder.file().exists());
    set(&other, "b", NEVER_US).expect("room");
    assert!(has(&old, "b"));
}

#[test]
fn what_is_not_this_users_alone_is_refused() {
    let folder = Folder::new();
    let refused = || folder.failure();
    drop(folder.open().expect("a store"));
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o640)).expect("changed");
    assert_eq!(refused(), Some(Error::Forbidden));
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o600)).expect("changed");
    fs::rename(folder.file(), folder.0.join("real")).expect("renamed");
    symlink(folder.0.join("real"), folder.file()).expect("linked");
    assert_eq!(refused(), Some(Error::Forbidden));
    fs::remove_file(folder.file()).expect("removed");
    fs::create_dir(folder.file()).expect("a folder");
    assert_eq!(refused(), Some(Error::Forbidden));
}

#[test]
fn what_is_no_store_is_refused_and_kept() {
    let folder = Folder::new();
    let contents: [&[u8]; 3] = [b"", b"not a store", &[0x5A; 10_000]];
    for content in contents {
        let mut file = OpenOptions::new();
        let file = file.write(true).create(true).truncate(true).mode(0o600).open(folder.file());
        file.and_then(|mut file| file.write_all(content)).expect("written");
        assert_eq!(folder.failure(), Some(Error::Corrupted));
        assert_eq!(fs::read(folder.file()).expect("read"), content);
    }
    assert_eq!(
        open(&place(folder.0.join("none/store")), WANTED).err(),
        Some(OpenError::Failed(Error::System(2)))
    );
}

#[test]
fn file_made_shorter_is_an_error_and_no_signal() {
    let folder = Folder::new();
    let (opened, other) = (folder.open().expect("a store"), folder.open_as_other().expect("it"));
    for number in 0..2000 {
        set(&opened, &number.to_string(), NEVER_US).expect("room");
    }
    let file = OpenOptions::new().write(true).open(folder.file()).expect("the file");
    let bytes = file.metadata().expect("data").len();
    file.set_len(8192).expect("shorter");
    let mut into = [0; 64];
    for opened in [&opened, &other] {
        let mut get = |number: u32| {
            let key = number.to_string();
            opened.participant().get(Key::narrow(key.as_bytes()), &Monotonic, &mut into)
        };
        assert!((0..2000).any(|number| get(number) == Err(Error::Corrupted)));
        assert_eq!(set(opened, "new", NEVER_US), Err(Error::Corrupted));
        assert_eq!(opened.participant().stats().err(), Some(Error::Corrupted));
        assert_eq!(opened.participant().len(&Monotonic), Err(Error::Corrupted));
        assert_eq!(opened.participant().clear(), Err(Error::Corrupted));
    }
    // As long as before, and empty: anything may come, but no signal and no end.
    file.set_len(bytes).expect("longer");
    for number in 0..2000 {
        let _ = set(&opened, &number.to_string(), NEVER_US);
        let _ = opened.participant().get(Key::narrow(b"1"), &Monotonic, &mut into);
    }
    let _ = opened.participant().clear();
}

#[test]
fn value_of_which_a_part_is_lost_is_not_given_out() {
    let folder = Folder::new();
    let opened = folder.open().expect("a store");
    let value = Value::permanent(KIND, &[b'y'; 12_000]);
    opened.participant().set(Key::narrow(b"key"), &value, &Monotonic).expect("room");
    let bytes = fs::read(folder.file()).expect("the file");
    let start = bytes.windows(64).position(|part| part.iter().all(|b| *b == b'y')).expect("there");
    let file = OpenOptions::new().write(true).open(folder.file()).expect("the file");
    file.set_len(start as u64 + 6000).expect("shorter");
    let mut into = vec![0; 12_000];
    let found = opened.participant().get(Key::narrow(b"key"), &Monotonic, &mut into);
    assert_eq!(found, Err(Error::Corrupted));
}

#[test]
fn what_lay_in_a_part_that_is_lost_is_not_said_to_be_absent() {
    let verbs: [fn(&Opened) -> Option<Error>; 5] = [
        |opened| opened.participant().delete(Key::narrow(b"key"), &Monotonic).err(),
        |opened| opened.participant().touch(Key::narrow(b"key"), 5, &Monotonic).err(),
        |opened| {
            let (keys, mut batch) = (Want::Keys, Batch::default());
            opened.participant().scan(START, 100, keys, &Monotonic, &mut batch).err()
        },
        |opened| opened.participant().is_any_invalidated(&[1, 116], 0).err(),
        |opened| opened.participant().schema(&mut Vec::new()).err(),
    ];
    for (number, verb) in verbs.iter().enumerate() {
        let folder = Folder::new();
        let opened = folder.open().expect("a store");
        set(&opened, "key", NEVER_US).expect("room");
        opened.participant().invalidate_tags(&[1, 116]).expect("room");
        assert_eq!(opened.participant().replace_schema(0, b"a schema"), Ok(true));
        let file = OpenOptions::new().write(true).open(folder.file()).expect("the file");
        // Without all segments; for the last verbs, without all tables but those that are fixed.
        let segments = file.metadata().expect("data").len() - (1 << 20);
        file.set_len(if number < 3 { segments } else { 32 * 1024 }).expect("shorter");
        assert_eq!(verb(&opened), Some(Error::Corrupted), "{number}");
    }
}

#[test]
fn file_made_shorter_and_longer_again_is_damaged_for_good() {
    let folder = Folder::new();
    let opened = folder.open().expect("a store");
    set(&opened, "a", NEVER_US).expect("room");
    let file = OpenOptions::new().write(true).open(folder.file()).expect("the file");
    let bytes = file.metadata().expect("data").len();
    file.set_len(0).expect("shorter");
    file.set_len(bytes).expect("longer");
    let mut into = [0; 64];
    for _ in 0..3 {
        let found = opened.participant().get(Key::narrow(b"a"), &Monotonic, &mut into);
        assert_eq!(found, Err(Error::Corrupted));
        assert_eq!(set(&opened, "a", NEVER_US), Err(Error::Corrupted));
    }
}

#[test]
fn limit_can_be_changed_while_a_store_is_used() {
    let folder = Folder::new();
    let wanted = Wanted {
        max_bytes: Some(8 << 20),
        first_bytes: None,
        reserve_bytes: Some(64 << 20),
        max_entries: None,
        when_full: Some(WhenFull::Evict),
    };
    let opened = open(&place(folder.file()), wanted).expect("a store");
    let participant = opened.participant();
    let fill = |count: u32| {
        for number in 0..count {
            let value = Value::permanent(KIND, &[0; 4000]);
            participant.set(Key::narrow(&number.to_le_bytes()), &value, &Monotonic).expect("room");
        }
        let stats = participant.stats().expect("sound");
        stats.segment_bytes + stats.index_bytes
    };
    let blocks = || fs::metadata(folder.file()).expect("the file").blocks() * 512;
    assert!(blocks() < 4 << 20, "{}", blocks());
    assert!((6 << 20..=8 << 20).contains(&fill(4000)));
    participant.set_max_bytes(32 << 20, &Monotonic).expect("in range");
    assert!((28 << 20..=32 << 20).contains(&fill(16_000)));
    participant.set_max_bytes(4 << 20, &Monotonic).expect("in range");
    let stats = participant.stats().expect("sound");
    assert!(stats.segment_bytes + stats.index_bytes <= 4 << 20, "{stats:?}");
    assert_eq!(participant.audit(), Ok(()));
    // An index that is too large for the limit goes with the entries that it was for.
    participant.set_max_bytes(64 << 20, &Monotonic).expect("in range");
    for number in 0..700_000_u32 {
        let value = Value::permanent(KIND, &[]);
        participant.set(Key::narrow(&number.to_le_bytes()), &value, &Monotonic).expect("room");
    }
    assert!(participant.stats().expect("sound").index_bytes > 4 << 20);
    participant.set_max_bytes(4 << 20, &Monotonic).expect("in range");
    fill(1000);
    for refused in [0, (4 << 20) - 1, (64 << 20) + 1, u64::MAX] {
        assert_eq!(participant.set_max_bytes(refused, &Monotonic), Err(Error::Argument));
    }
    // The pages go, too, once they were free for a while.
    while blocks() > 8 << 20 {
        participant.sweep(usize::MAX, &Monotonic).expect("sound");
        shared_memory_store::platform::park::sleep_us(10_000);
    }
}

#[test]
fn who_has_a_store_open_proves_the_boot_to_others() {
    let folder = Folder::new();
    let first = folder.open().expect("a store");
    set(&first, "a", NEVER_US).expect("room");
    // As a container has another name for it.
    folder.change(BOOT_ID, &[7; 16]);
    let other = folder.open_as_other().expect("shared");
    assert!(has(&other, "a"));
    // Whoever came so proves it, too; as does one that stays when all others are gone.
    drop(first);
    let third = folder.open().expect("shared");
    assert!(has(&third, "a"));
    assert_eq!(third.participant().audit(), Ok(()));
}

#[test]
fn who_has_not_settled_proves_nothing() {
    let folder = Folder::new();
    drop(folder.open().expect("a store"));
    folder.change(BOOT_ID, &[7; 16]);
    folder.change(IS_CLEAN, &[0; 8]);
    // Somebody who looks at the file, as after a restart.
    let file = OpenOptions::new().read(true).write(true).open(folder.file()).expect("there");
    assert!(byte_lock::hold(&file, EVERYBODY, Hold::Shared).expect("locks"));
    let opened = std::thread::scope(|threads| {
        threads.spawn(move || {
            // Until then the store is not opened, however long it takes.
            std::thread::sleep(std::time::Duration::from_millis(50));
            drop(file);
        });
        folder.open().expect("built anew")
    });
    assert_eq!(opened.participant().len(&Monotonic), Ok(0));
}

#[test]
fn store_of_another_clock_is_refused_while_it_is_used_and_carried_over_after() {
    let folder = Folder::new();
    let first = folder.open().expect("a store");
    set(&first, "permanent", NEVER_US).expect("room");
    set(&first, "long", Monotonic.now_us() + 60 * MINUTE_US).expect("room");
    // It was an hour ahead, as in a time namespace; so its deadlines are an hour too early here.
    let ahead_us = 60 * MINUTE_US;
    folder.change(CLOCK_OFFSET, &ahead_us.to_le_bytes());
    let refused = folder.open_as_other().err();
    assert_eq!(refused, Some(OpenError::Failed(Error::OtherClock)));
    drop(first);
    // Left or not: it is the same machine.
    folder.change(IS_CLEAN, &[0; 8]);
    let now_us = Monotonic.now_us();
    let deadline_us = now_us + ahead_us + 30 * MINUTE_US;
    let other = folder.open().expect("carried over");
    assert!(has(&other, "permanent") && !has(&other, "long"));
    set(&other, "new", deadline_us).expect("room");
    drop(other);
    // The machine's own clock, behind that of the store.
    folder.change(CLOCK_OFFSET, &ahead_us.to_le_bytes());
    let back = folder.open().expect("carried over");
    let found = back.participant().peek(Key::narrow(b"new"), &Monotonic).expect("sound");
    let left_us = found.expect("there").deadline_us - Monotonic.now_us();
    assert!((29 * MINUTE_US..=30 * MINUTE_US).contains(&left_us), "{left_us}");
    assert_eq!(back.participant().audit(), Ok(()));
    assert_eq!(folder.word(CLOCK_OFFSET), 0);
}

#[test]
fn death_in_the_carrying_over_leaves_no_deadline_of_another_clock() {
    const KEYS: u32 = 40;
    let (ahead_us, mut points) = (60 * MINUTE_US, 0);
    loop {
        let folder = Folder::new();
        let opened = folder.open().expect("a store");
        let deadline_us = Monotonic.now_us() + ahead_us + 90 * MINUTE_US;
        for number in 0..KEYS {
            set(&opened, &number.to_string(), deadline_us).expect("room");
        }
        drop(opened);
        folder.change(CLOCK_OFFSET, &ahead_us.to_le_bytes());
        arm(points);
        let died = catch_unwind(AssertUnwindSafe(|| folder.open().map(drop)));
        if disarm() {
            assert!(matches!(died, Ok(Ok(()))));
            break;
        }
        let opened = folder.open().expect("carried over, or built anew");
        for number in 0..KEYS {
            let key = number.to_string();
            let found = opened.participant().peek(Key::narrow(key.as_bytes()), &Monotonic);
            let left_us = found.expect("sound").map(|found| found.deadline_us - Monotonic.now_us());
            let is_right = |left_us| (89 * MINUTE_US..=90 * MINUTE_US).contains(&left_us);
            assert!(left_us.is_none_or(is_right), "died at {points}: {left_us:?}");
        }
        points += 1;
    }
    assert!(points > 0);
}
