/**
 * Another thread that reads, adds or sets while a call of the test is under way.
 *
 * Must not know what a test expects.
 */
const { SharedStore, createStore } = require('../../index.js');

function withStore({ name }, act) {
  const store = new SharedStore({ name });
  try {
    return act(store);
  } finally {
    store.close();
  }
}

const read = (input) => withStore(input, (store) => store.get(input.key));
const increment = (input) => withStore(input, (store) => store.increment(input.key));

/** Sets 1, 2, 3, … until there is an entry `stop`. */
function setUntilStopped({ name, key }) {
  const store = createStore(name);
  for (let count = 1; store.get('stop', true) === undefined; count += 1) store.set(key, count);
  store.close();
}

module.exports = { increment, read, setUntilStopped };
