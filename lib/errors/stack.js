/**
 * Where the stack of an error begins: at the line of its caller.
 *
 * The frames of this package, which lie above it, are left out.
 * Knows texts of stacks only. Costs calls nothing that do not throw. Invariant: a stack in which no
 * caller is found stays whole, and `atCaller` looks once more where one is.
 */
'use strict';

const { dirname, sep } = require('node:path');

/** Frames of this package that may lie above a caller, engine's frames among them. */
const MOST_OWN_FRAMES = 32;
const FRAME = '\n    at ';
/** Frames of the engine: they are nobody's line. */
const ENGINE = /^(?:async )?(?:[^()]* \()?(?:node:|native\b|<anonymous>\)?$|unknown$|index \d)/;

/** Errors that were made where no caller was in sight. @type {WeakSet<Error>} */
const callerless = new WeakSet();

const ownFolder = folderOfPackage();

/** Where the files of this package lie; nowhere, once a bundler has made one file of all. */
function folderOfPackage() {
  const isOwnFile = __dirname.endsWith(`${sep}lib${sep}errors`);
  return isOwnFile ? dirname(__dirname) + sep : undefined;
}

/**
 * Lets the stack of an error that was made here begin at the caller's line.
 *
 * @template {Error} E
 * @param {E} error
 * @returns {E}
 */
function beginAtCaller(error) {
  if (!begin(error)) callerless.add(error);
  return error;
}

/**
 * For what a call rejects with later: lets the stack begin where it is awaited, if it has no caller
 * yet. To be called in the method that was called, after it has awaited.
 *
 * @template T
 * @param {T} error
 * @returns {T}
 */
function atCaller(error) {
  const known = /** @type {Error} */ (/** @type {unknown} */ (error));
  if (callerless.has(known) && begin(known)) callerless.delete(known);
  return error;
}

/**
 * Whether a caller was found.
 *
 * @param {Error} error
 */
function begin(error) {
  const limit = Error.stackTraceLimit;
  if (ownFolder === undefined || !(limit > 0)) return true;
  const stack = deepStack(error, limit);
  // Somebody else may have a say in what a stack is.
  if (typeof stack !== 'string') return true;
  const start = stack.indexOf(FRAME, stack.indexOf(error.message) + error.message.length);
  if (start < 0) return false;
  const frames = stack.slice(start + FRAME.length).split(FRAME);
  const caller = frames.findIndex((frame) => !frame.includes(ownFolder) && !ENGINE.test(frame));
  const first = caller < 0 ? frames.findIndex((frame) => !frame.includes(__dirname)) : caller;
  const kept = frames.slice(Math.max(first, 0), Math.max(first, 0) + limit);
  const value = [stack.slice(0, start), ...kept].join(FRAME);
  Object.defineProperty(error, 'stack', { value, writable: true, configurable: true });
  return caller >= 0;
}

/**
 * The stack of an error, deep enough to show its caller.
 *
 * @param {Error} error
 * @param {number} limit
 */
function deepStack(error, limit) {
  const isDeeper = Reflect.set(Error, 'stackTraceLimit', limit + MOST_OWN_FRAMES);
  try {
    // The one function that is on every stack: some engines drop those that call at their end.
    Error.captureStackTrace(error, deepStack);
    return error.stack;
  } finally {
    if (isDeeper) Error.stackTraceLimit = limit;
  }
}

module.exports = { atCaller, beginAtCaller };
