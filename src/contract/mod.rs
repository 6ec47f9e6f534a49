//! What the native core and JavaScript agree on: every number that both of them know.
//!
//! A leaf: knows no store, no error and no Node-API. `lib/native/contract.js` is written from here
//! by `npm run contract`, and a test fails while it says anything else. Invariant: a number has
//! one meaning within its group, and what a number means is said here alone.

#[macro_use]
mod group;

mod codes;
mod counters;
mod refusals;
mod registers;
mod values;
mod watching;

pub use codes::{
    Answer, BacklogStep, Bits, Claim, ClaimTable, Flag, KeyForm, MismatchedOption, Removal,
    Shortage, SlotState, Waiting, WhenFull,
};
pub use counters::{LocalCounter, SharedCounter, SharedEffort};
pub use group::{Group, Row};
pub use refusals::{Class, Refusal};
pub use registers::Register;
pub use values::{Condition, Kind};
pub use watching::{Change, WatchedBy};

/// Changes when a function takes other arguments, answers something else, or a number comes to mean
/// something else: by hand.
const CALLS_VERSION: u32 = 2;

/// Changes with every number and every name, and with [`CALLS_VERSION`]: a core and a facade of
/// different contracts do not talk to each other, for the loader takes no such core.
pub const CONTRACT_VERSION: u32 = fingerprint(CALLS_VERSION);

/// Every group of numbers, as JavaScript gets them.
pub const GROUPS: [&Group; 22] = [
    &Register::GROUP,
    &Kind::GROUP,
    &Condition::GROUP,
    &Refusal::GROUP,
    &Removal::GROUP,
    &Flag::GROUP,
    &Bits::GROUP,
    &SlotState::GROUP,
    &KeyForm::GROUP,
    &BacklogStep::GROUP,
    &Claim::GROUP,
    &ClaimTable::GROUP,
    &Waiting::GROUP,
    &Answer::GROUP,
    &WhenFull::GROUP,
    &MismatchedOption::GROUP,
    &Shortage::GROUP,
    &Change::GROUP,
    &WatchedBy::GROUP,
    &LocalCounter::GROUP,
    &SharedCounter::GROUP,
    &SharedEffort::GROUP,
];

/// A hash of all groups: 32-bit FNV-1a of their names and numbers.
const fn fingerprint(start: u32) -> u32 {
    let mut hash = hashed(0x811C_9DC5, &start.to_le_bytes());
    let mut group = 0;
    while group < GROUPS.len() {
        hash = hashed(hash, GROUPS[group].name.as_bytes());
        let rows = GROUPS[group].rows;
        let mut row = 0;
        while row < rows.len() {
            hash = hashed(hash, rows[row].name.as_bytes());
            hash = hashed(hash, &rows[row].number.to_le_bytes());
            row += 1;
        }
        group += 1;
    }
    hash
}

const fn hashed(mut hash: u32, bytes: &[u8]) -> u32 {
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u32).wrapping_mul(0x0100_0193);
        index += 1;
    }
    hash
}
