/**
 * What lies in a store, by a sample: the prefixes of its keys, and which are read most.
 *
 * Knows entries, no store. A walk goes by the hash of the keys, which is secret, so its first
 * entries are as good a sample as any. Invariant: it costs the participants nothing, and no more
 * time than so many entries take.
 */
'use strict';

const { record, whole } = require('../../../arguments/options.js');
const { invalidType } = require('../../../errors/errors.js');

const NAMES = Object.freeze(['entries', 'delimiter']);
const DEFAULT_ENTRIES = 10_000;
const MOST_ENTRIES = 10_000_000;
/** How many keys are named as read most. */
const HOTTEST = 20;

/**
 * @typedef {object} Counted
 * @property {string} prefix
 * @property {readonly string[]} namespace
 * @property {number} entries
 * @property {number} bytes
 */
/** @typedef {ReturnType<typeof import('./observed-values.js').entriesOf>[number]} Entry */

/** @param {unknown} given */
function sampleOptions(given) {
  const { entries = DEFAULT_ENTRIES, delimiter = ':' } = record(given, NAMES);
  if (typeof delimiter !== 'string' || delimiter === '') {
    throw invalidType('a string of at least one character', 'option delimiter', delimiter);
  }
  return { most: whole(entries, 'option entries', 1, MOST_ENTRIES), delimiter };
}

/**
 * @param {Iterable<Entry>} entries
 * @param {{ most: number, delimiter: string }} options
 */
function sampleOf(entries, { most, delimiter }) {
  /** @type {Map<string, Counted>} */
  const prefixes = new Map();
  /** @type {Entry[]} */
  const hottest = [];
  let looked = 0;
  for (const entry of entries) {
    if (looked === most) break;
    looked += 1;
    const { key, namespace, bytes, uses } = entry;
    const end = key.indexOf(delimiter);
    const prefix = end < 0 ? '' : key.slice(0, end + delimiter.length);
    const name = namespace.length === 0 ? prefix : JSON.stringify([...namespace, prefix]);
    const known = prefixes.get(name) ?? { prefix, namespace, entries: 0, bytes: 0 };
    known.entries += 1;
    known.bytes += bytes;
    prefixes.set(name, known);
    if (uses > 0) keepHottest(hottest, entry);
  }
  const all = [...prefixes.values()].sort((one, other) => other.entries - one.entries);
  return {
    looked,
    prefixes: all.map((one) => ({ ...one, share: one.entries / looked })),
    hottest: hottest.map(({ key, namespace, uses }) => ({ key, namespace, uses })),
  };
}

/**
 * @param {Entry[]} hottest in order
 * @param {Entry} entry
 */
function keepHottest(hottest, entry) {
  const last = hottest[HOTTEST - 1];
  if (last !== undefined && last.uses >= entry.uses) return;
  const at = hottest.findIndex(({ uses }) => uses < entry.uses);
  hottest.splice(at < 0 ? hottest.length : at, 0, entry);
  if (hottest.length > HOTTEST) hottest.pop();
}

module.exports = { sampleOf, sampleOptions };
