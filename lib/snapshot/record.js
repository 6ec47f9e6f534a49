/**
 * An entry in the stream of a snapshot: a head with lengths, the key, the value.
 *
 * Knows bytes, no files. Invariant: a record has no byte that means nothing, and none of its
 * lengths is believed beyond what is left of the stream.
 */
'use strict';

const errors = require('../errors/errors.js');
const { Damage } = require('./format.js');
const { keyOf } = require('./keys.js');
const { Kind, decodeString, decodeValue, encodeString, encodeValue } = require('./values.js');

const HEAD_BYTES = 20;
/** Of a record that says when its entry turns stale, behind its head. */
const STALENESS_BYTES = 8;
/** What the head has where there is such a part, and where there is none. */
const WITH_STALENESS = 1;
const WITHOUT = 0;
/** Of a key, and of a value: what a buffer can hold everywhere. */
const MAX_BYTES = 2 ** 31 - 1;
/** Bytes for each unit of a key. */
const NARROW = 1;
const WIDE = 2;

/**
 * An entry as it is written.
 *
 * @typedef {object} StoredEntry
 * @property {string} string the key in string form
 * @property {number} form one of `KeyForm`
 * @property {unknown} value
 * @property {number} deadline by the wall clock, in milliseconds since 1970, or 0 for none
 * @property {number} staleMs how long before that it turns stale; 0 for not at all
 */

/**
 * An entry as it was read.
 *
 * @typedef {StoredEntry & { key: unknown }} ReadEntry
 */

/**
 * The bytes of an entry, a copy.
 *
 * @param {StoredEntry} entry
 */
function recordOf({ string, form, value, deadline, staleMs }) {
  const key = encodeString(string);
  const { kind, bytes } = encodeValue(value, string);
  for (const { length } of [key.bytes, bytes]) {
    if (length > MAX_BYTES) throw errors.snapshotTooLarge(string, length, MAX_BYTES);
  }
  const start = HEAD_BYTES + (staleMs > 0 ? STALENESS_BYTES : 0);
  const record = Buffer.allocUnsafe(start + key.bytes.length + bytes.length);
  record.writeUInt8(form, 0);
  record.writeUInt8(key.kind === Kind.WIDE_STRING ? WIDE : NARROW, 1);
  record.writeUInt8(kind, 2);
  record.writeUInt8(staleMs > 0 ? WITH_STALENESS : WITHOUT, 3);
  record.writeUInt32LE(key.bytes.length, 4);
  record.writeUInt32LE(bytes.length, 8);
  record.writeDoubleLE(deadline, 12);
  if (staleMs > 0) record.writeDoubleLE(staleMs, HEAD_BYTES);
  record.set(key.bytes, start);
  record.set(bytes, start + key.bytes.length);
  return record;
}

/**
 * The bytes of the record that begins with these; of its head, as long as that is not whole.
 *
 * @param {Buffer} bytes
 */
function lengthOf(bytes) {
  if (bytes.length < HEAD_BYTES) return HEAD_BYTES;
  const [keyBytes, valueBytes] = [bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
  if (keyBytes > MAX_BYTES || valueBytes > MAX_BYTES) throw new Damage('a length past all bounds');
  return startOf(bytes) + keyBytes + valueBytes;
}

/**
 * The entry of a whole record. Throws whatever its bytes make a decoder throw.
 *
 * @param {Buffer} record
 * @returns {ReadEntry}
 */
function entryOf(record) {
  const [form, width] = [record.readUInt8(0), record.readUInt8(1)];
  const deadline = record.readDoubleLE(12);
  const part = record.readUInt8(3);
  if ((width !== NARROW && width !== WIDE) || (part !== WITHOUT && part !== WITH_STALENESS)) {
    throw new Damage('a damaged entry');
  }
  // Minus zero would be a second way to say the same.
  if (!Number.isInteger(deadline) || deadline < 0 || Object.is(deadline, -0)) {
    throw new Damage('a deadline that is no time');
  }
  const start = startOf(record);
  const staleMs = part === WITH_STALENESS ? record.readDoubleLE(HEAD_BYTES) : 0;
  // It has one way to say that it never turns stale.
  const isTime = part === WITHOUT || (Number.isInteger(staleMs) && staleMs > 0 && deadline > 0);
  if (!isTime) throw new Damage('an entry that turns stale at no time');
  const end = start + record.readUInt32LE(4);
  const kind = width === WIDE ? Kind.WIDE_STRING : Kind.STRING;
  const string = decodeString(kind, record.subarray(start, end));
  const key = keyOf(form, string);
  const value = decodeValue(record.readUInt8(2), record.subarray(end));
  return { string, form, key, value, deadline, staleMs };
}

/**
 * Where the key of a record begins.
 *
 * @param {Buffer} record
 */
function startOf(record) {
  return HEAD_BYTES + (record.readUInt8(3) === WITH_STALENESS ? STALENESS_BYTES : 0);
}

module.exports = { entryOf, lengthOf, recordOf };
