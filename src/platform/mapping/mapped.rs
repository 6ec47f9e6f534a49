//! A file mapped into memory: made real, given back, and healed. Knows no layout.
//!
//! Linux only gives a page of a file when it is touched, and ends the process when it has none; so
//! pages are asked for beforehand. What takes a page away all the same (a file that somebody made
//! shorter) is met by `fault`.
#![expect(unsafe_code, reason = "memory is mapped by address")]

use parking_lot::Mutex;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::fault::Watched;
use super::pages::{self, Space};
use crate::platform::reservation::Reservation;

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
    space: Space,
    /// Held by the one that puts pages back.
    healing: Mutex<()>,
}

impl Mapping {
    /// Maps `bytes` bytes of `file`, which is at least as long, and open for as much.
    ///
    /// # Errors
    ///
    /// What the system answers; out of memory when it has no such range of addresses, busy when
    /// as many mappings are watched as can be.
    pub fn new(file: File, bytes: usize, access: Access) -> io::Result<Self> {
        let addresses = Reservation::of_addresses(bytes).ok_or(io::ErrorKind::OutOfMemory)?;
        map(&file, &addresses, access)?;
        let watched = Watched::new(addresses.start(), bytes).ok_or(io::ErrorKind::ResourceBusy)?;
        let space = Space::of(&file);
        Ok(Self { watched, addresses, file, access, space, healing: Mutex::new(()) })
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
        if bytes == 0 {
            // The system refuses to set nothing aside.
            return Ok(());
        }
        let is_allocated = match pages::allocate(&self.file, offset, bytes) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => false,
            refused @ Err(_) => return refused,
            Ok(()) => true,
        };
        // Somebody who looked at a page that was not there yet has another in its place.
        self.heal()?;
        if is_allocated && self.space == Space::Memory {
            return Ok(());
        }
        // SAFETY: inside the mapping, as just checked.
        let start = unsafe { self.start().add(offset) };
        match pages::populate(start, bytes) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => self.touch(offset, bytes),
            done => done,
        }
    }

    /// Makes pages real by changing nothing in each: what a file system can that knows no better.
    fn touch(&self, offset: usize, bytes: usize) -> io::Result<()> {
        for page in (offset / PAGE_BYTES)..(offset + bytes).div_ceil(PAGE_BYTES) {
            // SAFETY: the page is inside the mapping, for both its ends are at pages.
            let word = unsafe { self.start().add(page * PAGE_BYTES) }.cast::<AtomicU64>();
            // SAFETY: mapped and aligned, and all that looks at it are atomics.
            unsafe { word.as_ref() }.fetch_or(0, Ordering::Relaxed);
            if self.watched.is_hurt() {
                self.heal()?;
                return Err(io::ErrorKind::StorageFull.into());
            }
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
        pages::punch(&self.file, offset, bytes);
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
        let _healing = self.healing.lock();
        // Ends: who has met a page that was not there waits for the lock before it goes on.
        while self.watched.is_hurt() {
            if self.file.metadata()?.len() < self.bytes() as u64 {
                return Ok(false);
            }
            let faults = self.watched.begin_healing();
            map(&self.file, &self.addresses, self.access)?;
            self.watched.end_healing(faults);
        }
        Ok(true)
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
    if mapped == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // What a store holds is as secret as its file.
    addresses.keep_private();
    Ok(())
}
