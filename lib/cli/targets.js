/**
 * The store that a command means, by name, file or URL: looked at, or opened.
 *
 * Uses what everybody has. Invariant: what only reads is not a participant, and no command makes a
 * store that was not there, but for a restored one.
 */
'use strict';

const fs = require('node:fs');
const { SharedStore } = require('../shared/shared-store.js');
const { notThere, usageError } = require('./exit.js');

/** @typedef {Record<string, string | boolean | (string | boolean)[] | undefined>} Options */

/** A person waits longer than a request of a server does: for a far server, or a busy machine. */
const ANSWER_MS = 10_000;
const URL_START = /^(redis|rediss):\/\//;

/** @param {Options} options */
function placeOf({ path, access }) {
  return {
    ...(path === undefined ? {} : { path: String(path) }),
    ...(access === undefined ? {} : { access: /** @type {'user'} */ (access) }),
  };
}

/**
 * A look at a store.
 *
 * @param {string} target
 * @param {Options} options
 */
function observed(target, options) {
  checkIsHere('This command', target);
  if (isFile(target)) return SharedStore.observe({ file: target });
  return SharedStore.observe(target, placeOf(options));
}

/**
 * A store that is taken part in.
 *
 * @param {string} target
 * @param {Options} options
 * @param {{ mayBeNew?: boolean }} [how]
 * @returns {any}
 */
function opened(target, options, { mayBeNew = false } = {}) {
  if (URL_START.test(target)) return fleet(target);
  if (isFile(target))
    throw usageError('What changes a store opens it by its name, not by its file');
  const place = placeOf(options);
  // Opening a name makes a store where there is none.
  if (!mayBeNew) SharedStore.observe(target, place).close();
  return new SharedStore({ name: target, scope: 'processes', ...place });
}

/**
 * What reads entries: a look at a store of this machine, or one of a fleet with the same verbs.
 *
 * @param {string} target
 * @param {Options} options
 */
function readable(target, options) {
  return URL_START.test(target) ? fleetReader(target) : observed(target, options);
}

/** @param {string} target */
function isFleet(target) {
  return URL_START.test(target);
}

/**
 * Of commands that know no fleets.
 *
 * @param {string} command
 * @param {string} target
 */
function checkIsHere(command, target) {
  if (!isFleet(target)) return;
  throw usageError(`${command} knows stores of this machine alone`);
}

/** @param {string} target */
function fleet(target) {
  const [url, name] = target.split('#');
  if (name === undefined || name === '') {
    throw usageError('A store of a fleet is redis://host:port/db#NAME');
  }
  // Loaded for those who have one: its client is a package of its own.
  const { FleetStore } = require('../fleet/fleet-store.js');
  return new FleetStore({ name: decodeURIComponent(name), url, timeout: ANSWER_MS });
}

/** @param {string} target */
function fleetReader(target) {
  const store = fleet(target);
  const of = (/** @type {any} */ { namespace = [] }) =>
    namespace.reduce(
      (/** @type {any} */ at, /** @type {string} */ name) => at.namespace(name),
      store,
    );
  return {
    file: undefined,
    stats: () => store.stats(),
    /** @param {any} [options] */
    async *keys({ namespace, ...filter } = {}) {
      yield* await of({ namespace }).keys(filter);
    },
    /** @param {any} [options] */
    async *entries({ namespace = [], ...filter } = {}) {
      for (const key of await of({ namespace }).keys(filter)) {
        const found = await this.entry(key, { namespace });
        // One may have gone since the keys were listed.
        if (found === undefined) continue;
        const { value: _, ...entry } = found;
        yield entry;
      }
    },
    /** @param {string} key @param {any} [options] */
    get: (key, options = {}) => of(options).peek(key),
    /**
     * With its value, of the same moment: it has come along.
     *
     * @param {string} key
     * @param {any} [options]
     */
    async entry(key, { namespace = [] } = {}) {
      const found = await of({ namespace }).getEntry(key);
      return found && { key, namespace, ...found };
    },
    close: () => store.close(),
  };
}

/** @param {string} target */
function isFile(target) {
  return target.includes('/') && fs.existsSync(target);
}

/**
 * @param {string} what
 * @param {unknown} found
 */
function found(what, found) {
  if (found === undefined) throw notThere(`There is no ${what}`);
}

module.exports = { checkIsHere, found, isFleet, observed, opened, placeOf, readable };
