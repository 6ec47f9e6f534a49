//! A folder with a store in a file, for a test.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use shared_memory_store::engine::entry::{Key, Tagging, Value};
use shared_memory_store::error::Error;
use shared_memory_store::platform::clock::Monotonic;
use shared_memory_store::registry::stores::{OpenError, Opened, Place, Sharing, Wanted, open};

pub(crate) const KIND: u8 = 7;
pub(crate) const WANTED: Wanted = Wanted {
    max_bytes: Some(1 << 20),
    first_bytes: None,
    reserve_bytes: None,
    max_entries: None,
    when_full: None,
};

/// What the stores of these tests are called.
pub(crate) fn store_name() -> Vec<u16> {
    "a store \u{1F980}".encode_utf16().chain([0xDC00]).collect()
}

pub(crate) fn place(path: PathBuf) -> Place {
    Place::File { path, name: store_name(), sharing: Sharing::User }
}

/// A folder that goes with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("shared-memory-store-test-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).expect("a folder");
        Self(folder)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("store")
    }

    pub(crate) fn open(&self) -> Result<Opened, OpenError> {
        open(&place(self.file()), WANTED)
    }

    /// Why it cannot be opened, other than for its options.
    pub(crate) fn failure(&self) -> Option<Error> {
        match self.open() {
            Err(OpenError::Failed(error)) => Some(error),
            Err(OpenError::Mismatch(mismatch)) => panic!("{mismatch:?}"),
            Ok(_) => None,
        }
    }

    /// As another process would.
    pub(crate) fn open_as_other(&self) -> Result<Opened, OpenError> {
        open(&place(self.0.join(".").join("..").join(self.name()).join("store")), WANTED)
    }

    fn name(&self) -> &Path {
        Path::new(self.0.file_name().expect("a name"))
    }

    pub(crate) fn change(&self, offset: u64, bytes: &[u8]) {
        let file = OpenOptions::new().write(true).open(self.file()).expect("the file");
        file.write_all_at(bytes, offset).expect("a change");
    }

    pub(crate) fn word(&self, offset: u64) -> u64 {
        let mut word = [0; 8];
        File::open(self.file()).and_then(|f| f.read_exact_at(&mut word, offset)).expect("a word");
        u64::from_le_bytes(word)
    }

    pub(crate) fn files(&self) -> usize {
        fs::read_dir(&self.0).expect("the folder").count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("the folder");
    }
}

pub(crate) fn set(opened: &Opened, key: &str, deadline_us: u64) -> Result<(), Error> {
    let value =
        Value { kind: KIND, bytes: key.as_bytes(), deadline_us, stale_us: 0, tags: Tagging::None };
    opened.participant().set(Key::narrow(key.as_bytes()), &value, &Monotonic)
}

pub(crate) fn has(opened: &Opened, key: &str) -> bool {
    let mut into = [0; 64];
    let found = opened.participant().get(Key::narrow(key.as_bytes()), &Monotonic, &mut into);
    let found = found.expect("a sound store");
    found.is_some_and(|found| &into[..found.length] == key.as_bytes())
}
