//! The stores of this process, by name, and who has them open. Knows no entry.
//!
//! A store lives while somebody has it open; the last to close it frees its memory. Invariant:
//! while the registry is locked, no store is built, joined or dropped but the one that is opened.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};
use std::process;
use std::sync::Arc;

use super::sweeper;
use crate::engine::Threads;
use crate::engine::participant::Participant;
use crate::engine::store::{Engine, Options, WhenFull};
use crate::error::Error;
use crate::region::access::Region;
use crate::region::anonymous::Anonymous;
use crate::region::layout::Geometry;
use crate::sync::{AtomicU32, Ordering};

/// What a store is to be, as far as its opener cares.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Bytes that its entries may take.
    pub max_bytes: Option<u64>,
    /// How many entries it may hold; 0 for as many as fit.
    pub max_entries: Option<u64>,
    /// What it does when it is full.
    pub when_full: Option<WhenFull>,
}

/// Bytes of a store whose opener does not say: address space, of which only what is used is real.
const DEFAULT_MAX_BYTES: u64 = 1 << 30;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Agreed {
    max_bytes: u64,
    max_entries: u64,
    when_full: WhenFull,
}

struct Named {
    engine: Arc<Engine>,
    agreed: Agreed,
    opens: usize,
}

static STORES: Mutex<BTreeMap<Vec<u16>, Named>> = Mutex::new(BTreeMap::new());
static THREADS: AtomicU32 = AtomicU32::new(1);

/// A store that one thread has open. Dropped, it is closed.
#[derive(Debug)]
pub struct Opened {
    /// Taken when it is dropped: before the store may go.
    participant: Option<Participant>,
    engine: Arc<Engine>,
    name: Vec<u16>,
}

impl Opened {
    /// What the thread does in the store.
    ///
    /// # Panics
    ///
    /// Never: it is taken by `drop` alone.
    #[inline]
    pub fn participant(&self) -> &Participant {
        self.participant.as_ref().expect("taken by `drop` alone")
    }

    /// The store, for what has to keep it alive.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }
}

/// Opens the store of a name (the units of a string), which is built if nobody has it open.
///
/// # Errors
///
/// [`Error::Mismatch`] when it is open and is not what is wanted; [`Error::Argument`] for sizes
/// that no store has; [`Error::Full`] without memory, or when too many have it open.
pub fn open(name: &[u16], wanted: Wanted) -> Result<Opened, Error> {
    let mut stores = STORES.lock();
    if let Some(named) = stores.get_mut(name) {
        if !is_met(wanted, named.agreed) {
            return Err(Error::Mismatch);
        }
        let participant = join(&named.engine)?;
        named.opens += 1;
        return Ok(Opened {
            participant: Some(participant),
            engine: Arc::clone(&named.engine),
            name: name.to_vec(),
        });
    }
    let agreed = Agreed {
        max_bytes: wanted.max_bytes.unwrap_or(DEFAULT_MAX_BYTES),
        max_entries: wanted.max_entries.unwrap_or(0),
        when_full: wanted.when_full.unwrap_or(WhenFull::Refuse),
    };
    let engine = build(agreed)?;
    let participant = join(&engine)?;
    stores.insert(name.to_vec(), Named { engine: Arc::clone(&engine), agreed, opens: 1 });
    drop(stores);
    sweeper::start();
    Ok(Opened { participant: Some(participant), engine, name: name.to_vec() })
}

/// Whether the store of a name, if somebody has it open, is what is wanted.
///
/// # Errors
///
/// [`Error::Mismatch`] when it is not.
pub fn check(name: &[u16], wanted: Wanted) -> Result<(), Error> {
    let stores = STORES.lock();
    let is_so = stores.get(name).is_none_or(|named| is_met(wanted, named.agreed));
    if is_so { Ok(()) } else { Err(Error::Mismatch) }
}

/// The stores that somebody has open.
pub(super) fn engines() -> Vec<Arc<Engine>> {
    STORES.lock().values().map(|named| Arc::clone(&named.engine)).collect()
}

/// Somebody who uses a store for a moment.
pub(super) fn join(engine: &Arc<Engine>) -> Result<Participant, Error> {
    // Relaxed: each number is given once, in whatever order.
    engine.join(process::id(), THREADS.fetch_add(1, Ordering::Relaxed))
}

impl Drop for Opened {
    fn drop(&mut self) {
        drop(self.participant.take());
        let mut stores = STORES.lock();
        let Some(named) = stores.get_mut(&self.name) else { return };
        named.opens -= 1;
        let last = if named.opens == 0 { stores.remove(&self.name) } else { None };
        drop(stores);
        drop(last);
    }
}

fn is_met(wanted: Wanted, agreed: Agreed) -> bool {
    wanted.max_bytes.is_none_or(|bytes| bytes == agreed.max_bytes)
        && wanted.max_entries.is_none_or(|entries| entries == agreed.max_entries)
        && wanted.when_full.is_none_or(|when| when == agreed.when_full)
}

fn build(agreed: Agreed) -> Result<Arc<Engine>, Error> {
    let geometry = Geometry::for_bytes(agreed.max_bytes)?;
    let memory = Anonymous::reserve(Region::bytes_of(geometry)?)?;
    let Agreed { max_entries, when_full, .. } = agreed;
    let options = Options { geometry, when_full, max_entries, seed: seed(), boot_id: [0; 2] };
    Engine::create(Box::new(memory), &options, Box::new(Threads))
}

/// Words that nobody can guess: the standard library's hasher is keyed by the system.
fn seed() -> [u64; 4] {
    std::array::from_fn(|word| {
        let mut hasher = std::hash::RandomState::new().build_hasher();
        hasher.write_usize(word);
        hasher.finish()
    })
}
