//! Many threads at once: no older value after a newer one, nothing torn, nothing lost.
//!
//! Values carry their key and a number that its writer counts up, so every reader can tell.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{ScopedJoinHandle, scope};

use shared_memory_store::engine::Claim;
use shared_memory_store::engine::entry::{Addition, Condition, Key, NEVER_US, Value};
use shared_memory_store::engine::store::{Engine, WhenFull};
use shared_memory_store::engine::{Batch, NO_THREAD, START, Want};
use shared_memory_store::error::Error;
use shared_memory_store::platform::clock::Monotonic;

use crate::memories::anonymous;
use crate::stores::{BYTES, User, beside, geometry, options, pattern, store, store_with};

const KEYS: u64 = 200;
const ROUNDS: u64 = 150_000;

fn value(key: u64, number: u64) -> Vec<u8> {
    let length = 16 + usize::try_from((key * 7 + number * 13) % 900).expect("small");
    let mut bytes = Vec::with_capacity(length);
    bytes.extend_from_slice(&key.to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&pattern(key ^ number << 20, length - 16));
    bytes
}

/// The number of a value that is whole, and this key's.
fn number_of(key: u64, bytes: &[u8]) -> u64 {
    let number = u64::from_le_bytes(bytes[8..16].try_into().expect("eight bytes"));
    assert_eq!(bytes, value(key, number), "a torn value, or another key's");
    number
}

fn names() -> Vec<String> {
    (0..KEYS).map(|key| format!("key {key}")).collect()
}

/// Two writers, each of half of the keys, and two readers, of which each keeps copies outside.
fn histories(engine: &Arc<Engine>) {
    let newest: Vec<AtomicU64> = (0..KEYS).map(|_| AtomicU64::new(0)).collect();
    let (newest, done) = (&newest, &AtomicBool::new(false));
    scope(|threads| {
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                threads.spawn(move || {
                    let (user, names) = (User::of(engine), names());
                    for round in 1..=ROUNDS {
                        let key = round * 2_654_435_761 % KEYS / 2 * 2 + writer;
                        let name = &names[usize::try_from(key).expect("small")];
                        if round % 17 == 0 {
                            user.delete(name);
                        } else {
                            user.set(name, &value(key, round)).expect("room");
                            // After the write: whoever reads this number must find it, or later.
                            newest[usize::try_from(key).expect("small")]
                                .store(round, Ordering::Release);
                        }
                    }
                })
            })
            .collect();
        for reader in 0..2 {
            threads.spawn(move || read_histories(engine, newest, done, reader));
        }
        let ends: Vec<_> = writers.into_iter().map(ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Release);
        assert!(ends.iter().all(Result::is_ok), "a writer panicked");
    });
    User::of(engine).who.audit().expect("everything agrees");
}

fn read_histories(engine: &Arc<Engine>, newest: &[AtomicU64], done: &AtomicBool, reader: u64) {
    let (user, names) = (User::of(engine), names());
    let mut seen = vec![0; names.len()];
    let mut copies = vec![None; names.len()];
    let mut turn = reader;
    while !done.load(Ordering::Acquire) {
        turn += 1;
        let key = turn * 40_503 % KEYS;
        let at = usize::try_from(key).expect("small");
        let mut space = [0; 1000];
        let known = newest[at].load(Ordering::Acquire);
        let name = Key::narrow(names[at].as_bytes());
        if let Some((stripe, version, number)) = copies[at]
            && engine.stripe_version(stripe) == version
        {
            assert!(number >= seen[at], "a stale copy of key {key}: {number} < {}", seen[at]);
            assert!(number >= known, "a copy is older than an acknowledged write");
        }
        if let Some(found) = user.who.get(name, &Monotonic, &mut space).expect("sound") {
            let number = number_of(key, &space[..found.length]);
            assert!(number >= seen[at], "key {key} went back from {} to {number}", seen[at]);
            assert!(number >= known, "key {key}: {number} is older than {known}");
            seen[at] = number;
            if found.version.is_multiple_of(2) {
                copies[at] = Some((found.stripe, found.version, number));
            }
        }
    }
}

