/**
 * The compact encoding of plain values: records whose structures all threads share.
 *
 * Knows one store. The structures are kept in it, in the order of their ids; whoever meets a new
 * one adds it there before the value that needs it is stored. Invariant: a value that was stored
 * can be decoded by every thread, one that starts later included.
 */
'use strict';

const { StoreError, isEndOfStack, unreadable } = require('../errors/errors.js');
const { Refusal } = require('../native/contract.js');
const failures = require('../native/failures.js');
const native = require('../native/loader.js');

/** Structures that are shared: what is beyond them carries its keys with it. */
const MAX_STRUCTURES = 512;

/** As msgpackr calls it: the buffer is given as it is, and made for many values. */
const REUSE_BUFFER_MODE = 512;
/** How a value is encoded that brings its keys with it. */
const ALONE = Object.freeze({
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  copyBuffers: true,
});

/**
 * Where the structures are: the store in the native core, whose id is 0 once it is closed. Ids are
 * given again, so none is kept here: the next store has the same.
 *
 * @typedef {object} Place
 * @property {number} id
 * @property {(id: number) => Uint8Array | number} [readStructures] of a store that is looked at
 */

class Structures {
  /** @type {Place} */
  #place;
  #packr;
  /** Knows structures that were saved only: a value may be read while one is encoded. */
  #unpackr;
  /** Whether the store has no room for more structures. */
  #isFull = false;
  /** For what the store has no room to share. */
  #selfContained;

  /** @param {Place} place */
  constructor(place) {
    this.#place = place;
    this.#selfContained = new (packrClass())(ALONE);
    this.#packr = this.#makePackr();
    this.#unpackr = this.#makePackr();
  }

  /**
   * A buffer with the bytes of a plain value from `start` to `end`, or with nothing else, until the
   * next is encoded; `undefined` when its structure cannot be shared, or the store is closed: the
   * caller's code may have done that while the value was read.
   *
   * @param {unknown} value
   * @returns {Uint8Array & { start?: number, end?: number } | undefined}
   */
  encode(value) {
    if (this.#isFull || this.#place.id === 0) return undefined;
    try {
      return this.#packr.pack(value, REUSE_BUFFER_MODE);
    } catch (error) {
      const isDamaged = error instanceof StoreError && error.code === 'ERR_CORRUPTED';
      if (!(error instanceof StructuresFull || isDamaged)) throw error;
      // The encoder has noted a structure that nobody else knows: it is used no longer. What brings
      // its keys with it needs none.
      this.#isFull = true;
      return undefined;
    }
  }

  /** @param {unknown} value */
  encodeAlone(value) {
    return this.#selfContained.pack(value);
  }

  /** @param {Uint8Array} source @param {number} length of the value, at its start */
  decode(source, length) {
    return decoded(() => this.#unpackr.unpack(source, length));
  }

  /** @param {Uint8Array} source @param {number} length of the value, at its start */
  decodeAlone(source, length) {
    return decoded(() => this.#selfContained.unpack(source, length));
  }

  #makePackr() {
    return new (packrClass())({
      maxSharedStructures: MAX_STRUCTURES,
      // Nothing that is decoded lies in the scratch.
      copyBuffers: true,
      getStructures: () => this.#read(),
      /** @type {(structures: object[], isCompatible?: unknown) => boolean} */
      saveStructures: (structures, isCompatible) => {
        const current = this.#read();
        const isMine = typeof isCompatible === 'function' ? isCompatible(current) : true;
        if (!isMine) return false;
        const bytes = Buffer.from(JSON.stringify(structures));
        const saved = native.writeStructures(this.#place.id, bytes);
        if (saved < 0) throw new StructuresFull();
        // Another thread was faster: its structures are read, and this one comes after them.
        return saved === 1;
      },
    });
  }

  /** The version goes to a register, for `writeStructures`. */
  #read() {
    const { id, readStructures = native.readStructures } = this.#place;
    const bytes = readStructures(id);
    if (typeof bytes === 'number') throw failures.sharedFailure(bytes, 'its structures');
    return bytes.length === 0 ? [] : parsed(Buffer.from(bytes).toString());
  }
}

/**
 * The structures that a text says: lists of keys.
 *
 * @param {string} text
 * @returns {string[][]}
 */
function parsed(text) {
  try {
    const structures = JSON.parse(text);
    if (Array.isArray(structures) && structures.every(isStructure)) return structures;
  } catch {
    // What is wrong with it quotes what is stored.
  }
  throw failures.sharedFailure(Refusal.CORRUPTED, 'its structures');
}

/** @param {unknown} structure */
function isStructure(structure) {
  return Array.isArray(structure) && structure.every((key) => typeof key === 'string');
}

/**
 * What a decoder gives, whose own errors say nothing of use, and quote what is stored.
 *
 * @template T
 * @param {() => T} decode
 */
function decoded(decode) {
  try {
    return decode();
  } catch (error) {
    if (error instanceof StoreError || isEndOfStack(error)) throw error;
    throw unreadable(false, undefined);
  }
}

class StructuresFull extends Error {}

/**
 * Loaded with the first store that needs it, which is 10 ms. The package brings it along, so that
 * nobody who installs it runs a script of its optional part.
 */
function packrClass() {
  return require('./msgpackr/msgpackr.cjs').Packr;
}

module.exports = { Structures };
