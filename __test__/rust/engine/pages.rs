//! Pages that are not to be had.

use shared_memory_store::engine::entry::Key;
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::error::Error;

use crate::memories::Counted;
use crate::stores::{User, geometry, options, pattern, store_with};

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
