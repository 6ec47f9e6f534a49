//! The stores that one environment (main thread, worker) has open. Knows no Node-API.
//!
//! Belongs to one thread. JavaScript names a store by a small integer, which is checked, so a
//! wrong one is an error and not a wild pointer.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use super::bell::Callbacks;
use super::buffers::{SharedBytes, ValueBuffers};
use super::filters::Filters;
use super::registers::Registers;
use super::strings::KeyScratch;
use crate::engine::store::Engine;
use crate::error::Error;
use crate::local::store::Store;
use crate::registry::observed::Observed;
use crate::registry::stores::Opened;

/// What one environment has open. The id of a store is its index + 1.
#[derive(Debug)]
pub(super) struct Environment {
    local: RefCell<Slots<Local>>,
    shared: Rc<RefCell<Slots<Shared>>>,
    /// Stores that are only looked at.
    observed: RefCell<Slots<Observed>>,
    registers: Registers,
    /// Who waits for what others have claimed.
    callbacks: Callbacks,
    /// Where the keys of calls are read to.
    pub(super) keys: RefCell<KeyScratch>,
    /// Where the values of shared stores are read to and copied to.
    pub(super) values: RefCell<ValueBuffers>,
    pub(super) filters: Filters,
}

#[derive(Debug)]
struct Local {
    store: Arc<Store>,
    /// The states of the slots of a bounded store: the last that were shared.
    states: Option<SharedBytes>,
}

#[derive(Debug)]
struct Shared {
    opened: Rc<Opened>,
    /// What the buffer of its version words keeps.
    keeper: Option<Rc<Keeper>>,
}

/// What keeps a store for the buffer of its version words, which others may look at for as long as
/// it has them; and closes the store when nobody can reach that buffer any more.
#[derive(Debug)]
pub(super) struct Keeper(RefCell<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    /// Dropped last.
    open: Option<(Weak<RefCell<Slots<Shared>>>, i32)>,
    _engine: Arc<Engine>,
}

impl Keeper {
    /// The buffer is gone: nobody looks at the words, nor can close the store.
    pub(super) fn let_go(&self) {
        let Some(Kept { open, .. }) = self.0.take() else { return };
        let Some((slots, id)) = open.and_then(|(slots, id)| Some((slots.upgrade()?, id))) else {
            return;
        };
        // Within a call about another store it stays, until the environment ends.
        let left = slots.try_borrow_mut().ok().and_then(|mut slots| slots.take(id));
        drop(left);
    }
}

