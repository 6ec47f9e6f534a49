//! The parts of small integers that stand for slots, keys, claims and what happened to them.

use crate::contract::{Group, Row};

group! {
    /// Why an entry left by itself.
    Removal: u32 {
        /// Its deadline passed.
        Expired = 1;
        /// There was one entry too many.
        EvictedForEntries = 2;
        /// There was too little room for another's size.
        EvictedForSize = 3;
        /// One of its tags was invalidated.
        Invalidated = 4;
    }
}

group! {
    /// Flags of a code: below the slot, where `find` and `touch` answer with a live entry.
    Flag: u8 {
        /// The entry has a deadline.
        Timed = 1;
        /// The key was given in another form than a string.
        OtherForm = 2;
        /// The store is bounded: the entry is as the state of its slot says. The facade's own.
        Guarded = 4;
        /// The entry has tags. The facade's own.
        Tagged = 8;
    }
}

/// How many bits a part of a code takes.
#[derive(Clone, Copy, Debug)]
pub struct Bits;

impl Bits {
    /// Bits of the flags, below the slot in a code.
    pub const FLAGS: u32 = 4;
    /// Bits of the form of a key.
    pub const FORM: u32 = 3;

    /// Both, as JavaScript gets them.
    pub const GROUP: Group = Group {
        name: "Bits",
        doc: " How many bits a part of a code takes.\n",
        rows: &[
            Row {
                name: "Flags",
                number: Self::FLAGS as i64,
                unit: "bits",
                doc: " Of the flags, below the slot in a code.\n",
            },
            Row {
                name: "Form",
                number: Self::FORM as i64,
                unit: "bits",
                doc: " Of a `KeyForm`, below the slot in a code of `list`, and below the id in\n \
                      the target of `place` and `placeBounded`.\n",
            },
        ],
    };
}

group! {
    /// Parts of the state of a slot of a bounded store: a byte that both sides read and write.
    SlotState: u8 {
        /// How often the entry was used, up to this number.
        Frequency = 3;
        /// The key that the near cache has for the slot is that of its entry.
        Near = 4;
    }
}

group! {
    /// How a key was given: its string and this give it back.
    KeyForm: u8 {
        /// As a string.
        String = 0;
        /// As a number.
        Number = 1;
        /// As a bigint.
        Bigint = 2;
        /// As `true`, `false`, `null` or `undefined`.
        Literal = 3;
        /// As an object or a function, which the facade keeps.
        Original = 4;
    }
}

group! {
    /// What was done to an entry ahead of the native core: below its slot in a step of the backlog.
    BacklogStep: u8 {
        /// It was removed.
        Remove = 0;
        /// It was added.
        Add = 1;
    }
}

group! {
    /// What `claimLoad`, `lockKey` and `lockInTurn` answer.
    Claim: u8 {
        /// The key is claimed by another.
        Others = 0;
        /// It is this thread's from now on.
        Won = 1;
        /// It was this thread's already.
        Own = 2;
        /// It is nobody's: too many keys are claimed that share its places.
        NoPlace = 3;
    }
}

group! {
    /// What keys are claimed for: which claims `awaitClaim` waits for.
    ClaimTable: u8 {
        /// By locks, which callers hold.
        Locks = 0;
        /// By loads, which one caller does for all.
        Loads = 1;
    }
}

group! {
    /// What `awaitClaim` answers when the wait has not begun; otherwise a ticket, above 0.
    Waiting: i32 {
        /// The claim may be had.
        Over = 0;
        /// There is no thread to be had that could wait: look again in a while.
        Impossible = -1;
    }
}

group! {
    /// What `place`, `placeBounded`, `touch` and `rename` answer beside slots and codes.
    Answer: i32 {
        /// Nothing was done: there is no slot or memory left.
        Full = -2_147_483_648;
        /// Of `place` and `placeBounded`: nothing was done yet, released slots are to be drained
        /// first.
        DrainFirst = 0;
    }
}

group! {
    /// What a store does when it is full, for those who open it.
    WhenFull: i32 {
        /// Whatever the store that is there does; one that is built refuses.
        Any = -1;
        /// It refuses.
        Refuse = 0;
        /// It evicts.
        Evict = 1;
    }
}

group! {
    /// The option that a store has otherwise than its opener wants.
    MismatchedOption: u8 {
        /// `maxBytes`.
        MaxBytes = 1;
        /// `maxEntries`; 0 for no limit.
        MaxEntries = 2;
        /// `whenFull`.
        WhenFull = 3;
    }
}

group! {
    /// What ran out when a store was to be opened.
    Shortage: u8 {
        /// Room in the store, in the memory or in the folder.
        Room = 0;
        /// Places for participants: as many as a store can have are there.
        Participants = 1;
        /// Files that this process can map at a time.
        Mappings = 2;
        /// Addresses of this process.
        Addresses = 3;
        /// What this process may make a file long.
        FileSize = 4;
    }
}
