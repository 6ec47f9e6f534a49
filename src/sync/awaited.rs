//! How whoever waits for a held word hears that it was let go. Knows no lock and no table.
//!
//! Who waits reads the bell, looks at the word, marks it, and sleeps while the bell is as it was
//! read. Who lets go rings the bell if the word was marked, and does nothing else if not.
//!
//! Invariant: a mark that was made on a held word is seen by whoever lets it go, so no sleeper
//! misses the end, unless the one that let go dies before it rings: who sleeps looks again in a
//! while.

use super::owner::CONTENDED;
use super::{AtomicU32, AtomicU64, Ordering};

/// Set in a word for whose end somebody waits: in its lower half, as in the word of a lock.
pub const AWAITED: u64 = CONTENDED as u64;

/// What the bell says before one looks at words.
#[inline]
pub fn listen(bell: &AtomicU32) -> u32 {
    // Acquire pairs with `ring`: who reads a ring finds the word let go.
    bell.load(Ordering::Acquire)
}

/// Asks for a ring when `word` changes, which is `held`. `false` when it has changed meanwhile.
pub fn ask(word: &AtomicU64, held: u64) -> bool {
    if held & AWAITED != 0 {
        // Somebody has asked already, and whoever lets go has not seen it yet: the bell was read
        // before.
        return true;
    }
    // AcqRel: whoever lets go sees the mark, and rings after the bell was read. Acquire, too, for
    // what the caller reads of the word's owner now.
    word.compare_exchange(held, held | AWAITED, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

/// Changes `word`, which only its owner changes but for the mark, to what `next` makes of it.
/// Gives what it was, with the mark.
pub fn replace(word: &AtomicU64, next: impl Fn(u64) -> u64) -> u64 {
    // Relaxed: compared again by the exchange.
    let mut was = word.load(Ordering::Relaxed);
    // Ends: a word is marked once.
    loop {
        // AcqRel pairs with `ask`, and publishes what the owner did before.
        match word.compare_exchange(was, next(was), Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return was,
            Err(now) => was = now,
        }
    }
}

/// Wakes all who sleep.
pub fn ring(bell: &AtomicU32) {
    // Release: who reads the new number finds the word let go.
    bell.fetch_add(1, Ordering::Release);
    #[cfg(not(any(loom, shuttle)))]
    crate::platform::park::wake_all(bell);
}
