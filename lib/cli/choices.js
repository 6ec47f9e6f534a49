/** Options of commands, read: numbers, times, filters, and whether somebody agrees. */
'use strict';

const { usageError } = require('./exit.js');
const { printable } = require('./output/text.js');

/** @typedef {import('./targets.js').Options} Options */

/** Milliseconds of the units of a time. @type {Readonly<Record<string, number>>} */
const UNITS = Object.freeze({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 });

/**
 * @param {Options} options
 * @param {string} name
 * @param {number} otherwise
 */
function numberOf(options, name, otherwise) {
  const given = options[name];
  if (given === undefined) return otherwise;
  const number = Number(given);
  if (given === '' || !(number > 0))
    throw usageError(`--${name} is a number above 0, not ${given}`);
  return number;
}

/** @param {Options} options */
function ttlOf({ ttl }) {
  if (ttl === undefined) return undefined;
  const [, amount, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(String(ttl)) ?? [];
  if (amount === undefined)
    throw usageError(`--ttl is a time as 500, 30s, 5m, 2h or 1d, not ${ttl}`);
  return Number(amount) * Number(UNITS[unit]);
}

/** @param {Options} options */
function filterOf({ prefix, match, namespace }) {
  return {
    ...(prefix === undefined ? {} : { prefix: String(prefix) }),
    ...(match === undefined ? {} : { match: String(match) }),
    ...spaceOf({ namespace }),
  };
}

/** @param {Options} options */
function spaceOf({ namespace }) {
  return namespace === undefined ? {} : { namespace: [namespace].flat().map(String) };
}

/**
 * The store, or the namespace of it that is meant.
 *
 * @param {any} store
 * @param {Options} options
 */
function within(store, options) {
  const { namespace = [] } = spaceOf(options);
  return namespace.reduce((at, name) => at.namespace(name), store);
}

/**
 * Asks before something is done that cannot be undone; throws if nobody agrees.
 *
 * @param {Options} options
 * @param {string} question
 */
async function agreed({ yes }, question) {
  if (yes === true) return;
  if (process.stdin.isTTY !== true)
    throw usageError(`${question} Say --yes where nobody can be asked`);
  const { createInterface } = require('node:readline/promises');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`${printable(question)} [y/N] `);
  asking.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw usageError('Nothing was done');
}

module.exports = { agreed, filterOf, numberOf, spaceOf, ttlOf, within };
