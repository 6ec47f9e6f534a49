//! Who watches a store in this process: one thread reads the changes for all of them.
//!
//! The thread runs while somebody watches. It sleeps until something is written or an entry
//! expires, which it removes then, so that it is told; and puts what each watcher wants to know
//! into a queue of that watcher's. Knows no Node-API. Invariant: a watcher gets all that it wants
//! in order, or an overflow in the place of what is missing: a queue has an end.

use parking_lot::Mutex;
use std::collections::VecDeque;
use std::fmt;
use std::process;
use std::sync::{Arc, Weak};

use super::shutdown::SHUTDOWN;
use super::waits::Bell;
use super::wanted::Wanted;
use crate::contract::Change;
use crate::engine::NO_THREAD;
use crate::engine::participant::Participant;
use crate::engine::store::Engine;
use crate::engine::watching::reader::{Reader, Told};
use crate::error::Error;
use crate::platform::clock::{Clock, Monotonic};
use crate::platform::{park, thread};
use crate::sync::owner::Owner;

/// How long the thread sleeps at the most: so late it hears of what the dead did not tell.
const SLEEP_US: u64 = 500_000;
/// Where nobody can wake it: first and last sleep after something was told.
const POLL_US: [u64; 2] = [500, 16_000];
/// The least of that after a look that failed, which takes no time.
const REST_US: u64 = 50_000;
/// Entries of a shard that are removed at a time because they have expired.
const STEP_ENTRIES: usize = 256;
/// After a look for what has expired, others may work for so many times as long as it took.
const REST_FACTOR: u64 = 4;
/// What a queue holds at the most, of changes and of bytes in them.
const QUEUE_CHANGES: usize = 1 << 16;
const QUEUE_BYTES: usize = 16 << 20;

/// A change, in the queue of a watcher.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Noted {
    /// What kind of change.
    pub change: Change,
    /// Who made it; 0 for nobody.
    pub origin: u32,
    /// The key or the channel.
    pub key: Box<[u8]>,
    /// Whether two bytes make a unit of it.
    pub wide: bool,
    /// What the value is.
    pub kind: u8,
    /// What goes with it.
    pub value: Box<[u8]>,
}

#[derive(Debug, Default)]
struct Queue {
    noted: VecDeque<Noted>,
    bytes: usize,
    /// The bell has rung, and nobody has taken anything since.
    has_rung: bool,
}

struct Watch {
    owner: Owner,
    ticket: u32,
    wanted: Wanted,
    /// Changes before this place were made before it began.
    from: u64,
    queue: Queue,
    bell: Arc<dyn Bell>,
}

#[derive(Default)]
struct Watches {
    list: Vec<Watch>,
    has_thread: bool,
}

/// Those who watch a store in this process.
pub(super) struct Gallery {
    /// The thread keeps the store only while somebody watches, who has it open.
    engine: Weak<Engine>,
    watches: Mutex<Watches>,
}

impl fmt::Debug for Gallery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Gallery").finish_non_exhaustive()
    }
}

impl Gallery {
    pub(super) fn of(engine: &Arc<Engine>) -> Arc<Self> {
        Arc::new(Self { engine: Arc::downgrade(engine), watches: Mutex::default() })
    }

    /// Begins to watch: `bell` rings with the ticket when there is something in the queue.
    /// `false` when there is no thread to be had for it.
    pub(super) fn begin(
        self: &Arc<Self>,
        participant: &Participant,
        wanted: Wanted,
        ticket: u32,
        bell: Arc<dyn Bell>,
    ) -> Result<bool, Error> {
        participant.begin_watching()?;
        let owner = participant.owner();
        let mut watches = self.watches.lock();
        let reader = Reader::of(participant.engine());
        let from = reader.place();
        watches.list.push(Watch { owner, ticket, wanted, from, queue: Queue::default(), bell });
        if !watches.has_thread {
            let gallery = Arc::clone(self);
            watches.has_thread = thread::start("store-watcher", move || gallery.run(reader));
        }
        let is_watching = watches.has_thread;
        drop(watches);
        if !is_watching {
            self.end(participant, ticket);
        }
        Ok(is_watching)
    }

    /// Ends a watch: nothing more is told.
    pub(super) fn end(&self, participant: &Participant, ticket: u32) {
        self.drop_watches(participant, |watch| watch.ticket == ticket);
    }

