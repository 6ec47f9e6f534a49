//! Invalidations of tags: what is read, copied, written and purged beside them, in every order.
//!
//! The counter may have counted invalidations of other tags before: then the row is the commit of
//! this one, for entries that are older; else the counter is.

use loom::model;
use loom::sync::{Arc, Mutex};
use loom::thread;
use shared_memory_store::sync::tags::{self, TagHash, TagRow};
use shared_memory_store::sync::{AtomicU32, AtomicU64, Ordering};

const TAG: TagHash = [5, 7];
/// The number of an entry that was written before anything was invalidated.
const FIRST: u64 = 0;

/// The table of invalidated tags, with one row.
struct Tags {
    counter: AtomicU64,
    rows: AtomicU64,
    row: TagRow,
}

impl Tags {
    /// After invalidations of other tags, the last of which had this number.
    fn after(before: u64) -> Arc<Self> {
        let [counter, rows] = [before, 0].map(AtomicU64::new);
        Arc::new(Self { counter, rows, row: TagRow::new() })
    }

    /// Invalidates the tag, as far as `steps` come.
    fn invalidate(&self, steps: usize) {
        // Relaxed: nobody else invalidates anything.
        let sequence = self.counter.load(Ordering::Relaxed) + 2;
        let work: [&dyn Fn(); 5] = [
            &|| self.rows.store(1, Ordering::Release),
            &|| self.row.claim(TAG),
            &|| assert_eq!(tags::begin(&self.counter), sequence),
            &|| self.row.commit(sequence),
            &|| tags::end(&self.counter, sequence),
        ];
        work.iter().take(steps).for_each(|step| step());
    }

    /// The same, but the counter is not odd meanwhile.
    fn invalidate_unannounced(&self) {
        // Relaxed: as above.
        let sequence = self.counter.load(Ordering::Relaxed) + 2;
        self.rows.store(1, Ordering::Release);
        self.row.claim(TAG);
        self.row.commit(sequence);
        tags::end(&self.counter, sequence);
    }

    /// For which moment it is known whether an entry of this number is there, and whether it is.
    fn look(&self, sequence: u64) -> (u64, bool) {
        let moment = tags::moment(&self.counter);
        let is_skipped = sequence >= moment || self.rows.load(Ordering::Acquire) == 0;
        (moment, is_skipped || self.row.latest(TAG) <= sequence)
    }
}

/// Steps of an invalidation.
const ALL_STEPS: usize = 5;

/// What the number of the last invalidation may be, of another tag.
const BEFORE: [u64; 2] = [0, 2];

/// Whoever knows that the entry was invalidated uses neither it nor a copy of it any more.
fn copies_end_with_the_invalidation(before: u64, invalidate: fn(&Tags)) {
    model(move || {
        let shared = Arc::new((Tags::after(before), AtomicU32::new(0)));
        let others = Arc::clone(&shared);
        let writer = thread::spawn(move || {
            invalidate(&others.0);
            others.1.store(1, Ordering::Release);
        });
        let (table, done) = &*shared;
        let (moment, is_there) = table.look(FIRST);
        let copy = (is_there && moment % 2 == 0).then_some(moment);
        // Who finds it gone knows, too, though its invalidation may go on.
        let is_known = done.load(Ordering::Acquire) == 1 || !table.look(FIRST).1;
        let is_copy_used = copy.is_some_and(|of| tags::moment(&table.counter) == of);
        assert!(!(is_known && is_copy_used), "a copy came after the invalidation");
        assert!(!(is_known && table.look(FIRST).1), "a read came after the invalidation");
        writer.join().unwrap();
        assert!(!table.look(FIRST).1);
    });
}

#[test]
fn neither_a_read_nor_a_copy_gives_what_is_known_to_be_invalidated() {
    for before in BEFORE {
        copies_end_with_the_invalidation(before, |table| table.invalidate(ALL_STEPS));
    }
}

/// What the counter is odd for; and that the model above finds out where it is not.
#[test]
#[should_panic(expected = "a copy came after the invalidation")]
fn copy_outlives_an_invalidation_during_which_the_counter_is_even() {
    copies_end_with_the_invalidation(2, Tags::invalidate_unannounced);
}

#[test]
fn what_was_invalidated_never_comes_back_whenever_its_invalidation_was_cut_off() {
    for (before, steps) in BEFORE.into_iter().flat_map(|b| (0..=ALL_STEPS).map(move |s| (b, s))) {
        model(move || {
            let table = Tags::after(before);
            table.invalidate(steps);
            // Its owner is dead: whoever takes the lock settles it.
            let others = Arc::clone(&table);
            let recovering = thread::spawn(move || tags::settle(&others.counter));
            let (moment, was_there) = table.look(FIRST);
            let copy = (was_there && moment % 2 == 0).then_some(moment);
            let written = tags::sequence_of_a_write(&table.counter);
            assert!(table.look(written).1, "what was written afterwards is gone");
            let is_copy_used = copy.is_some_and(|of| tags::moment(&table.counter) == of);
            let is_there = is_copy_used || table.look(FIRST).1;
            assert_eq!(was_there, is_there, "it is half done, {steps} steps");
            recovering.join().unwrap();
            assert_eq!(was_there, table.look(FIRST).1);
            assert_eq!(tags::moment(&table.counter) % 2, 0);
        });
    }
}

#[test]
fn what_was_made_from_before_an_invalidation_is_never_there_after_it() {
    model(|| {
        // What is derived from, and the entry under the lock of its shard: value, number.
        let shared = Arc::new((Tags::after(0), AtomicU64::new(1), Mutex::new(None)));
        let others = Arc::clone(&shared);
        let maker = thread::spawn(move || {
            let (table, source, entry) = &*others;
            let as_of = tags::moment(&table.counter) & !1;
            let made = source.load(Ordering::Acquire);
            let mut entry = entry.lock().unwrap();
            let is_later = as_of < tags::moment(&table.counter);
            if !(is_later && table.row.latest_at_most(TAG) > as_of) {
                *entry = Some((made, as_of));
            }
        });
        let (table, source, entry) = &*shared;
        source.store(2, Ordering::Release);
        table.invalidate(ALL_STEPS);
        // A purge: what was invalidated goes, then the row that says so.
        {
            let mut entry = entry.lock().unwrap();
            *entry = entry.filter(|(_, sequence)| table.look(*sequence).1);
        }
        table.row.note_dropped();
        table.row.free();
        table.rows.store(0, Ordering::Release);
        maker.join().unwrap();
        let there = entry.lock().unwrap().filter(|(_, sequence)| table.look(*sequence).1);
        assert!(there.is_none_or(|(made, _)| made == 2), "{there:?} is there");
    });
}
