//! Stores in files: found, built, adopted after a restart of the machine, left, removed.
//!
//! A store is built under another name and linked to its own when it is complete, so whoever finds
//! one finds a whole one. Everybody who has it open holds one byte together; whoever holds it alone
//! may change what the file is. Knows no entry.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{io, process};

use super::liveness::{EVERYBODY, FileLiveness, SETTLED, Watcher};
use super::shutdown::SHUTDOWN;
use crate::engine::NO_THREAD;
use crate::engine::observer::Observer;
use crate::engine::store::{Engine, Options};
use crate::error::Error;
use crate::platform::boot::{boot_id, clock_offset_us};
use crate::platform::byte_lock::{self, Hold};
use crate::platform::clock::{Clock, Monotonic, wall_us};

use crate::platform::private_file::{self, AtPath, Removed, Sharing};
use crate::platform::{park, random};
use crate::region::header::HEADER_BYTES;
use crate::region::layout::REGION_BYTES_MAX;
use crate::region::memory::file::{MappedFile, refusal};
use crate::region::memory::observed::ObservedFile;
use crate::region::region::Region;

/// How long others may stand in the way.
const PATIENCE_US: u64 = 10_000_000;
/// Between two looks at them.
const PAUSE_US: u64 = 1000;
/// How many of these without room: others who build the same store may be giving up theirs.
const TURNS_WITHOUT_ROOM: usize = 20;
const DRAFT_ENDING: &str = ".draft";
/// The number of no boot: nor what it is where the system does not tell.
const NO_BOOT: [u64; 2] = [u64::MAX; 2];

/// A store in a file, as this process has it open.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) engine: Arc<Engine>,
    memory: MappedFile,
    path: PathBuf,
    /// Whether it is of this boot of the machine, and so may be left as whole.
    is_entered: bool,
}

/// Opens the store at `path`, which is built as `options` say if there is none.
pub(super) fn open(path: &Path, sharing: Sharing, options: &Options<'_>) -> Result<Stored, Error> {
    let new = &New { path, sharing, options };
    let due_us = Monotonic.now_us().saturating_add(PATIENCE_US);
    // Ends: by the clock.
    for turn in 0_usize.. {
        let found = match private_file::open(path, sharing).map_err(|error| refusal(&error))? {
            AtPath::Foreign => return Err(Error::Forbidden),
            AtPath::Own(file) => attach(file, path)?,
            AtPath::Nothing if turn == 0 => match build(new, None) {
                // Several who build it need more room than one.
                Err(Error::Full) => None,
                built => built?,
            },
            AtPath::Nothing => match build_alone(new) {
                Err(Error::Full) if turn < TURNS_WITHOUT_ROOM || is_being_built(path) => None,
                built => built?,
            },
        };
        if let Some(stored) = found {
            return Ok(stored);
        }
        if Monotonic.now_us() >= due_us {
            break;
        }
        park::sleep_us(PAUSE_US);
    }
    Err(Error::Busy)
}

/// Looks at the store at `path`, and holds nothing of it: those who have it open come and go as if
/// nobody looked.
pub(super) fn observe(path: &Path) -> Result<Observer, Error> {
    let file = match private_file::open_to_read(path).map_err(|error| refusal(&error))? {
        AtPath::Foreign => return Err(Error::Forbidden),
        AtPath::Nothing => return Err(refusal(&private_file::nothing())),
        AtPath::Own(file) => file,
    };
    let bytes = file.metadata().map_err(|error| refusal(&error))?.len();
    if !(HEADER_BYTES as u64..=REGION_BYTES_MAX).contains(&bytes) {
        return Err(Error::Corrupted);
    }
    let bytes = usize::try_from(bytes).map_err(|_| Error::Corrupted)?;
    let memory = ObservedFile::map(file, bytes)?;
    Observer::attach(Box::new(memory.clone()), Box::new(Watcher::new(memory)))
}

