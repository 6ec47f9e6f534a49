//! What can go wrong at run time: its number, its stable code and the class of its error.

group! {
    /// Why a shared store refuses: what a call answers below 0.
    Refusal: i32 {
        /// No slot or no memory is left.
        Full = -1;
        /// The key or the value is longer than this store can ever hold.
        TooLarge = -2;
        /// The entry holds something other than a number.
        NotNumber = -3;
        /// Others hold what is needed, and did not let go in time.
        Busy = -4;
        /// The store holds what no store has written.
        Corrupted = -5;
        /// The store has other options: the registers `MISMATCHED_…` say which, and what it has.
        Mismatch = -6;
        /// The pattern is none, is too large, or needs more than linear time.
        Pattern = -7;
        /// The file of the store is another user's, or no regular file.
        Forbidden = -8;
        /// The system refuses: the register `ERRNO` says with which number.
        System = -9;
        /// This platform has no such stores.
        Unsupported = -10;
        /// The sum is not a finite number.
        OutOfRange = -11;
        /// Processes of another time namespace use the store: their clock differs.
        OtherClock = -12;
    }
}

/// The class of an error, as JavaScript throws it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Class {
    /// The caller gave a value of the wrong kind.
    TypeError,
    /// The caller gave a number, or a size, that is out of range.
    RangeError,
    /// The state of the store, or of the system, makes the call impossible.
    StoreError,
}

impl Refusal {
    /// The stable code, `error.code` in JavaScript.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Full => "ERR_STORE_FULL",
            Self::TooLarge => "ERR_TOO_LARGE",
            Self::NotNumber => "ERR_NOT_A_NUMBER",
            Self::Busy => "ERR_LOCK_TIMEOUT",
            Self::Corrupted => "ERR_CORRUPTED",
            Self::Mismatch => "ERR_STORE_MISMATCH",
            Self::OtherClock => "ERR_OTHER_CLOCK",
            Self::Pattern => "ERR_INVALID_PATTERN",
            Self::Forbidden => "ERR_STORE_FORBIDDEN",
            Self::System => "ERR_STORE_UNAVAILABLE",
            Self::Unsupported => "ERR_UNSUPPORTED_PLATFORM",
            Self::OutOfRange => "ERR_OUT_OF_RANGE",
        }
    }

    /// The class of the error.
    pub const fn class(self) -> Class {
        match self {
            Self::NotNumber | Self::Pattern => Class::TypeError,
            Self::TooLarge | Self::OutOfRange => Class::RangeError,
            Self::Full
            | Self::Busy
            | Self::Corrupted
            | Self::Mismatch
            | Self::OtherClock
            | Self::Forbidden
            | Self::System
            | Self::Unsupported => Class::StoreError,
        }
    }
}
