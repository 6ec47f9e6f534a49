/**
 * `createStore`, as every program has it from its start: the stores come with the first call.
 *
 * Knows nothing of them. It is no getter, for those who make a double of all that the package has.
 */
'use strict';

const { later } = require('../../native/later.js');

const keyshare = later(() => require('./keyshare.js'));

/** @param {string} [name] */
function createStore(name) {
  return keyshare().createStore(name);
}

module.exports = { createStore };
