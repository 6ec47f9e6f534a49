//! Pages that are not to be had.

use shared_memory_store::engine::store::WhenFull;

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
