/**
 * What a fleet store takes beside what others take: the lock under which something is written.
 *
 * Knows no lock but by its token. Invariant: a fence is checked at the server, in the same step as
 * what it guards.
 */
'use strict';

const { invalidType } = require('../errors/errors.js');
const { sharedStringOf } = require('../keys/key.js');
const { WriteRules } = require('../arguments/writes.js');

/** @typedef {import('../arguments/writes.js').Count} Count */

class FleetRules extends WriteRules {
  /** @param {number} defaultMs */
  constructor(defaultMs) {
    super(defaultMs);
    this.formOf = sharedStringOf;
  }

  /** @override @param {unknown} key @param {unknown} value @param {unknown} given options */
  write(key, value, given) {
    const { fence, others } = parted(given);
    const write = super.write(key, value, others);
    return fence === undefined ? write : Object.assign(write, { fence });
  }

  /**
   * @override
   * @param {unknown} key
   * @param {(value: unknown) => unknown} change
   * @param {unknown} given options
   */
  update(key, change, given) {
    const { fence, others } = parted(given);
    const update = super.update(key, change, others);
    if (fence === undefined) return update;
    const { writeOf } = update;
    update.writeOf = (value) => Object.assign(writeOf(value), { fence });
    return update;
  }

  /** @override @param {unknown} key @param {unknown} by @param {unknown} given options */
  count(key, by, given) {
    const { fence, others } = parted(given);
    const count = super.count(key, by, others);
    if (fence !== undefined) count.counting = Object.assign({ ...count.counting }, { fence });
    return count;
  }
}

/**
 * Options of a write without the lock among them, and its token.
 *
 * @param {unknown} given
 * @returns {{ fence: number | undefined, others: unknown }}
 */
function parted(given) {
  if (typeof given !== 'object' || given === null || !Object.hasOwn(given, 'fence')) {
    return { fence: undefined, others: given };
  }
  const { fence: lock, ...others } = /** @type {{ fence: unknown }} */ (given);
  return { fence: lock === undefined ? undefined : tokenOf(lock), others };
}

/** @param {unknown} lock */
function tokenOf(lock) {
  const { token } = /** @type {{ token?: unknown }} */ (
    typeof lock === 'object' && lock !== null ? lock : {}
  );
  if (typeof token === 'number' && Number.isSafeInteger(token) && token > 0) return token;
  throw invalidType('a lock that withLock() gave', 'option fence', lock);
}

module.exports = { FleetRules };
