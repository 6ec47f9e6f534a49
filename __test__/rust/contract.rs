//! `lib/native/contract.js` and `counters.js` say what `src/contract` says: written from it.
//!
//! With `WRITE_CONTRACT` set (`npm run contract`) the files are written anew; else the test fails
//! while one is stale. They are never changed by hand.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use shared_memory_store::contract::{
    CONTRACT_VERSION, Class, GROUPS, Group, Kind, LocalCounter, Refusal, Register, SharedCounter,
    SharedEffort,
};

const COLUMNS: usize = 100;

const HEAD: &str = "\
/**
 * What the native core and JavaScript agree on: every number that both of them know.
 *
 * Written by `npm run contract` from `src/contract`, and never by hand: a test fails while this
 * file says anything else. Knows nothing.
 */
'use strict';
";

const COUNTERS_HEAD: &str = "\
/**
 * The counters of stores: what each is called, in which order they come, what it counts.
 *
 * Written by `npm run contract` from `src/contract`, and never by hand: a test fails while this
 * file says anything else. Knows nothing.
 */
'use strict';
";

#[test]
fn the_files_say_what_the_core_says() {
    for (name, text) in [("contract.js", contract()), ("counters.js", all_counters())] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("lib/native").join(name);
        if env::var_os("WRITE_CONTRACT").is_some() {
            fs::write(&path, &text).expect("the file is written");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{} is stale: npm run contract", path.display());
    }
}

#[test]
fn a_number_and_a_name_mean_one_thing_in_a_group() {
    for group in GROUPS {
        let names: BTreeSet<_> = group.rows.iter().map(|row| constant(row.name)).collect();
        assert_eq!(names.len(), group.rows.len(), "{}", group.name);
        let numbers: BTreeSet<_> = group.rows.iter().map(|row| row.number).collect();
        // The widths of two parts may well be the same.
        assert!(group.name == "Bits" || numbers.len() == group.rows.len(), "{}", group.name);
    }
}

#[test]
fn registers_and_counters_are_numbered_without_a_gap() {
    for group in
        [&Register::GROUP, &LocalCounter::GROUP, &SharedCounter::GROUP, &SharedEffort::GROUP]
    {
        for (number, row) in (0..).zip(group.rows) {
            assert_eq!(row.number, number, "{}.{}", group.name, row.name);
        }
    }
}

#[test]
fn refusals_are_below_zero_and_each_has_a_code_of_its_own() {
    let codes: BTreeSet<_> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
    assert_eq!(codes.len(), Refusal::ALL.len());
    assert!(codes.iter().all(|code| code.starts_with("ERR_")));
    assert!(Refusal::ALL.iter().all(|refusal| refusal.number() < 0));
}

#[test]
fn numbers_lead_back_to_what_they_are_the_numbers_of() {
    for kind in Kind::ALL {
        assert_eq!(Kind::of(kind.number()), Some(*kind));
    }
    assert_eq!((Kind::of(0), Kind::of(13), Refusal::of(0)), (None, None, None));
}

/// The whole file of numbers.
fn contract() -> String {
    let mut text = HEAD.to_owned();
    let version =
        "\nA fingerprint of all that follows: the loader takes no core of another contract.";
    text += &comment("", version);
    let _ = writeln!(text, "const CONTRACT_VERSION = {CONTRACT_VERSION};");
    let mut exports = vec!["CONTRACT_VERSION".to_owned()];
    for group in GROUPS.iter().filter(|group| !group.name.ends_with("Counter")) {
        text += &object(group);
        exports.push(group.name.to_owned());
    }
    text += &refusals();
    exports.push("REFUSALS".to_owned());
    // As the formatter orders nothing, but people look for names.
    exports.sort();
    text += "\nmodule.exports = {\n";
    for name in exports {
        let _ = writeln!(text, "  {name},");
    }
    text + "};\n"
}

/// The whole file of counters.
fn all_counters() -> String {
    let local = counters("LOCAL_COUNTERS", &LocalCounter::GROUP);
    let shared = counters("SHARED_COUNTERS", &SharedCounter::GROUP);
    let exports = "\nmodule.exports = { LOCAL_COUNTERS, SHARED_COUNTERS };\n";
    [COUNTERS_HEAD, &local, &shared, exports].concat()
}

