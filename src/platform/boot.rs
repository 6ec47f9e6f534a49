//! Which start of the machine this is: what its clock counts from. Knows no store.
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

/// The first 32 hexadecimal digits of a text.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn number_of(text: &str) -> [u64; 2] {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    let half = |from: usize| {
        digits.get(from..from + 16).and_then(|half| u64::from_str_radix(half, 16).ok()).unwrap_or(0)
    };
    [half(0), half(16)]
}
