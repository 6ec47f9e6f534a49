/**
 * The values of metrics: what stores say of themselves now, with their labels.
 *
 * Knows no registry. Invariant: a store that was closed, or fails, has no values, and takes none
 * from the others.
 */
'use strict';

const { WarnOnce } = require('../core/warn-once.js');

/** @typedef {import('./metric-table.js').Metric} Metric */
/** @typedef {{ stats(): any, scope?: unknown }} Counting a store of any scope */
/** @typedef {Record<string, string>} Labels */

/** Of those that do not say it themselves. */
const SCOPES = new Map([
  ['FleetStore', 'machines'],
  ['NodeShareCache', 'processes'],
  ['ShmCache', 'processes'],
]);

/** What one registry or meter reads of a store. */
class Reading {
  #name;
  #store;
  #unread;
  /** Of those who ask in the same turn. @type {Promise<any> | undefined} */
  #answer;

  /** @param {string} name @param {Counting} store */
  constructor(name, store) {
    this.#name = name;
    this.#store = store;
    this.#unread = new WarnOnce(`Metrics leave out the store ${name}`, 'SMS_METRICS_UNREAD');
  }

  get labels() {
    return { store: this.#name, scope: scopeOf(this.#store) };
  }

  /** Its `stats`, if it has some now. A registry asks for each metric: the store is asked once. */
  stats() {
    if (this.#answer === undefined) {
      this.#answer = this.#ask();
      queueMicrotask(() => {
        this.#answer = undefined;
      });
    }
    return this.#answer;
  }

  async #ask() {
    try {
      return await this.#store.stats();
    } catch (/** @type {any} */ error) {
      if (error?.code !== 'ERR_STORE_CLOSED') this.#unread.tell(error);
      return undefined;
    }
  }
}

/** @param {[string, Counting][]} stores */
function readingsOf(stores) {
  return stores.map(([name, store]) => new Reading(name, store));
}

/**
 * @param {Reading[]} readings
 * @param {readonly Metric[]} metrics
 */
async function read(readings, metrics) {
  const all = await Promise.all(readings.map((reading) => reading.stats()));
  /** @type {{ name: string, value: number, labels: Labels }[]} */
  const found = [];
  for (const [index, reading] of readings.entries()) {
    for (const { field, name, factor, labels } of metrics) {
      const value = all[index]?.[field];
      if (value === undefined) continue;
      found.push({ name, value: value * factor, labels: { ...reading.labels, ...labels } });
    }
  }
  return found;
}

/** Who shares a store. @param {Counting} store */
function scopeOf(store) {
  const known = SCOPES.get(Object.prototype.toString.call(store).slice('[object '.length, -1));
  return known ?? (typeof store.scope === 'string' ? store.scope : 'thread');
}

module.exports = { read, readingsOf };
