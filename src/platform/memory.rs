//! The memory of the core: the system's, in huge pages where a piece is large. Knows no entry.
//!
//! A store of a million entries is read at random. With pages of 4 KiB each read of it also
//! misses the translation cache, which in a virtual machine costs more than the read.
#![expect(unsafe_code, reason = "an allocator is asked for raw memory")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

struct Allocator;

// SAFETY: the system's allocator does the work; a stricter alignment still is one that was asked
// for, and `free` takes back what was allocated with any.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller upholds what the system's allocator asks for.
        let start = unsafe { System.alloc(huge::aligned(layout)) };
        huge::advise(start, layout.size());
        start
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller upholds what the system's allocator asks for.
        let start = unsafe { System.alloc_zeroed(huge::aligned(layout)) };
        huge::advise(start, layout.size());
        start
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds what the system's allocator asks for.
        unsafe { System.dealloc(start, huge::aligned(layout)) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !huge::is_worth(layout.size()) && !huge::is_worth(size) {
            // SAFETY: the caller upholds what the system's allocator asks for.
            return unsafe { System.realloc(start, layout, size) };
        }
        // The system would move the small pages of a piece and never make huge ones of them.
        // SAFETY: the caller passes a size that makes a layout with this alignment.
        let grown = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the size is not 0, as the caller promises.
        let copy = unsafe { self.alloc(grown) };
        if !copy.is_null() {
            // SAFETY: two pieces, each at least that long.
            unsafe { ptr::copy_nonoverlapping(start, copy, layout.size().min(size)) };
            // SAFETY: the piece was allocated with this layout, and nobody uses it any more.
            unsafe { self.dealloc(start, layout) };
        }
        copy
    }
}

#[cfg(target_os = "linux")]
mod huge {
    use std::alloc::Layout;

    /// A huge page, on every architecture with pages of 4 KiB.
    const PAGE_BYTES: usize = 2 * 1024 * 1024;

    /// From two pages on: rounding up then wastes a third at the most, as address space.
    pub(super) fn is_worth(size: usize) -> bool {
        size >= 2 * PAGE_BYTES
    }

    /// The layout in which a piece is allocated: a page is huge only if its address is round.
    pub(super) fn aligned(layout: Layout) -> Layout {
        if is_worth(layout.size()) { layout.align_to(PAGE_BYTES).unwrap_or(layout) } else { layout }
    }

    /// Asks for huge pages where they are worth it. A refusal changes nothing.
    pub(super) fn advise(start: *mut u8, size: usize) {
        if is_worth(size) && !start.is_null() {
            let whole = size / PAGE_BYTES * PAGE_BYTES;
            // SAFETY: whole pages of a piece that was just allocated; advice keeps contents.
            unsafe { libc::madvise(start.cast(), whole, libc::MADV_HUGEPAGE) };
        }
    }
}

/// Other systems give large pages by themselves, or to the privileged only.
#[cfg(not(target_os = "linux"))]
mod huge {
    use std::alloc::Layout;

    pub(super) fn is_worth(_size: usize) -> bool {
        false
    }

    pub(super) fn aligned(layout: Layout) -> Layout {
        layout
    }

    pub(super) fn advise(_start: *mut u8, _size: usize) {}
}
