//! A seqlock word for each stripe of keys: odd while an entry of it is changed.
//!
//! Invariant: a reader that has seen a change of an entry sees, from then on, a version of its
//! stripe that differs from every even one before the change. So a copy is current while the
//! version is even and the same as before the copy was made. Versions wrap after 2^31 changes of a
//! stripe.

use super::{AtomicU32, Ordering};

/// The version to note before an entry is read. Odd: a change is on its way, keep no copy.
#[inline]
pub fn version(stripe: &AtomicU32) -> u32 {
    // Acquire: what is read afterwards is at least as new as this version.
    stripe.load(Ordering::Acquire)
}

/// Before the store that changes an entry. Only the holder of the stripe's lock calls this.
#[inline]
pub fn begin_write(stripe: &AtomicU32) {
    // Relaxed: only the lock's holder writes.
    let version = stripe.load(Ordering::Relaxed) | 1;
    // Release: after the note of which stripe is open. Before the entry's store, which is Release.
    stripe.store(version, Ordering::Release);
}

/// After the store that changed an entry.
#[inline]
pub fn end_write(stripe: &AtomicU32) {
    // Relaxed: as above.
    let version = stripe.load(Ordering::Relaxed);
    // Release: a reader that sees this version sees the change. Even again, also after a death.
    stripe.store((version | 1).wrapping_add(1), Ordering::Release);
}
