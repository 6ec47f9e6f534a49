/**
 * `registerMetrics`: what stores hold and have done, for prom-client or OpenTelemetry.
 *
 * Neither is loaded: a registry takes whatever has the shape of a metric, a meter makes its own.
 * Invariant: numbers are read when they are asked for, and a store that was closed has none.
 */
'use strict';

const { invalidType } = require('../../errors/errors.js');
const { isPromise } = require('../core/adapted.js');
const { METRICS } = require('./metric-table.js');

/** @typedef {{ stats(): any }} Counting a store of any scope */

/**
 * @param {any} target a registry of prom-client, or a meter of OpenTelemetry
 * @param {Readonly<Record<string, Counting>>} stores by the name that metrics call them
 */
function registerMetrics(target, stores) {
  const named = Object.entries(stores);
  for (const [name, store] of named) {
    if (typeof store?.stats !== 'function') throw invalidType('a store', `store ${name}`, store);
  }
  if (typeof target?.registerMetric === 'function') return inRegistry(target, named);
  if (typeof target?.createObservableGauge === 'function') return inMeter(target, named);
  throw invalidType('a registry of prom-client or a meter of OpenTelemetry', 'target', target);
}

/**
 * @param {any} registry
 * @param {[string, Counting][]} stores
 */
function inRegistry(registry, stores) {
  for (const { field, name, help, isCounter } of METRICS) {
    const type = isCounter ? 'counter' : 'gauge';
    // Each worker of a cluster tells the same numbers of a store that they share.
    const told = { name, help, type, aggregator: 'first' };
    registry.registerMetric({
      ...told,
      labelNames: ['store'],
      reset: () => {},
      /** A registry of OpenMetrics changes the name of what is registered. @this {typeof told} */
      async get() {
        const found = await read(stores, [field]);
        const values = found.map(({ store, value }) => ({ value, labels: { store } }));
        return { ...told, name: this.name, values };
      },
    });
  }
  return () => {
    for (const { name } of METRICS) registry.removeSingleMetric(name);
  };
}

/**
 * @param {any} meter
 * @param {[string, Counting][]} stores
 */
function inMeter(meter, stores) {
  const instruments = new Map(
    METRICS.map(({ field, name, help: description, isCounter }) => {
      const make = isCounter ? meter.createObservableCounter : meter.createObservableGauge;
      return [field, make.call(meter, name, { description })];
    }),
  );
  const all = [...instruments.values()];
  /** @param {any} result */
  const observe = async (result) => {
    for (const { store, field, value } of await read(stores, [...instruments.keys()])) {
      result.observe(instruments.get(field), value, { store });
    }
  };
  meter.addBatchObservableCallback(observe, all);
  return () => meter.removeBatchObservableCallback(observe, all);
}

/**
 * @param {[string, Counting][]} stores
 * @param {string[]} fields
 */
async function read(stores, fields) {
  const found = [];
  for (const [store, { stats }] of stores.map(bound)) {
    const counted = await stats();
    for (const field of fields) {
      if (counted?.[field] !== undefined) found.push({ store, field, value: counted[field] });
    }
  }
  return found;
}

/**
 * @param {[string, Counting]} named
 * @returns {[string, { stats: () => any }]}
 */
function bound([name, store]) {
  return [name, { stats: () => openStats(store) }];
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

// The first line tells an `import` the names; the second is what there is.
module.exports = { registerMetrics, default: registerMetrics };
module.exports = Object.assign(registerMetrics, { registerMetrics, default: registerMetrics });
