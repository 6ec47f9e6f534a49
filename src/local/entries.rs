//! The entries at their slots, their order, and the slots that wait for reuse.
//!
//! Knows no time and no hash table. A slot is in one of three lists: live (doubly linked, oldest
//! to newest, closed into a ring by slot 0), released (unlinked, while JavaScript still holds its
//! value) or free. Invariant: a slot leaves the released list only by `drain`, so a slot that
//! JavaScript believes in is never given to another key behind its back.

use super::key::{Key, KeyForm};
use super::pieces::Pieces;
use crate::contract::Removal;
use crate::text::string::Text;

/// The ring's joint, and "no slot". It holds no entry.
pub const NO_SLOT: u32 = 0;

/// Slots in a store. V8 aborts when an array outgrows some 2^27 elements; the values take one
/// element a slot, a list of keys two, and both grow by half.
pub const SLOT_LIMIT: u32 = 1 << 25;

/// Neighbours in the order, apart from the keys: a look-up does not need them.
#[derive(Clone, Copy, Debug)]
struct Links {
    newer: u32,
    older: u32,
}

/// The entries of a store: 32 bytes each, plus the bytes of a key longer than 21.
#[derive(Debug)]
pub struct Entries {
    keys: Pieces<Key>,
    links: Pieces<Links>,
    first_free: u32,
    first_released: u32,
    live: usize,
    /// How often an entry went while it was the oldest.
    departures: u64,
    /// Bytes of keys that do not fit into their entries.
    key_bytes: usize,
    /// Where open cursors stand: the next slot to visit, `NO_SLOT` at the end.
    cursors: Vec<Option<u32>>,
}

impl Default for Entries {
    fn default() -> Self {
        Self {
            keys: Pieces::of(Key::EMPTY),
            links: Pieces::of(Links { newer: NO_SLOT, older: NO_SLOT }),
            first_free: NO_SLOT,
            first_released: NO_SLOT,
            live: 0,
            departures: 0,
            key_bytes: 0,
            cursors: Vec::new(),
        }
    }
}

impl Entries {
    /// How many entries are live.
    pub fn live(&self) -> usize {
        self.live
    }

    /// The key of a live slot.
    #[inline]
    pub fn key(&self, slot: u32) -> &Key {
        &self.keys[slot as usize]
    }

    /// Whether there is such a slot, taken or not.
    pub fn has_slot(&self, slot: u32) -> bool {
        slot != NO_SLOT && (slot as usize) < self.keys.count()
    }

    /// The slot that [`Self::add`] would take; `None` when every slot is taken.
    pub fn next_slot(&self) -> Option<u32> {
        if self.first_free != NO_SLOT {
            return Some(self.first_free);
        }
        u32::try_from(self.keys.count()).ok().filter(|&slot| slot < SLOT_LIMIT)
    }

    /// Whether the next entry would take a new slot although released ones could be drained.
    pub fn wants_drain(&self) -> bool {
        self.first_free == NO_SLOT && self.first_released != NO_SLOT
    }

    /// Puts an entry at the newest end; `None`, and nothing happened, when there is no room.
    #[inline]
    pub fn add(&mut self, key: Text<'_>, form: KeyForm) -> Option<u32> {
        let slot = self.next_slot()?;
        let is_free = slot == self.first_free;
        let next_free = if is_free { self.links[slot as usize].newer } else { self.first_free };
        self.add_at(slot, key, form)?;
        self.first_free = next_free;
        Some(slot)
    }

    /// Takes a free slot out of the free ones, for [`Self::add_at`].
    pub fn take_free(&mut self) -> Option<u32> {
        let slot = Some(self.first_free).filter(|&slot| slot != NO_SLOT)?;
        self.first_free = self.links[slot as usize].newer;
        Some(slot)
    }

    /// Whether [`Self::add_at`] can be told this slot: one that there is, or the next.
    pub fn has_room_at(&self, slot: u32) -> bool {
        slot as usize <= self.keys.count() && slot < SLOT_LIMIT
    }

    /// Puts an entry at the newest end, in a slot that is in no list, or the next new one; `None`,
    /// and nothing happened, when there is no memory.
    #[inline]
    pub fn add_at(&mut self, slot: u32, key: Text<'_>, form: KeyForm) -> Option<()> {
        if slot as usize == self.keys.count() {
            self.keys.reserve_one()?;
            self.links.reserve_one()?;
            self.keys.push(Key::copy_of(key, form)?);
            self.links.push(Links { newer: NO_SLOT, older: NO_SLOT });
        } else {
            self.keys[slot as usize].assign(key, form)?;
        }
        self.key_bytes += self.keys[slot as usize].heap_bytes();
        self.link_newest(slot);
        Some(())
    }

    /// Notes the form in which the key of a live slot was given.
    pub fn set_form(&mut self, slot: u32, form: KeyForm) {
        self.keys[slot as usize].set_form(form);
    }

    /// Changes the key of a live slot.
    pub fn set_key(&mut self, slot: u32, key: Key) {
        self.key_bytes += key.heap_bytes();
        let former = std::mem::replace(&mut self.keys[slot as usize], key);
        self.key_bytes -= former.heap_bytes();
    }

    /// Unlinks a live slot whose value JavaScript drops at once: it may be reused.
    #[inline]
    pub fn free(&mut self, slot: u32) {
        self.unlink(slot);
        self.drop_key(slot);
        self.links[slot as usize].newer = self.first_free;
        self.first_free = slot;
    }

