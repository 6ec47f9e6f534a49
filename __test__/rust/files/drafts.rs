//! Drafts of stores whose builders died: who removes them, and which stay.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;

use shared_memory_store::platform::byte_lock::{self, Hold};
use shared_memory_store::registry::stores::remove;

use crate::folder::Folder;

/// The byte that everybody holds who has a file open.
const EVERYBODY: u32 = 256;

#[test]
fn what_dead_builders_left_over_goes() {
    let folder = Folder::new();
    let draft = |name: &str| {
        let path = folder.0.join(name);
        let mut file = OpenOptions::new();
        let file = file.read(true).write(true).create_new(true).mode(0o600).open(&path);
        (path, file.expect("made"))
    };
    let (left_over, _) = draft(".store.1-0.draft");
    let (held, file) = draft(".store.2-0.draft");
    let (others, _) = draft(".storehouse.1-0.draft");
    assert!(matches!(byte_lock::hold(&file, EVERYBODY, Hold::Shared), Ok(true)));
    drop(folder.open().expect("a store"));
    assert_eq!([&left_over, &held, &others].map(|path| path.exists()), [false, true, true]);
}

#[test]
fn draft_that_is_a_name_of_a_store_goes_when_that_is_opened_or_removed() {
    type Act = fn(&Folder);
    let acts: [Act; 3] = [
        |folder| drop(folder.open_as_other().expect("it")),
        |folder| assert_eq!(remove(&folder.file()), Ok(true)),
        |folder| {
            let opened = folder.open_as_other().expect("it");
            fs::hard_link(folder.file(), folder.0.join(".store.2-0.draft")).expect("linked");
            assert_eq!(opened.remove_name(), Ok(true));
        },
    ];
    for (number, act) in acts.iter().enumerate() {
        for is_open in [false, true] {
            let folder = Folder::new();
            let opened = folder.open().expect("a store");
            // As a death leaves it between the giving of the name and the removal of the draft.
            fs::hard_link(folder.file(), folder.0.join(".store.1-0.draft")).expect("linked");
            let opened = is_open.then_some(opened);
            act(&folder);
            let left = folder.file().exists();
            assert_eq!(folder.files(), usize::from(left), "{number} {is_open}");
            drop(opened);
        }
    }
}

#[test]
fn drafts_of_the_dead_go_with_the_store_and_those_of_others_stay() {
    let folder = Folder::new();
    let opened = folder.open().expect("a store");
    for name in [".store.1-0.draft", ".storehouse.1-0.draft"] {
        let mut file = OpenOptions::new();
        file.write(true).create_new(true).mode(0o600).open(folder.0.join(name)).expect("made");
    }
    assert_eq!(opened.remove_name(), Ok(true));
    assert!(folder.0.join(".storehouse.1-0.draft").exists());
    assert_eq!(folder.files(), 1);
}
