/**
 * What in a value a structured clone would refuse, lose, or write so that nobody can read it.
 *
 * Knows no store and no encoding. Getters are not run: what they give, the clone itself judges.
 * Invariant: where nothing is found here, what a clone writes can be read.
 */
'use strict';

const { types } = require('node:util');
const { description } = require('../errors/description.js');

/** Levels of objects in a value. V8 writes deeper ones than it can read: some 3,100 and 1,900. */
const DEPTH = 1000;
/** Of where a part is, what is shown of one that lies too deep. */
const SHOWN_PATH = 40;
/** Longer arrays are looked at by their keys: they may be mostly holes. */
const ARRAY_LENGTH = 2 ** 20;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

const eachOfMap = Map.prototype.forEach;
const eachOfSet = Set.prototype.forEach;

/** What a clone carries whole, with nothing in it to look at. */
const CARRIED = Object.freeze([types.isDate, types.isRegExp, types.isBoxedPrimitive]);

/**
 * A part that a clone does not carry: what it is, where in the value, and what was expected there,
 * if not just a part that can be cloned.
 *
 * @typedef {{ part: unknown, path: string, expected?: string }} Refused
 */

/**
 * The first such part of a value, if there is one.
 *
 * @param {unknown} value
 */
function refusedPart(value) {
  return new Search().look(value, 'value', 0);
}

class Search {
  #met = new Set();
  /** Errors whose causes are being looked at: one that leads back to itself nobody can read. */
  #causing = new Set();

  /**
   * @param {unknown} part
   * @param {string} path
   * @param {number} depth
   * @returns {Refused | undefined}
   */
  look(part, path, depth) {
    if (typeof part === 'function' || typeof part === 'symbol') return { part, path };
    if (typeof part !== 'object' || part === null) return undefined;
    if (depth >= DEPTH) return tooDeep(part, path);
    if (this.#causing.has(part) || types.isProxy(part)) return { part, path };
    if (this.#met.has(part)) return undefined;
    this.#met.add(part);
    if (types.isArrayBufferView(part)) return isLost(part.buffer) ? { part, path } : undefined;
    if (types.isAnyArrayBuffer(part)) return isLost(part) ? { part, path } : undefined;
    if (types.isNativeError(part)) return this.#cause(part, path, depth);
    if (CARRIED.some((isCarried) => isCarried(part))) return undefined;
    if (types.isMap(part)) return this.#map(part, path, depth);
    if (types.isSet(part)) return this.#set(part, path, depth);
    if (Array.isArray(part) && part.length <= ARRAY_LENGTH) return this.#array(part, path, depth);
    return this.#object(part, path, depth);
  }

  /**
   * @param {Error} error
   * @param {string} path
   * @param {number} depth
   */
  #cause(error, path, depth) {
    this.#causing.add(error);
    const described = Object.getOwnPropertyDescriptor(error, 'cause');
    const refused = this.look(described?.value, `${path}.cause`, depth + 1);
    this.#causing.delete(error);
    return refused;
  }

  /**
   * @param {Map<unknown, unknown>} map
   * @param {string} path
   * @param {number} depth
   */
  #map(map, path, depth) {
    /** @type {Refused | undefined} */
    let refused;
    eachOfMap.call(map, (held, key) => {
      refused ??= this.look(key, `${path} (a key of the Map)`, depth + 1);
      refused ??= this.look(held, `${path}.get(${description(key)})`, depth + 1);
    });
    return refused;
  }

  /**
   * @param {Set<unknown>} set
   * @param {string} path
   * @param {number} depth
   */
  #set(set, path, depth) {
    /** @type {Refused | undefined} */
    let refused;
    eachOfSet.call(set, (held) => {
      refused ??= this.look(held, `${path} (in the Set)`, depth + 1);
    });
    return refused;
  }

  /**
   * @param {unknown[]} array
   * @param {string} path
   * @param {number} depth
   */
  #array(array, path, depth) {
    for (let index = 0; index < array.length; index += 1) {
      const held = array[index];
      if (isSimple(held)) continue;
      const refused = this.look(held, `${path}[${index}]`, depth + 1);
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  /**
   * @param {object} object
   * @param {string} path
   * @param {number} depth
   */
  #object(object, path, depth) {
    const keys = Object.keys(object);
    if (keys.length === 0 && namesItsKind(object)) return { part: object, path };
    for (const key of keys) {
      const held = Object.getOwnPropertyDescriptor(object, key)?.value;
      if (isSimple(held)) continue;
      const within = IDENTIFIER.test(key) ? `.${key}` : `[${description(key)}]`;
      const refused = this.look(held, path + within, depth + 1);
      if (refused !== undefined) return refused;
    }
    return undefined;
  }
}

/**
 * @param {object} part
 * @param {string} path
 */
function tooDeep(part, path) {
  const expected = `a value of at most ${DEPTH} levels`;
  return { part, path: `${path.slice(0, SHOWN_PATH)}…`, expected };
}

/** @param {unknown} held */
function isSimple(held) {
  return held === null || !['object', 'function', 'symbol'].includes(typeof held);
}

/**
 * Bytes that are other threads', too, or that were given away.
 *
 * @param {ArrayBufferLike} buffer
 */
function isLost(buffer) {
  return types.isSharedArrayBuffer(buffer) || isDetached(buffer);
}

/**
 * Whether the bytes of a buffer were given away: then it has none, and nobody may look at them.
 *
 * @param {ArrayBufferLike} buffer
 */
function isDetached(buffer) {
  if (buffer.byteLength > 0) return false;
  try {
    return new Uint8Array(buffer).length > 0;
  } catch {
    return true;
  }
}

/**
 * Whether an object without properties is of a kind that the platform brings along, which keeps
 * what it holds elsewhere: a `URL`, `Headers`, a `WebAssembly.Module`.
 *
 * @param {object} object
 */
function namesItsKind(object) {
  for (let from = object; from !== null; from = Object.getPrototypeOf(from)) {
    if (Object.hasOwn(from, Symbol.toStringTag)) return true;
  }
  return false;
}

module.exports = { isDetached, refusedPart };
