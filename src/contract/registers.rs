//! The call registers: numbers that go with a call beside its arguments and its result.

group! {
    /// The call registers: numbers of one `Float64Array` that go with a call beside its arguments
    /// and its result, which cost more. A register has one meaning, and each call says which it
    /// reads and which it writes.
    ///
    /// Registers that a call reads are written right before it, with nothing in between that could
    /// make another call. Eight of them are at rest otherwise, and the call that reads one puts it
    /// back to rest, so that only a caller who means it has to write it: `WAIT_MS`, `IS_KEPT`,
    /// `IF_PRESENT`, `STALE_MS` and `KEEPS_TAGS` rest at 0, `AS_OF` at -1, `MIN` at -Infinity
    /// and `MAX` at Infinity. A call for
    /// which no stack is left never begins, and leaves them: who writes one writes it before every
    /// such call, or puts it back to rest itself where the call throws.
    Register: usize {
        /// How long what is written is to live, from now on; 0 for no deadline. Read by `place`,
        /// `placeBounded`, `touch`, `sharedWrite`, `sharedTouch`, `sharedRefresh` and
        /// `sharedIncrement`.
        TtlMs = 0, "milliseconds";
        /// When the entry stops being there, on the clock of `now`; 0 for never. Written by
        /// `place`, `placeBounded`, `touch` and `limit`, by `find` of an entry that has one, by
        /// reads of a shared store that find an entry, and by `sharedIncrement`.
        DeadlineMs = 1, "milliseconds";
        /// What the value is, as a `Kind`. Read by `sharedWrite`. Written by reads of a shared
        /// store: 0 where there is no entry, below 0 a `Refusal`.
        Kind = 2;
        /// The length of the value that was found. Written by reads of a shared store.
        Length = 3, "bytes";
        /// Which version word says whether the value that was found is still current. Written by
        /// reads of a shared store.
        Stripe = 4;
        /// That word, as a signed number: odd while somebody writes. Written by reads of a shared
        /// store, and by `sharedNote`; read by `sharedRemoveVersion`, and by `sharedWrite` with
        /// `Condition.SAME_VERSION` or `UNMOVED`.
        Version = 5;
        /// A number that is written (`sharedWrite`) or added (`sharedIncrement`), or the number of
        /// the entry (`limit`; below 0 of one that is new). Written by `sharedIncrement` and
        /// `limit`: what the number is now; by `sharedCount` and `sharedDeleteWhere`: how many
        /// entries there were.
        Amount = 6;
        /// Where the value begins in the bytes that `sharedWrite` got.
        Start = 7, "bytes";
        /// Where it ends there; of a string, its length. Read by `sharedWrite`.
        End = 8, "bytes";
        /// 1 of a string that is known to have a byte a character, 0 of any other. Read by
        /// `sharedWrite` of a string.
        IsLatin1 = 9;
        /// When the write takes place, as a `Condition`. Read by `sharedWrite`.
        Condition = 10;
        /// How long to wait for a key that others have locked; 0, where it rests, not to look for
        /// locks. Read by `sharedGet`, `sharedTake`, `sharedPeek`, `sharedWrite`, `sharedRemove`,
        /// `sharedTouch` and `sharedIncrement`; by `lockKey`, how long to wait for the lock.
        WaitMs = 11, "milliseconds";
        /// 1 where an entry that is overwritten while it is live keeps its deadline, and `TTL_MS`
        /// is for an entry that is new; 2 (in `place` and `placeBounded`) where it was just seen,
        /// and if it has expired since, so has the new one; rests at 0. Read by `place`,
        /// `placeBounded` and `sharedWrite`.
        IsKept = 12;
        /// 1 where nothing is to be added but to an entry that is there; rests at 0. Read by
        /// `sharedIncrement`.
        IfPresent = 13;
        /// The least that a sum becomes; rests at -Infinity. Read by `sharedIncrement`.
        Min = 14;
        /// The most that a sum becomes; rests at Infinity. Read by `sharedIncrement`.
        Max = 15;
        /// What an entry counts towards the store's bound on the size. Read by `placeBounded`.
        Size = 16, "the caller's unit";
        /// What the clock of the deadlines shows. Written by `now`.
        NowMs = 17, "milliseconds";
        /// How the core knows the oldest entry again, for `openCursor`. Written by `oldest`.
        Departures = 18;
        /// The limit of a store that is built where its opener wants none; 0 for the usual one.
        /// Read by `openFile`.
        FirstBytes = 19, "bytes";
        /// How far the limit of a store that is built may be raised; 0 for no further. Read by
        /// `openFile`.
        ReserveBytes = 20, "bytes";
        /// The number with which the system refused. Written with `Refusal.SYSTEM`.
        Errno = 21;
        /// Which option a store has otherwise, as a `MismatchedOption`. Written with
        /// `Refusal.MISMATCH`.
        MismatchedOption = 22;
        /// What the store has for it; of `WHEN_FULL`, a `WhenFull`. Written with
        /// `Refusal.MISMATCH`.
        MismatchedValue = 23;
        /// The version of the structures of records. Written by `readStructures`, read by
        /// `writeStructures`.
        StructuresVersion = 24;
        /// How long before its deadline what is written turns stale; rests at 0, for not at all.
        /// Read by `sharedWrite`.
        StaleMs = 25, "milliseconds";
        /// The same of an entry that was found. Written by `sharedStaleness`.
        FoundStaleMs = 26, "milliseconds";
        /// 1 of a file that a group of users shares. Read by `openFile`.
        IsGroup = 27;
        /// What ran out, as a `Shortage`. Written by `openShared` and `openFile` with
        /// `Refusal.FULL`.
        Shortage = 28;
        /// 1 where an entry that is overwritten while it is live keeps its tags; rests at 0. Read
        /// by `sharedWrite`.
        KeepsTags = 29;
        /// The moment that what is written is of, as `tagMoment` gave it; rests at -1, for now.
        /// Read by `sharedWriteTagged` and `areTagsInvalidated`.
        AsOf = 30;
        /// For which moment the tags of the entry that was found are right: odd while a tag is
        /// being invalidated; -1 of one without tags. Written by reads of a shared store.
        Moment = 31;
        /// How much of a limit comes back in `LIMIT_PER_MS`. Read by `limit` and `sharedLimit`.
        LimitRate = 32;
        /// The time in which `LIMIT_RATE` comes back. Read by `limit` and `sharedLimit`.
        LimitPerMs = 33, "milliseconds";
        /// How much there is when nothing is taken. Read by `limit` and `sharedLimit`.
        LimitBurst = 34;
        /// How much is to be taken. Read by `limit` and `sharedLimit`.
        LimitCost = 35;
        /// How much is left of a limit. Written by `limit` and `sharedLimit`.
        LimitLeft = 36;
        /// How long until what was refused is there; Infinity for ever. Written by `limit` and
        /// `sharedLimit` that refuse.
        LimitRetryMs = 37, "milliseconds";
        /// What a removal goes on with beside its cursor. Read and written by `sharedDeleteWhere`.
        Moved = 38;
        /// When what is written stops being there, on the clock of `now`; 0 for never. Read by
        /// `sharedWrite` with `Condition.UNMOVED`.
        UntilMs = 39, "milliseconds";
    }
}

impl Register {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// What it holds while no caller means anything by it.
    #[inline]
    pub const fn rest(self) -> f64 {
        match self {
            Self::Min => f64::NEG_INFINITY,
            Self::Max => f64::INFINITY,
            Self::AsOf => -1.0,
            _ => 0.0,
        }
    }
}
