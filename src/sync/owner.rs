//! The name of a participant to locks: its client slot, and which client of it.
//!
//! Invariant: two participants never have the same word, dead ones included, until the epoch of
//! a slot wraps, after 4,194,303 clients. A word without the epoch would make the lock of a dead
//! holder look alive as soon as another client takes the slot.

/// Slots that an owner can name.
pub const CLIENT_SLOTS: u32 = 256;

const PLACE_BITS: u32 = 9;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;
const EPOCH_SHIFT: u32 = PLACE_BITS + 1;

/// Set in a lock's word while a thread may sleep until it is free; never part of an owner.
pub(crate) const CONTENDED: u32 = 1 << PLACE_BITS;
/// A lock's word that is not free and names no participant: what the lock guards is unfinished.
pub(crate) const POISONED: u32 = PLACE_MASK;
/// The largest epoch.
pub(crate) const EPOCH_MAX: u32 = u32::MAX >> EPOCH_SHIFT;

/// A participant, as a word: place + 1 in bits 0–8, epoch in bits 10–31. Never 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Owner(u32);

impl Owner {
    /// The client number `epoch` (cut to 22 bits) of `place`.
    ///
    /// # Panics
    ///
    /// When `place` is not less than [`CLIENT_SLOTS`].
    pub fn new(place: u32, epoch: u32) -> Self {
        assert!(place < CLIENT_SLOTS, "a place of the table");
        Self((epoch & EPOCH_MAX) << EPOCH_SHIFT | (place + 1))
    }

    /// The owner that a lock's word names; `None` for a word that names nobody.
    pub fn of_word(word: u32) -> Option<Self> {
        let place = word & PLACE_MASK;
        (1..=CLIENT_SLOTS).contains(&place).then_some(Self(word & !CONTENDED))
    }

    /// The word that names this owner.
    pub fn word(self) -> u32 {
        self.0
    }

    /// Its slot in the table.
    pub fn client_slot(self) -> u32 {
        (self.0 & PLACE_MASK) - 1
    }

    /// Which client of the slot.
    pub fn epoch(self) -> u32 {
        self.0 >> EPOCH_SHIFT
    }
}

/// Something that knows who is still there.
pub trait Liveness: Send + Sync {
    /// `false` only when `owner` will never run another instruction of the engine.
    fn is_alive(&self, owner: Owner) -> bool;

    /// Asks for a slot, before the table says whose it is.
    fn reserve_slot(&self, _place: u32) -> SlotState {
        SlotState::ByTable
    }

    /// The slot that was reserved is this owner's, as the table says now.
    fn confirm_slot(&self, _owner: Owner) {}

    /// The slot is free, as the table says now.
    fn release_slot(&self, _place: u32) {}
}

/// What is known of a slot without the table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SlotState {
    /// Nothing: the client that the table names is there.
    ByTable,
    /// There is no other client, and none comes before `release_slot`, whatever the table says.
    Free,
    /// There is a client.
    Taken,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_names_its_owner_contended_or_not() {
        for (place, epoch) in [(0, 0), (255, EPOCH_MAX), (7, 1)] {
            let owner = Owner::new(place, epoch);
            assert_eq!(Owner::of_word(owner.word() | CONTENDED), Some(owner));
            assert_eq!((owner.client_slot(), owner.epoch()), (place, epoch));
        }
    }

    #[test]
    fn word_without_a_place_names_nobody() {
        assert_eq!(Owner::of_word(0), None);
        assert_eq!(Owner::of_word(257), None);
        assert_eq!(Owner::of_word(POISONED), None);
    }
}
