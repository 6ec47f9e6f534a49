//! A robust lock, which is recovered from the dead: one word that names its holder.
//!
//! Invariant: the word is 0, or names the one participant that may change what the lock guards. A
//! death changes nothing of the word, so the one that recovers it knows that something may be half
//! done, and finishes it.

use super::owner::{CONTENDED, Liveness, Owner, POISONED};
use super::{AtomicU32, Ordering};
use crate::error::Error;

/// Looks at a held lock before the processor is given away: a holder that runs needs ~200 ns.
const SPINS: u32 = if cfg!(any(loom, shuttle)) { 0 } else { 100 };
/// Times the processor is given away before sleeping: a holder that was preempted runs again.
const YIELDS: u32 = if cfg!(any(loom, shuttle)) { 2 } else { 30 };
/// Longest sleep before asking again whether the holder lives.
const SLEEP_US: u64 = 500;
/// How long before giving up on a holder that lives and does not move (stopped, or debugged).
pub const PATIENCE_US: u64 = 10_000_000;

/// How a lock was won.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Won {
    /// It was free: what it guards is whole.
    Free,
    /// From a dead holder: what it guards may be half done.
    Recovered,
}

/// Takes the lock `word` for `me`.
///
/// # Errors
///
/// [`Error::Busy`] when a holder that lives keeps it for longer than `patience_us`.
#[inline]
pub fn acquire(
    word: &AtomicU32,
    me: Owner,
    patience_us: u64,
    liveness: &dyn Liveness,
) -> Result<Won, Error> {
    if try_free(word, me.word()) { Ok(Won::Free) } else { wait(word, me, patience_us, liveness) }
}

/// Takes the lock if that needs no waiting: it is free, or its holder is dead.
pub fn try_acquire(word: &AtomicU32, me: Owner, liveness: &dyn Liveness) -> Option<Won> {
    if try_free(word, me.word()) {
        return Some(Won::Free);
    }
    // Relaxed: only a hint of whom to ask about; `recover` looks again.
    let held = word.load(Ordering::Relaxed);
    recover(word, held, me, liveness).then_some(Won::Recovered)
}

/// Gives the lock back. What it guards must be whole.
#[inline]
pub fn release(word: &AtomicU32) {
    // Release pairs with the Acquire of the next holder.
    if word.swap(0, Ordering::Release) & CONTENDED != 0 {
        pause::wake(word);
    }
}

/// Gives the lock back although what it guards is not whole: the next one to take it recovers
/// it, as if the holder had died.
pub fn poison(word: &AtomicU32) {
    // Release: as above.
    if word.swap(POISONED, Ordering::Release) & CONTENDED != 0 {
        pause::wake(word);
    }
}

#[inline]
fn try_free(word: &AtomicU32, me: u32) -> bool {
    // Acquire pairs with the Release of `release`; a failure reads nothing that is used.
    word.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed).is_ok()
}

