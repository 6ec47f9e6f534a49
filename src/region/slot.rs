//! A slot of the index: eight bytes that say where an item lies. Knows no bucket.
//!
//! ```text
//! bits  0–37  address: 1 + the item's place in the segments' area, in units of 8 bytes
//! bits 38–39  frequency: reads since the item came, or was moved, at most 3
//! bits 40–63  tag: 24 bits of the key's hash; its low bits also choose the group
//! ```
//!
//! 0 is an empty slot. Address 0 with frequency 3 is a ghost: the trace of an entry that was
//! evicted, free to be overwritten; a key that comes back to its ghost is worth keeping.

const ADDRESS_BITS: u32 = 38;
const FREQUENCY_SHIFT: u32 = ADDRESS_BITS;
const TAG_SHIFT: u32 = 40;

const ADDRESS_MASK: u64 = (1 << ADDRESS_BITS) - 1;
const FREQUENCY_MASK: u64 = 3 << FREQUENCY_SHIFT;

/// Bits of a tag.
pub(crate) const TAG_BITS: u32 = 64 - TAG_SHIFT;
/// All bits but the frequency: those that say which item it is.
pub(crate) const IDENTITY_MASK: u64 = !FREQUENCY_MASK;
/// Bytes that addresses can reach: 2 TiB.
pub(crate) const REACH_BYTES: u64 = ADDRESS_MASK * UNIT_BYTES;
/// The largest frequency.
pub(crate) const FREQUENCY_MAX: u64 = 3;

const UNIT_BYTES: u64 = 8;

/// The word of a slot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Slot(pub(crate) u64);

impl Slot {
    pub(crate) const EMPTY: Self = Self(0);

    /// A slot for the item at `place` bytes into the segments' area.
    #[inline]
    pub(crate) fn new(tag: u32, place: usize) -> Self {
        let address = place as u64 / UNIT_BYTES + 1;
        debug_assert!(address <= ADDRESS_MASK && (place as u64).is_multiple_of(UNIT_BYTES));
        Self(u64::from(tag) << TAG_SHIFT | address)
    }

    /// A tag where slots have it.
    #[inline]
    pub(crate) fn tag_word(tag: u32) -> u64 {
        u64::from(tag) << TAG_SHIFT
    }

    /// The trace of an evicted entry.
    pub(crate) fn ghost(tag: u32) -> Self {
        Self(u64::from(tag) << TAG_SHIFT | FREQUENCY_MASK)
    }

    /// Where the item lies in the segments' area; `None` when there is none.
    #[inline]
    pub(crate) fn place(self) -> Option<usize> {
        let address = self.0 & ADDRESS_MASK;
        (address != 0).then(|| super::word::to_usize((address - 1) * UNIT_BYTES))
    }

    #[inline]
    pub(crate) fn holds_item(self) -> bool {
        self.0 & ADDRESS_MASK != 0
    }

    #[inline]
    pub(crate) fn tag(self) -> u32 {
        super::word::low(self.0 >> TAG_SHIFT)
    }

    pub(crate) fn is_ghost_of(self, tag: u32) -> bool {
        self == Self::ghost(tag)
    }

    /// Whether both name the same item, however often it was read.
    #[inline]
    pub(crate) fn is_same(self, other: Self) -> bool {
        (self.0 ^ other.0) & IDENTITY_MASK == 0
    }

    #[inline]
    pub(crate) fn frequency(self) -> u64 {
        (self.0 & FREQUENCY_MASK) >> FREQUENCY_SHIFT
    }

    #[inline]
    pub(crate) fn with_frequency(self, frequency: u64) -> Self {
        debug_assert!(frequency <= FREQUENCY_MAX);
        Self(self.0 & IDENTITY_MASK | frequency << FREQUENCY_SHIFT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slot_gives_back_its_parts() {
        for place in [0, 8, 4096, super::super::word::to_usize(REACH_BYTES) - 8] {
            let slot = Slot::new(0xAB_CDEF, place).with_frequency(2);
            assert_eq!((slot.place(), slot.tag(), slot.frequency()), (Some(place), 0xAB_CDEF, 2));
            assert!(slot.is_same(Slot::new(0xAB_CDEF, place)));
        }
    }

    #[test]
    fn ghost_and_empty_hold_no_item() {
        assert!(!Slot::EMPTY.holds_item());
        assert!(!Slot::ghost(0).holds_item());
        assert_ne!(Slot::ghost(0), Slot::EMPTY);
    }
}
