//! The schema of a store's records: bytes that its values are decoded with.
//!
//! There are two copies; the word that says which one holds, how long it is and its version is
//! stored last. Invariant: the copy that the word names is whole.

use crate::engine::clients::client_slot::ClientSlot;
use crate::engine::fail_points::{Point, pass};
use crate::engine::participant::Participant;
use crate::engine::store::Engine;
use crate::error::Error;
use crate::platform::thread::is_panicking;
use crate::region::header::{SCHEMA_BYTES_MAX, SchemaState};
use crate::region::region::Region;
use crate::region::word::to_u32;
use crate::sync::{Ordering, fence, lock};

/// Looks without success before giving up: each means two replacements during one copy.
const LOOKS: usize = 1000;

/// The lock of the schema, held. Nothing is ever half done under it.
struct Guard<'a> {
    engine: &'a Engine,
    client: &'a ClientSlot,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if is_panicking() {
            self.engine.bump_epoch(self.client);
        } else {
            lock::release(&self.engine.region.header().schema_owner);
        }
    }
}

impl Participant {
    /// Puts the schema into `into`, and answers its version.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupted`] when its length is none that a schema can have; [`Error::Busy`] when it
    /// is replaced all the time.
    pub fn schema(&self, into: &mut Vec<u8>) -> Result<u32, Error> {
        self.engine().schema(into)
    }

    /// Replaces the schema, if its version is still `expected`. `false`: another participant was
    /// first.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] for more than [`SCHEMA_BYTES_MAX`] bytes.
    pub fn replace_schema(&self, expected: u32, bytes: &[u8]) -> Result<bool, Error> {
        if bytes.len() > SCHEMA_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        let region = &self.engine().region;
        region.check()?;
        let header = region.header();
        self.client().acquire(&header.schema_owner, &self.engine().liveness())?;
        let _guard = Guard { engine: self.engine(), client: self.client() };
        // Relaxed: changed under this lock only.
        if header.schema.load(Ordering::Relaxed).version != expected {
            return Ok(false);
        }
        let next = SchemaState { bytes: to_u32(bytes.len()), version: expected.wrapping_add(1) };
        // A reader that still copies what is overwritten now sees that it was replaced.
        fence(Ordering::Release);
        region.commit(copy_at(region, next.version), bytes.len())?;
        region.store_bytes(copy_at(region, next.version), bytes)?;
        region.written(())?;
        pass(Point::SchemaWritten);
        header.schema.store(next, Ordering::Release);
        Ok(true)
    }
}

impl Engine {
    /// What [`Participant::schema`] answers. Takes no lock.
    pub(crate) fn schema(&self, into: &mut Vec<u8>) -> Result<u32, Error> {
        let region = &self.region;
        region.check()?;
        for _ in 0..LOOKS {
            // Acquire: the copy that it names is written.
            let state = region.header().schema.load(Ordering::Acquire);
            let length = state.bytes as usize;
            if length > SCHEMA_BYTES_MAX {
                return Err(Error::Corrupted);
            }
            into.clear();
            region.append_to(copy_at(region, state.version), length, into)?;
            // Orders the copying before this load: a copy that is overwritten was replaced before.
            fence(Ordering::Acquire);
            if region.header().schema.load(Ordering::Relaxed) == state {
                return region.written(state.version);
            }
        }
        Err(Error::Busy)
    }
}

fn copy_at(region: &Region, version: u32) -> usize {
    region.layout().schemas + (version as usize & 1) * SCHEMA_BYTES_MAX
}