#[test]
fn no_reader_sees_an_older_value_after_a_newer_one() {
    histories(&store(16 * 1024, 64, 2, WhenFull::Refuse));
}

#[test]
fn no_reader_sees_an_older_value_while_segments_are_reused_all_the_time() {
    // Room for about a third of the entries: nearly every write evicts or compacts.
    histories(&store(16 * 1024, 8, 1, WhenFull::Evict));
}

#[test]
fn no_increment_is_lost() {
    let engine = &store(16 * 1024, 32, 2, WhenFull::Evict);
    scope(|threads| {
        for _ in 0..4 {
            threads.spawn(move || {
                let user = User::of(engine);
                for round in 0..20_000_u32 {
                    let key = format!("counter {}", round % 3);
                    let key = Key::narrow(key.as_bytes());
                    user.who.add(key, &Addition::of(1.0, NEVER_US), &user.clock).expect("room");
                }
            });
        }
    });
    let user = User::of(engine);
    let sum: f64 = (0..3)
        .map(|key| {
            f64::from_le_bytes(user.get(&format!("counter {key}")).unwrap().try_into().unwrap())
        })
        .sum();
    assert_eq!(sum.to_bits(), 80_000_f64.to_bits());
}

#[test]
fn compare_and_set_loses_no_update_and_add_has_one_winner() {
    let engine = &store(16 * 1024, 32, 1, WhenFull::Refuse);
    let winners = &AtomicU64::new(0);
    scope(|threads| {
        for _ in 0..4 {
            threads.spawn(move || {
                let (user, key) = (User::of(engine), Key::narrow(b"list"));
                let first = Value::permanent(BYTES, &[]);
                if user.who.write(key, &first, Condition::IfAbsent, &user.clock).expect("room") {
                    winners.fetch_add(1, Ordering::Relaxed);
                }
                let mut done = 0;
                while done < 500 {
                    let mut space = [0; 8];
                    let found = user.who.get(key, &user.clock, &mut space).expect("sound");
                    let found = found.expect("there");
                    let old = &space[..found.length];
                    let mut number = [0; 8];
                    number[..old.len()].copy_from_slice(old);
                    let next = (u64::from_le_bytes(number) + 1).to_le_bytes();
                    let condition = Condition::IfVersion(found.version);
                    let next = Value::permanent(BYTES, &next);
                    let is_set = user.who.write(key, &next, condition, &user.clock).expect("room");
                    done += u32::from(is_set);
                }
            });
        }
    });
    assert_eq!(winners.load(Ordering::Relaxed), 1);
    assert_eq!(User::of(engine).get("list"), Some(2000_u64.to_le_bytes().to_vec()));
}

#[test]
fn lock_of_a_key_excludes_and_ends_with_its_holder() {
    let engine = &store(16 * 1024, 32, 1, WhenFull::Refuse);
    let plain = &AtomicU64::new(0);
    scope(|threads| {
        for _ in 0..4 {
            threads.spawn(move || {
                let (user, key) = (User::of(engine), Key::narrow(b"key"));
                for _ in 0..300 {
                    assert_eq!(user.who.lock_key(key, 60_000_000, &Monotonic), Ok(Claim::Won));
                    let seen = plain.load(Ordering::Relaxed);
                    std::thread::yield_now();
                    plain.store(seen + 1, Ordering::Relaxed);
                    assert_eq!(user.who.release_key(key, &Monotonic), Ok(true));
                }
                // Held by a thread that ends.
                assert_eq!(user.who.lock_key(key, 60_000_000, &Monotonic), Ok(Claim::Won));
            });
        }
    });
    assert_eq!(plain.load(Ordering::Relaxed), 1200);
    assert!(!User::of(engine).who.is_locked_by_others(Key::narrow(b"key")));
}

