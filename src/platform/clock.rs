//! The monotonic clock, and the arithmetic of deadlines. Knows no entry.
//!
//! Time is counted in microseconds since the process first asked. It never goes back, and a
//! change of the wall clock does not move it.

use std::sync::OnceLock;
use std::time::Instant;

/// The deadline of what never expires; later than every real one.
pub const NEVER_US: u64 = u64::MAX;

const MICROSECONDS_PER_MILLISECOND: f64 = 1000.0;

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

impl Monotonic {
    /// The same time in milliseconds with their fraction, as JavaScript computes with it.
    pub fn now_ms(self) -> f64 {
        since_start().as_secs_f64() * 1000.0
    }
}

fn since_start() -> std::time::Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    let now = Instant::now();
    now.saturating_duration_since(*START.get_or_init(|| now))
}

/// The first whole microsecond at which a deadline in milliseconds has passed. Rounded up, so
/// that what is expired here is expired for JavaScript, which compares the fraction.
pub fn deadline_us(deadline_ms: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates, and what is below zero is long past"
    )]
    let deadline_us = (deadline_ms * MICROSECONDS_PER_MILLISECOND).ceil() as u64;
    deadline_us.min(NEVER_US - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadline_is_rounded_up_to_the_microsecond() {
        assert_eq!(deadline_us(1.0), 1000);
        assert_eq!(deadline_us(1.000_1), 1001);
        assert_eq!(deadline_us(-5.0), 0);
    }

    #[test]
    fn deadline_of_the_longest_time_to_live_is_not_never() {
        assert_eq!(deadline_us(9_007_199_254_740_992.0), 9_007_199_254_740_992_000);
        assert_eq!(deadline_us(f64::INFINITY), NEVER_US - 1);
    }

    #[test]
    fn clock_does_not_go_back() {
        let first = Monotonic.now_us();
        assert!(Monotonic.now_us() >= first);
    }
}
