//! What the suite asks of the system: shared memory, signals, file systems. Knows no store.
#![expect(unsafe_code, reason = "mapping, signals and clocks are calls of the system's library")]

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// Maps the start of a file for as long as the process lives.
pub(crate) fn map<T>(file: &File) -> &'static T {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let (bytes, kind, file) = (size_of::<T>(), libc::MAP_SHARED, file.as_raw_fd());
    // SAFETY: a new mapping, placed by the kernel, overlaps nothing.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, kind, file, 0) };
    assert_ne!(start, libc::MAP_FAILED, "the ledger can be mapped");
    // SAFETY: as long as `T`, never unmapped; `T` is made of atomics, as its only user sees to.
    unsafe { &*start.cast::<T>() }
}

/// A signal that is sent to a process.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signal {
    Kill,
    Stop,
    Continue,
}

/// Sends a signal to a child, which was not waited for yet.
pub(crate) fn send(process: u32, signal: Signal) {
    let signal = match signal {
        Signal::Kill => libc::SIGKILL,
        Signal::Stop => libc::SIGSTOP,
        Signal::Continue => libc::SIGCONT,
    };
    // SAFETY: a system call without memory.
    unsafe { libc::kill(process.cast_signed(), signal) };
}

/// Ends this process at this very instruction.
pub(crate) fn die() -> ! {
    send(std::process::id(), Signal::Kill);
    loop {
        std::hint::spin_loop();
    }
}

/// Stops this process at this very instruction, until somebody lets it go on.
pub(crate) fn halt() {
    send(std::process::id(), Signal::Stop);
}

/// How a child is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Child {
    Running,
    Stopped,
    Died,
    Crashed(i32),
    Exited(i32),
}

/// Whether the call waits until there is news.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wait {
    No,
    Yes,
}

/// Asks how a child is; one that has ended is gone after that.
pub(crate) fn state_of(process: u32, wait: Wait) -> Child {
    let options = libc::WUNTRACED | if wait == Wait::No { libc::WNOHANG } else { 0 };
    let mut status = 0;
    // SAFETY: the kernel writes a number to a place of its type.
    let found = unsafe { libc::waitpid(process.cast_signed(), &raw mut status, options) };
    match found {
        0 => Child::Running,
        _ if found < 0 => Child::Exited(-1),
        _ if libc::WIFSTOPPED(status) => Child::Stopped,
        _ if libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGKILL => Child::Died,
        _ if libc::WIFSIGNALED(status) => Child::Crashed(libc::WTERMSIG(status)),
        _ => Child::Exited(libc::WEXITSTATUS(status)),
    }
}

/// Lets this process end with its parent.
#[cfg(target_os = "linux")]
pub(crate) fn follow_parent() {
    // SAFETY: a system call without memory.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// Elsewhere a worker sees by the ledger that nobody is there.
#[cfg(not(target_os = "linux"))]
pub(crate) fn follow_parent() {}

/// A file system in memory, of a size, as long as this lives.
#[derive(Debug)]
pub(crate) struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// Mounts one; `Err` with the reason why not.
    pub(crate) fn mount(folder: &'a Path, kib: u64) -> Result<Self, String> {
        let size = format!("size={kib}k,mode=0700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder);
        let done = mount.output().map_err(|error| format!("no mount: {error}"))?;
        if done.status.success() {
            Ok(Self(folder))
        } else {
            Err(String::from_utf8_lossy(&done.stderr).trim().to_owned())
        }
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        // Lazily: whoever still has it open keeps it to himself.
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

/// Seconds by which the clock on the wall is off in this process.
pub(crate) static WALL_JUMP_S: AtomicI64 = AtomicI64::new(0);

/// Stands before the system's own function in this program: all of it, the store included, reads
/// a clock on the wall that jumps.
#[unsafe(no_mangle)]
extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> libc::c_int {
    type Clock = extern "C" fn(libc::clockid_t, *mut libc::timespec) -> libc::c_int;
    static REAL: AtomicUsize = AtomicUsize::new(0);

    let mut real = REAL.load(Ordering::Relaxed);
    if real == 0 {
        // SAFETY: the name ends with a zero.
        real = unsafe { libc::dlsym(libc::RTLD_NEXT, c"clock_gettime".as_ptr()) }.addr();
        assert_ne!(real, 0, "the library has a clock");
        REAL.store(real, Ordering::Relaxed);
    }
    // SAFETY: the library's function of this very type.
    let real = unsafe { std::mem::transmute::<usize, Clock>(real) };
    let answer = real(clock, time);
    let jump = WALL_JUMP_S.load(Ordering::Relaxed);
    if clock == libc::CLOCK_REALTIME && answer == 0 && jump != 0 {
        // SAFETY: the caller's place for a time, which was just written.
        unsafe { (*time).tv_sec += jump };
    }
    answer
}
