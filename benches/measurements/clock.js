/**
 * Clock: what reading the time costs, and what a coarse clock would win for an entry with a TTL.
 *
 * Informational. `lru-cache` reads the time at most once a millisecond by default; told to read it
 * each time (`ttlResolution: 0`) it answers the same question as we do.
 */
'use strict';

const { contender, HOUR_MS, OURS } = require('../rows/contenders.js');
const { launch } = require('../launch.js');
const { makeLoad } = require('../rows/load.js');
const { spread } = require('../report/statistics.js');

const KEYS = 1000;
const SIZES = {
  full: { rounds: 9, operations: 1_000_000 },
  quick: { rounds: 5, operations: 200_000 },
};

/** Measures all contenders in turns in one child; nanoseconds per operation of each. */
function measure({ quick, storePath }) {
  const size = quick ? SIZES.quick : SIZES.full;
  const result = launch('measurements/clock.js', { ...size, storePath });
  if (result.failure !== undefined) return result;
  const contenders = Object.entries(result).map(([name, rounds]) => [name, spread(rounds)]);
  return { keys: KEYS, unit: 'ns', contenders: Object.fromEntries(contenders) };
}

/** Source of each operation over `store`, `key` and `now` (the coarse clock). */
const CLOCKS = {
  'empty loop': '1',
  'Date.now()': 'Date.now()',
  'performance.now()': 'performance.now()',
  'process.hrtime.bigint()': 'Number(process.hrtime.bigint())',
};
const READS = {
  [`${OURS}, get with TTL`]: 'store.ours.get(key).id',
  'lru-cache, get with TTL, ttlResolution 0': 'store.exactLru.get(key).id',
  'Map + deadline, Date.now()': live('Date.now()'),
  'Map + deadline, performance.now()': live('performance.now()'),
  'Map + deadline, coarse clock': live('store.coarse.nowMs'),
};

function live(clock) {
  return `((entry) => entry.deadlineMs > ${clock} ? entry.value.id : -1)(store.map.get(key))`;
}

function child({ rounds, operations, storePath }) {
  const load = makeLoad({}, KEYS);
  const store = openStores(load, storePath);
  const loops = Object.entries({ ...CLOCKS, ...READS }).map(([name, source]) => [
    name,
    makeTimedLoop(source),
  ]);
  for (const [, loop] of loops) loop(store, load, operations);
  const results = Object.fromEntries(loops.map(([name]) => [name, []]));
  const expected = idsOf(load, operations);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, loop] of loops) {
      const begin = process.hrtime.bigint();
      const sum = loop(store, load, operations);
      results[name].push(Number(process.hrtime.bigint() - begin) / operations);
      if (name in READS && sum !== expected) throw new Error(`${name}: a hit was no hit`);
    }
  }
  return results;
}

function makeTimedLoop(source) {
  return new Function(`return function loop(store, load, operations) {
    'use strict';
    const { keys, order, mask } = load;
    let sum = 0;
    for (let i = 0; i < operations; i += 1) {
      const key = keys[order[i & mask]];
      sum = sum + (${source});
    }
    return sum;
  }`)();
}

function openStores({ keys, values }, storePath) {
  const { LRUCache } = require('lru-cache');
  const ours = contender(OURS).prepare(storePath)();
  const exactLru = new LRUCache({ max: KEYS + 1, ttl: HOUR_MS, ttlResolution: 0 });
  const dates = Date.now() + HOUR_MS;
  const map = new Map();
  for (const [id, key] of keys.entries()) {
    ours.set(key, values[id], { ttl: HOUR_MS });
    exactLru.set(key, values[id]);
    // A wall-clock deadline is later than any reading of `performance.now()` as well.
    map.set(key, { value: values[id], deadlineMs: dates });
  }
  return { ours, exactLru, map, coarse: { nowMs: Date.now() } };
}

function idsOf({ order, mask }, operations) {
  let sum = 0;
  for (let index = 0; index < operations; index += 1) sum += order[index & mask];
  return sum;
}

if (require.main === module) {
  const results = child(JSON.parse(process.argv[2]));
  process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit(0));
}

module.exports = { measure };
