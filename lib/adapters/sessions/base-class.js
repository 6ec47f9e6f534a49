/**
 * What a store of sessions is made of: the class of express-session, where that is installed.
 *
 * Knows no store of this package. Invariant: without that class, express-session itself is refused
 * when it is given the store, not by the second request of a visitor.
 */
'use strict';

const { EventEmitter } = require('node:events');
const { withCause, withCode } = require('../../errors/errors.js');

const MISSING = 'MODULE_NOT_FOUND';

/**
 * The class that express-session makes sessions with; those who use the store with another package
 * need not have it.
 *
 * @returns {any}
 */
function baseClass() {
  try {
    // @ts-expect-error: an optional peer
    return require('express-session').Store;
  } catch (error) {
    if (/** @type {any} */ (error)?.code !== MISSING) throw error;
    return withoutSessions(error);
  }
}

/**
 * What is enough for other packages.
 *
 * @param {unknown} cause
 */
function withoutSessions(cause) {
  return class extends EventEmitter {
    /**
     * express-session alone sets it, at once; later it calls methods of its own class.
     *
     * @param {unknown} _generate
     */
    set generate(_generate) {
      const message =
        `Expected the package express-session to be found from ${__dirname} for SessionStore, ` +
        'got none. Install it beside shared-memory-store';
      throw withCause(withCode(new Error(message), MISSING), cause);
    }
  };
}

module.exports = { baseClass };
