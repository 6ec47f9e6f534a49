/**
 * Limits of a store of one thread: an entry each, while some of it is taken.
 *
 * Knows the entries of a store; what a limit allows, the native core says. The deadline of the
 * entry is when all of the limit is there again, its value how much was taken since it was.
 * Invariant: a refusal changes nothing.
 */
'use strict';

const { sizeArgument } = require('../arguments/writes.js');
const errors = require('../errors/errors.js');
const { keyOf } = require('../keys/keyspace.js');
const { Register } = require('../native/contract.js');
const native = require('../native/loader.js');
const { FLAG_BITS, TIMED } = require('./near/near-cache.js');

const { registers, limit: ask } = native;
const { AMOUNT, DEADLINE_MS, LIMIT_BURST, LIMIT_COST, LIMIT_LEFT } = Register;
const { LIMIT_PER_MS, LIMIT_RATE, LIMIT_RETRY_MS } = Register;

/** What the native core answers. */
const ALLOWED = 1;
const PASSED = -1;
/** In place of what was taken: nothing yet. */
const NEW = -1;

/** @typedef {InstanceType<typeof import('./entries.js').Entries>} Entries */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').WriteRules>} WriteRules */
/** @typedef {import('../arguments/limit.js').Limit} Limit */
/** @typedef {import('../arguments/limit.js').Rate} Rate */
/** @typedef {{ allowed: boolean, remaining: number, retryMs: number }} Verdict */

class Limiter {
  #entries;
  #rules;

  /**
   * @param {Entries} entries
   * @param {WriteRules} rules
   */
  constructor(entries, rules) {
    this.#entries = entries;
    this.#rules = rules;
  }

  /**
   * Takes from a limit, if that allows it.
   *
   * @param {Limit} limit
   * @returns {Verdict}
   */
  take(limit) {
    return this.#takeMore(limit) ?? this.#begin(limit);
  }

  /**
   * The same of one that was taken from; `undefined` when all of it is there.
   *
   * @param {Limit} limit
   */
  #takeMore({ string, rate }) {
    const entries = this.#entries;
    const code = this.#code(string);
    if (code === 0) return undefined;
    const slot = code >> FLAG_BITS;
    const count = entries.values[slot];
    if (typeof count !== 'number') {
      // The core looks at the deadlines of numbers only.
      if (entries.find(string) === 0) return undefined;
      throw errors.notANumber(keyOf(string), count);
    }
    if ((code & TIMED) === 0) {
      return { allowed: false, remaining: 0, retryMs: Number.POSITIVE_INFINITY };
    }
    const answer = this.#ask(slot, Math.max(count, 0) || 0, rate);
    if (answer === PASSED) {
      // A moment ago it had not: the core is asked, and drops it.
      entries.askAnew(string);
      return undefined;
    }
    if (answer === ALLOWED && rate.cost > 0) {
      entries.overwrite(string, code, /** @type {number} */ (registers[AMOUNT]));
    }
    return verdict(answer);
  }

  /**
   * The code of the entry, or 0. Whether the deadline of a limit has passed the core looks at
   * anyway.
   *
   * @param {string} string
   */
  #code(string) {
    const known = this.#entries.near.get(string);
    const isSure = known !== undefined && (known & TIMED) !== 0 && this.#entries.table.isOf(known);
    return isSure ? known : this.#entries.find(string);
  }

  /**
   * Takes from a limit all of which is there. To measure the entry may run the caller's code.
   *
   * @param {Limit} limit
   * @returns {Verdict}
   */
  #begin(limit) {
    const { string, key, rate } = limit;
    const whole = { allowed: true, remaining: rate.burst - rate.cost, retryMs: 0 };
    if (rate.cost === 0) return whole;
    const entries = this.#entries;
    const firstMs = Math.max(1, Math.ceil((rate.cost / rate.units) * rate.perMs));
    const size = rate.size === undefined ? undefined : sizeArgument(rate.size, 'option size');
    const write = this.#rules.writeOf(string, key, rate.cost, firstMs, size);
    if (!entries.table.isOpen) throw errors.storeClosed('limit');
    if (this.#rules.isSized) {
      const again = this.#takeMore(limit);
      if (again !== undefined) return again;
    }
    entries.put(write);
    // To the microsecond, which a time to live is not.
    const code = entries.find(string);
    if (code !== 0) this.#ask(code >> FLAG_BITS, NEW, rate);
    return whole;
  }

  /**
   * Asks the native core about the limit at a slot.
   *
   * @param {number} slot
   * @param {number} count
   * @param {Rate} rate
   */
  #ask(slot, count, rate) {
    const { table } = this.#entries;
    // It may tell the time, which comes before the registers.
    const { id } = table;
    registers[AMOUNT] = count;
    registers[LIMIT_RATE] = rate.units;
    registers[LIMIT_PER_MS] = rate.perMs;
    registers[LIMIT_BURST] = rate.burst;
    registers[LIMIT_COST] = rate.cost;
    const answer = ask(id, slot);
    if (answer === ALLOWED) {
      table.deadlines[slot] = /** @type {number} */ (registers[DEADLINE_MS]);
      if (slot < table.freshUntil.length) table.freshUntil[slot] = Number.POSITIVE_INFINITY;
    }
    return answer;
  }
}

/**
 * What the registers say of an answer.
 *
 * @param {number} answer
 * @returns {Verdict}
 */
function verdict(answer) {
  const remaining = /** @type {number} */ (registers[LIMIT_LEFT]);
  if (answer === ALLOWED) return { allowed: true, remaining, retryMs: 0 };
  const retryMs = Math.ceil(/** @type {number} */ (registers[LIMIT_RETRY_MS]));
  return { allowed: false, remaining, retryMs };
}

module.exports = { Limiter };
