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
const ENGINE =
  /^(?:async )?(?:[^()]* \()?(?:node:|ext:|native\b|<anonymous>\)?$|unknown[\d:]*\)?$|index \d)/;

/**
 * What was on the stack somewhere.
 *
 * @typedef {{ trace: Error, limit: number }} Trace
 */

/** Errors whose stack was not read yet, and what is known of it. @type {WeakMap<Error, Trace[]>} */
const traces = new WeakMap();

const ownFolder = folderOfPackage();

/** Where the files of this package lie; nowhere, once a bundler has made one file of all. */
function folderOfPackage() {
  const isOwnFile = __dirname.endsWith(`${sep}lib${sep}errors`);
  return isOwnFile ? dirname(__dirname) + sep : undefined;
}

/**
 * Lets the stack of an error that was made here begin at the caller's line. It is put into words
 * when somebody reads it, for that costs more than all the rest.
 *
 * @template {Error} E
 * @param {E} error
 * @returns {E}
 */
function beginAtCaller(error) {
  const limit = Error.stackTraceLimit;
  if (ownFolder === undefined || !(limit > 0)) return error;
  const header = String(error);
  traces.set(error, [traceOf(error, limit)]);
  Object.defineProperty(error, 'stack', {
    get: () => stackOf(error, header),
    set: (value) => settle(error, value),
    enumerable: false,
    configurable: true,
  });
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
  const limit = Error.stackTraceLimit;
  if (limit > 0) traces.get(known)?.push(traceOf(known, limit));
  return error;
}

/**
 * The stack of an error, as the first of its traces shows it that has a caller; else the first.
 *
 * @param {Error} error
 * @param {string} header
 */
function stackOf(error, header) {
  /** @type {unknown} */
  let shown;
  for (const { trace, limit } of traces.get(error) ?? []) {
    const { stack } = trace;
    // Somebody else may have a say in what a stack is.
    const isText = typeof stack === 'string';
    const found = isText ? cut(stack, header, limit) : { text: stack, hasCaller: true };
    shown ??= found.text;
    if (!found.hasCaller) continue;
    shown = found.text;
    break;
  }
  settle(error, shown);
  return shown;
}

/**
 * A stack without the frames of this package, and whether a caller is left; else it is whole.
 *
 * @param {string} stack
 * @param {string} header
 * @param {number} limit frames that it may have
 */
function cut(stack, header, limit) {
  const start = stack.indexOf(FRAME, stack.startsWith(header) ? header.length : 0);
  if (start < 0) return { text: stack, hasCaller: false };
  const frames = stack.slice(start + FRAME.length).split(FRAME);
  const caller = frames.findIndex((frame) => !isOwn(frame) && !ENGINE.test(frame));
  const first = caller < 0 ? frames.findIndex((frame) => !frame.includes(__dirname)) : caller;
  const kept = frames.slice(Math.max(first, 0), Math.max(first, 0) + limit);
  return { text: [header, ...kept].join(FRAME), hasCaller: caller >= 0 };
}

/** @param {string} frame */
function isOwn(frame) {
  return ownFolder !== undefined && frame.includes(ownFolder);
}

/**
 * @param {Error} error
 * @param {unknown} value its stack from now on
 */
function settle(error, value) {
  traces.delete(error);
  Object.defineProperty(error, 'stack', { value, writable: true, configurable: true });
}

/**
 * What is on the stack now, deep enough to show a caller, under the name of an error.
 *
 * @param {Error} error
 * @param {number} limit
 * @returns {Trace}
 */
function traceOf(error, limit) {
  const isDeeper = Reflect.set(Error, 'stackTraceLimit', limit + MOST_OWN_FRAMES);
  try {
    const trace = Object.create(error);
    // The one function that is on every stack: some engines drop those that call at their end.
    Error.captureStackTrace(trace, traceOf);
    return { trace, limit };
  } finally {
    if (isDeeper) Error.stackTraceLimit = limit;
  }
}

module.exports = { atCaller, beginAtCaller };
