//! A store in a file that is only looked at, with its own clock. Leaves no trace, and never waits.
//!
//! Deadlines count from a start of the machine. Invariant: a store of this boot is looked at by the
//! clock that its participants have, one that was left whole before by the clock that it would have
//! if it were opened now.

use std::path::Path;

#[cfg(unix)]
use super::files;
use crate::engine::observer::Observer;
use crate::error::Error;
use crate::platform::boot::{boot_id, clock_offset_us};
use crate::platform::clock::{Clock, Monotonic, wall_us};

/// Looks at the store in the file at `path`, which may be in use, left, or damaged. Nobody notices,
/// nothing of the file changes, and nothing is waited for.
///
/// # Errors
///
/// [`Error::Corrupted`] for a file that holds no store of this layout; [`Error::Forbidden`] for
/// one that is not this user's alone; [`Error::System`] when there is none, or for what else the
/// system answers.
#[cfg(unix)]
pub fn observe(path: &Path) -> Result<Observer, Error> {
    files::observe(path)
}

/// There are no stores in files.
///
/// # Errors
///
/// [`Error::Unsupported`].
#[cfg(not(unix))]
pub fn observe(_path: &Path) -> Result<Observer, Error> {
    Err(Error::Unsupported)
}

/// A store that is only looked at.
#[derive(Debug)]
pub struct Observed {
    /// What there is to see.
    pub observer: Observer,
    /// Whether its clock counts from this boot of the machine.
    pub is_of_this_boot: bool,
    /// How far its clock is ahead of this process's, in microseconds.
    ahead_us: i64,
}

impl Observed {
    /// Looks at the store in the file at `path`.
    ///
    /// # Errors
    ///
    /// As [`observe`].
    pub fn at(path: &Path) -> Result<Self, Error> {
        let observer = observe(path)?;
        let facts = observer.facts()?;
        let is_of_this_boot = facts.boot_id == boot_id();
        let ahead_us = match facts.closed_at {
            _ if is_of_this_boot => facts.clock_offset_us.saturating_sub(clock_offset_us()),
            Some([then_us, wall_then_us]) => {
                let now_us = then_us.saturating_add(wall_us().saturating_sub(wall_then_us));
                now_us.cast_signed().saturating_sub(Monotonic.now_us().cast_signed())
            }
            None => 0,
        };
        Ok(Self { observer, is_of_this_boot, ahead_us })
    }
}

impl Clock for Observed {
    fn now_us(&self) -> u64 {
        Monotonic.now_us().saturating_add_signed(self.ahead_us)
    }
}
