//! The judge: whether what a read saw can follow from the writes to its key.
//!
//! A key has one writer at a time, whose writes are numbered. Before it begins one it raises
//! `intended`, when it is done `acknowledged`; a reader raises `floor`. So a read may see a write
//! from `max(acknowledged, floor)` before it to `intended` after it, and nothing else.

use std::sync::atomic::Ordering::SeqCst;

use shared_memory_store::engine::entry::NEVER_US;
use shared_memory_store::platform::clock::{Clock, Monotonic};

use crate::ledger::{DEADLINES, KeyRow, Ledger};
use crate::plan::{Round, mixed};
use crate::store::{Mark, Seen};

/// What a write does: it follows from its key and its number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Nature {
    Set,
    /// Only where there is no entry.
    Add,
    /// Only where there is one.
    Replace,
    /// Only where the value is the one before.
    Exchange,
    Delete,
    Take,
    /// Of what the key is marked with.
    Invalidate,
    /// A delete of all keys that a filter means, which is this one.
    Filter,
}

impl Nature {
    pub(crate) fn of(seed: u64, key: usize, sequence: u64) -> Self {
        match mixed(seed ^ sequence.wrapping_mul(77) ^ (key as u64) << 32) % 100 {
            ..8 => Self::Delete,
            8..12 => Self::Take,
            12..18 => Self::Add,
            18..24 => Self::Replace,
            24..30 => Self::Exchange,
            30..36 if Mark::of(key) != Mark::None => Self::Invalidate,
            36..38 => Self::Filter,
            _ => Self::Set,
        }
    }

    pub(crate) fn leaves_nothing(self) -> bool {
        matches!(self, Self::Delete | Self::Take | Self::Invalidate | Self::Filter)
    }
}

/// Whether entries of a key have deadlines.
pub(crate) fn is_timed(key: usize) -> bool {
    key % 4 == 3
}

/// The most writes that may be open between two looks at the ledger, to be judged one by one.
const WINDOW: u64 = 4096;

/// What the ledger said before a read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    lower: u64,
    now_us: u64,
}

/// The judge of one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge {
    pub(crate) ledger: &'static Ledger,
    pub(crate) round: Round,
}

impl Judge {
    fn row(&self, key: usize) -> &'static KeyRow {
        &self.ledger.keys[key]
    }

    /// To be asked for before each read.
    pub(crate) fn before(&self, key: usize) -> Before {
        let row = self.row(key);
        let lower = row.acknowledged.load(SeqCst).max(row.floor.load(SeqCst));
        Before { lower, now_us: Monotonic.now_us() }
    }

    /// Judges what a read saw; `Err` says what is wrong with it.
    pub(crate) fn judge(&self, key: usize, before: Before, seen: Seen) -> Result<(), String> {
        let now_us = Monotonic.now_us();
        let (row, lower) = (self.row(key), before.lower);
        match seen {
            Seen::Torn { length } => Err(format!("key {key}: a torn value of {length} bytes")),
            Seen::Absent if !self.round.keeps() => Ok(()),
            Seen::Absent => {
                let upper = row.intended.load(SeqCst);
                let may_be = |sequence| self.may_be_absent(key, sequence, now_us);
                if upper - lower > WINDOW || (lower..=upper).any(may_be) {
                    return Ok(());
                }
                let deadlines = self.deadlines(key, upper);
                Err(format!(
                    "key {key}: lost, of writes {lower} to {upper}; {now_us} {deadlines:?}"
                ))
            }
            Seen::Value { sequence, deadline_us } => {
                let deadlines = self.deadlines(key, sequence);
                let upper = row.intended.load(SeqCst);
                row.floor.fetch_max(sequence.min(upper), SeqCst);
                let what = format!("key {key}: write {sequence} of {lower} to {upper}");
                if sequence < lower {
                    return Err(format!("{what} is an older one"));
                }
                if sequence > upper {
                    return Err(format!("{what} was never begun"));
                }
                if Nature::of(self.round.seed, key, sequence).leaves_nothing() {
                    return Err(format!("{what} had no value"));
                }
                if !is_timed(key) && deadline_us != NEVER_US {
                    return Err(format!("{what} has a deadline"));
                }
                if is_timed(key) && deadline_us <= before.now_us {
                    return Err(format!("{what} is past its deadline"));
                }
                match deadlines {
                    Some([soonest, latest]) if !(soonest..=latest).contains(&deadline_us) => {
                        Err(format!("{what}: due {deadline_us}, not {soonest} to {latest}"))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    /// Whether there may be nothing after a write.
    fn may_be_absent(&self, key: usize, sequence: u64, now_us: u64) -> bool {
        sequence == 0
            || Nature::of(self.round.seed, key, sequence).leaves_nothing()
            || is_timed(key)
                && self.deadlines(key, sequence).is_none_or(|[soonest, _]| soonest <= now_us)
    }

    /// When the entry of a write may go, and must; `None` when that is no longer known.
    fn deadlines(&self, key: usize, sequence: u64) -> Option<[u64; 2]> {
        let row = self.row(key);
        let deadlines = row.deadlines[place_of(sequence)].each_ref().map(|word| word.load(SeqCst));
        // The next but `DEADLINES` is written before it is intended.
        (row.intended.load(SeqCst) + 1 < sequence + DEADLINES as u64).then_some(deadlines)
    }

    /// Begins a write: what it may leave, then its number.
    pub(crate) fn intend(&self, key: usize, deadline_us: u64) -> u64 {
        let row = self.row(key);
        let sequence = row.intended.load(SeqCst) + 1;
        let deadlines = &row.deadlines[place_of(sequence)];
        for word in deadlines {
            word.store(deadline_us, SeqCst);
        }
        row.intended.store(sequence, SeqCst);
        sequence
    }

    /// The write took place.
    pub(crate) fn acknowledge(&self, key: usize, sequence: u64) {
        self.row(key).acknowledged.store(sequence, SeqCst);
    }

    /// Before the deadline of a write is changed in place: from now on it may be either.
    pub(crate) fn allow_deadline(&self, key: usize, sequence: u64, deadline_us: u64) {
        let [soonest, latest] = &self.row(key).deadlines[place_of(sequence)];
        soonest.fetch_min(deadline_us, SeqCst);
        latest.fetch_max(deadline_us, SeqCst);
    }
}

fn place_of(sequence: u64) -> usize {
    usize::try_from(sequence % DEADLINES as u64).expect("small")
}
