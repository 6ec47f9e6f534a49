//! Files in memory: mapped, made real page by page, and healed. Knows no layout.
//!
//! - `mapped`: a file that is mapped;
//! - `pages`: pages of a file that are made real, and given back;
//! - `fault`: what happens when a page is not there;
//! - `signal`: how this process learns of it.

mod fault;
mod mapped;
mod pages;
mod signal;

pub use mapped::{Access, Mapping};
