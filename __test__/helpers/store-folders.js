/**
 * Folders for the files of stores, each for one test, and removed when it ends.
 *
 * Must not know what is in a file. Invariant: a folder is in memory where the default one is, so
 * that a test meets what users meet.
 */
const { existsSync, mkdtempSync, readdirSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { NodeShareCache, SharedStore } = require('../../index.js');

const MEMORY = '/dev/shm';

/** Runs `body(folder)` with a folder of its own, which is empty. */
async function withFolder(body) {
  const parent = existsSync(MEMORY) ? MEMORY : tmpdir();
  const folder = mkdtempSync(path.join(parent, 'shared-memory-store-test-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs `body(store, place)` with a store of processes; `place` opens it again, anywhere. */
function withProcessStore(options, body) {
  return withFolder(async (folder) => {
    const place = { name: 'store', scope: 'processes', path: folder };
    const store = new SharedStore({ ...place, ...options });
    try {
      return await body(store, place);
    } finally {
      store.close();
    }
  });
}

/** Runs `body(cache, folder)` with a cache named `cache`. */
function withCache(body) {
  return withFolder(async (folder) => {
    const cache = new NodeShareCache('cache', undefined, false, { path: folder });
    try {
      return await body(cache, folder);
    } finally {
      cache.close();
    }
  });
}

/** The paths of the files in a folder. */
function filesIn(folder) {
  return readdirSync(folder).map((name) => path.join(folder, name));
}

module.exports = { filesIn, withCache, withFolder, withProcessStore };
