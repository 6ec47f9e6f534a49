/** `tags` and `invalidate`: what entries carry, and what removes them by it. */
'use strict';

const { agreed, numberOf, within } = require('../choices.js');
const { bytesText, keyText } = require('../output/text.js');
const { observed, opened } = require('../targets.js');

/** @typedef {import('../context.js').Context} Context */
/**
 * @typedef {object} Counted
 * @property {string} tag
 * @property {readonly string[]} namespace
 * @property {number} entries
 * @property {number} bytes
 */

/** @param {Context} context */
function tags({ words: [target = ''], options, output }) {
  const most = numberOf(options, 'limit', Number.POSITIVE_INFINITY);
  const observer = observed(target, options);
  /** @type {Map<string, Counted>} */
  const found = new Map();
  try {
    for (const { namespace, tags: carried, bytes } of observer.entries({ everywhere: true })) {
      for (const tag of carried) {
        const name = JSON.stringify([...namespace, tag]);
        const known = found.get(name) ?? { tag, namespace, entries: 0, bytes: 0 };
        known.entries += 1;
        known.bytes += bytes;
        found.set(name, known);
      }
    }
  } finally {
    observer.close();
  }
  const all = [...found.values()].sort((one, other) => other.entries - one.entries);
  output.things(all.slice(0, most), [
    { title: 'TAG', value: ({ tag, namespace }) => keyText({ key: tag, namespace }) },
    { title: 'ENTRIES', isRight: true, value: ({ entries }) => entries },
    { title: 'BYTES', isRight: true, value: ({ bytes }) => bytesText(bytes) },
  ]);
}

/** @param {Context} context */
async function invalidate({ words: [target = '', ...named], options, output }) {
  const store = opened(target, options);
  try {
    await agreed(options, `Remove from ${target} all that carries ${named.join(', ')}?`);
    await within(store, options).invalidateTag(named);
    output.isJson ? output.json({ invalidated: named }) : output.line('invalidated');
  } finally {
    store.close();
  }
}

module.exports = { invalidate, tags };
