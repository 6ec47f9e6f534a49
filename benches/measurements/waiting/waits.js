/**
 * A histogram of waits, in constant memory and without garbage.
 *
 * Buckets grow by 2 %, which is the precision of a percentile; the longest wait is exact.
 */
'use strict';

const BUCKETS = 1200;
const SHORTEST_MS = 1e-6;
const GROWTH_LOG = Math.log(1.02);

class Waits {
  #counts = new Uint32Array(BUCKETS);
  /** How many waits were added. */
  total = 0;
  #longestMs = 0;

  add(ms) {
    const bucket = ms <= SHORTEST_MS ? 0 : Math.log(ms / SHORTEST_MS) / GROWTH_LOG;
    this.#counts[Math.min(BUCKETS - 1, Math.floor(bucket))] += 1;
    this.total += 1;
    if (ms > this.#longestMs) this.#longestMs = ms;
  }

  longestUs() {
    return this.#longestMs * 1000;
  }

  /** The wait that `share` (0 … 1) of all waits do not exceed. */
  percentileUs(share) {
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      seen += this.#counts[bucket];
      if (seen >= share * this.total) return bucketEndMs(bucket) * 1000;
    }
    return this.longestUs();
  }
}

function bucketEndMs(bucket) {
  return SHORTEST_MS * Math.exp((bucket + 1) * GROWTH_LOG);
}

module.exports = { Waits };
