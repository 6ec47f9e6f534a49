//! Strings between JavaScript and bytes: keys, values, text. Knows no store.
//!
//! Invariant: a string is read whole or not at all; where the room that was given may have cut it,
//! its length is asked for, and it is read again.
#![expect(unsafe_code, reason = "Node-API is a C interface")]

use napi::sys;
use std::ptr;

use super::buffers::{ValueBuffers, resize, zeroed};
use super::call::{Call, Value, accepted};
use crate::error::Error;
use crate::text::string::Text;

/// Units of a key, with a NUL, for which the scratch has room; a longer one costs an allocation.
const SCRATCH_UNITS: usize = 256;
/// Units of a value that are asked for before the length of the string is.
const FIRST_UNITS: usize = 1024;

/// Where keys are read to: kept, since a fresh one would have to be zeroed for each call.
#[derive(Debug)]
pub(super) struct KeyScratch {
    units: [u16; SCRATCH_UNITS],
    bytes: [u8; SCRATCH_UNITS * 2],
}

impl Default for KeyScratch {
    fn default() -> Self {
        Self { units: [0; SCRATCH_UNITS], bytes: [0; SCRATCH_UNITS * 2] }
    }
}

impl Call {
    /// Runs `act` on an argument that is a string, as a key.
    #[inline]
    pub(super) fn with_key<T>(
        &self,
        index: usize,
        act: impl FnOnce(Text<'_>) -> T,
    ) -> Result<T, Error> {
        // Of two keys in one call, the second finds the scratch taken.
        let Ok(mut scratch) = self.environment().keys.try_borrow_mut() else {
            return self.with_long_key(index, act);
        };
        let KeyScratch { units, bytes } = &mut *scratch;
        let length = self.read_units(index, units)?;
        // A full buffer may have cut the string.
        if length < SCRATCH_UNITS - 1 {
            return Ok(act(Text::write(&units[..length], bytes)));
        }
        drop(scratch);
        self.with_long_key(index, act)
    }

    #[cold]
    fn with_long_key<T>(&self, index: usize, act: impl FnOnce(Text<'_>) -> T) -> Result<T, Error> {
        let length = self.string_units(index)?;
        let mut units = zeroed(length + 1)?;
        self.read_units(index, &mut units)?;
        let mut space = zeroed(length * 2)?;
        Ok(act(Text::write(&units[..length], &mut space)))
    }

    /// The length of an argument that is a string.
    pub(super) fn string_units(&self, index: usize) -> Result<usize, Error> {
        let mut length = 0;
        // SAFETY: without a buffer, Node-API only tells the length.
        let status = unsafe {
            sys::napi_get_value_string_utf16(
                self.env(),
                self.handle(index),
                ptr::null_mut(),
                0,
                &raw mut length,
            )
        };
        accepted(status).map(|()| length)
    }

    /// Reads an argument that is a string, as much of it as there is room for.
    #[inline]
    pub(super) fn read_units(&self, index: usize, units: &mut [u16]) -> Result<usize, Error> {
        let mut length = 0;
        // SAFETY: the buffer has the size that is said; Node-API writes no more, with a NUL.
        let status = unsafe {
            sys::napi_get_value_string_utf16(
                self.env(),
                self.handle(index),
                units.as_mut_ptr(),
                units.len(),
                &raw mut length,
            )
        };
        accepted(status).map(|()| length)
    }

    /// Runs `act` on an argument that is a string: its bytes, one a unit if they fit.
    pub(super) fn with_string<T>(
        &self,
        index: usize,
        buffers: &mut ValueBuffers,
        act: impl FnOnce(Text<'_>) -> T,
    ) -> Result<T, Error> {
        let (units, bytes) = self.units(index, buffers)?;
        Ok(act(Text::write(units, bytes)))
    }

    /// The units of an argument that is a string, and room for two bytes for each.
    pub(super) fn units<'a>(
        &self,
        index: usize,
        buffers: &'a mut ValueBuffers,
    ) -> Result<(&'a [u16], &'a mut [u8]), Error> {
        let (units, bytes) = buffers.string_parts();
        resize(units, FIRST_UNITS)?;
        let mut length = self.read_units(index, units)?;
        // A full buffer may have cut the string.
        if length + 1 >= units.len() {
            length = self.string_units(index)?;
            resize(units, length + 1)?;
            self.read_units(index, units)?;
        }
        resize(bytes, length * 2)?;
        Ok((&units[..length], bytes))
    }

    /// Runs `act` on an argument that is a string of `length` characters, of a byte each.
    pub(super) fn with_latin1_string<T>(
        &self,
        index: usize,
        length: usize,
        buffers: &mut ValueBuffers,
        act: impl FnOnce(Text<'_>) -> T,
    ) -> Result<T, Error> {
        // With a NUL behind.
        let (_, bytes) = buffers.string_parts();
        resize(bytes, length.checked_add(1).ok_or(Error::TooLarge)?)?;
        let mut copied = 0;
        // SAFETY: the buffer has the size that is said; Node-API writes no more, with a NUL.
        let status = unsafe {
            sys::napi_get_value_string_latin1(
                self.env(),
                self.handle(index),
                bytes.as_mut_ptr().cast(),
                length + 1,
                &raw mut copied,
            )
        };
        accepted(status)?;
        Ok(act(Text::latin1(&bytes[..copied])))
    }

    /// An argument that is a string, as Rust has strings.
    pub(super) fn text(&self, index: usize) -> Result<String, Error> {
        self.with_key(index, |text| text.to_lossy())
    }

    /// A string.
    pub(super) fn string(&self, text: Text<'_>) -> Value {
        let mut result = ptr::null_mut();
        if let Some(bytes) = text.latin1_bytes() {
            // SAFETY: the bytes are read during the call; the length is theirs.
            unsafe {
                sys::napi_create_string_latin1(
                    self.env(),
                    bytes.as_ptr().cast(),
                    bytes.len().cast_signed(),
                    &raw mut result,
                )
            };
        } else {
            let units: Vec<u16> = text.units().collect();
            // SAFETY: the units are read during the call; the length is theirs.
            unsafe {
                sys::napi_create_string_utf16(
                    self.env(),
                    units.as_ptr(),
                    units.len().cast_signed(),
                    &raw mut result,
                )
            };
        }
        Value::of(result)
    }
}
