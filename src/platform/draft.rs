//! Files that are being written beside the ones they replace. Knows no contents.
//!
//! Whoever writes one holds a byte of it, as long as it has the file open, and loses it however it
//! ends. Invariant: a draft is removed by others only when nobody holds it, and a writer that holds
//! its draft knows that it is still there.
#![cfg_attr(unix, expect(unsafe_code, reason = "an open file comes as its number"))]

use std::io;
use std::path::Path;

/// Holds the draft at `path`, which this process has just made and has open as `descriptor`, until
/// that is closed. `false` when it is gone or about to go: another took it for left before.
pub fn hold(descriptor: i32, path: &Path) -> bool {
    sys::hold(descriptor, path)
}

/// Removes the draft at `path`, if it is this user's and its writer is gone. Whether it did.
///
/// # Errors
///
/// What the system answers.
pub fn remove_left(path: &Path) -> io::Result<bool> {
    sys::remove_left(path)
}

#[cfg(unix)]
mod sys {
    use std::fs::{self, File};
    use std::mem::ManuallyDrop;
    use std::os::fd::FromRawFd;

    use super::{Path, io};
    use crate::platform::byte_lock::{self, Hold};
    use crate::platform::private_file::{self, AtPath, Sharing};

    /// The byte that the writer holds.
    const WRITER: u32 = 0;

    pub(super) fn hold(descriptor: i32, path: &Path) -> bool {
        if descriptor < 0 {
            return false;
        }
        // SAFETY: not -1, and the file is not closed here: it is whoever's that opened it.
        let file = ManuallyDrop::new(unsafe { File::from_raw_fd(descriptor) });
        match byte_lock::hold(&file, WRITER, Hold::Exclusive) {
            Ok(is_held) => is_held && private_file::is_at(&file, path).unwrap_or(false),
            // Where drafts are not removed, none has to be held: some file systems have no locks.
            Err(_) => !is_cleared(&file),
        }
    }

    pub(super) fn remove_left(path: &Path) -> io::Result<bool> {
        let AtPath::Own(file) = private_file::open(path, Sharing::User)? else {
            return Ok(false);
        };
        let is_left = is_cleared(&file)
            && byte_lock::hold(&file, WRITER, Hold::Exclusive)?
            && private_file::is_at(&file, path)?;
        if is_left {
            fs::remove_file(path)?;
        }
        Ok(is_left)
    }

    /// Whether drafts are removed where this file lies: elsewhere the writer of another machine
    /// may hold one, unseen.
    fn is_cleared(file: &File) -> bool {
        byte_lock::are_of_this_kernel(file)
    }
}

/// Elsewhere there are no such locks, and the drafts of the dead stay.
#[cfg(not(unix))]
mod sys {
    use super::{Path, io};

    pub(super) fn hold(_descriptor: i32, _path: &Path) -> bool {
        true
    }

    pub(super) fn remove_left(_path: &Path) -> io::Result<bool> {
        Ok(false)
    }
}
