/**
 * Fills a store in a folder that has less room than the store may take, and goes on.
 *
 *     process-full.js <place as JSON>
 */
const assert = require('node:assert/strict');
const { SharedStore } = require('../../index.js');

const KEYS = 4000;
const codes = new Set();

function attempt(act) {
  try {
    act();
    return true;
  } catch (error) {
    assert.equal(error.name, 'StoreError', error.stack);
    codes.add(error.code);
    return false;
  }
}

function run() {
  let store;
  if (!attempt(() => (store = new SharedStore(JSON.parse(process.argv[2]))))) return;
  const last = new Map();
  for (let round = 0; round < 3; round += 1) {
    for (let key = 0; key < KEYS; key += 1) {
      const name = `key-${key}`;
      const value = { round, pad: 'x'.repeat(10_000) };
      if (attempt(() => store.set(name, value))) last.set(name, round);
    }
    for (const [name, value] of store) assert.equal(value.round, last.get(name));
  }
  assert.ok(store.size() > 0, 'something is in it');
  store.clear();
  store.set('key', 'after');
  assert.equal(store.get('key'), 'after');
  store.close();
}

run();
console.log([...codes].join(' ') || 'went on');
