//! What a region lies in: addresses that many see, made real piece by piece. Knows no layout.
//!
//! Two kinds are meant: pages of this process, shared by its threads, and a mapped file, shared by
//! processes, which can also be mapped to be read only. The first two pass the same suite,
//! `__test__/rust/engine/conformance.rs`.

pub mod anonymous;
#[cfg(unix)]
pub mod file;
#[cfg(unix)]
pub mod observed;

use std::ptr::NonNull;

use crate::error::Error;
use crate::sync::AtomicU32;

/// A range of addresses for a region.
///
/// # Safety
///
/// From [`start`](Memory::start) on, [`reserved_bytes`](Memory::reserved_bytes) bytes stay mapped
/// at the same addresses, readable and, if it [is](Memory::is_writable), writable, as long as the
/// value lives. A start is aligned to 4096. Nobody makes a reference into the range but to atomics.
#[expect(unsafe_code, reason = "who implements it promises that the range is there")]
pub unsafe trait Memory: Send + Sync {
    /// The first address.
    fn start(&self) -> NonNull<u8>;

    /// How many bytes have addresses.
    fn reserved_bytes(&self) -> usize;

    /// Whether it can be written to; else a store of even what is there already faults.
    fn is_writable(&self) -> bool {
        true
    }

    /// Whether a range has addresses.
    fn has_range(&self, offset: usize, bytes: usize) -> bool {
        offset.checked_add(bytes).is_some_and(|end| end <= self.reserved_bytes())
    }

    /// Makes the pages of a range real, so that touching them cannot fail. What was real before
    /// keeps its contents; the rest is zero.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] when the system has no more pages, or no such range is reserved.
    fn commit(&self, offset: usize, bytes: usize) -> Result<(), Error>;

    /// Gives the pages of a range back. Until it is committed again the range holds zeroes, or
    /// what it held before; reading it does no harm.
    fn release(&self, offset: usize, bytes: usize);

    /// Not 0 when pages are not what they were. Looked at before each operation.
    fn faults(&self) -> &'static AtomicU32 {
        static NONE: AtomicU32 = AtomicU32::new(0);
        &NONE
    }

    /// Makes it whole again, if that can be.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when it cannot.
    fn heal(&self) -> Result<(), Error> {
        Ok(())
    }
}
