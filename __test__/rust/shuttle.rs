//! The protocols of `sync` at work together, in thousands of random orders.
//!
//! `npm run test:shuttle`. A store of three keys, as small as shows everything: a lock that is
//! taken from the dead, a journal, stripes, items that are published and retired, slots that move.
//! Writers die at random steps and go on as somebody else. A failure prints its seed, with which
//! `SHUTTLE_RANDOM_SEED` plays it again. Shuttle knows no weak memory: that is loom's part.
#![cfg(shuttle)]

use shared_memory_store::sync::journal::Journal;
use shared_memory_store::sync::lock::{self, Won};
use shared_memory_store::sync::owner::{Liveness, Owner};
use shared_memory_store::sync::{AtomicU32, AtomicU64, Ordering, seqlock, stripe};
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::Arc;
use shuttle::{check_pct, check_random, thread};

const SCHEDULES: usize = 20_000;
/// Places where the order of threads departs from their priorities.
const PCT_DEPTH: usize = 5;
const WRITERS: u32 = 2;
const READERS: u32 = 2;
const KEYS: usize = 3;
const STRIPES: usize = 2;
/// Each key has two, and keeps to them.
const SLOTS: usize = 2 * KEYS;
/// One more than keys, and one for what a dead writer left behind.
const SEGMENTS: usize = KEYS + 2;
const CHANGES: usize = 6;
const READS: usize = 10;
/// One step in so many is a writer's last.
const STEPS_OF_A_LIFE: u32 = 60;
/// As in the engine: then the lock is taken.
const LOOKS: usize = 8;
/// Never deleted, so that everybody must find it.
const KEPT: usize = 0;

/// A writer's death: what it was doing is as far as it came.
struct Died;

struct Store {
    epochs: Vec<AtomicU32>,
    lock: AtomicU32,
    journal: Journal,
    odd_stripe: AtomicU32,
    stripes: [AtomicU32; STRIPES],
    index: AtomicU64,
    /// 0, or 1 + the segment of its item.
    slots: [AtomicU64; SLOTS],
    generations: [AtomicU64; SEGMENTS],
    used: [AtomicU64; SEGMENTS],
    /// Key, number, and both in one.
    items: [[AtomicU64; 3]; SEGMENTS],
    /// What the lock's holder counts changes of a key by, and the last one that anybody knows of.
    numbers: [AtomicU64; KEYS],
    known: [AtomicU64; KEYS],
}

impl Liveness for Store {
    fn is_alive(&self, owner: Owner) -> bool {
        self.epochs[owner.client_slot() as usize].load(Ordering::Acquire) == owner.epoch()
    }
}

fn zeroes<const N: usize>() -> [AtomicU64; N] {
    std::array::from_fn(|_| AtomicU64::new(0))
}

fn check_of(key: u64, number: u64) -> u64 {
    key << 32 | number
}

/// The words of a change, in the order in which they are stored.
type Change = Vec<(u64, u64)>;

const SLOT: u64 = 0;
const GENERATION: u64 = 100;
const USED: u64 = 200;
const INDEX: u64 = 300;

impl Store {
    fn new() -> Self {
        Self {
            epochs: (0..=WRITERS + READERS).map(|_| AtomicU32::new(1)).collect(),
            lock: AtomicU32::new(0),
            journal: Journal::new(),
            odd_stripe: AtomicU32::new(0),
            stripes: std::array::from_fn(|_| AtomicU32::new(0)),
            index: AtomicU64::new(0),
            slots: zeroes(),
            generations: zeroes(),
            used: zeroes(),
            items: std::array::from_fn(|_| zeroes()),
            numbers: zeroes(),
            known: zeroes(),
        }
    }

    fn word(&self, place: u64) -> &AtomicU64 {
        let at = usize::try_from(place % 100).unwrap();
        match place / 100 * 100 {
            SLOT => &self.slots[at],
            GENERATION => &self.generations[at],
            USED => &self.used[at],
            _ => &self.index,
        }
    }

    fn recover(&self, won: Won) {
        if won == Won::Recovered {
            self.journal.redo(|place, value| self.word(place).store(value, Ordering::Release));
            if let Some(open) = self.odd_stripe.load(Ordering::Relaxed).checked_sub(1) {
                stripe::end_write(&self.stripes[open as usize]);
                self.odd_stripe.store(0, Ordering::Release);
            }
        }
        assert!(self.stripes.iter().all(|s| s.load(Ordering::Relaxed) % 2 == 0), "an odd stripe");
        for key in 0..KEYS {
            let named = self.slots_of(key).iter().filter(|s| s.load(Ordering::Relaxed) != 0);
            assert!(named.count() <= 1, "a key is in two places");
        }
    }

    fn slots_of(&self, key: usize) -> &[AtomicU64] {
        &self.slots[2 * key..2 * key + 2]
    }

