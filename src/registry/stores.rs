//! The stores of this process, by their places, and who has them open. Knows no entry.
//!
//! A store lives in this process while somebody has it open; the last to close it frees its memory.
//! Invariant: while the registry is locked, no store is built, joined or dropped but the one that
//! is opened.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;

#[cfg(unix)]
use super::files::{self, Stored};
use super::sweeper;
use super::waits::{Begun, Bell, Room};
use super::wanted::Wanted as Watched;
use super::watches::{Gallery, Noted};
use crate::engine::entry::Key;
use crate::engine::participant::Participant;
use crate::engine::store::{Engine, Options, WhenFull};
use crate::engine::{ClaimTable, Threads};
use crate::error::Error;
use crate::platform::boot::boot_id;
use crate::platform::clock::{Clock, Monotonic, wall_us};
use crate::platform::park::sleep_us;
use crate::platform::random;
use crate::region::layout::Geometry;
use crate::region::memory::anonymous::Anonymous;
use crate::region::region::Region;
use crate::sync::{AtomicU32, Ordering};

#[cfg(unix)]
pub use crate::platform::private_file::Sharing;

/// There are no files that are shared.
#[cfg(not(unix))]
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Sharing {
    /// With nobody.
    #[default]
    User,
    /// With a group.
    Group,
}

/// Where a store is, and what it is called there.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Place {
    /// In this process, for its threads, by a name: the units of a string.
    Threads(Vec<u16>),
    /// In a file, for all processes that open it.
    File {
        /// Where it lies.
        path: PathBuf,
        /// What a store is called that is built there: units of a string.
        name: Vec<u16>,
        /// Who may open it.
        sharing: Sharing,
    },
}

/// What a store is to be, as far as its opener cares.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Bytes that its entries may take.
    pub max_bytes: Option<u64>,
    /// The same where nobody says, for whoever builds the store.
    pub first_bytes: Option<u64>,
    /// Bytes up to which that may be raised later: for whoever builds the store.
    pub reserve_bytes: Option<u64>,
    /// How many entries it may hold; 0 for as many as fit.
    pub max_entries: Option<u64>,
    /// What it does when it is full.
    pub when_full: Option<WhenFull>,
}

/// An option that a store has otherwise than its opener wants: what it has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mismatch {
    /// Bytes that its entries may take.
    MaxBytes(u64),
    /// How many entries it may hold; 0 for as many as fit.
    MaxEntries(u64),
    /// What it does when it is full.
    WhenFull(WhenFull),
}

/// Why a store was not opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OpenError {
    /// It is not what is wanted.
    Mismatch(Mismatch),
    /// As any call of a store.
    Failed(Error),
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Bytes of a store whose opener does not say: address space, of which only what is used is real.
const DEFAULT_MAX_BYTES: u64 = 1 << 30;
/// How long an opener waits for a place that only a keeper of the store is in: many steps of that.
const CROWDED_US: u64 = 2_000_000;
const CROWDED_PAUSE_US: u64 = 1000;

/// What a store lies in.
#[derive(Clone)]
enum Memory {
    Threads(Arc<Engine>),
    #[cfg(unix)]
    File(Arc<Stored>),
}

struct Open {
    memory: Memory,
    place: Place,
    room: Arc<Room>,
    gallery: Arc<Gallery>,
    opens: usize,
}

/// Stores by number, and the numbers of those that have a name.
struct Stores {
    open: BTreeMap<u64, Open>,
    named: BTreeMap<Place, u64>,
    next: u64,
}

static STORES: Mutex<Stores> =
    Mutex::new(Stores { open: BTreeMap::new(), named: BTreeMap::new(), next: 0 });
static THREADS: AtomicU32 = AtomicU32::new(1);

/// A store that one thread has open. Dropped, it is closed.
#[derive(Debug)]
pub struct Opened {
    /// Taken when it is dropped: before the store may go.
    participant: Option<Participant>,
    engine: Arc<Engine>,
    room: Arc<Room>,
    gallery: Arc<Gallery>,
    number: u64,
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

