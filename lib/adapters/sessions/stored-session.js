/**
 * Sessions as they are stored: what JSON says of them, and in a cookie the time that is left.
 *
 * Knows no store. Invariant: what a reader gets is his own, even from a store that hands out what
 * it holds.
 */
'use strict';

/**
 * What is stored of a session: no methods, and what has a `toJSON` by that.
 *
 * @param {object} session
 */
function storedOf(session) {
  return JSON.parse(JSON.stringify(session));
}

/** @typedef {{ isCopy: (value: object) => boolean }} Adapted */
/** @typedef {{ value: any, ttl: number }} Entry */

/**
 * A session as it was stored, but for the time that it has left.
 *
 * @param {Adapted} adapted
 * @param {Entry} entry
 */
function sessionOf(adapted, { value, ttl: leftMs }) {
  const session = adapted.isCopy(value) ? value : copyOf(value);
  const expires = session.cookie?.expires;
  if (typeof expires === 'string' && Number.isFinite(leftMs)) {
    session.cookie.expires = new Date(Date.now() + leftMs).toISOString();
  }
  return session;
}

/**
 * A copy of what JSON can say.
 *
 * @param {any} value
 * @returns {any}
 */
function copyOf(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  /** @type {Record<string, unknown>} */
  const copy = {};
  for (const name of Object.keys(value)) {
    // To set this one would say what the copy inherits from.
    if (name === '__proto__') define(copy, name, copyOf(value[name]));
    else copy[name] = copyOf(value[name]);
  }
  return copy;
}

/**
 * @param {object} object
 * @param {string} name
 * @param {unknown} value
 */
function define(object, name, value) {
  const how = { configurable: true, enumerable: true, writable: true };
  Object.defineProperty(object, name, { ...how, value });
}

/**
 * @param {Adapted} adapted
 * @param {string[]} ids
 * @param {(Entry | undefined)[]} entries
 */
function sessionsOf(adapted, ids, entries) {
  // Without a prototype: an id may be any text.
  const sessions = Object.create(null);
  ids.forEach((id, index) => {
    const entry = entries[index];
    if (entry !== undefined) sessions[id] = sessionOf(adapted, entry);
  });
  return sessions;
}

module.exports = { sessionOf, sessionsOf, storedOf };
