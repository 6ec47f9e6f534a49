/**
 * `createCache`: a cache for `useResponseCache` of Envelop and GraphQL Yoga.
 *
 * A response has a tag for each entity in it, and one for each type. Invariant: what an entity is
 * in goes when the entity is invalidated, however many are in it: where the tags are too many for
 * an entry, it has coarser ones, by which it goes too often rather than not at all.
 */
'use strict';

const { createHash } = require('node:crypto');
const { MOST_TAG_UNITS, MOST_TAGS } = require('../../arguments/tags.js');
const { callable } = require('../../arguments/options.js');
const { adapt, after, isPromise, optionsOf } = require('../core/adapted.js');
const { WarnOnce } = require('../core/warn-once.js');

const PREFIX = 'envelop:';
/** Before the name of a type: of responses with more entities than an entry has tags. */
const MANY_OF = '+';
/** Of responses with more types than that. */
const MANY = '++';

/** @typedef {{ typename: string, id?: string | number }} Entity */
/** @typedef {{ errors?: readonly { toJSON?: () => unknown }[] }} Result */
/** @typedef {(typename: string, id: string | number) => string} BuildEntityId */

/** @param {unknown} [given] */
function createCache(given) {
  const { buildEntityId: build = defaultBuildEntityId, ...options } = optionsOf(given);
  /** @type {BuildEntityId} */
  const buildEntityId = callable(build, 'option buildEntityId');
  const adapted = adapt(options, PREFIX);
  const { store } = adapted;
  const unstored = new WarnOnce('Responses are not cached', 'SMS_ENVELOP_UNSTORED');
  const stale = new WarnOnce('Responses stay that were to be removed', 'SMS_ENVELOP_STALE');

  /** @param {string} name */
  const tagOf = (name) => {
    const tag = adapted.prefix + name;
    if (tag.length <= MOST_TAG_UNITS) return tag;
    return adapted.prefix + createHash('sha256').update(name).digest('base64');
  };
  /** @param {Iterable<Entity>} entities */
  const tagsOf = (entities) => {
    const names = new Set();
    const types = new Set();
    for (const { typename, id } of entities) {
      types.add(typename);
      if (hasId(id)) names.add(buildEntityId(typename, id));
    }
    const many = [...types].map((type) => MANY_OF + type);
    const choices = [[...types, ...names], [...types, ...many], [MANY]];
    const chosen = choices.find(({ length }) => length <= MOST_TAGS);
    return /** @type {string[]} */ (chosen).map(tagOf);
  };
  /** @param {Iterable<Entity>} entities */
  const goneTagsOf = (entities) => {
    const tags = new Set([tagOf(MANY)]);
    for (const { typename, id } of entities) {
      tags.add(tagOf(hasId(id) ? buildEntityId(typename, id) : typename));
      if (hasId(id)) tags.add(tagOf(MANY_OF + typename));
    }
    return [...tags];
  };
  return {
    /** @param {string} id */
    get: (id) => after(store.get(adapted.keyOf(id)), (result) => result ?? null),
    /**
     * Whoever asked gets the response, also one that cannot be stored.
     *
     * @param {string} id
     * @param {Result} result
     * @param {Iterable<Entity>} entities
     * @param {number} ttl
     */
    set: (id, result, entities, ttl) =>
      unstored.run(() => {
        const how = { ...adapted.expiry(ttl), tags: tagsOf(entities) };
        return after(store.set(adapted.keyOf(id), plain(result), how), () => {});
      }),
    /**
     * The mutation is done, so it never throws: a warning tells of a failure, and the promise, if
     * somebody waits for it, as the plugin does not.
     *
     * @param {Iterable<Entity>} entities
     */
    invalidate: (entities) => {
      const answer = outcomeOf(() => store.invalidateTag(goneTagsOf(entities)));
      if (isPromise(answer)) stale.run(() => answer);
      return answer;
    },
    /** Closes the store, if the cache opened it. */
    close: () => adapted.close(),
  };
}

/**
 * What a call gives; a promise that rejects where it throws.
 *
 * @template T
 * @param {() => T} call
 * @returns {T | Promise<never>}
 */
function outcomeOf(call) {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** As in the cache of the plugin. @type {BuildEntityId} */
function defaultBuildEntityId(typename, id) {
  return `${typename}:${id}`;
}

/**
 * @param {string | number | null | undefined} id
 * @returns {id is string | number}
 */
function hasId(id) {
  return id !== undefined && id !== null;
}

/**
 * A result with its errors as GraphQL sends them: a clone would lose where they were.
 *
 * @param {Result} result
 */
function plain(result) {
  if (result.errors === undefined) return result;
  return { ...result, errors: result.errors.map((error) => error.toJSON?.() ?? error) };
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { createCache, default: createCache };
module.exports = Object.assign(createCache, { createCache, default: createCache });
