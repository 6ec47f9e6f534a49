//! A count that goes up every millisecond while somebody looks at it. Knows no time and no store.
//!
//! Who remembers a time with the count of that moment sees with one load whether it is old. The
//! thread that counts runs while somebody looks, and a little longer. Invariant: the count is 0
//! while nobody raises it, so nobody takes what stands still for new.

use parking_lot::{Condvar, Mutex};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::background;
use crate::platform::park;

/// Words that others see.
pub const WORDS: usize = 2;
/// The count.
const COUNT: usize = 0;
/// Whether somebody has looked at it: others write it.
const LOOKED: usize = 1;

const TICK_US: u64 = 1000;
/// How often nobody has looked before the count stops.
const IDLE_TICKS: u32 = 50;
/// How long the thread stays when the count has stopped.
const STAY: Duration = Duration::from_secs(10);

struct Counting {
    last: u32,
    has_thread: bool,
}

static SEEN: [AtomicU32; WORDS] = [const { AtomicU32::new(0) }; WORDS];
static COUNTING: Mutex<Counting> = Mutex::new(Counting { last: 0, has_thread: false });
static CAME: Condvar = Condvar::new();

/// The count, and a word that is to be 1 when somebody has looked at it.
pub fn seen() -> &'static [AtomicU32; WORDS] {
    &SEEN
}

/// Sees to it that the count goes up; `false` when there is no thread to be had for it.
pub fn start() -> bool {
    let mut counting = COUNTING.lock();
    // Relaxed: written under this lock, but for the word that others write.
    if SEEN[COUNT].load(Ordering::Relaxed) != 0 {
        return true;
    }
    if counting.has_thread {
        CAME.notify_one();
    } else {
        counting.has_thread = background::start("store-ticks", run);
    }
    if counting.has_thread {
        counting.raise();
    }
    counting.has_thread
}

/// The count stands at nothing until it is raised again, to one that nobody has seen. May be called
/// inside a signal.
#[cfg(unix)]
pub(super) fn forget() {
    // Release: as where it is raised.
    SEEN[COUNT].store(0, Ordering::Release);
}

impl Counting {
    fn raise(&mut self) {
        self.last = self.last.wrapping_add(1).max(1);
        // Release: whoever sees it reads the clock after it.
        SEEN[COUNT].store(self.last, Ordering::Release);
    }
}

fn run() {
    let mut idle_ticks = 0;
    while goes_on(&mut idle_ticks) {
        #[cfg(unix)]
        super::waking::put_first();
        park::sleep_us(TICK_US);
    }
}

/// Raises the count, or waits until it is looked at again; `false` when the thread is to end.
fn goes_on(idle_ticks: &mut u32) -> bool {
    // Relaxed: whether, not when.
    let is_looked_at = SEEN[LOOKED].swap(0, Ordering::Relaxed) != 0;
    *idle_ticks = if is_looked_at { 0 } else { *idle_ticks + 1 };
    let mut counting = COUNTING.lock();
    if *idle_ticks < IDLE_TICKS {
        counting.raise();
        return true;
    }
    *idle_ticks = 0;
    SEEN[COUNT].store(0, Ordering::Release);
    while SEEN[COUNT].load(Ordering::Relaxed) == 0 {
        let is_late = CAME.wait_for(&mut counting, STAY).timed_out();
        if is_late && SEEN[COUNT].load(Ordering::Relaxed) == 0 {
            counting.has_thread = false;
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count() -> u32 {
        SEEN[COUNT].load(Ordering::Acquire)
    }

    fn wait_until(is_so: impl Fn() -> bool) {
        while !is_so() {
            park::sleep_us(TICK_US);
        }
    }

    #[test]
    fn count_goes_up_while_it_is_looked_at_and_stops_at_nothing() {
        for _ in 0..2 {
            assert!(start());
            let first = count();
            wait_until(|| {
                SEEN[LOOKED].store(1, Ordering::Relaxed);
                count() != first
            });
            wait_until(|| count() == 0);
        }
    }
}
