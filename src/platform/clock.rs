//! The monotonic clock, and the arithmetic of deadlines. Knows no entry.
//!
//! Time is counted in microseconds since the process first asked. It never goes back, and a
//! change of the wall clock does not move it.

use std::sync::OnceLock;
use std::time::Instant;

/// The deadline of what never expires; later than every real one.
pub const NEVER_US: u64 = u64::MAX;

const US_PER_MS: u64 = 1000;

/// Something that tells the time; tests bring their own.
pub trait Clock {
    /// Microseconds since a start that does not change.
    fn now_us(&self) -> u64;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Monotonic;

impl Clock for Monotonic {
    fn now_us(&self) -> u64 {
        let elapsed = since_start();
        elapsed.as_secs() * 1_000_000 + u64::from(elapsed.subsec_micros())
    }
}

/// A reading of a clock, for whoever needs the same time twice.
#[derive(Clone, Copy, Debug)]
pub struct Reading(pub u64);

impl Clock for Reading {
    fn now_us(&self) -> u64 {
        self.0
    }
}

fn since_start() -> std::time::Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    let now = Instant::now();
    now.saturating_duration_since(*START.get_or_init(|| now))
}

/// The deadline that is `ttl_ms` after `now_us`; never `NEVER_US`.
pub fn deadline_us(now_us: u64, ttl_ms: u64) -> u64 {
    now_us.saturating_add(ttl_ms.saturating_mul(US_PER_MS)).min(NEVER_US - 1)
}

/// Microseconds as JavaScript computes with them: in milliseconds, exact up to 285 years.
pub fn ms_of(time_us: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 microseconds")]
    let time_us = time_us as f64;
    time_us / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadline_of_the_longest_time_to_live_is_exact() {
        assert_eq!(deadline_us(7, 1 << 53), 9_007_199_254_740_992_007);
    }

    #[test]
    fn deadline_is_before_never() {
        assert_eq!(deadline_us(5, u64::MAX), NEVER_US - 1);
    }

    #[test]
    fn clock_does_not_go_back() {
        let first = Monotonic.now_us();
        assert!(Monotonic.now_us() >= first);
    }
}