/// A group as a frozen object.
fn object(group: &Group) -> String {
    let mut text = comment("", &format!("\n{}", group.doc));
    let _ = writeln!(text, "const {} = Object.freeze({{", group.name);
    for row in group.rows {
        let unit = if row.unit.is_empty() { String::new() } else { format!(" In {}.", row.unit) };
        text += &comment("  ", &format!("{}{unit}", row.doc.trim_end()));
        let _ = writeln!(text, "  {}: {},", constant(row.name), row.number);
    }
    text + "});\n"
}

/// Codes and classes by number.
fn refusals() -> String {
    let about = [
        "The stable code and the class of the error for each `Refusal`, by its number.",
        "",
        "@type {Readonly<Record<number, Readonly<{",
        "  code: string,",
        "  class: 'TypeError' | 'RangeError' | 'StoreError',",
        "}>>>}",
    ];
    let mut text = lines_as_comment(&about);
    text += "const REFUSALS = Object.freeze({\n";
    for refusal in Refusal::ALL {
        let class = match refusal.class() {
            Class::TypeError => "TypeError",
            Class::RangeError => "RangeError",
            Class::StoreError => "StoreError",
        };
        let (number, code) = (refusal.number(), refusal.code());
        let _ =
            writeln!(text, "  [{number}]: Object.freeze({{ code: '{code}', class: '{class}' }}),");
    }
    text + "});\n"
}

/// Counters as rows, in the order in which the native call gives their numbers.
fn counters(name: &str, group: &Group) -> String {
    let mut text = comment("", &format!("\n{}", group.doc));
    let _ = writeln!(text, "const {name} = Object.freeze([");
    for row in group.rows {
        let doc = words(row.doc).join(" ");
        text += "  Object.freeze({\n";
        let fields = [("name", property(row.name)), ("unit", row.unit.to_owned()), ("doc", doc)];
        for (field, value) in fields {
            // A string that holds an apostrophe stands in the other quotes.
            let quote = if value.contains('\'') { '"' } else { '\'' };
            let line = format!("    {field}: {quote}{value}{quote},");
            assert!(line.chars().count() <= COLUMNS, "too long: {line}");
            let _ = writeln!(text, "{line}");
        }
        text += "  }),\n";
    }
    text + "]);\n"
}

/// A comment that is filled up to the width of the house. One that begins with a line break gets
/// one before it.
fn comment(indent: &str, doc: &str) -> String {
    let gap = if doc.starts_with('\n') { "\n" } else { "" };
    let paragraphs = doc.trim().split("\n\n").collect::<Vec<_>>();
    let single = format!("{indent}/** {} */", words(doc).join(" "));
    if paragraphs.len() == 1 && single.chars().count() <= COLUMNS {
        return format!("{gap}{single}\n");
    }
    let mut text = format!("{gap}{indent}/**\n");
    for (index, paragraph) in paragraphs.into_iter().enumerate() {
        if index > 0 {
            let _ = writeln!(text, "{indent} *");
        }
        let mut line = format!("{indent} *");
        for word in words(paragraph) {
            if line.chars().count() + 1 + word.chars().count() > COLUMNS {
                let _ = writeln!(text, "{line}");
                line = format!("{indent} *");
            }
            let _ = write!(line, " {word}");
        }
        let _ = writeln!(text, "{line}");
    }
    text + indent + " */\n"
}

/// A comment whose lines stay as they are.
fn lines_as_comment(lines: &[&str]) -> String {
    let mut text = "\n/**\n".to_owned();
    for line in lines {
        let _ = writeln!(text, "{}", format!(" * {line}").trim_end());
    }
    text + " */\n"
}

fn words(doc: &str) -> Vec<&str> {
    doc.split_whitespace().collect()
}

/// `TtlMs` → `TTL_MS`.
fn constant(name: &str) -> String {
    let mut text = String::new();
    for (index, letter) in name.chars().enumerate() {
        if index > 0 && letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}

/// `DataBytes` → `dataBytes`.
fn property(name: &str) -> String {
    name[..1].to_ascii_lowercase() + &name[1..]
}
