/**
 * `watch`: changes as they come, until somebody ends it. Takes part in the store.
 *
 * Invariant: it never waits for changes of a store that nobody can find any more.
 */
'use strict';

const { numberOf, within } = require('../choices.js');
const { Exit, destroyed, usageError } = require('../exit.js');
const { printable } = require('../output/text.js');
const { checkIsHere, opened } = require('../targets.js');

/** @typedef {import('../context.js').Context} Context */

/** @param {Context} context */
async function watch({ words: [target = ''], options, output }) {
  checkIsHere('watch', target);
  const most = numberOf(options, 'count', Number.POSITIVE_INFINITY);
  const { tag, prefix } = options;
  if (tag !== undefined && prefix !== undefined) {
    throw usageError('watch takes --prefix or --tag, not both');
  }
  const what = tag === undefined ? { prefix: prefix ?? '' } : { tag };
  const store = opened(target, options);
  const ending = new AbortController();
  // It may wait for others to begin: until then a signal ends it as it would anybody.
  const changes = begun(store, options, what, ending.signal);
  store.on('orphaned', () => ending.abort(destroyed()));
  let isAsked = false;
  const end = () => {
    isAsked = true;
    ending.abort();
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  let count = 0;
  try {
    for await (const change of changes) {
      output.isJson ? output.json(change) : output.line(lineOf(change));
      output.flush();
      count += 1;
      if (count >= most || output.isClosed) break;
    }
  } catch (error) {
    if (!isAsked) throw error;
  } finally {
    store.close();
  }
  return Exit.DONE;
}

/**
 * @param {any} store
 * @param {import('../targets.js').Options} options
 * @param {object} what
 * @param {AbortSignal} signal
 */
function begun(store, options, what, signal) {
  try {
    return within(store, options).watch(what, { signal, keepAlive: true });
  } catch (error) {
    store.close();
    throw error;
  }
}

/** @param {Record<string, unknown>} change */
function lineOf(change) {
  const { type, key, ...rest } = change;
  const more = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return printable([new Date().toISOString(), type, key ?? '', ...more].join('  ').trimEnd());
}

module.exports = { watch };
