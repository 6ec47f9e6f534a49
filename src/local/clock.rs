//! The clock of a store: the machine's, unless its owner tells the time. Knows no entry.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::platform::clock::{Clock, Monotonic};

/// Nobody tells the time.
const OF_THE_MACHINE: u64 = u64::MAX;

/// What the deadlines of a store are compared with.
#[derive(Debug)]
pub struct StoreClock(AtomicU64);

impl StoreClock {
    /// A clock that stands still until it is told the next time.
    pub fn told(now_us: u64) -> Self {
        Self(AtomicU64::new(now_us.min(OF_THE_MACHINE - 1)))
    }

    /// Sets a clock that is told the time. It never goes back.
    pub fn tell(&self, now_us: u64) {
        // Relaxed: a number of its own; the thread that sweeps may see it late.
        if self.0.load(Ordering::Relaxed) != OF_THE_MACHINE {
            self.0.fetch_max(now_us.min(OF_THE_MACHINE - 1), Ordering::Relaxed);
        }
    }
}

impl Default for StoreClock {
    fn default() -> Self {
        Self(AtomicU64::new(OF_THE_MACHINE))
    }
}

impl Clock for StoreClock {
    #[inline]
    fn now_us(&self) -> u64 {
        match self.0.load(Ordering::Relaxed) {
            OF_THE_MACHINE => Monotonic.now_us(),
            told_us => told_us,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_that_is_told_the_time_stands_still_and_never_goes_back() {
        let clock = StoreClock::told(7);
        assert_eq!(clock.now_us(), 7);
        clock.tell(9);
        clock.tell(8);
        assert_eq!(clock.now_us(), 9);
    }

    #[test]
    fn clock_of_the_machine_cannot_be_told() {
        let clock = StoreClock::default();
        clock.tell(u64::MAX);
        assert!(clock.now_us() < OF_THE_MACHINE - 1);
    }
}
