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
}

impl Error {
    /// The stable code, as JavaScript sees it in `error.code`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Full => "ERR_STORE_FULL",
            Self::NotOpen => "ERR_STORE_CLOSED",
            Self::Argument | Self::Panicked => "ERR_INTERNAL",
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
        })
    }
}

impl std::error::Error for Error {}