    /// What the store has otherwise than it is wanted.
    pub fn mismatch(&self, wanted: Wanted) -> Option<Mismatch> {
        mismatch(wanted, &self.engine)
    }

    /// Waits for a claim of others: `bell` is rung with the ticket once it may be had.
    pub fn wait(&self, table: ClaimTable, key: Key<'_>, ticket: u32, bell: Arc<dyn Bell>) -> Begun {
        self.room.begin(&self.engine, self.participant().wish(table, key), ticket, bell)
    }

    /// Takes a wait back.
    pub fn end_wait(&self, ticket: u32) {
        self.room.end(self.participant().owner(), ticket);
    }

    /// Watches the store: `bell` is rung with the ticket when there is something to take. `false`
    /// when there is no thread to be had for it.
    ///
    /// # Errors
    ///
    /// As [`begin_watching`](Participant::begin_watching).
    pub fn watch(&self, wanted: Watched, ticket: u32, bell: Arc<dyn Bell>) -> Result<bool, Error> {
        self.gallery.begin(self.participant(), wanted, ticket, bell)
    }

    /// Ends a watch.
    pub fn end_watch(&self, ticket: u32) {
        self.gallery.end(self.participant(), ticket);
    }

    /// Takes at most `most` changes of a watch, and whether there are more.
    pub fn take_changes(&self, ticket: u32, most: usize) -> (Vec<Noted>, bool) {
        self.gallery.take(self.participant().owner(), ticket, most)
    }

    /// Whether whoever opens the store's place finds this store.
    ///
    /// # Errors
    ///
    /// [`Error::System`] when the system does not tell.
    pub fn is_named(&self) -> Result<bool, Error> {
        let (memory, _, is_known) = self.look_up()?;
        Ok(is_known && memory.is_named()?)
    }

    /// Takes the store's name away: whoever opens its place from now on gets another. Those who
    /// have it open go on. `false` when the name is another's already.
    ///
    /// # Errors
    ///
    /// [`Error::System`] when the system refuses.
    pub fn remove_name(&self) -> Result<bool, Error> {
        let (memory, place, is_known) = self.look_up()?;
        let is_removed = memory.remove_name()?;
        let mut stores = STORES.lock();
        if stores.named.get(&place) == Some(&self.number) {
            stores.named.remove(&place);
        }
        Ok(is_removed && is_known)
    }

    /// Removes all entries, if nobody else has the store open: no other thread, no other process.
    /// Nobody comes meanwhile. Whether it did.
    ///
    /// # Errors
    ///
    /// As `clear`; [`Error::System`] when the system does not tell.
    pub fn clear_if_alone(&self) -> Result<bool, Error> {
        // Locked all the while: threads of this process wait before they join.
        let stores = STORES.lock();
        let open = stores.open.get(&self.number).ok_or(Error::NotOpen)?;
        if open.opens > 1 {
            return Ok(false);
        }
        let clear = || self.participant().clear();
        match &open.memory {
            Memory::Threads(_) => clear().map(|()| true),
            #[cfg(unix)]
            Memory::File(file) => file.alone(clear),
        }
    }

    /// What the store lies in, where, and whether that place is known for it. The registry is not
    /// locked any more.
    fn look_up(&self) -> Result<(Memory, Place, bool), Error> {
        let stores = STORES.lock();
        let open = stores.open.get(&self.number).ok_or(Error::NotOpen)?;
        let is_known = stores.named.get(&open.place) == Some(&self.number);
        Ok((open.memory.clone(), open.place.clone(), is_known))
    }
}

/// Opens the store of a place, which is built if there is none. Waits for a moment where as many
/// have it open as can, and one of them only keeps it in order.
///
/// # Errors
///
/// [`OpenError::Mismatch`] when there is one that is not what is wanted; [`Error::Argument`] for
/// sizes that no store has; [`Error::Full`] without memory, or when too many have it open. For a
/// file also [`Error::Forbidden`], [`Error::Corrupted`], [`Error::System`] and
/// [`Error::Unsupported`].
pub fn open(place: &Place, wanted: Wanted) -> Result<Opened, OpenError> {
    let latest_us = Monotonic.now_us() + CROWDED_US;
    loop {
        match open_now(place, wanted) {
            // Outside the lock: who keeps stores in order takes it.
            Err(OpenError::Failed(Error::Crowded)) if Monotonic.now_us() < latest_us => {
                sleep_us(CROWDED_PAUSE_US);
            }
            opened => return opened,
        }
    }
}

