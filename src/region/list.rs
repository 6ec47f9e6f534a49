//! How segments are linked to one another: free lists, queues, chains. Knows no item.
//!
//! Invariant: links are indices that were not checked; the code that follows one checks it.

use super::segment::Role;
use super::word::{Half, Word, halves};

/// A reference to a segment: its index + 1, so that zeroed memory links to nothing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Link(u32);

impl Link {
    /// Links to nothing: an end.
    pub(crate) const NONE: Self = Self(0);

    #[inline]
    pub(crate) fn to(segment: u32) -> Self {
        Self(segment.wrapping_add(1))
    }

    /// The segment that it leads to; `None` at an end.
    #[inline]
    pub(crate) fn target(self) -> Option<u32> {
        self.0.checked_sub(1)
    }
}

impl Half for Link {
    #[inline]
    fn of_half(half: u32) -> Self {
        Self(half)
    }

    #[inline]
    fn half(self) -> u32 {
        self.0
    }
}

/// A link that has a word of its own: in bits 0–31.
impl Word for Link {
    #[inline]
    fn of_word(word: u64) -> Self {
        Self(super::word::low(word))
    }

    #[inline]
    fn word(self) -> u64 {
        self.0.into()
    }
}

halves! {
    /// A list of segments that hold nothing, linked by their chains: the store's free ones, or the
    /// free ones of a shard.
    ///
    /// ```text
    /// 63          32 31              0
    /// [    count    ][ first: a link ]
    /// ```
    FreeList {
        first: Link,
        count: u32,
    }
}

impl FreeList {
    /// The list with `count` more, of which `segment` is the first and leads to the others.
    pub(crate) fn with(self, segment: u32, count: u32) -> Self {
        Self { first: Link::to(segment), count: self.count.saturating_add(count) }
    }

    /// The list without its first `count`, behind which it goes on with `rest`.
    pub(crate) fn without(self, count: u32, rest: Link) -> Self {
        Self { first: rest, count: self.count.saturating_sub(count) }
    }
}

halves! {
    /// What comes after a segment that is no member of a queue, or is several segments long.
    ///
    /// ```text
    /// 63                             32 31             0
    /// [ last part of an extent: a link ][ next: a link ]
    /// ```
    Chain {
        /// The next part of an extent, or the next segment of a free list or of the index.
        next: Link,
        /// The last part of the extent that starts here.
        last: Link,
    }
}

impl Chain {
    /// The chain of the last in a row.
    pub(crate) const END: Self = Self::to(Link::NONE);

    /// The chain of one in a list that goes on with `next`.
    pub(crate) const fn to(next: Link) -> Self {
        Self { next, last: Link::NONE }
    }
}

halves! {
    /// The two ends of a queue of segments.
    ///
    /// ```text
    /// 63              32 31               0
    /// [ newest: a link  ][ oldest: a link ]
    /// ```
    Ends {
        oldest: Link,
        newest: Link,
    }
}

halves! {
    /// The neighbours of a segment in its queue.
    ///
    /// ```text
    /// 63              32 31              0
    /// [ newer: a link   ][ older: a link ]
    /// ```
    Neighbours {
        older: Link,
        newer: Link,
    }
}

halves! {
    /// How many segments the queues of a shard have, parts of extents included.
    ///
    /// ```text
    /// 63              32 31                        0
    /// [ the main queue  ][ the queue of new items  ]
    /// ```
    Lengths {
        small: u32,
        main: u32,
    }
}

impl Lengths {
    /// All segments of both queues.
    pub(crate) fn all(self) -> u64 {
        u64::from(self.small) + u64::from(self.main)
    }

    /// With `parts` more in the queue of a role.
    pub(crate) fn longer(self, role: Role, parts: u32) -> Self {
        match role {
            Role::Main => Self { main: self.main.saturating_add(parts), ..self },
            _ => Self { small: self.small.saturating_add(parts), ..self },
        }
    }

    /// With `parts` less; not below 0, in a damaged region either.
    pub(crate) fn shorter(self, role: Role, parts: u32) -> Self {
        match role {
            Role::Main => Self { main: self.main.saturating_sub(parts), ..self },
            _ => Self { small: self.small.saturating_sub(parts), ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeroed_memory_links_to_nothing() {
        assert_eq!(Link::of_word(0).target(), None);
        assert_eq!(Chain::of_word(0), Chain::END);
        assert_eq!(FreeList::of_word(0).first, Link::NONE);
        assert_eq!(Link::of_word(Link::to(7).word()).target(), Some(7));
    }

    #[test]
    fn each_part_is_where_the_drawing_has_it() {
        let [one, two] = [0, 1].map(Link::to);
        assert_eq!(FreeList { first: one, count: 9 }.word(), 9 << 32 | 1);
        assert_eq!(Chain { next: one, last: two }.word(), 2 << 32 | 1);
        assert_eq!(Ends { oldest: one, newest: two }.word(), 2 << 32 | 1);
        assert_eq!(Neighbours { older: one, newer: two }.word(), 2 << 32 | 1);
        assert_eq!(Lengths { small: 3, main: 4 }.word(), 4 << 32 | 3);
    }

    #[test]
    fn counts_of_a_damaged_region_do_not_wrap() {
        let lengths = Lengths { small: 1, main: u32::MAX };
        assert_eq!(lengths.shorter(Role::Small, 2).longer(Role::Main, 1).all(), u32::MAX.into());
        assert_eq!(FreeList::of_word(u64::MAX).with(0, 1).count, u32::MAX);
        assert_eq!(FreeList::of_word(0).without(1, Link::NONE).count, 0);
    }
}
