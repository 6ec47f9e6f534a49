/**
 * Values of a shared store and their bytes: primitives have kinds of their own, byte arrays are
 * bytes, plain values are records, and what is left is a structured clone.
 *
 * Knows kinds, no keys. Encoding may run the caller's code (getters), so it comes before the store
 * is looked at. Invariant: what was decoded is what a structured clone of it would be.
 */
'use strict';

const v8 = require('node:v8');
const { notCloneable } = require('../../errors.js');
const { exchange, scratch } = require('../../native.js');
const { isPlain } = require('./plain.js');
const { Structures } = require('./structures.js');

/** What the bytes of a value are; up to `UNDEFINED` as `src/binding/shared_functions.rs` says. */
const Kind = Object.freeze({
  NUMBER: 1,
  STRING: 2,
  WIDE_STRING: 3,
  TRUE: 4,
  FALSE: 5,
  NULL: 6,
  UNDEFINED: 7,
  BYTES: 8,
  BUFFER: 9,
  RECORD: 10,
  PLAIN: 11,
  CLONE: 12,
});

const NO_BYTES = new Uint8Array(0);

/**
 * A value, ready to be written: what the native core needs beside its key.
 *
 * @typedef {object} Encoded
 * @property {number} kind
 * @property {string | Uint8Array} bytes
 * @property {number} amount of a number
 */

class Codec {
  #structures;

  /** @param {number} id of the store in the native core */
  constructor(id) {
    this.#structures = new Structures(id);
  }

  /**
   * The bytes are good until the next value is encoded.
   *
   * @param {unknown} value
   * @returns {Encoded}
   */
  encode(value) {
    switch (typeof value) {
      case 'string':
        return { kind: Kind.STRING, bytes: value, amount: 0 };
      case 'number':
        return { kind: Kind.NUMBER, bytes: NO_BYTES, amount: value };
      case 'boolean':
        return { kind: value ? Kind.TRUE : Kind.FALSE, bytes: NO_BYTES, amount: 0 };
      case 'undefined':
        return { kind: Kind.UNDEFINED, bytes: NO_BYTES, amount: 0 };
      case 'object':
        if (value === null) return { kind: Kind.NULL, bytes: NO_BYTES, amount: 0 };
        return this.#encodeObject(value);
      default:
        return { kind: Kind.CLONE, bytes: clone(value), amount: 0 };
    }
  }

  /**
   * The value that a read gave, or left in the scratch.
   *
   * @param {unknown} read
   */
  decode(read) {
    const kind = /** @type {number} */ (exchange[1]);
    if (kind <= Kind.UNDEFINED) return read;
    const length = /** @type {number} */ (exchange[2]);
    const bytes = read === undefined ? scratch.subarray(0, length) : /** @type {any} */ (read);
    switch (kind) {
      case Kind.BYTES:
        return read === undefined ? bytes.slice() : bytes;
      case Kind.BUFFER:
        return Buffer.from(read === undefined ? bytes.slice().buffer : bytes.buffer);
      case Kind.RECORD:
        return this.#decodeRecord(bytes);
      case Kind.PLAIN:
        return this.#structures.decodeAlone(bytes);
      default:
        // Views into what is read here would change with the next read.
        return v8.deserialize(read === undefined ? bytes.slice() : bytes);
    }
  }

  /** @param {Uint8Array} bytes */
  #decodeRecord(bytes) {
    return this.#structures.decode(bytes);
  }

  /**
   * @param {object} value
   * @returns {Encoded}
   */
  #encodeObject(value) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Uint8Array.prototype || prototype === Buffer.prototype) {
      const bytes = /** @type {Uint8Array} */ (value);
      const kind = prototype === Buffer.prototype ? Kind.BUFFER : Kind.BYTES;
      if (ArrayBuffer.isView(value)) return { kind, bytes, amount: 0 };
    }
    if (isPlain(value)) {
      const record = this.#structures.encode(value);
      if (record !== undefined) return { kind: Kind.RECORD, bytes: record, amount: 0 };
      return { kind: Kind.PLAIN, bytes: this.#structures.encodeAlone(value), amount: 0 };
    }
    return { kind: Kind.CLONE, bytes: clone(value), amount: 0 };
  }
}

/** @param {unknown} value */
function clone(value) {
  if (typeof value === 'function' || typeof value === 'symbol') throw notCloneable(value);
  try {
    return v8.serialize(value);
  } catch (error) {
    // What the caller's own code throws is the caller's.
    if (!isCloneError(error)) throw error;
    throw notCloneable(value, error);
  }
}

/** @param {unknown} error */
function isCloneError(error) {
  return (
    error instanceof Error && (error.name === 'DataCloneError' || /clone/i.test(error.message))
  );
}

module.exports = { Codec, Kind };
