//! The counters of a store: one list for the core, `stats()`, the typings and whoever reads them.

group! {
    /// The counters of a local store, in the order of `counters`.
    LocalCounter: u8 {
        /// Entries removed because their deadline had passed, since the store was opened.
        Expired = 0, "entries";
        /// Entries evicted to make room, since the store was opened.
        Evicted = 1, "entries";
        /// The sum of the sizes of all entries.
        Size = 2, "the caller's unit";
        /// Memory allocated by the native index, without the values.
        IndexBytes = 3, "bytes";
        /// Entries in the store, expired ones that were not met yet included.
        Entries = 4, "entries";
    }
}

group! {
    /// The counters of a shared store, in the order of `sharedStats`.
    SharedCounter: u8 {
        /// Entries in the store, expired ones that were not swept yet included.
        Entries = 0, "entries";
        /// Reads that found a live entry, by all participants since the store was built.
        Hits = 1, "reads";
        /// Reads that found none, by all participants since the store was built.
        Misses = 2, "reads";
        /// Writes that took place, by all participants since the store was built.
        Sets = 3, "writes";
        /// Entries deleted or taken, by all participants since the store was built.
        Deletes = 4, "entries";
        /// Entries evicted to make room, since the store was built.
        Evicted = 5, "entries";
        /// Entries removed because their deadline had passed, since the store was built.
        Expired = 6, "entries";
        /// Locks recovered from participants that had died, since the store was built.
        LocksRecovered = 7, "locks";
        /// Bytes of live entries: their keys, their values and their heads.
        DataBytes = 8, "bytes";
        /// Bytes of the segments that hold entries, live or not.
        SegmentBytes = 9, "bytes";
        /// Bytes of the segments that hold the index.
        IndexBytes = 10, "bytes";
        /// Bytes of memory that the store has in use, free segments included.
        ResidentBytes = 11, "bytes";
        /// The most bytes that the segments of the store may take.
        MaxBytes = 12, "bytes";
        /// Threads of all processes that have the store open.
        Participants = 13, "threads";
    }
}

group! {
    /// What loads and waits for locks came to, as participants tell it now and then; in the order
    /// of `observedFacts`.
    SharedEffort: u8 {
        /// Loads that gave a value, by all participants since the store was built.
        Loads = 0, "loads";
        /// Loads that failed or could not be stored, by all participants since the store was built.
        LoadErrors = 1, "loads";
        /// Time that factories took for loads that gave a value.
        LoadUs = 2, "microseconds";
        /// Stale values that were given while one was made.
        StaleServed = 3, "reads";
        /// Tasks that had to wait for a lock.
        LockWaits = 4, "tasks";
        /// Time that tasks waited for locks.
        LockWaitUs = 5, "microseconds";
    }
}
