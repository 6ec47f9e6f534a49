/**
 * `bench`: what stores of this machine do in a second, beside peers that are installed here.
 *
 * Makes a store of its own, and destroys it. A first impression; the project's own measurements
 * take turns for much longer.
 */
'use strict';

const { createRequire } = require('node:module');
const path = require('node:path');
const { numberOf } = require('../choices.js');
const { countText } = require('../output/text.js');
const { placeOf } = require('../targets.js');

/** @typedef {import('../context.js').Context} Context */
/**
 * @typedef {object} Contender
 * @property {(key: string) => unknown} get
 * @property {(key: string, value: unknown) => unknown} set
 * @property {() => void} [end]
 */

const SECONDS = 60;
const KEYS = 10_000;
/** Calls between two looks at the clock. */
const BATCH = 2000;
/** Each row is measured so often, in turns with the others; the middle one counts. */
const TURNS = 5;

/** @param {Context} context */
async function bench({ options, output }) {
  const contenders = contendersOf(options);
  const keys = Array.from({ length: KEYS }, (_, index) => `user:${index}`);
  const value = { id: 1, name: 'Alice', roles: ['admin', 'author'], since: '2026-01-01' };
  const rows = Object.entries(contenders).flatMap(([name, store]) => [
    { store: name, call: 'set', act: (/** @type {string} */ key) => store.set(key, value) },
    { store: name, call: 'get', act: (/** @type {string} */ key) => store.get(key) },
  ]);
  const turnMs = (numberOf(options, 'seconds', SECONDS) * 1000) / rows.length / TURNS;
  /** @type {number[][]} */
  const measured = rows.map(() => []);
  try {
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const [index, { act }] of rows.entries()) {
        measured[index]?.push(perSecond(act, keys, turnMs));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  } finally {
    for (const { end } of Object.values(contenders)) end?.();
  }
  const results = rows.map(({ store, call }, index) => {
    const [least = 0, , middle = 0, , most = 0] = [...(measured[index] ?? [])].sort(
      (a, b) => a - b,
    );
    return { store, call, perSecond: middle, spread: (most - least) / middle };
  });
  output.things(results, [
    { title: 'STORE', value: ({ store }) => store },
    { title: 'CALL', value: ({ call }) => call },
    { title: 'A SECOND', isRight: true, value: (row) => countText(Math.round(row.perSecond)) },
    { title: '± ', isRight: true, value: ({ spread }) => `${Math.round(spread * 50)} %` },
  ]);
}

/**
 * @param {(key: string) => unknown} act
 * @param {readonly string[]} keys
 * @param {number} ms
 */
function perSecond(act, keys, ms) {
  const start = performance.now();
  let [calls, at, elapsed] = [0, 0, 0];
  while (elapsed < ms) {
    for (let call = 0; call < BATCH; call += 1) {
      act(/** @type {string} */ (keys[at]));
      at = (at + 1) % keys.length;
    }
    calls += BATCH;
    elapsed = performance.now() - start;
  }
  return (calls / elapsed) * 1000;
}

/**
 * @param {import('../targets.js').Options} options
 * @returns {Record<string, Contender>}
 */
function contendersOf(options) {
  const { MemoryStore } = require('../../local/memory-store.js');
  const { SharedStore } = require('../../shared/shared-store.js');
  const local = new MemoryStore();
  const name = `bench-${process.pid}`;
  const shared = new SharedStore({
    name,
    scope: 'processes',
    ...placeOf(options),
    maxBytes: 2 ** 26,
  });
  const map = new Map();
  return {
    MemoryStore: {
      get: (key) => local.get(key),
      set: (key, value) => local.set(key, value),
      end: () => local.close(),
    },
    'SharedStore, processes': {
      get: (key) => shared.get(key),
      set: (key, value) => shared.set(key, value),
      end: () => shared.destroy(),
    },
    Map: { get: (key) => map.get(key), set: (key, value) => map.set(key, value) },
    ...peers(),
  };
}

/** Those that the project has which one stands in. @returns {Record<string, Contender>} */
function peers() {
  const requireHere = createRequire(path.join(process.cwd(), 'index.js'));
  /** @type {readonly [string, (module: any) => Contender][]} */
  const known = [
    ['lru-cache', ({ LRUCache }) => new LRUCache({ max: KEYS })],
    ['node-cache', (NodeCache) => new NodeCache()],
    ['quick-lru', ({ default: QuickLRU }) => new QuickLRU({ maxSize: KEYS })],
  ];
  /** @type {Record<string, Contender>} */
  const found = {};
  for (const [name, make] of known) {
    try {
      const peer = make(requireHere(name));
      found[name] = { get: (key) => peer.get(key), set: (key, value) => peer.set(key, value) };
    } catch {
      // Not installed here, or of a version that is made otherwise.
    }
  }
  return found;
}

module.exports = { bench };
