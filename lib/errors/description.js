/**
 * A value as a message shows it. Runs no code of the value's.
 */
'use strict';

const { types } = require('node:util');

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
      return value === null ? 'null' : objectDescription(value);
    default:
      return String(value);
  }
}

/** @param {object} value */
function objectDescription(value) {
  // To ask a proxy is to run its code.
  if (types.isProxy(value)) return 'an object';
  if (Array.isArray(value)) return 'an array';
  if (types.isPromise(value)) return 'a promise';
  if (types.isDate(value)) return 'a Date';
  if (types.isMap(value)) return 'a Map';
  return types.isSet(value) ? 'a Set' : 'an object';
}

module.exports = { description };
