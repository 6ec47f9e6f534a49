//! The protocols of `sync`, in every order that the memory model allows.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --no-default-features --release --test loom`. Loom's atomics
//! cannot lie over a region, so these are the protocols themselves, on words of their own.
#![cfg(loom)]

mod mirror;
mod tags;

use loom::cell::UnsafeCell;
use loom::model;
use loom::sync::Arc;
use loom::thread;
use shared_memory_store::sync::journal::Journal;
use shared_memory_store::sync::lock::{self, Won};
use shared_memory_store::sync::owner::{Liveness, Owner};
use shared_memory_store::sync::{AtomicU32, AtomicU64, Ordering, awaited, ring, seqlock, stripe};

/// A word that somebody holds.
const HELD: u64 = 7;

/// Who sits from place 100 on is dead.
struct Table;

impl Liveness for Table {
    fn is_alive(&self, owner: Owner) -> bool {
        owner.client_slot() < 100
    }
}

/// A lock and what it guards.
struct Guarded {
    word: AtomicU32,
    value: UnsafeCell<u32>,
}

impl Guarded {
    fn new(word: u32) -> Arc<Self> {
        Arc::new(Self { word: AtomicU32::new(word), value: UnsafeCell::new(0) })
    }

    /// Adds one under the lock, which loom checks to exclude all others.
    fn add(&self, me: u32) -> Option<Won> {
        let won = lock::acquire(&self.word, Owner::new(me, 1), lock::PATIENCE_US, &Table).ok()?;
        self.value.with_mut(|value| {
            #[expect(unsafe_code, reason = "loom's cells are reached by pointer")]
            // SAFETY: the lock is held; that this is enough is what loom checks.
            unsafe {
                *value += 1;
            }
        });
        lock::release(&self.word);
        Some(won)
    }
}

#[test]
fn lock_excludes() {
    model(|| {
        let guarded = Guarded::new(0);
        let other = Arc::clone(&guarded);
        let thread = thread::spawn(move || other.add(1));
        let mine = guarded.add(2);
        let theirs = thread.join().unwrap();
        assert!([mine, theirs].iter().all(|won| *won != Some(Won::Recovered)));
    });
}

#[test]
fn lock_of_the_dead_is_stolen_by_one() {
    model(|| {
        let guarded = Guarded::new(Owner::new(100, 1).word());
        let other = Arc::clone(&guarded);
        let thread = thread::spawn(move || other.add(1));
        let mine = guarded.add(2);
        let theirs = thread.join().unwrap();
        let stolen = [mine, theirs].iter().filter(|won| **won == Some(Won::Recovered)).count();
        assert_eq!(stolen, 1);
    });
}

#[test]
fn dead_holder_keeps_nobody_out_beside_one_who_takes_it_for_itself() {
    model(|| {
        // A participant that was cut off finds its own name in the lock.
        let guarded = Guarded::new(Owner::new(2, 1).word());
        let other = Arc::clone(&guarded);
        let thread = thread::spawn(move || other.add(1));
        let mine = guarded.add(2);
        let theirs = thread.join().unwrap();
        assert_eq!(mine, Some(Won::Recovered));
        assert_ne!(theirs, Some(Won::Recovered));
    });
}

#[test]
fn copy_with_an_unchanged_version_is_current() {
    model(|| {
        let words = Arc::new((AtomicU32::new(0), AtomicU64::new(1)));
        let others = Arc::clone(&words);
        let writer = thread::spawn(move || {
            for value in 2..4 {
                stripe::begin_write(&others.0);
                seqlock::publish(&others.1, value);
                stripe::end_write(&others.0);
            }
        });
        let version = stripe::version(&words.0);
        let copy = words.1.load(Ordering::Acquire);
        // Somebody, here we ourselves, sees an entry; then the copy is asked for.
        let seen = words.1.load(Ordering::Acquire);
        let is_current = version % 2 == 0 && stripe::version(&words.0) == version;
        assert!(!is_current || copy >= seen, "a copy of {copy} after {seen} was seen");
        writer.join().unwrap();
        assert_eq!(stripe::version(&words.0), 4);
    });
}

