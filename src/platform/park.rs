//! How a thread waits for a word to change, and wakes who waits. Knows no lock.
//!
//! A wait may end early for no reason, and always ends in time: whoever waits looks again.
#![expect(unsafe_code, reason = "the futex call takes the address of a word")]

use std::sync::atomic::AtomicU32;
use std::thread;
use std::time::Duration;

/// Lets another thread run.
pub fn yield_now() {
    thread::yield_now();
}

/// Whether a thread that sleeps on a word can be woken; else it looks again by itself.
pub const CAN_BE_WOKEN: bool = cfg!(target_os = "linux");

/// Sleeps until somebody wakes who waits for `word`, at most `limit_us`. Comes back at once when
/// `word` is no longer `expected`. Works between processes that share the word.
#[cfg(target_os = "linux")]
pub fn wait(word: &AtomicU32, expected: u32, limit_us: u64) {
    let limit = Duration::from_micros(limit_us);
    let limit = libc::timespec {
        tv_sec: libc::time_t::try_from(limit.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(limit.subsec_nanos().cast_signed()),
    };
    let limit = &raw const limit;
    // SAFETY: the word and the time outlive the call; the kernel reads both and writes neither.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAIT, expected, limit) };
}

/// Wakes all who wait for `word`.
#[cfg(target_os = "linux")]
pub fn wake_all(word: &AtomicU32) {
    // SAFETY: the kernel uses the address as a name only.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, i32::MAX) };
}

/// The longest sleep where nobody can wake the sleeper.
#[cfg(not(target_os = "linux"))]
const POLL_US: u64 = 100;

/// Sleeps a little: elsewhere there is no way to wait for a word that processes share.
#[cfg(not(target_os = "linux"))]
pub fn wait(_word: &AtomicU32, _expected: u32, limit_us: u64) {
    thread::sleep(Duration::from_micros(limit_us.min(POLL_US)));
}

/// Nothing to do: who waits looks again by itself.
#[cfg(not(target_os = "linux"))]
pub fn wake_all(_word: &AtomicU32) {}

/// Sleeps for a while.
pub fn sleep_us(microseconds: u64) {
    thread::sleep(Duration::from_micros(microseconds));
}
