/**
 * Changes of an adapter's keys, made by anybody: of a shared store or by a local one.
 *
 * Knows no interface of others. Invariant: what changed without its key being known is told as the
 * removal of everything, the empty key.
 */
'use strict';

const { MemoryStore } = require('../../local/memory-store.js');
const { MemoryStore: AsyncMemoryStore } = require('../drop-ins/memory-store.js');
const { Listening } = require('./listening.js');

/** What a local store tells of one key; of one that was invalidated by a tag, only `dispose`. */
const EVENTS = Object.freeze(['set', 'delete', 'expire', 'evict']);

/** @typedef {InstanceType<typeof import('./adapted.js').Adapted>} Adapted */
/** @typedef {(event: 'update' | 'remove', key: string) => unknown} Listener */

/**
 * What tells a listener of changes until it is stopped; none for a store that tells none.
 *
 * @param {Adapted} adapted
 * @returns {((listener: Listener) => InstanceType<typeof Listening>) | undefined}
 */
function changesOf(adapted) {
  const { store, prefix } = adapted;
  /** @type {any} */
  const watched = store;
  const keyOf = (/** @type {string} */ key) => key.slice(prefix.length);
  if (typeof watched.watch === 'function') {
    return (listener) => {
      /** @param {{ type: string, key?: string }} change */
      const hear = ({ type, key }) => {
        if (key === undefined) listener('remove', '');
        else listener(eventOf(type), keyOf(key));
      };
      return new Listening(adapted, {
        begin: () => watched.watch({ prefix }, hear),
        miss: () => listener('remove', ''),
      });
    };
  }
  if (!(store instanceof MemoryStore || store instanceof AsyncMemoryStore)) return undefined;
  return (listener) => {
    /** @param {[key: string, value: unknown, reason: string, namespaces?: string[]]} told */
    const invalidated = (...[key, , reason, namespaces]) => {
      if (reason !== 'invalidate' || namespaces !== undefined) return;
      if (key.startsWith(prefix)) listener('remove', keyOf(key));
    };
    /** @type {{ type: string, hear: (...told: any) => void }[]} */
    const heard = EVENTS.map((type) => {
      const hear = (/** @type {string} */ key) => {
        if (key.startsWith(prefix)) listener(eventOf(type), keyOf(key));
      };
      return { type, hear };
    });
    heard.push({ type: 'clear', hear: () => listener('remove', '') });
    heard.push({ type: 'dispose', hear: invalidated });
    const begin = () => {
      for (const { type, hear } of heard) watched.on(type, hear);
      return () => {
        for (const { type, hear } of heard) watched.off(type, hear);
      };
    };
    return new Listening(adapted, { begin, miss: () => listener('remove', '') });
  };
}

/**
 * A fleet says only that a key has changed: who looks sees whether it is there.
 *
 * @param {string} type
 * @returns {'update' | 'remove'}
 */
function eventOf(type) {
  return type === 'set' || type === 'change' ? 'update' : 'remove';
}

module.exports = { changesOf };
