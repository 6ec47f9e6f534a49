/**
 * Values that JSON carries exactly, as text: the greater part of what is kept, for every engine.
 *
 * Knows no file. Each property is read once. Invariant: what the text is parsed to equals a
 * structured clone of the value; whatever is doubtful has no text, and is cloned instead.
 */
'use strict';

const { types } = require('node:util');
const { clone } = require('./codec.js');

/** Deeper values are cloned. */
const DEPTH = 200;
/** Longer arrays are cloned: to look for holes and properties in them takes long. */
const ARRAY_LENGTH = 65_536;
/** Longer texts are cloned. In UTF-16 units. */
const TEXT_UNITS = 16 * 1024 * 1024;

/**
 * The text of an object or array; `undefined` where JSON does not carry it exactly.
 *
 * @param {object} value
 */
function jsonText(value) {
  return new JsonWriter().object(value, 1);
}

class JsonWriter {
  /** One that is met twice is one in its clone, too; so is one that holds itself. */
  #met = new Set();
  #leftUnits = TEXT_UNITS;

  /**
   * @param {object} value
   * @param {number} depth
   * @returns {string | undefined}
   */
  object(value, depth) {
    if (depth > DEPTH || this.#met.has(value) || types.isProxy(value)) return undefined;
    this.#met.add(value);
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#record(value, depth);
    if (prototype === Array.prototype && Array.isArray(value)) return this.#array(value, depth);
    return undefined;
  }

  /**
   * @param {object} value
   * @param {number} depth
   */
  #record(value, depth) {
    const keys = Object.keys(value);
    if (keys.length === 0) return isEmptyRecord(value) ? '{}' : undefined;
    /** @type {string[]} */
    const parts = [];
    for (const key of keys) {
      const text = this.#any(Reflect.get(value, key), depth);
      if (text === undefined) return undefined;
      parts.push(`${this.#spend(JSON.stringify(key))}:${text}`);
    }
    return `{${parts.join(',')}}`;
  }

  /**
   * @param {unknown[]} array
   * @param {number} depth
   */
  #array(array, depth) {
    const { length } = array;
    // Holes, and properties that are no elements.
    if (length > ARRAY_LENGTH || Object.keys(array).length !== length) return undefined;
    /** @type {string[]} */
    const parts = [];
    for (let index = 0; index < length; index += 1) {
      const text = Object.hasOwn(array, index) ? this.#any(array[index], depth) : undefined;
      if (text === undefined) return undefined;
      parts.push(text);
    }
    return `[${parts.join(',')}]`;
  }

  /**
   * @param {unknown} value
   * @param {number} depth of what holds it
   */
  #any(value, depth) {
    if (this.#leftUnits < 0) return undefined;
    switch (typeof value) {
      case 'string':
        // What is long already is not made longer.
        return value.length > TEXT_UNITS ? undefined : this.#spend(JSON.stringify(value));
      case 'number':
        if (!Number.isFinite(value)) return undefined;
        return this.#spend(Object.is(value, -0) ? '-0' : String(value));
      case 'boolean':
        return this.#spend(String(value));
      case 'object':
        return value === null ? this.#spend('null') : this.object(value, depth + 1);
      default:
        return undefined;
    }
  }

  /** @param {string} text */
  #spend(text) {
    this.#leftUnits -= text.length + 1;
    return text;
  }
}

/**
 * What has no property is perhaps something else in disguise: its clone tells.
 *
 * @param {object} value
 */
function isEmptyRecord(value) {
  try {
    return clone(value).equals(clone({}));
  } catch {
    // It is cloned next, and refused with its key.
    return false;
  }
}

module.exports = { jsonText };