/// Takes the lock from `held`, if that word's owner is dead, or is `me`: a participant that finds
/// its own name had an operation cut off in the middle.
fn recover(word: &AtomicU32, held: u32, me: Owner, liveness: &dyn Liveness) -> bool {
    if held == 0 || Owner::of_word(held).is_some_and(|o| o != me && liveness.is_alive(o)) {
        return false;
    }
    let mine = me.word() | CONTENDED;
    // AcqRel: the dead released nothing, but what it did became visible when it ended, and the
    // one who knows of the end saw that; two who recover are ordered by the exchange.
    word.compare_exchange(held, mine, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

#[cold]
fn wait(
    word: &AtomicU32,
    me: Owner,
    patience_us: u64,
    liveness: &dyn Liveness,
) -> Result<Won, Error> {
    for turn in 0..SPINS + YIELDS {
        // Relaxed: a look before the exchange that counts.
        let held = word.load(Ordering::Relaxed);
        if held == 0 && try_free(word, me.word()) {
            return Ok(Won::Free);
        }
        // The dead do not come back, however long others may run.
        if turn == SPINS && recover(word, held, me, liveness) {
            return Ok(Won::Recovered);
        }
        if turn < SPINS { std::hint::spin_loop() } else { pause::yield_now() }
    }
    let mut patience = pause::Patience::new(patience_us);
    // Ends: by the clock, which a machine that has no time for us moves on, too.
    loop {
        // A thread that slept keeps the mark: others may still be asleep.
        if try_free(word, me.word() | CONTENDED) {
            return Ok(Won::Free);
        }
        // Relaxed: compared again by the exchange below.
        let held = word.load(Ordering::Relaxed);
        if recover(word, held, me, liveness) {
            return Ok(Won::Recovered);
        }
        if patience.is_over() {
            return Err(Error::Busy);
        }
        if held != 0 && mark(word, held) {
            pause::sleep(word, held | CONTENDED, SLEEP_US);
        }
    }
}

/// Asks `held`, which is not 0, for a wake. A mark on a free lock would look like a holder.
fn mark(word: &AtomicU32, held: u32) -> bool {
    // Relaxed: the mark orders nothing.
    word.compare_exchange(held, held | CONTENDED, Ordering::Relaxed, Ordering::Relaxed).is_ok()
}

#[cfg(not(any(loom, shuttle)))]
mod pause {
    pub(super) use crate::platform::park::wait as sleep;
    pub(super) use crate::platform::park::wake_all as wake;
    pub(super) use crate::platform::park::yield_now;

    use crate::platform::clock::{Clock, Monotonic};

    /// How long a thread waits.
    pub(super) struct Patience {
        due_us: u64,
    }

    impl Patience {
        pub(super) fn new(limit_us: u64) -> Self {
            Self { due_us: Monotonic.now_us().saturating_add(limit_us) }
        }

        pub(super) fn is_over(&mut self) -> bool {
            Monotonic.now_us() >= self.due_us
        }
    }
}

#[cfg(any(loom, shuttle))]
mod pause {
    use super::AtomicU32;

    #[cfg(loom)]
    pub(super) use loom::thread::yield_now;
    #[cfg(shuttle)]
    pub(super) use shuttle::thread::yield_now;

    /// Time does not pass in a model: looks are counted.
    pub(super) struct Patience(u32);

    impl Patience {
        pub(super) fn new(_limit_us: u64) -> Self {
            Self(if cfg!(loom) { 2 } else { 20_000 })
        }

        pub(super) fn is_over(&mut self) -> bool {
            self.0 = self.0.saturating_sub(1);
            self.0 == 0
        }
    }

    pub(super) fn sleep(_word: &AtomicU32, _expected: u32, _limit_us: u64) {
        yield_now();
    }

    pub(super) fn wake(_word: &AtomicU32) {}
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    struct Immortal;

    impl Liveness for Immortal {
        fn is_alive(&self, _owner: Owner) -> bool {
            true
        }
    }

    #[test]
    fn abandoned_lock_is_won_as_if_from_the_dead() {
        let word = AtomicU32::new(0);
        let (first, second) = (Owner::new(0, 1), Owner::new(1, 1));
        assert_eq!(try_acquire(&word, first, &Immortal), Some(Won::Free));
        assert_eq!(try_acquire(&word, second, &Immortal), None);
        poison(&word);
        assert_eq!(acquire(&word, second, PATIENCE_US, &Immortal), Ok(Won::Recovered));
        release(&word);
        assert_eq!(acquire(&word, first, PATIENCE_US, &Immortal), Ok(Won::Free));
    }

    #[cfg(not(shuttle))]
    #[test]
    fn patience_ends_by_the_clock_however_seldom_one_has_slept() {
        use crate::platform::clock::{Clock, Monotonic};

        let due_us = Monotonic.now_us() + 2000;
        let mut patience = pause::Patience::new(2000);
        // Ends: by the clock, without a sleep.
        while !patience.is_over() {}
        assert!(Monotonic.now_us() >= due_us);
        assert!(pause::Patience::new(0).is_over());
    }
}
