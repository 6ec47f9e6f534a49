//! A word that says until when what a leader hears of elsewhere has been heard. Knows no clock.
//!
//! A leader begins a term, in which nothing is trusted at first. It makes void whatever is known,
//! then says up to which moment it has heard of everything, again and again. Invariants:
//!
//! - who sees a moment sees what the leader had made void before it said so;
//! - a leader whose term is over says nothing any more, however late it learns of that: anybody may
//!   begin a term, and so end trust at once, without a lock.
//!
//! ```text
//! 63                        42 41                                                  0
//! [ term: of the last leader  ][ the moment, in ms; 0: nothing is known to be heard ]
//! ```

use super::{AtomicU64, Ordering};

/// Bits of a moment: 139 years of milliseconds.
const MOMENT_BITS: u32 = 42;
const MOMENT_MASK: u64 = (1 << MOMENT_BITS) - 1;

/// Begins a term, and so ends the one before and its trust. The number of the new one.
pub fn begin_term(word: &AtomicU64) -> u32 {
    // Relaxed: the exchange below looks again.
    let mut seen = word.load(Ordering::Relaxed);
    // Ends: each round that fails is one in which another leader has moved the word.
    loop {
        let term = (seen >> MOMENT_BITS) + 1;
        // Release: after whatever made this necessary. Acquire: before what the term makes void.
        match word.compare_exchange(seen, term << MOMENT_BITS, Ordering::AcqRel, Ordering::Relaxed)
        {
            Ok(_) => return term_of(term << MOMENT_BITS),
            Err(now) => seen = now,
        }
    }
}

/// Says up to which moment everything was heard, 0 for nothing. `false` when the term is over.
pub fn say(word: &AtomicU64, term: u32, moment_ms: u64) -> bool {
    // Relaxed: the exchange below looks again.
    let mut seen = word.load(Ordering::Relaxed);
    // Ends: within a term only its leader moves the word, and a term that is over stays so.
    while term_of(seen) == term {
        let next = (seen & !MOMENT_MASK) | moment_ms.min(MOMENT_MASK);
        // Release: who sees the moment sees what was made void before it.
        match word.compare_exchange(seen, next, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return true,
            Err(now) => seen = now,
        }
    }
    false
}

/// Up to which moment everything was heard, in ms; 0 for nothing.
#[inline]
pub fn moment_ms(word: &AtomicU64) -> u64 {
    // Acquire pairs with `say`.
    word.load(Ordering::Acquire) & MOMENT_MASK
}

/// Whether everything was heard up to a moment that lies less than `bound_ms` before `now_ms`. One
/// that lies ahead is of another clock.
#[inline]
pub fn is_recent(moment_ms: u64, now_ms: u64, bound_ms: u64) -> bool {
    moment_ms != 0 && moment_ms <= now_ms && now_ms - moment_ms < bound_ms
}

fn term_of(word: u64) -> u32 {
    (word >> MOMENT_BITS) as u32
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn term_that_is_over_says_nothing() {
        let word = AtomicU64::new(0);
        let first = begin_term(&word);
        assert!(say(&word, first, 7));
        assert_eq!(moment_ms(&word), 7);
        let second = begin_term(&word);
        assert_eq!(moment_ms(&word), 0);
        assert!(!say(&word, first, 9));
        assert!(say(&word, second, 8));
        assert_eq!(moment_ms(&word), 8);
        assert!(say(&word, second, 0));
        assert_eq!(moment_ms(&word), 0);
    }

    #[test]
    fn terms_begin_anew_after_the_last_number() {
        let word = AtomicU64::new(u64::MAX);
        assert_eq!(begin_term(&word), 0);
        assert!(say(&word, 0, u64::MAX));
        assert_eq!(moment_ms(&word), MOMENT_MASK);
        assert_eq!(begin_term(&word), 1);
    }

    #[test]
    fn moment_is_recent_within_the_bound_and_never_ahead() {
        assert!(is_recent(5, 5, 10));
        assert!(is_recent(5, 14, 10));
        assert!(!is_recent(5, 15, 10));
        assert!(!is_recent(6, 5, 10));
        assert!(!is_recent(0, 5, 10));
    }
}
