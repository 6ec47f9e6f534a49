/**
 * The policies: ours and LRU by the public calls of their packages, FIFO by hand.
 *
 * A policy opens a cache with `get(key)` and `set(key, value)` and room for so many entries, and
 * says after a replay whether its own account agrees with the count of misses. Nothing here knows
 * a trace.
 */
'use strict';

const { OURS, contender } = require('../../rows/contenders.js');

const LRU = 'lru-cache';
const FIFO = 'fifo';
const OPTIMUM = 'optimum';

const POLICIES = [
  { name: OURS, open: openBounded(OURS), close: (cache) => cache.close(), check: checkStats },
  { name: LRU, open: openBounded(LRU), check: checkSize },
  { name: FIFO, open: (entries) => new Fifo(entries), check: checkSize },
];

function openBounded(name) {
  return (entries, storePath) => contender(name).prepare(storePath)(entries, { bounded: true });
}

/** What came first goes first, whether it was asked for again or not. */
class Fifo {
  #values = new Map();
  /** The keys in a circle; the next place holds the oldest. */
  #keys;
  #next = 0;

  constructor(entries) {
    this.#keys = new Array(entries).fill(undefined);
  }

  get size() {
    return this.#values.size;
  }

  get(key) {
    return this.#values.get(key);
  }

  /** Only for keys that are not there. */
  set(key, value) {
    this.#values.delete(this.#keys[this.#next]);
    this.#keys[this.#next] = key;
    this.#next = (this.#next + 1) % this.#keys.length;
    this.#values.set(key, value);
  }
}

/** What `stats()` says is what was seen from outside. */
function checkStats(store, { requests, misses, entries }) {
  const { hits, misses: missed, sets, evicted, entries: held } = store.stats();
  const said = { hits, missed, sets, evicted, held };
  const size = Math.min(misses, entries);
  const seen = { hits: requests - misses, missed: misses, sets: misses, held: size };
  seen.evicted = misses - size;
  for (const [name, count] of Object.entries(seen)) {
    if (said[name] !== count) throw new Error(`stats: ${name} ${said[name]}, not ${count}`);
  }
}

function checkSize(cache, { misses, entries }) {
  const size = Math.min(misses, entries);
  if (cache.size !== size) throw new Error(`size ${cache.size}, not ${size}`);
}

module.exports = { FIFO, LRU, OPTIMUM, POLICIES };
