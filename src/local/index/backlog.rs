//! What the owner did ahead of the index: entries without deadlines, added and removed by slot.
//!
//! Knows no lock. The owner takes slots that it was given for that, and else the next new one.
//! Invariant: steps are caught up with in the order in which they were done, each whole or not at
//! all, before anything else is asked of the index.

use super::{Index, low_half};
use crate::contract::{BacklogStep, KeyForm};
use crate::error::Error;
use crate::local::entries::NO_SLOT;
use crate::platform::clock::NEVER_US;
use crate::text::string::Text;

/// Where the kind of a step ends and its slot begins.
const SLOT_SHIFT: u32 = 1;

/// All that was done, as the owner writes it down.
#[derive(Debug)]
pub struct Backlog<'a> {
    /// For each step in turns: the slot, and below it one of [`BacklogStep`]; and the units of its
    /// key.
    pub steps: &'a [u32],
    /// How many of them were caught up with before.
    pub first: usize,
    /// The keys of all steps, one behind the other.
    pub units: &'a [u16],
    /// Room for two bytes for each unit of a key.
    pub space: &'a mut [u8],
}

/// One thing that was done.
#[derive(Clone, Copy, Debug)]
pub enum Ahead<'a> {
    /// An entry was added under a key, given as a string, that no live entry had.
    Add(u32, Text<'a>),
    /// The entry of a slot was removed.
    Remove(u32),
}

impl Index {
    /// Does what its owner did; how many steps until one failed.
    pub fn catch_up_all(&mut self, backlog: Backlog<'_>) -> usize {
        let Backlog { steps, first, mut units, space } = backlog;
        let mut done = 0;
        for (index, &[word, length]) in steps.as_chunks::<2>().0.iter().enumerate() {
            let Some((key, rest)) = units.split_at_checked(length as usize) else { break };
            units = rest;
            if index < first {
                continue;
            }
            let slot = word >> SLOT_SHIFT;
            let step = if word & 1 == BacklogStep::Add as u32 {
                Ahead::Add(slot, Text::write(key, space))
            } else {
                Ahead::Remove(slot)
            };
            if self.catch_up(step).is_err() {
                break;
            }
            done += 1;
        }
        done
    }

    /// Does one step in a store without bounds.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] without memory, [`Error::Argument`] for what cannot have been done; nothing
    /// has changed then.
    pub fn catch_up(&mut self, step: Ahead<'_>) -> Result<(), Error> {
        match step {
            Ahead::Add(slot, key) => self.add_at(slot, key),
            Ahead::Remove(slot) => {
                let is_permanent = self.wheel.deadline_us(slot) == NEVER_US;
                if !(self.entries.has_slot(slot) && is_permanent) {
                    return Err(Error::Argument);
                }
                self.unlist(slot);
                self.entries.free(slot);
                Ok(())
            }
        }
    }

    /// A free slot that is the owner's from now on, if there is one.
    pub fn give_slot(&mut self) -> Option<u32> {
        self.entries.take_free()
    }

    fn add_at(&mut self, slot: u32, key: Text<'_>) -> Result<(), Error> {
        if slot == NO_SLOT || !self.entries.has_room_at(slot) {
            return Err(Error::Argument);
        }
        let hash = self.hash(key);
        if let Some(former) = self.slot_of(key, hash) {
            if self.wheel.deadline_us(former) == NEVER_US {
                return Err(Error::Argument);
            }
            // It has expired, as the owner knows, and nobody has met it since.
            self.wheel.remove(former);
            self.release_expired(former);
        }
        self.table.reserve_one(low_half(hash)).ok_or(Error::Full)?;
        self.entries.add_at(slot, key, KeyForm::String as u8).ok_or(Error::Full)?;
        self.table.insert(low_half(hash), slot);
        Ok(())
    }
}