fn open_now(place: &Place, wanted: Wanted) -> Result<Opened, OpenError> {
    let joined = STORES.lock().join(place, wanted)?;
    if let Some(opened) = joined {
        return Ok(opened);
    }
    // Outside the lock: others of other processes may be in the way.
    let memory = Memory::open(place, wanted)?;
    check(wanted, memory.engine())?;
    let opened = STORES.lock().keep(place, memory.clone(), wanted)?;
    // If another thread was faster this goes, and again outside the lock.
    drop(memory);
    sweeper::start();
    Ok(opened)
}

/// The stores of this process that its threads share, and that whoever opens their names finds.
pub fn of_threads() -> Vec<Arc<Engine>> {
    let stores = STORES.lock();
    let named = stores.named.iter().filter(|(place, _)| matches!(place, Place::Threads(_)));
    let open = named.filter_map(|(_, number)| stores.open.get(number));
    open.map(|open| Arc::clone(open.memory.engine())).collect()
}

/// Removes the file at `path`, whatever is in it, without opening it as a store. Those who have it
/// open go on. `false` when there is nothing.
///
/// # Errors
///
/// [`Error::Forbidden`] for what is no file of this user; [`Error::System`] when the system
/// refuses, and when there is no folder.
#[cfg(unix)]
pub fn remove(path: &Path) -> Result<bool, Error> {
    files::remove_unopened(path)
}

/// There are no stores in files.
///
/// # Errors
///
/// [`Error::Unsupported`].
#[cfg(not(unix))]
pub fn remove(_path: &Path) -> Result<bool, Error> {
    Err(Error::Unsupported)
}

impl Stores {
    /// Joins the store of a place, if this process has it open, and it still is the one there.
    fn join(&mut self, place: &Place, wanted: Wanted) -> Result<Option<Opened>, OpenError> {
        let Some(number) = self.named.get(place).copied() else { return Ok(None) };
        let open = self.open.get_mut(&number).ok_or(Error::NotOpen)?;
        if !open.memory.is_named()? {
            self.named.remove(place);
            return Ok(None);
        }
        let engine = Arc::clone(open.memory.engine());
        check(wanted, &engine)?;
        let participant = Some(join(&engine)?);
        open.opens += 1;
        let (room, gallery) = (Arc::clone(&open.room), Arc::clone(&open.gallery));
        Ok(Some(Opened { participant, engine, room, gallery, number }))
    }

    /// Keeps a store that was opened, if this process has none of that place meanwhile.
    fn keep(&mut self, place: &Place, memory: Memory, wanted: Wanted) -> Result<Opened, OpenError> {
        if let Some(opened) = self.join(place, wanted)? {
            return Ok(opened);
        }
        let engine = Arc::clone(memory.engine());
        let participant = Some(join(&engine)?);
        let number = self.next;
        self.next += 1;
        let (room, gallery) = (Room::of(&engine), Gallery::of(&engine));
        let (place_here, rooms) = (place.clone(), (Arc::clone(&room), Arc::clone(&gallery)));
        let open = Open { memory, place: place_here, room: rooms.0, gallery: rooms.1, opens: 1 };
        self.open.insert(number, open);
        self.named.insert(place.clone(), number);
        Ok(Opened { participant, engine, room, gallery, number })
    }

    /// One opener less; the store, when that was the last.
    fn leave(&mut self, number: u64) -> Option<Open> {
        let open = self.open.get_mut(&number)?;
        open.opens -= 1;
        if open.opens > 0 {
            return None;
        }
        let open = self.open.remove(&number)?;
        if self.named.get(&open.place) == Some(&number) {
            self.named.remove(&open.place);
        }
        Some(open)
    }
}

