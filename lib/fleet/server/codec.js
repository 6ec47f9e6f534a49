/**
 * The values of a fleet store as bytes: what is noted of an entry, its marks, and the value.
 *
 * Uses the encodings of shared stores, but for what needs memory that all share. Scripts at the
 * server read the same bytes, so a number is text. A mark is a tag or the path of a namespace, with
 * the version that it had. Invariant: what does not begin with the first byte of ours is another
 * writer's, and is never taken for a value of ours.
 *
 * ```text
 * 0      1      2     3     4        8              8 + n    8 + n + k
 * | 0xc1 | kind | n   | m   | k, BE  | notes (JSON) | names  | m versions of 17 bytes | value …
 * ```
 */
'use strict';

const { foreignValue } = require('../../errors/fleet-errors.js');
const { unreadable } = require('../../errors/errors.js');
const { Kind, Register } = require('../../native/contract.js');
const { registers } = require('../../native/loader.js');
const { Codec } = require('../../values/codec.js');
const { Names } = require('./names.js');

/** No text in UTF-8 holds this byte. */
const FIRST = 0xc1;
const HEAD_BYTES = 8;
const MOST_NOTES_BYTES = 0xff;
const VERSION_BYTES = 17;
/** In place of a version that the server is to fill in. */
const BLANK = '-'.repeat(VERSION_BYTES);
/** Ends the name of a mark, which has none in it. */
const END_OF_NAME = '}';
/** A store that is in no memory: its values bring their keys with them. */
const NOWHERE = Object.freeze({ id: 0 });
const UTF8 = Kind.LATIN1_STRING;

/** What is beside a value that has nothing beside it. */
const NOTHING_NOTED = Object.freeze({ noted: '', names: Object.freeze([]) });

/**
 * What is kept beside a value.
 *
 * @typedef {object} Beside
 * @property {string} noted
 * @property {readonly string[]} names of marks
 * @property {readonly string[]} [versions] of those that are known
 */

/**
 * What is noted of an entry.
 *
 * @typedef {object} Notes
 * @property {number} [s] how long before its deadline it turns stale, in milliseconds
 */

class FleetCodec {
  #codec = new Codec(NOWHERE);

  /**
   * @param {unknown} value
   * @param {string} key for an error
   * @param {Beside} [beside]
   */
  encode(value, key, beside = NOTHING_NOTED) {
    if (typeof value === 'string') return this.#encodeString(value, beside);
    if (typeof value === 'number') {
      return framed(Kind.NUMBER, Buffer.from(numberText(value)), beside);
    }
    const { kind, bytes, start, end } = this.#codec.encode(value, key);
    return framed(kind, /** @type {Uint8Array} */ (bytes).subarray(start, end), beside);
  }

  /**
   * @param {Buffer} bytes
   * @param {string} key for an error
   */
  decode(bytes, key) {
    const { start } = partsOf(bytes, key);
    const kind = /** @type {number} */ (bytes[1]);
    switch (kind) {
      case UTF8:
        return bytes.toString('utf8', start);
      case Kind.UTF16_STRING:
        return bytes.toString('utf16le', start);
      case Kind.NUMBER:
        return Number(bytes.toString('latin1', start));
      case Kind.TRUE:
        return true;
      case Kind.FALSE:
        return false;
      case Kind.NULL:
        return null;
      case Kind.UNDEFINED:
        return undefined;
      default:
        return this.#decodeObject(kind, new Uint8Array(bytes.subarray(start)));
    }
  }

  /**
   * What is noted besides.
   *
   * @param {Buffer} bytes
   * @param {string} key for an error
   */
  noted(bytes, key) {
    return bytes.toString('latin1', HEAD_BYTES, partsOf(bytes, key).names);
  }

  /**
   * The marks of an entry.
   *
   * @param {Buffer} bytes
   * @param {string} key for an error
   */
  marks(bytes, key) {
    return this.names(bytes, key).map(Names.unescaped);
  }

