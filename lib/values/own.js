/**
 * What those get who have waited for one value together, where a store gives copies.
 *
 * Knows no store and no load. Invariant: nobody can change what another one was given, but of a
 * value that cannot be copied.
 */
'use strict';

const { copyOf } = require('./codec.js');
const { freeze } = require('./freeze.js');

/**
 * @param {unknown} value
 * @param {boolean} isFirst whether nobody else has it as it is
 * @param {boolean} isFrozen whether those who read get what cannot be changed
 */
function ownOf(value, isFirst, isFrozen) {
  if (isFirst && !isFrozen) return value;
  const own = copyOf(value);
  // What has no copy is the factory's.
  if (isFrozen && own !== value) freeze(own);
  return own;
}

module.exports = { ownOf };
