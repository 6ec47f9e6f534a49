//! How long an entry of the main queue has been there when its turn comes. Knows no entry.
//!
//! A queue is first in, first out: its oldest entry was pushed as many pushes ago as it has
//! entries. So a mark for every so many pushes says when that was.

use std::collections::VecDeque;

/// Marks to a turn of the queue.
const MARKS: u64 = 16;
/// Marks that are kept: more are thinned out.
const MOST_MARKS: usize = 64;

#[derive(Clone, Copy, Debug)]
struct Mark {
    pushes: u64,
    time: u64,
}

/// When the entries of a queue were pushed, roughly.
#[derive(Debug, Default)]
pub(super) struct Turn {
    pushes: u64,
    marks: VecDeque<Mark>,
    /// The time of the first mark, 0 where there is none.
    since: u64,
    /// The pushes of the second one, where there is one: so long, the first is the one that counts.
    until: Option<u64>,
}

impl Turn {
    /// An entry was pushed, as one of `count`.
    pub(super) fn push(&mut self, count: usize, time: u64) {
        let stride = (count as u64 / MARKS).max(1);
        if self.marks.back().is_none_or(|last| self.pushes >= last.pushes + stride) {
            if self.marks.len() == MOST_MARKS {
                let mut keeps = false;
                self.marks.retain(|_| {
                    keeps = !keeps;
                    keeps
                });
            }
            self.marks.push_back(Mark { pushes: self.pushes, time });
            self.look();
        }
        self.pushes += 1;
    }

    /// For how long the oldest of `count` entries has been there: at least that, up to a mark.
    #[inline]
    pub(super) fn idle(&mut self, count: usize, time: u64) -> u64 {
        let oldest = self.pushes.saturating_sub(count as u64);
        if self.until.is_some_and(|until| until <= oldest) {
            self.forget(oldest);
        }
        time - self.since
    }

    /// Forgets the marks before the last one that the oldest entry came after.
    #[cold]
    fn forget(&mut self, oldest: u64) {
        while self.marks.get(1).is_some_and(|next| next.pushes <= oldest) {
            self.marks.pop_front();
        }
        self.look();
    }

    fn look(&mut self) {
        self.since = self.marks.front().map_or(0, |first| first.time);
        self.until = self.marks.get(1).map(|second| second.pushes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_has_been_there_since_it_was_pushed() {
        let mut turn = Turn::default();
        assert_eq!(turn.idle(0, 7), 7, "nobody was there ever");
        for time in 0..100_000 {
            turn.push(1000, time);
            let idle = turn.idle(1000, time);
            let exact = time.min(999);
            assert!((exact..=exact + 1000 / MARKS + 1).contains(&idle), "{idle} at {time}");
        }
        assert!(turn.marks.len() <= MOST_MARKS);
    }

    #[test]
    fn marks_are_bounded_however_the_queue_grows() {
        let mut turn = Turn::default();
        for time in 0..1_000_000 {
            turn.push(usize::try_from(time).expect("small"), time);
            assert!(turn.marks.len() <= MOST_MARKS);
        }
        assert!(turn.idle(1_000_000, 1_000_000) >= 999_000);
    }
}
