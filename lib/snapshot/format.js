/**
 * A snapshot file to the byte: head, blocks, trailer. `docs/guides/snapshots.md` draws it.
 *
 * Knows bytes, no entries and no files. The entries are one stream, cut into blocks of which all
 * but the last are full. Invariant: a file of which one bit is another, or of which something is
 * missing or too much, is refused; no length of a file is believed before it was compared.
 */
'use strict';

const { checksum } = require('./checksum.js');

const MAGIC = Buffer.from('SHMSNAPS', 'latin1');
const TRAILER_MAGIC = Buffer.from('SHMSNEND', 'latin1');
const FORMAT_VERSION = 1;

const HEAD_BYTES = 16;
const BLOCK_HEAD_BYTES = 12;
const TRAILER_BYTES = 32;
/** A quarter of a MiB: read, written and checked in a fraction of a millisecond. */
const BLOCK_BYTES = 256 * 1024;
/** Of the stream, in a full block. */
const PAYLOAD_BYTES = BLOCK_BYTES - BLOCK_HEAD_BYTES;

/**
 * What a file holds.
 *
 * @typedef {object} Contents
 * @property {number} entries
 * @property {number} streamBytes
 * @property {number} blocks
 */

/** What is wrong with a file, in the words of a message: `got …`. */
class Damage extends Error {}

/** The first bytes of a file. */
function headOfFile() {
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head, 0);
  head.writeUInt32LE(FORMAT_VERSION, 8);
  head.writeUInt32LE(checksum(head.subarray(0, 12)), 12);
  return head;
}

/** @param {Buffer} head */
function checkHead(head) {
  if (!head.subarray(0, 8).equals(MAGIC)) throw new Damage('another kind of file');
  if (head.readUInt32LE(12) !== checksum(head.subarray(0, 12))) throw new Damage('a damaged head');
  const version = head.readUInt32LE(8);
  if (version !== FORMAT_VERSION) throw new Damage(`one of format version ${version}`);
}

/**
 * Puts the head of a block before its payload.
 *
 * @param {Buffer} block head and payload
 * @param {number} number of blocks before it
 */
function sealBlock(block, number) {
  block.writeUInt32LE(block.length - BLOCK_HEAD_BYTES, 0);
  block.writeUInt32LE(number, 4);
  block.writeUInt32LE(checksumOfBlock(block), 8);
}

/**
 * The payload of a block.
 *
 * @param {Buffer} block head and payload
 * @param {number} number of blocks before it
 */
function openBlock(block, number) {
  const isRight =
    block.readUInt32LE(0) === block.length - BLOCK_HEAD_BYTES &&
    block.readUInt32LE(4) === number &&
    block.readUInt32LE(8) === checksumOfBlock(block);
  if (!isRight) throw new Damage(`a damaged block ${number}`);
  return block.subarray(BLOCK_HEAD_BYTES);
}

/** @param {Buffer} block */
function checksumOfBlock(block) {
  return checksum(block.subarray(BLOCK_HEAD_BYTES), checksum(block.subarray(0, 8)));
}

/** @param {Contents} contents */
function trailerOf({ entries, streamBytes, blocks }) {
  const trailer = Buffer.alloc(TRAILER_BYTES);
  TRAILER_MAGIC.copy(trailer, 0);
  trailer.writeDoubleLE(entries, 8);
  trailer.writeDoubleLE(streamBytes, 16);
  trailer.writeUInt32LE(blocks, 24);
  trailer.writeUInt32LE(checksum(trailer.subarray(0, 28)), 28);
  return trailer;
}

/**
 * What a file of this size holds.
 *
 * @param {Buffer} trailer
 * @param {number} fileBytes
 * @returns {Contents}
 */
function contentsOf(trailer, fileBytes) {
  const isTrailer =
    trailer.subarray(0, 8).equals(TRAILER_MAGIC) &&
    trailer.readUInt32LE(28) === checksum(trailer.subarray(0, 28));
  if (!isTrailer) throw new Damage('one that was cut off');
  const entries = trailer.readDoubleLE(8);
  const streamBytes = trailer.readDoubleLE(16);
  const blocks = trailer.readUInt32LE(24);
  const areCounts = [entries, streamBytes].every((it) => Number.isSafeInteger(it) && it >= 0);
  const isWhole =
    areCounts &&
    blocks === Math.ceil(streamBytes / PAYLOAD_BYTES) &&
    fileBytes === bytesOfFile(streamBytes, blocks);
  if (!isWhole) throw new Damage('one of another length');
  return { entries, streamBytes, blocks };
}

/**
 * @param {number} streamBytes
 * @param {number} blocks
 */
function bytesOfFile(streamBytes, blocks) {
  return HEAD_BYTES + streamBytes + blocks * BLOCK_HEAD_BYTES + TRAILER_BYTES;
}

module.exports = {
  BLOCK_BYTES,
  BLOCK_HEAD_BYTES,
  Damage,
  HEAD_BYTES,
  PAYLOAD_BYTES,
  TRAILER_BYTES,
  bytesOfFile,
  checkHead,
  contentsOf,
  headOfFile,
  openBlock,
  sealBlock,
  trailerOf,
};