    /// Where a key is: its slot and its segment. Under the lock.
    fn find(&self, key: usize) -> Option<(usize, usize)> {
        (2 * key..2 * key + 2).find_map(|slot| {
            let word = self.slots[slot].load(Ordering::Relaxed);
            Some((slot, usize::try_from(word).unwrap().checked_sub(1)?))
        })
    }
}

/// Somebody who changes entries, and may die.
struct Writer {
    store: Arc<Store>,
    me: Owner,
}

impl Writer {
    fn new(store: &Arc<Store>, place: u32) -> Self {
        Self { store: Arc::clone(store), me: Owner::new(place, 1) }
    }

    /// A step of whoever holds the lock, after which it may die.
    fn step(&self) -> Result<(), Died> {
        if thread_rng().gen_range(0..STEPS_OF_A_LIFE) == 0 { Err(Died) } else { Ok(()) }
    }

    /// Does `work` under the lock; whoever dies at it leaves the lock and goes on as another.
    fn locked(&mut self, won: Won, work: impl FnOnce(&Self) -> Result<(), Died>) -> bool {
        let end = self.step().and_then(|()| {
            self.store.recover(won);
            work(self)
        });
        if end.is_err() {
            self.me = Owner::new(self.me.client_slot(), self.me.epoch() + 1);
            let epoch = &self.store.epochs[self.me.client_slot() as usize];
            epoch.store(self.me.epoch(), Ordering::Release);
            return false;
        }
        lock::release(&self.store.lock);
        true
    }

    fn change(&mut self, key: usize, has_value: bool) {
        let store = Arc::clone(&self.store);
        let won = lock::acquire(&store.lock, self.me, lock::PATIENCE_US, &*store)
            .expect("nobody keeps it for long");
        let mut number = 0;
        let is_done = self.locked(won, |me| {
            number = store.numbers[key].fetch_add(1, Ordering::Relaxed) + 1;
            if has_value { me.set(key, number) } else { me.delete(key) }
        });
        if is_done {
            store.known[key].fetch_max(number, Ordering::AcqRel);
        }
    }

    /// Takes the lock if nobody alive has it, and moves a key to its other slot.
    fn move_away(&mut self, key: usize) {
        let store = Arc::clone(&self.store);
        let Some(won) = lock::try_acquire(&store.lock, self.me, &*store) else { return };
        self.locked(won, |me| {
            let Some((slot, segment)) = store.find(key) else { return Ok(()) };
            let index = store.index.load(Ordering::Relaxed);
            let [from, to] = [slot as u64, slot as u64 ^ 1];
            me.commit(&vec![(SLOT + to, segment as u64 + 1), (INDEX, index + 1), (SLOT + from, 0)])
        });
    }

    fn set(&self, key: usize, number: u64) -> Result<(), Died> {
        let segment = self.free_segment()?;
        seqlock::before_reuse();
        let words = [key as u64, number, check_of(key as u64, number)];
        for (word, value) in self.store.items[segment].iter().zip(words) {
            word.store(value, Ordering::Relaxed);
            self.step()?;
        }
        let old = self.store.find(key);
        let slot = old.map_or(2 * key, |(slot, _)| slot) as u64;
        let change = vec![(SLOT + slot, segment as u64 + 1), (USED + segment as u64, 1)];
        self.change_entry(key, &change)?;
        old.map_or(Ok(()), |(_, segment)| self.retire(segment))
    }

    fn delete(&self, key: usize) -> Result<(), Died> {
        let Some((slot, segment)) = self.store.find(key) else { return Ok(()) };
        self.change_entry(key, &vec![(SLOT + slot as u64, 0)])?;
        self.retire(segment)
    }

    /// A segment that no slot names; what the dead left behind is retired first.
    fn free_segment(&self) -> Result<usize, Died> {
        for segment in 0..SEGMENTS {
            if self.store.used[segment].load(Ordering::Relaxed) == 0 {
                return Ok(segment);
            }
            if (0..KEYS).all(|key| self.store.find(key).is_none_or(|(_, at)| at != segment)) {
                self.retire(segment)?;
                return Ok(segment);
            }
        }
        panic!("there are more segments than keys");
    }

    fn retire(&self, segment: usize) -> Result<(), Died> {
        let next = self.store.generations[segment].load(Ordering::Relaxed) + 1;
        self.commit(&vec![(GENERATION + segment as u64, next), (USED + segment as u64, 0)])
    }

    fn change_entry(&self, key: usize, change: &Change) -> Result<(), Died> {
        let (store, number) = (&*self.store, key % STRIPES);
        store.odd_stripe.store(u32::try_from(number).unwrap() + 1, Ordering::Release);
        self.step()?;
        stripe::begin_write(&store.stripes[number]);
        self.step()?;
        self.commit(change)?;
        stripe::end_write(&store.stripes[number]);
        self.step()?;
        store.odd_stripe.store(0, Ordering::Release);
        Ok(())
    }

