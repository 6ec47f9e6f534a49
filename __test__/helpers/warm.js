/** Near copies of fleet stores, waited for. Must not know who is to look at them. */
const { waitUntil } = require('./wait-until.js');

/** Reads a key until there is a near copy of it that is trusted; gives that. */
async function warm(store, key) {
  let near;
  await waitUntil(async () => {
    await store.get(key);
    near = store.near(key);
    return near !== undefined;
  }, `${key} is near`);
  return near;
}

module.exports = { warm };
