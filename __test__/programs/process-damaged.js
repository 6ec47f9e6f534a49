/**
 * Does everything to a store whose file was damaged, and ends by itself whatever comes.
 *
 *     process-damaged.js <place as JSON>
 */
const { SharedStore } = require('../../index.js');

const place = JSON.parse(process.argv[2]);
/** What a store may say, and what v8 and msgpackr say of bytes that are none of theirs. */
const codes = new Set();

function attempt(act) {
  try {
    return act();
  } catch (error) {
    codes.add(error.code ?? error.name);
    return undefined;
  }
}

const store = attempt(() => new SharedStore(place));
if (store !== undefined) {
  for (let key = 0; key < 400; key += 1) {
    attempt(() => store.get(`key-${key}`));
    attempt(() => store.ttl(`key-${key}`));
    if (key % 3 === 0) attempt(() => store.set(`key-${key}`, { key }));
    if (key % 3 === 1) attempt(() => store.delete(`key-${key}`));
    attempt(() => store.increment(`count-${key}`));
  }
  attempt(() => [...store.entries()]);
  attempt(() => store.stats());
  attempt(() => store.lock('key', 0));
  attempt(() => store.clear());
  attempt(() => store.close());
}
console.log([...codes].join(' '));
