//! Memories to test stores over, and how each is made. Knows no store.
#![expect(unsafe_code, reason = "the trait's promise is this file's to keep")]

use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread::panicking;

use shared_memory_store::error::Error;
use shared_memory_store::region::memory::Memory;
use shared_memory_store::region::memory::anonymous::Anonymous;

/// Makes a memory with addresses for so many bytes.
pub(crate) type Make = fn(usize) -> Box<dyn Memory>;

/// Pages of this process, as shared stores of threads have them.
pub(crate) fn anonymous(bytes: usize) -> Box<dyn Memory> {
    Box::new(Anonymous::reserve(bytes).expect("addresses"))
}

/// Pages of a file, as shared stores of processes have them.
#[cfg(unix)]
pub(crate) fn mapped_file(bytes: usize) -> Box<dyn Memory> {
    use shared_memory_store::platform::private_file::{self, Sharing};
    use shared_memory_store::platform::random;
    use shared_memory_store::region::memory::file::MappedFile;

    let name = format!("shared-memory-store-test-{:016x}", random::words()[0]);
    let path = std::env::temp_dir().join(name);
    let file = private_file::create(&path, bytes as u64, Sharing::User).expect("a file");
    std::fs::remove_file(&path).expect("its name");
    Box::new(MappedFile::map(file, bytes).expect("addresses"))
}

const PAGE_BYTES: usize = 4096;
/// What lies in a page that is not real. A store that reads one finds nothing it has written; one
/// that writes there is found out.
const NOT_REAL: u64 = 0xA5A5_5A5A_A5A5_5A5A;

#[repr(C, align(4096))]
struct Page([AtomicU64; PAGE_BYTES / 8]);

impl Page {
    fn new() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(NOT_REAL)))
    }

    fn fill(&self, word: u64) {
        self.0.iter().for_each(|at| at.store(word, Ordering::Relaxed));
    }

    fn is_untouched(&self) -> bool {
        self.0.iter().all(|word| word.load(Ordering::Relaxed) == NOT_REAL)
    }
}

thread_local! {
    /// Whether there are no more pages.
    static REFUSES: Cell<bool> = const { Cell::new(false) };
}

/// Pages of the heap that keep account: the test fails when a store writes to one that it has not
/// made real, makes half of one real, or gives back what it does not have.
pub(crate) struct Counted {
    pages: Vec<Page>,
    are_real: Mutex<Vec<bool>>,
}

impl Counted {
    pub(crate) fn reserve(bytes: usize) -> Box<dyn Memory> {
        let count = bytes.div_ceil(PAGE_BYTES);
        let pages = (0..count).map(|_| Page::new()).collect();
        Box::new(Self { pages, are_real: Mutex::new(vec![false; count]) })
    }

    /// Has no page that is not real yet, for this thread, while something is done.
    pub(crate) fn refuse_more(work: impl FnOnce()) {
        REFUSES.set(true);
        work();
        REFUSES.set(false);
    }

    /// Calls `turn` with each page of a range, and whether it is real.
    fn each(&self, offset: usize, bytes: usize, mut turn: impl FnMut(&Page, &mut bool)) {
        assert!((offset | bytes).is_multiple_of(PAGE_BYTES), "whole pages");
        let range = offset / PAGE_BYTES..(offset + bytes) / PAGE_BYTES;
        let mut are_real = self.are_real.lock().expect("not poisoned");
        for (page, is_real) in self.pages[range.clone()].iter().zip(&mut are_real[range]) {
            assert!(*is_real || page.is_untouched(), "a page was written that is not real");
            turn(page, is_real);
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if !panicking() {
            self.each(0, self.pages.len() * PAGE_BYTES, |_, _| {});
        }
    }
}

// SAFETY: the vector never grows, so its pages stay where they are as long as this lives; they are
// aligned to their size, and made of atomics.
unsafe impl Memory for Counted {
    fn start(&self) -> NonNull<u8> {
        NonNull::from(self.pages.as_slice()).cast()
    }

