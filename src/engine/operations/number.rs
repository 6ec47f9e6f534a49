//! Adding to a number, exactly, however many do it at once.

use crate::engine::entry::{Condition, Found, Key, NUMBER, Value};
use crate::engine::index::hash::Hash;
use crate::engine::kill::{Point, pass};
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::sync::Ordering;

/// Looks at a number that comes and goes between looks, before giving up.
const ATTEMPTS: usize = 64;

impl Participant {
    /// Adds to the number of an entry, in place, and answers what it is then. Where there is no
    /// live entry, one is set to `by` that is due at `deadline_us`; one that is there keeps its
    /// own deadline.
    ///
    /// Under the lock of its shard, so that the segment cannot change hands; the store of the
    /// number is the commit.
    ///
    /// # Errors
    ///
    /// [`Error::NotNumber`] when the value is of another kind; else as
    /// [`write`](Self::write).
    pub fn increment(
        &self,
        key: Key<'_>,
        by: f64,
        deadline_us: u64,
        clock: &impl Clock,
    ) -> Result<f64, Error> {
        let hash = self.engine().hash(&key);
        let value = Value { kind: NUMBER, bytes: &by.to_le_bytes(), deadline_us };
        for _ in 0..ATTEMPTS {
            if let Some(sum) = self.add_in_place(key, hash, by, clock)? {
                return Ok(sum);
            }
            if self.write(key, &value, Condition::IfAbsent, clock)? {
                return Ok(by);
            }
            // Somebody else was first: add to theirs.
        }
        Err(Error::Busy)
    }

    /// Adds to a number that is there.
    fn add_in_place(
        &self,
        key: Key<'_>,
        hash: Hash,
        by: f64,
        clock: &impl Clock,
    ) -> Result<Option<f64>, Error> {
        let engine = self.engine();
        let shard = engine.lock_for(self.seat(), hash)?;
        let Some(held) = shard.find(&key, hash)? else { return Ok(None) };
        let found = Found::of(&engine.region, &held.item, hash, 0)?;
        if !found.is_live(clock) {
            return Ok(None);
        }
        if (found.kind, found.length) != (NUMBER, size_of::<f64>()) {
            return Err(Error::NotNumber);
        }
        let cell = engine.region.word(held.item.offset + held.item.head.value_start())?;
        // Relaxed: changed under this lock only.
        let sum = f64::from_bits(cell.load(Ordering::Relaxed)) + by;
        shard.change_entry(hash, || {
            // Release: after the version of the stripe is odd.
            cell.store(sum.to_bits(), Ordering::Release);
            pass(Point::Incremented);
        });
        engine.region.written(Some(sum))
    }
}
