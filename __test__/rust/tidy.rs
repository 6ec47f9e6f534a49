//! The house rules as a test: file heads, sizes, layers, homes of unsafe code.

use std::fs;
use std::path::{Path, PathBuf};

const LINES_OF_A_FILE: usize = 500;
const COLUMNS_OF_A_LINE: usize = 100;
const ITEMS_OF_A_FOLDER: usize = 12;
const COLUMNS_OF_A_FIRST_SENTENCE: usize = 100;

/// Files that may hold unsafe code.
const UNSAFE_HOMES: [&str; 24] = [
    "src/binding/bell.rs",
    "src/binding/buffers.rs",
    "src/binding/call.rs",
    "src/binding/exports.rs",
    "src/binding/registers.rs",
    "src/binding/strings.rs",
    "src/platform/boot.rs",
    "src/platform/byte_lock.rs",
    "src/platform/clock.rs",
    "src/platform/draft.rs",
    "src/platform/mapping/fault.rs",
    "src/platform/mapping/mapped.rs",
    "src/platform/mapping/pages.rs",
    "src/platform/mapping/signal.rs",
    "src/platform/memory.rs",
    "src/platform/park.rs",
    "src/platform/private_file.rs",
    "src/platform/reservation.rs",
    "src/platform/thread/chain.rs",
    "src/region/region/mod.rs",
    "src/region/memory/anonymous.rs",
    "src/region/memory/file.rs",
    "src/region/memory/mod.rs",
    "src/region/memory/observed.rs",
];
/// As long as what it is written from, which lies in several files.
const GENERATED: &str = "lib/native/contract.js";
/// What each room must not name: calls go down only.
const LAYERS: [(&str, &[&str]); 10] = [
    // What all others may name names nothing, but that errors know their refusals.
    (
        "src/contract",
        &[
            "crate::binding",
            "crate::engine",
            "crate::error",
            "crate::local",
            "crate::platform",
            "crate::region",
            "crate::registry",
            "crate::sync",
            "crate::text",
            "napi",
        ],
    ),
    (
        "src/error.rs",
        &[
            "crate::binding",
            "crate::engine",
            "crate::local",
            "crate::platform",
            "crate::region",
            "crate::registry",
            "crate::sync",
            "crate::text",
            "napi",
        ],
    ),
    (
        "src/platform",
        &[
            "crate::local",
            "crate::binding",
            "crate::error",
            "crate::engine",
            "crate::region",
            "crate::registry",
            "crate::sync",
            "crate::text",
            "napi",
        ],
    ),
    (
        "src/text",
        &[
            "crate::local",
            "crate::binding",
            "crate::engine",
            "crate::platform",
            "crate::region",
            "crate::registry",
            "crate::sync",
            "napi",
        ],
    ),
    (
        "src/local",
        &[
            "crate::binding",
            "crate::engine",
            "crate::region",
            "crate::registry",
            "crate::sync",
            "napi",
        ],
    ),
    (
        "src/sync",
        &[
            "crate::engine",
            "crate::region",
            "crate::registry",
            "crate::local",
            "crate::text",
            "crate::binding",
            "napi",
        ],
    ),
    (
        "src/region",
        &[
            "crate::engine",
            "crate::registry",
            "crate::local",
            "crate::text",
            "crate::binding",
            "napi",
        ],
    ),
    ("src/engine", &["crate::registry", "crate::local", "crate::text", "crate::binding", "napi"]),
    ("src/registry", &["crate::local", "crate::text", "crate::binding", "napi"]),
    ("src/binding/environment.rs", &["napi::"]),
];
/// The rooms of `lib/`, from the bottom up: a file names what lies in its own room or below.
const ROOMS: [&str; 14] = [
    "errors",
    "native",
    "keys",
    "arguments",
    "values",
    "loads",
    "snapshot",
    "store",
    "local",
    "shared",
    "fleet",
    "session",
    "adapters",
    "cli",
];
/// Scopes, which never name each other.
const SCOPES: [&str; 3] = ["local", "shared", "fleet"];
/// But for one seam: what a machine keeps of a fleet lies in a store that its processes share.
const SEAM: (&str, &str) = ("lib/fleet/near/", "lib/shared/near/mirror.js");
/// Where each thing that is not ours to order may be touched.
const HOMES: [(&str, &str); 6] = [
    ("Instant", "src/platform"),
    ("std::thread", "src/platform"),
    ("libc::", "src/platform"),
    ("napi::", "src/binding"),
    ("loom::", "src/sync"),
    ("shuttle::", "src/sync"),
];
const FOLDERS: [&str; 7] = ["src", "lib", "packaging", "__test__", "benches", "docs", "index.js"];