  /**
   * Their names.
   *
   * @param {Buffer} bytes
   * @param {string} key for an error
   */
  names(bytes, key) {
    const { names, versions } = partsOf(bytes, key);
    if (names === versions) return [];
    return bytes.toString('utf8', names, versions - 1).split(END_OF_NAME);
  }

  /**
   * Their versions.
   *
   * @param {Buffer} bytes
   * @param {string} key for an error
   */
  versions(bytes, key) {
    const { versions, start } = partsOf(bytes, key);
    const text = bytes.toString('latin1', versions, start);
    return Array.from({ length: text.length / VERSION_BYTES }, (_, index) => {
      return text.slice(index * VERSION_BYTES, (index + 1) * VERSION_BYTES);
    });
  }

  /**
   * The same entry with these versions of its marks.
   *
   * @param {Buffer} bytes
   * @param {string} key for an error
   * @param {readonly string[]} given
   */
  withVersions(bytes, key, given) {
    const filled = Buffer.from(bytes);
    filled.write(given.join(''), partsOf(bytes, key).versions, 'latin1');
    return filled;
  }

  /**
   * @param {string} value
   * @param {Beside} beside
   */
  #encodeString(value, beside) {
    if (value.isWellFormed()) return framed(UTF8, Buffer.from(value), beside);
    return framed(Kind.UTF16_STRING, Buffer.from(value, 'utf16le'), beside);
  }

  /**
   * @param {number} kind
   * @param {Uint8Array} bytes
   */
  #decodeObject(kind, bytes) {
    if (kind < Kind.BYTES || kind === Kind.RECORD) throw unreadable(false, undefined);
    registers[Register.KIND] = kind;
    registers[Register.LENGTH] = bytes.length;
    return this.#codec.decode(bytes);
  }
}

/**
 * @param {number} kind
 * @param {Uint8Array} bytes
 * @param {Beside} beside
 */
function framed(kind, bytes, { noted, names, versions = [] }) {
  if (noted.length > MOST_NOTES_BYTES) throw new RangeError('notes of 255 bytes at the most');
  const named = names.map((name) => name + END_OF_NAME).join('');
  const namesBytes = Buffer.byteLength(named);
  const namesAt = HEAD_BYTES + noted.length;
  const versionsAt = namesAt + namesBytes;
  const start = versionsAt + names.length * VERSION_BYTES;
  const frame = Buffer.allocUnsafe(start + bytes.length);
  frame[0] = FIRST;
  frame[1] = kind;
  frame[2] = noted.length;
  frame[3] = names.length;
  frame.writeUInt32BE(namesBytes, 4);
  if (noted !== '') frame.write(noted, HEAD_BYTES, 'latin1');
  if (names.length > 0) {
    frame.write(named, namesAt);
    const all = names.map((_name, index) => versions[index] ?? BLANK);
    frame.write(all.join(''), versionsAt, 'latin1');
  }
  frame.set(bytes, start);
  return frame;
}

/**
 * Where names, versions and the value begin.
 *
 * @param {Buffer} bytes
 * @param {string} key
 */
function partsOf(bytes, key) {
  if (bytes[0] !== FIRST || bytes.length < HEAD_BYTES) throw foreignValue(key);
  const names = HEAD_BYTES + /** @type {number} */ (bytes[2]);
  const versions = names + bytes.readUInt32BE(4);
  const start = versions + /** @type {number} */ (bytes[3]) * VERSION_BYTES;
  if (start > bytes.length) throw foreignValue(key);
  return { names, versions, start };
}

/** @param {Notes} notes */
function notedOf(notes) {
  return JSON.stringify(notes);
}

/** @param {number} value */
function numberText(value) {
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * A number as scripts read it.
 *
 * @param {number} value
 */
function luaNumber(value) {
  if (Number.isFinite(value)) return numberText(value);
  return value > 0 ? 'inf' : '-inf';
}

/**
 * A number that is not finite, as scripts write it.
 *
 * @param {string} text
 */
function jsNumber(text) {
  if (text.includes('nan')) return Number.NaN;
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

module.exports = { BLANK, FleetCodec, framed, jsNumber, luaNumber, notedOf };
