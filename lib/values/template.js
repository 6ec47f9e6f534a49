/**
 * Copies of decoded plain values: what a decoder gave once, handed out anew each time.
 *
 * Knows no encoding. A plan says where in a value are objects; the rest is immutable. Invariant: a
 * value of which there is a plan is made of plain objects and dense arrays alone, each met once, so
 * a copy is what the decoder would give again.
 */
'use strict';

/** Of a value, and of what lies in it: beyond, it is decoded each time. */
const DEPTH = 32;
const OBJECTS = 64;
/** What an object costs beside its properties, and each of these, in bytes; as V8 has them. */
const OBJECT_BYTES = 40;
const FIELD_BYTES = 8;
const STRING_BYTES = 16;

/**
 * @typedef {object} Plan
 * @property {boolean} isArray
 * @property {readonly (string | number)[]} keys of the objects and arrays in it
 * @property {readonly Plan[]} plans for these
 */

/** Nothing in them has to be copied by itself. @type {Plan} */
const FLAT = Object.freeze({ isArray: false, keys: [], plans: [] });
/** @type {Plan} */
const FLAT_ARRAY = Object.freeze({ isArray: true, keys: [], plans: [] });

/** Of the value that is being looked at. */
let objects = 0;
let bytes = 0;

/**
 * How to copy a value that was decoded, and what it takes, about; `undefined` of one that has to
 * be decoded each time.
 *
 * @param {unknown} value
 */
function templateOf(value) {
  objects = 0;
  bytes = 0;
  const plan = planOf(value, 1);
  return plan === undefined ? undefined : { plan, bytes };
}

/**
 * @param {unknown} value
 * @param {number} depth
 * @returns {Plan | undefined}
 */
function planOf(value, depth) {
  objects += 1;
  if (typeof value !== 'object' || value === null || depth > DEPTH || objects > OBJECTS) return;
  const isArray = Array.isArray(value);
  const prototype = Object.getPrototypeOf(value);
  // What is damaged may be anything.
  if (prototype !== (isArray ? Array.prototype : Object.prototype)) return undefined;
  bytes += OBJECT_BYTES;
  /** @type {(string | number)[]} */
  const keys = [];
  /** @type {Plan[]} */
  const plans = [];
  const names = Object.keys(value);
  if (isArray && names.length !== value.length) return undefined;
  for (const [index, name] of names.entries()) {
    const held = /** @type {Record<string, unknown>} */ (value)[name];
    bytes += FIELD_BYTES;
    if (typeof held === 'string') bytes += STRING_BYTES + held.length;
    if (typeof held === 'function') return undefined;
    if (typeof held !== 'object' || held === null) continue;
    const plan = planOf(held, depth + 1);
    // To set this one would say what the copy inherits from.
    if (plan === undefined || name === '__proto__') return undefined;
    keys.push(isArray ? index : name);
    plans.push(plan);
  }
  if (keys.length === 0) return isArray ? FLAT_ARRAY : FLAT;
  bytes += OBJECT_BYTES + keys.length * FIELD_BYTES * 2;
  return { isArray, keys, plans };
}

/**
 * A copy of a value by its plan.
 *
 * @param {any} value
 * @param {Plan} plan
 * @returns {any}
 */
function copyOf(value, plan) {
  const copy = plan.isArray ? value.slice() : { ...value };
  const { keys, plans } = plan;
  for (let index = 0; index < keys.length; index += 1) {
    const key = /** @type {string} */ (keys[index]);
    copy[key] = copyOf(copy[key], /** @type {Plan} */ (plans[index]));
  }
  return copy;
}

module.exports = { copyOf, templateOf };