#[test]
fn item_that_was_read_is_whole_though_its_slot_has_the_same_word_again() {
    const WORD: u64 = 77;
    model(|| {
        // Slot, generation, two words of an item.
        let words = Arc::new([WORD, 0, 1, 1].map(AtomicU64::new));
        let others = Arc::clone(&words);
        let writer = thread::spawn(move || {
            let [slot, generation, first, second] = &*others;
            seqlock::publish(slot, 0);
            generation.store(1, Ordering::Release);
            seqlock::before_reuse();
            first.store(2, Ordering::Relaxed);
            second.store(2, Ordering::Relaxed);
            seqlock::publish(slot, WORD);
        });
        let [slot, generation, first, second] = &*words;
        let word = seqlock::first_load(slot);
        if word == WORD
            && let Some(sight) = seqlock::begin(slot, word, u64::MAX, generation)
        {
            let item = (first.load(Ordering::Relaxed), second.load(Ordering::Relaxed));
            assert!(!sight.is_valid() || item == (1, 1) || item == (2, 2), "torn: {item:?}");
        }
        writer.join().unwrap();
    });
}

#[test]
fn entry_that_moves_is_not_missed() {
    model(|| {
        // The index word, the old slot, the new slot.
        let words = Arc::new([0, 9, 0].map(AtomicU64::new));
        let others = Arc::clone(&words);
        let writer = thread::spawn(move || {
            let [index, old, new] = &*others;
            seqlock::publish(new, 9);
            index.fetch_add(1, Ordering::Release);
            seqlock::publish(old, 0);
        });
        let [index, old, new] = &*words;
        let before = index.load(Ordering::Acquire);
        // By the order in which it is easiest to miss.
        let found = [new, old].map(seqlock::first_load).contains(&9);
        assert!(found || !seqlock::is_unchanged(index, before), "missed what is there");
        writer.join().unwrap();
    });
}

#[test]
fn change_of_the_dead_is_finished_before_others_see_it() {
    for steps in 0..6 {
        model(move || {
            let dead = Owner::new(100, 1).word();
            let shared = Arc::new((
                AtomicU32::new(dead),
                Journal::new(),
                [AtomicU64::new(0), AtomicU64::new(0)],
            ));
            // What the dead did before it died, as far as it came.
            let (_, journal, words) = &*shared;
            let work: [&dyn Fn(); 5] = [
                &|| journal.note(0, 0, 5),
                &|| journal.note(1, 1, 5),
                &|| journal.commit(2),
                &|| words[0].store(5, Ordering::Release),
                &|| words[1].store(5, Ordering::Release),
            ];
            work.iter().take(steps).for_each(|step| step());
            let look = |shared: &(AtomicU32, Journal, [AtomicU64; 2]), me| {
                let (lock, journal, words) = shared;
                let Ok(won) = lock::acquire(lock, Owner::new(me, 1), lock::PATIENCE_US, &Table)
                else {
                    return;
                };
                if won == Won::Recovered {
                    journal.redo(|place, value| {
                        words[usize::try_from(place).unwrap()].store(value, Ordering::Release);
                    });
                }
                let seen = [0, 1].map(|at: usize| words[at].load(Ordering::Relaxed));
                assert_eq!(seen[0], seen[1]);
                lock::release(lock);
            };
            let others = Arc::clone(&shared);
            let thread = thread::spawn(move || look(&others, 1));
            look(&shared, 2);
            thread.join().unwrap();
        });
    }
}

#[test]
fn load_has_one_leader() {
    model(|| {
        // A row of claims under its table's lock: the hash of a key, its holder.
        let table = Arc::new((AtomicU32::new(0), [0, 0].map(AtomicU64::new)));
        let claim = |table: &(AtomicU32, [AtomicU64; 2]), me: u32| {
            let (lock, [hash, holder]) = table;
            lock::acquire(lock, Owner::new(me, 1), lock::PATIENCE_US, &Table).ok()?;
            let is_free = holder.load(Ordering::Relaxed) == 0;
            if is_free {
                hash.store(42, Ordering::Release);
                holder.store(u64::from(me) + 1, Ordering::Release);
            }
            lock::release(lock);
            Some(is_free)
        };
        let others = Arc::clone(&table);
        let thread = thread::spawn(move || claim(&others, 1));
        let mine = claim(&table, 2);
        // Whoever looks without the lock sees the hash of whom it sees.
        let [hash, holder] = &table.1;
        if holder.load(Ordering::Acquire) != 0 {
            assert_eq!(hash.load(Ordering::Relaxed), 42);
        }
        let theirs = thread.join().unwrap();
        assert!([mine, theirs].iter().filter(|won| **won == Some(true)).count() <= 1);
    });
}

