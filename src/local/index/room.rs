//! Room for what is placed in a bounded store: what has expired goes, then victims.
//!
//! Knows no key. Invariant: an entry that goes leaves the table, the wheel and the eviction in one
//! step, and its state says that it is gone.

use super::{Index, low_half};
use crate::contract::Removal;
use crate::local::eviction::Excess;
use crate::platform::clock::Clock;

/// Steps of a sweep that come before an eviction, some 30 µs where there is that much to do: what
/// has expired goes before what has not.
const ROOM_SWEEP_STEPS: usize = 1024;

/// What a placement needs.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// How many more entries.
    pub(super) entries: usize,
    /// Of which size.
    pub(super) size: u64,
    /// The one that must not go for it.
    pub(super) kept: u32,
    /// Whether the slot of the first that goes may be taken at once.
    pub(super) may_reuse: bool,
}

impl Index {
    /// Lets entries go until there is room. The slot of the first may be reused at once, where the
    /// new entry takes it: its value is overwritten then.
    #[inline]
    pub(super) fn make_room(&mut self, room: Room, clock: &impl Clock, states: &mut [u8]) {
        if self.excess(room).is_none() {
            return;
        }
        if self.is_timed() {
            self.release_for(room, clock.now_us());
        }
        self.evict_for(room, states);
    }

    /// Releases what has expired, as much as takes a moment.
    #[cold]
    fn release_for(&mut self, room: Room, now_us: u64) {
        self.sweep(now_us, ROOM_SWEEP_STEPS);
        while self.excess(room).is_some()
            && let Some(slot) = self.wheel.take_one_due_in_tick(now_us, ROOM_SWEEP_STEPS)
        {
            self.release_expired(slot);
        }
    }

    /// Evicts as many as have to go. All in one: what has one caller is compiled into it.
    fn evict_for(&mut self, room: Room, states: &mut [u8]) {
        let Some(eviction) = &mut self.eviction else { return };
        let mut may_reuse = room.may_reuse;
        while let Some(excess) = eviction.excess(room.entries, room.size) {
            let Some(slot) = eviction.victim(room.kept, states) else { return };
            clear_state(states, slot);
            self.table.remove(low_half(eviction.evict(slot)), slot);
            self.wheel.remove(slot);
            self.evicted += 1;
            if may_reuse {
                self.entries.free(slot);
            } else if self.is_watched {
                self.entries.depart(slot, removal_for(excess));
            } else {
                self.entries.release(slot);
            }
            may_reuse = false;
        }
    }

    #[inline]
    fn excess(&self, room: Room) -> Option<Excess> {
        self.eviction.as_ref().and_then(|eviction| eviction.excess(room.entries, room.size))
    }
}

fn removal_for(excess: Excess) -> Removal {
    match excess {
        Excess::Entries => Removal::EvictedForEntries,
        Excess::Size => Removal::EvictedForSize,
    }
}

/// The entry of this slot has not been used yet, nor does the near cache know it.
pub(super) fn clear_state(states: &mut [u8], slot: u32) {
    if let Some(state) = states.get_mut(slot as usize) {
        *state = 0;
    }
}
