/**
 * How much room a store gets whose opener does not say: what the machine can spare, 1 GiB at most.
 *
 * Knows no store. Room is taken as it is used: this is where it ends.
 */
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { memoryLimit } = require('./memory-limit.js');

const LEAST_BYTES = 256 * 1024;
const MOST_BYTES = 1024 ** 3;
/** What one store leaves to everything else. */
const SHARE = 1 / 2;

/**
 * Bytes: the least of 1 GiB, half the memory that this process may have, and half of what is free
 * where the store's file is to lie.
 *
 * @param {string | undefined} file of a store that processes share
 */
function defaultRoom(file) {
  const room = file === undefined ? memory() : Math.min(memory(), free(path.dirname(file)));
  const bytes = Math.min(Math.floor(room * SHARE), MOST_BYTES);
  return Math.max(bytes, LEAST_BYTES);
}

/** That of the machine, or of the container. */
function memory() {
  const known = process.constrainedMemory?.() ?? 0;
  // The engine does not look at the groups around its own.
  const limit = Math.min(known > 0 ? known : Number.POSITIVE_INFINITY, memoryLimit());
  return Math.min(limit, os.totalmem());
}

/** @param {string} folder */
function free(folder) {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    // Some file systems do not count.
    return bavail * bsize || Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

module.exports = { defaultRoom };
