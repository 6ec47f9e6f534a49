/**
 * Values of a shared store and their bytes: primitives have kinds of their own, byte arrays are
 * bytes, plain values are records, and what is left is a structured clone.
 *
 * Knows kinds, no store. Encoding may run the caller's code (getters), so it comes before the store
 * is looked at. Invariant: what was decoded is what a structured clone of it would be.
 */
'use strict';

const { types } = require('node:util');
const v8 = require('node:v8');
const { isEndOfStack, notCloneable, unreadable } = require('../errors/errors.js');
const { keyOf } = require('../keys/keyspace.js');
const { Kind, Register } = require('../native/contract.js');
const { registers, scratch } = require('../native/loader.js');
const { isDetached, refusedPart } = require('./cloneable.js');
const { FlatRecords } = require('./flat-record.js');
const { plainCopy } = require('./plain.js');
const { Structures } = require('./structures.js');

const { KIND, LENGTH } = Register;
const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const lengthOf = /** @type {(this: Uint8Array) => number} */ (
  Object.getOwnPropertyDescriptor(TypedArrayPrototype, 'length')?.get
);
const NO_BYTES = new Uint8Array(0);
/** Characters from which on it pays to ask whether each needs a byte alone. */
const LONG_STRING = 1024;
/** What needs more than a byte. Other engines than V8 look at every character to find none. */
const WIDE = /[\u0100-\uffff]/;
const KNOWS_WIDTH = process.versions.bun === undefined;
/** Where one long string was wide, others are: so many are not asked. */
const STRINGS_UNTRIED = 16;
/** The scratch as a decoder reads it fastest. */
const visible = Buffer.from(scratch.buffer, scratch.byteOffset, scratch.length);

/**
 * A value, ready to be written: what the native core needs beside its key.
 *
 * @typedef {object} Encoded
 * @property {number} kind
 * @property {string | Uint8Array} bytes
 * @property {number} start of the value in its bytes
 * @property {number} end
 * @property {number} amount of a number
 * @property {number} isLatin1 1 of a string that is known to have a byte a character
 */

class Codec {
  #structures;
  #flat = new FlatRecords();
  /** Long strings that are not looked at: the last one was wide. */
  #untried = 0;

  /** @param {import('./structures.js').Place} place */
  constructor(place) {
    this.#structures = new Structures(place);
  }

  /**
   * The bytes are good until the next value is encoded.
   *
   * @param {unknown} value
   * @param {string} [key] for an error
   * @returns {Encoded}
   */
  encode(value, key) {
    // What is most often stored comes first: a switch over `typeof` is a call in V8.
    if (typeof value === 'string') return this.#encodeString(value);
    if (typeof value === 'object' && value !== null) return this.#encodeObject(value, key);
    switch (typeof value) {
      case 'number':
        return { kind: Kind.NUMBER, bytes: NO_BYTES, start: 0, end: 0, amount: value, isLatin1: 0 };
      case 'boolean':
        return encoded(value ? Kind.TRUE : Kind.FALSE, NO_BYTES);
      case 'undefined':
        return encoded(Kind.UNDEFINED, NO_BYTES);
      case 'object':
        return encoded(Kind.NULL, NO_BYTES);
      default:
        return encoded(Kind.CLONE, clone(value, key));
    }
  }

  /**
   * A value, encoded for later, with bytes of its own: other values may be encoded meanwhile.
   *
   * @param {unknown} value
   * @param {string} key
   * @returns {Encoded}
   */
  encodeToKeep(value, key) {
    const it = this.encode(value, key);
    return typeof it.bytes === 'string' ? it : { ...it, bytes: new Uint8Array(it.bytes) };
  }