/// Opens what was found. `None`: others are at it, or it has gone meanwhile.
fn attach(file: File, path: &Path) -> Result<Option<Stored>, Error> {
    let metadata = file.metadata().map_err(|error| refusal(&error))?;
    let bytes = usize::try_from(metadata.len()).map_err(|_| Error::Corrupted)?;
    if bytes == 0 {
        return Err(Error::Corrupted);
    }
    if !hold(&file, Hold::Shared)? || !is_at(&file, path)? {
        return Ok(None);
    }
    if metadata.nlink() > 1 {
        drop_drafts_of(&file, path);
    }
    if is_blank(&file)? {
        if hold(&file, Hold::Exclusive)? {
            remove(&file, path)?;
        }
        return Ok(None);
    }
    let memory = MappedFile::map(file, bytes)?;
    let system = FileLiveness::new(memory.clone());
    let engine = Engine::attach(Box::new(memory.clone()), Box::new(system))?;
    let mut stored = Stored { engine, memory, path: path.to_owned(), is_entered: false };
    if !stored.settle()? {
        return Ok(None);
    }
    stored.enter()?;
    stored.is_entered = true;
    Ok(Some(stored))
}

/// A store that is to be built.
struct New<'a> {
    path: &'a Path,
    sharing: Sharing,
    options: &'a Options<'a>,
}

/// Builds a store while nobody else does who ran out of room.
fn build_alone(new: &New<'_>) -> Result<Option<Stored>, Error> {
    let names = lock_names(new.path)?;
    if new.path.exists() { Ok(None) } else { build(new, Some(names)) }
}

/// Builds a store, and gives it its name. `None`: somebody else was first.
fn build(new: &New<'_>, names: Option<File>) -> Result<Option<Stored>, Error> {
    let &New { path, sharing, options } = new;
    let bytes = Region::bytes_of(options.geometry)?;
    let draft = Draft::of(path)?;
    let file = private_file::create(&draft.0, bytes as u64, sharing);
    let file = file.map_err(|error| refusal(&error))?;
    if !hold(&file, Hold::Shared)? {
        return Ok(None);
    }
    let memory = MappedFile::map(file, bytes)?;
    let system = FileLiveness::new(memory.clone());
    let engine = Engine::create(Box::new(memory.clone()), options, Box::new(system))?;
    engine.set_clock(options.boot_id, clock_offset_us());
    hold_settled(memory.file())?;
    let _names = names.map_or_else(|| lock_names(path), Ok)?;
    match private_file::give_name(&draft.0, path) {
        Ok(()) => Ok(Some(Stored { engine, memory, path: path.to_owned(), is_entered: true })),
        // Somebody was faster, or took the draft for one that was left over.
        Err(error) => match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound => Ok(None),
            _ => Err(refusal(&error)),
        },
    }
}

impl Stored {
    /// Whether whoever opens the name finds this store.
    pub(super) fn is_named(&self) -> Result<bool, Error> {
        is_at(self.memory.file(), &self.path)
    }

    /// Takes the name away. `false` when it is another's, or nobody's.
    pub(super) fn remove_name(&self) -> Result<bool, Error> {
        remove(self.memory.file(), &self.path)
    }

    /// Calls `act` if no other process has it open: those who come meanwhile wait. Whether it did.
    pub(super) fn alone(&self, act: impl FnOnce() -> Result<(), Error>) -> Result<bool, Error> {
        if !hold(self.memory.file(), Hold::Exclusive)? {
            return Ok(false);
        }
        let acted = act();
        hold(self.memory.file(), Hold::Shared)?;
        acted.map(|()| true)
    }

    /// Whether other processes have it open.
    fn has_others(&self) -> Result<bool, Error> {
        byte_lock::is_held_by_others(self.memory.file(), EVERYBODY).map_err(|error| refusal(&error))
    }

    /// Leaves the store. The last one to do so says that everything is on the disk.
    fn leave(&self) {
        // Most of it while others may still come, and while the other stores of this process are
        // swept: a disk takes its time.
        let flushed = self.flush_if_last();
        // The sweeper changes nothing afterwards: it asks in each step whether the store is open.
        let shutdown = SHUTDOWN.lock();
        // What goes wrong here leaves a store that is taken for one whose users died.
        let _ = flushed.and_then(|()| self.leave_whole());
        drop(shutdown);
        // Those who still look at its pages, such as the version words of a thread, may keep the
        // file open for a while: nobody waits for them.
        byte_lock::let_go(self.memory.file(), SETTLED);
        byte_lock::let_go(self.memory.file(), EVERYBODY);
    }

