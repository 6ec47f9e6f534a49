//! The monotonic clock, and the arithmetic of deadlines. Knows no entry.
//!
//! Time is counted in microseconds since the machine started, for all its processes alike. It never
//! goes back, and a change of the wall clock does not move it.
#![cfg_attr(
    unix,
    expect(unsafe_code, reason = "the standard library hides where its clock starts")
)]

use std::time::{SystemTime, UNIX_EPOCH};

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
    #[inline]
    fn now_us(&self) -> u64 {
        since_start()
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

#[cfg(unix)]
fn since_start() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// Microseconds since the machine started, those in which it slept included.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn waking_us() -> u64 {
    read(libc::CLOCK_BOOTTIME)
}

/// The same: elsewhere the one clock counts on, or nothing is shared by what could sleep.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn waking_us() -> u64 {
    since_start()
}

#[cfg(unix)]
fn read(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes the time to a place of its type. These clocks are always there.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    time.tv_sec.cast_unsigned() * 1_000_000 + time.tv_nsec.cast_unsigned() / 1000
}

/// Elsewhere no two processes share a store: their own start will do.
#[cfg(not(unix))]
fn since_start() -> u64 {
    use std::sync::OnceLock;
    use std::time::Instant;

    static START: OnceLock<Instant> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    let now = Instant::now();
    let elapsed = now.saturating_duration_since(*START.get_or_init(|| now));
    elapsed.as_secs() * 1_000_000 + u64::from(elapsed.subsec_micros())
}

/// Microseconds since 1970, by the clock on the wall: it may be set, and go back.
pub fn wall_us() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() * 1_000_000 + u64::from(since.subsec_micros())
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
