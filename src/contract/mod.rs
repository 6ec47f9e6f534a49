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

pub use codes::{
    Answer, Bits, Claim, Flag, KeyForm, MismatchedOption, Removal, SlotState, WhenFull,
};
pub use counters::{LocalCounter, SharedCounter};
pub use group::{Group, Row};
pub use refusals::{Class, Refusal};
pub use registers::Register;
pub use values::{Condition, Kind};

/// Changes with every change of a number or of what it means: a core and a facade of different
/// contracts must not talk to each other.
pub const CONTRACT_VERSION: u32 = 1;

/// Every group of numbers, as JavaScript gets them.
pub const GROUPS: [&Group; 13] = [
    &Register::GROUP,
    &Kind::GROUP,
    &Condition::GROUP,
    &Refusal::GROUP,
    &Removal::GROUP,
    &Flag::GROUP,
    &Bits::GROUP,
    &SlotState::GROUP,
    &KeyForm::GROUP,
    &Claim::GROUP,
    &Answer::GROUP,
    &WhenFull::GROUP,
    &MismatchedOption::GROUP,
];
