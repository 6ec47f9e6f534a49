/**
 * Writes a snapshot file: into a draft beside it, which takes its name when it is whole.
 *
 * Knows records, no entries. Holds one block, and what of one record does not fit in it. Invariant:
 * under the file's name there is a whole snapshot or what was there before, and whatever fails, no
 * temporary file is left.
 */
'use strict';

const { fsync } = require('node:fs');
const fs = require('node:fs/promises');
const path = require('node:path');
const { promisify } = require('node:util');
const { storeForbidden } = require('../native/failures.js');
const { discard, openDraft, removeLeftDrafts } = require('./draft.js');
const { BLOCK_BYTES, BLOCK_HEAD_BYTES, headOfFile, sealBlock, trailerOf } = require('./format.js');

/** By the number of a file: the handles of Yarn's Plug'n'Play cannot. */
const sync = promisify(fsync);
/** @type {Buffer} */
const NONE = Buffer.alloc(0);

class SnapshotWriter {
  entries = 0;
  /** Of the file, so far. */
  bytes = 0;
  #file;
  #draft;
  #block = Buffer.alloc(BLOCK_BYTES);
  #filled = BLOCK_HEAD_BYTES;
  /** Of the last record, what the block had no room for. */
  #rest = NONE;
  #blocks = 0;
  #streamBytes = 0;

  /**
   * @param {string} file
   * @param {import('./draft.js').Draft} draft
   */
  constructor(file, draft) {
    this.#file = file;
    this.#draft = draft;
  }

  /** @param {string} file */
  static async open(file) {
    // A relative name is the one that it is now, should the program change its folder meanwhile.
    const target = path.resolve(file);
    await checkReplaceable(target);
    const folder = path.dirname(target);
    await removeLeftDrafts(folder);
    return new SnapshotWriter(target, await openDraft(folder));
  }

  /** Whether there is something to write before the next record. */
  get isFull() {
    return this.#filled === BLOCK_BYTES;
  }

  /**
   * Takes a record, which is nobody else's from now on. Not when it is full.
   *
   * @param {Buffer} record
   */
  add(record) {
    this.entries += 1;
    this.#streamBytes += record.length;
    this.#rest = record;
    this.#fill();
  }

  /** Writes what is full. */
  async drain() {
    if (this.bytes === 0) await this.#write(headOfFile());
    while (this.isFull) {
      await this.#writeBlock();
      this.#fill();
    }
  }

  /** Writes the rest, and sees to it that the whole is on the disk. */
  async finish() {
    await this.drain();
    if (this.#filled > BLOCK_HEAD_BYTES) await this.#writeBlock();
    const [entries, streamBytes, blocks] = [this.entries, this.#streamBytes, this.#blocks];
    await this.#write(trailerOf({ entries, streamBytes, blocks }));
    if (!this.#draft.isSynced) await sync(this.#draft.handle.fd);
  }

  /** Gives the finished file its name. */
  async publish() {
    await checkReplaceable(this.#file);
    await fs.rename(this.#draft.temporary, this.#file);
    // Held until now; and all that it held is on the disk.
    await this.#draft.handle.close().catch(() => {});
    await syncFolder(path.dirname(this.#file));
  }

  /** Leaves nothing behind. */
  async discard() {
    await discard(this.#draft);
  }

  #fill() {
    const taken = this.#rest.copy(this.#block, this.#filled);
    this.#filled += taken;
    this.#rest = taken === this.#rest.length ? NONE : this.#rest.subarray(taken);
  }

  async #writeBlock() {
    const block = this.#block.subarray(0, this.#filled);
    sealBlock(block, this.#blocks);
    await this.#write(block);
    this.#blocks += 1;
    this.#filled = BLOCK_HEAD_BYTES;
  }

  /** @param {Buffer} bytes */
  async #write(bytes) {
    let written = 0;
    while (written < bytes.length) {
      const length = bytes.length - written;
      const { bytesWritten } = await this.#draft.handle.write(bytes, written, length, null);
      written += bytesWritten;
    }
    this.bytes += bytes.length;
  }
}

/**
 * Refuses a name that a snapshot must not take: of a device, a pipe or a link, which a file in its
 * place would take away from others.
 *
 * @param {string} file
 */
async function checkReplaceable(file) {
  const found = await fs.lstat(file).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  // A folder the system itself refuses to replace.
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw storeForbidden('a regular file, or not there', file, kindOf(found));
}

/** @param {import('node:fs').Stats} found */
function kindOf(found) {
  if (found.isSymbolicLink()) return 'a link';
  return found.isFIFO() || found.isSocket() ? 'a pipe or socket' : 'a device';
}

/**
 * Has the name on the disk, where the system does that for folders.
 *
 * @param {string} folder
 */
async function syncFolder(folder) {
  const handle = await fs.open(folder, 'r').catch(() => undefined);
  if (handle === undefined) return;
  await sync(handle.fd).catch(() => {});
  await handle.close().catch(() => {});
}

module.exports = { SnapshotWriter };
