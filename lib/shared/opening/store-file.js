/**
 * Where the file of a store lies that processes share: the folder, made and checked, and the name.
 *
 * Knows no store. Invariant: two names never have one file, and one folder has one path, whichever
 * way it was named. What is in the file, and whose it is, the native core looks at.
 */
'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const failures = require('../../native/failures.js');
const native = require('../../native/loader.js');

/** In memory, where the system has such a folder. */
const MEMORY_FOLDER = '/dev/shm';
const FOLDER_MODE = 0o700;
const GROUP_FOLDER_MODE = 0o770;
/** Bits of a mode that let others in. */
const OTHERS = 0o077;
const OTHERS_THAN_A_GROUP = 0o007;
/** Bits that let a group in. */
const GROUP = 0o070;
const PERMISSIONS = 0o777;
/** At a folder that another process makes: two calls of the system after another. */
const LOOKS = 20;
const LOOK_APART_MS = 5;
const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
const ROOT = 0;
/** As an owner: the one that it has. */
const SAME = -1;
/** Of a name, so that people find its file; what tells names apart is the hash. */
const READABLE_UNITS = 40;
const HASH_DIGITS = 32;
/** The name of a store's file, and its layout in it. */
const STORE_FILE = /^[\w-]{1,40}-[0-9a-f]{32}\.v(\d{1,9})\.store$/;
/** No room, which has an error of its own. */
const FULL = Object.freeze(['ENOSPC', 'EDQUOT']);

/**
 * Where stores lie: a folder, or `undefined` for the user's own, or that of his group.
 *
 * @typedef {{ readonly path: string | undefined, readonly access: 'user' | 'group' }} Where
 */

/**
 * The path of a store's file. Its folder is there then.
 *
 * @param {string} name
 * @param {Where} where
 */
function storeFile(name, where) {
  const user = thisUser();
  const folder = where.path ?? ownPlace(user, where);
  makeFolder(folder, where, user);
  return path.join(checkedFolder(folder, where, user), fileName(name));
}

/**
 * The folder of stores, checked; `undefined` if there is none.
 *
 * @param {Where} where
 */
function existingFolder(where) {
  const user = thisUser();
  const folder = where.path ?? ownPlace(user, where);
  return fs.existsSync(folder) ? checkedFolder(folder, where, user) : undefined;
}

/**
 * The files in a folder that stores of a name have, of whatever layout.
 *
 * @param {string} folder
 * @param {string} name
 */
function filesOfName(folder, name) {
  const stem = stemOf(name);
  const ofName = attempt(folder, (it) => fs.readdirSync(it)).filter((entry) => {
    return entry.startsWith(stem) && STORE_FILE.test(entry);
  });
  return ofName.map((entry) => path.join(folder, entry));
}

/** @param {string} name */
function fileName(name) {
  return `${stemOf(name)}${native.storeSuffix()}`;
}

/** @param {string} name */
function stemOf(name) {
  const readable = name.slice(0, READABLE_UNITS).replace(/[^\w-]/g, '_');
  // The units as they are: as UTF-8, all lone surrogates were one character.
  const hash = createHash('sha256').update(Buffer.from(name, 'utf16le')).digest('hex');
  return `${readable}-${hash.slice(0, HASH_DIGITS)}`;
}

function thisUser() {
  const user = process.geteuid?.();
  // Windows has none of what this stands on.
  if (user === undefined) throw failures.unsupportedPlatform('stores of processes');
  return user;
}

function ownGroup() {
  return Number(process.getegid?.());
}

/**
 * The folder of a user, or a group, which is of no use to anybody else. It lies where everybody may
 * write.
 *
 * @param {number} user
 * @param {Where} where
 */
function ownPlace(user, { access }) {
  const parent = process.platform === 'linux' ? MEMORY_FOLDER : attempt(os.tmpdir(), realPath);
  const whose = access === 'group' ? `group-${ownGroup()}` : user;
  return path.join(parent, `shared-memory-store-${whose}`);
}

/**
 * The path of a folder, if it is to be trusted.
 *
 * @param {string} folder
 * @param {Where} where
 * @param {number} user
 */
function checkedFolder(folder, where, user) {
  const isGiven = where.path !== undefined;
  const real = isGiven ? attempt(folder, realPath) : folder;
  const stats = attempt(real, where.access === 'group' ? madeForAGroup : lookAt);
  if (!stats.isDirectory()) {
    if (isGiven) throw failures.storeUnavailable(folder, 'ENOTDIR');
    throw failures.storeForbidden('a folder', folder, 'something else');
  }
  if (where.access === 'group') checkGroup(folder, stats, isGiven);
  else checkOwner(folder, stats, user);
  const others = where.access === 'group' ? OTHERS_THAN_A_GROUP : OTHERS;
  if (!isGiven && (stats.mode & others) !== 0) {
    throw failures.storeForbidden('a folder that is closed to others', folder, modeOf(stats));
  }
  return real;
}

