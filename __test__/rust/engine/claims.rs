//! Claims of keys: whose turn it is, who is told, and tables without a place.
//!
//! Time stands still but where a call waits.

use std::cell::Cell;

use shared_memory_store::engine::entry::{Absent, Addition, Condition, Key, NEVER_US, Value};
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::engine::{Alive, Claim, ClaimTable, Look};
use shared_memory_store::platform::clock::Monotonic;
use shared_memory_store::rate::Rate;

use crate::memories::Counted;
use crate::stores::{BYTES, Manual, User, geometry, options, store, store_with};

/// More than there are places for.
const CLAIMS: usize = 12_000;

fn at(now_us: u64) -> Manual {
    Manual(Cell::new(now_us))
}

#[test]
fn lock_that_others_wait_for_is_theirs_before_its_last_holder_has_it_again() {
    let engine = &store(16 * 1024, 32, 1, WhenFull::Refuse);
    let (first, key) = (&User::of(engine), Key::narrow(b"key"));
    let second = User::of(engine);
    assert_eq!(first.who.lock_key(key, 0, &at(0)), Ok(Claim::Won));
    let wish = second.who.wish(ClaimTable::Locks, key);
    let heard = engine.bell();
    assert_eq!(engine.look_for(&wish, 0, &mut Alive::default()), Look::Held);
    assert_eq!(first.who.release_key(key, &at(1_000)), Ok(true));
    assert_ne!(engine.bell(), heard, "who waits is told");
    // Who left it looks on for a while; others have it at once.
    let mine = first.who.wish(ClaimTable::Locks, key);
    let left = |now_ms| engine.look_for(&mine, now_ms, &mut Alive::default());
    assert_eq!(first.who.lock_in_turn(key, &at(2_000)), Ok(Claim::Others));
    assert_eq!(left(11), Look::Left { left_us: 10_000 });
    assert_eq!(second.who.lock_in_turn(key, &at(3_000)), Ok(Claim::Won));
    assert_eq!(left(12), Look::Held);
    // The second knows that the first waits, who asked while the lock was left.
    let heard = engine.bell();
    assert_eq!(second.who.release_key(key, &at(4_000)), Ok(true));
    assert_ne!(engine.bell(), heard);
    assert_eq!(second.who.lock_in_turn(key, &at(5_000)), Ok(Claim::Others));
    // Nobody came in time.
    assert_eq!(second.who.lock_in_turn(key, &at(24_000)), Ok(Claim::Won));
    let heard = engine.bell();
    assert_eq!(second.who.release_key(key, &at(25_000)), Ok(true));
    assert_eq!(engine.bell(), heard, "nobody waits any more");
    assert_eq!(second.who.lock_in_turn(key, &at(25_000)), Ok(Claim::Won));
}

#[test]
fn who_does_not_wait_takes_a_lock_that_is_left_to_others() {
    let engine = &store(16 * 1024, 32, 1, WhenFull::Refuse);
    let (user, other, key) = (User::of(engine), User::of(engine), Key::narrow(b"key"));
    assert_eq!(user.who.lock_key(key, 0, &user.clock), Ok(Claim::Won));
    let wish = other.who.wish(ClaimTable::Locks, key);
    assert_eq!(engine.look_for(&wish, 0, &mut Alive::default()), Look::Held);
    assert_eq!(user.who.release_key(key, &user.clock), Ok(true));
    assert_eq!(user.who.lock_in_turn(key, &user.clock), Ok(Claim::Others));
    assert_eq!(user.who.lock_key(key, 0, &user.clock), Ok(Claim::Won));
}

#[test]
fn load_whose_key_is_removed_meanwhile_stores_nothing_and_is_in_nobodys_way() {
    let engine = &store(16 * 1024, 32, 1, WhenFull::Refuse);
    let (user, other, key) = (User::of(engine), User::of(engine), Key::narrow(b"key"));
    let (another, value) = (Key::narrow(b"another"), Value::permanent(BYTES, b"made"));
    let store = |who: &User| who.who.write(key, &value, Condition::IfLed, &who.clock);
    assert_eq!(store(&user), Ok(false), "nobody leads");
    assert_eq!(user.who.claim_load(key), Ok(Claim::Won));
    assert_eq!(store(&other), Ok(false), "another does");
    // What is removed beside it does not matter.
    assert_eq!(other.who.delete(another, &other.clock), Ok(false));
    assert!(user.who.leads_load(key));
    // Nothing is there yet, and it is removed all the same.
    assert_eq!(other.who.delete(key, &other.clock), Ok(false));
    assert!(!user.who.leads_load(key));
    assert_eq!(store(&user), Ok(false));
    let wish = other.who.wish(ClaimTable::Loads, key);
    assert_eq!(engine.look_for(&wish, 0, &mut Alive::default()), Look::Free);
    assert_eq!(other.who.claim_load(key), Ok(Claim::Won));
    assert_eq!(user.who.claim_load(key), Ok(Claim::Others));
    assert_eq!(user.who.end_load(key), Ok(false));
    assert_eq!(store(&other), Ok(true));
    assert_eq!(store(&other), Ok(false), "there is an entry");
    // Of one's own it is as a new one.
    assert_eq!(other.who.delete(key, &other.clock), Ok(true));
    assert_eq!(store(&other), Ok(false));
    assert_eq!(other.who.claim_load(key), Ok(Claim::Won));
    assert_eq!(other.who.claim_load(key), Ok(Claim::Own));
    user.who.overtake_loads().expect("sound");
    assert_eq!(store(&other), Ok(false));
    assert_eq!(other.who.claim_load(key), Ok(Claim::Won));
    assert_eq!(store(&other), Ok(true));
    assert_eq!(other.who.end_load(key), Ok(true));
    assert_eq!(user.who.claim_load(key), Ok(Claim::Won), "its count is right");
}

