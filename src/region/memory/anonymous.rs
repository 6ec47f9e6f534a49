//! Memory of this process, for a store that its threads share. Knows no layout.
//!
//! The addresses for the largest size are reserved once, and pages come when they are touched, so
//! growing never moves anything.

use std::ptr::NonNull;

use super::Memory;
use crate::error::Error;
use crate::platform::reservation::Reservation;

/// Pages of this process.
#[derive(Debug)]
pub struct Anonymous(Reservation);

impl Anonymous {
    /// Reserves addresses for `bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] when the system does not have them.
    pub fn reserve(bytes: usize) -> Result<Self, Error> {
        let reservation = Reservation::new(bytes).ok_or(Error::Full)?;
        reservation.keep_private();
        reservation.prefer_huge_pages(0, bytes);
        Ok(Self(reservation))
    }
}

// SAFETY: the reservation is mapped as long as it lives, starts at a page, and hands out no
// reference.
#[expect(unsafe_code, reason = "the trait's promise is the reservation's")]
unsafe impl Memory for Anonymous {
    fn start(&self) -> NonNull<u8> {
        self.0.start()
    }

    fn reserved_bytes(&self) -> usize {
        self.0.bytes()
    }

    /// Nothing to do: the system gives pages when they are touched. It has no way to refuse one,
    /// and ends the process instead.
    fn commit(&self, offset: usize, bytes: usize) -> Result<(), Error> {
        if self.has_range(offset, bytes) { Ok(()) } else { Err(Error::Full) }
    }

    fn release(&self, offset: usize, bytes: usize) {
        self.0.release(offset, bytes);
    }
}
