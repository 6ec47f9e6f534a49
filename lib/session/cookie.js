/**
 * The cookie of a session as `Set-Cookie` headers: to set it, and to remove it.
 *
 * Must not know of requests, responses and stores. Invariant: each option is checked by itself
 * before it gets near a header, so none can smuggle in an attribute.
 */
'use strict';

const { isDate } = require('node:util/types');
const { stringifySetCookie } = require('cookie');
const errors = require('../errors/errors.js');
const { record } = require('../arguments/options.js');
const { isId } = require('./request.js');

/** @typedef {import('cookie').SetCookie} SetCookie */
/** @typedef {Partial<Omit<SetCookie, 'name' | 'value'>>} CookieOptions */
/** @typedef {{ types: readonly string[], type: string, value: string }} Kind */

/** @type {Kind} */
const FLAG = { types: ['boolean'], type: 'a boolean', value: 'a boolean' };
/** Type, and value, of each option, as an error names them. @type {Record<string, Kind>} */
const KINDS = {
  path: { types: ['string'], type: 'a string', value: "a path of ASCII characters without ';'" },
  domain: { types: ['string'], type: 'a string', value: 'a domain name' },
  maxAge: { types: ['number'], type: 'a number of seconds', value: 'a whole number of seconds' },
  expires: { types: ['date'], type: 'a Date', value: 'a valid Date' },
  httpOnly: FLAG,
  secure: FLAG,
  partitioned: FLAG,
  sameSite: {
    types: ['string', 'boolean'],
    type: 'a string or a boolean',
    value: "'Lax', 'Strict' or 'None'",
  },
  priority: { types: ['string'], type: 'a string', value: "'Low', 'Medium' or 'High'" },
};
const COOKIE_OPTIONS = Object.freeze(Object.keys(KINDS));

/** The whole site, out of reach for scripts, not sent along by other sites' forms. */
const DEFAULTS = Object.freeze({ path: '/', httpOnly: true, sameSite: 'lax' });
const MS_PER_SECOND = 1000;
/** Both, for browsers that know only one of them. */
const REMOVAL = Object.freeze({ maxAge: 0, expires: new Date(0) });

class SessionCookie {
  #name;
  /** @type {CookieOptions} */
  #options;
  #ttlMs;

  /**
   * @param {unknown} name
   * @param {unknown} options for every cookie
   * @param {number} ttlMs of a session, 0 for none
   */
  constructor(name, options, ttlMs) {
    if (typeof name !== 'string') throw errors.invalidType('a string', 'option cookieName', name);
    if (!isAccepted(name, {})) {
      const what = "a name of visible ASCII characters without '=' and ';'";
      throw errors.invalidValue(what, 'option cookieName', name);
    }
    this.#name = name;
    this.#options = merged(/** @type {CookieOptions} */ (DEFAULTS), options);
    this.#ttlMs = ttlMs;
  }

  get name() {
    return this.#name;
  }

  /**
   * @param {unknown} id
   * @param {unknown} [given] options for this cookie
   */
  toSet(id, given) {
    if (typeof id !== 'string') throw errors.invalidType('a string', 'id', id);
    if (!isId(id) || !id.isWellFormed()) throw errors.invalidValue('a session id', 'id', id);
    const options = merged(this.#options, given);
    if (this.#ttlMs > 0 && options.maxAge === undefined && options.expires === undefined) {
      options.maxAge = Math.ceil(this.#ttlMs / MS_PER_SECOND);
    }
    return headerOf(this.#name, id, options);
  }

  /** @param {unknown} [given] options for this cookie */
  toRemove(given) {
    return headerOf(this.#name, '', { ...merged(this.#options, given), ...REMOVAL });
  }
}

/**
 * @param {CookieOptions} base
 * @param {unknown} given
 * @returns {CookieOptions}
 */
function merged(base, given) {
  const options = checked(given);
  const result = Object.assign(Object.create(null), base, options);
  // Browsers let Max-Age win: of the two, what was said later must.
  if (options.expires !== undefined && options.maxAge === undefined) delete result.maxAge;
  if (options.maxAge !== undefined && options.expires === undefined) delete result.expires;
  return result;
}

/**
 * The options that were given, `undefined` being as good as nothing.
 *
 * @param {unknown} given
 * @returns {CookieOptions}
 */
function checked(given) {
  const options = record(given, COOKIE_OPTIONS);
  /** @type {Record<string, unknown>} */
  const result = Object.create(null);
  for (const [name, kind] of Object.entries(KINDS)) {
    const value = options[name];
    if (value === undefined) continue;
    const type = isDate(value) ? 'date' : typeof value;
    if (!kind.types.includes(type)) throw errors.invalidType(kind.type, `option ${name}`, value);
    if (!isAccepted('name', { [name]: value })) {
      throw errors.invalidValue(kind.value, `option ${name}`, value);
    }
    result[name] = value;
  }
  return result;
}

/**
 * Whether a header can be made of it.
 *
 * @param {string} name
 * @param {CookieOptions} options
 */
function isAccepted(name, options) {
  try {
    headerOf(name, '', options);
    return true;
  } catch {
    return false;
  }
}

/**
 * The header of a cookie. It is made of own properties alone: what stands on `Object.prototype`
 * would be taken for an attribute.
 *
 * @param {string} name
 * @param {string} value
 * @param {CookieOptions} options
 */
function headerOf(name, value, options) {
  return stringifySetCookie(Object.assign(Object.create(null), options, { name, value }));
}

module.exports = { SessionCookie };
