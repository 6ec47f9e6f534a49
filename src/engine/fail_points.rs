//! Places where a test cuts an operation off, as a death at that instruction would.
//!
//! In a build without debug assertions a point is nothing at all. Else an armed
//! thread panics there; the locks it holds stay with the participant that it was (see `client`).

/// Lists the points once, for the type and for whoever wants to have died at each.
macro_rules! points {
    ($($(#[$about:meta])* $name:ident,)*) => {
        /// A place between two steps of an operation.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum Point {
            $($(#[$about])* $name,)*
        }

        impl Point {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

points! {
    /// A lock was taken, nothing was done.
    Locked,
    /// A lock was taken from the dead, nothing was recovered.
    TakenOver,
    /// The journal of the dead was stored again.
    Redone,
    /// What the dead was in the midst of was finished.
    Recovered,
    /// Bytes of an item are written, no slot names them.
    Written,
    /// A change is noted in the journal, and not committed.
    Noted,
    /// A change is committed, and nothing of it stored.
    Committed,
    /// A part of a change is stored.
    Stored,
    /// A change is stored, and the journal does not say so yet.
    Ended,
    /// The version of a stripe is odd, its entry is as it was.
    StripeOpen,
    /// An entry has changed, the version of its stripe is still odd.
    StripeChanged,
    /// The version of a stripe is even again, its shard still says that it is not.
    StripeClosed,
    /// A number has changed in place.
    Incremented,
    /// A segment was taken from the free ones.
    Claimed,
    /// A segment is about to be retired.
    Retiring,
    /// One entry of a segment that is evicted is dealt with.
    Evicting,
    /// One entry of a segment that is compacted is moved.
    Compacting,
    /// One expired entry was removed.
    Sweeping,
    /// The intent of a split is noted.
    SplitNoted,
    /// The slots of a split are copied.
    SplitCopied,
    /// The directory is twice as long.
    SplitDoubled,
    /// One entry of the directory names the new group.
    SplitNaming,
    /// The directory names the new group everywhere.
    SplitNamed,
    /// The moved slots are cleared.
    SplitCleared,
    /// The intent of a clear is noted.
    ClearNoted,
    /// The versions of the shard's stripes are odd.
    ClearOpened,
    /// The index is empty.
    ClearEmptied,
    /// All segments are retired.
    ClearRetired,
    /// Pages are about to be given back.
    Releasing,
    /// A claim's hash is written, its holder is not.
    Claiming,
    /// A claim was ended, its count is not corrected.
    Unclaiming,
    /// Claims have ended, and those who wait for it are not told.
    Ringing,
    /// A tag has a row, its invalidation has not begun.
    TagClaimed,
    /// The invalidation of a tag has begun.
    TagBegun,
    /// A tag is invalidated, and the counter does not say so yet.
    TagInvalidated,
    /// One invalidated entry was removed.
    Purging,
    /// Rows of tags are about to go.
    TagsFloored,
    /// One row of a tag is gone.
    TagDropped,
    /// An entry has changed, and those who watch are not told.
    Telling,
    /// A change was begun to be written down, and nobody sees it.
    Told,
    /// The other copy of the schema is written.
    SchemaWritten,
}

/// Passes a point, or dies there.
#[inline]
pub(crate) fn pass(point: Point) {
    #[cfg(debug_assertions)]
    armed::pass(point);
    #[cfg(not(debug_assertions))]
    let _ = point;
}

#[cfg(debug_assertions)]
pub use armed::{Action, Died, arm, disarm, interrupt, seen};

#[cfg(debug_assertions)]
mod armed {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeSet;
    use std::panic;

    use super::Point;

    thread_local! {
        static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
        static INTERRUPTION: RefCell<Option<Action>> = const { RefCell::new(None) };
        static SEEN: RefCell<BTreeSet<Point>> = const { RefCell::new(BTreeSet::new()) };
    }

    /// What is called at every point.
    pub type Action = Box<dyn FnMut(Point)>;

    /// What a thread panics with that dies.
    #[derive(Clone, Copy, Debug)]
    pub struct Died(pub Point);

    /// Lets this thread pass `points` points and die at the next.
    pub fn arm(points: u64) {
        LEFT.set(Some(points));
    }

    /// Lets this thread live. `true` when it was still to die.
    pub fn disarm() -> bool {
        LEFT.take().is_some()
    }

    /// Calls `action` at every point that this thread passes, but for those that `action` passes
    /// itself; `None` for no more.
    pub fn interrupt(action: Option<Action>) {
        INTERRUPTION.set(action);
    }

    /// The points at which this thread has died.
    pub fn seen() -> BTreeSet<Point> {
        SEEN.with_borrow(Clone::clone)
    }

    pub(super) fn pass(point: Point) {
        if let Some(mut action) = INTERRUPTION.take() {
            action(point);
            INTERRUPTION.set(Some(action));
        }
        match LEFT.get() {
            None => {}
            Some(0) => {
                LEFT.set(None);
                SEEN.with_borrow_mut(|seen| seen.insert(point));
                panic::panic_any(Died(point));
            }
            Some(left) => LEFT.set(Some(left - 1)),
        }
    }
}
