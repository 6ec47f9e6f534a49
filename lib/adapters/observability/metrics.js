/**
 * `registerMetrics`: what stores hold and have done, for prom-client or OpenTelemetry.
 *
 * Neither is loaded: a registry takes whatever has the shape of a metric, a meter makes its own.
 * Invariant: numbers are read when they are asked for.
 */
'use strict';

const { isPlain, record } = require('../../arguments/options.js');
const { invalidType, invalidValue } = require('../../errors/errors.js');
const { METRICS } = require('./metric-table.js');
const { read, readingsOf } = require('./metric-values.js');

/** @typedef {import('./metric-table.js').Metric} Metric */
/** @typedef {import('./metric-values.js').Counting} Counting */

const NAMES = Object.freeze(['prefix']);
const PREFIX = 'cache_';
/** What a server says of a fleet's store; what its objects count, each counts for itself. */
const OF_SERVER = Object.freeze(['entries']);
const LABELS = Object.freeze(['store', 'scope']);

/**
 * @param {any} target a registry of prom-client, or a meter of OpenTelemetry
 * @param {Readonly<Record<string, Counting>>} stores by the name that metrics call them
 * @param {unknown} [options]
 */
function registerMetrics(target, stores, options) {
  // A store itself has properties, too, and none of them is a store.
  const isNamed = typeof stores === 'object' && stores !== null && isPlain(stores);
  if (!isNamed) throw invalidType('an object of stores by their names', 'stores', stores);
  const named = Object.entries(stores);
  const prefix = prefixOf(options);
  for (const [name, store] of named) {
    if (typeof store?.stats !== 'function') throw invalidType('a store', `store ${name}`, store);
  }
  const readings = readingsOf(named);
  if (typeof target?.registerMetric === 'function') return inRegistry(target, readings, prefix);
  if (typeof target?.createObservableGauge === 'function') return inMeter(target, readings, prefix);
  throw invalidType('a registry of prom-client or a meter of OpenTelemetry', 'target', target);
}

/** @param {unknown} options */
function prefixOf(options) {
  const { prefix = PREFIX } = record(options, NAMES);
  if (typeof prefix !== 'string') throw invalidType('a string', 'option prefix', prefix);
  if (/^[a-zA-Z_:][\w:]*$|^$/.test(prefix)) return prefix;
  throw invalidValue('the beginning of a name of a metric', 'option prefix', prefix);
}

/** The metrics, each with its fields, by name. @returns {[string, Metric[]][]} */
function families() {
  /** @type {Map<string, Metric[]>} */
  const all = new Map();
  for (const metric of METRICS) all.set(metric.name, [...(all.get(metric.name) ?? []), metric]);
  return [...all];
}

/**
 * @param {any} registry
 * @param {ReturnType<typeof readingsOf>} readings
 * @param {string} prefix
 */
function inRegistry(registry, readings, prefix) {
  /** @type {string[]} */
  const registered = [];
  const remove = () => {
    for (const name of registered.splice(0)) registry.removeSingleMetric(name);
  };
  try {
    for (const metric of metricsOf(readings, prefix)) {
      // It may change the name later, and knows the metric by this one.
      const { name } = metric;
      registry.registerMetric(metric);
      registered.push(name);
    }
  } catch (error) {
    // Whoever registers them once more, under another prefix say, finds none of these.
    remove();
    throw error;
  }
  return remove;
}

/**
 * @param {ReturnType<typeof readingsOf>} readings
 * @param {string} prefix
 */
function metricsOf(readings, prefix) {
  // A registry has one rule for all that bears a name.
  const scopes = readings.map(({ labels: { scope } }) => scope);
  return families().map(([name, metrics]) => {
    const [metric] = /** @type {[Metric]} */ (metrics);
    const { help, isCounter, labels } = metric;
    const type = isCounter ? 'counter' : 'gauge';
    const aggregator = scopes.every((scope) => isOfAll(metric, scope)) ? 'first' : 'sum';
    const told = { name: prefix + name, help, type, aggregator };
    return {
      ...told,
      labelNames: [...LABELS, ...Object.keys(labels)],
      reset: () => {},
      /** A registry of OpenMetrics changes the name of what is registered. @this {typeof told} */
      async get() {
        const values = await read(readings, metrics);
        return { ...told, name: this.name, values };
      },
    };
  });
}

/**
 * Whether each worker of a cluster tells the same number, that of the store that they share.
 *
 * @param {Metric} metric
 * @param {string | undefined} scope
 */
function isOfAll({ name, isOwn }, scope) {
  if (scope === 'machines') return OF_SERVER.includes(name);
  return scope === 'processes' && !isOwn;
}

/**
 * @param {any} meter
 * @param {ReturnType<typeof readingsOf>} readings
 * @param {string} prefix
 */
function inMeter(meter, readings, prefix) {
  const instruments = new Map(
    families().map(([name, [metric]]) => {
      const { help: description, isCounter } = /** @type {Metric} */ (metric);
      const make = isCounter ? meter.createObservableCounter : meter.createObservableGauge;
      return [name, make.call(meter, prefix + name, { description, unit: unitOf(name) })];
    }),
  );
  const all = [...instruments.values()];
  /** @param {any} result */
  const observe = async (result) => {
    for (const { name, value, labels } of await read(readings, METRICS)) {
      result.observe(instruments.get(name), value, labels);
    }
  };
  meter.addBatchObservableCallback(observe, all);
  return () => meter.removeBatchObservableCallback(observe, all);
}

/** As UCUM writes it. @param {string} name */
function unitOf(name) {
  if (name.includes('bytes')) return 'By';
  return name.includes('seconds') ? 's' : '1';
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { registerMetrics, default: registerMetrics };
module.exports = Object.assign(registerMetrics, { registerMetrics, default: registerMetrics });
