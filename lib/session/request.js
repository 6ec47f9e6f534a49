/**
 * The session id that a request names, whatever kind of request it is.
 *
 * Must not know of sessions and stores. Invariant: no cookie that a client may send makes it
 * throw; what cannot be an id is no id.
 */
'use strict';

const { parseCookie } = require('cookie');
const errors = require('../errors/errors.js');

/** Ours have 36. What is longer is not worth a look into a store, nor a key there. */
const MAX_ID_CHARACTERS = 256;

/** @typedef {Record<string, unknown> & { get?: unknown }} Named Cookies or headers by name. */

/**
 * Whether a value can be the id of a session at all.
 *
 * @param {unknown} value
 * @returns {value is string}
 */
function isId(value) {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_CHARACTERS;
}

/**
 * The id in the cookie of that name, if there is one.
 *
 * @param {unknown} request
 * @param {string} cookieName
 * @returns {string | undefined}
 */
function idOfRequest(request, cookieName) {
  if (!namesCookies(request)) throw errors.invalidType('a request', 'req', request);
  return idIn(request, cookieName);
}

/**
 * The same for a WebSocket of Bun or Harpia, whose data hold the cookies of its request.
 *
 * @param {unknown} socket
 * @param {string} cookieName
 * @returns {string | undefined}
 */
function idOfWebSocket(socket, cookieName) {
  if (!isObject(socket)) throw errors.invalidType('a WebSocket', 'ws', socket);
  const { data } = socket;
  return namesCookies(data) ? idIn(data, cookieName) : undefined;
}

/**
 * The framework's own reading of the cookies comes first, then the header.
 *
 * @param {Named} request
 * @param {string} cookieName
 */
function idIn({ cookies, headers }, cookieName) {
  const parsed = named(cookies, cookieName);
  if (typeof parsed === 'string') return isId(parsed) ? parsed : undefined;
  const line = named(headers, 'cookie');
  // Of several cookies with one name the first counts: browsers send the most specific path first.
  const value = typeof line === 'string' ? parseCookie(line)[cookieName] : undefined;
  return isId(value) ? value : undefined;
}

/**
 * What a jar, web headers or a plain object have under a name.
 *
 * @param {unknown} holder
 * @param {string} name
 */
function named(holder, name) {
  if (!isObject(holder)) return undefined;
  if (typeof holder.get === 'function') return /** @type {unknown} */ (holder.get(name));
  return holder[name];
}

/**
 * @param {unknown} value
 * @returns {value is Named}
 */
function namesCookies(value) {
  return isObject(value) && ('headers' in value || 'cookies' in value);
}

/**
 * @param {unknown} value
 * @returns {value is Named}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null;
}

module.exports = { idOfRequest, idOfWebSocket, isId };
