//! A key as it is kept: an exact JavaScript string in 24 bytes, or behind them. Knows no entry.
//!
//! Invariant: what comes out is what went in, and the form beside it.

use crate::text::string::Text;

/// Bytes that a key keeps in place; one more makes the key 32 bytes instead of 24.
const INLINE_BYTES: usize = 21;

/// How a key was given by the caller: kept with the key, not understood. 0 to `FORM_MAX`.
pub type KeyForm = u8;

/// The largest form.
pub const FORM_MAX: KeyForm = 0x7F;

/// A key as it is kept, with the form in which it was given.
#[derive(Debug)]
pub struct Key(Storage);

#[derive(Debug)]
enum Storage {
    Inline { traits: Traits, length: u8, bytes: [u8; INLINE_BYTES] },
    Heap { traits: Traits, bytes: Box<[u8]> },
}

/// Bit 0: whether the key is UTF-16. Above: its form.
#[derive(Clone, Copy, Debug)]
struct Traits(u8);

const _: () = assert!(size_of::<Key>() == 24);

impl Key {
    /// The empty string: what a slot without an entry holds.
    pub const EMPTY: Self =
        Self(Storage::Inline { traits: Traits(0), length: 0, bytes: [0; INLINE_BYTES] });

    /// A copy of `key`; `None` when there is no memory for it.
    pub fn copy_of(key: Text<'_>, form: KeyForm) -> Option<Self> {
        let (bytes, is_utf16) = key.parts();
        let traits = Traits::new(is_utf16, form);
        if bytes.len() <= INLINE_BYTES {
            let mut inline = [0; INLINE_BYTES];
            inline[..bytes.len()].copy_from_slice(bytes);
            #[expect(clippy::cast_possible_truncation, reason = "at most INLINE_BYTES")]
            let length = bytes.len() as u8;
            return Some(Self(Storage::Inline { traits, length, bytes: inline }));
        }
        let mut copy = Vec::new();
        copy.try_reserve_exact(bytes.len()).ok()?;
        copy.extend_from_slice(bytes);
        Some(Self(Storage::Heap { traits, bytes: copy.into_boxed_slice() }))
    }

    /// Becomes a copy of `key`; `None`, and nothing happened, when there is no memory for it. A
    /// short one is written in place of another: what was just written in small pieces cannot be
    /// copied in larger ones without a stall.
    #[inline]
    pub fn assign(&mut self, key: Text<'_>, form: KeyForm) -> Option<()> {
        let (bytes, is_utf16) = key.parts();
        if let Storage::Inline { traits, length, bytes: kept } = &mut self.0
            && let Some(kept) = kept.get_mut(..bytes.len())
        {
            kept.copy_from_slice(bytes);
            *traits = Traits::new(is_utf16, form);
            #[expect(clippy::cast_possible_truncation, reason = "at most INLINE_BYTES")]
            let short = bytes.len() as u8;
            *length = short;
            return Some(());
        }
        *self = Self::copy_of(key, form)?;
        Some(())
    }

    /// The key as it is looked up.
    #[inline]
    pub fn as_ref(&self) -> Text<'_> {
        match &self.0 {
            Storage::Inline { traits, length, bytes } => {
                Text::of_parts(&bytes[..usize::from(*length)], traits.is_utf16())
            }
            Storage::Heap { traits, bytes } => Text::of_parts(bytes, traits.is_utf16()),
        }
    }

    /// The form in which the key was given.
    #[inline]
    pub fn form(&self) -> KeyForm {
        let (Storage::Inline { traits, .. } | Storage::Heap { traits, .. }) = &self.0;
        traits.0 >> 1
    }

    /// Bytes beside the entry, of a key that does not fit into it.
    pub fn heap_bytes(&self) -> usize {
        if let Storage::Heap { bytes, .. } = &self.0 { bytes.len() } else { 0 }
    }

    /// Notes another form.
    pub fn set_form(&mut self, form: KeyForm) {
        let (Storage::Inline { traits, .. } | Storage::Heap { traits, .. }) = &mut self.0;
        *traits = Traits::new(traits.is_utf16(), form);
    }
}

impl Traits {
    fn new(is_utf16: bool, form: KeyForm) -> Self {
        debug_assert!(form <= FORM_MAX);
        Self(form << 1 | u8::from(is_utf16))
    }

    fn is_utf16(self) -> bool {
        self.0 & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(units: &[u16]) -> Key {
        let mut space = vec![0; units.len() * 2];
        Key::copy_of(Text::write(units, &mut space), 3).expect("memory")
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
    fn what_is_assigned_is_there_whatever_was_before() {
        let strings = [vec![], vec![0x41; 3], vec![0x42; 21], vec![0x43; 22], vec![0x100; 9]];
        for former in &strings {
            for units in &strings {
                let mut key = kept(former);
                let mut space = vec![0; units.len() * 2];
                key.assign(Text::write(units, &mut space), 5).expect("memory");
                assert_eq!(key.as_ref(), kept(units).as_ref());
                assert_eq!((key.form(), key.heap_bytes()), (5, kept(units).heap_bytes()));
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
    fn keys_of_the_same_bytes_and_another_width_differ() {
        assert_ne!(kept(&[0x00, 0x01]).as_ref(), kept(&[0x0100]).as_ref());
        assert_ne!(kept(&[0xFF]).as_ref(), kept(&[0x100]).as_ref());
    }
}
