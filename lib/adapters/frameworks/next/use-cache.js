/**
 * The object for `cacheHandlers` of Next.js: what `'use cache'` keeps.
 *
 * Keys say the build that they belong to. Invariant: no stream is kept; each `get` gives a new one,
 * over bytes that were whole when they were stored.
 */
'use strict';

const { SharedCache } = require('./shared-cache.js');

const MS_PER_SECOND = 1000;
/** Stale, but to be served once more while Next.js makes a new one. */
const REVALIDATE_NOW = -1;

/**
 * @typedef {object} Entry
 * @property {ReadableStream<Uint8Array>} value
 * @property {string[]} tags
 * @property {number} timestamp when it was begun
 * @property {number} revalidate seconds; so is `expire`
 * @property {number} expire
 */

/** @param {object} [options] those of the environment by default */
function createUseCacheHandler(options) {
  const cache = new SharedCache(options);
  /** Sets of this server that are under way. @type {Map<string, Promise<void>>} */
  const pending = new Map();

  /** @param {string} key @param {Promise<Entry>} coming */
  async function keep(key, coming) {
    const made = await madeOf(coming);
    if (made === undefined) return;
    const { bytes, entry } = made;
    try {
      const { adapted } = cache;
      const expiresAt = entry.timestamp + entry.expire * MS_PER_SECOND;
      await adapted.store.set(adapted.keyOf(`use:${key}`), { ...entry, bytes }, { expiresAt });
    } catch (error) {
      cache.unstored.tell(error);
    }
  }

  /**
   * An entry and its bytes; `undefined` for none to be stored.
   *
   * @param {Promise<Entry>} coming
   */
  async function madeOf(coming) {
    try {
      const { value, ...entry } = await coming;
      // An entry that is made anew for each request is never read.
      return entry.expire === 0 ? undefined : { bytes: await bytesOf(value), entry };
    } catch {
      // What the function of the application threw, Next.js tells whoever asked for it.
      return undefined;
    }
  }

  return {
    /** @param {string} key @param {string[]} [softTags] */
    async get(key, softTags = []) {
      await pending.get(key);
      const { adapted, marks } = cache;
      const found = await adapted.store.get(adapted.keyOf(`use:${key}`));
      if (found === undefined) return undefined;
      const { bytes, ...entry } = found;
      if (Date.now() > entry.timestamp + entry.revalidate * MS_PER_SECOND) return undefined;
      const state = await marks.stateOf([...entry.tags, ...softTags], entry.timestamp);
      if (state === 'expired') return undefined;
      const revalidate = state === 'stale' ? REVALIDATE_NOW : entry.revalidate;
      return { ...entry, revalidate, value: streamOf(bytes) };
    },

    /** @param {string} key @param {Promise<Entry>} coming */
    async set(key, coming) {
      const kept = keep(key, coming);
      pending.set(key, kept);
      await kept;
      if (pending.get(key) === kept) pending.delete(key);
    },

    /** Nothing to do: marks are read where they are. */
    async refreshTags() {},

    /** An array in Next.js 16, arguments in 15. @param {(string | string[])[]} tags */
    async getExpiration(...tags) {
      return cache.marks.lastExpired(tags.flat());
    },

    /** @param {string[]} tags @param {{ expire?: number }} [durations] */
    async updateTags(tags, durations) {
      await cache.marks.mark(tags, durations);
    },

    /** Of Next.js 15. @param {string[]} tags */
    async expireTags(...tags) {
      await cache.marks.mark(tags.flat());
    },
  };
}

/** @param {ReadableStream<Uint8Array>} stream */
async function bytesOf(stream) {
  const chunks = [];
  const reader = stream.getReader();
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    chunks.push(step.value);
  }
  return Buffer.concat(chunks);
}

/** @param {Uint8Array} bytes */
function streamOf(bytes) {
  return new ReadableStream({
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });
}

const handler = createUseCacheHandler();
const { get, set, refreshTags, getExpiration, updateTags, expireTags } = handler;
// The names, for an `import`; then what there is.
module.exports = { get, set, refreshTags, getExpiration, updateTags, expireTags };
module.exports = { createUseCacheHandler, default: handler };
module.exports = Object.assign(handler, { createUseCacheHandler, default: handler });
