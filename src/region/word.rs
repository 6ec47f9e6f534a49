//! Words of a region, with named parts, and the widths of this machine's numbers.
//!
//! Invariant: a word that holds more than a count is loaded and stored whole, through a [`Field`]
//! that knows its type, so that no word is ever taken for another.

use std::fmt;
use std::marker::PhantomData;

use crate::sync::{AtomicU64, Ordering};

const _: () = assert!(usize::BITS == 64, "offsets of a region need 64 bits");
const _: () = assert!(size_of::<Field<u64>>() == 8 && align_of::<Field<u64>>() == 8);

/// What one word of a region holds: any 64 bits are a value of it.
pub(crate) trait Word: Copy {
    /// The value that these bits are, whatever they are.
    fn of_word(word: u64) -> Self;

    /// Its bits.
    fn word(self) -> u64;
}

/// A word of a region that holds a `W`.
#[repr(transparent)]
pub(crate) struct Field<W>(AtomicU64, PhantomData<W>);

impl<W: Word> Field<W> {
    #[inline]
    pub(crate) fn load(&self, order: Ordering) -> W {
        W::of_word(self.0.load(order))
    }

    #[inline]
    pub(crate) fn store(&self, value: W, order: Ordering) {
        self.0.store(value.word(), order);
    }

    /// Stores `new` if the word is `now`. Whether it did.
    pub(crate) fn exchange(&self, now: W, new: W, order: Ordering) -> bool {
        // Relaxed: a failure reads nothing that is used.
        self.0.compare_exchange(now.word(), new.word(), order, Ordering::Relaxed).is_ok()
    }

    /// The word itself, for protocols that know no types.
    #[inline]
    pub(crate) fn raw(&self) -> &AtomicU64 {
        &self.0
    }
}

impl<W: Word + fmt::Debug> fmt::Debug for Field<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: for debugging.
        self.load(Ordering::Relaxed).fmt(formatter)
    }
}

/// One half of a word.
pub(crate) trait Half: Copy {
    fn of_half(half: u32) -> Self;
    fn half(self) -> u32;
}

impl Half for u32 {
    #[inline]
    fn of_half(half: u32) -> Self {
        half
    }

    #[inline]
    fn half(self) -> u32 {
        self
    }
}

/// Declares a word of two halves: bits 0–31 first, then bits 32–63.
macro_rules! halves {
    (
        $(#[$about:meta])* $name:ident {
            $(#[$about_low:meta])* $low:ident: $low_type:ty,
            $(#[$about_high:meta])* $high:ident: $high_type:ty $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) struct $name {
            $(#[$about_low])* pub(crate) $low: $low_type,
            $(#[$about_high])* pub(crate) $high: $high_type,
        }

        impl $crate::region::word::Word for $name {
            #[inline]
            fn of_word(word: u64) -> Self {
                use $crate::region::word::{Half, high, low};
                Self { $low: Half::of_half(low(word)), $high: Half::of_half(high(word)) }
            }

            #[inline]
            fn word(self) -> u64 {
                use $crate::region::word::Half;
                u64::from(self.$high.half()) << 32 | u64::from(self.$low.half())
            }
        }
    };
}

pub(super) use halves;

/// Bits 0–31 of a word, whatever the rest.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "cutting is the purpose")]
pub(crate) fn low(word: u64) -> u32 {
    word as u32
}

/// Bits 32–63 of a word.
#[inline]
pub(super) fn high(word: u64) -> u32 {
    (word >> 32) as u32
}

/// A number from memory as an index or a length.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "this crate needs 64-bit addresses")]
pub(crate) fn to_usize(number: u64) -> usize {
    number as usize
}

/// A length that was checked to be small, as memory holds it.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "checked in debug builds")]
pub(crate) fn to_u32(number: usize) -> u32 {
    debug_assert!(u32::try_from(number).is_ok());
    number as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    halves! {
        Pair { first: u32, second: u32 }
    }

    #[test]
    fn first_half_is_the_low_one() {
        let pair = Pair { first: 1, second: 2 };
        assert_eq!(pair.word(), 2 << 32 | 1);
        assert_eq!(Pair::of_word(pair.word()), pair);
    }

    #[test]
    fn field_keeps_what_it_is_given_if_it_was_what_one_thought() {
        let field = Field::<Pair>(AtomicU64::new(0), PhantomData);
        let [zero, one] = [0, 1].map(|second| Pair { first: 7 * second, second });
        assert!(!field.exchange(one, zero, Ordering::AcqRel));
        assert!(field.exchange(zero, one, Ordering::AcqRel));
        assert_eq!(field.load(Ordering::Relaxed), one);
    }
}
