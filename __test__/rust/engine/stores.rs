//! Stores to test with, and short forms of their verbs.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use shared_memory_store::engine::Threads;
use shared_memory_store::engine::entry::{Addition, Key, NEVER_US, Tagging, Value};
use shared_memory_store::engine::fail_points::{Point, interrupt};
use shared_memory_store::engine::participant::Participant;
use shared_memory_store::engine::store::{Engine, Options, WhenFull};
use shared_memory_store::error::Error;
use shared_memory_store::platform::clock::Clock;
use shared_memory_store::region::layout::Geometry;
use shared_memory_store::region::region::Region;

use crate::memories::{Make, anonymous};

/// A kind of value that means nothing.
pub(crate) const BYTES: u8 = 7;

/// A clock that is set by hand.
#[derive(Debug, Default)]
pub(crate) struct Manual(pub(crate) Cell<u64>);

impl Clock for Manual {
    fn now_us(&self) -> u64 {
        self.0.get()
    }
}

pub(crate) fn geometry(segment_bytes: u32, segments: u32, shards: u32) -> Geometry {
    Geometry { segment_bytes, segments, shards, directory_depth: 1 }.with_depth().expect("sound")
}

pub(crate) fn options(geometry: Geometry, when_full: WhenFull) -> Options<'static> {
    let seed = [0x1357_9BDF_0246_8ACE, 0x0F1E_2D3C_4B5A_6978, 0xDEAD_BEEF, 0x1234_5678_9ABC];
    Options {
        name: &[],
        geometry,
        when_full,
        max_entries: 0,
        max_bytes: u64::MAX,
        seed,
        boot_id: [0, 0],
    }
}

/// A store in a new memory.
pub(crate) fn store_with(memory: Make, options: &Options) -> Arc<Engine> {
    let bytes = Region::bytes_of(options.geometry).expect("sound");
    Engine::create(memory(bytes), options, Box::new(Threads)).expect("a store")
}

/// A store in memory of this process.
pub(crate) fn store(
    segment_bytes: u32,
    segments: u32,
    shards: u32,
    when_full: WhenFull,
) -> Arc<Engine> {
    store_with(anonymous, &options(geometry(segment_bytes, segments, shards), when_full))
}

/// Looks of a write, one a millisecond, whether what is done beside it has ended, which may have to
/// wait for the write.
const LOOKS_BESIDE: usize = 300;

/// Writes, and has another thread act when the value is written and not published yet.
pub(crate) fn beside<T>(
    engine: &Arc<Engine>,
    act: impl FnOnce(&User) + Send + 'static,
    write: impl FnOnce() -> T,
) -> T {
    beside_at(Point::Written, engine, act, write)
}

/// The same, when the write is somewhere for the first time.
pub(crate) fn beside_at<T>(
    place: Point,
    engine: &Arc<Engine>,
    act: impl FnOnce(&User) + Send + 'static,
    write: impl FnOnce() -> T,
) -> T {
    let (engine, mut act) = (Arc::clone(engine), Some(act));
    let thread = Rc::new(RefCell::<Option<JoinHandle<()>>>::default());
    let begun = Rc::clone(&thread);
    interrupt(Some(Box::new(move |point| {
        if point != place {
            return;
        }
        let Some(act) = act.take() else { return };
        let engine = Arc::clone(&engine);
        #[expect(clippy::disallowed_methods, reason = "a test may start threads")]
        let acting = thread::spawn(move || act(&User::of(&engine)));
        for _ in 0..LOOKS_BESIDE {
            if acting.is_finished() {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        begun.replace(Some(acting));
    })));
    let written = write();
    interrupt(None);
    thread.take().expect("it was written").join().expect("it was done");
    written
}

/// A participant with short verbs and a clock of its own.
pub(crate) struct User {
    pub(crate) who: Participant,
    pub(crate) clock: Manual,
}

impl User {
    pub(crate) fn of(engine: &Arc<Engine>) -> Self {
        Self { who: engine.join(1, 1).expect("a seat"), clock: Manual::default() }
    }

    pub(crate) fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.set_until(key, value, NEVER_US)
    }

    pub(crate) fn set_until(&self, key: &str, value: &[u8], deadline_us: u64) -> Result<(), Error> {
        let value =
            Value { kind: BYTES, bytes: value, deadline_us, stale_us: 0, tags: Tagging::None };
        self.who.set(Key::narrow(key.as_bytes()), &value, &self.clock)
    }

    pub(crate) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let key = Key::narrow(key.as_bytes());
        let mut space = vec![0xEE; 64];
        let found = self.who.get(key, &self.clock, &mut space).expect("sound")?;
        if !found.fits(space.len()) {
            space.resize(found.length, 0xEE);
            let again = self.who.get(key, &self.clock, &mut space).expect("sound")?;
            assert!(again.fits(space.len()), "nobody else writes");
        }
        space.truncate(found.length);
        Some(space)
    }

    /// Adds to a number, whose entry is made where there is none.
    pub(crate) fn add(&self, key: Key<'_>, addition: &Addition) -> Result<f64, Error> {
        let sum = self.who.add(key, addition, &self.clock)?;
        Ok(sum.expect("made where there was none").number)
    }

    pub(crate) fn delete(&self, key: &str) -> bool {
        self.who.delete(Key::narrow(key.as_bytes()), &self.clock).expect("sound")
    }

    pub(crate) fn len(&self) -> u64 {
        self.who.len(&self.clock).expect("sound")
    }
}

/// Bytes that tell which they are.
pub(crate) fn pattern(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ length as u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = (state ^ (state >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9).wrapping_add(1);
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
