//! Copies of what lies elsewhere: fills, invalidations, flushes, trust, take-overs, in every order.
//!
//! The other place is a word that changes before anybody is told. The lock of a shard is a mutex.

use loom::model;
use loom::sync::{Arc, Mutex};
use loom::thread;
use shared_memory_store::sync::{AtomicU32, seqlock};
use shared_memory_store::sync::{AtomicU64, Ordering, stripe, trust};

/// What is there of a key, and what lies elsewhere.
struct Mirror {
    elsewhere: AtomicU64,
    stripe: AtomicU32,
    /// 0: nothing. Read without the lock.
    copy: AtomicU64,
    lock: Mutex<()>,
    trust: AtomicU64,
}

impl Mirror {
    fn new(copy: u64) -> Arc<Self> {
        Arc::new(Self {
            elsewhere: AtomicU64::new(1),
            stripe: AtomicU32::new(0),
            copy: AtomicU64::new(copy),
            lock: Mutex::new(()),
            trust: AtomicU64::new(0),
        })
    }

    fn change(&self, copy: u64) {
        stripe::begin_write(&self.stripe);
        seqlock::publish(&self.copy, copy);
        stripe::end_write(&self.stripe);
    }

    /// An invalidation, and what a flush does to each stripe.
    fn make_void(&self) {
        let _held = self.lock.lock().unwrap();
        self.change(0);
    }

    /// Asks elsewhere, and keeps the answer if it may, or if the copy says the same; else asks once
    /// more. What the answer was: none that is older is kept after it.
    fn read_through(&self) -> u64 {
        self.ask().or_else(|_| self.ask()).unwrap_or_else(|late| {
            self.make_void();
            late
        })
    }

    /// An answer that may be given, or one that comes too late.
    fn ask(&self) -> Result<u64, u64> {
        let noted = stripe::version(&self.stripe);
        let answer = self.elsewhere.load(Ordering::Acquire);
        let _held = self.lock.lock().unwrap();
        let stands = stripe::version(&self.stripe) == noted;
        if !stands && seqlock::first_load(&self.copy) != answer {
            return Err(answer);
        }
        self.change(answer);
        Ok(answer)
    }

    fn copy(&self) -> u64 {
        seqlock::first_load(&self.copy)
    }
}

#[test]
fn fill_that_was_asked_for_before_a_change_is_not_there_after_it_was_told() {
    model(|| {
        let mirror = Mirror::new(0);
        let others = Arc::clone(&mirror);
        let reader = thread::spawn(move || others.read_through());
        mirror.elsewhere.store(2, Ordering::Release);
        mirror.make_void();
        reader.join().unwrap();
        assert_ne!(mirror.copy(), 1);
    });
}

#[test]
fn of_two_fills_none_brings_back_what_the_other_has_seen_change() {
    model(|| {
        let mirror = Mirror::new(0);
        let others = Arc::clone(&mirror);
        let reader = thread::spawn(move || {
            let first = others.read_through();
            // Who has read something reads nothing older, near or elsewhere.
            let near = others.copy();
            assert!(near == 0 || near >= first, "{near} after {first}");
        });
        mirror.elsewhere.store(2, Ordering::Release);
        let answer = mirror.read_through();
        let near = mirror.copy();
        assert!(near == 0 || near >= answer, "{near} after {answer}");
        reader.join().unwrap();
    });
}

#[test]
fn who_sees_the_moment_up_to_which_all_was_heard_sees_what_was_made_void() {
    model(|| {
        let mirror = Mirror::new(1);
        let others = Arc::clone(&mirror);
        let listener = thread::spawn(move || {
            let term = trust::begin_term(&others.trust);
            assert!(trust::say(&others.trust, term, 10));
            others.make_void();
            assert!(trust::say(&others.trust, term, 20));
        });
        let moment = trust::moment_ms(&mirror.trust);
        let copy = mirror.copy();
        assert!(moment < 20 || copy == 0, "{copy} at {moment}");
        listener.join().unwrap();
    });
}

#[test]
fn listener_that_was_stopped_gives_no_trust_in_the_term_of_another() {
    model(|| {
        let mirror = Mirror::new(1);
        let first = trust::begin_term(&mirror.trust);
        let others = Arc::clone(&mirror);
        let stopped = thread::spawn(move || trust::say(&others.trust, first, 10));
        let second = trust::begin_term(&mirror.trust);
        // What the first has not heard.
        mirror.make_void();
        assert_eq!(trust::moment_ms(&mirror.trust), 0);
        assert!(trust::say(&mirror.trust, second, 20));
        stopped.join().unwrap();
        assert_eq!(trust::moment_ms(&mirror.trust), 20);
        assert!(!trust::say(&mirror.trust, first, 30));
    });
}

#[test]
fn of_two_that_take_over_one_leads() {
    model(|| {
        let mirror = Mirror::new(1);
        let others = Arc::clone(&mirror);
        let other = thread::spawn(move || {
            let term = trust::begin_term(&others.trust);
            (term, trust::say(&others.trust, term, 10))
        });
        let mine = trust::begin_term(&mirror.trust);
        let is_mine = trust::say(&mirror.trust, mine, 20);
        let (theirs, is_theirs) = other.join().unwrap();
        assert_ne!(mine, theirs);
        let last = if mine > theirs { (is_mine, 20) } else { (is_theirs, 10) };
        assert_eq!(last, (true, trust::moment_ms(&mirror.trust)));
    });
}

#[test]
fn whoever_cannot_make_a_copy_void_ends_the_trust_of_all() {
    model(|| {
        let mirror = Mirror::new(1);
        let term = trust::begin_term(&mirror.trust);
        let others = Arc::clone(&mirror);
        let listener = thread::spawn(move || {
            // It has heard of nothing, and goes on until it learns that its term is over.
            for moment in [10, 20] {
                if !trust::say(&others.trust, term, moment) {
                    return;
                }
            }
        });
        mirror.elsewhere.store(2, Ordering::Release);
        trust::begin_term(&mirror.trust);
        // The write is told to be done: from here on nobody uses the copy.
        assert_eq!(trust::moment_ms(&mirror.trust), 0);
        listener.join().unwrap();
        assert_eq!(trust::moment_ms(&mirror.trust), 0);
    });
}
