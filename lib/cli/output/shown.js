/**
 * A value as text for people, as much of it as can be read.
 *
 * Knows no store. What a value holds in two places is printed twice, so a few bytes can mean more
 * text than there is memory. Invariant: how long it takes is bounded, and what is left out is said.
 */
'use strict';

const { inspect } = require('node:util');

/** What a value counts for beside its text: brackets, commas, a name of what it is. */
const OF_EACH = 8;
const OF_A_BYTE = 4;
/** Of what is too long by itself. */
const FIRST = 200;
const BEGINNING = Object.freeze({ depth: 0, maxArrayLength: FIRST, maxStringLength: 1000 });
/** Deeper nothing is stored. */
const DEEPEST = 1024;
/** Items of an array that is not asked for names, too: to list them takes as long as it is. */
const LONG = 2 ** 14;

/**
 * How `inspect` is to print, as it names it; `null` where it is to print all.
 *
 * @typedef {object} Shape
 * @property {number} depth
 * @property {number | null} maxArrayLength
 * @property {number | null} maxStringLength
 */

/**
 * The text, and what to say of what was left out.
 *
 * @param {unknown} value
 * @param {Shape} shape
 * @param {number} most units of text, more or less
 * @returns {{ text: string, leftOut?: string }}
 */
function shown(value, shape, most) {
  const fits = (/** @type {number} */ depth) => isWithin(value, { ...shape, depth }, most);
  if (fits(shape.depth)) return { text: inspect(value, shape) };
  // The deepest that fits is from `least` to below `above`.
  let [least, above] = [-1, Math.min(shape.depth, DEEPEST)];
  while (above - least > 1) {
    const depth = (least + above) >> 1;
    if (fits(depth)) least = depth;
    else above = depth;
  }
  if (least >= 0) {
    const leftOut = `what lies deeper than ${least + 1} levels`;
    return { text: inspect(value, { ...shape, depth: least }), leftOut };
  }
  const leftOut = `all but the first ${FIRST} parts, and what lies in them`;
  return { text: inspect(beginningOf(value), BEGINNING), leftOut };
}

/** @param {unknown} value */
function beginningOf(value) {
  const isCut = Array.isArray(value) || [Map, Set, Error].some((it) => value instanceof it);
  if (isCut || bytesOf(Object(value)) > 0) return value;
  return Object.fromEntries(Object.entries(Object(value)).slice(0, FIRST));
}

/**
 * Whether the text of a value comes to no more than so many units.
 *
 * @param {unknown} value
 * @param {Shape} shape
 * @param {number} most
 */
function isWithin(value, { depth, maxArrayLength, maxStringLength }, most) {
  const [items, units] = [maxArrayLength, maxStringLength].map(
    (it) => it ?? Number.POSITIVE_INFINITY,
  );
  let left = most;
  /** Those around the one that is looked at: met again, it is named alone. */
  const around = new Set();

  /** @param {unknown} it @param {number} level @returns {boolean} */
  const visit = (it, level) => {
    left -= OF_EACH;
    if (typeof it === 'string') left -= Math.min(it.length, Number(units));
    if (typeof it !== 'object' || it === null || around.has(it) || level > depth) return left >= 0;
    left -= OF_A_BYTE * Math.min(bytesOf(it), Number(items));
    around.add(it);
    for (const [name, part] of partsOf(it, Number(items))) {
      left -= name.length;
      if (!visit(part, level + 1)) return false;
    }
    around.delete(it);
    return left >= 0;
  };
  return visit(value, 0);
}

/** @param {object} it */
function bytesOf(it) {
  return ArrayBuffer.isView(it) || it instanceof ArrayBuffer ? it.byteLength : 0;
}

/**
 * What is printed of a value within it, each with its name.
 *
 * @param {object} it
 * @param {number} items of those that have no name
 * @returns {Iterable<[name: string, part: unknown]>}
 */
function* partsOf(it, items) {
  if (bytesOf(it) > 0) return;
  let item = 0;
  if (it instanceof Map || it instanceof Set) {
    for (const [key, value] of it.entries()) {
      if (item >= items) break;
      item += 1;
      if (it instanceof Map) yield ['', key];
      yield ['', value];
    }
  }
  if (it instanceof Error) {
    for (const name of ['stack', 'cause', 'errors']) yield [name, Reflect.get(it, name)];
  }
  const isList = Array.isArray(it);
  if (isList && it.length > LONG) {
    for (; item < Math.min(it.length, items); item += 1) yield ['', it[item]];
    return;
  }
  for (const name in it) {
    item += 1;
    // The items of an array come first.
    const isItem = isList && item <= it.length && /^\d+$/.test(name);
    if (!isItem || item <= items) yield [isItem ? '' : name, Reflect.get(it, name)];
  }
}

module.exports = { isWithin, shown };
