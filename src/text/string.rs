//! A string as JavaScript has it: Latin-1 where it can be, else UTF-16. Knows no store.
//!
//! Invariant: a string is UTF-16 only if one of its units does not fit a byte, so equal strings
//! have equal bytes and equal width, lone surrogates and NUL included.

use std::hash::Hasher;

/// A string of JavaScript: borrowed bytes, and whether two of them make a unit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Text<'a> {
    bytes: &'a [u8],
    is_utf16: bool,
}

impl<'a> Text<'a> {
    /// A string of which each unit is a byte.
    pub fn latin1(bytes: &'a [u8]) -> Self {
        Self { bytes, is_utf16: false }
    }

    /// Writes `units` to `space`, in a byte each if all fit. `space` holds two bytes a unit.
    pub fn write(units: &[u16], space: &'a mut [u8]) -> Self {
        let is_utf16 = units.iter().fold(0, |seen, unit| seen | unit) > 0xFF;
        if is_utf16 {
            let space = &mut space[..units.len() * 2];
            for (pair, unit) in space.as_chunks_mut::<2>().0.iter_mut().zip(units) {
                *pair = unit.to_le_bytes();
            }
            return Self { bytes: space, is_utf16 };
        }
        let space = &mut space[..units.len()];
        for (byte, unit) in space.iter_mut().zip(units) {
            *byte = unit.to_le_bytes()[0];
        }
        Self { bytes: space, is_utf16 }
    }

    /// The units of the string, however they are kept.
    pub fn units(&self) -> impl Iterator<Item = u16> + '_ {
        let step = if self.is_utf16 { 2 } else { 1 };
        self.bytes.chunks_exact(step).map(|unit| match *unit {
            [low, high] => u16::from_le_bytes([low, high]),
            [low] => u16::from(low),
            _ => unreachable!("chunks of one or two"),
        })
    }

    /// The bytes, and whether two of them make a unit.
    pub fn parts(&self) -> (&'a [u8], bool) {
        (self.bytes, self.is_utf16)
    }

    /// A string of what [`Self::parts`] gave.
    pub fn of_parts(bytes: &'a [u8], is_utf16: bool) -> Self {
        Self { bytes, is_utf16 }
    }

    /// Whether the string begins with `prefix`, however the two are kept.
    #[inline]
    pub fn starts_with(&self, prefix: Text<'_>) -> bool {
        if self.is_utf16 == prefix.is_utf16 {
            return self.bytes.starts_with(prefix.bytes);
        }
        // A unit of the prefix does not fit a byte, but each of the string does.
        if prefix.is_utf16 {
            return false;
        }
        let mut units = self.units();
        prefix.bytes.iter().all(|&unit| units.next() == Some(u16::from(unit)))
    }

    /// What comes behind so many units, to be read; it may be kept wider than it has to be.
    #[must_use]
    pub fn behind(&self, units: usize) -> Text<'a> {
        let start = if self.is_utf16 { units * 2 } else { units };
        Text { bytes: self.bytes.get(start..).unwrap_or_default(), is_utf16: self.is_utf16 }
    }

    /// The string as Rust has strings, where it is kept as such.
    #[inline]
    pub fn as_ascii(&self) -> Option<&'a str> {
        let bytes = self.latin1_bytes().filter(|bytes| bytes.is_ascii())?;
        std::str::from_utf8(bytes).ok()
    }

    /// The bytes of a string of which each unit is a byte.
    pub fn latin1_bytes(&self) -> Option<&'a [u8]> {
        (!self.is_utf16).then_some(self.bytes)
    }

    /// Feeds the string to a hasher; two of the same bytes and another width differ.
    pub fn hash_into(&self, hasher: &mut impl Hasher) {
        hasher.write(self.bytes);
        if self.is_utf16 {
            hasher.write_u8(1);
        }
    }

    /// The string as Rust has strings; a lone surrogate is replaced.
    pub fn to_lossy(&self) -> String {
        char::decode_utf16(self.units())
            .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_comes_back_unit_for_unit_and_as_short_as_it_goes() {
        for length in [0, 1, 300] {
            for unit in [0, 0x41, 0xFF, 0x100, 0xD800, 0xFFFF] {
                let units = vec![unit; length];
                let mut space = vec![0xEE; length * 2];
                let text = Text::write(&units, &mut space);
                assert_eq!(text.units().collect::<Vec<_>>(), units);
                assert_eq!(text.parts().1, length > 0 && unit > 0xFF);
                assert_eq!(Text::of_parts(text.parts().0, text.parts().1), text);
            }
        }
    }

    #[test]
    fn lone_surrogate_is_replaced_where_rust_needs_a_string() {
        let mut space = [0; 4];
        assert_eq!(Text::write(&[0xD800, 0x41], &mut space).to_lossy(), "\u{FFFD}A");
    }
}
