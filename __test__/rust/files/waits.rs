//! Waits for claims in a thread of their own: told once, also when nobody rings.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use shared_memory_store::engine::entry::Key;
use shared_memory_store::engine::fail_points::{arm, disarm, seen};
use shared_memory_store::engine::{Claim, ClaimTable};
use shared_memory_store::platform::clock::Monotonic;
use shared_memory_store::registry::waits::{Begun, Bell};

use crate::folder::Folder;

const KEY: Key<'static> = Key { bytes: b"key", wide: false, form: 0 };
/// Longer than anything takes that does not hang.
const PATIENCE: Duration = Duration::from_mins(2);

struct Told(Sender<u32>);

impl Bell for Told {
    fn ring(&self, ticket: u32) {
        self.0.send(ticket).expect("somebody listens");
    }
}

fn bell() -> (Arc<dyn Bell>, Receiver<u32>) {
    let (told, heard) = channel();
    (Arc::new(Told(told)), heard)
}

#[test]
fn wait_is_told_once_its_claim_ends() {
    let folder = Folder::new();
    let (first, other) = (folder.open().expect("built"), folder.open_as_other().expect("found"));
    let (bell, heard) = bell();
    let wait = |ticket| other.wait(ClaimTable::Locks, KEY, ticket, Arc::clone(&bell));
    assert_eq!(wait(1), Begun::Over);
    for round in 0..20 {
        assert_eq!(first.participant().lock_key(KEY, 0, &Monotonic), Ok(Claim::Won));
        assert_eq!(wait(round), Begun::Waiting);
        assert_eq!(first.participant().release_key(KEY, &Monotonic), Ok(true));
        assert_eq!(heard.recv_timeout(PATIENCE), Ok(round));
        // It was left to the one who waits, who does not come.
        while first.participant().lock_in_turn(KEY, &Monotonic) != Ok(Claim::Won) {}
        assert_eq!(first.participant().release_key(KEY, &Monotonic), Ok(true));
    }
    assert!(heard.try_recv().is_err());
}

#[test]
fn wait_is_told_though_the_holder_died_before_it_rang() {
    let mut points = 0;
    loop {
        let folder = Folder::new();
        let (first, other) = (folder.open().expect("built"), folder.open_as_other().expect("one"));
        assert_eq!(first.participant().lock_key(KEY, 0, &Monotonic), Ok(Claim::Won));
        let (bell, heard) = bell();
        assert_eq!(other.wait(ClaimTable::Locks, KEY, 7, bell), Begun::Waiting);
        arm(points);
        let died =
            catch_unwind(AssertUnwindSafe(|| first.participant().release_key(KEY, &Monotonic)));
        let is_over = disarm();
        assert_eq!(died.is_ok(), is_over);
        // Dead, it does nothing more: others have to find out.
        std::mem::forget(first);
        assert_eq!(heard.recv_timeout(PATIENCE), Ok(7));
        if is_over {
            break;
        }
        points += 1;
    }
    let ringing = seen().iter().any(|point| format!("{point:?}") == "Ringing");
    assert!(ringing, "died at {:?}", seen());
}

#[test]
fn waits_that_were_taken_back_are_not_told_and_those_of_who_leaves_are() {
    let folder = Folder::new();
    let (first, other) = (folder.open().expect("built"), folder.open_as_other().expect("found"));
    assert_eq!(first.participant().claim_load(KEY), Ok(Claim::Won));
    let (bell, heard) = bell();
    for ticket in 1..=3 {
        let begun = other.wait(ClaimTable::Loads, KEY, ticket, Arc::clone(&bell));
        assert_eq!(begun, Begun::Waiting);
    }
    other.end_wait(2);
    drop(other);
    assert_eq!([(); 2].map(|()| heard.recv_timeout(PATIENCE)), [Ok(1), Ok(3)]);
    assert!(heard.try_recv().is_err());
    assert_eq!(first.participant().end_load(KEY), Ok(true));
}
