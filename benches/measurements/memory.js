/**
 * Memory: resident bytes per entry, of the store with the keys and values that it alone holds.
 *
 * Each sample is a child process of its own: collect, read rss, fill, collect, read rss. A key is
 * a string of 16 characters, a value `{ id, name }`, both made within the loop that stores them.
 */
'use strict';

const { contender, OURS } = require('../rows/contenders.js');
const { launch } = require('../launch.js');
const { spread } = require('../report/statistics.js');

const CONTENDERS = [OURS, 'Map', 'lru-cache'];
const SIZES = { full: { entries: 1_000_000, samples: 5 }, quick: { entries: 100_000, samples: 2 } };
const FIRST_ID = 10_000_000_000;

/** Runs the children in turns; bytes per entry of each contender. */
function measure({ quick, storePath }) {
  const { entries, samples } = quick ? SIZES.quick : SIZES.full;
  const bytes = Object.fromEntries(CONTENDERS.map((name) => [name, []]));
  for (let sample = 0; sample < samples; sample += 1) {
    for (const name of CONTENDERS) {
      const result = launch('measurements/memory.js', { name, entries, storePath });
      if (result.failure !== undefined) return { failure: `${name}: ${result.failure}` };
      bytes[name].push(result.rssBytes / entries);
    }
  }
  const contenders = CONTENDERS.map((name) => [name, spread(bytes[name])]);
  return { entries, unit: 'rss bytes per entry', contenders: Object.fromEntries(contenders) };
}

function child({ name, entries, storePath }) {
  const { calls, prepare } = contender(name);
  const open = prepare(storePath);
  const store = open(entries);
  const set = new Function('store', 'key', 'value', `${calls.set};`);
  const before = settledRss();
  fill(store, set, entries);
  const after = settledRss();
  if (contender(name).size(store) !== entries) throw new Error(`${name} holds another number`);
  return { rssBytes: after - before };
}

function fill(store, set, entries) {
  for (let id = 0; id < entries; id += 1) {
    // `join` gives a string in one piece; `+` would leave a rope to be billed to the store.
    set(store, ['user:', FIRST_ID + id].join(''), { id, name: `n${id}` });
  }
}

/** The resident memory once two collections have given back what they can. */
function settledRss() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage.rss();
}

if (require.main === module) {
  process.stdout.write(`${JSON.stringify(child(JSON.parse(process.argv[2])))}\n`);
}

module.exports = { measure };
