/**
 * The entries of a `MemoryStore` as snapshots give and take them.
 *
 * Knows the entries of one store, no file. A walk sees the entries that are there when it begins,
 * in their order. Invariant: it sees none twice, and ends, whatever is added meanwhile.
 */
'use strict';

const { FLAG_BITS, OTHER_FORM } = require('../near/near-cache.js');
const { givenTags, keyOf } = require('../../keys/keyspace.js');
const { ALL } = require('../../arguments/filter.js');
const native = require('../../native/loader.js');
const { When } = require('../../arguments/writes.js');
const { storeClosed } = require('../../errors/errors.js');
const {
  KeyForm,
  formOfObject,
  formOfPrimitive,
  restoredString,
  writtenKey,
} = require('../../snapshot/keys.js');

/** @typedef {InstanceType<typeof import('../entries.js').Entries>} Entries */
/** @typedef {InstanceType<typeof import('../backend.js').LocalBackend>} LocalBackend */
/** @typedef {InstanceType<typeof import('../../arguments/writes.js').WriteRules>} WriteRules */
/** @typedef {import('../../snapshot/record.js').StoredEntry} StoredEntry */
/** @typedef {import('../../snapshot/record.js').ReadEntry} ReadEntry */

class LocalSource {
  #backend;
  #rules;
  #method;

  /**
   * @param {LocalBackend} backend
   * @param {WriteRules} rules
   * @param {string} method for whom
   */
  constructor(backend, rules, method) {
    this.#backend = backend;
    this.#rules = rules;
    this.#method = method;
  }

  check() {
    this.#open();
  }

  size() {
    return this.#open().act((entries) => entries.size());
  }

  /** @returns {Generator<StoredEntry, void>} */
  *entries() {
    const { table } = this.#open();
    // What is added goes behind all the rest: where the first of it stands, the walk ends.
    const newcomers = table.newcomers.begin();
    const cursor = native.openCursor(table.id);
    try {
      /** @type {[string]} */
      const key = [''];
      for (;;) {
        const entries = this.#open();
        const slot = native.advance(table.id, cursor, ALL.written, key);
        if (slot === 0 || newcomers.has(slot)) return;
        const entry = this.#look(entries, key[0]);
        if (entry !== undefined) yield entry;
      }
    } finally {
      table.newcomers.end(newcomers);
      if (table.isOpen) native.closeCursor(table.id, cursor);
    }
  }

  /**
   * Whether the store takes entries of such a size.
   *
   * @param {ReadEntry} entry
   */
  admit({ string, value }) {
    this.#rules.size(undefined, value, string);
  }

  /**
   * @param {ReadEntry} entry
   * @param {number} ttlMs 0 for none
   * @param {number} when
   */
  put({ form, string: written, key, value, staleMs, tags }, ttlMs, when) {
    const string = restoredString(form, written);
    // May run the caller's code, which may close the store.
    const write = this.#rules.writeOf(string, key, value, ttlMs, undefined);
    write.staleMs = staleMs;
    write.tags = tags;
    const entries = this.#open();
    const isObserved = entries.events.begin();
    const isWanted = when === When.ALWAYS || entries.find(string) === 0;
    if (isWanted) entries.put(write);
    if (isObserved) entries.events.endApart();
    return isWanted;
  }

  #open() {
    if (!this.#backend.isOpen) throw storeClosed(this.#method);
    return this.#backend.entries;
  }

  /**
   * An entry, if it is still live. Nobody learns of it, but of those that are due.
   *
   * @param {Entries} entries
   * @param {string} string
   * @returns {StoredEntry | undefined}
   */
  #look(entries, string) {
    const isObserved = entries.events.begin();
    const code = entries.peek(string);
    const leftMs = code === 0 ? 0 : entries.table.leftMs(code);
    const value = entries.values[code >> FLAG_BITS];
    const form = formOf(entries.table, code, keyOf(string));
    const staleMs = entries.table.staleMs(code);
    const tags = givenTags(entries.table.tags.of(code >> FLAG_BITS));
    if (isObserved) entries.events.endApart();
    if (leftMs === 0) return undefined;
    const isTimed = leftMs !== Number.POSITIVE_INFINITY;
    const deadline = isTimed ? Date.now() + leftMs : 0;
    return { ...writtenKey(string, form), value, deadline, staleMs, tags };
  }
}

/**
 * The form of the key of an entry.
 *
 * @param {Entries['table']} table
 * @param {number} code
 * @param {string} string
 */
function formOf(table, code, string) {
  if ((code & OTHER_FORM) === 0) return KeyForm.STRING;
  const original = table.originals.get(code >> FLAG_BITS);
  return original === undefined ? formOfPrimitive(string) : formOfObject(string, original);
}

module.exports = { LocalSource };
