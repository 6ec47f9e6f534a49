/**
 * Why a store, or its file, cannot be had: what the native core answers, as people know it.
 *
 * Knows no handle. Invariant: the registers still hold what went with the answer.
 */
'use strict';

const { getSystemErrorName } = require('node:util');
const { Refusal, Register } = require('../../native/contract.js');
const native = require('../../native/loader.js');
const failures = require('../../native/failures.js');

/**
 * @param {number} number of the native core, below 0
 * @param {{ readonly name: string, readonly file?: string | undefined }} place
 * @param {object} [wanted] what an opener wants
 */
function openingFailure(number, { name, file }, wanted = {}) {
  const subject = file ?? name;
  switch (number) {
    case Refusal.FORBIDDEN:
      return failures.storeForbidden(
        'a regular file of this user alone',
        subject,
        'something else',
      );
    case Refusal.SYSTEM: {
      const errno = Number(native.registers[Register.ERRNO]);
      return failures.storeUnavailable(subject, getSystemErrorName(-errno));
    }
    case Refusal.MISMATCH: {
      const option = Number(native.registers[Register.MISMATCHED_OPTION]);
      const value = Number(native.registers[Register.MISMATCHED_VALUE]);
      return failures.mismatch(name, option, value, { ...wanted });
    }
    case Refusal.FULL:
      return failures.noRoomToOpen(name);
    case Refusal.CORRUPTED:
      return failures.damagedFile(name, file);
    default:
      return failures.sharedFailure(number, subject);
  }
}

module.exports = { openingFailure };
