/**
 * The timed loops: one function of its own per contender and operation, made from source.
 *
 * Written once and shared, a loop would see several kinds of store and its call sites would turn
 * megamorphic; made anew, each sees one. Nothing here knows time or checks a result. Invariant:
 * no two sources are equal, for V8 gives equal sources one function and one type feedback; and
 * what a loop returns depends on the answers of the store, so that no call can be optimized away.
 */
'use strict';

const { FIRST_ID } = require('./load.js');
const { refuseToLoad } = require('./contenders.js');

const KEY = 'const key = probes[order[i & mask]];';
const OTHER_VALUE = 'const value = values[order[(i + 1) & mask]];';

const BODIES = {
  get: (calls) => `${KEY} sum = (sum + ${calls.get}.id) | 0;`,
  getText: (calls) => `${KEY} sum = (sum + ${calls.get}.charCodeAt(0)) | 0;`,
  getFresh: (calls) => `const key = 'user:' + (${FIRST_ID} + order[i & mask]);
    sum = (sum + ${calls.get}.id) | 0;`,
  getMiss: (calls) => `${KEY} if (${calls.get} !== undefined) sum += 1;`,
  has: (calls) => `${KEY} if (${calls.has}) sum += 1;`,
  set: (calls) => `${KEY} ${OTHER_VALUE} ${calls.set};`,
  setWithTtl: (calls) => `${KEY} ${OTHER_VALUE} ${calls.setWithTtl};`,
  delete: (calls) => `${KEY} if (${calls.delete}) sum += 1;`,
  mixed: (calls) => `${KEY}
    if (i % 10 === 9) { const value = (i & 64) === 0 ? values[order[i & mask]]
      : twins[order[i & mask]]; ${calls.set}; }
    else sum = (sum + ${calls.get}.id) | 0;`,
  setFromPool: (calls) => `const key = pool[i & poolMask]; ${OTHER_VALUE} ${calls.set};`,
  getOrElseSet: (calls) => `${KEY} const found = ${calls.get};
    if (found !== undefined) sum = (sum + found.id) | 0;
    else { const value = values[order[i & mask]]; ${calls.set};
      sum = (sum + value.id) | 0; misses += 1; }`,
  setGetText: (calls) => `${KEY} ${OTHER_VALUE} ${calls.set};
    sum = (sum + ${calls.get}.charCodeAt(0)) | 0;`,
  increment: (calls) => `${KEY} ${calls.increment}; sum = (sum + count) | 0;`,
  getOrSet: (calls) => `${KEY} sum = (sum + ${calls.getOrSet}.id) | 0;`,
  getMany: (calls) => `const group = groups[i & groupMask]; ${calls.getMany};
    for (let at = 0; at < found.length; at += 1) sum = (sum + found[at].id) | 0;`,
  // Untimed: fills a store, in the order of the keys, each key with the value of its own.
  fill: (calls) => `const key = keys[i]; const value = values[i]; ${calls.set};`,
  fillWithTtl: (calls) => `const key = keys[i]; const value = values[i]; ${calls.setWithTtl};`,
};

/**
 * A loop over `operation` for one contender: `(store, load, start, end) => { sum, misses }`, or a
 * promise of that where each call is awaited (`awaited`), or so many at a time (`callsPerWait`).
 * Misses are counted only where the loop has some.
 */
function makeLoop(operation, { name, calls, awaited, callsPerWait }) {
  const body = BODIES[operation](awaited ? awaitedCalls(calls) : calls);
  const isAsync = awaited || callsPerWait !== undefined;
  const head = `return ${isAsync ? 'async ' : ''}function loop(store, load, start, end)`;
  return new Function(
    'factory',
    `${head} {
    'use strict'; // For ${name} alone.
    const { keys, probes, values, twins, order, mask } = load;
    const { groups, groupMask, pool, poolMask } = load;
    let sum = 0;
    let misses = 0;
    ${callsPerWait === undefined ? eachOf(body) : groupsOf(body, callsPerWait)}
    return { sum, misses };
  }`,
  )(refuseToLoad);
}

function eachOf(body) {
  return `for (let i = start; i < end; i += 1) { ${body} }`;
}

/** A call puts a promise into `pending`; after so many calls, all of them are waited for. */
function groupsOf(body, callsPerWait) {
  return `for (let i = start; i < end;) {
      const pending = [];
      for (const stop = Math.min(i + ${callsPerWait}, end); i < stop; i += 1) { ${body} }
      await Promise.all(pending);
    }`;
}

/** `(store, key) => value`, for the checks between the timed loops. */
function makeRead({ calls }) {
  return new Function('store', 'key', `return ${calls.get};`);
}

/** The same without an influence on what is evicted, where there is a choice. */
function makePeek({ calls }) {
  return new Function('store', 'key', `return ${calls.peek ?? calls.get};`);
}

function awaitedCalls(calls) {
  const entries = Object.entries(calls).map(([name, call]) => [name, awaitedCall(call)]);
  return Object.fromEntries(entries);
}

/** An expression, or the statement that names its answer. */
function awaitedCall(call) {
  return call.startsWith('const ') ? call.replace(' = ', ' = await ') : `(await ${call})`;
}

module.exports = { makeLoop, makePeek, makeRead };
