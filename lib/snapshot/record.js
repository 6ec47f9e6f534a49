/**
 * An entry in the stream of a snapshot: a head with lengths, the tags, the key, the value.
 *
 * Knows bytes, no files. Invariant: a record has no byte that means nothing, and none of its
 * lengths is believed beyond what is left of the stream.
 */
'use strict';

const { NO_TAGS, tagsArgument } = require('../arguments/tags.js');
const errors = require('../errors/errors.js');
const { Damage } = require('./format.js');
const { keyOf } = require('./keys.js');
const { Kind, decodeString, decodeValue, encodeString, encodeValue } = require('./values.js');

const HEAD_BYTES = 20;
/** Of a record that says when its entry turns stale, behind its head. */
const STALENESS_BYTES = 8;
/** The length of the tags of a record that has some, behind that. */
const TAGS_LENGTH_BYTES = 4;
/** Bits of the parts that a record has. */
const WITH_STALENESS = 1;
const WITH_TAGS = 2;
/** Tags of a record: as many as any store takes, and the longest. */
const MOST_TAGS_BYTES = 2 ** 20;
/** Of a key, and of a value: what a buffer can hold everywhere. */
const MAX_BYTES = 2 ** 31 - 1;
const NO_BYTES = Buffer.alloc(0);
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
 * @property {readonly string[]} tags
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
function recordOf({ string, form, value, deadline, staleMs, tags }) {
  const key = encodeString(string);
  const { kind, bytes } = encodeValue(value, string);
  for (const { length } of [key.bytes, bytes]) {
    if (length > MAX_BYTES) throw errors.snapshotTooLarge(string, length, MAX_BYTES);
  }
  // Well-formed JSON: a lone surrogate is an escape there, so any tag comes back as it was.
  const tagBytes = tags.length > 0 ? Buffer.from(JSON.stringify(tags)) : NO_BYTES;
  const parts = (staleMs > 0 ? WITH_STALENESS : 0) | (tags.length > 0 ? WITH_TAGS : 0);
  const head = headBytes(parts);
  const start = head + tagBytes.length;
  const record = Buffer.allocUnsafe(start + key.bytes.length + bytes.length);
  record.writeUInt8(form, 0);
  record.writeUInt8(key.kind === Kind.WIDE_STRING ? WIDE : NARROW, 1);
  record.writeUInt8(kind, 2);
  record.writeUInt8(parts, 3);
  record.writeUInt32LE(key.bytes.length, 4);
  record.writeUInt32LE(bytes.length, 8);
  record.writeDoubleLE(deadline, 12);
  if (staleMs > 0) record.writeDoubleLE(staleMs, HEAD_BYTES);
  if (tags.length > 0) record.writeUInt32LE(tagBytes.length, head - TAGS_LENGTH_BYTES);
  record.set(tagBytes, head);
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
  const head = headBytes(bytes.readUInt8(3));
  if (bytes.length < head) return head;
  return head + tagBytesOf(bytes, head) + keyBytes + valueBytes;
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
  const parts = record.readUInt8(3);
  if ((width !== NARROW && width !== WIDE) || parts > (WITH_STALENESS | WITH_TAGS)) {
    throw new Damage('a damaged entry');
  }
  // Minus zero would be a second way to say the same.
  if (!Number.isInteger(deadline) || deadline < 0 || Object.is(deadline, -0)) {
    throw new Damage('a deadline that is no time');
  }
  const head = headBytes(parts);
  const start = head + tagBytesOf(record, head);
  const mayBeStale = (parts & WITH_STALENESS) !== 0;
  const staleMs = mayBeStale ? record.readDoubleLE(HEAD_BYTES) : 0;
  // It has one way to say that it never turns stale.
  const isTime = !mayBeStale || (Number.isInteger(staleMs) && staleMs > 0 && deadline > 0);
  if (!isTime) throw new Damage('an entry that turns stale at no time');
  const tags = (parts & WITH_TAGS) === 0 ? NO_TAGS : tagsOf(record.subarray(head, start));
  const end = start + record.readUInt32LE(4);
  const kind = width === WIDE ? Kind.WIDE_STRING : Kind.STRING;
  const string = decodeString(kind, record.subarray(start, end));
  const key = keyOf(form, string);
  const value = decodeValue(record.readUInt8(2), record.subarray(end));
  return { string, form, key, value, deadline, staleMs, tags };
}

/**
 * Bytes before the tags of a record, or before its key.
 *
 * @param {number} parts that it has
 */
function headBytes(parts) {
  const staleness = (parts & WITH_STALENESS) === 0 ? 0 : STALENESS_BYTES;
  return HEAD_BYTES + staleness + ((parts & WITH_TAGS) === 0 ? 0 : TAGS_LENGTH_BYTES);
}

/**
 * Bytes of the tags of a record whose head is whole.
 *
 * @param {Buffer} record
 * @param {number} head
 */
function tagBytesOf(record, head) {
  if ((record.readUInt8(3) & WITH_TAGS) === 0) return 0;
  const bytes = record.readUInt32LE(head - TAGS_LENGTH_BYTES);
  if (bytes > MOST_TAGS_BYTES) throw new Damage('a length past all bounds');
  return bytes;
}

/**
 * Tags as they were written, which have one way to be said.
 *
 * @param {Buffer} bytes
 */
function tagsOf(bytes) {
  try {
    const tags = tagsArgument(JSON.parse(bytes.toString()));
    if (tags.length > 0 && Buffer.from(JSON.stringify(tags)).equals(bytes)) return tags;
  } catch {
    // Told below.
  }
  throw new Damage('tags that are none');
}

module.exports = { entryOf, lengthOf, recordOf };
