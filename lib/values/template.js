/**
 * Which decoded values can be copied instead of decoded again, of what shape, and their size.
 *
 * Knows no encoding. Invariant: a value that has a shape is made of plain objects and dense arrays
 * alone, each met once, so a copy is what the decoder would give again.
 */
'use strict';

const { shapeOf } = require('./shape.js');

/** @typedef {import('./shape.js').Plan} Plan */
/** @typedef {ReturnType<typeof shapeOf>} Shape */

/** Of a value, and of what lies in it: beyond, it is decoded each time. */
const DEPTH = 32;
const OBJECTS = 64;
/** A value with more is not told from others by its names. */
const FIELDS = 128;
/** What an object costs beside its properties, and each of these, in bytes; as V8 has them. */
const OBJECT_BYTES = 40;
const FIELD_BYTES = 8;
const STRING_BYTES = 16;

/** Nothing in them has to be copied by itself. @type {Plan} */
const FLAT = Object.freeze({ isArray: false, names: [], keys: [], plans: [] });
/** @type {Plan} */
const FLAT_ARRAY = Object.freeze({ isArray: true, names: [], keys: [], plans: [] });

/** Of the value that is being looked at. */
let objects = 0;
let fields = 0;
let bytes = 0;

/** The last that was found out: the next value is often like it. @type {Shape | undefined} */
let lastShape;

/**
 * The shape of a value that was decoded, by which it is copied, and the bytes that it takes, about;
 * `undefined` of one that has to be decoded each time.
 *
 * @param {unknown} value
 * @param {Shape} [former] that the value before it had
 */
function templateOf(value, former = lastShape) {
  bytes = 0;
  // To find out a shape takes ten times as long as to see that it is one that is known.
  if (former?.isSmall && has(value, former.plan)) return { shape: former, bytes };
  objects = 0;
  fields = 0;
  bytes = 0;
  const plan = planOf(value, 1);
  if (plan === undefined) return undefined;
  lastShape = shapeOf(plan, fields <= FIELDS);
  return { shape: lastShape, bytes };
}

/**
 * Whether a value has this plan; counts its bytes.
 *
 * @param {unknown} value
 * @param {Plan} plan
 * @returns {boolean}
 */
function has(value, plan) {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return plan.isArray && isFlatArray(value);
  if (plan.isArray || Object.getPrototypeOf(value) !== Object.prototype) return false;
  const { names, keys, plans } = plan;
  let [index, nested] = [0, 0];
  // What is inherited would be one name more, and so another plan.
  for (const name in value) {
    if (name !== names[index]) return false;
    index += 1;
    const held = /** @type {Record<string, unknown>} */ (value)[name];
    if (typeof held === 'string') bytes += STRING_BYTES + held.length;
    else if (typeof held === 'function') return false;
    else if (typeof held === 'object' && held !== null) {
      if (name !== keys[nested] || !has(held, /** @type {Plan} */ (plans[nested]))) return false;
      nested += 1;
    }
  }
  bytes += OBJECT_BYTES + FIELD_BYTES * index;
  return index === names.length && nested === keys.length;
}

/**
 * Whether it is an array, dense, of what needs no copy; counts its bytes.
 *
 * @param {unknown[]} value
 */
function isFlatArray(value) {
  if (Object.getPrototypeOf(value) !== Array.prototype) return false;
  bytes += OBJECT_BYTES + FIELD_BYTES * value.length;
  for (let index = 0; index < value.length; index += 1) {
    const held = value[index];
    if (typeof held === 'string') bytes += STRING_BYTES + held.length;
    else if (typeof held === 'function') return false;
    else if (typeof held === 'object' && held !== null) return false;
    else if (held === undefined && !Object.hasOwn(value, index)) return false;
  }
  return true;
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
  if (!isArray) fields += names.length;
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
  if (isArray) return keys.length === 0 ? FLAT_ARRAY : { isArray, names: [], keys, plans };
  return names.length === 0 ? FLAT : { isArray, names, keys, plans };
}

module.exports = { templateOf };
