//! A memory between pages that cannot be touched. Knows no region.
#![expect(unsafe_code, reason = "mapped and protected by address")]

use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use shared_memory_store::error::Error;
use shared_memory_store::region::memory::Memory;

/// Untouchable bytes on each side: as far as a 32-bit index of words could lead.
const GUARD_BYTES: usize = 1 << 35;

/// A memory between pages that cannot be touched.
#[derive(Clone)]
pub(crate) struct Guarded(Arc<Mapping>);

struct Mapping {
    first: *mut libc::c_void,
    bytes: usize,
}

// SAFETY: a range of addresses; whoever makes references from it answers for them.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: our own mapping, and nobody has a reference into it any more.
        unsafe { libc::munmap(self.first, self.bytes + 2 * GUARD_BYTES) };
    }
}

impl Guarded {
    pub(crate) fn new(bytes: usize) -> Self {
        let kind = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE;
        let all = bytes + 2 * GUARD_BYTES;
        // SAFETY: a new private mapping, placed by the kernel, overlaps nothing.
        let first = unsafe { libc::mmap(std::ptr::null_mut(), all, libc::PROT_NONE, kind, -1, 0) };
        assert!(first != libc::MAP_FAILED, "addresses");
        let this = Self(Arc::new(Mapping { first, bytes }));
        this.protect(libc::PROT_READ | libc::PROT_WRITE);
        this
    }

    /// Calls `look` while a store to the memory would end the process.
    pub(crate) fn read_only(&self, look: impl FnOnce()) {
        self.protect(libc::PROT_READ);
        look();
        self.protect(libc::PROT_READ | libc::PROT_WRITE);
    }

    fn protect(&self, access: libc::c_int) {
        // SAFETY: whole pages of our own mapping.
        let changed = unsafe { libc::mprotect(self.start().as_ptr().cast(), self.0.bytes, access) };
        assert_eq!(changed, 0, "pages");
    }

    pub(crate) fn words(&self) -> &[AtomicU64] {
        // SAFETY: mapped as long as `self`, aligned, and atomics have no bad value.
        unsafe { std::slice::from_raw_parts(self.start().as_ptr().cast(), self.0.bytes / 8) }
    }
}

// SAFETY: the mapping lives as long as this, and starts at a page.
unsafe impl Memory for Guarded {
    fn start(&self) -> NonNull<u8> {
        // SAFETY: behind the first guard, inside the mapping.
        let start = unsafe { self.0.first.cast::<u8>().add(GUARD_BYTES) };
        NonNull::new(start).expect("a mapping")
    }

    fn reserved_bytes(&self) -> usize {
        self.0.bytes
    }

    fn commit(&self, offset: usize, bytes: usize) -> Result<(), Error> {
        assert!(offset <= self.0.bytes && bytes <= self.0.bytes - offset, "a range inside");
        Ok(())
    }

    fn release(&self, offset: usize, bytes: usize) {
        assert!(offset <= self.0.bytes && bytes <= self.0.bytes - offset, "a range inside");
        self.words()[offset / 8..][..bytes / 8].iter().for_each(|w| w.store(0, Ordering::Relaxed));
    }
}
