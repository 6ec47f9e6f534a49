/**
 * Records of primitives, encoded at once: what the general encoder would write, without its looks.
 *
 * Knows structures by the bytes that the general encoder began a record of the same keys with.
 * Invariant: what is written here is what that encoder writes, byte by byte; what is anything but a
 * known structure with short plain primitives is left to it.
 */
'use strict';

const { isPlainNumber } = require('./plain.js');

/** Keys of a record at the most. */
const KEYS = 64;
/** Longer strings are left to the general encoder, which has a faster way for them. */
const STRING_UNITS = 64;
/** Shorter ones have their length in their first byte. */
const SHORT_UNITS = 32;
/** The bytes that name a structure, at the most. */
const ID_BYTES = 2;
/** A name, and for each key a string with its head, the longest value: all that is written fits. */
const ROOM_BYTES = ID_BYTES + KEYS * (2 + STRING_UNITS);
/** The end of what cannot be written. */
const NOWHERE = -1;

/** The first byte of a record whose structure is shared has these bits; some have a second. */
const ID_BITS = 0xe0;
const ONE_BYTE_ID = 0x40;
const TWO_BYTE_ID = 0x60;

/** Called as it is, within a loop over an object's keys, it costs nothing in V8. */
const isOwn = Object.prototype.hasOwnProperty;

/** What follows the keys so far: more keys, or a record. One shape for all. */
class Place {
  /** The key that was met here last, and what follows it: records come in rows. @type {string} */
  lastKey = '';
  /** @type {Place | undefined} */
  lastNext = undefined;
  /** @type {Map<string, Place>} */
  next = new Map();
  /** How many bytes a record starts with, if one may end here. */
  idBytes = 0;
  firstByte = 0;
  secondByte = 0;
}

class FlatRecords {
  /** The record that was written last, from `start` to `end`. */
  bytes = new Uint8Array(ROOM_BYTES);
  start = 0;
  end = 0;
  /** Whether the record that could not be written last has a structure that is not known. */
  isUnknown = false;
  #view = new DataView(this.bytes.buffer);
  #first = new Place();

  /**
   * Writes a record, if it is one that can be written here.
   *
   * @param {Record<string, unknown>} copy that nobody else has: to read it has no effects
   */
  write(copy) {
    const { bytes } = this;
    this.isUnknown = false;
    let place = this.#first;
    let end = ID_BYTES;
    for (const key in copy) {
      const next = place.lastKey === key ? place.lastNext : follow(place, key);
      // What is inherited is no part of a value.
      if (next === undefined || !isOwn.call(copy, key)) return this.#refuseUnknown();
      place = next;
      const value = copy[key];
      if (typeof value === 'string') end = writeString(bytes, end, value);
      else if (typeof value === 'number') end = writeNumber(bytes, this.#view, end, value);
      else end = writeOther(bytes, end, value);
      if (end === NOWHERE) return false;
    }
    if (place.idBytes === 0) return this.#refuseUnknown();
    this.start = ID_BYTES - place.idBytes;
    bytes[this.start] = place.firstByte;
    if (place.idBytes === ID_BYTES) bytes[1] = place.secondByte;
    this.end = end;
    return true;
  }

  /**
   * Learns the structure of a record from what the general encoder made of it.
   *
   * @param {Record<string, unknown>} copy
   * @param {Uint8Array} record
   * @param {number} start of the record
   */
  learn(copy, record, start) {
    const firstByte = /** @type {number} */ (record[start]);
    const kind = firstByte & ID_BITS;
    // A structure that comes with its record may be another's the next time.
    if (kind !== ONE_BYTE_ID && kind !== TWO_BYTE_ID) return;
    const keys = Object.keys(copy);
    if (keys.length > KEYS) return;
    for (const key of keys) if (typeof copy[key] === 'object' && copy[key] !== null) return;
    let place = this.#first;
    for (const key of keys) place = follow(place, key) ?? add(place, key);
    place.idBytes = kind === ONE_BYTE_ID ? 1 : ID_BYTES;
    place.firstByte = firstByte;
    place.secondByte = /** @type {number} */ (record[start + 1]);
  }
  #refuseUnknown() {
    this.isUnknown = true;
    return false;
  }
}

/**
 * @param {Place} place
 * @param {string} key
 */
function follow(place, key) {
  const next = place.next.get(key);
  if (next !== undefined) {
    place.lastKey = key;
    place.lastNext = next;
  }
  return next;
}

/**
 * @param {Place} place
 * @param {string} key
 */
function add(place, key) {
  const next = new Place();
  place.next.set(key, next);
  return next;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {string} value
 * @returns {number} the end, or `NOWHERE`
 */
function writeString(bytes, at, value) {
  const { length } = value;
  if (length > STRING_UNITS) return NOWHERE;
  let end = at;
  if (length < SHORT_UNITS) {
    bytes[end++] = 0xa0 | length;
  } else {
    bytes[end++] = 0xd9;
    bytes[end++] = length;
  }
  for (let index = 0; index < length; index += 1) {
    const unit = value.charCodeAt(index);
    if (unit >= 0x80) return NOWHERE;
    bytes[end++] = unit;
  }
  return end;
}

/**
 * @param {Uint8Array} bytes
 * @param {DataView} view of them
 * @param {number} at
 * @param {number} value
 * @returns {number} the end, or `NOWHERE`
 */
function writeNumber(bytes, view, at, value) {
  if (!isPlainNumber(value)) return NOWHERE;
  if (value >>> 0 === value) {
    if (value < 0x40) {
      bytes[at] = value;
      return at + 1;
    }
    if (value < 0x100) {
      bytes[at] = 0xcc;
      bytes[at + 1] = value;
      return at + 2;
    }
    if (value < 0x10000) {
      bytes[at] = 0xcd;
      view.setUint16(at + 1, value);
      return at + 3;
    }
    bytes[at] = 0xce;
    view.setUint32(at + 1, value);
    return at + 5;
  }
  if (value >> 0 === value) return writeNegative(bytes, view, at, value);
  bytes[at] = 0xcb;
  view.setFloat64(at + 1, value);
  return at + 9;
}

/**
 * @param {Uint8Array} bytes
 * @param {DataView} view of them
 * @param {number} at
 * @param {number} value of 32 bits
 */
function writeNegative(bytes, view, at, value) {
  if (value >= -0x20) {
    bytes[at] = value & 0xff;
    return at + 1;
  }
  if (value >= -0x80) {
    bytes[at] = 0xd0;
    bytes[at + 1] = value & 0xff;
    return at + 2;
  }
  if (value >= -0x8000) {
    bytes[at] = 0xd1;
    view.setInt16(at + 1, value);
    return at + 3;
  }
  bytes[at] = 0xd2;
  view.setInt32(at + 1, value);
  return at + 5;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {unknown} value
 * @returns {number} the end, or `NOWHERE`
 */
function writeOther(bytes, at, value) {
  if (value === undefined) {
    bytes[at] = 0xd4;
    bytes[at + 1] = 0;
    bytes[at + 2] = 0;
    return at + 3;
  }
  if (value === true) bytes[at] = 0xc3;
  else if (value === false) bytes[at] = 0xc2;
  else if (value === null) bytes[at] = 0xc0;
  else return NOWHERE;
  return at + 1;
}

module.exports = { FlatRecords };
