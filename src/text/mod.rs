//! JavaScript's strings: how their bytes lie, and which of them are meant.
//!
//! Knows no store. Downwards:
//!
//! - [`string`]: a string in Latin-1 or UTF-16, and the way there from units;
//! - [`pattern`]: which strings a glob or a regular expression means;
//! - `expression`: a regular expression of JavaScript in the words of the regex crate;
//! - [`filter`]: which keys a beginning and a pattern mean.

mod expression;
pub mod filter;
pub mod pattern;
pub mod string;
