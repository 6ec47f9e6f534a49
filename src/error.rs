//! The errors of the core, one variant per remedy. A leaf: knows nothing else.
//!
//! An operation that answers with an error has changed nothing.

use std::fmt;

/// Why an operation was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Error {
    /// No slot or no memory is left: delete entries, or open another store.
    Full,
    /// An argument of the wrong kind came over the boundary: a defect of the facade.
    Argument,
    /// The store was closed, or never opened, in this environment: a defect of the facade.
    NotOpen,
    /// The code of the core panicked: a defect of the core.
    Panicked,
    /// A key or value is longer than this store can ever hold.
    TooLarge,
    /// The entry holds something other than a number.
    NotNumber,
    /// Somebody who lives holds what is needed, and does not let go in time.
    Busy,
    /// The store of this name is open with other options.
    Mismatch,
    /// A pattern is none, is too large, or needs more than linear time.
    Pattern,
    /// The shared memory holds what no store has written, or is of another layout.
    Corrupted,
    /// The file of a store is another user's, is open to others, or is no regular file.
    Forbidden,
    /// The system refuses what a store needs of it, with this number.
    System(i32),
    /// This platform has no stores that processes share.
    Unsupported,
}

impl Error {
    /// The stable code, as JavaScript sees it in `error.code`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Full => "ERR_STORE_FULL",
            Self::NotOpen => "ERR_STORE_CLOSED",
            Self::Argument | Self::Panicked => "ERR_INTERNAL",
            Self::TooLarge => "ERR_TOO_LARGE",
            Self::NotNumber => "ERR_NOT_A_NUMBER",
            Self::Busy => "ERR_LOCK_TIMEOUT",
            Self::Mismatch => "ERR_STORE_MISMATCH",
            Self::Pattern => "ERR_INVALID_PATTERN",
            Self::Corrupted => "ERR_CORRUPTED",
            Self::Forbidden => "ERR_STORE_FORBIDDEN",
            Self::System(_) => "ERR_STORE_UNAVAILABLE",
            Self::Unsupported => "ERR_UNSUPPORTED_PLATFORM",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Full => "Expected room for one more entry, got a full store",
            Self::NotOpen => "Expected an open store, got a closed one",
            Self::Argument => "Expected arguments as the facade passes them, got others",
            Self::Panicked => "Expected the core to finish, got a panic in it",
            Self::TooLarge => "Expected a key and value that fit the store, got longer ones",
            Self::NotNumber => "Expected a number to increment, got another value",
            Self::Busy => "Expected a lock within its time limit, got none",
            Self::Mismatch => "Expected the options that the store is open with, got others",
            Self::Pattern => "Expected a pattern that takes linear time, got another",
            Self::Corrupted => "Expected memory as a store writes it, got other contents",
            Self::Forbidden => "Expected a regular file of this user alone, got another",
            Self::System(_) => "Expected the system to give what a store needs, got a refusal",
            Self::Unsupported => "Expected a platform with shared files, got another",
        })
    }
}

impl std::error::Error for Error {}
