/**
 * Sets many entries in a store whose opener says no size, and tells what the store has become.
 *
 *     memory-limited.js <options as JSON> <entries>
 */
const { SharedStore } = require('../../index.js');

const [options, entries] = process.argv.slice(2);
const store = new SharedStore({ whenFull: 'evict', ...JSON.parse(options) });
const value = 'x'.repeat(400);
for (let key = 0; key < Number(entries); key += 1) store.set(`key-${key}`, value);
const { evicted, sets } = store.stats();
const last = store.get(`key-${entries - 1}`) === value;
console.log(JSON.stringify({ maxBytes: store.maxBytes, evicted, sets, last }));
store.close();
