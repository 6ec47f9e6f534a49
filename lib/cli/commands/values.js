/** `get`, `set` and `rm`: one entry, or those that are meant. */
'use strict';

const { agreed, filterOf, spaceOf, ttlOf, within } = require('../choices.js');
const { notThere, usageError } = require('../exit.js');
const { isWithin, shown } = require('../output/shown.js');
const { keyText, printable, printableLines, timeText } = require('../output/text.js');
const { opened, readable } = require('../targets.js');

/** @typedef {import('../context.js').Context} Context */

const WHOLE = Object.freeze({
  depth: Number.POSITIVE_INFINITY,
  maxArrayLength: null,
  maxStringLength: null,
});
/** Units of text. What holds nothing twice comes to less than so much for each of its bytes. */
const LEAST_UNITS = 2 ** 20;
const UNITS_A_BYTE = 64;
const MOST_UNITS = 2 ** 28;

/** @param {Context} context */
async function get({ words: [target = '', key = ''], options, output }) {
  const store = readable(target, options);
  try {
    const space = spaceOf(options);
    const entry = await store.entry(key, space);
    if (entry === undefined) throw notThere(`There is no entry ${JSON.stringify(key)}`);
    const { value } = 'value' in entry ? entry : { value: await store.get(key, space) };
    if (options.raw === true) return output.raw(bytesOf(value, key));
    const most = unitsFor(entry);
    if (output.isJson) {
      if (!isWithin(value, WHOLE, most)) throw new Error('The value is too long for JSON');
      return output.json({ ...entry, value });
    }
    const { text, leftOut } = shown(value, WHOLE, most);
    output.line(printableLines(text));
    if (leftOut !== undefined) output.note(`The value is too long: ${leftOut} is left out`);
    if (!output.isTerminal) return;
    const { ttl, tags } = entry;
    const known = [
      `lives ${timeText(ttl)}`,
      ...(tags.length > 0 ? [`tags ${tags.join(', ')}`] : []),
    ];
    output.line(`(${printable(known.join('; '))})`);
  } finally {
    store.close();
  }
}

/** @param {{ bytes?: number }} entry */
function unitsFor({ bytes = Number.POSITIVE_INFINITY }) {
  return Math.min(Math.max(LEAST_UNITS, UNITS_A_BYTE * bytes), MOST_UNITS);
}

/** @param {unknown} value @param {string} key */
function bytesOf(value, key) {
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  throw usageError(`${JSON.stringify(key)} holds neither a string nor bytes: leave out --raw`);
}

/** @param {Context} context */
async function set({ words: [target = '', key = '', text = ''], options, output }) {
  const value = options.string === true ? text : parsedValue(text);
  const ttl = ttlOf(options);
  const tags = [options.tag ?? []].flat().map(String);
  const store = opened(target, options);
  try {
    await agreed(options, `Set ${keyText({ key, ...placed(options) })} in ${target}?`);
    await within(store, options).set(key, value, {
      ...(ttl === undefined ? {} : { ttl }),
      ...(tags.length === 0 ? {} : { tags }),
    });
    output.isJson ? output.json({ set: true }) : output.line('set');
  } finally {
    store.close();
  }
}

/** @param {import('../targets.js').Options} options */
function placed(options) {
  return { namespace: spaceOf(options).namespace ?? [] };
}

/** @param {string} text */
function parsedValue(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @param {Context} context */
async function remove({ words: [target = '', ...keys], options, output }) {
  const { namespace: _, ...filter } = filterOf(options);
  const isFilter = Object.keys(filter).length > 0;
  if (isFilter === keys.length > 0) throw usageError('rm takes keys, or --prefix or --match');
  const store = opened(target, options);
  try {
    const space = within(store, options);
    const count = isFilter ? await space.count(filter) : keys.length;
    await agreed(options, `Remove ${count} ${count === 1 ? 'entry' : 'entries'} from ${target}?`);
    const removed = isFilter ? await space.deleteWhere(filter) : await space.deleteMany(keys);
    output.isJson ? output.json({ removed }) : output.line(`removed ${removed}`);
    if (removed === 0) throw notThere('Nothing was there to remove');
  } finally {
    store.close();
  }
}

module.exports = { get, remove, set };
