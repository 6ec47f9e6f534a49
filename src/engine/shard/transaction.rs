//! Several words of a region changed as one. Knows no shard.
//!
//! Values are absolute, and computed under the lock that the journal belongs to.

use crate::engine::fail_points::{Point, pass};
use crate::region::region::Region;
use crate::region::word::{Field, Word, to_usize};
use crate::sync::journal::{Journal, PAIRS};
use crate::sync::{AtomicU64, Ordering};

/// A change that is being put together. Dropped without a commit it has changed nothing.
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    region: &'a Region,
    journal: &'a Journal,
    count: usize,
}

impl<'a> Transaction<'a> {
    /// A change under the lock that `journal` belongs to.
    pub(crate) fn new(region: &'a Region, journal: &'a Journal) -> Self {
        Self { region, journal, count: 0 }
    }

    /// What `field` holds after what was put together so far.
    pub(crate) fn get<W: Word>(&self, field: &Field<W>) -> W {
        W::of_word(self.get_word(field.raw()))
    }

    /// Sets `field` with all the others, after those that were set before it.
    pub(crate) fn set<W: Word>(&mut self, field: &Field<W>, value: W) {
        self.set_word(field.raw(), value.word());
    }

    /// What `word` holds after what was put together so far.
    pub(crate) fn get_word(&self, word: &AtomicU64) -> u64 {
        let place = self.region.offset_of(word);
        // Relaxed: changed under the lock only, but for frequencies, which need not be exact.
        self.find(place).map_or_else(|| word.load(Ordering::Relaxed), |at| self.journal.noted(at).1)
    }

    /// Sets `word` with all the others, after those that were set before it.
    pub(crate) fn set_word(&mut self, word: &AtomicU64, value: u64) {
        let place = self.region.offset_of(word);
        match self.find(place) {
            Some(index) => self.journal.note(index, place, value),
            None => self.append(place, value),
        }
    }

    /// Sets `field`, with all the others, to what `next` makes of what it holds by then.
    #[inline]
    pub(crate) fn update<W: Word>(&mut self, field: &Field<W>, next: impl FnOnce(W) -> W) {
        self.update_word(field.raw(), |word| next(W::of_word(word)).word());
    }

    /// Adds to a count, with all the others.
    pub(crate) fn add(&mut self, word: &AtomicU64, amount: u64) {
        self.update_word(word, |count| count.wrapping_add(amount));
    }

    /// Takes from a count, not below 0: counts of a damaged region do not wrap.
    pub(crate) fn subtract(&mut self, word: &AtomicU64, amount: u64) {
        self.update_word(word, |count| count.saturating_sub(amount));
    }

    /// The same as [`set_word`](Self::set_word) of what [`get_word`](Self::get_word) gives, with
    /// one search.
    #[inline]
    fn update_word(&mut self, word: &AtomicU64, next: impl FnOnce(u64) -> u64) {
        let place = self.region.offset_of(word);
        match self.find(place) {
            Some(index) => self.journal.note(index, place, next(self.journal.noted(index).1)),
            // Relaxed: as above.
            None => self.append(place, next(word.load(Ordering::Relaxed))),
        }
    }

    fn append(&mut self, place: u64, value: u64) {
        assert!(self.count < PAIRS, "a change of few words");
        self.journal.note(self.count, place, value);
        self.count += 1;
    }

    /// Makes the change.
    pub(crate) fn commit(self) {
        pass(Point::Noted);
        self.journal.commit(self.count);
        pass(Point::Committed);
        for index in 0..self.count {
            let (place, value) = self.journal.noted(index);
            store(self.region, place, value);
            pass(Point::Stored);
        }
        pass(Point::Ended);
        self.journal.end();
    }

    fn find(&self, place: u64) -> Option<usize> {
        (0..self.count).find(|index| self.journal.noted(*index).0 == place)
    }
}

/// Stores again what a dead participant had committed.
pub(crate) fn redo(region: &Region, journal: &Journal) {
    journal.redo(|place, value| store(region, place, value));
}

fn store(region: &Region, place: u64, value: u64) {
    // Release: after the commit; and a reader that loads a slot with Acquire sees its item. A place
    // outside, from a damaged region, is passed over.
    if let Ok(word) = region.word(to_usize(place)) {
        word.store(value, Ordering::Release);
    }
}
