/**
 * The values of a fleet store as bytes: a mark, a kind, what is noted besides, and the value.
 *
 * Uses the encodings of shared stores, but for what needs memory that all share. Scripts at the
 * server read the same bytes, so a number is text. Invariant: what does not begin with the mark is
 * another writer's, and is never taken for a value of ours.
 *
 * ```text
 * 0       1       2         4               4 + n
 * | mark  | kind  | n, BE   | notes (JSON)  | value …
 * ```
 */
'use strict';

const { foreignValue } = require('../../errors/fleet-errors.js');
const { unreadable } = require('../../errors/errors.js');
const { Kind, Register } = require('../../native/contract.js');
const { registers } = require('../../native/loader.js');
const { Codec } = require('../../values/codec.js');

/** No text in UTF-8 holds this byte. */
const MARK = 0xc1;
const HEAD_BYTES = 4;
const MOST_NOTES_BYTES = 0xffff;
/** A store that is in no memory: its values bring their keys with them. */
const NOWHERE = Object.freeze({ id: 0 });
const UTF8 = Kind.LATIN1_STRING;

/**
 * What is noted besides a value.
 *
 * @typedef {object} Notes
 * @property {number} [s] how long before its deadline it turns stale, in milliseconds
 */

class FleetCodec {
  #codec = new Codec(NOWHERE);

  /**
   * @param {unknown} value
   * @param {string} key for an error
   * @param {Notes} [notes]
   */
  encode(value, key, notes) {
    if (typeof value === 'string') return this.#encodeString(value, notes);
    if (typeof value === 'number') {
      return framed(Kind.NUMBER, Buffer.from(numberText(value)), notes);
    }
    const { kind, bytes, start, end } = this.#codec.encode(value, key);
    return framed(kind, /** @type {Uint8Array} */ (bytes).subarray(start, end), notes);
  }

  /**
   * @param {Buffer} bytes
   * @param {string} key for an error
   */
  decode(bytes, key) {
    const start = startOf(bytes, key);
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
   * @param {Buffer} bytes
   * @param {string} key for an error
   * @returns {Notes}
   */
  notes(bytes, key) {
    const start = startOf(bytes, key);
    if (start === HEAD_BYTES) return {};
    try {
      return JSON.parse(bytes.toString('utf8', HEAD_BYTES, start));
    } catch {
      throw foreignValue(key);
    }
  }

  /**
   * @param {string} value
   * @param {Notes} [notes]
   */
  #encodeString(value, notes) {
    if (value.isWellFormed()) return framed(UTF8, Buffer.from(value), notes);
    return framed(Kind.UTF16_STRING, Buffer.from(value, 'utf16le'), notes);
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
 * @param {Notes} [notes]
 */
function framed(kind, bytes, notes) {
  const noted = notes === undefined ? '' : JSON.stringify(notes);
  const notesBytes = Buffer.byteLength(noted);
  if (notesBytes > MOST_NOTES_BYTES) throw new RangeError('notes of 64 KiB at the most');
  const frame = Buffer.allocUnsafe(HEAD_BYTES + notesBytes + bytes.length);
  frame[0] = MARK;
  frame[1] = kind;
  frame.writeUInt16BE(notesBytes, 2);
  if (notesBytes > 0) frame.write(noted, HEAD_BYTES);
  frame.set(bytes, HEAD_BYTES + notesBytes);
  return frame;
}

/**
 * Where the value begins.
 *
 * @param {Buffer} bytes
 * @param {string} key
 */
function startOf(bytes, key) {
  if (bytes[0] !== MARK || bytes.length < HEAD_BYTES) throw foreignValue(key);
  const start = HEAD_BYTES + bytes.readUInt16BE(2);
  if (start > bytes.length) throw foreignValue(key);
  return start;
}

/** @param {number} value */
function numberText(value) {
  return Object.is(value, -0) ? '-0' : String(value);
}

module.exports = { FleetCodec, numberText };
