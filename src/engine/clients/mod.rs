//! Who uses a store: participants with a place in its table, and observers without one.

pub(super) mod client_slot;
pub mod observer;
pub mod participant;
