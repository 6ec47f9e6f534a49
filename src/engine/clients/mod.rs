//! Who uses a store: participants, which have a client slot, and observers.

pub(super) mod client_slot;
pub mod observer;
pub mod participant;
