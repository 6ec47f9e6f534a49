/**
 * The temporary file that a snapshot is written into, beside the file whose place it takes.
 *
 * Knows no snapshot. Its writer holds it by a lock of the kernel, which goes with the process; so
 * who comes later knows what the dead have left. Invariant: what is removed here has a name that
 * only drafts have, is this user's, and is nobody's any more.
 */
'use strict';

const { randomBytes } = require('node:crypto');
const fs = require('node:fs/promises');
const { constants } = require('node:fs');
const path = require('node:path');
const native = require('../native/loader.js');
const { storeUnavailable } = require('../native/failures.js');

/** For its owner alone: values may be secret. */
const MODE = 0o600;
const NAME = /^\.snapshot-[0-9a-f]{16}\.tmp$/;
/** Made anew, or not at all. */
const ANEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
/** Said in full: `Object.prototype` may hold what is none of ours. */
const HOW = Object.freeze({
  __proto__: null,
  encoding: 'utf8',
  bufferSize: 1024,
  recursive: false,
});
/** A draft is taken for left between its making and its holding: hardly once. */
const ATTEMPTS = 8;

/**
 * @typedef {object} Draft
 * @property {string} temporary
 * @property {import('node:fs/promises').FileHandle} handle
 * @property {boolean} isSynced whether what is written is on the disk when the write is done
 */

/**
 * A new draft in a folder, of a writer that holds it until the handle is closed.
 *
 * @param {string} folder
 * @returns {Promise<Draft>}
 */
async function openDraft(folder) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const temporary = path.join(folder, `.snapshot-${randomBytes(8).toString('hex')}.tmp`);
    const isSynced = isSyncForbidden();
    const how = isSynced ? ANEW | constants.O_SYNC : ANEW;
    const draft = { temporary, handle: await fs.open(temporary, how, MODE), isSynced };
    if (native.holdDraft(draft.handle.fd, temporary) === 1) return draft;
    await discard(draft);
  }
  throw storeUnavailable(folder, 'ENOLCK');
}

/** Whether the engine lets nobody ask for what is written to be put on the disk. */
function isSyncForbidden() {
  return (
    /** @type {{ permission?: object }} */ (/** @type {unknown} */ (process)).permission != null
  );
}

/**
 * Leaves nothing behind.
 *
 * @param {Draft} draft
 */
async function discard({ temporary, handle }) {
  await handle.close().catch(() => {});
  await fs.rm(temporary, { force: true }).catch(() => {});
}

/**
 * Removes from a folder the drafts of writers that were killed. What cannot be removed stays.
 *
 * @param {string} folder
 */
async function removeLeftDrafts(folder) {
  try {
    for await (const { name } of await fs.opendir(folder, HOW)) {
      if (NAME.test(name)) native.removeLeftDraft(path.join(folder, name));
    }
  } catch {
    // A folder that is not to be read; whether it can be written to is seen next.
  }
}

module.exports = { discard, openDraft, removeLeftDrafts };
