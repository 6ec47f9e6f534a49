//! How much a store may hold, changed while it is in use.

use crate::engine::log::evict::Mercy;
use crate::engine::participant::Participant;
use crate::engine::store::{Engine, WhenFull};
use crate::error::Error;
use crate::platform::clock::Clock;
use crate::sync::Ordering;

impl Engine {
    /// What [`set_max_bytes`](Participant::set_max_bytes) takes: from what the shards need to the
    /// bytes that have addresses.
    pub fn limits(&self) -> std::ops::RangeInclusive<u64> {
        let geometry = self.geometry();
        let segment = u64::from(geometry.segment_bytes);
        segment * u64::from(geometry.least_segments())..=segment * u64::from(geometry.segments)
    }

    /// How many segments may be in use.
    pub(crate) fn most_segments(&self) -> u64 {
        let geometry = self.geometry();
        (self.max_bytes() / u64::from(geometry.segment_bytes)).min(geometry.segments.into())
    }

    /// Bytes of the segments that are not free.
    fn used_bytes(&self) -> u64 {
        let header = self.region.header();
        // Relaxed: others take and give meanwhile.
        let free = u64::from(header.free.load(Ordering::Relaxed).count);
        let taken = header.fresh.load(Ordering::Relaxed).saturating_sub(free);
        taken.saturating_mul(self.geometry().segment_bytes.into())
    }
}

impl Participant {
    /// Changes what the segments may take, for everybody. A store that evicts is at its new limit
    /// when the call returns; one that refuses only takes no more.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for what is not in [`Engine::limits`].
    pub fn set_max_bytes(&self, bytes: u64, clock: &impl Clock) -> Result<(), Error> {
        let engine = self.engine();
        engine.region.check()?;
        if !engine.limits().contains(&bytes) {
            return Err(Error::Argument);
        }
        engine.region.header().max_bytes.store(bytes, Ordering::Relaxed);
        if engine.when_full() == WhenFull::Refuse {
            return Ok(());
        }
        // Each round frees a segment, or finds nothing to free.
        for _ in 0..engine.geometry().segments {
            if engine.used_bytes() <= bytes {
                break;
            }
            let richest = engine.lock(self.seat(), 0)?.richest();
            let mut shard = engine.lock(self.seat(), richest)?;
            let evicted = shard.evict(clock.now_us(), Mercy::None)?;
            if shard.give_back(1, u32::MAX)? == 0 && !evicted {
                break;
            }
        }
        // What is left is index, of many entries that were there.
        for number in 0..engine.shards() {
            if engine.used_bytes() <= bytes {
                break;
            }
            let mut shard = engine.lock(self.seat(), number)?;
            if shard.is_hollow() {
                shard.clear()?;
                shard.give_back(1, u32::MAX)?;
            }
        }
        Ok(())
    }
}
