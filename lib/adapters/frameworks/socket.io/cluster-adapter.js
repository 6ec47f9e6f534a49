/**
 * `createAdapter`: the servers of socket.io in all processes of a machine are one.
 *
 * The package of socket.io knows what servers tell each other; here it is carried. Invariant: what
 * could not be carried is told by a process warning, since socket.io itself says nothing of it.
 */
'use strict';

const { MAX_DELAY_MS } = require('../../../native/timers.js');
const options = require('../../../arguments/options.js');
const { optionsOf } = require('../../core/adapted.js');
const { adapterClass } = require('./adapter-class.js');
const { SharedUse } = require('./shared-use.js');

/** As in socket.io's own cluster adapters. */
const HEARTBEAT = Object.freeze({ heartbeatInterval: 5000, heartbeatTimeout: 10_000 });

/** @typedef {import('./adapter-class.js').Namespace} Namespace */

/**
 * For `io.adapter`, which makes one of these for each namespace.
 *
 * @param {unknown} [given]
 */
function createAdapter(given) {
  const {
    heartbeatInterval = HEARTBEAT.heartbeatInterval,
    heartbeatTimeout = HEARTBEAT.heartbeatTimeout,
    ...rest
  } = optionsOf(given);
  const heartbeat = {
    heartbeatInterval: delay(heartbeatInterval, 'option heartbeatInterval'),
    heartbeatTimeout: delay(heartbeatTimeout, 'option heartbeatTimeout'),
  };
  const shared = new SharedUse(rest);
  const ClusterAdapter = adapterClass();
  // No arrow function: it is called with `new`.
  return function adapterOf(/** @type {Namespace} */ namespace) {
    return new ClusterAdapter(namespace, shared, heartbeat);
  };
}

/** @param {unknown} value @param {string} name */
function delay(value, name) {
  return options.whole(value, name, 1, MAX_DELAY_MS, ' of milliseconds');
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { createAdapter, default: createAdapter };
module.exports = Object.assign(createAdapter, { createAdapter, default: createAdapter });
