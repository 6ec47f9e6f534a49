/**
 * The values of metrics: what stores say of themselves now, with their labels.
 *
 * Knows no registry. Invariant: a store that was closed has no values.
 */
'use strict';

const { isPromise } = require('../core/adapted.js');

/** @typedef {import('./metric-table.js').Metric} Metric */
/** @typedef {{ stats(): any, scope?: unknown }} Counting a store of any scope */
/** @typedef {Record<string, string>} Labels */

/**
 * @param {[string, Counting][]} stores
 * @param {readonly Metric[]} metrics
 */
async function read(stores, metrics) {
  /** @type {{ name: string, value: number, labels: Labels }[]} */
  const found = [];
  for (const [name, store] of stores) {
    const counted = await openStats(store);
    const own = { store: name, scope: scopeOf(store) };
    for (const { field, name: metric, factor, labels } of metrics) {
      const value = counted?.[field];
      if (value === undefined) continue;
      found.push({ name: metric, value: value * factor, labels: { ...own, ...labels } });
    }
  }
  return found;
}

/** Who shares a store. @param {Counting} store */
function scopeOf(store) {
  if (Object.prototype.toString.call(store) === '[object FleetStore]') return 'machines';
  return typeof store.scope === 'string' ? store.scope : 'thread';
}

/** @param {Counting} store */
function openStats(store) {
  /** @param {any} error */
  const unlessClosed = (error) => {
    if (error?.code !== 'ERR_STORE_CLOSED') throw error;
    return undefined;
  };
  try {
    const stats = store.stats();
    return isPromise(stats) ? stats.then(undefined, unlessClosed) : stats;
  } catch (error) {
    return unlessClosed(error);
  }
}

module.exports = { read };
