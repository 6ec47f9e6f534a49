//! Locks that the kernel keeps for an open file, and drops when its last user ends. Knows no store.
//!
//! They lie on single bytes far behind the end of the file, belong to the open file (not to the
//! process, nor to a thread), and go with it however it goes: closed, killed, crashed.
#![expect(unsafe_code, reason = "the call takes the address of a structure")]

use std::fs::File;
use std::io;

/// How a byte is held.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hold {
    /// With others.
    Shared,
    /// Alone.
    Exclusive,
}

/// Where the bytes begin: files are shorter.
#[cfg(unix)]
const FIRST: libc::off_t = 1 << 60;

/// Holds a byte, or changes how it is held. `false` when others hold it.
///
/// # Errors
///
/// What the system answers, such as a file system without locks.
pub fn hold(file: &File, byte: u32, hold: Hold) -> io::Result<bool> {
    sys::set(file, byte, Some(hold))
}

/// Lets go of a byte.
pub fn let_go(file: &File, byte: u32) {
    // It goes with the file, if not now.
    let _ = sys::set(file, byte, None);
}

/// Whether anybody but this open file holds a byte.
///
/// # Errors
///
/// What the system answers.
pub fn is_held_by_others(file: &File, byte: u32) -> io::Result<bool> {
    sys::is_held_by_others(file, byte)
}

/// Whether the locks of a file are kept by this kernel, for all who can have the file: not by a
/// server, nor by the host of a virtual machine.
pub fn are_of_this_kernel(file: &File) -> bool {
    sys::are_of_this_kernel(file)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod sys {
    use std::os::fd::AsRawFd;

    use super::{FIRST, File, Hold, io};

    #[cfg(target_os = "linux")]
    const SET: libc::c_int = libc::F_OFD_SETLK;
    #[cfg(target_os = "linux")]
    const ASK: libc::c_int = libc::F_OFD_GETLK;
    /// As in its `fcntl.h`; the crate does not know them.
    #[cfg(target_os = "macos")]
    const SET: libc::c_int = 90;
    #[cfg(target_os = "macos")]
    const ASK: libc::c_int = 92;

    pub(super) fn set(file: &File, byte: u32, hold: Option<Hold>) -> io::Result<bool> {
        let mut lock = lock_of(byte, hold);
        loop {
            // SAFETY: the call reads the structure, and touches no other memory.
            if unsafe { libc::fcntl(file.as_raw_fd(), SET, &raw mut lock) } == 0 {
                return Ok(true);
            }
            let error = io::Error::last_os_error();
            match error.raw_os_error() {
                Some(libc::EAGAIN | libc::EACCES) => return Ok(false),
                Some(libc::EINTR) => {}
                _ => return Err(error),
            }
        }
    }

    pub(super) fn is_held_by_others(file: &File, byte: u32) -> io::Result<bool> {
        let mut lock = lock_of(byte, Some(Hold::Exclusive));
        // SAFETY: the call reads and writes the structure, and touches no other memory.
        if unsafe { libc::fcntl(file.as_raw_fd(), ASK, &raw mut lock) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(libc::c_int::from(lock.l_type) != libc::F_UNLCK)
    }

    /// File systems of which no other kernel has a part: tmpfs, ramfs, ext, xfs, btrfs, overlayfs,
    /// f2fs, zfs, bcachefs.
    #[cfg(target_os = "linux")]
    const OWN: [u32; 9] = [
        0x0102_1994,
        0x8584_58F6,
        0xEF53,
        0x5846_5342,
        0x9123_683E,
        0x794C_7630,
        0xF2F5_2010,
        0x2FC1_2FC1,
        0xCA45_1A4E,
    ];

    pub(super) fn are_of_this_kernel(file: &File) -> bool {
        // SAFETY: a plain structure, for which zeroes are a value.
        let mut about: libc::statfs = unsafe { std::mem::zeroed() };
        // SAFETY: the call writes the structure, and touches no other memory.
        let is_known = unsafe { libc::fstatfs(file.as_raw_fd(), &raw mut about) } == 0;
        is_known && is_own(&about)
    }

    #[cfg(target_os = "linux")]
    fn is_own(about: &libc::statfs) -> bool {
        // Compared as 32 bits: the type is wider here, and signed there.
        OWN.iter().any(|own| about.f_type.to_le_bytes()[..4] == own.to_le_bytes())
    }

    #[cfg(target_os = "macos")]
    fn is_own(about: &libc::statfs) -> bool {
        about.f_flags & libc::MNT_LOCAL.cast_unsigned() != 0
    }

    fn lock_of(byte: u32, hold: Option<Hold>) -> libc::flock {
        let kind = match hold {
            None => libc::F_UNLCK,
            Some(Hold::Shared) => libc::F_RDLCK,
            Some(Hold::Exclusive) => libc::F_WRLCK,
        };
        #[expect(clippy::cast_possible_truncation, reason = "small numbers, of whatever width")]
        let (kind, from_the_start) = (kind as libc::c_short, libc::SEEK_SET as libc::c_short);
        // SAFETY: a plain structure, for which zeroes are a value: the process has to be 0.
        let mut lock: libc::flock = unsafe { std::mem::zeroed() };
        lock.l_type = kind;
        lock.l_whence = from_the_start;
        lock.l_start = FIRST + libc::off_t::from(byte);
        lock.l_len = 1;
        lock
    }
}

/// Elsewhere there are none, and so no stores that processes share.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
mod sys {
    use super::{File, Hold, io};

    pub(super) fn set(_file: &File, _byte: u32, _hold: Option<Hold>) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn is_held_by_others(_file: &File, _byte: u32) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn are_of_this_kernel(_file: &File) -> bool {
        false
    }
}
