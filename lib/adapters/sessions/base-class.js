/**
 * What a store of sessions is made of: the class of express-session, where that is installed.
 *
 * Knows no store of this package.
 */
'use strict';

const { EventEmitter } = require('node:events');

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
    if (/** @type {any} */ (error)?.code !== 'MODULE_NOT_FOUND') throw error;
    return EventEmitter;
  }
}

module.exports = { baseClass };
