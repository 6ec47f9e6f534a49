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
/** What Next.js makes anew: since 16.3 before it answers, until then behind an old answer. */
const OUTDATED = -1;
/** How far the clocks of Next.js and ours may be apart. */
const LEEWAY_S = 60;

/**
 * @typedef {object} Kept
 * @property {string} [kind]
 * @property {Record<string, unknown>} [headers]
 * @property {string[]} [tags]
 * @property {number | false} [revalidate] of a fetch, in seconds
 */
/** @typedef {Kept | null} Value */
/** In seconds. @typedef {{ revalidate?: number | false, expire?: number }} CacheControl */
/** @typedef {{ value: Value, cacheControl?: CacheControl, lastModified: number }} Entry */
/**
 * @typedef {object} Context of a call
 * @property {string[]} [tags]
 * @property {string[]} [softTags]
 * @property {number | false} [revalidate] of a fetch, in seconds
 * @property {CacheControl} [cacheControl]
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
    async get(key, { tags = [], softTags = [], revalidate } = {}) {
      if (isBuilding()) return null;
      const entry = await cache.adapted.store.get(this.#keyOf(key));
      if (entry === undefined) return null;
      const own = tagsOf(entry.value);
      const asked = entry.value?.kind === 'FETCH' ? [...tags, ...softTags] : [];
      if (asked.some((tag) => this.#revalidated.includes(tag))) return null;
      const state = await cache.marks.stateOf([...own, ...asked], entry.lastModified);
      if (state === 'expired') return null;
      if (state === 'fresh') return entry;
      return { ...entry, lastModified: outdatedSince(entry, revalidate) };
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

/**
 * A time from which Next.js sees that an entry is stale and has not expired: there is no other way
 * to say it. It looks at the age of a fetch, and whether that of a page is between the two times of
 * its cache control, which may be others in another process: halfway is furthest from both.
 *
 * @param {Entry} entry
 * @param {number | false | undefined} asked of a fetch
 */
function outdatedSince({ value, cacheControl, lastModified }, asked) {
  const now = Date.now();
  if (value?.kind === 'FETCH') {
    const lasts = asked || value.revalidate || 0;
    return Math.min(lastModified, now - (lasts + LEEWAY_S) * MS_PER_SECOND);
  }
  const { revalidate = false, expire = 0 } = cacheControl ?? {};
  if (revalidate === false || expire - revalidate < 2 * LEEWAY_S) return OUTDATED;
  return now - ((revalidate + expire) / 2) * MS_PER_SECOND;
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
