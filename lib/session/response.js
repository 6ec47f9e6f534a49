/**
 * How to add a `Set-Cookie` header to a response, whatever kind of response it is.
 *
 * Must not know of cookies and sessions. Invariant: the cookies that a response has already stay.
 */
'use strict';

const errors = require('../errors/errors.js');

const NAME = 'Set-Cookie';

/** @typedef {Record<string, (...given: unknown[]) => unknown>} Methods */

/**
 * @param {unknown} response
 * @returns {(line: string) => void} adds a header, or throws because it is too late for that
 */
function cookieAppender(response) {
  const append = appenderOf(response);
  if (append === undefined) {
    const what = 'a Response, a ServerResponse or anything else with headers';
    throw errors.invalidType(what, 'res', response);
  }
  return (line) => {
    try {
      append(line);
    } catch (error) {
      throw errors.headersImmutable(error);
    }
  };
}

/**
 * @param {unknown} response
 * @returns {((line: string) => unknown) | undefined}
 */
function appenderOf(response) {
  const { headers } = methodsOf(response);
  // A web Response, and that of Harpia.
  const ofHeaders = methodsOf(headers);
  if (has(ofHeaders, 'append')) return (line) => ofHeaders.append(NAME, line);

  // Node, and what is built on it.
  const methods = methodsOf(response);
  if (has(methods, 'appendHeader')) return (line) => methods.appendHeader(NAME, line);
  if (has(methods, 'getHeader') && has(methods, 'setHeader')) {
    return (line) => methods.setHeader(NAME, [methods.getHeader(NAME) ?? [], line].flat());
  }

  // Web headers by themselves, for a response that is yet to be made.
  if (has(methods, 'append') && has(methods, 'getSetCookie')) {
    return (line) => methods.append(NAME, line);
  }
  return undefined;
}

/**
 * @param {unknown} value
 * @returns {Methods}
 */
function methodsOf(value) {
  return typeof value === 'object' && value !== null ? /** @type {Methods} */ (value) : {};
}

/**
 * @param {Methods} methods
 * @param {string} name
 */
function has(methods, name) {
  return typeof methods[name] === 'function';
}

module.exports = { cookieAppender };
