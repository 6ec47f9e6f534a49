//! Which participants of other processes are alive, as the kernel says. Knows no entry.
//!
//! Whoever has a slot holds its byte of the file, and loses it however the process ends. Of the
//! slots of this process the kernel cannot tell, for it asks on behalf of the same open file; so
//! those are noted here.

use crate::platform::byte_lock::{self, Hold};
use crate::region::memory::file::MappedFile;
use crate::region::memory::observed::ObservedFile;
use crate::sync::owner::{CLIENT_SLOTS, Liveness, Owner, SlotState};
use crate::sync::{AtomicU32, Ordering};

/// Nobody of this process is there.
const NOBODY: u32 = 0;
/// Somebody of this process is coming or going: the kernel knows whether others are there.
const MOVING: u32 = u32::MAX;

/// The byte that everybody holds who has the file open: together, or alone to change what it is.
pub(super) const EVERYBODY: u32 = CLIENT_SLOTS;

/// The byte that all those hold together who have found the store to be of this boot of the
/// machine: while somebody holds it, there was no other.
pub(super) const SETTLED: u32 = EVERYBODY + 1;

/// The participants of a file.
#[derive(Debug)]
pub(super) struct FileLiveness {
    memory: MappedFile,
    /// For each slot the epoch of the client, if it is of this process.
    here: [AtomicU32; CLIENT_SLOTS as usize],
}

impl FileLiveness {
    pub(super) fn new(memory: MappedFile) -> Self {
        Self { memory, here: [const { AtomicU32::new(NOBODY) }; CLIENT_SLOTS as usize] }
    }

    fn here(&self, slot: u32) -> &AtomicU32 {
        &self.here[slot as usize]
    }
}

/// Who is there, for somebody who is not: the kernel knows of all places alike.
#[derive(Debug)]
pub(super) struct Watcher(ObservedFile);

impl Watcher {
    pub(super) fn new(memory: ObservedFile) -> Self {
        Self(memory)
    }
}

impl Liveness for Watcher {
    fn is_alive(&self, owner: Owner) -> bool {
        // Without an answer nobody is taken for dead.
        byte_lock::is_held_by_others(self.0.file(), owner.client_slot()).unwrap_or(true)
    }
}

impl Liveness for FileLiveness {
    fn is_alive(&self, owner: Owner) -> bool {
        // Acquire pairs with `confirm_slot` and `release_slot`.
        match self.here(owner.client_slot()).load(Ordering::Acquire) {
            // Without an answer nobody is taken for dead.
            NOBODY | MOVING => {
                byte_lock::is_held_by_others(self.memory.file(), owner.client_slot())
                    .unwrap_or(true)
            }
            // The byte is ours: a tenant with another epoch is gone.
            epoch => epoch == owner.epoch(),
        }
    }

    fn reserve_slot(&self, slot: u32) -> SlotState {
        let here = self.here(slot);
        // Acquire and Release: one thread of this process at a time.
        let moved =
            here.compare_exchange(NOBODY, MOVING, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if !moved {
            return SlotState::Taken;
        }
        if matches!(byte_lock::hold(self.memory.file(), slot, Hold::Exclusive), Ok(true)) {
            return SlotState::Free;
        }
        here.store(NOBODY, Ordering::Release);
        SlotState::Taken
    }

    fn confirm_slot(&self, owner: Owner) {
        self.here(owner.client_slot()).store(owner.epoch(), Ordering::Release);
    }

    fn release_slot(&self, slot: u32) {
        let here = self.here(slot);
        here.store(MOVING, Ordering::Release);
        byte_lock::let_go(self.memory.file(), slot);
        // Only now may another thread of this process hold the byte: it is not ours to let go.
        here.store(NOBODY, Ordering::Release);
    }
}
