/**
 * Why a store, or its file, cannot be had: what the native core answers, as people know it.
 *
 * Knows no handle. Invariant: the registers still hold what went with the answer.
 */
'use strict';

const fs = require('node:fs');
const { getSystemErrorName } = require('node:util');
const { Refusal, Register } = require('../../native/contract.js');
const native = require('../../native/loader.js');
const failures = require('../../native/failures.js');
const { noRoomToOpen } = require('./shortage.js');

/** @typedef {import('./handle.js').Place} Place */

/** Bits of a mode, and those of files of a user or of a group. */
const PERMISSIONS = 0o777;
const MODES = Object.freeze({ user: 0o600, group: 0o660 });

/**
 * @param {number} number of the native core, below 0
 * @param {Place} place
 * @param {object} [wanted] what an opener wants
 */
function openingFailure(number, { name, file, access = 'user' }, wanted = {}) {
  const subject = file ?? name;
  switch (number) {
    case Refusal.FORBIDDEN:
      return forbidden(subject, access);
    case Refusal.SYSTEM: {
      const errno = Number(native.registers[Register.ERRNO]);
      // Some failures of files have no number, and engines know no name for 0.
      return failures.storeUnavailable(subject, errno > 0 ? getSystemErrorName(-errno) : 'EIO');
    }
    case Refusal.MISMATCH: {
      const option = Number(native.registers[Register.MISMATCHED_OPTION]);
      const value = Number(native.registers[Register.MISMATCHED_VALUE]);
      return failures.mismatch(name, option, value, { ...wanted });
    }
    case Refusal.FULL:
      return noRoomToOpen(Number(native.registers[Register.SHORTAGE]), { name, file });
    case Refusal.CORRUPTED:
      return failures.damagedFile(name, file);
    default:
      return failures.sharedFailure(number, subject);
  }
}

/**
 * What lies where the file of a store is wanted.
 *
 * @param {string} file
 * @param {'user' | 'group'} access
 */
function forbidden(file, access) {
  const found = fs.lstatSync(file, { throwIfNoEntry: false });
  const other = access === 'user' ? 'group' : 'user';
  if (found?.isFile() && (found.mode & PERMISSIONS) === MODES[other]) {
    const wanted = `opened with access: '${other}', which it was made with,`;
    return failures.storeForbidden(wanted, file, `to be opened with '${access}'`);
  }
  const whose = access === 'user' ? 'this user alone' : "one of this user's groups alone";
  return failures.storeForbidden(`a regular file of ${whose}`, file, looksOf(found));
}

/** @param {import('node:fs').Stats | undefined} found */
function looksOf(found) {
  if (found?.isSymbolicLink()) return 'a link';
  if (!found?.isFile()) return 'something else';
  const mode = (found.mode & PERMISSIONS).toString(8);
  return `one of user ${found.uid}, group ${found.gid} and mode ${mode}`;
}

module.exports = { openingFailure };