    /// A participant leaves, and all that it watches ends.
    pub(super) fn leave(&self, participant: &Participant) {
        self.drop_watches(participant, |_| true);
    }

    fn drop_watches(&self, participant: &Participant, is_over: impl Fn(&Watch) -> bool) {
        let mine = |watch: &Watch| watch.owner.client_slot() == participant.owner().client_slot();
        let mut watches = self.watches.lock();
        let before = watches.list.len();
        watches.list.retain(|watch| !(mine(watch) && is_over(watch)));
        let has_ended = watches.list.len() < before;
        let watches_on = watches.list.iter().any(mine);
        let is_empty = watches.list.is_empty();
        drop(watches);
        if has_ended && !watches_on {
            participant.end_watching();
        }
        if has_ended && is_empty {
            // The thread lets go of the store now, not when it has slept enough.
            participant.engine().ring_changes();
        }
    }

    /// Takes what is first in the queue of a watch, at most `most`; whether there is more.
    pub(super) fn take(&self, owner: Owner, ticket: u32, most: usize) -> (Vec<Noted>, bool) {
        let mut watches = self.watches.lock();
        let is_it = |watch: &&mut Watch| {
            watch.ticket == ticket && watch.owner.client_slot() == owner.client_slot()
        };
        let Some(watch) = watches.list.iter_mut().find(is_it) else { return (Vec::new(), false) };
        watch.queue.take(most)
    }

    fn run(&self, mut reader: Reader) {
        let _running = Running(self);
        let mut poll_us = POLL_US[0];
        // Not before: whoever has just begun to watch knows what has expired by now.
        let mut rested_us = 0;
        let mut is_lost = false;
        while let Some(engine) = self.engine_if_watched() {
            let heard = engine.changes_bell();
            let Ok(has_told) = self.hand_out(&engine, &mut reader, &mut is_lost) else {
                // Its pages say nothing, not when to look again either.
                drop(engine);
                park::sleep_us(SLEEP_US);
                continue;
            };
            let next_us = self.expire(&engine, &mut rested_us);
            if has_told {
                poll_us = POLL_US[0];
            } else if park::CAN_BE_WOKEN {
                engine.sleep_until_told(heard, &reader, next_us.min(SLEEP_US));
            } else {
                poll_us = (poll_us * 2).min(POLL_US[1]);
                park::sleep_us(poll_us.min(next_us));
            }
        }
    }

    /// The store, while somebody watches.
    fn engine_if_watched(&self) -> Option<Arc<Engine>> {
        let mut watches = self.watches.lock();
        let engine = self.engine.upgrade().filter(|_| !watches.list.is_empty());
        watches.has_thread = engine.is_some();
        engine
    }

    /// Puts what was written since into the queues; whether there was anything. Where it cannot be
    /// read, an overflow, once while `is_lost`: whoever looks at the store then learns why.
    fn hand_out(
        &self,
        engine: &Engine,
        reader: &mut Reader,
        is_lost: &mut bool,
    ) -> Result<bool, Error> {
        let mut watches = self.watches.lock();
        let list = &mut watches.list;
        let read = reader.read(engine, |told| {
            for watch in list.iter_mut() {
                watch.tell(told);
            }
        });
        let was_lost = std::mem::replace(is_lost, read.is_err());
        if *is_lost && !was_lost {
            for watch in list.iter_mut() {
                watch.tell(&Told::overflow(reader.place()));
            }
        }
        read
    }

    /// Removes what has expired; how long until something else may expire.
    fn expire(&self, engine: &Arc<Engine>, rested_us: &mut u64) -> u64 {
        let now_us = Monotonic.now_us();
        let next_us = engine.next_deadline_us();
        let due_us = next_us.max(*rested_us);
        if due_us > now_us {
            return due_us - now_us;
        }
        // Nobody leaves the store meanwhile: see `Swept` of the sweeper.
        let shutdown = SHUTDOWN.lock();
        let is_watched = !self.watches.lock().list.is_empty();
        let swept = is_watched.then(|| {
            let participant = engine.join(process::id(), NO_THREAD)?;
            participant.sweep_due(STEP_ENTRIES, &Monotonic)
        });
        drop(shutdown);
        let done_us = Monotonic.now_us();
        // What could not be removed is looked at again, as if it had been, but not at once.
        let least_us = if matches!(swept, Some(Err(_))) { REST_US } else { 0 };
        *rested_us = done_us + least_us.max((done_us - now_us) * REST_FACTOR);
        // What was removed is to be read at once.
        0
    }
}

