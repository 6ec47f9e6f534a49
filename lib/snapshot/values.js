/**
 * Values in snapshots and their bytes, which need no store to be read.
 *
 * Knows kinds, no keys. What JSON carries exactly is JSON, which every engine reads; what is left
 * is a structured clone, which only engines of its own kind read. Encoding may run the caller's
 * code (getters). Invariant: what was decoded is what a structured clone would be.
 */
'use strict';

const { types } = require('node:util');
const v8 = require('node:v8');
const { notCloneable } = require('../errors/errors.js');
const { isDetached } = require('../values/cloneable.js');
const { clone } = require('../values/codec.js');
const { Damage } = require('./format.js');
const { jsonText } = require('../values/json.js');

/** What the bytes of a value are. */
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
  JSON: 10,
  CLONE_V8: 11,
  CLONE_JSC: 12,
});

/** The first byte of what V8 clones, and of nothing that others do. */
const V8_TAG = 0xff;
/** The clones that this engine reads, and those that it does not. */
const [OWN_CLONE, FOREIGN_CLONE] =
  clone(0)[0] === V8_TAG ? [Kind.CLONE_V8, Kind.CLONE_JSC] : [Kind.CLONE_JSC, Kind.CLONE_V8];
const NUMBER_BYTES = 8;

const NO_BYTES = Buffer.alloc(0);
/** @type {ReadonlyMap<number, boolean | null | undefined>} */
const CONSTANTS = new Map([
  [Kind.TRUE, true],
  [Kind.FALSE, false],
  [Kind.NULL, null],
  [Kind.UNDEFINED, undefined],
]);

/** A value is a clone that only another engine reads. */
class ForeignClone extends Error {}

/** @typedef {{ kind: number, bytes: Uint8Array }} Encoded */

/**
 * The bytes may be the caller's own: whoever keeps them copies them at once.
 *
 * @param {unknown} value
 * @param {string} key for an error
 * @returns {Encoded}
 */
function encodeValue(value, key) {
  switch (typeof value) {
    case 'string':
      return encodeString(value);
    case 'number': {
      const bytes = Buffer.allocUnsafe(NUMBER_BYTES);
      bytes.writeDoubleLE(value);
      return { kind: Kind.NUMBER, bytes };
    }
    case 'boolean':
      return { kind: value ? Kind.TRUE : Kind.FALSE, bytes: NO_BYTES };
    case 'undefined':
      return { kind: Kind.UNDEFINED, bytes: NO_BYTES };
    case 'object':
      return value === null ? { kind: Kind.NULL, bytes: NO_BYTES } : encodeObject(value, key);
    default:
      return { kind: OWN_CLONE, bytes: clone(value, key) };
  }
}

/**
 * The bytes of a string, two for each unit if one needs them.
 *
 * @param {string} string
 * @returns {Encoded}
 */
function encodeString(string) {
  return /[\u0100-\uffff]/.test(string)
    ? { kind: Kind.WIDE_STRING, bytes: Buffer.from(string, 'utf16le') }
    : { kind: Kind.STRING, bytes: Buffer.from(string, 'latin1') };
}

/**
 * @param {object} value
 * @param {string} key
 * @returns {Encoded}
 */
function encodeObject(value, key) {
  if (types.isUint8Array(value)) {
    if (value.length === 0 && isDetached(value.buffer)) throw notCloneable(value, { key });
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Uint8Array.prototype) return { kind: Kind.BYTES, bytes: value };
    if (prototype === Buffer.prototype) return { kind: Kind.BUFFER, bytes: value };
  }
  const text = jsonText(value);
  if (text !== undefined) return { kind: Kind.JSON, bytes: Buffer.from(text) };
  return { kind: OWN_CLONE, bytes: clone(value, key) };
}

/**
 * Of a value that these bytes hold, a copy. Throws whatever the bytes make its decoder throw.
 *
 * @param {number} kind
 * @param {Buffer} bytes
 */
function decodeValue(kind, bytes) {
  switch (kind) {
    case Kind.NUMBER:
      if (bytes.length !== NUMBER_BYTES) throw new Damage('a number of another length');
      return bytes.readDoubleLE();
    case Kind.STRING:
    case Kind.WIDE_STRING:
      return decodeString(kind, bytes);
    case Kind.BYTES:
      return new Uint8Array(bytes);
    case Kind.BUFFER:
      // Not of a pool: a buffer brings nothing with it.
      return Buffer.from(new Uint8Array(bytes).buffer);
    case Kind.JSON:
      return JSON.parse(bytes.toString());
    case OWN_CLONE:
      if (bytes.length === 0) throw new Damage('a clone of nothing');
      // Typed arrays of it may be views of what it is read from.
      return v8.deserialize(new Uint8Array(bytes));
    case FOREIGN_CLONE:
      throw new ForeignClone();
    default:
      if (!CONSTANTS.has(kind) || bytes.length > 0) throw new Damage('an unknown kind of value');
      return CONSTANTS.get(kind);
  }
}

/**
 * @param {number} kind
 * @param {Buffer} bytes
 */
function decodeString(kind, bytes) {
  if (kind === Kind.STRING) return bytes.toString('latin1');
  if (bytes.length % 2 !== 0) throw new Damage('half a character');
  return bytes.toString('utf16le');
}

module.exports = { ForeignClone, Kind, decodeString, decodeValue, encodeString, encodeValue };
