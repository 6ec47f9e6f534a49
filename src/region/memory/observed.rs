//! A mapped file that is only looked at: the system refuses every store to it. Knows no layout.

use std::fs::File;
use std::ptr::NonNull;
use std::sync::Arc;

use super::Memory;
use super::file::refusal;
use crate::error::Error;
use crate::platform::mapping::{Access, Mapping};
use crate::sync::AtomicU32;

/// Pages of a file, to be read.
#[derive(Clone, Debug)]
pub struct ObservedFile(Arc<Mapping>);

impl ObservedFile {
    /// Maps the first `bytes` bytes of a file, which is at least as long.
    ///
    /// # Errors
    ///
    /// As for [`MappedFile::map`](super::file::MappedFile::map).
    pub fn map(file: File, bytes: usize) -> Result<Self, Error> {
        let mapping = Mapping::new(file, bytes, Access::Read).map_err(|error| refusal(&error))?;
        Ok(Self(Arc::new(mapping)))
    }

    /// The file, as long as it is mapped.
    pub fn file(&self) -> &File {
        self.0.file()
    }
}

// SAFETY: the mapping lives as long as the value, starts at a page, and hands out no reference; a
// page that is lost is replaced before anybody can look at it.
#[expect(unsafe_code, reason = "the trait's promise is the mapping's")]
unsafe impl Memory for ObservedFile {
    fn start(&self) -> NonNull<u8> {
        self.0.start()
    }

    fn reserved_bytes(&self) -> usize {
        self.0.bytes()
    }

    fn is_writable(&self) -> bool {
        false
    }

    /// Pages are made real by those that may write.
    fn commit(&self, _offset: usize, _bytes: usize) -> Result<(), Error> {
        Err(Error::Argument)
    }

    fn release(&self, _offset: usize, _bytes: usize) {}

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
