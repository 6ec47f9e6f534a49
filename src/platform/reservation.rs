//! Address space without memory behind it, until it is used. Knows no layout.
//!
//! The pages belong to this process. They are zero when first read, and again after `release`. They
//! can be written up to where they were made writable. Where the process has a limit on its data,
//! that is as far as they are used: what can be written counts.
#![expect(unsafe_code, reason = "memory is mapped and advised by address")]

use std::ptr::NonNull;
#[cfg(unix)]
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where a range begins: so that huge pages fit from its first byte on.
#[cfg(unix)]
const ALIGNMENT_BYTES: usize = 2 * 1024 * 1024;

/// A range of addresses, as long as it was asked for, freed when dropped.
#[derive(Debug)]
pub struct Reservation {
    start: NonNull<u8>,
    bytes: usize,
    /// What was mapped to find an aligned range in it.
    #[cfg(unix)]
    mapping: (NonNull<u8>, usize),
    /// How many bytes from the start on can be written. Never less.
    #[cfg(unix)]
    writable: AtomicUsize,
}

// SAFETY: it is a range of addresses; whoever makes references from it answers for them.
unsafe impl Send for Reservation {}
// SAFETY: as above; no method reads or writes the pages but `release`.
unsafe impl Sync for Reservation {}

impl Reservation {
    /// The first address, aligned to a page.
    pub fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// How many bytes are reserved.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(unix)]
impl Reservation {
    /// Reserves `bytes`; `None` when the system has no such range.
    pub fn new(bytes: usize) -> Option<Self> {
        if !has_limited_data() {
            let mut all = Self::with_access(bytes, libc::PROT_READ | libc::PROT_WRITE)?;
            *all.writable.get_mut() = bytes;
            return Some(all);
        }
        // Readers come by what nobody has written to yet.
        Self::with_access(bytes, libc::PROT_READ)
    }

    /// Reserves addresses for something that is mapped over them: what cannot be touched counts for
    /// no limit on the data of a process.
    pub(super) fn of_addresses(bytes: usize) -> Option<Self> {
        Self::with_access(bytes, libc::PROT_NONE)
    }

    fn with_access(bytes: usize, access: libc::c_int) -> Option<Self> {
        let kind = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE;
        let mapped = bytes.checked_add(ALIGNMENT_BYTES)?;
        // SAFETY: a new private mapping, placed by the kernel, overlaps nothing.
        let first = unsafe { libc::mmap(std::ptr::null_mut(), mapped, access, kind, -1, 0) };
        if first == libc::MAP_FAILED {
            return None;
        }
        let first = NonNull::new(first.cast::<u8>())?;
        let gap = first.addr().get().next_multiple_of(ALIGNMENT_BYTES) - first.addr().get();
        // SAFETY: less than the alignment, by which the mapping is longer.
        let start = unsafe { first.add(gap) };
        Some(Self { start, bytes, mapping: (first, mapped), writable: AtomicUsize::new(0) })
    }

    /// Sees to it that the first `bytes` bytes can be written to. `false` when the system refuses.
    ///
    /// # Panics
    ///
    /// When there are not as many.
    #[inline]
    pub fn make_writable(&self, bytes: usize) -> bool {
        assert!(bytes <= self.bytes, "a range inside");
        // Acquire pairs with the Release of whoever made them so.
        bytes <= self.writable.load(Ordering::Acquire) || self.extend(bytes)
    }

    #[cold]
    fn extend(&self, bytes: usize) -> bool {
        // In one piece from the start on, so that the system has two ranges to note and no more.
        let bytes = bytes.next_multiple_of(ALIGNMENT_BYTES).min(self.bytes);
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: the beginning of our own mapping, of which more can be written from now on.
        let done = unsafe { libc::mprotect(self.start.as_ptr().cast(), bytes, access) };
        if done == 0 {
            // Release: as above. Whoever had more at the same time has not less for it.
            self.writable.fetch_max(bytes, Ordering::AcqRel);
        }
        done == 0
    }

    /// Keeps the pages out of core dumps, where that can be said.
    pub fn keep_private(&self) {
        #[cfg(target_os = "linux")]
        // SAFETY: our own mapping; advice keeps contents.
        unsafe {
            libc::madvise(self.start.as_ptr().cast(), self.bytes, libc::MADV_DONTDUMP);
        }
    }

