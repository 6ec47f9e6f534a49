//! A file mapped into memory: made real, given back, and healed. Knows no layout.
//!
//! Linux only gives a page of a file when it is touched, and ends the process when it has none; so
//! pages are asked for beforehand. What takes a page away all the same (a file that somebody made
//! shorter) is met by `fault`.
#![expect(unsafe_code, reason = "memory is mapped by address")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::fault::Watched;
use super::reservation::Reservation;

const PAGE_BYTES: usize = 4096;

/// What the pages of a mapping are for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// To be read: a store to them ends the process.
    Read,
    /// To be read and written.
    Write,
}

/// A file that is mapped from its first byte on, shared with all who map it.
#[derive(Debug)]
pub struct Mapping {
    /// Dropped first: nobody watches addresses that may become another's.
    watched: Watched,
    addresses: Reservation,
    file: File,
    access: Access,
}

impl Mapping {
    /// Maps `bytes` bytes of `file`, which is at least as long, and open for as much.
    ///
    /// # Errors
    ///
    /// What the system answers; out of memory when it has no such range of addresses.
    pub fn new(file: File, bytes: usize, access: Access) -> io::Result<Self> {
        let addresses = Reservation::new(bytes).ok_or(io::ErrorKind::OutOfMemory)?;
        map(&file, &addresses, access)?;
        let watched = Watched::new(addresses.start(), bytes).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { watched, addresses, file, access })
    }

    /// The first address, aligned to a page.
    pub fn start(&self) -> NonNull<u8> {
        self.addresses.start()
    }

    /// How many bytes are mapped.
    pub fn bytes(&self) -> usize {
        self.addresses.bytes()
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// How often a page was missing when it was touched, and is not healed.
    #[inline]
    pub fn faults(&self) -> &'static AtomicU32 {
        self.watched.faults()
    }

    /// Makes the pages of a range real. What was real keeps its contents; the rest is zero.
    ///
    /// # Errors
    ///
    /// What the system answers: no space, a quota, a limit.
    ///
    /// # Panics
    ///
    /// When the range is not inside.
    pub fn commit(&self, offset: usize, bytes: usize) -> io::Result<()> {
        assert!(offset <= self.bytes() && bytes <= self.bytes() - offset, "a range inside");
        match allocate(&self.file, offset, bytes) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => self.touch(offset, bytes),
            // Somebody who looked at a page that was not there yet has another in its place.
            Ok(()) => self.heal().map(|_| ()),
            refused => refused,
        }
    }

    /// Makes pages real by changing nothing in each: what a file system can that knows no better.
    fn touch(&self, offset: usize, bytes: usize) -> io::Result<()> {
        for page in (offset / PAGE_BYTES)..(offset + bytes).div_ceil(PAGE_BYTES) {
            // SAFETY: the page is inside the mapping, for both its ends are at pages.
            let word = unsafe { self.start().add(page * PAGE_BYTES) }.cast::<AtomicU64>();
            // SAFETY: mapped and aligned, and all that looks at it are atomics.
            unsafe { word.as_ref() }.fetch_or(0, Ordering::Relaxed);
        }
        if self.watched.is_hurt() {
            self.heal()?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    /// Gives the pages of a range back, where the system can. They read as zero from then on.
    ///
    /// # Panics
    ///
    /// When the range is not inside.
    pub fn release(&self, offset: usize, bytes: usize) {
        assert!(offset <= self.bytes() && bytes <= self.bytes() - offset, "a range inside");
        punch(&self.file, offset, bytes);
    }

    /// Puts pages of the file back where others had to stand in for them. `false`: the file is too
    /// short, and stays so.
    ///
    /// # Errors
    ///
    /// What the system answers.
    pub fn heal(&self) -> io::Result<bool> {
        if !self.watched.is_hurt() {
            return Ok(true);
        }
        if self.file.metadata()?.len() < self.bytes() as u64 {
            return Ok(false);
        }
        self.watched.begin_healing();
        let mapped = map(&self.file, &self.addresses, self.access);
        if mapped.is_err() {
            self.watched.give_up_healing();
        }
        mapped.map(|()| true)
    }

    /// Writes the first `bytes` bytes to the disk, if there is one.
    ///
    /// # Errors
    ///
    /// What the system answers.
    pub fn sync(&self, bytes: usize) -> io::Result<()> {
        let bytes = bytes.min(self.bytes());
        // SAFETY: our own mapping, which lives.
        let done = unsafe { libc::msync(self.start().as_ptr().cast(), bytes, libc::MS_SYNC) };
        if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

/// Lays `file` over the addresses.
fn map(file: &File, addresses: &Reservation, access: Access) -> io::Result<()> {
    let access = match access {
        Access::Read => libc::PROT_READ,
        Access::Write => libc::PROT_READ | libc::PROT_WRITE,
    };
    let (start, bytes) = (addresses.start().as_ptr().cast(), addresses.bytes());
    let kind = libc::MAP_SHARED | libc::MAP_FIXED;
    // SAFETY: these addresses are ours alone, and all that looks at them are atomics, for which
    // another page is a store by somebody else.
    let mapped = unsafe { libc::mmap(start, bytes, access, kind, file.as_raw_fd(), 0) };
    if mapped == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(target_os = "linux")]
fn allocate(file: &File, offset: usize, bytes: usize) -> io::Result<()> {
    change(file, 0, offset, bytes)
}

#[cfg(not(target_os = "linux"))]
fn allocate(_file: &File, _offset: usize, _bytes: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn punch(file: &File, offset: usize, bytes: usize) {
    let mode = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    // A refusal leaves the pages, and changes nothing else.
    let _ = change(file, mode, offset, bytes);
}

/// The pages stay, and keep what they hold.
#[cfg(not(target_os = "linux"))]
fn punch(_file: &File, _offset: usize, _bytes: usize) {}

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
