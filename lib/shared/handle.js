/**
 * A shared store as this isolate has it open: one handle a name, however many objects use it.
 *
 * Knows no value. A lock belongs to a handle, so two objects of one isolate never wait for each
 * other's. Invariant: the native store is open as long as one object has the handle.
 */
'use strict';

const errors = require('../errors.js');
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
  /** Copies of entries that were read: of primitives, and of frozen values, too. */
  copies;
  frozenCopies;
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
    const words = native.versionWords(id);
    this.copies = new VersionCache(words);
    this.frozenCopies = new VersionCache(words);
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
    native.closeShared(id);
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
  const id = native.openShared(name, maxBytes, maxEntries, rule);
  if (id < 0) throw errors.sharedFailure(id, name);
  const known = handles.get(name);
  if (known !== undefined) {
    // The options were checked by opening; one opening is enough.
    native.closeShared(id);
    return known.use();
  }
  const handle = new Handle(name, id);
  handles.set(name, handle);
  return handle.use();
}

module.exports = { Handle, openHandle };
