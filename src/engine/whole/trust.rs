//! Trust in a store that keeps copies of what lies elsewhere. Knows no clock and no place.
//!
//! Who leads hears what changes there, and invalidates it here. How that is said is `sync::trust`.

use crate::engine::store::Engine;
use crate::sync::trust;

impl Engine {
    /// Begins a term: from now on nothing is trusted, and who led before leads no longer. The
    /// number of the term.
    pub fn begin_term(&self) -> u32 {
        trust::begin_term(&self.region.header().trust)
    }

    /// Says, as the leader of a term, up to which moment everything was heard, and invalidated; 0
    /// for nothing. `false` when the term is over: then whoever says so has to begin another.
    pub fn say_heard(&self, term: u32, moment_ms: u64) -> bool {
        trust::say(&self.region.header().trust, term, moment_ms)
    }

    /// Whether everything was heard up to a moment less than `bound_ms` ago. Asked before a copy is
    /// looked at, it says how old that can be.
    #[inline]
    pub fn is_trusted(&self, now_ms: u64, bound_ms: u64) -> bool {
        trust::is_recent(trust::moment_ms(&self.region.header().trust), now_ms, bound_ms)
    }
}
