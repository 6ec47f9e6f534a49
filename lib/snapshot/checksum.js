/**
 * CRC-32 as zlib has it: that of the runtime, or the same in JavaScript where it has none.
 *
 * Node.js has it since 20.15. It finds what went wrong by itself, not what somebody made.
 */
'use strict';

const zlib = require('node:zlib');

/** The polynomial of CRC-32, its bits in reverse. */
const POLYNOMIAL = 0xedb88320;

/** What the checksum of each byte is. @type {Int32Array | undefined} */
let table;

/**
 * The same as `zlib.crc32`.
 *
 * @param {Uint8Array} bytes
 * @param {number} [before] the checksum of the bytes before these
 */
function portableChecksum(bytes, before = 0) {
  table ??= Int32Array.from({ length: 256 }, (_, byte) => remainderOf(byte));
  let sum = ~before;
  for (let index = 0; index < bytes.length; index += 1) {
    const place = (sum ^ /** @type {number} */ (bytes[index])) & 0xff;
    sum = (sum >>> 8) ^ /** @type {number} */ (table[place]);
  }
  return ~sum >>> 0;
}

/** @param {number} byte */
function remainderOf(byte) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = (remainder & 1) === 0 ? remainder >>> 1 : (remainder >>> 1) ^ POLYNOMIAL;
  }
  return remainder;
}

/** @type {(bytes: Uint8Array, before?: number) => number} */
const checksum = /** @type {any} */ (zlib).crc32 ?? portableChecksum;

module.exports = { checksum, portableChecksum };
