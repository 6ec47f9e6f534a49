/**
 * The class for `cacheHandler` of Next.js: pages, route handlers, `fetch`, `unstable_cache`.
 *
 * Pages of a build are kept under its id, since their keys do not say it. While a build runs that
 * id is not there yet, so nothing is kept. Invariant: what one server revalidates, none serves.
 */
'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');
const { SharedCache } = require('./shared-cache.js');

const MS_PER_SECOND = 1000;
const TAGS_HEADER = 'x-next-cache-tags';
const BUILDING = 'phase-production-build';

/** @typedef {{ kind?: string, headers?: Record<string, unknown>, tags?: string[] } | null} Value */
/**
 * @typedef {object} Context of a call
 * @property {string[]} [tags]
 * @property {string[]} [softTags]
 * @property {{ expire?: number }} [cacheControl]
 */
/** @typedef {{ serverDistDir?: string, revalidatedTags?: string[] }} Settings */

/** @param {object} [options] those of the environment by default */
function createCacheHandler(options) {
  const cache = new SharedCache(options);

  return class CacheHandler {
    #revalidated;
    #buildId;

    /** @param {Settings} [settings] */
    constructor({ serverDistDir, revalidatedTags = [] } = {}) {
      this.#revalidated = revalidatedTags;
      this.#buildId = isBuilding() ? '' : buildIdOf(serverDistDir);
    }

    /** @param {string} key @param {Context} [context] */
    async get(key, { tags = [], softTags = [] } = {}) {
      if (isBuilding()) return null;
      const entry = await cache.adapted.store.get(this.#keyOf(key));
      if (entry === undefined) return null;
      const own = tagsOf(entry.value);
      const asked = entry.value?.kind === 'FETCH' ? [...tags, ...softTags] : [];
      if (asked.some((tag) => this.#revalidated.includes(tag))) return null;
      const state = await cache.marks.stateOf([...own, ...asked], entry.lastModified);
      return state === 'expired' ? null : entry;
    }

    /** @param {string} key @param {Value} value @param {Context} [context] */
    async set(key, value, { cacheControl } = {}) {
      if (isBuilding()) return;
      const { adapted } = cache;
      const expire = cacheControl?.expire;
      try {
        const entry = { value, cacheControl, lastModified: Date.now() };
        const expiry = adapted.expiry(expire && expire * MS_PER_SECOND);
        await adapted.store.set(this.#keyOf(key), entry, expiry);
      } catch (error) {
        cache.unstored.tell(error);
      }
    }

    /** @param {string | string[]} tags @param {{ expire?: number }} [durations] */
    async revalidateTag(tags, durations) {
      await cache.marks.mark([tags].flat(), durations);
    }

    resetRequestCache() {}

    /** @param {string} key */
    #keyOf(key) {
      return cache.adapted.keyOf(`${this.#buildId}:${key}`);
    }
  };
}

/** @param {Value} value */
function tagsOf(value) {
  const header = value?.headers?.[TAGS_HEADER];
  if (typeof header === 'string') return header.split(',').filter((tag) => tag !== '');
  return value?.kind === 'FETCH' ? (value.tags ?? []) : [];
}

/**
 * The id of the build that a server runs; none in development, where there is no build.
 *
 * @param {string | undefined} serverDistDir
 */
function buildIdOf(serverDistDir) {
  if (serverDistDir === undefined) return '';
  try {
    return readFileSync(path.join(serverDistDir, '..', 'BUILD_ID'), 'utf8').trim();
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return '';
    throw error;
  }
}

function isBuilding() {
  return process.env.NEXT_PHASE === BUILDING;
}

const CacheHandler = createCacheHandler();
// The first line tells an `import` the names; the second is what there is.
module.exports = { CacheHandler, createCacheHandler, default: CacheHandler };
module.exports = Object.assign(CacheHandler, {
  CacheHandler,
  createCacheHandler,
  default: CacheHandler,
});
