/**
 * Looks for locks that a worker left behind: once all have ended, every key must be free.
 */

/** A load that nobody else has claimed is run at once; this only ends a wait without end. */
const PATIENCE_MS = 10_000;

/** @returns {Promise<string[]>} what is held */
async function auditLocks(stores) {
  const locked = Object.entries(stores).flatMap(([name, store]) => {
    return store
      .keys()
      .filter((key) => !isFree(store, key))
      .map((key) => `${name}: ${key}`);
  });
  const claimed = [];
  for (const page of stores.pages.keys()) {
    if (!(await canLoad(stores.pages, page))) claimed.push(`pages: ${page} is being loaded`);
  }
  return [...locked, ...claimed];
}

function isFree(store, key) {
  return store.lock(key, 0) && store.release(key);
}

async function canLoad(pages, page) {
  pages.delete(page);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const load = pages.getOrSet(page, () => 'free', { signal });
  return (await load.catch(() => undefined)) === 'free';
}

module.exports = { auditLocks };
