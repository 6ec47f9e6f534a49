/**
 * A driver of unstorage, and so of Nitro, Nuxt and Astro, which name it in JSON.
 *
 * Invariant: what several servers of a machine mount under one name, they share.
 */
'use strict';

const { adapt, after, optionsOf, prefixOf } = require('../core/adapted.js');
const { changesOf } = require('../core/changes.js');

const MS_PER_SECOND = 1000;

/** @typedef {{ ttl?: number }} Options of a write, in seconds */

/** @param {unknown} [given] */
function driver(given) {
  const { driver: _itself, base, ...options } = optionsOf(given);
  // Frameworks hand on what they were configured with, their own words for it included.
  const { prefix = '' } = options;
  const own = base === undefined || base === null || base === '' ? '' : `${base}:`;
  const adapted = adapt({ ...options, prefix: prefixOf(prefix) + own });
  const { store } = adapted;

  /** @param {string} key */
  const get = (key) => after(store.get(adapted.keyOf(key)), (value) => value ?? null);
  /** @param {string} key @param {unknown} value @param {Options} [how] */
  const set = (key, value, { ttl } = {}) => {
    const expiry = adapted.expiry(ttl && ttl * MS_PER_SECOND);
    return after(store.set(adapted.keyOf(key), value, expiry), () => {});
  };
  const changes = changesOf(adapted);
  /** @param {import('../core/changes.js').Listener} listener */
  const watch = (listener) => {
    const listening = /** @type {NonNullable<typeof changes>} */ (changes)(listener);
    return after(listening.begun, () => () => listening.stop());
  };
  return {
    name: 'shared-memory-store',
    options,
    flags: { ttl: true },
    getInstance: () => store,
    /** @param {string} key */
    hasItem: (key) => store.has(adapted.keyOf(key)),
    getItem: get,
    getItemRaw: get,
    setItem: set,
    setItemRaw: set,
    /** @param {{ key: string }[]} items */
    getItems: (items) => {
      const keys = items.map(({ key }) => adapted.keyOf(key));
      return after(store.getMany(keys), (values) =>
        items.map(({ key }, index) => ({ key, value: values[index] ?? null })),
      );
    },
    /** @param {string} key */
    removeItem: (key) => after(store.delete(adapted.keyOf(key)), () => {}),
    /** @param {string} key */
    getMeta: (key) =>
      after(store.ttl(adapted.keyOf(key)), (leftMs) => {
        if (leftMs === undefined) return null;
        return leftMs === Number.POSITIVE_INFINITY
          ? {}
          : { ttl: Math.ceil(leftMs / MS_PER_SECOND) };
      }),
    /** @param {string} [begin] */
    getKeys: (begin) => adapted.keys(begin),
    /** @param {string} [begin] */
    clear: (begin) => adapted.clear(begin),
    // Without it, unstorage tells what it does itself.
    ...(changes && { watch }),
    dispose: () => adapted.close(),
  };
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { driver, default: driver };
module.exports = Object.assign(driver, { driver, default: driver });
