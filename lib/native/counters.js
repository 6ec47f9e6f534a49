/**
 * The counters of stores: what each is called, in which order they come, what it counts.
 *
 * Written by `npm run contract` from `src/contract`, and never by hand: a test fails while this
 * file says anything else. Knows nothing.
 */
'use strict';

/** The counters of a local store, in the order of `counters`. */
const LOCAL_COUNTERS = Object.freeze([
  Object.freeze({
    name: 'expired',
    unit: 'entries',
    doc: 'Entries removed because their deadline had passed, since the store was opened.',
  }),
  Object.freeze({
    name: 'evicted',
    unit: 'entries',
    doc: 'Entries evicted to make room, since the store was opened.',
  }),
  Object.freeze({
    name: 'size',
    unit: "the caller's unit",
    doc: 'The sum of the sizes of all entries.',
  }),
  Object.freeze({
    name: 'indexBytes',
    unit: 'bytes',
    doc: 'Memory allocated by the native index, without the values.',
  }),
  Object.freeze({
    name: 'entries',
    unit: 'entries',
    doc: 'Entries in the store, expired ones that were not met yet included.',
  }),
]);

/** The counters of a shared store, in the order of `sharedStats`. */
const SHARED_COUNTERS = Object.freeze([
  Object.freeze({
    name: 'entries',
    unit: 'entries',
    doc: 'Entries in the store, expired ones that were not swept yet included.',
  }),
  Object.freeze({
    name: 'hits',
    unit: 'reads',
    doc: 'Reads that found a live entry, by all participants since the store was built.',
  }),
  Object.freeze({
    name: 'misses',
    unit: 'reads',
    doc: 'Reads that found none, by all participants since the store was built.',
  }),
  Object.freeze({
    name: 'sets',
    unit: 'writes',
    doc: 'Writes that took place, by all participants since the store was built.',
  }),
  Object.freeze({
    name: 'deletes',
    unit: 'entries',
    doc: 'Entries deleted or taken, by all participants since the store was built.',
  }),
  Object.freeze({
    name: 'evicted',
    unit: 'entries',
    doc: 'Entries evicted to make room, since the store was built.',
  }),
  Object.freeze({
    name: 'expired',
    unit: 'entries',
    doc: 'Entries removed because their deadline had passed, since the store was built.',
  }),
  Object.freeze({
    name: 'locksRecovered',
    unit: 'locks',
    doc: 'Locks recovered from participants that had died, since the store was built.',
  }),
  Object.freeze({
    name: 'dataBytes',
    unit: 'bytes',
    doc: 'Bytes of live entries: their keys, their values and their heads.',
  }),
  Object.freeze({
    name: 'segmentBytes',
    unit: 'bytes',
    doc: 'Bytes of the segments that hold entries, live or not.',
  }),
  Object.freeze({
    name: 'indexBytes',
    unit: 'bytes',
    doc: 'Bytes of the segments that hold the index.',
  }),
  Object.freeze({
    name: 'residentBytes',
    unit: 'bytes',
    doc: 'Bytes of memory that the store has in use, free segments included.',
  }),
  Object.freeze({
    name: 'maxBytes',
    unit: 'bytes',
    doc: 'The most bytes that the segments of the store may take.',
  }),
  Object.freeze({
    name: 'participants',
    unit: 'threads',
    doc: 'Threads of all processes that have the store open.',
  }),
]);

module.exports = { LOCAL_COUNTERS, SHARED_COUNTERS };
