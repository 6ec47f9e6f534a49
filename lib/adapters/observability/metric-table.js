/**
 * The metrics of stores: which fields of `stats` they show, and what they are called.
 *
 * Knows no registry. Names are those that caches have elsewhere. Invariant: a name says its unit,
 * and that of a counter ends in `_total`.
 */
'use strict';

/**
 * @typedef {object} Metric
 * @property {string} field of `stats`
 * @property {string} name without its prefix
 * @property {string} help
 * @property {boolean} isCounter
 * @property {boolean} isOwn whether each thread has a figure of its own, to be added up
 * @property {number} factor from the unit of the field to that of the name
 * @property {Readonly<Record<string, string>>} labels
 */

const SECONDS_A_MS = 1e-3;
const OWN = Object.freeze({ isOwn: true });
const OWN_TIME = Object.freeze({ isOwn: true, factor: SECONDS_A_MS });
const because = (/** @type {string} */ reason) => Object.freeze({ labels: { reason } });

/** Gauges, then counters. A store has those of its scope. @type {readonly Metric[]} */
const METRICS = Object.freeze([
  gauge('entries', 'entries', 'Live entries'),
  gauge('size', 'size', 'Sum of the sizes of the entries, as their writer gave them'),
  gauge('indexBytes', 'index_bytes', 'Memory of the index'),
  gauge('dataBytes', 'data_bytes', 'Memory of live keys and values'),
  gauge('segmentBytes', 'segment_bytes', 'Memory of the segments that hold entries'),
  gauge('residentBytes', 'resident_bytes', 'Memory taken from the system'),
  gauge('maxBytes', 'max_bytes', 'Room for entries'),
  gauge('participants', 'participants', 'Threads that have the store open'),
  counter('hits', 'hits_total', 'Reads that found an entry'),
  counter('misses', 'misses_total', 'Reads that found none'),
  counter('sets', 'sets_total', 'Values stored'),
  counter('deletes', 'deletes_total', 'Entries removed by callers'),
  counter('evicted', 'evictions_total', 'Entries removed by the store', because('capacity')),
  counter('expired', 'evictions_total', 'Entries removed by the store', because('ttl')),
  counter('loads', 'loads_total', 'Loads that gave a value', OWN),
  counter('loadErrors', 'load_errors_total', 'Loads that failed or could not be stored', OWN),
  counter('loadMs', 'load_seconds_total', 'Time that factories of loads took', OWN_TIME),
  counter('staleServed', 'stale_served_total', 'Stale values given while one was made', OWN),
  counter('lockWaits', 'lock_waits_total', 'Tasks that had to wait for a lock', OWN),
  counter('lockWaitMs', 'lock_wait_seconds_total', 'Time that tasks waited for locks', OWN_TIME),
  counter('locksRecovered', 'locks_recovered_total', 'Locks recovered from the dead'),
]);

/**
 * @param {string} field
 * @param {string} name
 * @param {string} help
 * @returns {Metric}
 */
function gauge(field, name, help) {
  return { field, name, help, isCounter: false, isOwn: false, factor: 1, labels: {} };
}

/**
 * @param {string} field
 * @param {string} name
 * @param {string} help
 * @param {Partial<Metric>} [more]
 * @returns {Metric}
 */
function counter(field, name, help, more = {}) {
  return { ...gauge(field, name, help), isCounter: true, ...more };
}

module.exports = { METRICS };
