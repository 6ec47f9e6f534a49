//! A key: an exact JavaScript string, narrow where it can be. Knows no entry.
//!
//! Invariant: a key is wide only if one of its units does not fit a byte, so equal strings have
//! equal bytes and equal width, lone surrogates and NUL included.

use std::hash::Hasher;

/// Bytes that a key keeps in place; one more makes the key 32 bytes instead of 24.
const INLINE_BYTES: usize = 21;

/// A key as it is looked up: borrowed bytes, and whether two of them make a unit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyRef<'a> {
    bytes: &'a [u8],
    wide: bool,
}

impl<'a> KeyRef<'a> {
    /// A key of which each unit is a byte.
    pub fn narrow(bytes: &'a [u8]) -> Self {
        Self { bytes, wide: false }
    }

    /// Writes `units` to `space` as narrow as they go. `space` holds two bytes a unit.
    pub fn write(units: &[u16], space: &'a mut [u8]) -> Self {
        let wide = units.iter().fold(0, |seen, unit| seen | unit) > 0xFF;
        if wide {
            let space = &mut space[..units.len() * 2];
            for (pair, unit) in space.as_chunks_mut::<2>().0.iter_mut().zip(units) {
                *pair = unit.to_le_bytes();
            }
            return Self { bytes: space, wide };
        }
        let space = &mut space[..units.len()];
        for (byte, unit) in space.iter_mut().zip(units) {
            *byte = unit.to_le_bytes()[0];
        }
        Self { bytes: space, wide }
    }

    /// The units of the string, narrow or wide.
    pub fn units(&self) -> impl Iterator<Item = u16> + '_ {
        let step = if self.wide { 2 } else { 1 };
        self.bytes.chunks_exact(step).map(|unit| match *unit {
            [low, high] => u16::from_le_bytes([low, high]),
            [low] => u16::from(low),
            _ => unreachable!("chunks of one or two"),
        })
    }

    /// The bytes, and whether two of them make a unit.
    pub fn parts(&self) -> (&'a [u8], bool) {
        (self.bytes, self.wide)
    }

    /// A key of bytes that [`Self::parts`] gave.
    pub fn of_parts(bytes: &'a [u8], wide: bool) -> Self {
        Self { bytes, wide }
    }

    /// The bytes of a narrow key.
    pub fn narrow_bytes(&self) -> Option<&'a [u8]> {
        (!self.wide).then_some(self.bytes)
    }

    /// Feeds the key to a hasher; a narrow and a wide key of the same bytes differ.
    pub fn hash_into(&self, hasher: &mut impl Hasher) {
        hasher.write(self.bytes);
        if self.wide {
            hasher.write_u8(1);
        }
    }
}

/// How a key was given by the caller: kept with the key, not understood. 0 to `FORM_MAX`.
pub type KeyForm = u8;

/// The largest form.
pub const FORM_MAX: KeyForm = 0x7F;

/// A key as it is kept, with the form in which it was given.
#[derive(Debug)]
pub struct Key(Place);

#[derive(Debug)]
enum Place {
    Inline { traits: Traits, length: u8, bytes: [u8; INLINE_BYTES] },
    Heap { traits: Traits, bytes: Box<[u8]> },
}

/// Bit 0: whether the key is wide. Above: its form.
#[derive(Clone, Copy, Debug)]
struct Traits(u8);

const _: () = assert!(size_of::<Key>() == 24);

impl Key {
    /// The empty string: what a slot without an entry holds.
    pub const EMPTY: Self =
        Self(Place::Inline { traits: Traits(0), length: 0, bytes: [0; INLINE_BYTES] });

    /// A copy of `key`; `None` when there is no memory for it.
    pub fn copy_of(key: KeyRef<'_>, form: KeyForm) -> Option<Self> {
        let KeyRef { bytes, wide } = key;
        let traits = Traits::new(wide, form);
        if bytes.len() <= INLINE_BYTES {
            let mut inline = [0; INLINE_BYTES];
            inline[..bytes.len()].copy_from_slice(bytes);
            #[expect(clippy::cast_possible_truncation, reason = "at most INLINE_BYTES")]
            let length = bytes.len() as u8;
            return Some(Self(Place::Inline { traits, length, bytes: inline }));
        }
        let mut copy = Vec::new();
        copy.try_reserve_exact(bytes.len()).ok()?;
        copy.extend_from_slice(bytes);
        Some(Self(Place::Heap { traits, bytes: copy.into_boxed_slice() }))
    }

    /// The key as it is looked up.
    #[inline]
    pub fn as_ref(&self) -> KeyRef<'_> {
        match &self.0 {
            Place::Inline { traits, length, bytes } => {
                KeyRef { bytes: &bytes[..usize::from(*length)], wide: traits.wide() }
            }
            Place::Heap { traits, bytes } => KeyRef { bytes, wide: traits.wide() },
        }
    }

    /// The form in which the key was given.
    #[inline]
    pub fn form(&self) -> KeyForm {
        let (Place::Inline { traits, .. } | Place::Heap { traits, .. }) = &self.0;
        traits.0 >> 1
    }

    /// Bytes beside the entry, of a key that does not fit into it.
    pub fn heap_bytes(&self) -> usize {
        if let Place::Heap { bytes, .. } = &self.0 { bytes.len() } else { 0 }
    }

    /// Notes another form.
    pub fn set_form(&mut self, form: KeyForm) {
        let (Place::Inline { traits, .. } | Place::Heap { traits, .. }) = &mut self.0;
        *traits = Traits::new(traits.wide(), form);
    }
}

impl Traits {
    fn new(wide: bool, form: KeyForm) -> Self {
        debug_assert!(form <= FORM_MAX);
        Self(form << 1 | u8::from(wide))
    }

    fn wide(self) -> bool {
        self.0 & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(units: &[u16]) -> Key {
        let mut space = vec![0; units.len() * 2];
        Key::copy_of(KeyRef::write(units, &mut space), 3).expect("memory")
    }

    #[test]
    fn every_string_comes_back_unit_for_unit() {
        for length in [0, 1, 10, 11, 20, 21, 22, 300] {
            for unit in [0, 0x41, 0xFF, 0x100, 0xD800, 0xFFFF] {
                let units = vec![unit; length];
                assert_eq!(kept(&units).as_ref().units().collect::<Vec<_>>(), units);
            }
        }
    }

    #[test]
    fn form_is_kept_beside_every_key() {
        for length in [1, 300] {
            for unit in [0x41, 0x100] {
                let mut key = kept(&vec![unit; length]);
                assert_eq!(key.form(), 3);
                key.set_form(FORM_MAX);
                assert_eq!(key.form(), FORM_MAX);
                assert_eq!(key.as_ref().units().collect::<Vec<_>>(), vec![unit; length]);
            }
        }
    }

    #[test]
    fn narrow_and_wide_keys_of_the_same_bytes_differ() {
        assert_ne!(kept(&[0x00, 0x01]).as_ref(), kept(&[0x0100]).as_ref());
        assert_ne!(kept(&[0xFF]).as_ref(), kept(&[0x100]).as_ref());
    }
}
