/**
 * Messages between servers of socket.io as clients would get them: JSON, with bytes as they are.
 *
 * A clone would lose what `toJSON` says, and clients of two servers would get two things.
 * Invariant: nothing that a message says is taken for bytes: what stands for them is drawn by lot.
 */
'use strict';

const { randomUUID } = require('node:crypto');
const { types } = require('node:util');

/** @typedef {string | [text: string, mark: string, ...bytes: unknown[]]} Packed */

/** The name that stands for bytes in what this process sends. */
const MARK = randomUUID();

/**
 * @param {unknown} message
 * @returns {Packed}
 */
function pack(message) {
  /** @type {unknown[]} */
  const bytes = [];
  const text = JSON.stringify(message, function replace(key, value) {
    // A Buffer has been asked for its JSON already.
    const original = this[key];
    if (!ArrayBuffer.isView(original) && !types.isAnyArrayBuffer(original)) return value;
    return { [MARK]: bytes.push(original) - 1 };
  });
  return bytes.length === 0 ? text : [text, MARK, ...bytes];
}

/** @param {Packed} packed */
function unpack(packed) {
  if (typeof packed === 'string') return JSON.parse(packed);
  const [text, mark, ...bytes] = packed;
  return withBytes(JSON.parse(text), mark, bytes);
}

/**
 * A message with its bytes back in place. A client decides how deep it is: a `JSON.parse` that
 * calls back, or a function that calls itself, would overflow the stack of each server that hears.
 *
 * @param {unknown} parsed
 * @param {string} mark
 * @param {unknown[]} bytes
 */
function withBytes(parsed, mark, bytes) {
  const whole = { parsed };
  /** What may have marks in it. @type {any[]} */
  const left = [whole];
  for (let holder = left.pop(); holder !== undefined; holder = left.pop()) {
    for (const key of Object.keys(holder)) {
      const value = holder[key];
      if (typeof value !== 'object' || value === null) continue;
      // The name is its own, even `__proto__`: this makes no other property, and sets no prototype.
      if (Object.hasOwn(value, mark)) holder[key] = bytes[value[mark]];
      else left.push(value);
    }
  }
  return whole.parsed;
}

module.exports = { pack, unpack };
