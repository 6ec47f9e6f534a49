//! Which start of the machine this is, and what its clock counts from. Knows no store.
#![cfg_attr(
    target_os = "macos",
    expect(unsafe_code, reason = "the system is asked by a call of C")
)]

use std::sync::OnceLock;

/// A number of this start of the machine; zeroes where the system does not tell.
pub fn boot_id() -> [u64; 2] {
    static BOOT_ID: OnceLock<[u64; 2]> = OnceLock::new();
    *BOOT_ID.get_or_init(ask)
}

#[cfg(target_os = "linux")]
fn ask() -> [u64; 2] {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    number_of(&text.unwrap_or_default())
}

#[cfg(target_os = "macos")]
fn ask() -> [u64; 2] {
    let mut text = [0_u8; 64];
    let mut bytes = text.len();
    let (name, into) = (c"kern.bootsessionuuid".as_ptr(), text.as_mut_ptr().cast());
    // SAFETY: the call writes at most as many bytes as there are, and how many it wrote.
    unsafe { libc::sysctlbyname(name, into, &raw mut bytes, std::ptr::null_mut(), 0) };
    number_of(&String::from_utf8_lossy(&text))
}

/// No number: no two processes share a store there.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn ask() -> [u64; 2] {
    [0; 2]
}

/// How far the clock of this process is ahead of the machine's, in microseconds: in a container
/// with a time namespace of its own.
pub fn clock_offset_us() -> i64 {
    static OFFSET_US: OnceLock<i64> = OnceLock::new();
    *OFFSET_US.get_or_init(|| {
        // Not there: no namespace either, as on other systems.
        let text = std::fs::read_to_string("/proc/self/timens_offsets").unwrap_or_default();
        text.lines().find_map(offset_us).unwrap_or(0)
    })
}

/// The offset of a line that says the one of the monotonic clock: `monotonic <seconds> <ns>`.
fn offset_us(line: &str) -> Option<i64> {
    let mut words = line.split_whitespace();
    // The kernel writes names, or their numbers.
    words.next().filter(|name| matches!(*name, "monotonic" | "1"))?;
    let mut number = || words.next()?.parse::<i64>().ok();
    let (seconds, nanoseconds) = (number()?, number()?);
    Some(seconds.saturating_mul(1_000_000).saturating_add(nanoseconds / 1000))
}

/// The first 32 hexadecimal digits of a text.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn number_of(text: &str) -> [u64; 2] {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    let half = |from: usize| {
        digits.get(from..from + 16).and_then(|half| u64::from_str_radix(half, 16).ok()).unwrap_or(0)
    };
    [half(0), half(16)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offset_is_that_of_the_monotonic_clock() {
        assert_eq!(offset_us("monotonic         -5  2500000"), Some(-4_997_500));
        assert_eq!(offset_us("boottime           7          0"), None);
        assert_eq!(offset_us("monotonic"), None);
    }
}