#[test]
fn every_file_is_short_and_says_what_it_is() {
    for file in files() {
        let text = read(&file);
        let name = file.display();
        let is_short = text.lines().count() <= LINES_OF_A_FILE || relative(&file) == GENERATED;
        assert!(is_short, "{name} is longer than {LINES_OF_A_FILE}");
        let head = if file.extension().is_some_and(|e| e == "rs") { "//! " } else { "/**" };
        assert!(
            text.trim_start_matches("#!/usr/bin/env node\n").starts_with(head),
            "{name} has no head"
        );
        for line in text.lines() {
            assert!(line.chars().count() <= COLUMNS_OF_A_LINE, "{name}: a long line: {line}");
        }
        let first = text
            .lines()
            .map(|l| l.trim_start_matches(['/', '*', '!', ' ']))
            .find(|l| !l.is_empty());
        assert!(first.is_some_and(|l| l.chars().count() <= COLUMNS_OF_A_FIRST_SENTENCE), "{name}");
    }
}

#[test]
fn calls_go_down_only() {
    for (room, banned) in LAYERS {
        for file in files().into_iter().filter(|file| relative(file).starts_with(room)) {
            let code = code_of(&file);
            for word in banned {
                assert!(!code.contains(word), "{} names {word}", file.display());
            }
        }
    }
}

#[test]
fn rooms_of_the_facade_name_what_lies_below() {
    let height = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut seen = 0;
    for file in files().into_iter().filter(|file| relative(file).starts_with("lib/")) {
        let name = relative(&file);
        let room = name.split('/').nth(1).expect("a room");
        let own = height(room).unwrap_or_else(|| panic!("{name} lies in a room without a place"));
        for (named, place) in named_rooms(&file) {
            let below = height(&named).unwrap_or_else(|| panic!("{name} names {named}"));
            seen += 1;
            assert!(below <= own, "{name} names {named}, which lies above it");
            let is_of_scopes = SCOPES.contains(&room) && SCOPES.contains(&named.as_str());
            let is_apart = is_of_scopes && room != named;
            let is_seam = name.starts_with(SEAM.0) && place == SEAM.1;
            assert!(!is_apart || is_seam, "{name} names another scope, {named}");
        }
    }
    assert!(seen > 100, "the names were found");
}

/// The rooms of `lib/` that a file there names, by a path in quotes, be it code or a type; and the
/// paths.
fn named_rooms(file: &Path) -> Vec<(String, String)> {
    let folder = file.parent().expect("a folder");
    let text = read(file);
    let paths = text.split('\'').filter(|part| part.starts_with("./") || part.starts_with("../"));
    let is_code = |path: &&str| Path::new(path).extension().is_some_and(|end| end == "js");
    let rooms = paths.filter(is_code).filter_map(|path| {
        let mut place = folder.to_path_buf();
        for step in path.split('/') {
            match step {
                "." => {}
                ".." => assert!(place.pop(), "{path} leads outside"),
                name => place.push(name),
            }
        }
        let place = relative(&place);
        let room = place.strip_prefix("lib/")?.split('/').next()?.to_owned();
        Some((room, place))
    });
    rooms.collect()
}

#[test]
fn what_has_a_home_is_not_touched_elsewhere() {
    for file in files().into_iter().filter(|file| relative(file).starts_with("src/")) {
        let (name, code) = (relative(&file), code_of(&file));
        for (word, home) in HOMES {
            assert!(name.starts_with(home) || !code.contains(word), "{name} names {word}");
        }
        let is_home = UNSAFE_HOMES.contains(&name.as_str());
        assert!(is_home || !code.contains("unsafe"), "{name} holds unsafe code");
    }
}

#[test]
fn no_folder_is_crowded() {
    for folder in files().iter().filter_map(|file| file.parent().map(Path::to_path_buf)) {
        // A list of tests or examples is read by name, not as a room.
        if relative(&folder).starts_with("__test__") || folder == root() {
            continue;
        }
        let items = fs::read_dir(&folder).expect("readable").flatten();
        // What tools make is not ours to order.
        let made = ["node_modules", "package-lock.json"];
        let items = items
            .filter(|item| item.path().extension().is_none_or(|e| e != "node"))
            .filter(|item| made.iter().all(|name| !item.path().ends_with(name)));
        // The rooms of the facade are listed above, each with its place.
        let most = if relative(&folder) == "lib" { ROOMS.len() } else { ITEMS_OF_A_FOLDER };
        assert!(items.count() <= most, "{} is crowded", folder.display());
    }
}

/// The code of a file without its comments.
fn code_of(file: &Path) -> String {
    let text = read(file);
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Folders whose files were brought here by npm or by the build.
const BROUGHT: [&str; 3] = ["node_modules", "lib/values/msgpackr", "lib/cli/ui/page/uplot"];

fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = FOLDERS.iter().map(|folder| root().join(folder)).collect();
    while let Some(path) = open.pop() {
        if BROUGHT.iter().any(|folder| path.ends_with(folder)) {
            continue;
        }
        if path.is_dir() {
            open.extend(fs::read_dir(path).expect("readable").flatten().map(|item| item.path()));
        } else if path
            .extension()
            .is_some_and(|e| ["rs", "js", "mjs", "cjs"].iter().any(|x| e == *x))
        {
            found.push(path);
        }
    }
    assert!(found.len() > 20, "the walk found the house");
    found
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).expect("readable text")
}

fn relative(file: &Path) -> String {
    let path = file.strip_prefix(root()).expect("inside");
    path.display().to_string().replace('\\', "/")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