/**
 * @param {string} folder
 * @param {Where} where
 * @param {number} user
 */
function makeFolder(folder, where, user) {
  attempt(folder, (it) => {
    try {
      fs.mkdirSync(it, FOLDER_MODE);
    } catch (error) {
      // A file system that cannot be written may still have it. What it is, is looked at next.
      const isThere = /** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST';
      if (!isThere && !fs.existsSync(it)) throw error;
      if (!isLeftUnfinished(it, where, user)) return;
    }
    if (where.access === 'group') giveToGroup(it, where);
  });
}

/**
 * Whether a default folder of a group is one that a process of this user has made, and has not
 * given to the group: it does so at this moment, or has died before it did.
 *
 * @param {string} folder
 * @param {Where} where
 * @param {number} user
 */
function isLeftUnfinished(folder, where, user) {
  if (where.access !== 'group' || where.path !== undefined) return false;
  const stats = lookAt(folder);
  return stats.uid === user && isUnfinished(stats);
}

/**
 * A second time, nothing happens.
 *
 * @param {string} folder
 * @param {Where} where
 */
function giveToGroup(folder, { path: given }) {
  // Some systems give it the group of the folder around it.
  if (given === undefined) fs.chownSync(folder, SAME, ownGroup());
  // Said apart: the mask of the process takes from what a folder is made with.
  fs.chmodSync(folder, GROUP_FOLDER_MODE);
}

/**
 * What a folder for a group is, once whoever makes it at this moment has given it to the group.
 *
 * @param {string} folder
 */
function madeForAGroup(folder) {
  let stats = lookAt(folder);
  for (let looks = 1; looks < LOOKS && isUnfinished(stats); looks += 1) {
    Atomics.wait(NEVER_WOKEN, 0, 0, LOOK_APART_MS);
    stats = lookAt(folder);
  }
  return stats;
}

/** @param {string} file */
function lookAt(file) {
  return fs.lstatSync(file);
}

/**
 * Whether it is as a folder for a group is between its making and its being given to the group.
 *
 * @param {import('node:fs').Stats} stats
 */
function isUnfinished(stats) {
  return stats.isDirectory() && (stats.mode & PERMISSIONS) === FOLDER_MODE;
}

/**
 * @param {string} folder
 * @param {import('node:fs').Stats} stats
 * @param {number} user
 */
function checkOwner(folder, { uid }, user) {
  if (uid === user || uid === ROOT) return;
  throw failures.storeForbidden(`a folder of user ${user}`, folder, `one of user ${uid}`);
}

/**
 * Nobody but its members gives a folder to a group. The default one is of the group that its path
 * says: another group of this user may have people who are not meant.
 *
 * @param {string} folder
 * @param {import('node:fs').Stats} stats
 * @param {boolean} isGiven
 */
function checkGroup(folder, stats, isGiven) {
  const groups = [ownGroup(), ...(isGiven ? (process.getgroups?.() ?? []) : [])];
  if (!groups.includes(stats.gid)) {
    const ids = [...new Set(groups)].join(', ');
    const wanted = isGiven ? `a folder of one of this user's groups, ${ids},` : `of group ${ids}`;
    throw failures.storeForbidden(wanted, folder, `one of group ${stats.gid}`);
  }
  if ((stats.mode & GROUP) !== GROUP) {
    throw failures.storeForbidden('a folder that its group may write', folder, modeOf(stats));
  }
}

/** @param {import('node:fs').Stats} stats */
function modeOf({ mode }) {
  return `of mode ${(mode & PERMISSIONS).toString(8)}`;
}

/** @param {string} file */
function realPath(file) {
  return fs.realpathSync.native(file);
}

/**
 * What the system gives, or its refusal as people know it.
 *
 * @template T
 * @param {string} file
 * @param {(file: string) => T} act
 * @returns {T}
 */
function attempt(file, act) {
  try {
    return act(file);
  } catch (error) {
    const { code = 'EIO' } = /** @type {NodeJS.ErrnoException} */ (error);
    if (FULL.includes(code)) throw failures.noSpace(file, code, error);
    throw failures.storeUnavailable(file, code, error);
  }
}

module.exports = { STORE_FILE, existingFolder, filesOfName, storeFile };
