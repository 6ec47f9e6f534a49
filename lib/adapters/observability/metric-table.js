/**
 * The metrics of stores: which fields of `stats` they show, and what they are called.
 *
 * Knows no registry. Invariant: a name says its unit, and that of a counter ends in `_total`.
 */
'use strict';

/** @typedef {{ field: string, name: string, help: string, isCounter: boolean }} Metric */

const PREFIX = 'shared_memory_store_';

/** Fields of `stats`: gauges, then counters. A store has those of its scope. */
const GAUGES = Object.freeze([
  ['entries', 'entries', 'Live entries'],
  ['size', 'size', 'Sum of the sizes of the entries'],
  ['indexBytes', 'index_bytes', 'Memory of the index'],
  ['dataBytes', 'data_bytes', 'Memory of live keys and values'],
  ['segmentBytes', 'segment_bytes', 'Memory of the segments that hold entries'],
  ['residentBytes', 'resident_bytes', 'Memory taken from the system'],
  ['maxBytes', 'max_bytes', 'Room for entries'],
  ['participants', 'participants', 'Threads that have the store open'],
]);
const COUNTERS = Object.freeze([
  ['hits', 'hits_total', 'Reads that found an entry'],
  ['misses', 'misses_total', 'Reads that found none'],
  ['sets', 'sets_total', 'Values stored'],
  ['deletes', 'deletes_total', 'Entries removed by callers'],
  ['evicted', 'evicted_total', 'Entries removed to make room'],
  ['expired', 'expired_total', 'Expired entries that were removed'],
  ['loadErrors', 'load_errors_total', 'Loads that failed or could not be stored'],
  ['locksRecovered', 'locks_recovered_total', 'Locks recovered from the dead'],
]);
/** @type {readonly Metric[]} */
const METRICS = Object.freeze([
  ...GAUGES.map(([field, name, help]) => metricOf(field, name, help, false)),
  ...COUNTERS.map(([field, name, help]) => metricOf(field, name, help, true)),
]);

/**
 * @param {string} field
 * @param {string} name
 * @param {string} help
 * @param {boolean} isCounter
 * @returns {Metric}
 */
function metricOf(field, name, help, isCounter) {
  return { field, name: PREFIX + name, help, isCounter };
}

module.exports = { METRICS };
