/** `snapshot`, `restore` and `verify`: entries in files, and whether a file is sound. */
'use strict';

const fs = require('node:fs');
const { agreed } = require('../choices.js');
const { Exit, notThere, usageError } = require('../exit.js');
const { bytesText, countText } = require('../output/text.js');
const { checkIsHere, observed, opened } = require('../targets.js');

/** @typedef {import('../context.js').Context} Context */
/** @typedef {InstanceType<typeof import('../output/output.js').Output>} Output */
/** @typedef {ReturnType<typeof observed>} Observer */

/** How the file of a store begins, and where a damaged one may begin to lie. */
const STORE_MAGIC = 'SHMSTORE';
const BAR = 30;
/** Where entries go that are only looked at. */
const NOWHERE = Object.freeze({ check: () => {}, admit: () => {}, put: () => true });

/** @param {Context} context */
async function snapshot({ words: [target = '', file = ''], options, output }) {
  checkIsHere('snapshot', target);
  const store = opened(target, options);
  try {
    told(output, 'wrote', file, await store.snapshot(file, progressOf(output)));
  } finally {
    store.close();
  }
}

/** @param {Context} context */
async function restore({ words: [target = '', file = ''], options, output }) {
  checkIsHere('restore', target);
  if (!fs.existsSync(file)) throw notThere(`There is no file ${JSON.stringify(file)}`);
  const isKept = options.keep === true;
  const rule = isKept ? 'keeping what is there' : 'in place of what is there';
  await agreed(options, `Set the entries of ${file} in ${target}, ${rule}?`);
  // A file that is damaged makes no store.
  if (!isThere(target, options)) await snapshotFile(file, {});
  const store = opened(target, options, { mayBeNew: true });
  try {
    const how = { ...progressOf(output), overwrite: !isKept };
    told(output, 'restored', file, await store.restore(file, how));
  } finally {
    store.close();
  }
}

/**
 * Whether a store of this machine has the name.
 *
 * @param {string} target
 * @param {import('../targets.js').Options} options
 */
function isThere(target, options) {
  try {
    observed(target, options).close();
    return true;
  } catch {
    // What else is wrong with it, whoever opens it is told.
    return false;
  }
}

/** @param {Context} context */
async function verify({ words: [file = ''], options, output }) {
  const found = fs.statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw notThere(`There is no file ${JSON.stringify(file)}`);
  // Of a pipe nobody may ever write the other end.
  if (!found.isFile()) throw usageError(`${JSON.stringify(file)} is no regular file`);
  const checked =
    beginning(file) === STORE_MAGIC
      ? image(file, options)
      : await snapshotFile(file, progressOf(output));
  if (output.isJson) output.json(checked);
  else output.pairs(Object.entries(checked));
  return checked.sound ? Exit.DONE : Exit.FAILED;
}

/** @param {string} file */
function beginning(file) {
  const descriptor = fs.openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(STORE_MAGIC.length);
    fs.readSync(descriptor, bytes, 0, bytes.length, 0);
    return bytes.toString('latin1');
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Whether every entry of a store's file can be read, and as many are there as it says.
 *
 * @param {string} file
 * @param {import('../targets.js').Options} options
 */
function image(file, options) {
  const observer = observed(fs.realpathSync(file), options);
  try {
    const { name, entries, participants } = observer.stats();
    const isStill = isLeft(observer);
    let [read, unreadable] = [0, 0];
    for (const entry of observer.entries({ everywhere: true })) {
      read += 1;
      unreadable += isReadable(observer, entry, isStill) ? 0 : 1;
    }
    // With those that have expired, which count, and are not shown.
    const indexed = observer.indexed();
    const sound = unreadable === 0 && (!isStill || indexed === entries);
    return { kind: 'store', name, sound, entries, indexed, read, unreadable, participants };
  } finally {
    observer.close();
  }
}

/**
 * Whether nothing comes or goes: nobody uses the store, and nobody died on the way from one state
 * to the next, which whoever opens it finishes.
 *
 * @param {Observer} observer
 */
function isLeft(observer) {
  return (
    observer.participants().every(({ isAlive }) => !isAlive) && observer.heldLocks().length === 0
  );
}

/**
 * @param {Observer} observer
 * @param {{ key: string, namespace: readonly string[], ttl: number }} entry
 * @param {boolean} isStill
 */
function isReadable(observer, { key, namespace, ttl }, isStill) {
  const listedAt = performance.now();
  try {
    if (observer.get(key, { namespace }) !== undefined || !isStill) return true;
    // It holds `undefined`, or it is not found any more: then it has to have expired.
    if (observer.entry(key, { namespace }) !== undefined) return true;
    return performance.now() - listedAt >= ttl;
  } catch {
    return false;
  }
}

/**
 * Whether a snapshot is whole: every block and every entry is read, and nothing is kept.
 *
 * @param {string} file
 * @param {object} how
 */
async function snapshotFile(file, how) {
  const { restore: read, restoreArguments } = require('../../snapshot/snapshot.js');
  const { entries, expired, bytes } = await read(NOWHERE, restoreArguments(file, how));
  return { kind: 'snapshot', sound: true, entries, expired, bytes };
}

/** @param {Output} output */
function progressOf(output) {
  if (process.stderr.isTTY !== true || output.isJson) return {};
  return {
    /** @param {{ entries: number, total: number }} progress */
    onProgress: ({ entries, total }) => {
      const share = total === 0 ? 1 : Math.min(1, entries / total);
      const done = '#'.repeat(Math.round(share * BAR)).padEnd(BAR, '.');
      const end = share === 1 ? '\n' : '';
      process.stderr.write(`\r[${done}] ${countText(entries)} of ${countText(total)}${end}`);
    },
  };
}

/**
 * @param {Output} output
 * @param {string} what
 * @param {string} file
 * @param {{ entries: number, bytes: number, expired?: number }} result
 */
function told(output, what, file, result) {
  if (output.isJson) return output.json({ file, ...result });
  const { entries, bytes, expired = 0 } = result;
  const gone = expired === 0 ? '' : `, ${countText(expired)} had expired`;
  output.line(`${what} ${countText(entries)} entries, ${bytesText(bytes)}${gone}: ${file}`);
}

module.exports = { restore, snapshot, verify };
