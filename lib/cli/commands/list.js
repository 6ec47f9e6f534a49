/** `ls`: the stores of this machine. Opens none. */
'use strict';

const { SharedStore } = require('../../shared/shared-store.js');
const { bytesText, countText, shareText, timeText } = require('../output/text.js');
const { placeOf } = require('../targets.js');

/** @typedef {import('../context.js').Context} Context */

/** @param {Context} context */
function list({ options, output }) {
  const stores = SharedStore.list(placeOf(options)).filter(({ scope }) => scope === 'processes');
  output.things(stores.map(seen), [
    { title: 'NAME', value: ({ name, file }) => name ?? `(${file})` },
    { title: 'MAX', isRight: true, value: ({ stats }) => optional(stats?.maxBytes, bytesText) },
    { title: 'ON DISK', isRight: true, value: ({ bytes }) => bytesText(bytes) },
    { title: 'ENTRIES', isRight: true, value: ({ stats }) => optional(stats?.entries, countText) },
    { title: 'HITS', isRight: true, value: ({ stats }) => optional(stats?.hitRatio, shareText) },
    { title: 'USERS', isRight: true, value: ({ participants }) => participants.length },
    { title: 'AGE', isRight: true, value: ({ age }) => optional(age, timeText) },
    { title: 'LAYOUT', isRight: true, value: ({ layout }) => layout },
    { title: 'STATE', value: stateOf },
  ]);
}

/**
 * What is known of a store, its figures included.
 *
 * @param {ReturnType<typeof SharedStore.list>[number]} listed
 */
function seen(listed) {
  const { error, ...known } = listed;
  const file = String(listed.file);
  const age = ageOf(file);
  if (error !== undefined) return { ...known, file, age, stats: undefined, error: reasonOf(error) };
  try {
    const observer = SharedStore.observe({ file });
    const stats = observer.stats();
    observer.close();
    return { ...known, file, age, stats, error: undefined };
  } catch (reason) {
    // It has gone or was damaged since it was listed.
    return { ...known, file, age, stats: undefined, error: reasonOf(reason) };
  }
}

/** @param {string} file */
function ageOf(file) {
  const { statSync } = require('node:fs');
  const made = statSync(file, { throwIfNoEntry: false })?.birthtimeMs;
  return made === undefined || made === 0 ? undefined : Math.max(0, Date.now() - made);
}

/** @param {unknown} error */
function reasonOf(error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  return { code, message };
}

/** @param {ReturnType<typeof seen>} known */
function stateOf({ error, participants, stats }) {
  if (error !== undefined) return error.code;
  if (participants.length > 0) return 'in use';
  return stats?.closedAt === undefined ? 'left by the dead' : 'closed';
}

/**
 * @template T
 * @param {T | undefined} value
 * @param {(value: T) => string} text
 */
function optional(value, text) {
  return value === undefined ? '-' : text(value);
}

module.exports = { list };
