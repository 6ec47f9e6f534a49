/**
 * The entries of a `SharedStore` as snapshots give and take them.
 *
 * Knows the entries of one store, no file. Values are decoded and encoded anew: in the store they
 * are bytes that mean something only beside its structures. Invariant: what is there throughout a
 * walk is seen once, and nothing is seen twice.
 */
'use strict';

const { KeyForm, isOfNamespace, restoredString, writtenKey } = require('../../snapshot/keys.js');
const { ALL } = require('../../arguments/filter.js');
const { givenTags } = require('../../keys/keyspace.js');
const { storeClosed } = require('../../errors/errors.js');

/** @typedef {InstanceType<typeof import('../backend.js').SharedBackend>} SharedBackend */
/** @typedef {InstanceType<typeof import('../../arguments/writes.js').WriteRules>} WriteRules */
/** @typedef {import('../../snapshot/record.js').StoredEntry} StoredEntry */
/** @typedef {import('../../snapshot/record.js').ReadEntry} ReadEntry */

class SharedSource {
  #backend;
  /** Another store of the name is another source. */
  #entries;
  #rules;
  #method;

  /**
   * @param {SharedBackend} backend
   * @param {WriteRules} rules
   * @param {string} method for whom
   */
  constructor(backend, rules, method) {
    this.#backend = backend;
    this.#entries = backend.entries;
    this.#rules = rules;
    this.#method = method;
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
      const [next, ...strings] = this.#open().listing.keysFrom(cursor, ALL);
      // Where a key is met follows from its hash, but one that comes and goes may be met again.
      for (const string of new Set(strings)) {
        const found = this.#open().watch(string);
        if (found === undefined) continue;
        const { value, leftMs, tags } = found;
        const isTimed = leftMs !== Number.POSITIVE_INFINITY;
        const deadline = isTimed ? Date.now() + leftMs : 0;
        const staleMs = isTimed ? Math.ceil(this.#open().staleness(string)?.staleMs ?? 0) : 0;
        const given = givenTags(tags);
        yield { ...writtenKey(string, KeyForm.STRING), value, deadline, staleMs, tags: given };
      }
      cursor = next;
    } while (cursor !== 0);
  }

  /** Only the store itself knows what it has room for, when it is asked. */
  admit() {}

  /**
   * @param {ReadEntry} entry
   * @param {number} ttlMs 0 for none
   * @param {number} when
   */
  put({ form, string, value, staleMs, tags }, ttlMs, when) {
    const restored = restoredString(form, string);
    if (isOfNamespace(form)) this.#backend.noteNamespace();
    const write = this.#rules.writeOf(restored, restored, value, ttlMs, undefined);
    write.staleMs = staleMs;
    write.tags = tags;
    return this.#backend.write(write, when);
  }

  #open() {
    const { isOpen, entries } = this.#backend;
    if (!isOpen || entries !== this.#entries) throw storeClosed(this.#method);
    return entries;
  }
}

module.exports = { SharedSource };
