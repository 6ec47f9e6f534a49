//! The stores that a thread has open: one place in each, however often it opens it.
//!
//! JavaScript may evaluate the facade anew, and open again what nobody closed: it finds what is
//! open already. Knows no entry.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use super::stores::{self, OpenError, Opened, Place, Wanted};

thread_local! {
    static HERE: RefCell<BTreeMap<Place, Weak<Opened>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Opens the store of a place for this thread, which is built if there is none.
///
/// # Errors
///
/// As [`stores::open`].
pub fn open(place: &Place, wanted: Wanted) -> Result<Rc<Opened>, OpenError> {
    let known = HERE.with_borrow(|here| here.get(place).and_then(Weak::upgrade));
    if let Some(opened) = known
        && opened.is_named()?
    {
        return match opened.mismatch(wanted) {
            Some(mismatch) => Err(OpenError::Mismatch(mismatch)),
            None => Ok(opened),
        };
    }
    let opened = Rc::new(stores::open(place, wanted)?);
    HERE.with_borrow_mut(|here| {
        here.retain(|_, opened| opened.strong_count() > 0);
        here.insert(place.clone(), Rc::downgrade(&opened));
    });
    Ok(opened)
}

/// As [`Opened::clear_if_alone`]: whoever opened it again in this thread is somebody else, too.
///
/// # Errors
///
/// As [`Opened::clear_if_alone`].
pub fn clear_if_alone(opened: &Rc<Opened>) -> Result<bool, crate::error::Error> {
    if Rc::strong_count(opened) > 1 { Ok(false) } else { opened.clear_if_alone() }
}