impl Watch {
    fn tell(&mut self, told: &Told<'_>) {
        // Places only grow, and wrap never.
        let is_older = told.at < self.from && told.change != Change::Overflow;
        if !is_older && self.wanted.is_met_by(told) && self.queue.put(told) {
            self.bell.ring(self.ticket);
        }
    }
}

impl Queue {
    /// Puts a change behind the others; whether the bell is to ring.
    fn put(&mut self, told: &Told<'_>) -> bool {
        let is_full = self.noted.len() >= QUEUE_CHANGES || self.bytes >= QUEUE_BYTES;
        let is_over = self.noted.back().is_some_and(|last| last.change == Change::Overflow);
        if is_over && (is_full || told.change == Change::Overflow) {
            return false;
        }
        let noted = if is_full { Noted::overflow() } else { Noted::of(told) };
        self.bytes += noted.bytes();
        self.noted.push_back(noted);
        !std::mem::replace(&mut self.has_rung, true)
    }

    fn take(&mut self, most: usize) -> (Vec<Noted>, bool) {
        let taken: Vec<_> = self.noted.drain(..self.noted.len().min(most)).collect();
        self.bytes -= taken.iter().map(Noted::bytes).sum::<usize>();
        let has_more = !self.noted.is_empty();
        // Whoever was told that there is more comes again.
        self.has_rung = has_more;
        (taken, has_more)
    }
}

impl Noted {
    fn of(told: &Told<'_>) -> Self {
        let Told { change, origin, wide, kind, .. } = *told;
        // Nobody asks for the tags of an entry: who watches them has found it by them.
        let value = if change == Change::Message { told.value } else { &[] };
        Self { change, origin, key: told.key.into(), wide, kind, value: value.into() }
    }

    fn overflow() -> Self {
        let change = Change::Overflow;
        Self { change, origin: 0, key: Box::default(), wide: false, kind: 0, value: Box::default() }
    }

    fn bytes(&self) -> usize {
        self.key.len() + self.value.len()
    }
}

/// While the thread runs: if a defect ends it, the next one to watch starts another.
struct Running<'a>(&'a Gallery);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !thread::is_panicking() {
            return;
        }
        let mut watches = self.0.watches.lock();
        watches.has_thread = false;
        for watch in &mut watches.list {
            let told = Noted::overflow();
            watch.queue.noted.push_back(told);
            watch.bell.ring(watch.ticket);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Threads;
    use crate::engine::entry::{Key, Tagging, Value};
    use crate::region::header::PARTICIPANTS;
    use crate::registry::wanted::What;

    struct Deaf;

    impl Bell for Deaf {
        fn ring(&self, _ticket: u32) {}
    }

    #[test]
    fn who_has_no_room_to_remove_what_has_expired_rests() {
        let engine = Engine::small(Box::new(Threads));
        let all: Vec<_> = (0..PARTICIPANTS).map(|_| engine.join(1, 1).expect("a place")).collect();
        let (deadline_us, stale_us, tags) = (1, 0, Tagging::None);
        let value = Value { kind: 7, bytes: b"x", deadline_us, stale_us, tags };
        all[0].set(Key::narrow(b"key"), &value, &Monotonic).expect("room");
        let gallery = Gallery::of(&engine);
        gallery.watches.lock().list.push(Watch {
            owner: all[0].owner(),
            ticket: 1,
            wanted: Wanted { what: What::Prefix(Vec::new()), is_theirs: Box::new(|_, _| true) },
            from: 0,
            queue: Queue::default(),
            bell: Arc::new(Deaf),
        });
        let (before_us, mut rested_us) = (Monotonic.now_us(), 0);
        assert_eq!(gallery.expire(&engine, &mut rested_us), 0);
        assert!(rested_us >= before_us + REST_US);
        drop(all);
        rested_us = 0;
        gallery.expire(&engine, &mut rested_us);
        assert!(engine.next_deadline_us() > deadline_us, "it was removed");
    }
}