    /// Unlinks a live slot whose value JavaScript still holds: it waits for [`Self::drain`].
    pub fn release(&mut self, slot: u32) {
        self.unlink(slot);
        self.drop_key(slot);
        self.links[slot as usize] = Links { newer: self.first_released, older: NO_SLOT };
        self.first_released = slot;
    }

    /// As [`Self::release`], but the key stays, and why it went, for [`Self::drain_departed`].
    pub fn depart(&mut self, slot: u32, why: Removal) {
        self.unlink(slot);
        self.links[slot as usize] = Links { newer: self.first_released, older: why.number() };
        self.first_released = slot;
    }

    /// Whether some slot waits for [`Self::drain`].
    pub fn has_released(&self) -> bool {
        self.first_released != NO_SLOT
    }

    /// Frees released slots, as many as `drained` has room for, and says which: how many.
    pub fn drain(&mut self, drained: &mut [u32]) -> usize {
        let mut count = 0;
        while let Some(place) = drained.get_mut(count) {
            let Some((slot, _)) = self.free_released() else { break };
            *place = slot;
            self.drop_key(slot);
            count += 1;
        }
        count
    }

    /// Frees one released slot: which, with its key and why it went if [`Self::depart`] kept them.
    pub fn drain_departed(&mut self) -> Option<(u32, u32, Key)> {
        let (slot, why) = self.free_released()?;
        let key = std::mem::replace(&mut self.keys[slot as usize], Key::EMPTY);
        self.key_bytes -= key.heap_bytes();
        Some((slot, why, key))
    }

    /// Bytes that are allocated.
    pub fn bytes(&self) -> usize {
        self.keys.bytes() + self.links.bytes() + self.key_bytes
    }

    /// The live slot after `slot`, or the oldest after `NO_SLOT`; `NO_SLOT` at the end.
    pub fn after(&self, slot: u32) -> u32 {
        self.links[slot as usize].newer
    }

    /// How often an entry went while it was the oldest: while this number stands, so does the
    /// oldest entry. So to look at that one costs no cursor.
    pub fn departures(&self) -> u64 {
        self.departures
    }

    /// Opens a cursor before the entry after `slot`, or before the oldest for `NO_SLOT`. It sees
    /// entries that come and skips those that go.
    pub fn open_cursor(&mut self, slot: u32) -> usize {
        let next = Some(self.after(slot));
        if let Some(index) = self.cursors.iter().position(Option::is_none) {
            self.cursors[index] = next;
            return index;
        }
        self.cursors.push(next);
        self.cursors.len() - 1
    }

    /// The slot at which a cursor stands, which it then leaves; `NO_SLOT` at the end.
    pub fn advance(&mut self, cursor: usize) -> u32 {
        let slot = self.cursors.get(cursor).copied().flatten().unwrap_or(NO_SLOT);
        if slot != NO_SLOT {
            self.cursors[cursor] = Some(self.after(slot));
        }
        slot
    }

    /// Closes a cursor; closing one twice does nothing.
    pub fn close_cursor(&mut self, cursor: usize) {
        if let Some(open) = self.cursors.get_mut(cursor) {
            *open = None;
        }
        while self.cursors.last().is_some_and(Option::is_none) {
            self.cursors.pop();
        }
    }

    /// Empties the store but for its cursors, which stand at the end then; gives what was here.
    #[must_use = "it is dropped where nobody waits for it"]
    pub fn clear(&mut self) -> Self {
        let cursors = self.cursors.iter().map(|open| open.map(|_| NO_SLOT)).collect();
        let departures = self.departures + 1;
        std::mem::replace(self, Self { departures, cursors, ..Self::default() })
    }

    /// Frees the memory of a key that nobody needs. One that takes none stays until it is assigned.
    #[inline]
    fn drop_key(&mut self, slot: u32) {
        if self.keys[slot as usize].heap_bytes() > 0 {
            self.set_key(slot, Key::EMPTY);
        }
    }

    #[inline]
    fn link_newest(&mut self, slot: u32) {
        let older = std::mem::replace(&mut self.links[NO_SLOT as usize].older, slot);
        self.links[older as usize].newer = slot;
        self.links[slot as usize] = Links { newer: NO_SLOT, older };
        self.live += 1;
        for cursor in self.cursors.iter_mut().flatten().filter(|next| **next == NO_SLOT) {
            *cursor = slot;
        }
    }

    /// Moves the first released slot to the free ones: which, and why it went.
    fn free_released(&mut self) -> Option<(u32, u32)> {
        let slot = Some(self.first_released).filter(|&slot| slot != NO_SLOT)?;
        let Links { newer, older: why } = self.links[slot as usize];
        self.links[slot as usize] = Links { newer: self.first_free, older: NO_SLOT };
        self.first_released = newer;
        self.first_free = slot;
        Some((slot, why))
    }

    #[inline]
    fn unlink(&mut self, slot: u32) {
        let Links { newer, older } = self.links[slot as usize];
        self.links[older as usize].newer = newer;
        self.links[newer as usize].older = older;
        self.live -= 1;
        self.departures += u64::from(older == NO_SLOT);
        for cursor in self.cursors.iter_mut().flatten().filter(|next| **next == slot) {
            *cursor = newer;
        }
    }
}
