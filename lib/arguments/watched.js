/**
 * What is watched, and how: the arguments of `watch`, `subscribe` and `publish`, checked.
 *
 * Invariant: what comes out of here names one thing, in the form in which changes name it.
 */
'use strict';

const errors = require('../errors/errors.js');
const { abortSignal, flag, isPlain, record } = require('./options.js');
const { MutableKey } = require('../keys/mutable-key.js');
const { WatchedBy } = require('../native/contract.js');

/**
 * What is watched, in the form in which changes name it.
 *
 * @typedef {object} Wanted
 * @property {string} string
 * @property {number} by a `WatchedBy`
 * @property {InstanceType<typeof import('../keys/keyspace.js').Keyspace>} space it is of
 */
/** @typedef {{ signal?: AbortSignal | undefined, keepAlive: boolean }} How */
/** @typedef {InstanceType<typeof import('./writes.js').WriteRules>} WriteRules */

const FILTERS = Object.freeze(['prefix', 'namespace', 'tag']);
const OPTIONS = Object.freeze(['signal', 'keepAlive']);

/**
 * A key, or a plain object that says which keys.
 *
 * @param {unknown} what
 * @param {WriteRules} rules of the keys among which it is
 * @returns {Wanted}
 */
function watchedArgument(what, rules) {
  const { space } = rules;
  const isObject = typeof what === 'object' && what !== null;
  if (!isObject || MutableKey.of(what) !== undefined || !isPlain(what)) {
    return { string: rules.stringOf(what), by: WatchedBy.KEY, space };
  }
  const filter = record(what, FILTERS);
  const names = FILTERS.filter((known) => filter[known] !== undefined);
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) {
    throw errors.invalidValue(`a key, or one of ${FILTERS.join(', ')}`, 'what', what);
  }
  const string = filter[name];
  if (name === 'namespace') {
    const within = space.within(string);
    return { string: within.prefix, by: WatchedBy.PREFIX, space: within };
  }
  if (typeof string !== 'string') throw errors.invalidType('a string', name, string);
  if (name === 'tag') return { string: space.tagOf(string), by: WatchedBy.TAG, space };
  return { string: space.stringOf(string), by: WatchedBy.PREFIX, space };
}

/**
 * @param {unknown} channel
 * @param {WriteRules} rules of the keys beside which it is
 * @returns {Wanted}
 */
function channelArgument(channel, { space }) {
  if (typeof channel !== 'string') throw errors.invalidType('a string', 'channel', channel);
  return { string: space.stringOf(channel), by: WatchedBy.CHANNEL, space };
}

/**
 * @param {unknown} given
 * @returns {How}
 */
function watchOptions(given) {
  const { signal, keepAlive } = record(given, OPTIONS);
  return {
    signal: signal === undefined ? undefined : abortSignal(signal),
    keepAlive: keepAlive === undefined ? false : flag(keepAlive, 'option keepAlive'),
  };
}

module.exports = { channelArgument, watchOptions, watchedArgument };