    fn flush_if_last(&self) -> Result<(), Error> {
        if self.is_last()? { self.memory.sync() } else { Ok(()) }
    }

    /// Says that everything is on the disk, if it is left by the last one, and after it is.
    fn leave_whole(&self) -> Result<(), Error> {
        if !self.is_last()? || !hold(self.memory.file(), Hold::Exclusive)? {
            return Ok(());
        }
        self.memory.sync()?;
        self.engine.mark_closed(Some([Monotonic.now_us(), wall_us()]));
        self.memory.sync_head()
    }

    /// Whether nobody else has open what may be left as whole, and be found again by its name.
    fn is_last(&self) -> Result<bool, Error> {
        Ok(self.is_entered && self.is_named()? && !self.has_others()?)
    }

    /// Says that the store is in use, on the disk before anything else is.
    fn enter(&self) -> Result<(), Error> {
        if self.engine.closed_at().is_none() {
            return Ok(());
        }
        self.engine.mark_closed(None);
        self.memory.sync_head()
    }

    /// Sees to it that the store is of this boot of the machine, and of this clock. `false`: look
    /// again.
    ///
    /// The name of a boot is what a container makes it. But whoever has settled here holds a byte
    /// by this kernel, which has seen no other boot; only where nobody does, the name decides.
    fn settle(&self) -> Result<bool, Error> {
        let file = self.memory.file();
        let is_held =
            byte_lock::is_held_by_others(file, SETTLED).map_err(|error| refusal(&error))?;
        let is_proven = is_held && byte_lock::are_of_this_kernel(file);
        let is_boot = is_proven || self.engine.boot_id() == boot_id();
        let is_settled = if !is_boot {
            self.adopt()?
        } else if self.engine.clock_offset_us() == clock_offset_us() {
            true
        } else if is_held {
            return Err(Error::OtherClock);
        } else {
            self.shift()?
        };
        if is_settled {
            hold_settled(file)?;
        }
        Ok(is_settled)
    }

    /// Carries a store that nobody uses over to the clock of another time namespace, of the same
    /// machine. `false`: look again.
    fn shift(&self) -> Result<bool, Error> {
        if !hold(self.memory.file(), Hold::Exclusive)? {
            return Ok(false);
        }
        let (then, now_us) = (self.engine.clock_offset_us(), Monotonic.now_us());
        let then_us = now_us.saturating_add_signed(then.saturating_sub(clock_offset_us()));
        let participant = self.engine.join(process::id(), NO_THREAD)?;
        // Whoever dies in the midst leaves deadlines of two clocks: the next one is to begin empty.
        self.enter()?;
        self.engine.set_clock(NO_BOOT, then);
        participant.rebase(then_us, now_us)?;
        drop(participant);
        self.engine.set_clock(boot_id(), clock_offset_us());
        hold(self.memory.file(), Hold::Shared)
    }