  /**
   * A string, and whether it is known to have a byte a character: then it is copied as it lies. V8
   * knows in 20 ns, if it keeps it so; where it does not, it has to look at all of it.
   *
   * @param {string} value
   * @returns {Encoded}
   */
  #encodeString(value) {
    const { length } = value;
    const kind = Kind.LATIN1_STRING;
    const string = { kind, bytes: value, start: 0, end: length, amount: 0, isLatin1: 0 };
    if (!KNOWS_WIDTH || length < LONG_STRING) return string;
    if (this.#untried > 0) {
      this.#untried -= 1;
      return string;
    }
    if (WIDE.test(value)) this.#untried = STRINGS_UNTRIED;
    else string.isLatin1 = 1;
    return string;
  }

  /**
   * The value that a read gave, or left in the scratch.
   *
   * @param {unknown} read
   */
  decode(read) {
    const kind = /** @type {number} */ (registers[KIND]);
    if (kind <= Kind.UNDEFINED) return read;
    const length = /** @type {number} */ (registers[LENGTH]);
    if (kind === Kind.RECORD || kind === Kind.PLAIN) {
      // The same buffer each time: the decoder keeps what it has to know of it.
      const source = read === undefined ? visible : /** @type {Uint8Array} */ (read);
      if (kind === Kind.RECORD) return this.#structures.decode(source, length);
      return this.#structures.decodeAlone(source, length);
    }
    // Views into the scratch would change with the next read.
    const bytes = read === undefined ? scratch.slice(0, length) : /** @type {any} */ (read);
    if (kind === Kind.BYTES) return bytes;
    return kind === Kind.BUFFER ? Buffer.from(bytes.buffer) : unclone(bytes);
  }

  /**
   * @param {object} value
   * @param {string} [key]
   * @returns {Encoded}
   */
  #encodeObject(value, key) {
    if (types.isProxy(value)) throw notCloneable(value, { key: shown(key) });
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Uint8Array.prototype || prototype === Buffer.prototype) {
      const bytes = /** @type {Uint8Array} */ (value);
      const kind = prototype === Buffer.prototype ? Kind.BUFFER : Kind.BYTES;
      // Its own length: a property of that name may say anything.
      if (types.isUint8Array(value)) {
        const end = lengthOf.call(bytes);
        if (end === 0 && isDetached(bytes.buffer)) throw notCloneable(value, { key: shown(key) });
        return { kind, bytes, start: 0, end, amount: 0, isLatin1: 0 };
      }
    }
    if (prototype === Object.prototype) {
      const copy = /** @type {Record<string, unknown>} */ ({ ...value });
      const flat = this.#flat;
      if (flat.write(copy)) return record(flat.bytes, flat.start, flat.end);
      const { isUnknown } = flat;
      const result = this.#encodePlain(value, plainCopy(value, copy), key);
      if (isUnknown && result.kind === Kind.RECORD) {
        flat.learn(copy, /** @type {Uint8Array} */ (result.bytes), result.start);
      }
      return result;
    }
    return this.#encodePlain(value, plainCopy(value), key);
  }

  /**
   * @param {object} value
   * @param {object | symbol} plain its copy, or `NOT_PLAIN`
   * @param {string} [key]
   * @returns {Encoded}
   */
  #encodePlain(value, plain, key) {
    if (typeof plain === 'symbol') return encoded(Kind.CLONE, clone(value, key));
    const bytes = this.#structures.encode(plain);
    if (bytes === undefined) return encoded(Kind.PLAIN, this.#structures.encodeAlone(plain));
    const { start = 0, end = bytes.length } = bytes;
    return record(bytes, start, end);
  }
}

/**
 * @param {number} kind
 * @param {string | Uint8Array} bytes
 * @returns {Encoded}
 */
function encoded(kind, bytes) {
  return { kind, bytes, start: 0, end: bytes.length, amount: 0, isLatin1: 0 };
}

/**
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 * @returns {Encoded}
 */
function record(bytes, start, end) {
  return { kind: Kind.RECORD, bytes, start, end, amount: 0, isLatin1: 0 };
}

/**
 * The bytes of a structured clone, which an engine of the same kind reads.
 *
 * @param {unknown} value
 * @param {string} [key] for an error
 */
function clone(value, key) {
  const refused = refusedPart(value);
  if (refused !== undefined) throw notCloneable(refused.part, { key: shown(key), ...refused });
  try {
    return serialize(value);
  } catch (cause) {
    // What the caller's own code throws is the caller's.
    if (!(cause instanceof Refusal || isDataCloneError(cause))) throw cause;
    throw notCloneable(value, { cause, key: shown(key) });
  }
}

/**
 * What would come back of a value that is stored; the value itself, where it cannot be.
 *
 * @param {unknown} value
 */
function copyOf(value) {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return value;
  if (Object.getPrototypeOf(value) === Buffer.prototype && types.isUint8Array(value)) {
    return Buffer.from(value);
  }
  try {
    const plain = plainCopy(value);
    return typeof plain === 'symbol' ? unclone(clone(value)) : plain;
  } catch {
    return value;
  }
}

/** How a clone of this engine begins: V8's with a mark and its version. */
const [OWN_MARK, OWN_VERSION] = /** @type {[number, number]} */ ([...v8.serialize(null)]);
const V8_MARK = 0xff;

/**
 * The value of a structured clone.
 *
 * @param {Uint8Array} bytes
 */
function unclone(bytes) {
  try {
    return v8.deserialize(bytes);
  } catch (error) {
    if (isEndOfStack(error)) throw error;
    const [mark, version = 0] = bytes;
    const isNewer = mark === V8_MARK && OWN_MARK === V8_MARK && version > OWN_VERSION;
    throw unreadable((mark === V8_MARK) !== (OWN_MARK === V8_MARK) || isNewer, error);
  }
}

/** What V8 throws where it cannot clone, as no code of a caller's can. */
class Refusal extends Error {}

/** @param {string} message */
function refusal(message) {
  return new Refusal(message);
}

function refuse() {
  throw new Refusal('memory that threads share');
}

/** Other engines have no serializer to be told of that. */
const Serializer = process.versions.bun === undefined ? v8.DefaultSerializer : undefined;

/** @param {unknown} value */
function serialize(value) {
  if (Serializer === undefined) return v8.serialize(value);
  const serializer = new Serializer();
  Object.assign(serializer, { _getDataCloneError: refusal, _getSharedArrayBufferId: refuse });
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

/** @param {unknown} error */
function isDataCloneError(error) {
  return Serializer === undefined && error instanceof Error && error.name === 'DataCloneError';
}

/**
 * A key as it was given.
 *
 * @param {string} [string]
 */
function shown(string) {
  return string === undefined ? undefined : keyOf(string);
}

module.exports = { Codec, Kind, clone, copyOf };
