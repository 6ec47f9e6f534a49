//! Who uses a store: participants with a place in its table, and observers without one.

pub mod observer;
pub mod participant;
pub(super) mod seat;
