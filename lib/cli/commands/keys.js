/** `keys` and `count`: which keys there are, and how many. Walks in slices; nobody waits for it. */
'use strict';

const { filterOf, numberOf } = require('../choices.js');
const { bytesText, keyText, printable, timeText } = require('../output/text.js');
const { readable } = require('../targets.js');

/** @typedef {import('../context.js').Context} Context */

/** Lines between two looks at whether the reader keeps up. */
const SLICE = 1024;

/** @param {Context} context */
async function keys({ words: [target = ''], options, output }) {
  const most = numberOf(options, 'limit', Number.POSITIVE_INFINITY);
  const store = readable(target, options);
  const isLong = options.long === true;
  const filter = filterOf(options);
  let count = 0;
  try {
    for await (const it of isLong ? store.entries(filter) : store.keys(filter)) {
      if (count >= most || output.isClosed) break;
      count += 1;
      if (output.isJson) output.json(it);
      else output.line(typeof it === 'string' ? printable(it) : longLine(it));
      if (count % SLICE === 0) await output.caughtUp();
    }
  } finally {
    store.close();
  }
}

/**
 * @param {object} entry
 * @param {string} entry.key
 * @param {readonly string[]} entry.namespace
 * @param {number} [entry.bytes]
 * @param {number} entry.ttl
 * @param {readonly string[]} entry.tags
 */
function longLine({ bytes, ttl, tags, ...place }) {
  const size = bytes === undefined ? '-' : bytesText(bytes);
  const parts = [size.padStart(10), timeText(ttl).padStart(9), printable(keyText(place))];
  return tags.length === 0
    ? parts.join('  ')
    : `${parts.join('  ')}  [${printable(tags.join(', '))}]`;
}

/** @param {Context} context */
async function count({ words: [target = ''], options, output }) {
  const most = numberOf(options, 'limit', Number.POSITIVE_INFINITY);
  const store = readable(target, options);
  const delimiter = String(options.delimiter ?? ':');
  const isByPrefix = options['by-prefix'] === true;
  /** @type {Map<string, number>} */
  const counts = new Map();
  let total = 0;
  try {
    for await (const key of store.keys(filterOf(options))) {
      total += 1;
      if (!isByPrefix) continue;
      const end = key.indexOf(delimiter);
      const prefix = end < 0 ? '' : key.slice(0, end + delimiter.length);
      counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
  } finally {
    store.close();
  }
  if (!isByPrefix) return output.isJson ? output.json({ count: total }) : output.line(`${total}`);
  const found = [...counts].map(([prefix, keys]) => ({ prefix, keys }));
  found.sort((one, other) => other.keys - one.keys);
  output.things(found.slice(0, most), [
    { title: 'PREFIX', value: ({ prefix }) => prefix || '(none)' },
    { title: 'KEYS', isRight: true, value: ({ keys }) => keys },
  ]);
}

module.exports = { count, keys };
