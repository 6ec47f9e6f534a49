/**
 * A shared store as this isolate has it open: one handle a name, however many objects use it.
 *
 * Knows no value. A lock belongs to a handle, so two objects of one isolate never wait for each
 * other's. Invariant: the native store is open as long as one object has the handle.
 */
'use strict';

const errors = require('../errors.js');
const { Flights } = require('../flights.js');
const native = require('../native.js');
const { Codec } = require('./values/codec.js');
const { VersionCache } = require('./version-cache.js');

/** What is not wanted by an opener. */
const ANY = -1;

/** @typedef {{ maxBytes?: number, maxEntries?: number, whenFull?: 'error' | 'evict' }} Wanted */

/** @type {Map<string, Handle>} */
const handles = new Map();

class Handle {
  /** The store in the native core; 0 once closed. */
  id;
  name;
  codec;
  /** What is being made for keys of this store, by whichever object. */
  flights = new Flights(() => {});
  /** Copies of entries that were read: of primitives, and of frozen values, too. */
  copies;
  frozenCopies;
  /** How often each key is claimed. @type {Map<string, number>} */
  #claims = new Map();
  #words;
  /** How many objects use it. */
  #users = 0;

  /**
   * @param {string} name
   * @param {number} id
   */
  constructor(name, id) {
    this.name = name;
    this.id = id;
    this.codec = new Codec(id);
    this.#words = native.versionWords(id);
    this.copies = new VersionCache(this.#words);
    this.frozenCopies = new VersionCache(this.#words);
  }

  /**
   * Claims a key, for this isolate: as often as it is claimed, the claim has to end.
   *
   * @param {string} key
   */
  claim(key) {
    const claim = native.claimFlight(this.id, key);
    if (claim > 0) this.#claims.set(key, (this.#claims.get(key) ?? 0) + 1);
    return claim;
  }

  /** @param {string} key */
  endClaim(key) {
    const left = (this.#claims.get(key) ?? 0) - 1;
    if (left > 0) {
      this.#claims.set(key, left);
      return;
    }
    this.#claims.delete(key);
    if (this.id !== 0) native.endFlight(this.id, key);
  }

  use() {
    this.#users += 1;
    return this;
  }

  /** One object less; with the last the native store is closed. */
  release() {
    this.#users -= 1;
    if (this.#users > 0) return;
    handles.delete(this.name);
    const { id } = this;
    this.id = 0;
    this.copies.forgetAll();
    this.frozenCopies.forgetAll();
    // Its words keep the store: without them, it goes at once.
    native.closeShared(id, this.#words?.buffer);
    this.#words = undefined;
  }
}

/**
 * The handle of a store, opened if it is not.
 *
 * @param {string} name
 * @param {Wanted} wanted
 */
function openHandle(name, wanted) {
  const { maxBytes = ANY, maxEntries = ANY, whenFull } = wanted;
  const rule = whenFull === undefined ? ANY : Number(whenFull === 'evict');
  const known = handles.get(name);
  if (known !== undefined) {
    const met = native.meetsShared(name, maxBytes, maxEntries, rule);
    if (met < 0) throw errors.sharedFailure(met, name);
    return known.use();
  }
  const id = native.openShared(name, maxBytes, maxEntries, rule);
  if (id < 0) throw errors.sharedFailure(id, name);
  const handle = new Handle(name, id);
  handles.set(name, handle);
  return handle.use();
}

module.exports = { Handle, openHandle };
