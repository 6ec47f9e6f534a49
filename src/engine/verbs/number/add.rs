//! Adding to a number, exactly, however many do it at once.

use crate::contract::Change;
use crate::engine::entry::{Absent, Addition, Condition, Found, Key, NUMBER, Sum, Tagging, Value};
use crate::engine::fail_points::{Point, pass};
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::sync::Ordering;

/// Looks at a number that comes and goes between looks, before giving up.
const ATTEMPTS: usize = 64;

impl Participant {
    /// Adds to the number of an entry, in place, and answers what it is then. Where there is no
    /// live entry, the addition says what is done; one that is there keeps its own deadline.
    ///
    /// Under the lock of its shard, so that the segment cannot change hands; the store of the
    /// number is the commit.
    ///
    /// # Errors
    ///
    /// [`Error::NotNumber`] when the value is of another kind; [`Error::OutOfRange`] when the sum
    /// is not finite; else as [`write`](Self::write).
    pub fn add(
        &self,
        key: Key<'_>,
        addition: &Addition,
        clock: &impl Clock,
    ) -> Result<Option<Sum>, Error> {
        let hash = self.engine().hash(&key);
        for _ in 0..ATTEMPTS {
            let sum = self.add_in_place(key, hash, addition, clock)?;
            let Absent::Made(deadline_us) = addition.absent else { return Ok(sum) };
            if sum.is_some() {
                return Ok(sum);
            }
            let number = addition.first()?;
            let bytes = &number.to_le_bytes();
            let value =
                Value { kind: NUMBER, bytes, deadline_us, stale_us: 0, tags: Tagging::None };
            if self.write(key, &value, Condition::IfAbsent, clock)? {
                return Ok(Some(Sum { number, deadline_us }));
            }
            // Another participant was first: add to its number.
        }
        Err(Error::Busy)
    }

    /// Adds to a number that is there.
    fn add_in_place(
        &self,
        key: Key<'_>,
        hash: Hash,
        addition: &Addition,
        clock: &impl Clock,
    ) -> Result<Option<Sum>, Error> {
        let engine = self.engine();
        let shard = engine.lock_for(self.client(), hash)?;
        let Some(held) = shard.find(&key, hash)? else { return Ok(None) };
        let found = Found::of(&engine.region, &held.item, hash, 0)?;
        if !found.is_live(clock) {
            return Ok(None);
        }
        if (found.kind, found.length) != (NUMBER, size_of::<f64>()) {
            return Err(Error::NotNumber);
        }
        let cell = engine.region.word(held.item.offset + held.item.value_start())?;
        // Relaxed: changed under this lock only.
        let number = addition.sum(f64::from_bits(cell.load(Ordering::Relaxed)))?;
        shard.change_entry(hash, || {
            // Release: after the version of the stripe is odd.
            cell.store(number.to_bits(), Ordering::Release);
            pass(Point::Incremented);
        });
        shard.tell(Change::Set, &held.item);
        engine.overtake_load(hash);
        // To count with a number is to use it, and to store one.
        engine.note_use(held.slot, held.word);
        self.count_set();
        engine.region.written(Some(Sum { number, deadline_us: found.deadline_us }))
    }
}
