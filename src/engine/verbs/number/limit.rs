//! Taking from a limit, exactly, however many do it at once. What it allows is said elsewhere.

use crate::contract::Change;
use crate::engine::entry::{Condition, Found, Key, NUMBER, Tagging, Value};
use crate::engine::fail_points::{Point, pass};
use crate::engine::index::hash::Hash;
use crate::engine::participant::Participant;
use crate::error::Error;
use crate::platform::clock::{Clock, Reading};
use crate::rate::{Rate, Taken, Verdict};
use crate::region::item::DEADLINE;
use crate::sync::Ordering;

/// Looks at an entry that comes and goes between looks, before giving up.
const ATTEMPTS: usize = 64;

impl Participant {
    /// Takes `cost` from the limit of a key, if the rate allows it. A refusal writes nothing, and
    /// takes no lock when it follows another, unless others write to the key all the time.
    ///
    /// # Errors
    ///
    /// [`Error::NotNumber`] when the value is of another kind; else as [`write`](Self::write).
    pub fn limit(
        &self,
        key: Key<'_>,
        cost: f64,
        rate: &Rate,
        clock: &impl Clock,
    ) -> Result<Verdict, Error> {
        let verdict = self.take_or_refuse(key, cost, rate, clock)?;
        self.was_refused.set(matches!(verdict, Verdict::Refused(..)));
        Ok(verdict)
    }

    fn take_or_refuse(
        &self,
        key: Key<'_>,
        cost: f64,
        rate: &Rate,
        clock: &impl Clock,
    ) -> Result<Verdict, Error> {
        let hash = self.engine().hash(&key);
        // What is decided is decided as of then, even if a lock had to be waited for.
        let mut now = Reading(clock.now_us());
        // To look first is in vain where something is taken.
        let may_change_nothing = self.was_refused.get() || cost <= 0.0;
        if may_change_nothing && let Some(verdict) = self.foresee(key, cost, rate, now)? {
            return Ok(verdict);
        }
        for _ in 0..ATTEMPTS {
            if let Some(verdict) = self.take_in_place(key, hash, (cost, rate), now)? {
                return Ok(verdict);
            }
            let verdict = rate.decide(None, cost, now.0);
            let Verdict::Allowed(_, Some(Taken { deadline_us, count })) = verdict else {
                return Ok(verdict);
            };
            let bytes = &count.to_le_bytes();
            let value =
                Value { kind: NUMBER, bytes, deadline_us, stale_us: 0, tags: Tagging::None };
            if self.write(key, &value, Condition::IfAbsent, clock)? {
                return Ok(verdict);
            }
            // Another participant was first: take from what it left.
            now = Reading(clock.now_us());
        }
        Err(Error::Busy)
    }

    /// The verdict that changes nothing, as one sees it without a lock.
    fn foresee(
        &self,
        key: Key<'_>,
        cost: f64,
        rate: &Rate,
        now: Reading,
    ) -> Result<Option<Verdict>, Error> {
        let mut bytes = [0; size_of::<f64>()];
        let Some(found) = self.view(key, &now, &mut bytes)? else { return Ok(None) };
        check_number(&found)?;
        let count = f64::from_le_bytes(bytes);
        let taken = Taken { deadline_us: found.deadline_us, count };
        let verdict = rate.decide(Some(taken), cost, now.0);
        let changes_nothing = !matches!(verdict, Verdict::Allowed(_, Some(_)));
        // Number and deadline are of one moment if nobody wrote meanwhile.
        let is_whole =
            found.version & 1 == 0 && self.engine().region.version(found.stripe) == found.version;
        Ok((changes_nothing && is_whole).then_some(verdict))
    }

    /// Takes from what is there; `None` where there is nothing.
    fn take_in_place(
        &self,
        key: Key<'_>,
        hash: Hash,
        (cost, rate): (f64, &Rate),
        now: Reading,
    ) -> Result<Option<Verdict>, Error> {
        let engine = self.engine();
        let shard = engine.lock_for(self.client(), hash)?;
        let Some(held) = shard.find(&key, hash)? else { return Ok(None) };
        let found = Found::of(&engine.region, &held.item, hash, 0)?;
        if !found.is_live(&now) {
            return Ok(None);
        }
        check_number(&found)?;
        let cell = engine.region.word(held.item.offset + held.item.value_start())?;
        let deadline = engine.region.word(held.item.offset + DEADLINE)?;
        // Relaxed: changed under this lock only.
        let count = f64::from_bits(cell.load(Ordering::Relaxed));
        let taken = Taken { deadline_us: found.deadline_us, count };
        let verdict = rate.decide(Some(taken), cost, now.0);
        if let Verdict::Allowed(_, Some(taken)) = verdict {
            // The sweep knows of an earlier deadline: that costs it a look, no more.
            shard.change_entry(hash, || {
                // Release here and below: after the version of the stripe is odd. The deadline
                // decides, so a death between the two leaves the limit as it was.
                cell.store(taken.count.to_bits(), Ordering::Release);
                pass(Point::Incremented);
                deadline.store(taken.deadline_us, Ordering::Release);
            });
            shard.tell(Change::Set, &held.item);
            engine.overtake_load(hash);
            engine.note_use(held.slot, held.word);
            self.count_set();
        }
        engine.region.written(Some(verdict))
    }
}

fn check_number(found: &Found) -> Result<(), Error> {
    let is_number = (found.kind, found.length) == (NUMBER, size_of::<f64>());
    if is_number { Ok(()) } else { Err(Error::NotNumber) }
}
