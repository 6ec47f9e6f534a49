/**
 * Looks at stores that go on from one question of the page to the next.
 *
 * Knows no request. Invariant: what lies in a store is looked at again only if something was done
 * there since, and a file that was made anew is another store.
 */
'use strict';

const { SharedStore } = require('../../shared/shared-store.js');
const { identityOf } = require('../identity.js');

/** @typedef {ReturnType<typeof SharedStore.observe>} Observer */
/**
 * @typedef {object} Look
 * @property {string} identity of the file
 * @property {Observer} observer
 * @property {string} [done] what had been done when it was looked at
 * @property {ReturnType<typeof contentOf>} [content]
 */

/** Entries that say what lies in a store: some 5 ms. */
const SAMPLE = 4096;
const ROWS = 12;
/** Columns of the map of memory: segments of each role by how full they are. */
const FILLS = 10;
const ROLES = Object.freeze(/** @type {const} */ (['free', 'new', 'main', 'index']));

class Looks {
  /** By file. @type {Map<string, Look>} */
  #open = new Map();

  /** Whether a file was looked at, and is still the same. @param {string} file */
  has(file) {
    const known = this.#open.get(file);
    return known !== undefined && known.identity === identityOf(file);
  }

  /** @param {string} file @returns {Observer} */
  at(file) {
    return this.#at(file).observer;
  }

  /** Of the file that there is now: another one is another store. @param {string} file */
  identity(file) {
    return this.#at(file).identity;
  }

  /** What lies in the store of a file. @param {string} file */
  content(file) {
    const look = this.#at(file);
    // Every change and every read moves one of these.
    const done = JSON.stringify(look.observer.stats());
    if (look.content === undefined || look.done !== done) {
      look.content = contentOf(look.observer);
      look.done = done;
    }
    return look.content;
  }

  /** Ends looks at all but these. @param {ReadonlySet<string | undefined>} files */
  keep(files) {
    for (const file of this.#open.keys()) if (!files.has(file)) this.#end(file);
  }

  /** @param {string} file @returns {Look} */
  #at(file) {
    if (!this.has(file)) this.#end(file);
    const known = this.#open.get(file);
    if (known !== undefined) return known;
    const made = { identity: identityOf(file), observer: SharedStore.observe({ file }) };
    this.#open.set(file, made);
    return made;
  }

  /** @param {string} file */
  #end(file) {
    this.#open.get(file)?.observer.close();
    this.#open.delete(file);
  }
}

/** @param {Observer} observer */
function contentOf(observer) {
  const { prefixes, hottest, looked } = observer.sample({ entries: SAMPLE });
  return {
    looked,
    prefixes: prefixes.slice(0, ROWS),
    hottest: hottest.slice(0, ROWS),
    map: mapOf(observer),
  };
}

/** How many segments of each role are how full, in tenths. @param {Observer} observer */
function mapOf(observer) {
  const { bytesPerSegment } = observer.stats();
  const map = Object.fromEntries(ROLES.map((role) => [role, new Array(FILLS).fill(0)]));
  for (const { role, liveBytes } of observer.segments()) {
    const fill = Math.min(FILLS - 1, Math.floor((liveBytes / bytesPerSegment) * FILLS));
    map[role][fill] += 1;
  }
  return map;
}

module.exports = { Looks };
