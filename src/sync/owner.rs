//! Who holds a thing: a place in the table of participants, and which tenant of it.
//!
//! Invariant: two participants never have the same word, dead ones included, until the epoch of
//! a place wraps, after 4,194,303 tenants. A word without the epoch would make the lock of a dead
//! holder look alive as soon as somebody else takes the place.

/// Places that an owner can name.
pub const PLACES: u32 = 256;

const PLACE_BITS: u32 = 9;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;
const EPOCH_SHIFT: u32 = PLACE_BITS + 1;

/// Set in a lock's word while somebody may be asleep for it; never part of an owner.
pub(crate) const CONTENDED: u32 = 1 << PLACE_BITS;
/// A lock's word that is not free and names nobody.
pub(crate) const NOBODY: u32 = PLACE_MASK;
/// The largest epoch.
pub(crate) const EPOCH_MAX: u32 = u32::MAX >> EPOCH_SHIFT;

/// A participant, as a word: place + 1 in bits 0–8, epoch in bits 10–31. Never 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Owner(u32);

impl Owner {
    /// The tenant number `epoch` (cut to 22 bits) of `place`.
    ///
    /// # Panics
    ///
    /// When `place` is not less than [`PLACES`].
    pub fn new(place: u32, epoch: u32) -> Self {
        assert!(place < PLACES, "a place of the table");
        Self((epoch & EPOCH_MAX) << EPOCH_SHIFT | (place + 1))
    }

    /// The owner that a lock's word names; `None` for a word that names nobody.
    pub fn of_word(word: u32) -> Option<Self> {
        let place = word & PLACE_MASK;
        (1..=PLACES).contains(&place).then_some(Self(word & !CONTENDED))
    }

    /// The word that names this owner.
    pub fn word(self) -> u32 {
        self.0
    }

    /// Its place in the table.
    pub fn place(self) -> u32 {
        (self.0 & PLACE_MASK) - 1
    }

    /// Which tenant of the place.
    pub fn epoch(self) -> u32 {
        self.0 >> EPOCH_SHIFT
    }
}

/// Something that knows who is still there.
pub trait Liveness: Send + Sync {
    /// `false` only when `owner` will never run another instruction of the engine.
    fn is_alive(&self, owner: Owner) -> bool;

    /// Asks for a place, before the table says who has it.
    fn occupy(&self, _place: u32) -> Vacancy {
        Vacancy::ByTable
    }

    /// The place that was occupied is this owner's, as the table says now.
    fn settle(&self, _owner: Owner) {}

    /// The place is free, as the table says now.
    fn vacate(&self, _place: u32) {}
}

/// What is known of a place without the table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Vacancy {
    /// Nothing: whoever the table names is there.
    ByTable,
    /// Nobody else is there, and nobody comes before `vacate`, whatever the table says.
    Certain,
    /// Somebody is there.
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_names_its_owner_contended_or_not() {
        for (place, epoch) in [(0, 0), (255, EPOCH_MAX), (7, 1)] {
            let owner = Owner::new(place, epoch);
            assert_eq!(Owner::of_word(owner.word() | CONTENDED), Some(owner));
            assert_eq!((owner.place(), owner.epoch()), (place, epoch));
        }
    }

    #[test]
    fn word_without_a_place_names_nobody() {
        assert_eq!(Owner::of_word(0), None);
        assert_eq!(Owner::of_word(257), None);
        assert_eq!(Owner::of_word(NOBODY), None);
    }
}