    fn commit(&self, change: &Change) -> Result<(), Died> {
        let journal = &self.store.journal;
        for (index, (place, value)) in change.iter().enumerate() {
            journal.note(index, *place, *value);
        }
        self.step()?;
        journal.commit(change.len());
        self.step()?;
        for (place, value) in change {
            self.store.word(*place).store(*value, Ordering::Release);
            self.step()?;
        }
        journal.end();
        self.step()
    }
}

enum Look {
    Hit(u64),
    Miss,
    Disturbed,
}

/// Somebody who reads, and keeps copies outside of the store.
struct Reader {
    store: Arc<Store>,
    me: Owner,
    copies: [Option<(u32, u64)>; KEYS],
}

impl Reader {
    fn read(&mut self, key: usize) {
        let store = Arc::clone(&self.store);
        let known = store.known[key].load(Ordering::Acquire);
        if let Some((version, number)) = self.copies[key]
            && stripe::version(&store.stripes[key % STRIPES]) == version
        {
            assert!(number >= known, "a copy of {number} of key {key} after {known}");
        }
        let version = stripe::version(&store.stripes[key % STRIPES]);
        let found = self.number_of(key);
        assert!(found.is_some() || key != KEPT, "an entry that is always there was missed");
        let Some(number) = found else { return };
        assert!(number >= known, "{number} of key {key} after {known}");
        // From now on nobody may see an older one.
        store.known[key].fetch_max(number, Ordering::AcqRel);
        self.copies[key] = (version % 2 == 0).then_some((version, number));
    }

    fn number_of(&self, key: usize) -> Option<u64> {
        for _ in 0..LOOKS {
            match self.look(key) {
                Look::Hit(number) => return Some(number),
                Look::Miss => return None,
                Look::Disturbed => {}
            }
        }
        let store = &*self.store;
        let won = lock::acquire(&store.lock, self.me, lock::PATIENCE_US, store)
            .expect("nobody keeps it for long");
        store.recover(won);
        let found = store.find(key);
        let number = found.map(|(_, segment)| store.items[segment][1].load(Ordering::Relaxed));
        lock::release(&store.lock);
        number
    }

    /// As `engine::verbs::read` looks.
    fn look(&self, key: usize) -> Look {
        let store = &*self.store;
        let index = store.index.load(Ordering::Acquire);
        for slot in store.slots_of(key) {
            let word = seqlock::first_load(slot);
            let Some(segment) = usize::try_from(word).unwrap().checked_sub(1) else { continue };
            let sight = seqlock::begin(slot, word, u64::MAX, &store.generations[segment]);
            let Some(sight) = sight else { return Look::Disturbed };
            let item = store.items[segment].each_ref().map(|word| word.load(Ordering::Relaxed));
            if !sight.is_valid() || !seqlock::is_unchanged(&store.index, index) {
                return Look::Disturbed;
            }
            let [found, number, check] = item;
            assert!(check == check_of(found, number) && found == key as u64, "torn: {item:?}");
            return Look::Hit(number);
        }
        if seqlock::is_unchanged(&store.index, index) { Look::Miss } else { Look::Disturbed }
    }
}

/// Writers, readers, and one who takes over from the dead and moves keys about.
fn work() {
    let store = Arc::new(Store::new());
    // Nobody else is there: it is tried until nobody died at it.
    let mut first = Writer::new(&store, WRITERS + READERS);
    while store.known[KEPT].load(Ordering::Relaxed) == 0 {
        first.change(KEPT, true);
    }
    let mut threads = Vec::new();
    for place in 0..WRITERS {
        let mut writer = Writer::new(&store, place);
        threads.push(thread::spawn(move || {
            for _ in 0..CHANGES {
                let key = thread_rng().gen_range(0..KEYS);
                writer.change(key, key == KEPT || thread_rng().gen_range(0..3) > 0);
            }
        }));
    }
    for place in WRITERS..WRITERS + READERS {
        let store = Arc::clone(&store);
        threads.push(thread::spawn(move || {
            let me = Owner::new(place, 1);
            let mut reader = Reader { store, me, copies: [None; KEYS] };
            (0..READS).for_each(|_| reader.read(thread_rng().gen_range(0..KEYS)));
        }));
    }
    (0..CHANGES).for_each(|_| first.move_away(thread_rng().gen_range(0..KEYS)));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let won = lock::acquire(&store.lock, first.me, lock::PATIENCE_US, &*store)
        .expect("nobody else is there");
    store.recover(won);
    let mut named: Vec<_> = (0..KEYS).filter_map(|key| store.find(key)).collect();
    assert!(named.iter().all(|(_, at)| store.used[*at].load(Ordering::Relaxed) == 1));
    named.sort_unstable_by_key(|(_, segment)| *segment);
    assert!(named.windows(2).all(|two| two[0].1 != two[1].1), "two entries in one place");
}

#[test]
fn readers_see_what_is_whole_and_newest_while_writers_die() {
    check_random(work, SCHEDULES);
}

#[test]
fn so_they_do_where_few_threads_run_ahead_of_all_others() {
    check_pct(work, SCHEDULES, PCT_DEPTH);
}
