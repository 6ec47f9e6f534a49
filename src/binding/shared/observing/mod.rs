//! Stores that nobody opens to look at them.
//!
//! - [`files`]: files and stores, what there is, and what is to go;
//! - [`figures`]: numbers of one of them, who uses it, and who keeps what from others;
//! - [`entries`]: its entries.

pub(super) mod entries;
pub(super) mod figures;
pub(super) mod files;