    /// Takes over a store from another boot of the machine: what was left whole is carried over,
    /// the rest goes. `false`: look again.
    fn adopt(&self) -> Result<bool, Error> {
        if !hold(self.memory.file(), Hold::Exclusive)? {
            return Ok(false);
        }
        let Some([then_us, then_wall_us]) = self.engine.closed_at() else {
            self.remove_name()?;
            return Ok(false);
        };
        self.enter()?;
        let passed_us = wall_us().saturating_sub(then_wall_us);
        let participant = self.engine.join(process::id(), NO_THREAD)?;
        participant.rebase(then_us.saturating_add(passed_us), Monotonic.now_us())?;
        drop(participant);
        self.engine.set_clock(boot_id(), clock_offset_us());
        hold(self.memory.file(), Hold::Shared)
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Whether a head never reached the disk: the machine went down before it did. A file that was
/// built has one before it has a name.
fn is_blank(file: &File) -> Result<bool, Error> {
    let mut head = [0; HEADER_BYTES];
    match file.read_exact_at(&mut head, 0) {
        Ok(()) => Ok(head.iter().all(|byte| *byte == 0)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(refusal(&error)),
    }
}

/// Takes the name of `file` away. `false` when `path` leads elsewhere.
fn remove(file: &File, path: &Path) -> Result<bool, Error> {
    let _names = lock_names(path)?;
    if !is_at(file, path)? {
        return Ok(false);
    }
    fs::remove_file(path).map_err(|error| refusal(&error))?;
    drop_drafts_of(file, path);
    sweep_drafts(path);
    Ok(true)
}

/// Removes a file of this user's, whatever is in it. `false` when there is none.
pub(super) fn remove_unopened(path: &Path) -> Result<bool, Error> {
    let _names = lock_names(path)?;
    let file = private_file::open_to_read(path);
    match private_file::remove(path).map_err(|error| refusal(&error))? {
        Removed::Own => {
            if let Ok(AtPath::Own(file)) = file {
                drop_drafts_of(&file, path);
            }
            sweep_drafts(path);
            Ok(true)
        }
        Removed::Nothing => Ok(false),
        Removed::Foreign => Err(Error::Forbidden),
    }
}

/// A file that is being built; goes with this, but not what was linked to it.
struct Draft(PathBuf);

impl Draft {
    fn of(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().ok_or(Error::Argument)?.to_string_lossy();
        sweep_drafts(path);
        let number = random::words()[0];
        let draft = format!(".{name}.{}-{number:016x}{DRAFT_ENDING}", process::id());
        Ok(Self(folder_of(path).join(draft)))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Left over, it goes with the next one that is built, or with the store.
        let _ = fs::remove_file(&self.0);
    }
}

/// Whether others build the store at `path`, or have.
fn is_being_built(path: &Path) -> bool {
    path.exists() || drafts(path).next().is_some()
}

/// The files in which the store at `path` is being built, or was to be.
fn drafts(path: &Path) -> impl Iterator<Item = PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let start = format!(".{name}.");
    let items = fs::read_dir(folder_of(path)).into_iter().flatten().flatten();
    items.filter_map(move |item| {
        let file = item.file_name();
        let file = file.to_string_lossy();
        (file.starts_with(&start) && file.ends_with(DRAFT_ENDING)).then(|| item.path())
    })
}

/// Removes what those left over who died while they built the store at `path`. Nobody holds it; who
/// has made a file and does not hold it yet makes another.
fn sweep_drafts(path: &Path) {
    for path in drafts(path) {
        let Ok(AtPath::Own(draft)) = private_file::open_of_any(&path) else { continue };
        if hold(&draft, Hold::Exclusive) == Ok(true) {
            // Whoever was faster did the same.
            let _ = fs::remove_file(&path);
        }
    }
}

/// Removes those names of the store in `file` that it had while it was built: who built it died
/// before it did so, or does it at this moment.
fn drop_drafts_of(file: &File, path: &Path) {
    for path in drafts(path) {
        if is_at(file, &path) == Ok(true) {
            // As above.
            let _ = fs::remove_file(&path);
        }
    }
}

/// Keeps others from giving and taking names in the folder of `path`, as long as it lives.
fn lock_names(path: &Path) -> Result<File, Error> {
    let folder = File::open(folder_of(path)).map_err(|error| refusal(&error))?;
    let due_us = Monotonic.now_us().saturating_add(PATIENCE_US);
    // Ends: by the clock.
    loop {
        match folder.try_lock() {
            Ok(()) => return Ok(folder),
            Err(fs::TryLockError::WouldBlock) if Monotonic.now_us() >= due_us => {
                return Err(Error::Busy);
            }
            Err(fs::TryLockError::WouldBlock) => park::sleep_us(PAUSE_US),
            Err(fs::TryLockError::Error(error)) => return Err(refusal(&error)),
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn hold(file: &File, how: Hold) -> Result<bool, Error> {
    byte_lock::hold(file, EVERYBODY, how).map_err(|error| refusal(&error))
}

/// Says that the store is of this boot: nobody holds that byte alone.
fn hold_settled(file: &File) -> Result<(), Error> {
    let held = byte_lock::hold(file, SETTLED, Hold::Shared).map_err(|error| refusal(&error))?;
    if held { Ok(()) } else { Err(Error::Busy) }
}

fn is_at(file: &File, path: &Path) -> Result<bool, Error> {
    private_file::is_at(file, path).map_err(|error| refusal(&error))
}
