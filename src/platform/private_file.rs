//! Files that this user alone can read and write, or a group of users. Knows no contents.
//!
//! Invariant: what is opened here is a regular file of this user, or of a group of his, closed to
//! all others, reached through no symbolic link at its end.
#![expect(unsafe_code, reason = "the standard library does not tell the user, nor limits")]

use std::ffi::CString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

/// Who may read and write a file.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Sharing {
    /// This user alone.
    #[default]
    User,
    /// All members of a group that this user is one of.
    Group,
}

impl Sharing {
    /// The mode of a file.
    fn mode(self) -> u32 {
        match self {
            Self::User => 0o600,
            Self::Group => 0o660,
        }
    }

    /// Whether a file is shared like this.
    fn is_of(self, metadata: &Metadata) -> bool {
        let is_closed = metadata.mode() & PERMISSIONS & !self.mode() == 0;
        is_closed
            && metadata.is_file()
            && match self {
                Self::User => metadata.uid() == user(),
                // Nobody but its members gives a file to a group.
                Self::Group => metadata.mode() & GROUP == GROUP && is_member(metadata.gid()),
            }
    }
}

/// What people may do with a file.
const PERMISSIONS: u32 = 0o777;
/// What a group has to be allowed.
const GROUP: u32 = 0o060;

/// What a path leads to.
#[derive(Debug)]
pub enum AtPath {
    /// A file that is shared as it is to be.
    Own(File),
    /// Something else, which is not touched.
    Foreign,
    /// Nothing.
    Nothing,
}

/// Opens the file at `path`.
///
/// # Errors
///
/// What the system answers.
pub fn open(path: &Path, sharing: Sharing) -> io::Result<AtPath> {
    open_as(path, OpenOptions::new().read(true).write(true), &[sharing])
}

/// Opens the file at `path`, whoever of us it is shared with.
///
/// # Errors
///
/// What the system answers.
pub fn open_of_any(path: &Path) -> io::Result<AtPath> {
    let access = &mut OpenOptions::new();
    open_as(path, access.read(true).write(true), &[Sharing::User, Sharing::Group])
}

/// Opens the file at `path` to read it, and nothing else, whoever of us it is shared with.
///
/// # Errors
///
/// What the system answers.
pub fn open_to_read(path: &Path) -> io::Result<AtPath> {
    open_as(path, OpenOptions::new().read(true), &[Sharing::User, Sharing::Group])
}

/// What the system says of a path that leads to nothing.
pub fn nothing() -> io::Error {
    io::Error::from_raw_os_error(libc::ENOENT)
}

fn open_as(path: &Path, access: &mut OpenOptions, any: &[Sharing]) -> io::Result<AtPath> {
    let is_own = |metadata: &Metadata| any.iter().any(|sharing| sharing.is_of(metadata));
    // Not blocking: the path may lead to a pipe.
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = match access.custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(AtPath::Nothing),
        Err(error) => {
            // A link, a folder, a socket, a file that is closed to us.
            return match fs::symlink_metadata(path) {
                Ok(metadata) if !is_own(&metadata) => Ok(AtPath::Foreign),
                _ => Err(error),
            };
        }
    };
    Ok(if is_own(&file.metadata()?) { AtPath::Own(file) } else { AtPath::Foreign })
}

