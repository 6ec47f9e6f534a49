/**
 * `snapshot` and `restore`: the entries of a store to a file, and from it.
 *
 * Knows neither kind of store: a source gives entries, a target takes them. Invariant: a file that
 * is not a whole snapshot changes nothing, and no call that fails leaves a file.
 */
'use strict';

const errors = require('../errors/errors.js');
const { MAX_TTL_MS } = require('../arguments/expiry.js');
const options = require('../arguments/options.js');
const { When } = require('../arguments/writes.js');
const { SnapshotReader } = require('./reader.js');
const { recordOf } = require('./record.js');
const { Turns } = require('./turns.js');
const { SnapshotWriter } = require('./writer.js');

const OPTIONS = Object.freeze(['onProgress', 'signal']);
const RESTORE_OPTIONS = Object.freeze([...OPTIONS, 'overwrite']);

/** @typedef {import('./record.js').StoredEntry} StoredEntry */
/** @typedef {import('./record.js').ReadEntry} ReadEntry */

/**
 * Where entries come from. Each is given once, with a value that it has at that moment.
 *
 * @typedef {object} Source
 * @property {() => number} size
 * @property {() => Iterable<StoredEntry>} entries throws once the store is closed
 */

/**
 * Where entries go.
 *
 * @typedef {object} Target
 * @property {() => void} check throws once the store is closed
 * @property {(entry: ReadEntry) => void} admit throws where the store could never take an entry
 * @property {(entry: ReadEntry, ttlMs: number, when: number) => boolean} put 0 for one that never
 *   expires; whether it was stored
 */

/** @typedef {(progress: { entries: number, bytes: number, total: number }) => unknown} Tell */

/**
 * What was asked for, checked.
 *
 * @typedef {object} Asked
 * @property {string} file
 * @property {Tell | undefined} tell
 * @property {AbortSignal | undefined} signal
 * @property {number} when entries are stored
 */

/**
 * The arguments of `snapshot`.
 *
 * @param {unknown} file
 * @param {unknown} given options
 */
function snapshotArguments(file, given) {
  return asked(file, options.record(given, OPTIONS));
}

/**
 * Those of `restore`.
 *
 * @param {unknown} file
 * @param {unknown} given options
 */
function restoreArguments(file, given) {
  return asked(file, options.record(given, RESTORE_OPTIONS));
}

/**
 * @param {unknown} file
 * @param {Record<string, unknown>} given options
 * @returns {Asked}
 */
function asked(file, { onProgress, signal, overwrite }) {
  if (typeof file !== 'string') throw errors.invalidType('a path', 'file', file);
  if (file === '' || file.includes('\0')) throw errors.invalidValue('a path', 'file', file);
  return {
    file,
    tell: onProgress === undefined ? undefined : options.callable(onProgress, 'option onProgress'),
    signal: signal === undefined ? undefined : options.abortSignal(signal),
    when:
      overwrite === undefined || options.flag(overwrite, 'option overwrite')
        ? When.ALWAYS
        : When.ABSENT,
  };
}

/**
 * Writes all entries to a file.
 *
 * @param {Source} source
 * @param {Asked} asked
 */
async function snapshot(source, { file, tell, signal }) {
  const turns = new Turns(signal);
  const expected = source.size();
  const writer = await SnapshotWriter.open(file);
  const show = () => {
    const { entries, bytes } = writer;
    tell?.({ entries, bytes, total: Math.max(expected, entries) });
  };
  try {
    for (const entry of source.entries()) {
      writer.add(recordOf(entry));
      if (!writer.isFull && !turns.isOver) continue;
      await writer.drain();
      show();
      await turns.next();
    }
    await writer.finish();
    show();
    turns.check();
    await writer.publish();
  } catch (error) {
    await writer.discard();
    throw error;
  }
  return { entries: writer.entries, bytes: writer.bytes };
}

/**
 * Stores the entries of a file. Those that are there under other keys stay.
 *
 * @param {Target} target
 * @param {Asked} asked
 */
async function restore(target, { file, tell, signal, when }) {
  const turns = new Turns(signal);
  target.check();
  const reader = await SnapshotReader.open(file);
  const { fileBytes } = reader;
  const total = reader.contents.entries;
  let [entries, expired, kept] = [0, 0, 0];
  const show = () => tell?.({ entries: entries + expired + kept, bytes: reader.bytes, total });
  try {
    await eachEntry(reader, turns, (entry) => {
      target.check();
      if (leftMs(entry) > 0) target.admit(entry);
    });
    target.check();
    reader.rewind();
    const put = (/** @type {ReadEntry} */ entry) => {
      target.check();
      const ttlMs = leftMs(entry);
      if (ttlMs <= 0) {
        expired += 1;
        return;
      }
      const isStored = target.put(entry, ttlMs === Number.POSITIVE_INFINITY ? 0 : ttlMs, when);
      if (isStored) entries += 1;
      else kept += 1;
    };
    await eachEntry(reader, turns, put, show);
    show();
  } finally {
    await reader.close();
  }
  return { entries, bytes: fileBytes, expired };
}

/**
 * @param {InstanceType<typeof SnapshotReader>} reader
 * @param {InstanceType<typeof Turns>} turns
 * @param {(entry: ReadEntry) => void} see
 * @param {() => void} [show] after each turn
 */
async function eachEntry(reader, turns, see, show) {
  while (await reader.advance()) {
    for (const entry of reader.entries()) {
      see(entry);
      if (!turns.isOver) continue;
      show?.();
      await turns.next();
    }
    turns.check();
  }
}

/**
 * Milliseconds to live; 0 or less for what has expired meanwhile.
 *
 * @param {ReadEntry} entry
 */
function leftMs({ deadline }) {
  if (deadline === 0) return Number.POSITIVE_INFINITY;
  return Math.min(deadline - Date.now(), MAX_TTL_MS);
}

module.exports = { restore, restoreArguments, snapshot, snapshotArguments };
