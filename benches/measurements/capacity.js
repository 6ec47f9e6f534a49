/**
 * Capacity: one store with 20,000,000 entries, and where `Map` ends.
 *
 * Keys are made from integers, the value is one object for all. Takes minutes and gigabytes, so
 * it runs only when asked for (`--capacity`).
 */
'use strict';

const { contender, OURS } = require('../rows/contenders.js');
const { launch } = require('../launch.js');
const { rounded } = require('../report/statistics.js');

const ENTRIES = 20_000_000;
const HEAP_MB = 16_384;
/** Every so many entries one is read back, with the two at the ends. */
const SAMPLE_STRIDE = 9973;
const CONTENDERS = [OURS, 'Map'];

/** Fills a store of each contender in a child of its own. */
function measure({ storePath, entries = ENTRIES }) {
  const contenders = CONTENDERS.map((name) => {
    const specification = { name, entries, storePath };
    return [name, launch('measurements/capacity.js', specification, { heapMb: HEAP_MB })];
  });
  return { entries, contenders: Object.fromEntries(contenders) };
}

function child({ name, entries, storePath }) {
  const { calls, prepare, size } = contender(name);
  const store = prepare(storePath)(entries);
  const value = { shared: true };
  const set = new Function('store', 'key', 'value', `${calls.set};`);
  const get = new Function('store', 'key', `return ${calls.get};`);
  const rssBefore = process.memoryUsage.rss();
  const begin = process.hrtime.bigint();
  const { filled, refusal } = fill(store, set, value, entries);
  const ns = Number(process.hrtime.bigint() - begin);
  globalThis.gc();
  const rssBytes = process.memoryUsage.rss() - rssBefore;
  if (size(store) !== filled) throw new Error(`size ${size(store)} after ${filled} entries`);
  for (let id = 0; id < filled; id += SAMPLE_STRIDE) expectStored(get(store, `k${id}`), value, id);
  expectStored(get(store, `k${filled - 1}`), value, filled - 1);
  return {
    filled,
    refusal,
    nsPerEntry: rounded(ns / filled),
    rssMegabytes: Math.round(rssBytes / 1e6),
    rssBytesPerEntry: rounded(rssBytes / filled),
  };
}

function fill(store, set, value, entries) {
  for (let id = 0; id < entries; id += 1) {
    try {
      set(store, `k${id}`, value);
    } catch (error) {
      return { filled: id, refusal: `${error.name}: ${error.message}` };
    }
  }
  return { filled: entries };
}

function expectStored(stored, value, id) {
  if (stored !== value) throw new Error(`entry ${id} is lost`);
}

if (require.main === module) {
  process.stdout.write(`${JSON.stringify(child(JSON.parse(process.argv[2])))}\n`);
}

module.exports = { measure };
