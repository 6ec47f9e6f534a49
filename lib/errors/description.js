/**
 * A value as a message shows it. Runs no code of the value's.
 */
'use strict';

/** The longest piece of a string that a message quotes, in UTF-16 units. */
const QUOTED_UNITS = 40;

/** @param {unknown} value */
function description(value) {
  switch (typeof value) {
    case 'string':
      return value.length > QUOTED_UNITS
        ? `${JSON.stringify(value.slice(0, QUOTED_UNITS))}… (${value.length} characters)`
        : JSON.stringify(value);
    case 'bigint': {
      const digits = String(value);
      return digits.length > QUOTED_UNITS ? 'a long bigint' : `${digits}n`;
    }
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : 'an object';
    default:
      return String(value);
  }
}

module.exports = { description };
