//! A regular expression of JavaScript, as the syntax of the regex crate says it. Knows no string.
//!
//! What both write alike is passed on, also what the crate refuses: look-around. Invariant: what
//! JavaScript takes for a character is never an operator of the crate.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

/// What ends a line in JavaScript, and `.` leaves out.
const LINE_ENDS: &str = r"\n\r\x{2028}\x{2029}";
/// The spaces of JavaScript.
const SPACES: &str =
    r"\t-\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";
const DIGITS: &str = "0-9";
const WORDS: &str = "0-9A-Za-z_";
const ALL: &str = r"\x{0}-\x{10FFFF}";

/// The source of an expression with these flags; `None` for what is none, or means strings by
/// what they had before: back-references, and sets of the flag `v`.
pub(super) fn translated(source: &str, flags: &str) -> Option<String> {
    let mut translation = Translation {
        rest: source.chars().peekable(),
        to: String::with_capacity(source.len() * 2),
        is_unicode: flags.contains(['u', 'v']),
        has_sets: flags.contains('v'),
        dot_is_all: flags.contains('s'),
    };
    translation.all()?;
    Some(translation.to)
}

/// One character of a class, or several.
enum Atom {
    One(char),
    /// What stands between the brackets of a class of these.
    Many(&'static str, bool),
    /// `\p{…}`, as it is.
    Property(String),
}

struct Translation<'a> {
    rest: Peekable<Chars<'a>>,
    to: String,
    is_unicode: bool,
    has_sets: bool,
    dot_is_all: bool,
}

