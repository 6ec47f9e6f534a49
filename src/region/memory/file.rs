//! A mapped file, for a store that processes share. Knows no layout.
//!
//! The file is as long as the largest size from the beginning, and sparse; pages become real when
//! they are committed, so a full disk is an error and not a signal.

use std::fs::File;
use std::io;
use std::ptr::NonNull;
use std::sync::Arc;

use super::Memory;
use crate::error::Error;
use crate::platform::mapping::{Access, Mapping};
use crate::region::header::HEADER_BYTES;
use crate::sync::AtomicU32;

/// Pages of a file.
#[derive(Clone, Debug)]
pub struct MappedFile(Arc<Mapping>);

impl MappedFile {
    /// Maps the first `bytes` bytes of a file, which is at least as long.
    ///
    /// # Errors
    ///
    /// [`Error::Addresses`] without any; [`Error::Mappings`] when too many files are mapped;
    /// [`Error::System`] for what else the system answers.
    pub fn map(file: File, bytes: usize) -> Result<Self, Error> {
        let mapping = Mapping::new(file, bytes, Access::Write).map_err(|error| refusal(&error))?;
        Ok(Self(Arc::new(mapping)))
    }

    /// The file, as long as it is mapped.
    pub fn file(&self) -> &File {
        self.0.file()
    }

    /// Writes the head to the disk, if there is one.
    ///
    /// # Errors
    ///
    /// As [`map`](Self::map).
    pub fn sync_head(&self) -> Result<(), Error> {
        self.0.sync(HEADER_BYTES).map_err(|error| refusal(&error))
    }

    /// Writes everything to the disk, if there is one.
    ///
    /// # Errors
    ///
    /// As [`map`](Self::map).
    pub fn sync(&self) -> Result<(), Error> {
        self.0.sync(self.0.bytes()).map_err(|error| refusal(&error))
    }
}

/// What the system's answer means to a store.
pub fn refusal(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::Full,
        io::ErrorKind::FileTooLarge => Error::FileSize,
        io::ErrorKind::OutOfMemory => Error::Addresses,
        io::ErrorKind::ResourceBusy => Error::Mappings,
        io::ErrorKind::Unsupported => Error::Unsupported,
        _ => Error::System(error.raw_os_error().unwrap_or(0)),
    }
}

// SAFETY: the mapping lives as long as the value, starts at a page, and hands out no reference; a
// page that is lost is replaced before anybody can look at it.
#[expect(unsafe_code, reason = "the trait's promise is the mapping's")]
unsafe impl Memory for MappedFile {
    fn start(&self) -> NonNull<u8> {
        self.0.start()
    }

    fn reserved_bytes(&self) -> usize {
        self.0.bytes()
    }

    fn commit(&self, offset: usize, bytes: usize) -> Result<(), Error> {
        if !self.has_range(offset, bytes) {
            return Err(Error::Full);
        }
        self.0.commit(offset, bytes).map_err(|error| match refusal(&error) {
            // A limit of the process, or of the memory that it may have: no page is to be had.
            Error::FileSize | Error::Addresses => Error::Full,
            other => other,
        })
    }

    fn release(&self, offset: usize, bytes: usize) {
        self.0.release(offset, bytes);
    }

    fn faults(&self) -> &'static AtomicU32 {
        self.0.faults()
    }

    fn heal(&self) -> Result<(), Error> {
        match self.0.heal() {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::Corrupted),
            Err(error) => Err(refusal(&error)),
        }
    }
}
