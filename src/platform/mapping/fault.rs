//! What happens when a page of a mapped file is not there: another stands in for it. Knows no file.
//!
//! A file that somebody else made shorter would end every process that touches the missing part. So
//! the signal of such a touch, where it falls into a mapping that is watched, puts a page of this
//! process in the place, and counts; whoever uses the mapping looks at the count, and heals it or
//! gives up. Every other touch goes to whom it would have gone without us.
//!
//! Invariant: what runs inside the signal uses atomics, and calls that are a system call each.
#![expect(unsafe_code, reason = "signals and pages are the system's, by address")]

use std::hint;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use super::signal;

/// Mappings that can be watched at the same time.
const WATCHED_MAX: usize = 1024;
/// Bytes of a page of the system, which are more on some.
static PAGE_BYTES: AtomicUsize = AtomicUsize::new(4096);
/// What a page that stands in holds: versions that are odd, links and places that lead nowhere.
const FILLING: u8 = 0xFF;

#[derive(Debug)]
struct Range {
    /// 0: nobody's. The last to be set, the first to be cleared.
    start: AtomicUsize,
    bytes: AtomicUsize,
    faults: AtomicU32,
    /// Signals that are being dealt with.
    busy: AtomicU32,
}

static RANGES: [Range; WATCHED_MAX] = [const {
    Range {
        start: AtomicUsize::new(0),
        bytes: AtomicUsize::new(0),
        faults: AtomicU32::new(0),
        busy: AtomicU32::new(0),
    }
}; WATCHED_MAX];
/// A range that is being taken.
const TAKEN: usize = 1;

/// A mapping that is watched as long as this lives.
#[derive(Debug)]
pub(super) struct Watched(&'static Range);

impl Watched {
    /// Watches `bytes` bytes from `start` on. `None` when too many are watched.
    pub(super) fn new(start: NonNull<u8>, bytes: usize) -> Option<Self> {
        signal::keep(stand_in);
        note_page_bytes();
        let range = RANGES.iter().find(|range| {
            // Acquire pairs with `drop`.
            let taken =
                range.start.compare_exchange(0, TAKEN, Ordering::Acquire, Ordering::Relaxed);
            taken.is_ok()
        })?;
        // Relaxed: published by the start.
        range.bytes.store(bytes, Ordering::Relaxed);
        range.faults.store(0, Ordering::Relaxed);
        range.start.store(start.addr().get(), Ordering::Release);
        Some(Self(range))
    }

    /// How many pages others stand in for.
    #[inline]
    pub(super) fn faults(&self) -> &'static AtomicU32 {
        &self.0.faults
    }

    /// Whether others stand in for pages.
    pub(super) fn is_hurt(&self) -> bool {
        // SeqCst: after the pages were made real, and before the answer that they are.
        self.0.faults.load(Ordering::SeqCst) != 0
    }

    /// Before the whole range is mapped anew: how many faults that heals. Nobody else heals it.
    pub(super) fn begin_healing(&self) -> u32 {
        let faults = self.0.faults.load(Ordering::SeqCst);
        // A signal that is being dealt with may still put its page: wait for it.
        while self.0.busy.load(Ordering::SeqCst) != 0 {
            hint::spin_loop();
        }
        faults
    }

    /// After the whole range was mapped anew, and not before: until then others stand in. It stays
    /// hurt if there were more faults meanwhile.
    pub(super) fn end_healing(&self, faults: u32) {
        let word = &self.0.faults;
        let _ = word.compare_exchange(faults, 0, Ordering::SeqCst, Ordering::SeqCst);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // Release: whoever takes the range next comes after.
        self.0.start.store(0, Ordering::Release);
    }
}

fn note_page_bytes() {
    // SAFETY: asks for a number, and touches no memory.
    let page_bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    if let Ok(page_bytes @ 1..) = usize::try_from(page_bytes) {
        PAGE_BYTES.store(page_bytes, Ordering::Relaxed);
    }
}

/// Puts a page of this process at `address`, if that is watched.
fn stand_in(address: usize) -> bool {
    let is_inside = |range: &&Range| {
        let start = range.start.load(Ordering::Acquire);
        start > TAKEN && address >= start && address - start < range.bytes.load(Ordering::Relaxed)
    };
    let Some(range) = RANGES.iter().find(is_inside) else { return false };
    range.busy.fetch_add(1, Ordering::SeqCst);
    range.faults.fetch_add(1, Ordering::SeqCst);
    let page_bytes = PAGE_BYTES.load(Ordering::Relaxed);
    let page = std::ptr::with_exposed_provenance_mut::<libc::c_void>(address & !(page_bytes - 1));
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_FIXED;
    // SAFETY: a page of a mapping that is watched, and so ours; what is in it is gone already.
    let mapped = unsafe { libc::mmap(page, page_bytes, access, kind, -1, 0) };
    if mapped != libc::MAP_FAILED {
        // SAFETY: the page that was just mapped; others look at it through atomics.
        unsafe { page.cast::<u8>().write_bytes(FILLING, page_bytes) };
    }
    range.busy.fetch_sub(1, Ordering::SeqCst);
    mapped != libc::MAP_FAILED
}
