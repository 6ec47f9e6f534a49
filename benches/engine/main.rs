//! The engine alone, beside a map behind a lock: medians of rounds measured in turns.
//!
//! `cargo bench --no-default-features --bench engine [rounds]`. Prints nanoseconds per operation
//! with the quartiles, and the ratios that issue 4 asks for.
#![expect(clippy::print_stdout, reason = "a report")]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::thread::scope;

use shared_memory_store::engine::Threads;
use shared_memory_store::engine::entry::{Addition, Key, NEVER_US, Value};
use shared_memory_store::engine::participant::Participant;
use shared_memory_store::engine::store::{Engine, Options, WhenFull};
use shared_memory_store::platform::clock::{Clock, Monotonic};
use shared_memory_store::region::layout::Geometry;
use shared_memory_store::region::memory::anonymous::Anonymous;
use shared_memory_store::region::region::Region;

const HOT: usize = 1000;
const MANY: usize = 400_000;
const VALUE: [u8; 64] = [7; 64];

type Map = RwLock<HashMap<Vec<u8>, Vec<u8>>>;

fn store(max_bytes: u64, when_full: WhenFull) -> Arc<Engine> {
    let geometry = Geometry::for_bytes(max_bytes).expect("a size");
    let memory = Anonymous::reserve(Region::bytes_of(geometry).expect("sound")).expect("room");
    let seed = [0x1357_9BDF, 0x2468_ACE0_1122, 0xDEAD_BEEF_CAFE, 0x0F1E_2D3C_4B5A];
    let options = Options {
        name: &[],
        geometry,
        when_full,
        max_entries: 0,
        max_bytes: u64::MAX,
        seed,
        boot_id: [0; 2],
    };
    Engine::create(Box::new(memory), &options, Box::new(Threads)).expect("a store")
}

fn keys(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| format!("user:session:{number:08}").into_bytes()).collect()
}

/// A random place, from a state that goes on.
fn random(state: &mut u64, below: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 16).expect("64 bits") % below
}

/// Nanoseconds per turn of `work`, which does `turns` turns.
fn time(turns: usize, mut work: impl FnMut(usize)) -> f64 {
    let start = Monotonic.now_us();
    work(turns);
    let us = Monotonic.now_us() - start;
    f64::from(u32::try_from(us).expect("short")) * 1000.0
        / f64::from(u32::try_from(turns).expect("few"))
}

/// Rows measured in turns: what each took in every round.
struct Rows(Vec<(&'static str, Vec<f64>)>);

impl Rows {
    fn add(&mut self, name: &'static str, ns: f64) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, all)) => all.push(ns),
            None => self.0.push((name, vec![ns])),
        }
    }

    fn median(&self, name: &str) -> f64 {
        let (_, all) = self.0.iter().find(|(known, _)| *known == name).expect("measured");
        quantile(all, 2)
    }

    fn print(&self) {
        for (name, all) in &self.0 {
            let [least, low, middle, high] = [0, 1, 2, 3].map(|quarter| quantile(all, quarter));
            println!("{name:<44} {middle:>8.1} ns   ({low:.1} – {high:.1}, least {least:.1})");
        }
    }
}

fn quantile(all: &[f64], quarter: usize) -> f64 {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) * quarter / 4]
}

fn get(me: &Participant, key: &[u8], space: &mut [u8]) -> usize {
    let found = me.get(Key::narrow(key), &Monotonic, space).expect("sound").expect("a hit");
    found.length
}

fn map_get(map: &Map, key: &[u8], space: &mut Vec<u8>) {
    let held = map.read().expect("not poisoned");
    space.clear();
    space.extend_from_slice(&held[key]);
}

/// Runs `read` while another thread does `write` over and over.
fn beside(mut write: impl FnMut() + Send, read: impl FnOnce() -> f64) -> f64 {
    let (stop, started) = (&AtomicBool::new(false), &AtomicBool::new(false));
    scope(|threads| {
        threads.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                write();
                started.store(true, Ordering::Relaxed);
            }
        });
        while !started.load(Ordering::Relaxed) {
            std::hint::spin_loop();
        }
        let ns = read();
        stop.store(true, Ordering::Relaxed);
        ns
    })
}

struct Bench {
    engine: Arc<Engine>,
    me: Participant,
    map: Map,
    keys: Vec<Vec<u8>>,
    rows: Rows,
    state: u64,
}

impl Bench {
    fn new(when_full: WhenFull) -> Self {
        let engine = store(512 << 20, when_full);
        let me = engine.join(1, 1).expect("a seat");
        let keys = keys(MANY);
        let map = Map::default();
        for key in &keys {
            me.set(Key::narrow(key), &Value::permanent(7, &VALUE), &Monotonic).expect("room");
            map.write().expect("not poisoned").insert(key.clone(), VALUE.to_vec());
        }
        Self { engine, me, map, keys, rows: Rows(Vec::new()), state: 0x1234_5678_9ABC }
    }

    fn reads(&mut self, turns: usize) {
        let Self { me, map, keys, state, .. } = self;
        let (mut space, mut vector) = ([0; 64], Vec::new());
        for (name, count) in [("get, 1,000 hot keys", HOT), ("get, 400,000 keys at random", MANY)] {
            let ns = time(turns, |turns| {
                for _ in 0..turns {
                    black_box(get(me, &keys[random(state, count)], &mut space));
                }
            });
            self.rows.add(name, ns);
        }
        for (name, count) in [("map get + copy, hot", HOT), ("map get + copy, at random", MANY)] {
            let ns = time(turns, |turns| {
                for _ in 0..turns {
                    map_get(map, &keys[random(state, count)], &mut vector);
                    black_box(&vector);
                }
            });
            self.rows.add(name, ns);
        }
        let ns = time(turns, |turns| {
            for turn in 0..turns {
                let key = (turn % HOT).to_le_bytes();
                black_box(me.get(Key::narrow(&key), &Monotonic, &mut space).expect("sound"));
            }
        });
        self.rows.add("get of nothing", ns);
        self.rows.add(
            "(choosing a key at random)",
            time(turns, |turns| {
                for _ in 0..turns {
                    black_box(&keys[random(state, HOT)]);
                }
            }),
        );
    }

