//! Which keys a filter means: those with a beginning, or those that a pattern means.
//!
//! Knows no store. Whatever lists, counts or removes many keys asks here, key by key, so this is
//! the one place for what a store keeps out of all its listings: the keys of namespaces, which
//! begin with NUL (see `lib/keys/keyspace.js`). A namespace has what its keys begin with as the
//! prefix, and says how much of it is its own affair: a pattern sees what comes behind.

use super::pattern::Pattern;
use super::string::Text;
use crate::error::Error;

/// What stands for a glob in place of the flags of a regular expression.
const GLOB: &str = "*";

/// A filter, ready to be asked.
#[derive(Debug, Default)]
pub struct Filter {
    prefix: Vec<u8>,
    is_utf16: bool,
    /// Units at the start of each key that patterns do not see.
    hidden_units: usize,
    pattern: Option<Pattern>,
    /// Whether keys of namespaces are meant as well where no prefix says whose keys are.
    is_of_all: bool,
}

impl Filter {
    /// Keys that begin with `prefix`; all of them, where it is empty.
    #[must_use]
    pub fn of_prefix(prefix: Text<'_>) -> Self {
        let (bytes, is_utf16) = prefix.parts();
        Self { prefix: bytes.to_vec(), is_utf16, ..Self::default() }
    }

    /// All keys, of namespaces as well.
    #[must_use]
    pub fn of_all() -> Self {
        Self { is_of_all: true, ..Self::default() }
    }

    /// The same, of which the pattern means what comes behind so many units. The flags are those of
    /// a regular expression, or [`GLOB`].
    ///
    /// # Errors
    ///
    /// [`Error::Pattern`] when it is none, too large, or needs more than linear time.
    pub fn with_pattern(
        self,
        hidden_units: usize,
        source: &str,
        flags: &str,
    ) -> Result<Self, Error> {
        let pattern = match flags {
            GLOB => Pattern::glob(source)?,
            _ => Pattern::expression(source, flags)?,
        };
        Ok(Self { hidden_units, pattern: Some(pattern), ..self })
    }

    /// Whether a pattern is to be matched: nobody knows how long that takes.
    #[must_use]
    pub fn has_pattern(&self) -> bool {
        self.pattern.is_some()
    }

    /// Whether a key is meant.
    #[inline]
    pub fn is_match(&self, key: Text<'_>) -> bool {
        // What begins as a plain key does is one.
        let is_theirs = self.is_of_all || !self.prefix.is_empty() || is_plain(key);
        is_theirs
            && key.starts_with(Text::of_parts(&self.prefix, self.is_utf16))
            && self
                .pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(key.behind(self.hidden_units(key))))
    }

    /// The bytes that every narrow key begins with that is meant: none may, where it is empty.
    #[must_use]
    pub fn narrow_prefix(&self) -> &[u8] {
        // No narrow key begins with a wide prefix.
        if self.is_utf16 { &[] } else { &self.prefix }
    }

    /// Of a plain key, the unit is hidden that tells it from those of namespaces.
    fn hidden_units(&self, key: Text<'_>) -> usize {
        let is_escaped = self.hidden_units == 0 && key.units().next() == Some(NUL);
        if is_escaped { 1 } else { self.hidden_units }
    }
}

/// What keys of namespaces begin with, and something else behind; plain keys with two.
const NUL: u16 = 0;

/// Whether a key is in no namespace.
#[inline]
pub fn is_plain(key: Text<'_>) -> bool {
    let mut units = key.units();
    units.next() != Some(NUL) || units.next().is_none_or(|unit| unit == NUL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_text<T>(string: &str, act: impl FnOnce(Text<'_>) -> T) -> T {
        let units: Vec<u16> = string.encode_utf16().collect();
        act(Text::write(&units, &mut vec![0; units.len() * 2]))
    }

    fn is_match(filter: &Filter, key: &str) -> bool {
        with_text(key, |key| filter.is_match(key))
    }

    #[test]
    fn prefix_of_either_width_means_keys_of_either_width() {
        let strings =
            ["", "a", "ab", "ÿ", "aĀ", "Ā", "Āb", "abĀ", "a\u{0}", "\u{61}\u{100}\u{100}"];
        for prefix in strings {
            let filter = with_text(prefix, Filter::of_prefix);
            for key in strings {
                assert_eq!(is_match(&filter, key), key.starts_with(prefix), "{prefix:?} {key:?}");
            }
        }
    }

    #[test]
    fn pattern_and_prefix_both_count_and_what_is_hidden_does_not() {
        let filter = |hidden| {
            with_text("space:", Filter::of_prefix).with_pattern(hidden, "a*", "*").expect("a glob")
        };
        assert!(is_match(&filter(6), "space:abc") && is_match(&filter(6), "space:aĀ"));
        assert!(!is_match(&filter(6), "space:bc") && !is_match(&filter(6), "abc"));
        assert!(!is_match(&filter(0), "space:abc"));
    }
}
