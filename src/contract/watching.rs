//! What watchers of a shared store are told of, and what they ask for.

group! {
    /// What watchers are told of, as `takeChanges` gives it.
    Change: u8 {
        /// An entry was set, or its number has changed.
        Set = 1;
        /// An entry was deleted or taken.
        Delete = 2;
        /// The deadline of an entry has passed.
        Expire = 3;
        /// An entry was dropped for want of room.
        Evict = 4;
        /// All entries were removed whose keys begin with this one.
        Clear = 5;
        /// A tag was invalidated.
        Invalidate = 6;
        /// Changes may be missing: look at the store.
        Overflow = 7;
        /// A message was published on a channel.
        Message = 8;
        /// An entry went because one of its tags was invalidated; who watches another is told.
        Purge = 9;
    }
}

group! {
    /// What `watchChanges` is to tell of.
    WatchedBy: u8 {
        /// Changes of the entry of a key.
        Key = 1;
        /// Changes of all entries whose keys begin so.
        Prefix = 2;
        /// Messages on a channel.
        Channel = 3;
        /// Changes of entries with a tag, and that it is invalidated.
        Tag = 4;
    }
}

impl Change {
    /// Whether it is of one entry, whose key is told.
    #[must_use]
    pub fn is_of_an_entry(self) -> bool {
        matches!(self, Self::Set | Self::Delete | Self::Expire | Self::Evict | Self::Purge)
    }
}