    fn reserved_bytes(&self) -> usize {
        self.pages.len() * PAGE_BYTES
    }

    fn commit(&self, offset: usize, bytes: usize) -> Result<(), Error> {
        let mut are_all_real = true;
        self.each(offset, bytes, |_, is_real| are_all_real &= *is_real);
        if REFUSES.get() && !are_all_real {
            return Err(Error::Full);
        }
        self.each(offset, bytes, |page, is_real| {
            if !std::mem::replace(is_real, true) {
                page.fill(0);
            }
        });
        Ok(())
    }

    fn release(&self, offset: usize, bytes: usize) {
        self.each(offset, bytes, |page, is_real| {
            assert!(std::mem::replace(is_real, false), "a page is given back that is not real");
            page.fill(NOT_REAL);
        });
    }
}

/// Pages of this process of which some are lost at times, as those of a file are that a thread
/// touches before they are real: others stand in for them until they are healed.
#[derive(Clone)]
pub(crate) struct Lossy(&'static Shared);

struct Shared {
    pages: Anonymous,
    faults: AtomicU32,
    /// Where a page was lost, and what is in it.
    lost: Mutex<Vec<(usize, Vec<u64>)>>,
}

impl Lossy {
    pub(crate) fn reserve(bytes: usize) -> Self {
        let pages = Anonymous::reserve(bytes).expect("addresses");
        Self(Box::leak(Box::new(Shared {
            pages,
            faults: AtomicU32::new(0),
            lost: Mutex::default(),
        })))
    }

    fn words(&self, offset: usize) -> &[AtomicU64] {
        assert!(self.has_range(offset, PAGE_BYTES));
        // SAFETY: inside the reservation.
        let start = unsafe { self.start().add(offset) }.cast();
        // SAFETY: mapped for ever, aligned, and atomics.
        unsafe { std::slice::from_raw_parts(start.as_ptr(), PAGE_BYTES / 8) }
    }

    /// From now on another page stands in for one.
    pub(crate) fn lose(&self, offset: usize) {
        let words = self.words(offset);
        let kept = words.iter().map(|word| word.swap(u64::MAX, Ordering::Relaxed)).collect();
        self.0.lost.lock().expect("not poisoned").push((offset, kept));
        self.0.faults.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: the reservation is mapped for ever, starts at a page, and hands out no reference.
unsafe impl Memory for Lossy {
    fn start(&self) -> NonNull<u8> {
        self.0.pages.start()
    }

    fn reserved_bytes(&self) -> usize {
        self.0.pages.reserved_bytes()
    }

    fn commit(&self, offset: usize, bytes: usize) -> Result<(), Error> {
        self.heal()?;
        self.0.pages.commit(offset, bytes)
    }

    fn release(&self, offset: usize, bytes: usize) {
        self.0.pages.release(offset, bytes);
    }

    fn faults(&self) -> &'static AtomicU32 {
        &self.0.faults
    }

    fn heal(&self) -> Result<(), Error> {
        for (offset, kept) in self.0.lost.lock().expect("not poisoned").drain(..) {
            for (word, kept) in self.words(offset).iter().zip(kept) {
                word.store(kept, Ordering::Relaxed);
            }
        }
        self.0.faults.store(0, Ordering::Relaxed);
        Ok(())
    }
}

#[test]
#[should_panic(expected = "a page was written that is not real")]
fn counted_pages_find_out_who_writes_to_one_that_is_not_real() {
    let memory = Counted::reserve(2 * PAGE_BYTES);
    memory.commit(0, PAGE_BYTES).expect("pages");
    // SAFETY: two pages are reserved.
    let second = unsafe { memory.start().add(PAGE_BYTES) };
    // SAFETY: it is one of them, and made of atomics.
    let word = unsafe { second.cast::<AtomicU64>().as_ref() };
    word.store(1, Ordering::Relaxed);
}
