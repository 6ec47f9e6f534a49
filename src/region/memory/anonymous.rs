//! Memory of this process, for a store that its threads share. Knows no layout.
//!
//! The addresses for the largest size are reserved once, and pages come when they are touched, so
//! growing never moves anything.

use std::ptr::NonNull;

use super::Memory;
use crate::error::Error;
use crate::platform::reservation::Reservation;
use crate::sync::{AtomicU32, Ordering};

/// Pages of this process.
#[derive(Debug)]
pub struct Anonymous {
    addresses: Reservation,
    /// 1 when it has become large.
    is_large: AtomicU32,
}

/// A store that does not go beyond has small pages: huge ones would be for the most part empty.
const SMALL_BYTES: usize = 16 * 1024 * 1024;

impl Anonymous {
    /// Reserves addresses for `bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::Addresses`] when the system does not have them.
    pub fn reserve(bytes: usize) -> Result<Self, Error> {
        let reservation = Reservation::new(bytes).ok_or(Error::Addresses)?;
        reservation.keep_private();
        let small = SMALL_BYTES.min(bytes);
        reservation.prefer_small_pages(0, small);
        reservation.prefer_huge_pages(small, bytes - small);
        Ok(Self { addresses: reservation, is_large: AtomicU32::new(0) })
    }
}

// SAFETY: the reservation is mapped as long as it lives, starts at a page, and hands out no
// reference.
#[expect(unsafe_code, reason = "the trait's promise is the reservation's")]
unsafe impl Memory for Anonymous {
    fn start(&self) -> NonNull<u8> {
        self.addresses.start()
    }

    fn reserved_bytes(&self) -> usize {
        self.addresses.bytes()
    }

    /// The system gives pages when they are touched. It has no way to refuse one, and ends the
    /// process instead; but for a limit on its data, which counts what can be written.
    fn commit(&self, offset: usize, bytes: usize) -> Result<(), Error> {
        if !self.has_range(offset, bytes) || !self.addresses.make_writable(offset + bytes) {
            return Err(Error::Full);
        }
        // Relaxed: advice, which may be given twice.
        if offset >= SMALL_BYTES && self.is_large.swap(1, Ordering::Relaxed) == 0 {
            self.addresses.prefer_huge_pages(0, SMALL_BYTES);
        }
        Ok(())
    }

    fn release(&self, offset: usize, bytes: usize) {
        self.addresses.release(offset, bytes);
    }
}