#[test]
fn who_waits_is_told_or_finds_it_free() {
    for others in 0..2 {
        model(move || {
            // The bell, and a word that is held.
            let shared = Arc::new((AtomicU32::new(0), AtomicU64::new(HELD)));
            // Somebody else may have asked before, or asks now.
            let asking = (0..others).map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || awaited::ask(&shared.1, HELD))
            });
            let asking: Vec<_> = asking.collect();
            let holder = Arc::clone(&shared);
            let thread = thread::spawn(move || {
                let (bell, word) = &*holder;
                if awaited::replace(word, |_| 0) & awaited::AWAITED != 0 {
                    awaited::ring(bell);
                }
            });
            let (bell, word) = &*shared;
            let heard = awaited::listen(bell);
            let held = word.load(Ordering::Acquire);
            let sleeps = held != 0 && awaited::ask(word, held);
            thread.join().unwrap();
            for other in asking {
                other.join().unwrap();
            }
            assert!(!sleeps || awaited::listen(bell) != heard, "sleeps for ever");
        });
    }
}

/// A ring of two words, of which each says its place.
struct Ring {
    begun: AtomicU64,
    end: AtomicU64,
    words: [AtomicU64; 2],
}

const RING_BYTES: u64 = 16;

impl Ring {
    fn new(words: [u64; 2]) -> Arc<Self> {
        let written = 8 * words.iter().filter(|word| **word != 0).count() as u64;
        let [begun, end] = [written, written].map(AtomicU64::new);
        Arc::new(Self { begun, end, words: words.map(AtomicU64::new) })
    }

    fn word(&self, place: u64) -> &AtomicU64 {
        &self.words[usize::try_from(place / 8 % 2).unwrap()]
    }

    /// Writes a word, or dies before anybody sees that it did.
    fn append(&self, words: u64, dies: bool) {
        let from = ring::begin_append(&self.begun, &self.end, 8 * words, RING_BYTES);
        for place in (from..from + 8 * words).step_by(8) {
            let word = if dies { 99 } else { place / 8 + 1 };
            self.word(place).store(word, Ordering::Relaxed);
        }
        if !dies {
            ring::publish(&self.end, from + 8 * words);
        }
    }

    /// Reads what there is from a place on: where to go on.
    fn read(&self, at: u64) -> u64 {
        let end = ring::end(&self.end);
        if end - at > RING_BYTES {
            return end;
        }
        let places = || (at..end).step_by(8);
        let read: Vec<_> = places().map(|place| self.word(place).load(Ordering::Relaxed)).collect();
        if ring::is_whole(&self.begun, at, RING_BYTES) {
            assert!(places().map(|place| place / 8 + 1).eq(read), "torn from {at} to {end}");
        }
        end
    }
}

#[test]
fn what_a_reader_of_a_ring_takes_for_whole_was_not_overwritten() {
    model(|| {
        let ring = Ring::new([0, 0]);
        let other = Arc::clone(&ring);
        let writer = thread::spawn(move || (0..3).for_each(|_| other.append(1, false)));
        let at = ring.read(0);
        ring.read(at);
        writer.join().unwrap();
        assert_eq!(ring::end(&ring.end), 24);
    });
}

#[test]
fn what_the_dead_wrote_to_a_ring_nobody_takes_for_whole() {
    model(|| {
        let ring = Ring::new([1, 2]);
        let other = Arc::clone(&ring);
        let writer = thread::spawn(move || {
            other.append(2, true);
            // Shorter than what was cut off.
            other.append(1, false);
        });
        let at = ring.read(0);
        ring.read(at);
        writer.join().unwrap();
        assert_eq!(ring.read(16), 24);
    });
}

#[test]
fn who_sleeps_by_a_ring_is_woken_or_sees_what_is_new() {
    model(|| {
        // The bell, the mark of a sleeper, the end.
        let shared = Arc::new((AtomicU32::new(0), AtomicU32::new(0), AtomicU64::new(0)));
        let other = Arc::clone(&shared);
        let writer = thread::spawn(move || {
            let (bell, asleep, end) = &*other;
            ring::publish(end, 8);
            if ring::wakes(asleep) {
                awaited::ring(bell);
            }
        });
        let (bell, asleep, end) = &*shared;
        let heard = awaited::listen(bell);
        ring::doze(asleep);
        let sleeps = ring::end(end) == 0;
        writer.join().unwrap();
        assert!(!sleeps || awaited::listen(bell) != heard, "sleeps for ever");
    });
}
