/**
 * Parts that are loaded at their first use: who never uses them does not wait for them at start.
 *
 * Knows no part: its user writes the `require`, with its name in it, so that bundlers see it.
 * Invariant: parts that a timer or a listener of this package needs are not loaded so, for then
 * nobody may load anything any more.
 */
'use strict';

/**
 * @template {object} T
 * @param {() => T} load
 * @returns {() => T}
 */
function later(load) {
  /** @type {T | undefined} */
  let loaded;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

module.exports = { later };
