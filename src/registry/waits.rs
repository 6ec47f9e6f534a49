//! Waits for claims that block no thread of JavaScript: one thread a store sleeps for all of them.
//!
//! The thread runs while somebody waits, and a second longer. It sleeps on the bell of the store's
//! region, looks at all claims that are waited for when it rings, and tells of those that may be
//! had. Knows no Node-API. Invariant: a wait is told once or taken back, also when its claim's
//! holder is killed before it rings: the thread looks again by itself.

use parking_lot::{Condvar, Mutex};
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::engine::store::Engine;
use crate::engine::{Alive, Look, Wish};
use crate::platform::clock::{Clock, Monotonic};
use crate::platform::{park, thread};
use crate::sync::owner::Owner;

/// How long the thread sleeps at the most: so late it learns of holders that died.
const SLEEP_US: u64 = 50_000;
/// Where nobody can wake it: first and last sleep after something has happened.
const POLL_US: [u64; 2] = [1_000, 16_000];
/// How long the thread stays when nobody waits any more.
const IDLE: Duration = Duration::from_secs(1);
const US_PER_MS: u64 = 1000;

/// Where waits are told that a claim may be had. Called from another thread.
pub trait Bell: Send + Sync {
    /// Tells that what this ticket waits for may be had.
    fn ring(&self, ticket: u32);
}

/// What became of a wish to wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Begun {
    /// The claim may be had: nobody will be told.
    Over,
    /// The bell will ring.
    Waiting,
    /// There is no thread to be had for it.
    Impossible,
}

struct Wait {
    wish: Wish,
    ticket: u32,
    bell: Arc<dyn Bell>,
}

#[derive(Default)]
struct Waits {
    list: Vec<Wait>,
    has_thread: bool,
}

/// Those who wait for claims of a store in this process.
pub(super) struct Room {
    /// The thread keeps the store only while somebody waits, who has it open.
    engine: Weak<Engine>,
    waits: Mutex<Waits>,
    came: Condvar,
}

impl fmt::Debug for Room {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Room").finish_non_exhaustive()
    }
}

impl Room {
    pub(super) fn of(engine: &Arc<Engine>) -> Arc<Self> {
        let engine = Arc::downgrade(engine);
        Arc::new(Self { engine, waits: Mutex::default(), came: Condvar::new() })
    }

    /// Begins to wait for a claim.
    pub(super) fn begin(
        self: &Arc<Self>,
        engine: &Engine,
        wish: Wish,
        ticket: u32,
        bell: Arc<dyn Bell>,
    ) -> Begun {
        let mut waits = self.waits.lock();
        // It is on the list before it looks, so that the thread finds it if the bell rings now.
        waits.list.push(Wait { wish, ticket, bell });
        if engine.look_for(&wish, now_ms(), &mut Alive::default()) == Look::Free {
            waits.list.pop();
            return Begun::Over;
        }
        if waits.has_thread {
            self.came.notify_one();
            return Begun::Waiting;
        }
        let room = Arc::clone(self);
        waits.has_thread = thread::start("store-waiter", move || room.run());
        if waits.has_thread {
            return Begun::Waiting;
        }
        waits.list.pop();
        Begun::Impossible
    }

    /// Takes a wait back.
    pub(super) fn end(&self, owner: Owner, ticket: u32) {
        let mut waits = self.waits.lock();
        waits.list.retain(|wait| wait.ticket != ticket || wait.wish.owner() != owner);
    }

    /// Tells all that a participant waits for: it leaves.
    pub(super) fn leave(&self, engine: &Engine, owner: Owner) {
        let mut waits = self.waits.lock();
        let (gone, left) = waits.list.drain(..).partition(|wait| wait.wish.owner() == owner);
        waits.list = left;
        drop(waits);
        let gone: Vec<Wait> = gone;
        for wait in &gone {
            wait.bell.ring(wait.ticket);
        }
        if !gone.is_empty() {
            // The thread lets go of the store now, not when it has slept enough.
            engine.ring();
        }
    }

    fn run(&self) {
        let _running = Running(self);
        while let Some(engine) = self.next() {
            self.watch(&engine);
        }
    }

    /// The store, once somebody waits; `None` when nobody has for a while.
    fn next(&self) -> Option<Arc<Engine>> {
        let mut waits = self.waits.lock();
        while waits.list.is_empty() {
            let is_late = self.came.wait_for(&mut waits, IDLE).timed_out();
            if is_late && waits.list.is_empty() {
                waits.has_thread = false;
                return None;
            }
        }
        // Who waits has the store open, and takes the wait back before it closes it.
        self.engine.upgrade()
    }

    /// Tells of claims that may be had, until nobody waits.
    fn watch(&self, engine: &Engine) {
        let mut poll_us = POLL_US[0];
        // Ends: with the last wait.
        loop {
            let heard = engine.bell();
            let Some(Round { next_us, has_told }) = self.round(engine) else { return };
            if park::CAN_BE_WOKEN {
                engine.sleep(heard, next_us);
            } else {
                poll_us = if has_told { POLL_US[0] } else { (poll_us * 2).min(POLL_US[1]) };
                park::sleep_us(poll_us.min(next_us));
            }
        }
    }

    /// Looks at each claim that is waited for; `None` when none is.
    fn round(&self, engine: &Engine) -> Option<Round> {
        let mut waits = self.waits.lock();
        let mut round = Round { next_us: SLEEP_US, has_told: false };
        let (mut alive, now_ms) = (Alive::default(), now_ms());
        waits.list.retain(|wait| {
            match engine.look_for(&wait.wish, now_ms, &mut alive) {
                Look::Free => {
                    round.has_told = true;
                    wait.bell.ring(wait.ticket);
                    return false;
                }
                Look::Held => {}
                Look::Left { left_us } => round.next_us = round.next_us.min(left_us),
            }
            true
        });
        (!waits.list.is_empty()).then_some(round)
    }
}

/// What a look at all claims gave.
struct Round {
    /// When to look again, bell or no bell.
    next_us: u64,
    has_told: bool,
}

/// While the thread runs: however it ends, nobody waits for it.
struct Running<'a>(&'a Room);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !thread::is_panicking() {
            return;
        }
        let mut waits = self.0.waits.lock();
        waits.has_thread = false;
        let left = std::mem::take(&mut waits.list);
        drop(waits);
        for wait in left {
            wait.bell.ring(wait.ticket);
        }
    }
}

fn now_ms() -> u64 {
    Monotonic.now_us() / US_PER_MS
}
