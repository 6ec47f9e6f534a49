/**
 * The first levels of this process, for a bus that does not know what they should forget.
 *
 * A bus is told neither the levels nor the prefix of its bentocache. Invariant: nobody who is done
 * with a level keeps it here.
 */
'use strict';

/** The prefix of a bentocache that has none of its own. */
const DEFAULT_PREFIX = 'bentocache';
/** So many names are kept: there may be a namespace for each user. */
const MOST_NAMES = 100;

/** @typedef {{ clear(): unknown }} Level */

/** @type {Set<WeakRef<Level>>} */
const levels = new Set();

/** @param {Level} level */
function remember(level) {
  for (const known of levels) {
    if (known.deref() === undefined) levels.delete(known);
  }
  levels.add(new WeakRef(level));
}

/** Empties all that were made by this package. */
function emptyAll() {
  for (const known of levels) {
    try {
      known.deref()?.clear();
    } catch {
      // One that was disconnected: nothing is read of it any more.
    }
  }
}

/**
 * The last namespaces that a bus has heard of: how it calls the first levels of others.
 *
 * All of a bus are within that of its prefix, which empties with it those of all others.
 */
class Namespaces {
  /** @type {Set<string>} */
  #names = new Set();

  /** @param {string | undefined} name */
  add(name) {
    if (name === undefined || this.#names.has(name)) return;
    for (const oldest of this.#names) {
      if (this.#names.size < MOST_NAMES) break;
      this.#names.delete(oldest);
    }
    this.#names.add(name);
  }

  /** Them, and those that they are within. */
  *[Symbol.iterator]() {
    const all = new Set([DEFAULT_PREFIX]);
    for (const name of this.#names) {
      for (let end = name.indexOf(':'); end !== -1; end = name.indexOf(':', end + 1)) {
        all.add(name.slice(0, end));
      }
      all.add(name);
    }
    // Without a prefix there is no name.
    yield undefined;
    yield* all;
  }
}

module.exports = { Namespaces, emptyAll, remember };
