/**
 * Folders for snapshot files, stores of both kinds, and files that are made by hand.
 *
 * Must not know how the package writes a file: `forge` follows snapshots.md. Invariant: a
 * folder goes when its test ends, and holds nothing but what the test said.
 */
const assert = require('node:assert/strict');
const { mkdtempSync, readdirSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const zlib = require('node:zlib');
const MemoryStore = require('../../index.js');
const { freshName } = require('./shared-names.js');

const PAYLOAD_BYTES = 256 * 1024 - 12;

/** How to open an empty store of each kind. */
const STORES = {
  'a MemoryStore': () => new MemoryStore(),
  'a SharedStore': () => new MemoryStore.SharedStore({ name: freshName('snapshot') }),
};

/** Runs `body(folder)` with a folder of its own; what `body` leaves in it goes. */
async function withFolder(body) {
  const folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-snapshot-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs `body(file, folder)`; but for that file the folder has to be empty then. */
function withFile(body) {
  return withFolder(async (folder) => {
    const result = await body(path.join(folder, 'file'), folder);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name !== 'file'),
      [],
      'no temporary file is left',
    );
    return result;
  });
}

/** What a file has at its beginning. */
function forgeHead(version = 1) {
  const head = Buffer.alloc(16);
  head.write('SHMSNAPS', 0, 'latin1');
  head.writeUInt32LE(version, 8);
  head.writeUInt32LE(crc(head.subarray(0, 12)), 12);
  return head;
}

/** A block of a payload. */
function forgeBlock(payload, number) {
  const block = Buffer.concat([Buffer.alloc(12), payload]);
  block.writeUInt32LE(payload.length, 0);
  block.writeUInt32LE(number, 4);
  block.writeUInt32LE(crc(Buffer.concat([block.subarray(0, 8), payload])), 8);
  return block;
}

function forgeTrailer({ entries, streamBytes, blocks }) {
  const trailer = Buffer.alloc(32);
  trailer.write('SHMSNEND', 0, 'latin1');
  trailer.writeDoubleLE(entries, 8);
  trailer.writeDoubleLE(streamBytes, 16);
  trailer.writeUInt32LE(blocks, 24);
  trailer.writeUInt32LE(crc(trailer.subarray(0, 28)), 28);
  return trailer;
}

/** A file of records, with all its checksums right. */
function forge(records, { version = 1, entries = records.length } = {}) {
  const stream = Buffer.concat(records);
  const blocks = [];
  for (let at = 0; at < stream.length; at += PAYLOAD_BYTES) {
    blocks.push(forgeBlock(stream.subarray(at, at + PAYLOAD_BYTES), blocks.length));
  }
  const counts = { entries, streamBytes: stream.length, blocks: blocks.length };
  return Buffer.concat([forgeHead(version), ...blocks, forgeTrailer(counts)]);
}

/** A record; what is not said is that of the permanent entry of a number under `'key'`. */
function forgeRecord(said = {}) {
  const { form = 0, width = 1, kind = 1, zero = 0, deadline = 0, staleMs } = said;
  const key = Buffer.from(said.key ?? 'key', width === 2 ? 'utf16le' : 'latin1');
  const value = said.value ?? Buffer.alloc(8);
  const head = Buffer.alloc(20);
  head.set([form, width, kind, zero]);
  head.writeUInt32LE(said.keyBytes ?? key.length, 4);
  head.writeUInt32LE(said.valueBytes ?? value.length, 8);
  head.writeDoubleLE(deadline, 12);
  const stale = Buffer.alloc(staleMs === undefined ? 0 : 8);
  if (staleMs !== undefined) stale.writeDoubleLE(staleMs);
  return Buffer.concat([head, stale, key, value]);
}

/** CRC-32, bit by bit. */
function crc(bytes) {
  if (zlib.crc32 !== undefined) return zlib.crc32(bytes);
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ ((sum & 1) === 0 ? 0 : 0xedb88320);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

module.exports = { PAYLOAD_BYTES, STORES, forge, forgeRecord, withFile, withFolder };
