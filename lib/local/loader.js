/**
 * What loads of a store of one thread do their own way: they look into its entries, and ask nobody.
 *
 * Knows entries; what the caller gave is checked. Invariant: those who listen are told at the end
 * of each step, and what one of them throws is nobody's who waits for a value.
 */
'use strict';

const { keptExpiry, keptTags } = require('../arguments/load-options.js');
const { storeClosed } = require('../errors/errors.js');
const { NOTHING } = require('../loads/loader.js');
const { FLAG_BITS } = require('./near/near-cache.js');

/** @typedef {InstanceType<typeof import('../loads/load.js').Load>} Load */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').WriteRules>} WriteRules */
/** @typedef {import('../loads/loader.js').LoadScope} LoadScope */

/** @implements {LoadScope} */
class LocalLoadScope {
  #rules;
  #entries;

  /**
   * @param {WriteRules} rules
   * @param {InstanceType<typeof import('./entries.js').Entries>} entries
   */
  constructor(rules, entries) {
    this.#rules = rules;
    this.#entries = entries;
  }

  get isOpen() {
    return this.#entries.table.isOpen;
  }

  moment() {
    return this.#entries.table.tags.moment;
  }

  /**
   * @param {readonly string[]} tags
   * @param {number} asOf
   */
  isInvalidated(tags, asOf) {
    return this.#entries.table.tags.areInvalidated(tags, asOf);
  }

  /**
   * @param {string} string
   * @param {boolean} mayRenew
   */
  find(string, mayRenew) {
    const entries = this.#entries;
    const found = entries.act(() => this.#found(entries.look(string, entries.near.get(string))));
    if (found !== undefined && !(mayRenew && found.isStale)) return fresh(found.value);
    // Listeners were told of what had expired: they may have closed the store, or set the key.
    if (found === undefined && !this.isOpen) throw storeClosed('getOrSet');
    const now = this.isOpen ? this.#found(entries.peek(string)) : undefined;
    const given = found ?? now;
    if (given === undefined) return undefined;
    const isStale = mayRenew && this.isOpen && (now === undefined || now.isStale);
    return isStale
      ? { value: given.value, stale: { value: given.value, mark: 0 } }
      : fresh(given.value);
  }

  /** @param {unknown} value */
  own(value) {
    return value;
  }

  claim() {
    return true;
  }

  follow() {
    return Promise.resolve(NOTHING);
  }

  made() {
    return NOTHING;
  }

  /**
   * @param {Load} load
   * @param {unknown} value
   */
  prepare({ string, asOf, request: { key, how } }, value) {
    const { expiry, staleMs } = keptExpiry(how, value, string, this.#rules.defaultMs);
    const tags = keptTags(how, value, string);
    const write = this.#rules.writeOf(string, key, value, expiry, how.size);
    write.staleMs = staleMs;
    write.tags = tags;
    write.asOf = asOf;
    // What is not to be stored, or not any more.
    if (write.ttlMs < 0) return undefined;
    return () => this.#apart((entries) => entries.put(write));
  }

  /** @param {string} string */
  drop(string) {
    this.#apart((entries) => entries.remove(string, 'delete'));
  }

  /**
   * @param {string} string
   * @param {number} freshMs
   */
  refresh(string, freshMs) {
    this.#apart((entries) => entries.table.refresh(entries.peek(string), freshMs));
  }

  /**
   * The entry of a code, if it is one.
   *
   * @param {number} code
   */
  #found(code) {
    if (code === 0) return undefined;
    const { table, values } = this.#entries;
    return { value: values[code >> FLAG_BITS], isStale: table.isStale(code) };
  }

  /**
   * @template T
   * @param {(entries: InstanceType<typeof import('./entries.js').Entries>) => T} act
   */
  #apart(act) {
    const { events } = this.#entries;
    const isObserved = events.begin();
    const given = act(this.#entries);
    if (isObserved) events.endApart();
    return given;
  }
}

/** @param {unknown} value */
function fresh(value) {
  return { value, stale: undefined };
}

module.exports = { LocalLoadScope };
