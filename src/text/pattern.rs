//! Which strings a glob or a regular expression means. Knows no store.
//!
//! Both run in linear time whatever the pattern is: no look-around, no back-reference, and limits
//! on what is read and on what is compiled.

use regex::{Regex, RegexBuilder};

use crate::error::Error;
use crate::text::expression;
use crate::text::string::Text;

/// Bytes of a compiled pattern: some 10 ms of compiling at the most.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// Bytes of a pattern as it is given: reading takes longer than refusing what comes of it.
const SOURCE_BYTES_MAX: usize = 16 << 10;

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// `*` stands for any characters, `?` for one.
    ///
    /// # Errors
    ///
    /// [`Error::Pattern`] when it is too large.
    pub fn glob(source: &str) -> Result<Self, Error> {
        within_limit(source)?;
        let mut expression = String::from(r"\A");
        for character in source.chars() {
            match character {
                '*' => expression.push_str(".*"),
                '?' => expression.push('.'),
                _ => expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
            }
        }
        expression.push_str(r"\z");
        Self::compile(&expression, |it| it.dot_matches_new_line(true))
    }

    /// A regular expression with the flags `i`, `m` and `s` of JavaScript; others mean nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Pattern`] when it is none, too large, or needs what takes more than linear time.
    pub fn expression(source: &str, flags: &str) -> Result<Self, Error> {
        within_limit(source)?;
        let translated = expression::translated(source, flags).ok_or(Error::Pattern)?;
        Self::compile(&translated, |it| {
            it.case_insensitive(flags.contains('i')).multi_line(flags.contains('m'))
        })
    }

    fn compile(
        expression: &str,
        with_flags: impl FnOnce(&mut RegexBuilder) -> &mut RegexBuilder,
    ) -> Result<Self, Error> {
        let mut builder = RegexBuilder::new(expression);
        builder.size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX);
        with_flags(&mut builder).build().map(Self).map_err(|_| Error::Pattern)
    }

    /// Whether a string is meant. A lone surrogate counts as the replacement character.
    pub fn is_match(&self, text: Text<'_>) -> bool {
        match text.as_ascii() {
            Some(string) => self.0.is_match(string),
            None => self.0.is_match(&text.to_lossy()),
        }
    }
}

fn within_limit(source: &str) -> Result<(), Error> {
    if source.len() > SOURCE_BYTES_MAX { Err(Error::Pattern) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant<'a>(pattern: &Pattern, keys: &[&'a str]) -> Vec<&'a str> {
        let is_meant = |key: &&str| {
            let units: Vec<u16> = key.encode_utf16().collect();
            pattern.is_match(Text::write(&units, &mut vec![0; units.len() * 2]))
        };
        keys.iter().copied().filter(is_meant).collect()
    }

    #[test]
    fn glob_means_whole_keys() {
        let keys = ["user:1", "user:12", "users", "a\nuser:1", "user:😀"];
        let glob = |source| Pattern::glob(source).expect("a glob");
        assert_eq!(meant(&glob("user:*"), &keys), ["user:1", "user:12", "user:😀"]);
        assert_eq!(meant(&glob("user:?"), &keys), ["user:1", "user:😀"]);
        assert_eq!(meant(&glob("*user*1*"), &keys), ["user:1", "user:12", "a\nuser:1"]);
        assert_eq!(meant(&glob("user.1"), &keys), [""; 0]);
        assert_eq!(meant(&glob("[u]*"), &["[u]x", "ux"]), ["[u]x"]);
    }

    #[test]
    fn expression_means_parts_unless_anchored() {
        let keys = ["User:1", "user:12", "xuser"];
        let expression = |source, flags| Pattern::expression(source, flags).expect("valid");
        assert_eq!(meant(&expression("user", ""), &keys), ["user:12", "xuser"]);
        assert_eq!(meant(&expression("^user:\\d$", "i"), &keys), ["User:1"]);
        assert_eq!(meant(&expression("a\\/b", ""), &["a/b"]), ["a/b"]);
        assert_eq!(meant(&expression("^\\W", ""), &["中文", "a"]), ["中文"]);
        assert_eq!(meant(&expression("^[\\w-]+$", ""), &["a-b_1", "é"]), ["a-b_1"]);
    }

    #[test]
    fn what_takes_long_to_read_is_refused_unread() {
        assert!(Pattern::glob(&"a".repeat(SOURCE_BYTES_MAX / 2)).is_ok());
        for source in ["a".repeat(SOURCE_BYTES_MAX + 1), "*".repeat(1_000_000)] {
            assert_eq!(Pattern::glob(&source).map(|_| ()), Err(Error::Pattern));
            assert_eq!(Pattern::expression(&source, "").map(|_| ()), Err(Error::Pattern));
        }
    }

    #[test]
    fn what_takes_more_than_linear_time_is_refused() {
        for source in ["(?=a)", "(a)\\1", "(", "(?:a{1000}){1000}"] {
            assert_eq!(
                Pattern::expression(source, "").map(|_| ()),
                Err(Error::Pattern),
                "{source}"
            );
        }
    }
}
