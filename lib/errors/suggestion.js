/**
 * Which known name a misspelled one was most likely meant to be. Knows words only.
 */
'use strict';

/** Letters of an option's name that may be wrong for another to be meant. */
const MISSPELLED_LETTERS = 2;
/** A longer name is no misspelled one. */
const MOST_LETTERS = 40;

/**
 * The known name that was most likely meant: one with at most two letters wrong.
 *
 * @param {readonly string[]} names
 * @param {string} name
 */
function closestOf(names, name) {
  if (name.length > MOST_LETTERS) return undefined;
  const near = names
    .map((known) => ({ known, distance: distanceOf(known.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= MISSPELLED_LETTERS)
    .sort((one, other) => one.distance - other.distance);
  return near[0]?.known;
}

/**
 * Letters to insert, delete or replace to make one word of another.
 *
 * @param {string} one
 * @param {string} other
 */
function distanceOf(one, other) {
  let former = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...one].entries()) {
    const next = [row + 1];
    for (let column = 0; column < other.length; column += 1) {
      const replaced = Number(former[column]) + Number(letter !== other[column]);
      const changed = Math.min(Number(former[column + 1]), Number(next[column])) + 1;
      next.push(Math.min(replaced, changed));
    }
    former = next;
  }
  return Number(former[other.length]);
}

module.exports = { closestOf };
