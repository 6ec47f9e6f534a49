/**
 * What is watched, and how: the arguments of `watch`, `subscribe` and `publish`, checked.
 *
 * Invariant: what comes out of here names one thing, in the form in which changes name it.
 */
'use strict';

const errors = require('../../errors/errors.js');
const { abortSignal, flag, isPlain, record } = require('../../arguments/options.js');
const { sharedPlainStringOf } = require('../../keys/key.js');
const { plainString } = require('../../keys/keyspace.js');
const { MutableKey } = require('../../keys/mutable-key.js');
const { WatchedBy } = require('../../native/contract.js');

/** @typedef {import('./watch.js').Wanted} Wanted */
/** @typedef {import('./watch.js').How} How */

const FILTERS = Object.freeze(['prefix', 'tag']);
const OPTIONS = Object.freeze(['signal', 'keepAlive']);

/**
 * A key, or a plain object that says which keys.
 *
 * @param {unknown} what
 * @returns {Wanted}
 */
function watchedArgument(what) {
  const isObject = typeof what === 'object' && what !== null;
  if (!isObject || MutableKey.of(what) !== undefined || !isPlain(what)) {
    return { string: sharedPlainStringOf(what), by: WatchedBy.KEY };
  }
  const filter = record(what, FILTERS);
  const names = FILTERS.filter((known) => filter[known] !== undefined);
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) {
    throw errors.invalidValue(`a key, or one of ${FILTERS.join(', ')}`, 'what', what);
  }
  const string = filter[name];
  if (typeof string !== 'string') throw errors.invalidType('a string', name, string);
  return { string: plainString(string), by: name === 'tag' ? WatchedBy.TAG : WatchedBy.PREFIX };
}

/**
 * @param {unknown} channel
 * @returns {Wanted}
 */
function channelArgument(channel) {
  if (typeof channel !== 'string') throw errors.invalidType('a string', 'channel', channel);
  return { string: channel, by: WatchedBy.CHANNEL };
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
