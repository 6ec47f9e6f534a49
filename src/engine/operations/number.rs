//! Adding to a number, exactly, however many do it at once.

use crate::engine::entry::{Found, Key, NUMBER, Value};
use crate::engine::kill::{Point, pass};
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::sync::Ordering;

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
        let engine = self.engine();
        let hash = engine.hash(&key);
        let shard = engine.lock_for(self.seat(), hash)?;
        let held = shard.find(&key, hash)?;
        if let Some(held) = held {
            let found = Found::of(&engine.region, &held.item, hash, 0)?;
            if found.is_live(clock) {
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
                return Ok(sum);
            }
        }
        drop(shard);
        let value = Value { kind: NUMBER, bytes: &by.to_le_bytes(), deadline_us };
        if self.write(key, &value, crate::engine::entry::Condition::IfAbsent, clock)? {
            return Ok(by);
        }
        // Somebody else was first: add to theirs.
        self.increment(key, by, deadline_us, clock)
    }
}
