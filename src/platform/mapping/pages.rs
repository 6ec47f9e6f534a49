//! Pages of a mapped file: made real before they are used, and given back. Knows no layout.
//!
//! Space that a file system has set aside is not yet a page that can be written: on a disk that is
//! nearly full, the first store may still find no room for what the disk notes of it. So each page
//! is made writable, but where files lie in memory, and space and pages are the same.
#![expect(unsafe_code, reason = "the system is asked by address and by file")]

use std::fs::File;
use std::io;
use std::ptr::NonNull;

#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd;

/// How pages of a file are made real.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Space {
    /// What was set aside can be written.
    Memory,
    /// Pages have to be written to as well.
    Disk,
}

#[cfg(target_os = "linux")]
impl Space {
    /// What a file lies in.
    pub(super) fn of(file: &File) -> Self {
        // SAFETY: a plain structure, for which zeroes are a value.
        let mut system: libc::statfs = unsafe { std::mem::zeroed() };
        // SAFETY: the call writes the structure, and touches no other memory.
        let done = unsafe { libc::fstatfs(file.as_raw_fd(), &raw mut system) };
        // The type of the field is another in each C library.
        let is_memory = done == 0 && i128::from(system.f_type) == i128::from(libc::TMPFS_MAGIC);
        if is_memory { Self::Memory } else { Self::Disk }
    }
}

#[cfg(not(target_os = "linux"))]
impl Space {
    /// What a file lies in: nothing can be said of it.
    pub(super) fn of(_file: &File) -> Self {
        Self::Disk
    }
}

/// Sets space aside for a range.
#[cfg(target_os = "linux")]
pub(super) fn allocate(file: &File, offset: usize, bytes: usize) -> io::Result<()> {
    change(file, 0, offset, bytes)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn allocate(_file: &File, _offset: usize, _bytes: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Makes pages of a shared mapping writable, from an address on. `Unsupported` where the system has
/// no such call: then each has to be touched.
#[cfg(target_os = "linux")]
pub(super) fn populate(start: NonNull<u8>, bytes: usize) -> io::Result<()> {
    loop {
        // SAFETY: the caller's own mapping; the contents of its pages stay.
        let done =
            unsafe { libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_POPULATE_WRITE) };
        if done == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        return Err(match error.raw_os_error() {
            Some(libc::EINTR | libc::EAGAIN) => continue,
            // Older than the call.
            Some(libc::EINVAL) => io::ErrorKind::Unsupported.into(),
            // Where a store would have been a signal.
            Some(libc::EFAULT) => io::ErrorKind::StorageFull.into(),
            _ => error,
        });
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn populate(_start: NonNull<u8>, _bytes: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Gives the pages of a range back.
#[cfg(target_os = "linux")]
pub(super) fn punch(file: &File, offset: usize, bytes: usize) {
    let mode = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    // A refusal leaves the pages, and changes nothing else.
    let _ = change(file, mode, offset, bytes);
}

/// The pages stay, and keep what they hold.
#[cfg(not(target_os = "linux"))]
pub(super) fn punch(_file: &File, _offset: usize, _bytes: usize) {}

#[cfg(target_os = "linux")]
fn change(file: &File, mode: libc::c_int, offset: usize, bytes: usize) -> io::Result<()> {
    let position = libc::off_t::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
    let length = libc::off_t::try_from(bytes).map_err(|_| io::ErrorKind::InvalidInput)?;
    loop {
        // SAFETY: a call about a file that is open; it touches no memory of ours.
        if unsafe { libc::fallocate(file.as_raw_fd(), mode, position, length) } == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EINTR) => {}
            Some(libc::EOPNOTSUPP) => return Err(io::ErrorKind::Unsupported.into()),
            _ => return Err(error),
        }
    }
}
