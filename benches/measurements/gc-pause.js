/**
 * Pause: how long one full collection takes while a store holds 1,000,000 entries.
 *
 * Every child keeps the same keys and values in two arrays; the child called `nothing` has no
 * store beside them, so what it takes is the floor. The excess over it, least pause against least
 * pause, is what the store itself costs the collector.
 */
'use strict';

const { contender, OURS } = require('../rows/contenders.js');
const { launch } = require('../launch.js');
const { makeLoad } = require('../rows/load.js');
const { makeLoop } = require('../rows/loops.js');
const { rounded, spread } = require('../report/statistics.js');

const NOTHING = 'nothing';
const CONTENDERS = [OURS, 'Map', 'lru-cache', NOTHING];
const SIZES = {
  full: { entries: 1_000_000, samples: 3, collections: 9 },
  quick: { entries: 100_000, samples: 2, collections: 5 },
};

/** Runs the children in turns; milliseconds per full collection of each contender. */
function measure({ quick, storePath }) {
  const { entries, samples, collections } = quick ? SIZES.quick : SIZES.full;
  const pauses = Object.fromEntries(CONTENDERS.map((name) => [name, []]));
  for (let sample = 0; sample < samples; sample += 1) {
    for (const name of CONTENDERS) {
      const specification = { name, entries, collections, storePath };
      const result = launch('measurements/gc-pause.js', specification);
      if (result.failure !== undefined) return { failure: `${name}: ${result.failure}` };
      pauses[name].push(...result.pausesMs);
    }
  }
  const floor = Math.min(...pauses[NOTHING]);
  const contenders = CONTENDERS.map((name) => [
    name,
    { ...spread(pauses[name]), excessMs: rounded(Math.min(...pauses[name]) - floor) },
  ]);
  return {
    entries,
    unit: 'ms per full collection',
    contenders: Object.fromEntries(contenders),
  };
}

function child({ name, entries, collections, storePath }) {
  const load = makeLoad({}, entries);
  const store = name === NOTHING ? undefined : filled(contender(name), load, storePath);
  // The first two promote and compact; the ones that are timed find a settled heap.
  globalThis.gc();
  globalThis.gc();
  const pausesMs = [];
  for (let collection = 0; collection < collections; collection += 1) {
    const begin = process.hrtime.bigint();
    globalThis.gc();
    pausesMs.push(Number(process.hrtime.bigint() - begin) / 1e6);
  }
  const { size } = name === NOTHING ? { size: () => load.keys.length } : contender(name);
  if (size(store) !== entries) throw new Error(`${name} lost entries`);
  return { pausesMs };
}

function filled(who, load, storePath) {
  const store = who.prepare(storePath)(load.keys.length);
  makeLoop('fill', who)(store, load, 0, load.keys.length);
  return store;
}

if (require.main === module) {
  process.stdout.write(`${JSON.stringify(child(JSON.parse(process.argv[2])))}\n`);
}

module.exports = { measure };
