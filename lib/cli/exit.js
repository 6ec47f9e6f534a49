/** What the command line ends with, and the errors that say so. Knows no command. */
'use strict';

const Exit = Object.freeze({
  DONE: 0,
  /** A store refused, or something failed. */
  FAILED: 1,
  /** The command is none, or what needs care was not confirmed. */
  USAGE: 2,
  /** There is no such store, key or file. */
  NOT_THERE: 3,
});

/** Of the system and of stores: nothing is there. */
const NOT_THERE = Object.freeze(['ENOENT', 'not-there']);

/**
 * @param {string} code
 * @param {string} message
 */
function withCode(code, message) {
  return Object.assign(new Error(message), { code });
}

/** @param {string} message */
function usageError(message) {
  return withCode('usage', message);
}

/** @param {string} message */
function notThere(message) {
  return withCode('not-there', message);
}

/** Of a store that was removed while somebody looked on: what has its name now is another one. */
function destroyed() {
  return notThere('The store was destroyed');
}

/** @param {unknown} error */
function exitCodeOf(error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  if (code === 'usage') return Exit.USAGE;
  const isMissing = code === 'ERR_STORE_UNAVAILABLE' && /: ENOENT|no store/.test(message);
  return isMissing || NOT_THERE.includes(code ?? '') ? Exit.NOT_THERE : Exit.FAILED;
}

module.exports = { Exit, destroyed, exitCodeOf, notThere, usageError };
