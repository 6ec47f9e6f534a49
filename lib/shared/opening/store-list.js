/**
 * The stores that there are, for those who open none: which, who uses them, and away with one.
 *
 * Knows files and what the native core tells of them. Invariant: nobody is waited for to see what
 * there is, and nothing changes by it; what is damaged or another's is shown, with the reason.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const failures = require('../../native/failures.js');
const native = require('../../native/loader.js');
const { openingFailure } = require('./opening-failure.js');
const { placeOptions, storeName } = require('./shared-options.js');
const { STORE_FILE, existingFolder, filesOfName } = require('./store-file.js');

/** Bytes of a block, as `stat` counts them. */
const BLOCK_BYTES = 512;
/** Of a participant: process, thread, since when. */
const NUMBERS = 3;

/**
 * What is known of a store. Without a name, `error` says why there is none.
 *
 * @typedef {object} Listed
 * @property {string | undefined} name
 * @property {'threads' | 'processes'} scope
 * @property {string | undefined} file
 * @property {number} bytes of memory, or of the disk, that it takes
 * @property {{ pid: number, thread: number, since: number }[]} participants
 * @property {number} layout
 * @property {Error} [error]
 */

/**
 * The stores in a folder; without one, those in the user's own and those of this process's threads.
 *
 * @param {unknown} given options
 * @returns {Listed[]}
 */
function listStores(given) {
  const place = placeOptions(given);
  const folder = existingFolder(place);
  const inFiles = folder === undefined ? [] : [...inFolder(folder)];
  return place.path === undefined ? [...inFiles, ...ofThreads()] : inFiles;
}

/**
 * Removes the files of a store, of whatever layout and however damaged; whether there was one.
 *
 * @param {unknown} name
 * @param {unknown} given options
 */
function removeStore(name, given) {
  const checked = storeName(name);
  const folder = existingFolder(placeOptions(given));
  if (folder === undefined) return false;
  const removed = filesOfName(folder, checked).map((file) => {
    const number = native.removeFile(file);
    if (number < 0) throw openingFailure(number, { name: checked, file });
    return number === 1;
  });
  return removed.includes(true);
}

/** @param {string} folder */
function* inFolder(folder) {
  for (const entry of fs.readdirSync(folder).sort()) {
    const layout = Number(STORE_FILE.exec(entry)?.[1] ?? Number.NaN);
    if (Number.isNaN(layout)) continue;
    const file = path.join(folder, entry);
    const listed = inFile(file, layout);
    if (listed !== undefined) yield listed;
  }
}

/**
 * @param {string} file
 * @param {number} layout
 * @returns {Listed | undefined} if it is gone meanwhile
 */
function inFile(file, layout) {
  const seen = layout === native.layoutVersion() ? native.observeFile(file) : undefined;
  const error = typeof seen === 'object' ? undefined : reasonFor(file, layout, seen);
  const stats = fs.lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const known = {
    scope: /** @type {const} */ ('processes'),
    file,
    bytes: stats.blocks * BLOCK_BYTES,
    layout,
  };
  if (typeof seen === 'object') return { ...known, ...told(seen) };
  return { ...known, name: undefined, participants: [], error };
}

/**
 * Why a file is not read.
 *
 * @param {string} file
 * @param {number} layout
 * @param {number | undefined} number of the native core, below 0, if it was asked
 */
function reasonFor(file, layout, number) {
  if (number === undefined) return failures.otherLayout(file, layout, native.layoutVersion());
  return openingFailure(number, { name: path.basename(file), file });
}

/** @returns {Listed[]} */
function ofThreads() {
  return native.observeThreads().map((seen) => {
    const [, bytes] = seen;
    const layout = native.layoutVersion();
    return { scope: 'threads', file: undefined, bytes, layout, ...told(seen) };
  });
}

/** @param {[name: string, bytes: number, ...participants: number[]]} seen */
function told([name, , ...numbers]) {
  const participants = [];
  for (let at = 0; at < numbers.length; at += NUMBERS) {
    const [pid, thread, since] = /** @type {[number, number, number]} */ (
      numbers.slice(at, at + NUMBERS)
    );
    // Who has not said since when is coming at this moment.
    participants.push({ pid, thread, since: Math.floor(since) || Date.now() });
  }
  return { name, participants };
}

module.exports = { listStores, removeStore };