#[test]
fn load_is_overtaken_by_whoever_writes_meanwhile_and_not_by_reads() {
    let engine = &store(16 * 1024, 32, 1, WhenFull::Refuse);
    let (user, other, key) = (User::of(engine), User::of(engine), Key::narrow(b"key"));
    let rate = Rate { units: 5.0, per_us: 10.0, burst: 5.0 };
    let addition = Addition {
        by: 1.0,
        bounds: (f64::NEG_INFINITY, f64::INFINITY),
        absent: Absent::Made(NEVER_US),
    };
    let writes: [&dyn Fn(); 3] = [
        &|| other.set("key", b"newer").expect("room"),
        &|| assert_eq!(other.add(key, &addition), Ok(1.0)),
        &|| assert!(other.who.limit(key, 1.0, &rate, &other.clock).is_ok()),
    ];
    for write in writes {
        assert_eq!(user.who.claim_load(key), Ok(Claim::Won));
        assert_eq!(other.get("key"), None);
        assert!(user.who.leads_load(key));
        write();
        assert!(!user.who.leads_load(key));
        assert!(other.delete("key"));
        let value = Value::permanent(BYTES, b"older");
        assert_eq!(user.who.write(key, &value, Condition::IfLed, &user.clock), Ok(false));
        assert_eq!(user.who.end_load(key), Ok(true));
    }
}

#[test]
fn places_of_a_full_table_are_waited_for_by_locks_and_done_without_by_loads() {
    let engine = &store(16 * 1024, 32, 1, WhenFull::Refuse);
    let (holder, user) = (User::of(engine), User::of(engine));
    let name = |number: usize| format!("lock {number}");
    // As many as there are places, and more: some find none.
    let claims = (0..CLAIMS).map(|number| {
        let (name, at) = (name(number), &holder.clock);
        let lock = holder.who.lock_key(Key::narrow(name.as_bytes()), 0, at).expect("sound");
        let load = holder.who.claim_load(Key::narrow(name.as_bytes())).expect("sound");
        (lock, load)
    });
    let claims: Vec<(Claim, Claim)> = claims.collect();
    let count = |wanted: (Option<Claim>, Option<Claim>)| {
        let is_it = |(lock, load): &&(Claim, Claim)| {
            wanted.0.is_none_or(|claim| claim == *lock)
                && wanted.1.is_none_or(|claim| claim == *load)
        };
        claims.iter().filter(is_it).count()
    };
    assert!(count((Some(Claim::NoPlace), None)) > 0 && count((None, Some(Claim::NoPlace))) > 0);
    assert!(count((Some(Claim::Won), None)) > 4000 && count((None, Some(Claim::Won))) > 4000);
    let without = claims.iter().position(|claims| claims.0 == Claim::NoPlace).expect("one");
    let name_without = name(without);
    let key = Key::narrow(name_without.as_bytes());
    let wish = user.who.wish(ClaimTable::Locks, key);
    let heard = engine.bell();
    assert_eq!(engine.look_for(&wish, 0, &mut Alive::default()), Look::Held);
    assert_eq!(user.who.lock_key(key, 30_000, &Monotonic), Ok(Claim::NoPlace));
    for (number, (lock, _)) in claims.iter().enumerate() {
        let name = name(number);
        let released = holder.who.release_key(Key::narrow(name.as_bytes()), &holder.clock);
        assert_eq!(released, Ok(lock.is_mine()));
    }
    assert_ne!(engine.bell(), heard, "who waits for a place is told");
    assert_eq!(user.who.lock_key(key, 0, &user.clock), Ok(Claim::Won));
}

#[test]
fn lock_that_a_full_disk_has_no_page_for_is_waited_for_and_not_asked_for_without_rest() {
    let geometry = geometry(16 * 1024, 32, 1);
    let engine = &store_with(Counted::reserve, &options(geometry, WhenFull::Refuse));
    let (user, key) = (User::of(engine), Key::narrow(b"key"));
    let wish = user.who.wish(ClaimTable::Locks, key);
    let look = || engine.look_for(&wish, 0, &mut Alive::default());
    Counted::refuse_more(|| {
        assert_eq!(user.who.lock_in_turn(key, &user.clock), Ok(Claim::NoPlace));
        assert_eq!(look(), Look::Left { left_us: 20_000 });
        // No table, no claim to wait for the end of.
        assert_eq!(user.who.wait_for_key(key, 0, &Monotonic), Ok(true));
    });
    assert_eq!(look(), Look::Free);
    assert_eq!(user.who.lock_in_turn(key, &user.clock), Ok(Claim::Won));
}
