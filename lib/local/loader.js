/**
 * `getOrSet`: the value of an entry, or of the one load that makes it.
 *
 * Knows entries and loads; what the caller gave is checked. Invariant: a factory's result is
 * stored once, by the load, with the options of the call that started it.
 */
'use strict';

const { Expiry } = require('../arguments/expiry.js');
const { keptExpiry } = require('../arguments/load-options.js');
const { storeClosed } = require('../errors/errors.js');
const { FLAG_BITS } = require('./near-cache.js');

/** @typedef {InstanceType<typeof import('../loads/loads.js').Loads>} Loads */
/** @typedef {import('../arguments/load-options.js').LoadOptions} LoadOptions */
/** @typedef {import('../arguments/load-options.js').LoadRequest} LoadRequest */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').Write>} Write */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').WriteRules>} WriteRules */

/** @typedef {{ value: unknown, leftMs: number }} Live */

class Loader {
  #loads;
  #rules;
  #entries;

  /**
   * @param {Loads} loads
   * @param {WriteRules} rules
   * @param {InstanceType<typeof import('./entries.js').Entries>} entries
   */
  constructor(loads, rules, entries) {
    this.#loads = loads;
    this.#rules = rules;
    this.#entries = entries;
  }

  /**
   * @param {LoadRequest} load
   * @returns {Promise<unknown>}
   */
  load(load) {
    const { string, how } = load;
    const entries = this.#entries;
    const found = entries.act(() => this.#found(entries.look(string, entries.near.get(string))));
    if (found !== undefined && !isStale(found, how)) return Promise.resolve(found.value);
    // Listeners were told of what had expired: they may have closed the store, or set the key.
    const isOpen = entries.table.id !== 0;
    if (found === undefined && !isOpen) throw storeClosed('getOrSet');
    const now = isOpen ? this.#found(entries.peek(string)) : undefined;
    const given = found ?? now;
    if (given === undefined) return this.#loads.wait(string, this.#join(load), how.signal);
    // Nobody waits for a renewal, so nobody can give it up, nor is told when it fails.
    if (isOpen && (now === undefined || isStale(now, how))) this.#join(load).waiting += 1;
    return Promise.resolve(given.value);
  }

  /**
   * The entry of a code, if it is one.
   *
   * @param {number} code
   * @returns {Live | undefined}
   */
  #found(code) {
    if (code === 0) return undefined;
    const { table, values } = this.#entries;
    return { value: values[code >> FLAG_BITS], leftMs: table.leftMs(code) };
  }

  /** @param {LoadRequest} load */
  #join(load) {
    const { string, factory } = load;
    return this.#loads.join(string, factory, (value) => this.#prepared(load, value));
  }

  /**
   * How a result is stored, if it is to be. What runs the caller's code runs here, before it is
   * known whether the result still counts.
   *
   * @param {LoadRequest} load
   * @param {unknown} value
   */
  #prepared({ string, key, how }, value) {
    const expiry = keptExpiry(how, value, string, this.#rules.defaultMs);
    if (expiry === Expiry.PAST) return () => {};
    const write = this.#rules.writeOf(string, key, value, expiry, how.size);
    return () => this.#put(write);
  }

  /** @param {Write} write */
  #put(write) {
    const { events } = this.#entries;
    const isObserved = events.begin();
    this.#entries.put(write);
    if (isObserved) events.endApart();
  }
}

/**
 * Whether an entry is to be renewed.
 *
 * @param {Live} found
 * @param {LoadOptions} how
 */
function isStale({ leftMs }, { staleMs }) {
  return staleMs > 0 && leftMs <= staleMs;
}

module.exports = { Loader };
