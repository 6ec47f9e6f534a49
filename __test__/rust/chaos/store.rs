//! The store under test, and what its keys and values are. The only file that opens it.

use std::cell::RefCell;
use std::path::Path;

use shared_memory_store::engine::entry::{Addition, Found, Key, NEVER_US};
use shared_memory_store::engine::participant::Participant;
use shared_memory_store::engine::store::WhenFull;
use shared_memory_store::error::Error;
use shared_memory_store::platform::clock::Monotonic;
use shared_memory_store::registry::stores::{self, OpenError, Opened, Place, Sharing, Wanted};

use crate::plan::{PAYLOAD_BYTES_MAX, Round, mixed};

/// A kind of value that means nothing to the store.
pub(crate) const BYTES: u8 = 7;
const HEAD_WORDS: usize = 4;

/// The store, as this process has it open.
#[derive(Debug)]
pub(crate) struct Store {
    /// Taken while it is opened anew.
    opened: Option<Opened>,
    space: RefCell<Vec<u8>>,
}

/// What a read came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seen {
    Absent,
    /// The write with this number; when it is due; whether all of it was there.
    Value {
        sequence: u64,
        deadline_us: u64,
    },
    /// Something that nobody wrote like this.
    Torn {
        length: usize,
    },
}

impl Store {
    pub(crate) fn open(file: &Path, round: &Round) -> Result<Self, Error> {
        let opened = Some(opened(file, round)?);
        Ok(Self { opened, space: RefCell::new(vec![0; PAYLOAD_BYTES_MAX]) })
    }

    /// Closes the store, and opens it anew.
    pub(crate) fn reopen(&mut self, file: &Path, round: &Round) -> Result<(), Error> {
        drop(self.opened.take());
        self.opened = Some(opened(file, round)?);
        Ok(())
    }

    pub(crate) fn who(&self) -> &Participant {
        self.opened.as_ref().expect("opened by all who make one").participant()
    }

    /// How much it may hold.
    pub(crate) fn limits(&self) -> std::ops::RangeInclusive<u64> {
        self.who().engine().limits()
    }

    /// Reads a key that has one writer.
    pub(crate) fn read(&self, key: usize, seed: u64) -> Result<Seen, Error> {
        let mut space = self.space.borrow_mut();
        let found = self.who().get(Key::narrow(&name(key)), &Monotonic, &mut space)?;
        Ok(seen(key, seed, found, &space))
    }

    /// Removes it, and says what it was.
    pub(crate) fn take(&self, key: usize, seed: u64) -> Result<Seen, Error> {
        let mut space = self.space.borrow_mut();
        let name = name(key);
        let found = self.who().take(Key::narrow(&name), &Monotonic, Some(&mut space[..]))?;
        Ok(seen(key, seed, found, &space))
    }

    /// Invalidates all that was written under it.
    pub(crate) fn invalidate(&self, key: usize) -> Result<(), Error> {
        match Mark::of(key) {
            Mark::None => Ok(()),
            Mark::Tag => self.who().invalidate_tags(&own_tag(key)),
            Mark::Space => {
                let path: Vec<u16> = space(key).encode_utf16().collect();
                self.who().clear_space(&path)
            }
        }
    }

    /// Reads a counter; 0 where there is none.
    pub(crate) fn number(&self, name: &str) -> Result<u64, Error> {
        let mut bytes = [0; 8];
        let found = self.who().get(Key::narrow(name.as_bytes()), &Monotonic, &mut bytes)?;
        Ok(found.map_or(0, |_| whole(f64::from_le_bytes(bytes))))
    }

    /// Adds to a counter.
    pub(crate) fn add(&self, name: &str, by: u32) -> Result<u64, Error> {
        let key = Key::narrow(name.as_bytes());
        let addition = Addition::of(f64::from(by), NEVER_US);
        let sum = self.who().add(key, &addition, &Monotonic)?;
        Ok(whole(sum.expect("made where it was not").number))
    }
}

fn opened(file: &Path, round: &Round) -> Result<Opened, Error> {
    let place = Place::File { path: file.to_path_buf(), name: Vec::new(), sharing: Sharing::User };
    let mut wanted = Wanted {
        max_bytes: Some(round.max_bytes),
        first_bytes: None,
        reserve_bytes: None,
        max_entries: Some(round.max_entries),
        when_full: Some(if round.evicts { WhenFull::Evict } else { WhenFull::Refuse }),
    };
    match stores::open(&place, wanted) {
        // Somebody has changed how much it may hold.
        Err(OpenError::Mismatch(_)) if round.resizes => {
            wanted.max_bytes = None;
            stores::open(&place, wanted)
        }
        opened => opened,
    }
    .map_err(|error| match error {
        OpenError::Failed(error) => error,
        // All openers want what it was built with: the file was damaged there.
        OpenError::Mismatch(_) => Error::Corrupted,
    })
}