    fn reads_beside_a_writer(&mut self, turns: usize) {
        let Self { engine, me, map, keys, state, .. } = self;
        let (mut space, mut vector) = ([0; 64], Vec::new());
        let value = Value::permanent(7, &VALUE);
        let (keys, map) = (&*keys, &*map);
        let other = engine.join(1, 2).expect("a seat");
        let mut next = keys.iter().cycle();
        let ns = beside(
            move || {
                let key = Key::narrow(next.next().expect("endless"));
                other.set(key, &value, &Monotonic).expect("room");
            },
            || {
                time(turns, |turns| {
                    for _ in 0..turns {
                        black_box(get(me, &keys[random(state, MANY)], &mut space));
                    }
                })
            },
        );
        self.rows.add("get at random, one thread writes", ns);
        let mut next = keys.iter().cycle();
        let ns = beside(
            || {
                let mut held = map.write().expect("not poisoned");
                let bytes = held.get_mut(next.next().expect("endless")).expect("there");
                bytes.clear();
                bytes.extend_from_slice(&VALUE);
            },
            || {
                time(turns / 8, |turns| {
                    for _ in 0..turns {
                        map_get(map, &keys[random(state, MANY)], &mut vector);
                        black_box(&vector);
                    }
                })
            },
        );
        self.rows.add("map get + copy, one thread writes", ns);
    }

    fn writes(&mut self, turns: usize) {
        let Self { me, map, keys, state, .. } = self;
        let value = Value::permanent(7, &VALUE);
        for (name, count) in [("set, 1,000 hot keys", HOT), ("set, 400,000 keys at random", MANY)] {
            let ns = time(turns, |turns| {
                for _ in 0..turns {
                    let key = Key::narrow(&keys[random(state, count)]);
                    me.set(key, &value, &Monotonic).expect("room");
                }
            });
            self.rows.add(name, ns);
        }
        let ns = time(turns, |turns| {
            for _ in 0..turns {
                let mut held = map.write().expect("not poisoned");
                let bytes = held.get_mut(&keys[random(state, MANY)]).expect("there");
                bytes.clear();
                bytes.extend_from_slice(&VALUE);
            }
        });
        self.rows.add("map write, at random", ns);
        let ns = time(turns, |turns| {
            for _ in 0..turns {
                let key = Key::narrow(b"counter");
                black_box(me.add(key, &Addition::of(1.0, NEVER_US), &Monotonic).expect("room"));
            }
        });
        self.rows.add("increment", ns);
    }

    fn large(&mut self) {
        let me = &self.me;
        let bytes = vec![9; 64 * 1024];
        let mut space = vec![0; 64 * 1024];
        let key = Key::narrow(b"large");
        let value = Value::permanent(7, &bytes);
        let ns = time(500, |turns| {
            (0..turns).for_each(|_| me.set(key, &value, &Monotonic).expect("room"));
        });
        self.rows.add("set of 64 KiB", ns);
        let ns = time(500, |turns| {
            for _ in 0..turns {
                black_box(get(me, key.bytes, &mut space));
            }
        });
        self.rows.add("get of 64 KiB", ns);
    }
}

/// Bytes per entry beside key and value, everything counted, as the store fills; the most of
/// 400,000 entries on, before which open segments weigh more.
fn overhead() {
    const MIB: u64 = 1 << 20;
    let engine = store(256 * MIB, WhenFull::Refuse);
    let me = engine.join(1, 1).expect("a seat");
    let mut worst: f64 = 0.0;
    let mut last = 0.0;
    for number in 0..2_000_000_u32 {
        let key = format!("{number:016}");
        me.set(Key::narrow(key.as_bytes()), &Value::permanent(7, &VALUE), &Monotonic)
            .expect("room");
        if number % 10_000 == 9_999 && number > 400_000 {
            let stats = me.stats().expect("sound");
            let count = f64::from(number + 1);
            let whole =
                u32::try_from((stats.segment_bytes + stats.index_bytes) / 64).expect("small");
            last = f64::from(whole) * 64.0 / count - 16.0 - 64.0;
            worst = worst.max(last);
        }
    }
    println!("overhead per entry, 16-byte keys: {last:.1} B at the end, {worst:.1} B at most");
}

fn main() {
    let rounds = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(21);
    for when_full in [WhenFull::Refuse, WhenFull::Evict] {
        println!(
            "\nstore that {}, 64-byte values",
            match when_full {
                WhenFull::Refuse => "refuses when full",
                WhenFull::Evict => "evicts when full",
            }
        );
        let mut bench = Bench::new(when_full);
        for _ in 0..rounds {
            bench.reads(100_000);
            bench.reads_beside_a_writer(100_000);
            bench.writes(50_000);
            bench.large();
        }
        bench.rows.print();
        let ratio = |above, below| bench.rows.median(above) / bench.rows.median(below);
        let random = ratio("get, 400,000 keys at random", "map get + copy, at random");
        println!("random get ÷ map: {random:.2} (at most 1.3)");
        let beside = ratio("get at random, one thread writes", "map get + copy, one thread writes");
        println!("get beside a writer ÷ map: {beside:.2} (at most 0.4)");
    }
    overhead();
}
