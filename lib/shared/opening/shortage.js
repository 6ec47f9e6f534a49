/**
 * What ran out when a store could not be opened, or written to: which resource, how much there is,
 * where, and what to do about it.
 *
 * Asked for when it has happened: the numbers are those of that moment. Knows no entry.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { description } = require('../../errors/description.js');
const { Shortage, WhenFull } = require('../../native/contract.js');
const { SHARED_COUNTERS } = require('../../native/counters.js');
const failures = require('../../native/failures.js');
const native = require('../../native/loader.js');

/** Participants of a store, and files of stores that a process has open: as the core has them. */
const PARTICIPANTS = 256;
const MAPPINGS = 1024;
/** Where Linux says which limits a process has, and what it uses. */
const LIMITS = '/proc/self/limits';
const USED = '/proc/self/status';
/** The limit on memory that can be written: as the system calls it, and as programmers do. */
const DATA = /** @type {const} */ (['Max data size', 'RLIMIT_DATA']);
const ANY = -1;

/** @typedef {import('./handle.js').Place} Place */

/**
 * No store can be opened.
 *
 * @param {number} shortage a `Shortage`
 * @param {Place} place
 */
function noRoomToOpen(shortage, { name, file }) {
  const what = file === undefined ? description(name) : JSON.stringify(file);
  const message = `No room to open the store ${what}: ${reasonOf(shortage, file)}`;
  return failures.storeFull(message);
}

/**
 * @param {number} shortage
 * @param {string | undefined} file
 */
function reasonOf(shortage, file) {
  switch (shortage) {
    case Shortage.PARTICIPANTS:
      return `${PARTICIPANTS} threads have it open, the most there can be. Close it in some`;
    case Shortage.MAPPINGS:
      return (
        `this process has ${MAPPINGS} files of stores open, the most there can be. Close some, ` +
        'or keep in one store what belongs together'
      );
    case Shortage.ADDRESSES:
      return (
        `the process has no addresses left for it${limit('Max address space', 'RLIMIT_AS')}. ` +
        'Open it with a smaller maxBytes, or raise the limit (ulimit -v)'
      );
    case Shortage.FILE_SIZE:
      return (
        `its file would be longer than this process may make one` +
        `${limit('Max file size', 'RLIMIT_FSIZE')}. Open it with a smaller maxBytes, or raise ` +
        'the limit (ulimit -f)'
      );
    default:
      return file === undefined ? noMemory() : noSpace(file);
  }
}

function noMemory() {
  return (
    `the process gets no more memory${limit(...DATA)}. Close other stores, or raise the limit ` +
    '(ulimit -d)'
  );
}

/** @param {string} file */
function noSpace(file) {
  const folder = path.dirname(file);
  const room = roomOf(folder);
  const where = `its folder ${JSON.stringify(folder)}`;
  if (room === undefined) return `${where} is full. Free some of that file system`;
  if (room.hasNoFiles) {
    return `${where} takes no more files: all inodes of that file system are used. Remove some`;
  }
  return (
    `${where} has ${room.bytes} bytes free. Free some of that file system, or give option path ` +
    'another folder'
  );
}

/**
 * A write finds no room: the disk is full, or the store is, whichever has less left.
 *
 * @param {InstanceType<typeof import('./handle.js').Handle>} handle
 * @param {string} key
 */
function noRoomToWrite(handle, key) {
  const { file } = handle.place;
  const { entries, segmentBytes, maxBytes } = countersOf(handle.id);
  const [folder, room] = file === undefined ? [] : [path.dirname(file), roomOf(path.dirname(file))];
  const start = `No room is left for ${description(key)}: `;
  if (native.meetsShared(handle.id, ANY, entries, WhenFull.ANY) === 1) {
    const advice = "Delete some, or open the store with a larger one or with whenFull: 'evict'";
    return failures.storeFull(`${start}the store has its maxEntries, ${entries}. ${advice}`);
  }
  if (room !== undefined && room.bytes < maxBytes - segmentBytes) {
    const where = `the store's folder ${JSON.stringify(folder)} has ${room.bytes} bytes free`;
    const advice = 'Free some of that file system, or delete entries';
    return failures.storeFull(`${start}${where}, of ${maxBytes} that it may take. ${advice}`);
  }
  if (file === undefined && dataRoom() < maxBytes - segmentBytes) {
    return failures.storeFull(`${start}${noMemory()}`);
  }
  const advice =
    "Delete entries, or open the store with a larger maxBytes or with whenFull: 'evict'";
  return failures.storeFull(`${start}the store has used its maxBytes, ${maxBytes}. ${advice}`);
}

/** @param {number} id */
function countersOf(id) {
  const counted = native.sharedStats(id);
  const counter = (/** @type {string} */ wanted) => {
    const index = SHARED_COUNTERS.findIndex(({ name }) => name === wanted);
    return typeof counted === 'number' ? 0 : (counted[index] ?? 0);
  };
  const [entries, segmentBytes] = [counter('entries'), counter('segmentBytes')];
  return { entries, segmentBytes, maxBytes: counter('maxBytes') };
}

/**
 * What is left where a folder lies; `undefined` where the system does not say.
 *
 * @param {string} folder
 */
function roomOf(folder) {
  try {
    const { bavail, bsize, blocks, files, ffree } = fs.statfsSync(folder);
    // Some file systems count nothing.
    if (blocks === 0) return undefined;
    return { bytes: bavail * bsize, hasNoFiles: files > 0 && ffree === 0 };
  } catch {
    return undefined;
  }
}

/** Bytes that this process may still have to write to; infinite where there is no limit. */
function dataRoom() {
  const [, used] = /^VmData:\s+(\d+) kB$/m.exec(textOf(USED)) ?? [];
  return (softLimit(DATA[0]) ?? Number.POSITIVE_INFINITY) - Number(used ?? 0) * 1024;
}

/**
 * A limit of this process, to be said in brackets; nothing where there is none, or it is not told.
 *
 * @param {string} title as the system calls it
 * @param {string} name as programmers do
 */
function limit(title, name) {
  const soft = softLimit(title);
  return soft === undefined ? '' : ` (${name} is ${soft})`;
}

/** @param {string} title as the system calls it */
function softLimit(title) {
  const line = textOf(LIMITS)
    .split('\n')
    .find((it) => it.startsWith(title));
  const soft = line?.slice(title.length).trim().split(/\s+/)[0] ?? '';
  return /^\d+$/.test(soft) ? Number(soft) : undefined;
}

/** @param {string} file */
function textOf(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

module.exports = { noRoomToOpen, noRoomToWrite };
