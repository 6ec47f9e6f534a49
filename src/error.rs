//! The errors of the core, one variant per remedy. Knows the contract, and nothing else.
//!
//! An operation that answers with an error has changed nothing.

use std::fmt;

use crate::contract::{Refusal, Shortage};

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
    /// A sum is not a finite number.
    OutOfRange,
    /// Somebody who lives holds what is needed, and does not let go in time.
    Busy,
    /// A pattern is none, is too large, or needs more than linear time.
    Pattern,
    /// The shared memory holds what no store has written, or is of another layout.
    Corrupted,
    /// The file of a store is another user's, is open to others, or is no regular file.
    Forbidden,
    /// The system refuses what a store needs of it, with this number.
    System(i32),
    /// The store is in use by processes whose clock is ahead of this one's, or behind it.
    OtherClock,
    /// This platform has no stores that processes share.
    Unsupported,
    /// As many participants as a store can have are there.
    Participants,
    /// The same, and one of them only keeps the store in order: it leaves in a moment.
    Crowded,
    /// As many files as this process watches are mapped.
    Mappings,
    /// The process has no range of addresses of that size.
    Addresses,
    /// The file would be longer than the process may make one.
    FileSize,
}

// What every function of the core answers with: larger, it would come back through memory.
const _: () = assert!(size_of::<Error>() <= 8);

impl Error {
    /// The refusal that JavaScript is answered with; `None` for a defect, which is thrown.
    pub fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Full
            | Self::Participants
            | Self::Crowded
            | Self::Mappings
            | Self::Addresses
            | Self::FileSize => Some(Refusal::Full),
            Self::TooLarge => Some(Refusal::TooLarge),
            Self::NotNumber => Some(Refusal::NotNumber),
            Self::OutOfRange => Some(Refusal::OutOfRange),
            Self::Busy => Some(Refusal::Busy),
            Self::Pattern => Some(Refusal::Pattern),
            Self::Corrupted => Some(Refusal::Corrupted),
            Self::Forbidden => Some(Refusal::Forbidden),
            Self::System(_) => Some(Refusal::System),
            Self::OtherClock => Some(Refusal::OtherClock),
            Self::Unsupported => Some(Refusal::Unsupported),
            Self::Argument | Self::NotOpen | Self::Panicked => None,
        }
    }

    /// What ran out, where room did.
    pub fn shortage(self) -> Shortage {
        match self {
            Self::Participants | Self::Crowded => Shortage::Participants,
            Self::Mappings => Shortage::Mappings,
            Self::Addresses => Shortage::Addresses,
            Self::FileSize => Shortage::FileSize,
            _ => Shortage::Room,
        }
    }

    /// The stable code, as JavaScript sees it in `error.code`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotOpen => "ERR_STORE_CLOSED",
            _ => self.refusal().map_or("ERR_INTERNAL", Refusal::code),
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
            Self::OutOfRange => "Expected a finite sum, got another",
            Self::Busy => "Expected a lock within its time limit, got none",
            Self::Pattern => "Expected a pattern that takes linear time, got another",
            Self::Corrupted => "Expected memory as a store writes it, got other contents",
            Self::Forbidden => "Expected a regular file of this user alone, got another",
            Self::System(_) => "Expected the system to give what a store needs, got a refusal",
            Self::OtherClock => "Expected a store of this process's clock, got one of another",
            Self::Unsupported => "Expected a platform with shared files, got another",
            Self::Participants | Self::Crowded => {
                "Expected a place for a participant, got a full table"
            }
            Self::Mappings => "Expected fewer files that are mapped, got too many",
            Self::Addresses => "Expected a range of addresses, got none",
            Self::FileSize => "Expected a file within the limit of the process, got a longer one",
        })
    }
}

impl std::error::Error for Error {}
