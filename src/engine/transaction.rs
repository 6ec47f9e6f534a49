//! Several words of a region changed as one. Knows no shard.
//!
//! Values are absolute, and computed under the lock that the journal belongs to.

use super::kill::{Point, pass};
use crate::region::access::Region;
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

    /// The value of `word` after what was put together so far.
    pub(crate) fn get(&self, word: &AtomicU64) -> u64 {
        let place = self.region.offset_of(word);
        // Relaxed: changed under the lock only, but for frequencies, which nobody needs exactly.
        self.find(place).map_or_else(|| word.load(Ordering::Relaxed), |at| self.journal.noted(at).1)
    }

    /// Sets `word` with all the others, after those that were set before it.
    pub(crate) fn set(&mut self, word: &AtomicU64, value: u64) {
        let place = self.region.offset_of(word);
        let index = self.find(place).unwrap_or(self.count);
        assert!(index < PAIRS, "a change of few words");
        self.journal.note(index, place, value);
        self.count = self.count.max(index + 1);
    }

    /// Adds to `word`, with all the others.
    pub(crate) fn add(&mut self, word: &AtomicU64, amount: u64) {
        self.set(word, self.get(word).wrapping_add(amount));
    }

    /// Takes from `word`, not below 0: counts of a damaged region do not wrap.
    pub(crate) fn subtract(&mut self, word: &AtomicU64, amount: u64) {
        self.set(word, self.get(word).saturating_sub(amount));
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
    // Release: after the commit; and whoever loads a slot with Acquire sees its item. A place
    // outside, from a damaged region, is passed over.
    if let Ok(word) = region.word(crate::region::word::wide(place)) {
        word.store(value, Ordering::Release);
    }
}