/// Things by small numbers from 1 on.
#[derive(Debug)]
struct Slots<T> {
    taken: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { taken: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slots<T> {
    fn put(&mut self, thing: T) -> Result<i32, Error> {
        let index = self.free.pop().unwrap_or(self.taken.len());
        let id = i32::try_from(index + 1).map_err(|_| Error::Full)?;
        if index == self.taken.len() {
            self.taken.push(None);
        }
        self.taken[index] = Some(thing);
        Ok(id)
    }

    #[inline]
    fn get(&self, id: i32) -> Result<&T, Error> {
        self.taken.get(index_of(id)).and_then(Option::as_ref).ok_or(Error::NotOpen)
    }

    #[inline]
    fn get_mut(&mut self, id: i32) -> Result<&mut T, Error> {
        self.taken.get_mut(index_of(id)).and_then(Option::as_mut).ok_or(Error::NotOpen)
    }

    fn take(&mut self, id: i32) -> Option<T> {
        let index = index_of(id);
        let taken = self.taken.get_mut(index).and_then(Option::take)?;
        self.free.push(index);
        Some(taken)
    }
}

impl Environment {
    /// Nothing open yet.
    pub(super) fn new(registers: Registers, values: ValueBuffers) -> Self {
        Self {
            local: RefCell::default(),
            shared: Rc::default(),
            observed: RefCell::default(),
            registers,
            callbacks: Callbacks::default(),
            keys: RefCell::default(),
            values: RefCell::new(values),
            filters: Filters::default(),
        }
    }

    /// Opens a local store; its id.
    pub(super) fn open(&self, store: Store) -> Result<i32, Error> {
        self.local.borrow_mut().put(Local { store: Arc::new(store), states: None })
    }

    /// Keeps a shared store that was opened; its id.
    pub(super) fn keep_shared(&self, opened: Rc<Opened>) -> Result<i32, Error> {
        self.shared.borrow_mut().put(Shared { opened, keeper: None })
    }

    /// What keeps a shared store for the buffer of its version words.
    pub(super) fn keeper(&self, id: i32) -> Result<Rc<Keeper>, Error> {
        let mut shared = self.shared.borrow_mut();
        let Shared { opened, keeper } = shared.get_mut(id)?;
        let open = Some((Rc::downgrade(&self.shared), id));
        let kept = Kept { open, _engine: Arc::clone(opened.engine()) };
        let new = Rc::new(Keeper(RefCell::new(Some(kept))));
        *keeper = Some(Rc::clone(&new));
        Ok(new)
    }

    /// Runs `act` on a local store.
    #[inline]
    pub(super) fn with<T>(&self, id: i32, act: impl FnOnce(&Arc<Store>) -> T) -> Result<T, Error> {
        Ok(act(&self.local.borrow().get(id)?.store))
    }

    /// Runs `act` on a shared store.
    #[inline]
    pub(super) fn with_shared<T>(
        &self,
        id: i32,
        act: impl FnOnce(&Rc<Opened>) -> T,
    ) -> Result<T, Error> {
        Ok(act(&self.shared.borrow().get(id)?.opened))
    }

    /// Runs `act` on a local store that is bounded, with the states of its slots.
    #[inline]
    pub(super) fn with_states<T>(
        &self,
        id: i32,
        act: impl FnOnce(&Arc<Store>, &mut [u8]) -> T,
    ) -> Result<T, Error> {
        let mut local = self.local.borrow_mut();
        let Local { store, states } = local.get_mut(id)?;
        Ok(act(store, states.as_mut().ok_or(Error::Argument)?.bytes()))
    }

    /// Keeps a store that is only looked at; its id.
    pub(super) fn keep_observed(&self, observed: Observed) -> Result<i32, Error> {
        self.observed.borrow_mut().put(observed)
    }

    /// Runs `act` on a store that is only looked at.
    pub(super) fn with_observed<T>(
        &self,
        id: i32,
        act: impl FnOnce(&Observed) -> T,
    ) -> Result<T, Error> {
        Ok(act(self.observed.borrow().get(id)?))
    }

    /// Looks at a store no longer; a second time nothing happens.
    pub(super) fn close_observed(&self, id: i32) {
        let closed = self.observed.borrow_mut().take(id);
        drop(closed);
    }

    /// Shares the states of the slots of a bounded store; those that were shared before.
    pub(super) fn share_states(
        &self,
        id: i32,
        states: SharedBytes,
    ) -> Result<Option<SharedBytes>, Error> {
        Ok(self.local.borrow_mut().get_mut(id)?.states.replace(states))
    }

    /// Closes a local store, and gives what it shared; closing one twice does nothing.
    pub(super) fn close(&self, id: i32) -> Option<SharedBytes> {
        let closed = self.local.borrow_mut().take(id);
        closed.and_then(|Local { store, states }| {
            drop(store);
            states
        })
    }

    /// Closes a shared store; closing one twice does nothing. Its memory goes at once if the
    /// buffer of its version words was detached, and else with that.
    pub(super) fn close_shared(&self, id: i32, is_detached: bool) {
        let closed = self.shared.borrow_mut().take(id);
        let Some(Shared { opened, keeper }) = closed else { return };
        drop(opened);
        if let Some(keeper) = keeper {
            // The id may be another's from now on.
            let kept = keeper.0.take().map(|kept| Kept { open: None, ..kept });
            let _ = keeper.0.replace(kept.filter(|_| !is_detached));
        }
    }

    /// Numbers that go to and from JavaScript beside a call.
    #[inline]
    pub(super) fn registers(&self) -> &Registers {
        &self.registers
    }

    /// Who waits here, and what tells them.
    pub(super) fn callbacks(&self) -> &Callbacks {
        &self.callbacks
    }

    /// Closes every store: the environment ends.
    pub(super) fn end(&self) {
        self.callbacks.end();
        let local = std::mem::take(&mut *self.local.borrow_mut());
        drop(local);
        let shared = std::mem::take(&mut *self.shared.borrow_mut());
        drop(shared);
        let observed = std::mem::take(&mut *self.observed.borrow_mut());
        drop(observed);
    }
}

/// The index of a store; of what is no id, one that no store has.
fn index_of(id: i32) -> usize {
    usize::try_from(id.wrapping_sub(1)).unwrap_or(usize::MAX)
}