/// A sum as a whole number; what is none is a number that no sum is.
pub(crate) fn whole(number: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared below")]
    let cut = number as u64;
    #[expect(clippy::cast_precision_loss, reason = "compared only")]
    let again = cut as f64;
    if (again - number).abs() < 0.5 { cut } else { u64::MAX }
}

/// What entries of a key can be invalidated by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mark {
    None,
    /// A tag of its own.
    Tag,
    /// A namespace of its own, in one of all.
    Space,
}

impl Mark {
    pub(crate) fn of(key: usize) -> Self {
        match key % 3 {
            0 => Self::Tag,
            1 => Self::Space,
            _ => Self::None,
        }
    }
}

/// Ends the path of a namespace.
const END_OF_PATH: &str = "\0\0";

/// The name of a key: some are long, some fill words exactly, some are of a namespace.
pub(crate) fn name(key: usize) -> Vec<u8> {
    let name = match key % 5 {
        0 => format!("{key:08}"),
        1 => format!("{key:060}"),
        _ => format!("key {key}"),
    };
    match Mark::of(key) {
        Mark::Space => format!("{}\0{name}", space(key)).into_bytes(),
        Mark::None | Mark::Tag => name.into_bytes(),
    }
}

/// The path of a key's own namespace.
fn space(key: usize) -> String {
    format!("\0all\0{key}\0")
}

/// Which key a namespace is of.
pub(crate) fn key_of_space(path: &[u8]) -> Option<usize> {
    let path = std::str::from_utf8(path).ok()?;
    path.strip_prefix("\0all\0")?.strip_suffix('\0')?.parse().ok()
}

/// The tags of a key, as the store takes them: its own, and one that is never invalidated.
pub(crate) fn tags(key: usize) -> Vec<u16> {
    let own = own_tag(key);
    own.into_iter().chain([3]).chain("all".encode_utf16()).collect()
}

fn own_tag(key: usize) -> Vec<u16> {
    packed(&format!("tag {key}"))
}

/// A tag, as the store takes it.
pub(crate) fn packed(tag: &str) -> Vec<u16> {
    let length = u16::try_from(tag.len()).expect("short");
    [length].into_iter().chain(tag.encode_utf16()).collect()
}

/// Which key a tag is of.
pub(crate) fn key_of_tag(tag: &[u8]) -> Option<usize> {
    std::str::from_utf8(tag).ok()?.strip_prefix("tag ")?.parse().ok()
}

/// Which key a name is of.
pub(crate) fn key_of(name: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(name).ok()?;
    let text = text.split_once(END_OF_PATH).map_or(text, |(_, name)| name);
    text.strip_prefix("key ").unwrap_or(text).parse().ok()
}

/// The bytes of a write: its key, its number and its deadline, and as many as follow from these.
pub(crate) fn payload(key: usize, sequence: u64, deadline_us: u64, round: &Round) -> Vec<u8> {
    let length = length_of(key, sequence, round);
    let seed = round.seed;
    let mut bytes = Vec::with_capacity(length + 8);
    for word in [key as u64, sequence, deadline_us, length as u64] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    let mut state = mixed(seed ^ mixed(sequence ^ (key as u64) << 40) ^ deadline_us);
    while bytes.len() < length {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// How long the payload of a write is.
fn length_of(key: usize, sequence: u64, round: &Round) -> usize {
    let word = mixed(round.seed ^ sequence.rotate_left(20) ^ key as u64);
    let (kind, word) = (word % 512, (word >> 10) as usize);
    let head = 8 * HEAD_WORDS;
    match kind {
        0 if round.large => head + 16_000 + word % (PAYLOAD_BYTES_MAX - head - 16_000),
        1..20 => head + word % 6000,
        20..200 => head + word % 400,
        _ => head + word % 90,
    }
}

fn seen(key: usize, seed: u64, found: Option<Found>, bytes: &[u8]) -> Seen {
    match found {
        None => Seen::Absent,
        Some(found) if found.fits(bytes.len()) => {
            let sound = sound(key, seed, &bytes[..found.length]);
            sound.map_or(Seen::Torn { length: found.length }, |sequence| Seen::Value {
                sequence,
                deadline_us: found.deadline_us,
            })
        }
        Some(found) => Seen::Torn { length: found.length },
    }
}

/// The number of the write that made these bytes; `None` when none did.
pub(crate) fn sound(key: usize, seed: u64, bytes: &[u8]) -> Option<u64> {
    let words = bytes.as_chunks::<8>().0;
    let word = |place: usize| words.get(place).map(|word| u64::from_le_bytes(*word));
    let (of, sequence, deadline_us, length) = (word(0)?, word(1)?, word(2)?, word(3)?);
    if (of, length) != (key as u64, bytes.len() as u64) {
        return None;
    }
    let mut state = mixed(seed ^ mixed(sequence ^ of << 40) ^ deadline_us);
    for chunk in bytes[8 * HEAD_WORDS..].chunks(8) {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        if chunk != &state.to_le_bytes()[..chunk.len()] {
            return None;
        }
    }
    Some(sequence)
}
