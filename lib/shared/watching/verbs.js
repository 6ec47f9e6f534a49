/**
 * The verbs of changes and messages, for the classes that have them.
 *
 * Knows a backend by its `watching`. Invariant: keys, tags and channels of a namespace are its own,
 * to watch as to read.
 */
'use strict';

const errors = require('../../errors/errors.js');
const { Store } = require('../../store/store.js');

/** @typedef {InstanceType<typeof Store>} AnyStore */
/** @typedef {InstanceType<typeof import('./watching.js').Watching>} Watching */

/**
 * The verbs; each is called on a store.
 *
 * @type {Record<string, (this: AnyStore, ...given: any[]) => unknown>}
 */
const VERBS = {
  /** @param {unknown} what @param {...unknown} given a listener, options, or both */
  watch(what, ...given) {
    const { backend, rules } = Store.partsOf(this, 'watch', arguments.length, 'what to watch');
    const check = () => Store.opened(this, 'watch');
    return watchingOf(backend).watch(what, given, rules, check);
  },

  /** @param {unknown} channel @param {...unknown} given a listener, options, or both */
  subscribe(channel, ...given) {
    const { backend, rules } = Store.partsOf(this, 'subscribe', arguments.length, 'a channel');
    const check = () => Store.opened(this, 'subscribe');
    return watchingOf(backend).subscribe(channel, given, rules, check);
  },

  /** @param {unknown} channel @param {unknown} value */
  publish(channel, value) {
    const { backend, rules } = Store.partsOf(this, 'publish');
    if (arguments.length < 2) throw errors.missingArguments('publish', 'a channel and a value');
    const check = () => Store.opened(this, 'publish');
    check();
    watchingOf(backend).publish(channel, value, rules, check);
  },
};

/** @param {object} backend */
function watchingOf(backend) {
  return /** @type {{ watching: Watching }} */ (backend).watching;
}

/** @param {object} prototype */
function defineWatching(prototype) {
  for (const [name, value] of Object.entries(VERBS)) {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
}

module.exports = { defineWatching };
