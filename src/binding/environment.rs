//! The stores that one environment (main thread, worker) has open. Knows no Node-API.
//!
//! Belongs to one thread. JavaScript names a store by a small integer, which is checked, so a
//! wrong one is an error and not a wild pointer.

use std::cell::RefCell;
use std::sync::Arc;

use super::callback::{Scratch, SharedNumber};
use crate::error::Error;
use crate::local::store::Store;

/// What one environment has open. The id of a store is its index + 1.
#[derive(Debug)]
pub(super) struct Environment {
    stores: RefCell<Stores>,
    shared: SharedNumber,
    /// Where the keys of calls are read to.
    pub(super) scratch: RefCell<Scratch>,
}

#[derive(Debug, Default)]
struct Stores {
    open: Vec<Option<Arc<Store>>>,
    free: Vec<usize>,
}

impl Environment {
    /// Nothing open yet.
    pub(super) fn new(shared: SharedNumber) -> Self {
        Self { stores: RefCell::default(), shared, scratch: RefCell::default() }
    }

    /// Opens a store; its id.
    pub(super) fn open(&self, store: Store) -> Result<i32, Error> {
        let mut stores = self.stores.borrow_mut();
        let index = stores.free.pop().unwrap_or(stores.open.len());
        let id = i32::try_from(index + 1).map_err(|_| Error::Full)?;
        if index == stores.open.len() {
            stores.open.push(None);
        }
        stores.open[index] = Some(Arc::new(store));
        Ok(id)
    }

    /// Runs `act` on an open store.
    #[inline]
    pub(super) fn with<T>(&self, id: i32, act: impl FnOnce(&Arc<Store>) -> T) -> Result<T, Error> {
        let stores = self.stores.borrow();
        let index = usize::try_from(id.wrapping_sub(1)).map_err(|_| Error::NotOpen)?;
        let store = stores.open.get(index).and_then(Option::as_ref).ok_or(Error::NotOpen)?;
        Ok(act(store))
    }

    /// Closes a store; closing one twice does nothing.
    pub(super) fn close(&self, id: i32) {
        let index = usize::try_from(id.wrapping_sub(1)).unwrap_or(usize::MAX);
        let mut stores = self.stores.borrow_mut();
        let closed = stores.open.get_mut(index).and_then(Option::take);
        if closed.is_some() {
            stores.free.push(index);
        }
        drop(stores);
        drop(closed);
    }

    /// Where a second result goes to JavaScript.
    #[inline]
    pub(super) fn shared(&self) -> &SharedNumber {
        &self.shared
    }

    /// Closes every store: the environment ends.
    pub(super) fn end(&self) {
        let stores = std::mem::take(&mut *self.stores.borrow_mut());
        drop(stores);
    }
}
