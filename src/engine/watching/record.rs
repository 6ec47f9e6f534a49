//! How a change lies in the ring. Knows its bytes, not what they mean.
//!
//! ```text
//! word 0   bits 0–31 bytes of the value · 32–47 bytes of the key · 48–55 change · 56 wide key
//! word 1   bits 0–31 who made the change, as a word · 32–39 kind of the value
//! then     the key, padded to 8 · the value, padded to 8
//! ```

use crate::region::bytes::padded;
use crate::region::word::{low, to_usize};

/// Bytes before the key.
pub(super) const HEAD_BYTES: usize = 16;
/// How long a key may be here.
pub(super) const KEY_BYTES_MAX: usize = 0xFFFF;

const KEY_SHIFT: u32 = 32;
const CHANGE_SHIFT: u32 = 48;
const WIDE: u64 = 1 << 56;
const KIND_SHIFT: u32 = 32;

/// The first two words of a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct RecordHead {
    pub(super) change: u8,
    pub(super) wide: bool,
    pub(super) key_bytes: usize,
    pub(super) value_bytes: usize,
    /// What the value is.
    pub(super) kind: u8,
    /// Who made the change, as a word.
    pub(super) origin: u32,
}

impl RecordHead {
    pub(super) fn words(self) -> [u64; 2] {
        let wide = if self.wide { WIDE } else { 0 };
        let (key, value) = (self.key_bytes as u64, self.value_bytes as u64);
        let first = value | key << KEY_SHIFT | u64::from(self.change) << CHANGE_SHIFT | wide;
        [first, u64::from(self.origin) | u64::from(self.kind) << KIND_SHIFT]
    }

    pub(super) fn of([first, second]: [u64; 2]) -> Self {
        Self {
            change: first.to_le_bytes()[6],
            wide: first & WIDE != 0,
            key_bytes: to_usize(first >> KEY_SHIFT) & KEY_BYTES_MAX,
            value_bytes: to_usize(first & u64::from(u32::MAX)),
            kind: second.to_le_bytes()[4],
            origin: low(second),
        }
    }

    /// Bytes of the whole record.
    pub(super) fn bytes(self) -> usize {
        HEAD_BYTES + padded(self.key_bytes) + padded(self.value_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_is_what_was_written() {
        for (wide, key_bytes, value_bytes) in [(false, 0, 0), (true, 0xFFFF, 0xFFFF_FFFF)] {
            let (change, kind, origin) = (7, 255, u32::MAX - 1);
            let head = RecordHead { change, wide, key_bytes, value_bytes, kind, origin };
            assert_eq!(RecordHead::of(head.words()), head);
        }
    }

    #[test]
    fn record_is_as_long_as_its_parts_in_whole_words() {
        let head = RecordHead::of([3 | 9 << KEY_SHIFT, 0]);
        assert_eq!(head.bytes(), 16 + 16 + 8);
    }
}
