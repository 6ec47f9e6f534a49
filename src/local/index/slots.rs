//! The removal of entries by their slots. Knows no lock.
//!
//! Whoever lists slots may be late: what is live at a slot by then is removed, and nothing else.

use super::Index;
use crate::contract::Removal;
use crate::local::entries::NO_SLOT;

impl Index {
    /// Removes the live entries at these slots, which are free then; a slot at which there is none
    /// becomes [`NO_SLOT`] in the list.
    pub fn remove_slots(&mut self, slots: &mut [u32], now_us: u64) {
        for listed in slots {
            let slot = *listed;
            if self.is_live(slot, now_us) {
                self.forget(slot);
                self.entries.free(slot);
            } else {
                *listed = NO_SLOT;
            }
        }
    }

    /// Releases the live entries at these slots, which were invalidated: they wait to be drained.
    pub fn release_slots(&mut self, slots: &[u32], now_us: u64) {
        for &slot in slots {
            if !self.is_live(slot, now_us) {
                continue;
            }
            self.forget(slot);
            if self.is_watched {
                self.entries.depart(slot, Removal::Invalidated);
            } else {
                self.entries.release(slot);
            }
        }
    }

    /// Whether an entry is at a slot, and has not expired.
    fn is_live(&self, slot: u32, now_us: u64) -> bool {
        if !self.entries.has_slot(slot) || self.wheel.deadline_us(slot) <= now_us {
            return false;
        }
        let key = self.entries.key(slot).as_ref();
        self.slot_of(key, self.hash(key)) == Some(slot)
    }
}