/// Makes a file of `bytes` zeroes, none of them real, where there is nothing.
///
/// # Errors
///
/// What the system answers; [`io::ErrorKind::FileTooLarge`] beyond the limit of this process.
pub fn create(path: &Path, bytes: u64, sharing: Sharing) -> io::Result<File> {
    // The system would end the process that goes beyond.
    if bytes > size_limit() {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mode = Sharing::User.mode();
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(path)?;
    match share(&file, path, sharing).and_then(|()| file.set_len(bytes)) {
        Ok(()) => Ok(file),
        Err(error) => {
            // Of no use to anybody.
            let _ = fs::remove_file(path);
            Err(error)
        }
    }
}

/// Lets those in on a file whom it is to be shared with: a group is that of its folder.
fn share(file: &File, path: &Path, sharing: Sharing) -> io::Result<()> {
    if sharing == Sharing::User {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let group = fs::metadata(folder.unwrap_or(Path::new(".")))?.gid();
    if group != file.metadata()?.gid() {
        fchown(file, None, Some(group))?;
    }
    // Said apart: the mask of the process takes from what a file is made with.
    file.set_permissions(fs::Permissions::from_mode(sharing.mode()))
}

/// Gives the file at `draft` the name `path`, where there is nothing. The old name stays, or goes.
///
/// # Errors
///
/// What the system answers; [`io::ErrorKind::AlreadyExists`] when there is something.
pub fn give_name(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        // Some file systems have no links: FAT, some of FUSE.
        Err(error)
            if matches!(
                error.raw_os_error(),
                Some(libc::EPERM | libc::EOPNOTSUPP | libc::ENOSYS | libc::EMLINK)
            ) =>
        {
            rename_to_nothing(draft, path)
        }
        linked => linked,
    }
}

/// Renames a file, unless there is one of the new name.
fn rename_to_nothing(from: &Path, to: &Path) -> io::Result<()> {
    let text = |path: &Path| CString::new(path.as_os_str().as_bytes()).map_err(io::Error::from);
    let (from, to) = (text(from)?, text(to)?);
    // SAFETY: both texts end with 0 and outlive the call.
    #[cfg(target_os = "linux")]
    let done = unsafe {
        let here = libc::AT_FDCWD;
        let how = libc::RENAME_NOREPLACE;
        libc::syscall(libc::SYS_renameat2, here, from.as_ptr(), here, to.as_ptr(), how)
    };
    // SAFETY: as above.
    #[cfg(target_os = "macos")]
    let done = unsafe { libc::renamex_np(from.as_ptr(), to.as_ptr(), libc::RENAME_EXCL) };
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    let done = {
        let _ = (from, to);
        return Err(io::ErrorKind::Unsupported.into());
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What came of a file that was to be removed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Removed {
    /// It was this user's, and is gone.
    Own,
    /// It is somebody else's, or no file, and stays.
    Foreign,
    /// There was none.
    Nothing,
}

/// Removes a file of this user, or of a group of his, or a link. What a link leads to stays.
///
/// # Errors
///
/// What the system answers.
pub fn remove(path: &Path) -> io::Result<Removed> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Removed::Nothing),
        Err(error) => return Err(error),
    };
    let is_own = found.uid() == user() && (found.is_file() || found.is_symlink());
    if !is_own && !Sharing::Group.is_of(&found) {
        return Ok(Removed::Foreign);
    }
    fs::remove_file(path).map(|()| Removed::Own)
}

/// Whether `path` leads to this very file.
///
/// # Errors
///
/// What the system answers.
pub fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// On whose behalf this process acts.
fn user() -> u32 {
    // SAFETY: always succeeds, and touches no memory.
    unsafe { libc::geteuid() }
}

/// Whether this process acts for a member of a group.
fn is_member(group: u32) -> bool {
    // SAFETY: always succeeds, and touches no memory.
    if group == unsafe { libc::getegid() } {
        return true;
    }
    // SAFETY: without room for any, the system only says how many there are.
    let count = unsafe { libc::getgroups(0, std::ptr::null_mut()) };
    let mut groups = vec![0; usize::try_from(count).unwrap_or(0)];
    // SAFETY: there is room for as many as are said.
    let count = unsafe { libc::getgroups(count.max(0), groups.as_mut_ptr()) };
    // Were there more meanwhile, the system refuses.
    groups.iter().take(usize::try_from(count).unwrap_or(0)).any(|known| *known == group)
}

fn size_limit() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call writes the structure, and touches no other memory.
    let done = unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &raw mut limit) };
    if done == 0 { limit.rlim_cur } else { u64::MAX }
}
