/**
 * The child process of one trace: replays it against every policy at every size.
 *
 * Each request is a `get`, and a `set` where that missed. It throws where a policy gave a wrong
 * value or misses less than the optimum, which cannot be. It must not know how results are shown.
 */
'use strict';

const { generatedTrace } = require('./generated.js');
const { optimumMisses } = require('./optimum.js');
const { OPTIMUM, POLICIES } = require('./policies.js');
const { recordedTrace } = require('./recorded.js');

function main({ name, folder, requests, percents, storePath }) {
  const drawn = folder === undefined ? generatedTrace(name, requests) : recordedTrace(folder, name);
  const { ids, objects } = renumbered(drawn.subarray(0, requests));
  const keys = Array.from({ length: objects }, (_, id) => `k${id}`);
  const cells = percents.map((percent) => {
    const entries = Math.max(1, Math.round((objects * percent) / 100));
    return { percent, entries, misses: missesOf({ ids, keys, entries, storePath }) };
  });
  return { requests: ids.length, objects, cells };
}

/** The ids from 0 in order of first appearance, and how many there are. */
function renumbered(drawn) {
  const numbers = new Map();
  const ids = drawn.map((id) => {
    if (!numbers.has(id)) numbers.set(id, numbers.size);
    return numbers.get(id);
  });
  return { ids, objects: numbers.size };
}

/** The misses of each policy, the optimum's last. */
function missesOf({ ids, keys, entries, storePath }) {
  const counted = {};
  for (const { name, open, close, check } of POLICIES) {
    const cache = open(entries, storePath);
    counted[name] = replay(cache, ids, keys);
    check(cache, { requests: ids.length, misses: counted[name], entries });
    close?.(cache);
  }
  counted[OPTIMUM] = optimumMisses(ids, keys.length, entries);
  for (const [name, misses] of Object.entries(counted)) {
    if (misses >= counted[OPTIMUM]) continue;
    throw new Error(`${name} misses ${misses}, the optimum ${counted[OPTIMUM]}: impossible`);
  }
  return counted;
}

function replay(cache, ids, keys) {
  let misses = 0;
  for (const id of ids) {
    const value = cache.get(keys[id]);
    if (value === undefined) {
      misses += 1;
      cache.set(keys[id], id);
    } else if (value !== id) throw new Error(`${keys[id]} holds ${value}`);
  }
  return misses;
}

process.stdout.write(`${JSON.stringify(main(JSON.parse(process.argv[2])))}\n`);
