//! Which start of the machine this is: what its clock counts from. Knows no store.

/// A number of this start of the machine; zeroes where the system does not tell.
#[cfg(target_os = "linux")]
pub fn boot_id() -> [u64; 2] {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    let half = |from: usize| {
        digits.get(from..from + 16).and_then(|half| u64::from_str_radix(half, 16).ok()).unwrap_or(0)
    };
    [half(0), half(16)]
}

/// When the machine started by the clock on the wall, to the minute: that clock may be corrected.
#[cfg(not(target_os = "linux"))]
pub fn boot_id() -> [u64; 2] {
    use super::clock::{Clock, Monotonic, wall_us};

    const MINUTE_US: u64 = 60_000_000;
    [wall_us().saturating_sub(Monotonic.now_us()) / MINUTE_US, 0]
}
