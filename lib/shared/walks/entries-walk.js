/**
 * Walks over the entries of a shared store: their keys in steps, and a look at each.
 *
 * Knows the entries of one store. Invariant: what this engine cannot read ends no walk, but is
 * counted.
 */
'use strict';

const { keyOf } = require('../../keys/keyspace.js');
const { storeClosed } = require('../../errors/errors.js');
const { NOTHING } = require('../near/looks.js');

/** @typedef {InstanceType<typeof import('../entries.js').SharedEntries>} SharedEntries */
/** @typedef {InstanceType<typeof import('../../arguments/filter.js').Filter>} Filter */

/**
 * The entries that are meant, in small steps, after which it gives nothing.
 *
 * @param {SharedEntries} entries
 * @param {Filter} filter
 * @param {() => boolean} isCurrent whether these still are the entries of the store
 * @returns {Generator<[string, unknown] | undefined>}
 */
function* scan(entries, filter, isCurrent) {
  for (const keys of entries.listing.keySteps(filter)) {
    for (const key of keys) {
      if (!isCurrent()) throw storeClosed('next');
      const found = readable(entries, () => ({ value: entries.view(key) }));
      if (found !== undefined && found.value !== NOTHING) yield [keyOf(key), found.value];
    }
    yield undefined;
  }
}

/**
 * What is read for a list; `undefined` for a value that another engine wrote and that this one
 * cannot read.
 *
 * @template T
 * @param {SharedEntries} entries
 * @param {() => T} read
 */
function readable(entries, read) {
  try {
    return read();
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code !== 'ERR_UNSUPPORTED_PLATFORM') throw error;
    entries.unreadable += 1;
    return undefined;
  }
}

module.exports = { readable, scan };