impl Translation<'_> {
    fn all(&mut self) -> Option<()> {
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '.' if self.dot_is_all => self.many(ALL, false),
                '.' => self.many(LINE_ENDS, true),
                '{' if !self.is_count() => self.one('{'),
                '{' => self.count(),
                '(' => self.group()?,
                '^' | '$' | '*' | '+' | '?' | ')' | '|' => self.to.push(character),
                _ => self.one(character),
            }
        }
        Some(())
    }

    /// A group; what follows the question mark is a name, flags, or nothing that is known here. The
    /// flag `s` is for the whole expression alone: the dots are translated by that.
    fn group(&mut self) -> Option<()> {
        self.to.push('(');
        if self.rest.next_if_eq(&'?').is_none() {
            return Some(());
        }
        self.to.push('?');
        let mut count = 0;
        while let Some(flag) = self.rest.next_if(|it| "im-".contains(*it)) {
            self.to.push(flag);
            count += 1;
        }
        match self.rest.next()? {
            ':' => self.to.push(':'),
            '<' if count == 0 => {
                self.to.push('<');
                // A name is not to be read as characters; look-behind is refused by the crate.
                for letter in self.rest.by_ref() {
                    self.to.push(letter);
                    if letter == '>' {
                        break;
                    }
                }
            }
            look @ ('=' | '!') if count == 0 => self.to.push(look),
            _ => return None,
        }
        Some(())
    }

    /// Whether what follows a brace says how often.
    fn is_count(&self) -> bool {
        let mut rest = self.rest.clone();
        let mut digits = 0;
        while rest.next_if(char::is_ascii_digit).is_some() {
            digits += 1;
        }
        if rest.next_if_eq(&',').is_some() {
            while rest.next_if(char::is_ascii_digit).is_some() {}
        }
        digits > 0 && rest.next() == Some('}')
    }

    fn count(&mut self) {
        self.to.push('{');
        for character in self.rest.by_ref() {
            self.to.push(character);
            if character == '}' {
                return;
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        match self.rest.peek()? {
            'b' => self.boundary(r"(?-u:\b)"),
            'B' => self.boundary(r"(?-u:\B)"),
            _ => {
                let atom = self.escaped()?;
                self.atom(&atom);
            }
        }
        Some(())
    }

    fn boundary(&mut self, written: &str) {
        self.rest.next();
        self.to.push_str(written);
    }

    fn atom(&mut self, atom: &Atom) {
        match atom {
            Atom::One(character) => self.one(*character),
            Atom::Many(class, is_negated) => self.many(class, *is_negated),
            Atom::Property(property) => self.to.push_str(property),
        }
    }

    /// What a backslash makes of what follows it, in a class and elsewhere.
    fn escaped(&mut self) -> Option<Atom> {
        Some(match self.rest.next()? {
            'd' => Atom::Many(DIGITS, false),
            'D' => Atom::Many(DIGITS, true),
            'w' => Atom::Many(WORDS, false),
            'W' => Atom::Many(WORDS, true),
            's' => Atom::Many(SPACES, false),
            'S' => Atom::Many(SPACES, true),
            'f' => Atom::One('\x0c'),
            'n' => Atom::One('\n'),
            'r' => Atom::One('\r'),
            't' => Atom::One('\t'),
            'v' => Atom::One('\x0b'),
            'c' => Atom::One(self.control()?),
            'x' => Atom::One(self.hexadecimal(2).map_or(Some('x'), char::from_u32)?),
            'u' => Atom::One(self.unit()?),
            letter @ ('p' | 'P') if self.is_unicode => Atom::Property(self.property(letter)?),
            // What was met before, or an octal number as in old programs.
            '1'..='9' | 'k' => return None,
            '0' if self.rest.peek().is_some_and(char::is_ascii_digit) => return None,
            '0' => Atom::One('\0'),
            character => Atom::One(character),
        })
    }

    fn control(&mut self) -> Option<char> {
        let letter = self.rest.next_if(char::is_ascii_alphabetic)?;
        char::from_u32(u32::from(letter) % 32)
    }

    /// So many digits, or nothing was read.
    fn hexadecimal(&mut self, digits: usize) -> Option<u32> {
        let mut rest = self.rest.clone();
        let mut number = 0;
        for _ in 0..digits {
            number = number * 16 + rest.next()?.to_digit(16)?;
        }
        self.rest = rest;
        Some(number)
    }

    /// What follows `\u`: four digits, or two times four, or a number in braces. A surrogate alone
    /// is no character of a string here.
    fn unit(&mut self) -> Option<char> {
        if self.is_unicode && self.rest.next_if_eq(&'{').is_some() {
            let mut number: u32 = 0;
            loop {
                match self.rest.next()? {
                    '}' => return char::from_u32(number),
                    digit => number = number.checked_mul(16)? + digit.to_digit(16)?,
                }
            }
        }
        let Some(high) = self.hexadecimal(4) else { return Some('u') };
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high);
        }
        let is_pair = self.rest.next() == Some('\\') && self.rest.next() == Some('u');
        let low = self.hexadecimal(4).filter(|low| is_pair && (0xDC00..0xE000).contains(low))?;
        char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    }

    fn property(&mut self, letter: char) -> Option<String> {
        self.rest.next_if_eq(&'{')?;
        let mut property = format!(r"\{letter}{{");
        loop {
            match self.rest.next()? {
                '}' => return Some(property + "}"),
                character => property.push(character),
            }
        }
    }

    /// A class, from behind its bracket.
    fn class(&mut self) -> Option<()> {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        if self.rest.next_if_eq(&']').is_some() {
            // Nothing, or everything.
            self.many(ALL, !is_negated);
            return Some(());
        }
        self.to.push_str(if is_negated { "[^" } else { "[" });
        loop {
            let from = match self.rest.next()? {
                ']' => break,
                character => self.of_class(character)?,
            };
            let mut ahead = self.rest.clone();
            let is_range = ahead.next() == Some('-') && ahead.peek().is_some_and(|it| *it != ']');
            if !is_range {
                self.atom(&from);
                continue;
            }
            self.rest.next();
            let after = self.rest.next()?;
            match (from, self.of_class(after)?) {
                (Atom::One(from), Atom::One(to)) if from <= to => {
                    self.one(from);
                    self.to.push('-');
                    self.one(to);
                }
                (Atom::One(_), Atom::One(_)) => return None,
                // A class is no end of a range: the sign is one of the characters.
                (from, to) => {
                    self.atom(&from);
                    self.one('-');
                    self.atom(&to);
                }
            }
        }
        self.to.push(']');
        Some(())
    }

    /// What a character begins within a class.
    fn of_class(&mut self, character: char) -> Option<Atom> {
        if self.has_sets && (character == '[' || self.rest.peek() == Some(&character)) {
            return None;
        }
        if character != '\\' {
            return Some(Atom::One(character));
        }
        match self.rest.next_if(|it| "bB".contains(*it)) {
            Some('b') => Some(Atom::One('\x08')),
            Some(letter) => Some(Atom::One(letter)),
            None => self.escaped(),
        }
    }

    fn one(&mut self, character: char) {
        if character.is_ascii_alphanumeric() {
            self.to.push(character);
        } else {
            // Writing to a string does not fail.
            let _ = write!(self.to, r"\x{{{:X}}}", u32::from(character));
        }
    }

    fn many(&mut self, class: &str, is_negated: bool) {
        self.to.push_str(if is_negated { "[^" } else { "[" });
        self.to.push_str(class);
        self.to.push(']');
    }
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn operators_of_the_crate_are_characters() {
        let plain = |source| translated(source, "").expect("valid");
        assert_eq!(plain(r"\Aa\z"), "Aaz");
        assert_eq!(plain("[a&&b]"), r"[a\x{26}\x{26}b]");
        assert_eq!(plain("[[a]]"), r"[\x{5B}a]\x{5D}");
        assert_eq!(plain("x{,2}"), r"x\x{7B}\x{2C}2\x{7D}");
        assert_eq!(plain("x{2,}"), "x{2,}");
        assert_eq!(plain("[a-c]"), "[a-c]");
        assert_eq!(plain(r"[+--]"), r"[\x{2B}-\x{2D}]");
        assert_eq!(plain(r"\pL"), "pL");
        assert_eq!(plain("(?<name>a)>"), r"(?<name>a)\x{3E}");
        assert_eq!(translated(r"\p{L}", "u").as_deref(), Some(r"\p{L}"));
        assert_eq!(translated(r"\ud83d\ude00", "").as_deref(), Some(r"\x{1F600}"));
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for source in
            [r"a\", "[a", "[b-a]", "(?x)a", "(?s:.)", "(?P<n>a)", r"(a)\1", r"\ud83d", r"\01"]
        {
            assert_eq!(translated(source, ""), None, "{source}");
        }
        assert_eq!(translated("[a--b]", "v"), None);
    }
}
