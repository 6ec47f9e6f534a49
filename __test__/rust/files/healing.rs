//! Pages that others stood in for, and that are those of the file again.

use std::fs::File;
use std::hint::spin_loop;
use std::os::unix::fs::FileExt;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use shared_memory_store::platform::mapping::{Access, Mapping};
use shared_memory_store::platform::private_file::{self, Sharing};

use crate::folder::Folder;

const PAGE: u64 = 4096;
const BYTES: u64 = 256 * PAGE;
const ROUNDS: u64 = 40;

/// The first word of a page of a mapping.
#[expect(unsafe_code, reason = "what is mapped is looked at")]
fn word(mapping: &Mapping, page: u64) -> &AtomicU64 {
    let offset = usize::try_from(page * PAGE).expect("small");
    assert!(offset < mapping.bytes());
    // SAFETY: inside, as just checked.
    let word = unsafe { mapping.start().add(offset) }.cast::<AtomicU64>();
    // SAFETY: mapped as long as `mapping`, and an atomic.
    unsafe { word.as_ref() }
}

fn word_of_file(file: &File, page: u64) -> u64 {
    let mut bytes = [0; 8];
    file.read_exact_at(&mut bytes, page * PAGE).expect("long enough");
    u64::from_le_bytes(bytes)
}

#[test]
fn no_thread_takes_pages_for_healed_before_they_are() {
    let folder = Folder::new();
    let file = private_file::create(&folder.file(), BYTES, Sharing::User).expect("a file");
    let ours = file.try_clone().expect("another handle");
    let mapping = Mapping::new(file, usize::try_from(BYTES).expect("small"), Access::Write);
    let mapping = mapping.expect("addresses");
    let (page, begin) = (BYTES / PAGE - 1, Barrier::new(2));
    for round in 1..=ROUNDS {
        ours.set_len(page * PAGE).expect("shorter");
        assert_eq!(word(&mapping, page).load(Ordering::Relaxed), u64::MAX, "another stands in");
        ours.set_len(BYTES).expect("longer");
        thread::scope(|threads| {
            threads.spawn(|| {
                begin.wait();
                assert!(matches!(mapping.heal(), Ok(true)));
            });
            begin.wait();
            while mapping.faults().load(Ordering::SeqCst) != 0 {
                spin_loop();
            }
            word(&mapping, page).store(round, Ordering::SeqCst);
        });
        assert_eq!(mapping.faults().load(Ordering::SeqCst), 0);
        assert_eq!(word_of_file(&ours, page), round, "what was written is in the file");
    }
}
