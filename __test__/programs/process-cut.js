/**
 * Uses a store whose file is cut short meanwhile, and ends by itself whatever comes.
 *
 *     process-cut.js <place as JSON> <share of the file that is left> [listening]
 *
 * With `listening` it listens to the signal of a page that is not there, as some servers do to
 * every signal.
 */
const { readdirSync, statSync, truncateSync } = require('node:fs');
const path = require('node:path');
const { SharedStore } = require('../../index.js');

const place = JSON.parse(process.argv[2]);
const share = Number(process.argv[3]);
const KEYS = 2000;

const store = new SharedStore({ ...place, maxBytes: 2 ** 22 });
for (let key = 0; key < KEYS; key += 1) store.set(`key-${key}`, { key, pad: 'x'.repeat(500) });
if (process.argv[4] === 'listening') process.on('SIGBUS', () => {});
for (const name of readdirSync(place.path)) {
  const file = path.join(place.path, name);
  truncateSync(file, Math.floor(statSync(file).size * share));
}

const codes = new Set();
function attempt(act) {
  try {
    act();
  } catch (error) {
    if (error.name !== 'StoreError') throw error;
    codes.add(error.code);
  }
}

for (let key = 0; key < KEYS; key += 1) {
  attempt(() => {
    const value = store.get(`key-${key}`);
    if (value !== undefined && value.key !== key) throw new Error(`${key} held ${value.key}`);
  });
  attempt(() => store.set(`key-${key}`, key));
}
attempt(() => store.keys());
attempt(() => store.size());
attempt(() => store.clear());
attempt(() => store.lock('key', 0));
attempt(() => store.increment('count'));
attempt(() => store.stats());
attempt(() => new SharedStore(place).close());
store.close();
console.log([...codes].join(' ') || 'undisturbed');
