/**
 * Names of shared stores that no other test uses, and stores that are closed when a test ends.
 *
 * Must not know what a store holds. Invariant: no two calls give the same name, in any thread of
 * one process.
 */
const { threadId } = require('node:worker_threads');
const { SharedStore, createStore } = require('../../index.js');

let count = 0;

/** @param {string} [what] */
function freshName(what = 'test') {
  count += 1;
  return `${what}-${process.pid}-${threadId}-${count}`;
}

/** Runs `body(store)` with a `SharedStore` of its own, and closes it. */
function withStore(options, body) {
  const store = new SharedStore({ name: freshName(), ...options });
  return closing(store, body);
}

/** Runs `body(store, name)` with a store of `createStore`, and closes it. */
function withNamed(body) {
  const name = freshName('named');
  return closing(createStore(name), body, name);
}

function closing(store, body, name) {
  let result;
  try {
    result = body(store, name);
  } catch (error) {
    store.close();
    throw error;
  }
  if (typeof result?.then !== 'function') {
    store.close();
    return result;
  }
  return result.finally(() => store.close());
}

module.exports = { freshName, withNamed, withStore };