    /// Gives the pages of a range back; they read as zero from then on.
    ///
    /// # Panics
    ///
    /// When the range is not inside.
    pub fn release(&self, offset: usize, bytes: usize) {
        assert!(offset <= self.bytes && bytes <= self.bytes - offset, "a range inside");
        // SAFETY: the offset is inside the mapping.
        let start = unsafe { self.start.add(offset) };
        // SAFETY: whole pages of our mapping. All that looks at them are atomics, for which a
        // page that turns to zero is a store by somebody else.
        unsafe { libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_DONTNEED) };
    }

    /// Asks for huge pages in a range, where the system has them. A refusal changes nothing.
    ///
    /// # Panics
    ///
    /// When the range is not inside.
    #[cfg(target_os = "linux")]
    pub fn prefer_huge_pages(&self, offset: usize, bytes: usize) {
        self.advise(offset, bytes, libc::MADV_HUGEPAGE);
    }

    /// Asks for small pages in a range. A refusal changes nothing.
    ///
    /// # Panics
    ///
    /// When the range is not inside.
    #[cfg(target_os = "linux")]
    pub fn prefer_small_pages(&self, offset: usize, bytes: usize) {
        self.advise(offset, bytes, libc::MADV_NOHUGEPAGE);
    }

    #[cfg(target_os = "linux")]
    fn advise(&self, offset: usize, bytes: usize, advice: libc::c_int) {
        assert!(offset <= self.bytes && bytes <= self.bytes - offset, "a range inside");
        // SAFETY: the offset is inside the mapping.
        let start = unsafe { self.start.add(offset) };
        // SAFETY: a range of our mapping; advice keeps contents.
        unsafe { libc::madvise(start.as_ptr().cast(), bytes, advice) };
    }

    /// Other systems decide for themselves.
    #[cfg(not(target_os = "linux"))]
    pub fn prefer_huge_pages(&self, _offset: usize, _bytes: usize) {}

    /// Other systems decide for themselves.
    #[cfg(not(target_os = "linux"))]
    pub fn prefer_small_pages(&self, _offset: usize, _bytes: usize) {}
}

/// Whether the system counts what this process can write to.
#[cfg(unix)]
fn has_limited_data() -> bool {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call writes the structure, and touches no other memory.
    let done = unsafe { libc::getrlimit(libc::RLIMIT_DATA, &raw mut limit) };
    done == 0 && limit.rlim_cur != libc::RLIM_INFINITY
}

#[cfg(unix)]
impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: our own mapping, whose last owner goes.
        unsafe { libc::munmap(self.mapping.0.as_ptr().cast(), self.mapping.1) };
    }
}

#[cfg(not(unix))]
impl Reservation {
    /// Reserves `bytes`; `None` when the system has no such range.
    pub fn new(bytes: usize) -> Option<Self> {
        // SAFETY: the layout is not empty.
        let start = unsafe { std::alloc::alloc_zeroed(Self::layout(bytes)?) };
        NonNull::new(start).map(|start| Self { start, bytes })
    }

    /// It can all be written to.
    pub fn make_writable(&self, _bytes: usize) -> bool {
        true
    }

    /// The system has no word for that.
    pub fn keep_private(&self) {}

    /// The allocator has no way to give back a part: the pages stay, and keep what they hold.
    pub fn release(&self, _offset: usize, _bytes: usize) {}

    /// The allocator decides for itself.
    pub fn prefer_huge_pages(&self, _offset: usize, _bytes: usize) {}

    /// The allocator decides for itself.
    pub fn prefer_small_pages(&self, _offset: usize, _bytes: usize) {}

    fn layout(bytes: usize) -> Option<std::alloc::Layout> {
        const PAGE_BYTES: usize = 4096;
        std::alloc::Layout::from_size_align(bytes.max(1), PAGE_BYTES).ok()
    }
}

#[cfg(not(unix))]
impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(layout) = Self::layout(self.bytes) {
            // SAFETY: allocated with this very layout, and its last owner goes.
            unsafe { std::alloc::dealloc(self.start.as_ptr(), layout) };
        }
    }
}
