/**
 * The ways to count: what a worker does, and what has come of it.
 *
 * `loop` makes the work of one worker, a function of its own in each thread. Nothing here knows
 * time. Invariant: an operation adds exactly 1 to what `total` reads.
 */
'use strict';

const { OURS } = require('../rows/contenders.js');

const ONE_KEY = 'hits';
const ALONE_KEY = 'hits of one';
const OWN_KEY = 'hits of ';
/** Where in the shared cells the count is, and how many workers have yet to get ready. */
const Cell = Object.freeze({ COUNT: 0, GATE: 128 });

const COUNTS = {
  [OURS]: {
    pace: 'store',
    loop: ({ store }) => incrementLoop(store, ONE_KEY),
    total: ({ store }) => store.get(ONE_KEY),
  },
  'the same, a counter each': {
    pace: 'store',
    loop: ({ store, number }) => incrementLoop(store, OWN_KEY + number),
    total: ({ store, workers }) => {
      const keys = Array.from({ length: workers }, (_, number) => OWN_KEY + number);
      return keys.reduce((sum, key) => sum + store.get(key), 0);
    },
  },
  'the same, one worker': {
    pace: 'store',
    workers: 1,
    loop: ({ store }) => incrementLoop(store, ALONE_KEY),
    total: ({ store }) => store.get(ALONE_KEY),
  },
  'Atomics.add': {
    pace: 'atomics',
    loop: ({ cells }) => {
      return (amount) => {
        for (let step = 0; step < amount; step += 1) Atomics.add(cells, Cell.COUNT, 1);
      };
    },
    // The cell has 32 bits with a sign; a run counts less than 2^32.
    total: ({ cells }) => Atomics.load(cells, Cell.COUNT) >>> 0,
  },
};

function incrementLoop(store, key) {
  return (amount) => {
    for (let step = 0; step < amount; step += 1) store.increment(key);
  };
}

module.exports = { COUNTS, Cell };
