/**
 * The entries of a `SharedStore` as snapshots give and take them.
 *
 * Knows the entries of one store, no file. Values are decoded and encoded anew: in the store they
 * are bytes that mean something only beside its structures. Invariant: what is there throughout a
 * walk is seen once, and nothing is seen twice.
 */
'use strict';

const { KeyForm, restoredString } = require('../snapshot/keys.js');

/** @typedef {InstanceType<typeof import('./shared-entries.js').SharedEntries>} Entries */
/** @typedef {import('../snapshot/record.js').StoredEntry} StoredEntry */
/** @typedef {import('../snapshot/record.js').ReadEntry} ReadEntry */

class SharedEntries {
  #open;
  #put;

  /**
   * @param {() => Entries} open throws once the store is closed
   * @param {(string: string, value: unknown, ttlMs: number) => unknown} put
   */
  constructor(open, put) {
    this.#open = open;
    this.#put = put;
  }

  check() {
    this.#open();
  }

  size() {
    return this.#open().size();
  }

  /** @returns {Generator<StoredEntry, void>} */
  *entries() {
    let cursor = 0;
    do {
      const [next, ...strings] = this.#open().keysFrom(cursor);
      // Where a key is met follows from its hash, but one that comes and goes may be met again.
      for (const string of new Set(strings)) {
        const found = this.#open().look(string);
        if (found === undefined) continue;
        const { value, leftMs } = found;
        const deadline = leftMs === Number.POSITIVE_INFINITY ? 0 : Date.now() + leftMs;
        yield { string, form: KeyForm.STRING, value, deadline };
      }
      cursor = next;
    } while (cursor !== 0);
  }

  /** Only the store itself knows what it has room for, when it is asked. */
  admit() {}

  /**
   * @param {ReadEntry} entry
   * @param {number} ttlMs 0 for none
   */
  put({ form, string, value }, ttlMs) {
    this.#put(restoredString(form, string), value, ttlMs);
  }
}

module.exports = { SharedEntries };