impl Memory {
    fn open(place: &Place, wanted: Wanted) -> Result<Self, Error> {
        let options = options(place, wanted)?;
        match place {
            Place::Threads(_) => {
                let memory = Anonymous::reserve(Region::bytes_of(options.geometry)?)?;
                Engine::create(Box::new(memory), &options, Box::new(Threads)).map(Self::Threads)
            }
            #[cfg(unix)]
            Place::File { path, sharing, .. } => {
                files::open(path, *sharing, &options).map(|stored| Self::File(Arc::new(stored)))
            }
            #[cfg(not(unix))]
            Place::File { .. } => Err(Error::Unsupported),
        }
    }

    fn engine(&self) -> &Arc<Engine> {
        match self {
            Self::Threads(engine) => engine,
            #[cfg(unix)]
            Self::File(stored) => &stored.engine,
        }
    }

    fn is_named(&self) -> Result<bool, Error> {
        match self {
            Self::Threads(_) => Ok(true),
            #[cfg(unix)]
            Self::File(stored) => stored.is_named(),
        }
    }

    fn remove_name(&self) -> Result<bool, Error> {
        match self {
            Self::Threads(_) => Ok(true),
            #[cfg(unix)]
            Self::File(stored) => stored.remove_name(),
        }
    }
}

/// The stores that somebody has open, by number.
pub(super) fn engines() -> Vec<(u64, Arc<Engine>)> {
    let stores = STORES.lock();
    let of = |(number, open): (&u64, &Open)| (*number, Arc::clone(open.memory.engine()));
    stores.open.iter().map(of).collect()
}

/// Whether somebody has a store open.
pub(super) fn is_open(number: u64) -> bool {
    STORES.lock().open.contains_key(&number)
}

/// Somebody who uses a store.
fn join(engine: &Arc<Engine>) -> Result<Participant, Error> {
    // Relaxed: each number is given once, in whatever order.
    let participant = engine.join(process::id(), THREADS.fetch_add(1, Ordering::Relaxed))?;
    participant.say_since(wall_us());
    Ok(participant)
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.room.leave(&self.engine, self.participant().owner());
        self.gallery.leave(self.participant());
        drop(self.participant.take());
        let last = STORES.lock().leave(self.number);
        // Outside the lock: leaving a file may take a while.
        drop(last);
    }
}

fn check(wanted: Wanted, engine: &Engine) -> Result<(), OpenError> {
    mismatch(wanted, engine).map_or(Ok(()), |mismatch| Err(OpenError::Mismatch(mismatch)))
}

/// The first option of a store that is not what is wanted.
fn mismatch(wanted: Wanted, engine: &Engine) -> Option<Mismatch> {
    let (max_bytes, max_entries) = (engine.max_bytes(), engine.max_entries());
    let when_full = engine.when_full();
    // Room comes in segments: what makes as many is the same, and so is what `stats` say of it.
    let segments = |bytes: u64| bytes / u64::from(engine.geometry().segment_bytes);
    if wanted.max_bytes.is_some_and(|bytes| segments(bytes) != segments(max_bytes)) {
        return Some(Mismatch::MaxBytes(max_bytes));
    }
    if wanted.max_entries.is_some_and(|entries| entries != max_entries) {
        return Some(Mismatch::MaxEntries(max_entries));
    }
    wanted.when_full.filter(|when| *when != when_full).map(|_| Mismatch::WhenFull(when_full))
}

fn options(place: &Place, wanted: Wanted) -> Result<Options<'_>, Error> {
    let max_bytes = wanted.max_bytes.or(wanted.first_bytes).unwrap_or(DEFAULT_MAX_BYTES);
    let geometry = match wanted.reserve_bytes {
        Some(reserve) => Geometry::elastic(reserve.max(max_bytes))?,
        None => Geometry::for_bytes(max_bytes)?,
    };
    let (Place::Threads(name) | Place::File { name, .. }) = place;
    Ok(Options {
        name,
        geometry,
        max_bytes,
        when_full: wanted.when_full.unwrap_or(WhenFull::Refuse),
        max_entries: wanted.max_entries.unwrap_or(0),
        seed: random::words(),
        boot_id: boot_id(),
    })
}
