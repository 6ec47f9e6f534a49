//! What the bytes of a shared value are, and when a write takes place.

group! {
    /// What the bytes of a shared value are. Values up to `UNDEFINED` come from the native core as
    /// themselves; all others are bytes to it.
    Kind: u8 {
        /// A 64-bit float, little-endian.
        Number = 1;
        /// A string of a byte a unit. Given to `sharedWrite` for any string: the core looks.
        Latin1String = 2;
        /// A string of two bytes a unit, little-endian.
        Utf16String = 3;
        /// `true`, without bytes.
        True = 4;
        /// `false`, without bytes.
        False = 5;
        /// `null`, without bytes.
        Null = 6;
        /// `undefined`, without bytes: the last that the core knows.
        Undefined = 7;
        /// A `Uint8Array`.
        Bytes = 8;
        /// A `Buffer`.
        Buffer = 9;
        /// A record whose structure the store keeps.
        Record = 10;
        /// A record that stands for itself.
        Plain = 11;
        /// A structured clone, as the engine that wrote it makes them.
        Clone = 12;
    }
}

impl Kind {
    /// The last one that the native core makes a value of.
    pub const LAST_PRIMITIVE: Self = Self::Undefined;
}

group! {
    /// When a write takes place. An entry that has expired is absent.
    Condition: u8 {
        /// In any case.
        Always = 0;
        /// Only where there is no entry.
        Absent = 1;
        /// Only where there is one.
        Present = 2;
        /// Only where there is one, and its version is the one in the register `VERSION`.
        SameVersion = 3;
        /// Only while the version of its stripe is the one in the register `VERSION`, entry or
        /// none; until the point in time in `UNTIL_MS`.
        Unmoved = 4;
        /// Only where there is no entry, while this thread has the claim of the key's load, and
        /// nobody has removed the key since.
        Led = 5;
    }
}