#[test]
fn key_that_stays_is_found_while_the_index_grows() {
    let engine = &store(16 * 1024, 1024, 1, WhenFull::Refuse);
    let user = User::of(engine);
    for number in 0..300 {
        user.set(&format!("stays {number}"), b"x").expect("room");
    }
    let done = &AtomicBool::new(false);
    scope(|threads| {
        threads.spawn(move || {
            let user = User::of(engine);
            for round in 0..60_000 {
                user.set(&format!("comes {round}"), b"x").expect("room");
            }
            done.store(true, Ordering::Release);
        });
        while !done.load(Ordering::Acquire) {
            for number in 0..300 {
                assert!(user.get(&format!("stays {number}")).is_some(), "{number} was missed");
            }
        }
    });
}

#[test]
fn walk_beside_writers_meets_what_stays_exactly_once() {
    let engine = &store(16 * 1024, 512, 2, WhenFull::Refuse);
    let user = User::of(engine);
    let stays = 3000_usize;
    for number in 0..stays {
        user.set(&format!("stays {number}"), b"x").expect("room");
    }
    let done = &AtomicBool::new(false);
    scope(|threads| {
        threads.spawn(move || {
            let user = User::of(engine);
            for round in 0..30_000 {
                user.set(&format!("comes {round}"), &[0; 40]).expect("room");
                user.set(&format!("stays {}", round % stays), b"y").expect("room");
                if round % 3 == 0 {
                    user.delete(&format!("comes {}", round / 2));
                }
            }
            done.store(true, Ordering::Release);
        });
        let mut batch = Batch::default();
        while !done.load(Ordering::Acquire) {
            let (mut cursor, mut met) = (START, vec![0; stays]);
            loop {
                let next = user.who.scan(cursor, 50, Want::Keys, &user.clock, &mut batch);
                cursor = next.expect("memory");
                for listed in batch.entries() {
                    let key = str::from_utf8(batch.key(listed)).expect("text");
                    if let Some(number) = key.strip_prefix("stays ") {
                        met[number.parse::<usize>().expect("a number")] += 1;
                    }
                }
                if cursor == START {
                    break;
                }
            }
            assert!(met.iter().all(|times| *times == 1), "{met:?}");
        }
    });
    user.who.audit().expect("everything agrees");
}

#[test]
fn who_keeps_a_store_in_order_does_not_wait_long_for_who_keeps_a_lock() {
    let engine = store(16 * 1024, 64, 1, WhenFull::Refuse);
    let user = User::of(&engine);
    let (is_written, joined) = (Arc::new(AtomicBool::new(false)), Arc::clone(&engine));
    let was_written = Arc::clone(&is_written);
    let sweeping = move |_: &User| {
        let keeper = joined.join(1, NO_THREAD).expect("a seat");
        assert_eq!(keeper.sweep(1, &Monotonic), Err(Error::Busy));
        assert!(!was_written.load(Ordering::SeqCst));
    };
    let hold = || {
        user.set("held", b"y").expect("room");
        is_written.store(true, Ordering::SeqCst);
    };
    beside(&engine, sweeping, hold);
}

#[test]
fn store_that_evicts_down_to_a_number_of_entries_refuses_nobody() {
    let mut wanted = options(geometry(16 * 1024, 16, 1), WhenFull::Evict);
    wanted.max_entries = 20;
    let engine = &store_with(anonymous, &wanted);
    scope(|threads| {
        for writer in 0..4_u64 {
            threads.spawn(move || {
                let user = User::of(engine);
                for round in 0..ROUNDS / 10 {
                    user.set(&format!("key {writer} {}", round % 40), b"value").expect("room");
                }
            });
        }
    });
    assert!(User::of(engine).len() <= 20 + 4, "no more over it than there are writers");
}
