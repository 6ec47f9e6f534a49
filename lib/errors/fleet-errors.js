/**
 * The errors of stores that machines share: what became of a call that a server was to carry out.
 *
 * Knows no connection. Invariant: what may have been done never looks like what was not.
 */
'use strict';

const { description } = require('./description.js');
const { StoreError, invalidValue, withCause } = require('./errors.js');

/**
 * @param {string} code
 * @param {string} message
 * @param {unknown} [cause]
 */
function failure(code, message, cause) {
  return withCause(new StoreError(code, message), cause);
}

/** @param {unknown} cause */
function reasonOf(cause) {
  const { message, code } = /** @type {{ message?: string, code?: string }} */ (cause ?? {});
  // Some clients have errors that say what they are by their class alone.
  return message || code || cause?.constructor?.name || String(cause);
}

/**
 * Nothing was done.
 *
 * @param {string} server
 * @param {string} what happened
 * @param {unknown} [cause]
 */
function unavailable(server, what, cause) {
  const message = `The server ${server} is not to be had: ${what}. Nothing was done; try again`;
  return failure('ERR_STORE_UNAVAILABLE', message, cause);
}

/**
 * @param {string} server
 * @param {number} waitedMs
 */
function noAnswer(server, waitedMs) {
  return unavailable(server, `it gave no answer within ${waitedMs} ms (option timeout)`);
}

/**
 * Whether a write took place nobody knows.
 *
 * @param {string} server
 * @param {string} what happened
 * @param {unknown} [cause]
 */
function outcomeUnknown(server, what, cause) {
  const message =
    `A write was sent to the server ${server}, and its outcome is unknown: ${what}. Read what is ` +
    'there before you try again';
  return failure('ERR_OUTCOME_UNKNOWN', message, cause);
}

/**
 * @param {string} server
 * @param {number} wanted
 * @param {string} what became of it
 * @param {unknown} [cause]
 */
function notReplicated(server, wanted, what, cause) {
  const message =
    `Expected ${wanted} replicas of the server ${server} to have a write (option waitReplicas), ` +
    `and ${what}. The master has it; see to the replicas`;
  return failure('ERR_NOT_REPLICATED', message, cause);
}

/** @param {string} server @param {unknown} cause */
function forbidden(server, cause) {
  const message =
    `The server ${server} refuses this client: ${reasonOf(cause)}. See to user, password and ` +
    'what they may do';
  return failure('ERR_STORE_FORBIDDEN', message, cause);
}

/** @param {string} server @param {string} got */
function unsupportedServer(server, got) {
  const message =
    `Expected Redis 7.0.5 or newer, or Valkey, for the server ${server}, got ${got}. Older ones ` +
    'do not tell their clients in order what has changed';
  return failure('ERR_SERVER_UNSUPPORTED', message);
}

/** @param {string} key */
function foreignValue(key) {
  const message =
    `Expected a value of a FleetStore under ${description(key)}, got one that another writer put ` +
    'there. Delete it, or give the store a name of its own';
  return failure('ERR_FOREIGN_VALUE', message);
}

/** @param {string} server @param {unknown} cause */
function serverFull(server, cause) {
  const message =
    `The server ${server} has no room left: ${reasonOf(cause)}. Raise its maxmemory, or let it ` +
    'evict (maxmemory-policy)';
  return failure('ERR_STORE_FULL', message, cause);
}

/** @param {string} server @param {unknown} cause */
function refused(server, cause) {
  const message = `The server ${server} refused a command: ${reasonOf(cause)}`;
  return failure('ERR_SERVER_REFUSED', message, cause);
}

/** @param {string} key @param {number} token */
function fenced(key, token) {
  const message =
    `The lock with token ${token} is not the newest on ${description(key)}: somebody else has ` +
    'had it since. Nothing was written; give up what this task does';
  return failure('ERR_FENCED', message);
}

/** @param {string} key */
function lockLost(key) {
  const message =
    `The lock on ${description(key)} is lost: its lease could not be renewed in time, or ` +
    'its store was closed. Give up what this task does, and pass { fence: lock } with its writes';
  return failure('ERR_LOCK_LOST', message);
}

/** @param {unknown} cause */
function clientMissing(cause) {
  const message =
    'Expected the package redis (6 or newer) to be installed for FleetStore, got none. Run ' +
    'npm install redis, or pass option client';
  return failure('ERR_CLIENT_MISSING', message, cause);
}

/** @param {unknown} cause */
function listenerRefused(cause) {
  const message =
    'Near copies of a FleetStore need a worker thread that listens to the server, and none could ' +
    `be started: ${reasonOf(cause)}. Let the process start threads (Node with --permission: ` +
    "--allow-worker), or pass near: { scope: 'none' }";
  return failure('ERR_LISTENER_REFUSED', message, cause);
}

/** @param {string} what needs it */
function placeless(what) {
  const wanted = `a url beside a client that does not say where its servers are, ${what}`;
  return invalidValue(wanted, 'the options', 'option client');
}

module.exports = {
  clientMissing,
  fenced,
  forbidden,
  foreignValue,
  listenerRefused,
  lockLost,
  noAnswer,
  notReplicated,
  outcomeUnknown,
  placeless,
  reasonOf,
  refused,
  serverFull,
  unavailable,
  unsupportedServer,
};
