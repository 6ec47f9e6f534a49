/**
 * An object of options, checked for names that are none. Knows no option.
 *
 * Invariant: a typo is an error, and what is inherited counts as in any JavaScript.
 */
'use strict';

const { invalidType, unknownOption } = require('../errors.js');

/** Without a prototype, on which somebody might have put an option. */
const NO_OPTIONS = Object.freeze(Object.create(null));

/**
 * @param {unknown} options
 * @param {readonly string[]} names
 * @returns {Readonly<Record<string, unknown>>}
 */
function namedOptions(options, names) {
  if (options === undefined) return NO_OPTIONS;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidType('an object', 'options', options);
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw unknownOption(names, name);
  }
  return /** @type {Record<string, unknown>} */ (options);
}

module.exports = { namedOptions };
