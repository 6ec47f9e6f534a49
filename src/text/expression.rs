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
/// Any character, and none. Neither has a case: where case counts for nothing the crate would go
/// through all of Unicode for each.
const ANY: &str = "(?s:.)";
const NONE: &str = r"(?-i:[^\x{0}-\x{10FFFF}])";

/// Characters of classes for which the crate may look for other cases, one by one: some 10 ms.
const CASED_MAX: u32 = 1 << 22;
/// What a property counts: more than the letters of all scripts.
const PROPERTY_CASED: u32 = 160_000;
/// What counts that may mean almost everything.
const WIDE_CASED: u32 = 1 << 20;
const WIDE_PROPERTIES: [&str; 8] =
    ["any", "assigned", "unassigned", "other", "c", "cn", "unknown", "zzzz"];

/// The source of an expression with these flags; `None` for what is none, takes too long to
/// compile, or means strings by what they had before: back-references, and sets of the flag `v`.
pub(super) fn translated(source: &str, flags: &str) -> Option<String> {
    let mut translation = Translation {
        rest: source.chars().peekable(),
        to: String::with_capacity(source.len() * 2),
        is_unicode: flags.contains(['u', 'v']),
        has_sets: flags.contains('v'),
        dot_is_all: flags.contains('s'),
        cased_left: flags.contains('i').then_some(CASED_MAX),
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

impl Atom {
    /// Whether it means all but some.
    fn is_wide(&self) -> bool {
        match self {
            Self::One(_) => false,
            Self::Many(_, is_negated) => *is_negated,
            Self::Property(property) => property.starts_with(r"\P"),
        }
    }
}

struct Translation<'a> {
    rest: Peekable<Chars<'a>>,
    to: String,
    is_unicode: bool,
    has_sets: bool,
    dot_is_all: bool,
    /// Of how many characters the crate may still look for other cases, where it does: with the
    /// flag `i`, and from a group on that said so.
    cased_left: Option<u32>,
}

impl Translation<'_> {
    fn all(&mut self) -> Option<()> {
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '.' if self.dot_is_all => self.to.push_str(ANY),
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
            if flag == 'i' {
                self.cased_left.get_or_insert(CASED_MAX);
            }
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
            // Strings in a class; elsewhere it is nothing.
            'q' if self.has_sets => return None,
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
        if letter == 'P' && self.cased_left.is_some() && !self.has_sets {
            // In JavaScript, what has another case that is meant; in the crate, what has none.
            return None;
        }
        self.rest.next_if_eq(&'{')?;
        let mut property = format!(r"\{letter}{{");
        loop {
            match self.rest.next()? {
                '}' => break,
                character => property.push(character),
            }
        }
        let is_wide = is_wide(&property[3..]);
        self.count_cased(if is_wide { WIDE_CASED } else { PROPERTY_CASED })?;
        Some(property + "}")
    }

    /// Counts characters of which the crate may look for other cases; `None` for too many.
    fn count_cased(&mut self, characters: u32) -> Option<()> {
        if let Some(left) = &mut self.cased_left {
            *left = left.checked_sub(characters)?;
        }
        Some(())
    }

    /// A class, from behind its bracket.
    fn class(&mut self) -> Option<()> {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        if self.rest.next_if_eq(&']').is_some() {
            // Nothing, or everything.
            self.to.push_str(if is_negated { ANY } else { NONE });
            return Some(());
        }
        self.to.push_str(if is_negated { "[^" } else { "[" });
        let (mut has_plain, mut has_wide) = (false, false);
        loop {
            let from = match self.rest.next()? {
                ']' => break,
                character => self.of_class(character)?,
            };
            has_plain |= matches!(from, Atom::One(_));
            has_wide |= from.is_wide();
            let mut ahead = self.rest.clone();
            if self.has_sets && self.rest.clone().take(2).eq(['-', '-']) {
                return None;
            }
            let is_range = ahead.next() == Some('-') && ahead.peek().is_some_and(|it| *it != ']');
            if !is_range {
                self.atom(&from);
                continue;
            }
            self.rest.next();
            let after = self.rest.next()?;
            match (from, self.of_class(after)?) {
                (Atom::One(from), Atom::One(to)) if from <= to => {
                    self.count_cased(u32::from(to) - u32::from(from))?;
                    self.one(from);
                    self.to.push('-');
                    self.one(to);
                }
                (Atom::One(_), Atom::One(_)) => return None,
                // A class is no end of a range: the sign is one of the characters.
                (from, to) => {
                    has_plain = true;
                    has_wide |= to.is_wide();
                    self.atom(&from);
                    self.one('-');
                    self.atom(&to);
                }
            }
        }
        self.to.push(']');
        // The crate knows other cases of what was negated, but looks again where more is added.
        if has_plain && has_wide { self.count_cased(WIDE_CASED) } else { Some(()) }
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

/// Whether a property, by its name and value, may mean almost every character. The crate reads
/// names as loosely.
fn is_wide(property: &str) -> bool {
    let value = property.rsplit(['=', ':']).next().unwrap_or_default();
    let name: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    WIDE_PROPERTIES.contains(&name.strip_prefix("is").unwrap_or(&name))
}

#[cfg(test)]
mod tests {
    use super::{ANY, translated};

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
        for source in ["[a--b]", r"[\w--\d]", r"[\p{L}--\p{Lu}]", "[!--A]", r"[\q{ab|cd}]"] {
            assert_eq!(translated(source, "v"), None, "{source}");
        }
        assert_eq!(translated(r"[\w&&\d]", "v"), None);
        assert_eq!(translated(r"[!--\d]", "").as_deref(), Some(r"[\x{21}-\x{2D}[0-9]]"));
    }

    #[test]
    fn negated_property_without_case_is_refused_unless_both_languages_mean_the_same() {
        for source in [r"\P{Lu}", r"[a\P{Lu}]"] {
            assert_eq!(translated(source, "iu"), None, "{source}");
            for flags in ["u", "iv"] {
                assert!(translated(source, flags).is_some(), "{source} {flags}");
            }
        }
        assert_eq!(translated(r"(?i:a)\P{Lu}", "u"), None);
        assert!(translated(r"[^\p{Lu}]", "iu").is_some());
    }

    #[test]
    fn what_has_no_case_is_not_asked_for_it() {
        for (source, flags) in [(".", "si"), ("[^]", "i"), ("(?i:.)", "s")] {
            let many = translated(&source.repeat(1000), flags).expect("valid");
            assert_eq!(many.matches(ANY).count(), 1000, "{source}");
        }
        assert_eq!(translated("[]", "i").as_deref(), Some(r"(?-i:[^\x{0}-\x{10FFFF}])"));
    }

    #[test]
    fn what_is_asked_for_its_case_at_length_is_refused() {
        for (source, flags) in [
            (r"[\0-\u{10ffff}]", "iu"),
            (r"[^\0-\u{10ffff}]", "iu"),
            (r"(?i:[\0-\u{10ffff}])", "u"),
            (r"[\0-\uffff]", "i"),
            (r"[a\W]", "i"),
            (r"[\w-\W]", "i"),
            (r"[a\P{L}]", "iv"),
            (r"\p{Any}", "iu"),
            (r"[\p{ is_Any }]", "iu"),
            (r"\p{gc=Other}", "iu"),
            (r"\p{L}", "iu"),
        ] {
            assert!(translated(source, flags).is_some(), "{source}");
            assert_eq!(translated(&source.repeat(100), flags), None, "{source}");
        }
        for (source, flags) in [
            (r"[\0-\u{10ffff}]", "u"),
            ("[a-z]", "i"),
            ("[^a-z]", "i"),
            (r"[\s\S]", "i"),
            (r"\W", "i"),
            (r"\p{L}", "u"),
        ] {
            assert!(translated(&source.repeat(100), flags).is_some(), "{source}");
        }
    }
}
