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
/** Bits of a mode that let others in. */
const OTHERS = 0o077;
const ROOT = 0;
/** Of a name, so that people find its file; what tells names apart is the hash. */
const READABLE_UNITS = 40;
const HASH_DIGITS = 32;
/** The name of a store's file, and its layout in it. */
const STORE_FILE = /^[\w-]{1,40}-[0-9a-f]{32}\.v(\d{1,9})\.store$/;
/** No room, which has an error of its own. */
const FULL = Object.freeze(['ENOSPC', 'EDQUOT']);

/**
 * The path of a store's file. Its folder is there then.
 *
 * @param {string} name
 * @param {string | undefined} folder where it lies; `undefined` for the user's own
 */
function storeFile(name, folder) {
  const user = thisUser();
  const place = folder ?? ownPlace(user);
  makeFolder(place);
  return path.join(checkedFolder(place, folder === undefined, user), fileName(name));
}

/**
 * The folder of stores, checked; `undefined` if there is none.
 *
 * @param {{ readonly path: string | undefined }} given `undefined` for the user's own
 */
function existingFolder({ path: folder }) {
  const user = thisUser();
  const place = folder ?? ownPlace(user);
  if (!fs.existsSync(place)) return undefined;
  return checkedFolder(place, folder === undefined, user);
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

/**
 * The folder of a user, which is of no use to anybody else. It lies where everybody may write.
 *
 * @param {number} user
 */
function ownPlace(user) {
  const parent = process.platform === 'linux' ? MEMORY_FOLDER : attempt(os.tmpdir(), realPath);
  return path.join(parent, `shared-memory-store-${user}`);
}

/**
 * The path of a folder, if it is to be trusted.
 *
 * @param {string} folder
 * @param {boolean} isOwn whether it is the user's own
 * @param {number} user
 */
function checkedFolder(folder, isOwn, user) {
  return isOwn ? ownFolder(folder, user) : givenFolder(folder, user);
}

/**
 * @param {string} folder
 * @param {number} user
 */
function ownFolder(folder, user) {
  const stats = attempt(folder, (it) => fs.lstatSync(it));
  if (!stats.isDirectory()) throw failures.storeForbidden('a folder', folder, 'something else');
  checkOwner(folder, stats, user);
  if ((stats.mode & OTHERS) !== 0) {
    const mode = (stats.mode & 0o777).toString(8);
    throw failures.storeForbidden('a folder that is closed to others', folder, `mode ${mode}`);
  }
  return folder;
}

/**
 * @param {string} folder
 * @param {number} user
 */
function givenFolder(folder, user) {
  const real = attempt(folder, realPath);
  const stats = attempt(real, (it) => fs.statSync(it));
  if (!stats.isDirectory()) throw failures.storeUnavailable(folder, 'ENOTDIR');
  checkOwner(folder, stats, user);
  return real;
}

/** @param {string} folder */
function makeFolder(folder) {
  attempt(folder, (it) => {
    try {
      fs.mkdirSync(it, FOLDER_MODE);
    } catch (error) {
      // A file system that cannot be written may still have it. What it is, is looked at next.
      const isThere = /** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST';
      if (!isThere && !fs.existsSync(it)) throw error;
    }
  });
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
