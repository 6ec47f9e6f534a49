//! Words that nobody can guess. Knows not what for.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Four words: the standard library's hasher is keyed by the system.
pub fn words() -> [u64; 4] {
    std::array::from_fn(|word| {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_usize(word);
        hasher.finish()
    })
}
