/**
 * Reads a snapshot file, block after block, and the entries in it.
 *
 * Knows no stores. Holds one block, and a record that goes on in the next ones. Invariant: nothing
 * of a block is looked at before its checksum was right, and what is not as `snapshots.md`
 * says is `ERR_CORRUPTED`.
 */
'use strict';

const fs = require('node:fs/promises');
const { constants } = require('node:fs');
const errors = require('../errors/errors.js');
const format = require('./format.js');
const { entryOf, lengthOf } = require('./record.js');
const { ForeignClone } = require('./values.js');

/** Opening what is no file, a pipe for instance, must not wait for whoever is at its other end. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

const { Damage } = format;
/** @type {Buffer} */
const NOTHING = Buffer.alloc(0);

class SnapshotReader {
  /** What the file holds. @type {import('./format.js').Contents} */
  contents;
  /** Of the file. */
  fileBytes;
  #file;
  #handle;
  #block = Buffer.alloc(format.BLOCK_BYTES);
  /** What was read of the stream and is not taken. */
  #unread = NOTHING;
  /** Of a record that is not whole yet: parts that were read, and how long it is at least. */
  #parts = /** @type {Buffer[]} */ ([]);
  #partBytes = 0;
  #recordBytes = 0;
  #blocks = 0;
  #entries = 0;
  #streamBytes = 0;

  /**
   * @param {string} file
   * @param {import('node:fs/promises').FileHandle} handle
   * @param {import('./format.js').Contents} contents
   * @param {number} fileBytes
   */
  constructor(file, handle, contents, fileBytes) {
    this.#file = file;
    this.#handle = handle;
    this.contents = contents;
    this.fileBytes = fileBytes;
  }

  /**
   * Opens a file that has the head, the length and the trailer of a snapshot.
   *
   * @param {string} file
   */
  static async open(file) {
    const handle = await fs.open(file, FLAGS);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new Damage('something that is no file');
      const least = format.HEAD_BYTES + format.TRAILER_BYTES;
      if (stat.size < least) throw new Damage(`one of ${stat.size} bytes`);
      format.checkHead(await readAt(handle, Buffer.alloc(format.HEAD_BYTES), 0));
      const trailer = Buffer.alloc(format.TRAILER_BYTES);
      await readAt(handle, trailer, stat.size - format.TRAILER_BYTES);
      const contents = format.contentsOf(trailer, stat.size);
      return new SnapshotReader(file, handle, contents, stat.size);
    } catch (error) {
      await handle.close();
      throw failureOf(error, file);
    }
  }

  /** Of the file, how much was read. */
  get bytes() {
    return Math.min(this.fileBytes, format.bytesOfFile(this.#streamBytes, this.#blocks));
  }

  /** Begins anew. */
  rewind() {
    this.#unread = NOTHING;
    this.#parts = [];
    this.#partBytes = 0;
    this.#blocks = 0;
    this.#entries = 0;
    this.#streamBytes = 0;
  }

  /** Reads the next block; whether there was one. At the end all has to be there. */
  async advance() {
    try {
      return await this.#advance();
    } catch (error) {
      throw failureOf(error, this.#file);
    }
  }

  /** The entries that are whole now. */
  *entries() {
    for (let record = this.#next(); record !== undefined; record = this.#next()) {
      yield this.#decoded(record);
    }
  }

  async close() {
    await this.#handle.close();
  }

  async #advance() {
    const { contents } = this;
    if (this.#blocks === contents.blocks) {
      const isWhole = this.#entries === contents.entries && this.#partBytes === 0;
      if (!isWhole) throw new Damage('one with another number of entries');
      return false;
    }
    const left = contents.streamBytes - this.#streamBytes;
    const payloadBytes = Math.min(left, format.PAYLOAD_BYTES);
    const block = this.#block.subarray(0, format.BLOCK_HEAD_BYTES + payloadBytes);
    await readAt(this.#handle, block, format.HEAD_BYTES + this.#blocks * format.BLOCK_BYTES);
    const payload = format.openBlock(block, this.#blocks);
    this.#blocks += 1;
    this.#streamBytes += payloadBytes;
    this.#join(payload);
    return true;
  }

  /**
   * The next record that is whole, if there is one.
   *
   * @returns {Buffer | undefined}
   */
  #next() {
    const unread = this.#unread;
    if (unread.length === 0) return undefined;
    try {
      const length = lengthOf(unread);
      if (length > unread.length) return this.#keep(length);
      this.#unread = unread.subarray(length);
      this.#entries += 1;
      return unread.subarray(0, length);
    } catch (error) {
      throw failureOf(error, this.#file);
    }
  }

  /** @param {Buffer} record */
  #decoded(record) {
    try {
      return entryOf(record);
    } catch (error) {
      const isKnown = error instanceof Damage || error instanceof ForeignClone;
      if (isKnown) throw failureOf(error, this.#file);
      throw errors.damagedSnapshot(this.#file, 'one with a value that cannot be read', error);
    }
  }

  /**
   * Goes on with a record that was not whole.
   *
   * @param {Buffer} payload
   */
  #join(payload) {
    if (this.#parts.length === 0) {
      this.#unread = payload;
      return;
    }
    const bytes = this.#partBytes + payload.length;
    const isWhole = bytes >= this.#recordBytes;
    // The block is read into again.
    this.#parts.push(isWhole ? payload : Buffer.from(payload));
    this.#partBytes = bytes;
    if (!isWhole) return;
    this.#unread = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
  }

  /**
   * Keeps the beginning of a record for the next block.
   *
   * @param {number} length of the record, as far as its head says it
   */
  #keep(length) {
    const begun = this.#unread;
    this.#unread = NOTHING;
    if (length > begun.length + this.contents.streamBytes - this.#streamBytes) {
      throw new Damage('one with a length past its end');
    }
    this.#parts = [Buffer.from(begun)];
    this.#partBytes = begun.length;
    this.#recordBytes = length;
    return undefined;
  }
}

/**
 * The error for what went wrong with a file: what the system says is its own.
 *
 * @param {unknown} error
 * @param {string} file
 */
function failureOf(error, file) {
  if (error instanceof ForeignClone) return errors.foreignSnapshot(file);
  return error instanceof Damage ? errors.damagedSnapshot(file, error.message) : error;
}

/**
 * Fills a buffer from a place of a file.
 *
 * @param {import('node:fs/promises').FileHandle} handle
 * @param {Buffer} into
 * @param {number} position
 */
async function readAt(handle, into, position) {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new Damage('one that was cut off');
    done += bytesRead;
  }
  return into;
}

module.exports = { SnapshotReader };
