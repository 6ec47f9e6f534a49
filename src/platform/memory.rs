//! The memory of the core: the system's, in huge pages where a piece is large. Knows no entry.
//!
//! A store of a million entries is read at random. With pages of 4 KiB each read of it also
//! misses the translation cache, which in a virtual machine costs more than the read.
#![expect(unsafe_code, reason = "an allocator is asked for raw memory")]

use std::alloc::{GlobalAlloc, Layout, System};

/// Smallest piece that is worth huge pages: two of the usual 2 MiB.
const HUGE_BYTES: usize = 4 * 1024 * 1024;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

struct Allocator;

// SAFETY: the system's allocator does the work; advice changes no contents and no address.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller upholds what the system's allocator asks for.
        let start = unsafe { System.alloc(layout) };
        advise(start, layout.size());
        start
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller upholds what the system's allocator asks for.
        let start = unsafe { System.alloc_zeroed(layout) };
        advise(start, layout.size());
        start
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds what the system's allocator asks for.
        unsafe { System.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller upholds what the system's allocator asks for.
        let start = unsafe { System.realloc(start, layout, size) };
        advise(start, size);
        start
    }
}

#[inline]
fn advise(start: *mut u8, size: usize) {
    if size >= HUGE_BYTES && !start.is_null() {
        advise_huge(start, size);
    }
}

/// Asks for huge pages within a piece of memory. A refusal changes nothing.
#[cfg(target_os = "linux")]
#[cold]
fn advise_huge(start: *mut u8, size: usize) {
    const PAGE_BYTES: usize = 4096;
    let skipped = start.align_offset(PAGE_BYTES);
    let length = (size - skipped) / PAGE_BYTES * PAGE_BYTES;
    let pages = start.wrapping_add(skipped);
    // SAFETY: whole pages of a piece that was just allocated; advice changes no contents.
    unsafe { libc::madvise(pages.cast(), length, libc::MADV_HUGEPAGE) };
}

/// Other systems give large pages by themselves, or to the privileged only.
#[cfg(not(target_os = "linux"))]
fn advise_huge(_start: *mut u8, _size: usize) {}
