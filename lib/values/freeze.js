/**
 * Freezes a value that was just decoded, with all that it holds. Knows no store.
 *
 * Maps, sets, dates, regular expressions and bytes keep what they hold where no freezing reaches.
 * Invariant: the answer is true only if nobody can change anything of the value.
 */
'use strict';

/**
 * @param {unknown} value
 * @returns {boolean} whether it is frozen whole
 */
function freeze(value) {
  let isWhole = true;
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null || Object.isFrozen(next)) continue;
    if (ArrayBuffer.isView(next)) {
      isWhole = false;
      continue;
    }
    if (!isFreezable(next)) isWhole = false;
    Object.freeze(next);
    for (const key of Reflect.ownKeys(next)) open.push(Reflect.get(next, key));
  }
  return isWhole;
}

/** @param {object} value */
function isFreezable(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}

module.exports = { freeze };
