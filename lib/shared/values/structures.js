/**
 * The compact encoding of plain values: records whose structures all threads share.
 *
 * Knows one store. The structures are kept in it, in the order of their ids; whoever meets a new
 * one adds it there before the value that needs it is stored. Invariant: a value that was stored
 * can be decoded by every thread, one that starts later included.
 */
'use strict';

const { Packr } = require('msgpackr');
const native = require('../../native.js');

/** Where the version is in the exchange. */
const VERSION = 4;
/** Structures that are shared: what is beyond them carries its keys with it. */
const MAX_STRUCTURES = 512;

class Structures {
  #id;
  #packr;
  /** For what the store has no room to share. */
  #selfContained = new Packr({ useRecords: false, mapsAsObjects: true, variableMapSize: true });

  /** @param {number} id of the store in the native core */
  constructor(id) {
    this.#id = id;
    this.#packr = this.#makePackr();
  }

  /**
   * The bytes of a plain value, until the next is encoded; `undefined` when its structure cannot be
   * shared.
   *
   * @param {unknown} value
   * @returns {Uint8Array | undefined}
   */
  encode(value) {
    try {
      return this.#packr.pack(value);
    } catch (error) {
      if (!(error instanceof StructuresFull)) throw error;
      // It has noted a structure that nobody else knows.
      this.#packr = this.#makePackr();
      return undefined;
    }
  }

  /** @param {unknown} value */
  encodeAlone(value) {
    return this.#selfContained.pack(value);
  }

  /** @param {Uint8Array} bytes */
  decode(bytes) {
    return this.#packr.unpack(bytes);
  }

  /** @param {Uint8Array} bytes */
  decodeAlone(bytes) {
    return this.#selfContained.unpack(bytes);
  }

  #makePackr() {
    return new Packr({
      maxSharedStructures: MAX_STRUCTURES,
      getStructures: () => this.#read(),
      /** @type {(structures: object[], isCompatible?: unknown) => boolean} */
      saveStructures: (structures, isCompatible) => {
        const current = this.#read();
        const isMine = typeof isCompatible === 'function' ? isCompatible(current) : true;
        if (!isMine) return false;
        const bytes = Buffer.from(JSON.stringify(structures));
        const saved = native.writeStructures(this.#id, bytes);
        if (saved < 0) throw new StructuresFull();
        // Another thread was faster: its structures are read, and this one comes after them.
        return saved === 1;
      },
    });
  }

  /** The version goes to the exchange, for `writeStructures`. */
  #read() {
    const bytes = native.readStructures(this.#id);
    return bytes.length === 0 ? [] : JSON.parse(Buffer.from(bytes).toString());
  }
}

class StructuresFull extends Error {}

module.exports = { Structures, VERSION };
