//! The stores that one environment (main thread, worker) has open. Knows no Node-API.
//!
//! Belongs to one thread. JavaScript names a store by a small integer, which is checked, so a
//! wrong one is an error and not a wild pointer.

use std::cell::RefCell;
use std::sync::Arc;

use super::callback::Scratch;
use super::shared_memory::{Exchange, SharedBytes};
use crate::error::Error;
use crate::local::store::Store;

/// What one environment has open. The id of a store is its index + 1.
#[derive(Debug)]
pub(super) struct Environment {
    stores: RefCell<Stores>,
    exchange: Exchange,
    /// Where the keys of calls are read to.
    pub(super) scratch: RefCell<Scratch>,
}

#[derive(Debug, Default)]
struct Stores {
    open: Vec<Option<Opened>>,
    free: Vec<usize>,
}

#[derive(Debug)]
struct Opened {
    store: Arc<Store>,
    /// The states of the slots of a bounded store: the last that were shared.
    states: Option<SharedBytes>,
}

impl Environment {
    /// Nothing open yet.
    pub(super) fn new(exchange: Exchange) -> Self {
        Self { stores: RefCell::default(), exchange, scratch: RefCell::default() }
    }

    /// Opens a store; its id.
    pub(super) fn open(&self, store: Store) -> Result<i32, Error> {
        let mut stores = self.stores.borrow_mut();
        let index = stores.free.pop().unwrap_or(stores.open.len());
        let id = i32::try_from(index + 1).map_err(|_| Error::Full)?;
        if index == stores.open.len() {
            stores.open.push(None);
        }
        stores.open[index] = Some(Opened { store: Arc::new(store), states: None });
        Ok(id)
    }

    /// Runs `act` on an open store.
    #[inline]
    pub(super) fn with<T>(&self, id: i32, act: impl FnOnce(&Arc<Store>) -> T) -> Result<T, Error> {
        let stores = self.stores.borrow();
        let opened =
            stores.open.get(index_of(id)).and_then(Option::as_ref).ok_or(Error::NotOpen)?;
        Ok(act(&opened.store))
    }

    /// Runs `act` on an open store that is bounded, with the states of its slots.
    #[inline]
    pub(super) fn with_states<T>(
        &self,
        id: i32,
        act: impl FnOnce(&Arc<Store>, &mut [u8]) -> T,
    ) -> Result<T, Error> {
        let mut stores = self.stores.borrow_mut();
        let opened =
            stores.open.get_mut(index_of(id)).and_then(Option::as_mut).ok_or(Error::NotOpen)?;
        let states = opened.states.as_mut().ok_or(Error::Argument)?;
        Ok(act(&opened.store, states.bytes()))
    }

    /// Shares the states of the slots of a bounded store; those that were shared before.
    pub(super) fn share_states(
        &self,
        id: i32,
        states: SharedBytes,
    ) -> Result<Option<SharedBytes>, Error> {
        let mut stores = self.stores.borrow_mut();
        let opened =
            stores.open.get_mut(index_of(id)).and_then(Option::as_mut).ok_or(Error::NotOpen)?;
        Ok(opened.states.replace(states))
    }

    /// Closes a store, and gives what it shared; closing one twice does nothing.
    pub(super) fn close(&self, id: i32) -> Option<SharedBytes> {
        let index = index_of(id);
        let mut stores = self.stores.borrow_mut();
        let Opened { store, states } = stores.open.get_mut(index).and_then(Option::take)?;
        stores.free.push(index);
        drop(stores);
        drop(store);
        states
    }

    /// Numbers that go to and from JavaScript beside a call.
    #[inline]
    pub(super) fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// Closes every store: the environment ends.
    pub(super) fn end(&self) {
        let stores = std::mem::take(&mut *self.stores.borrow_mut());
        drop(stores);
    }
}

/// The index of a store; of what is no id, one that no store has.
fn index_of(id: i32) -> usize {
    usize::try_from(id.wrapping_sub(1)).unwrap_or(usize::MAX)
}
