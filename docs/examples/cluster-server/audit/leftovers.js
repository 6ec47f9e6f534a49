/**
 * Looks for what a worker left behind, killed or not: once all have ended, every key is free.
 */

/** A load that nobody else has claimed is run at once; this only ends a wait without end. */
const PATIENCE_MS = 10_000;

/** @returns {Promise<string[]>} what is there */
async function auditLeftovers(stores) {
  const found = Object.entries(stores).flatMap(([name, store]) => {
    const locked = store.keys().filter((key) => !isFree(store, key));
    return [...others(name, store), ...locked.map((key) => `${name}: ${key} is locked`)];
  });
  for (const page of stores.pages.keys()) {
    if (!(await canLoad(stores.pages, page))) found.push(`pages: ${page} is being loaded`);
  }
  return found;
}

function isFree(store, key) {
  return store.lock(key, 0) && store.release(key);
}

/** Those that have the store open, beside the one that looks. */
function others(name, store) {
  const count = store.stats().participants - 1;
  return count === 0 ? [] : [`${name}: ${count} others have it open`];
}

async function canLoad(pages, page) {
  pages.delete(page);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const load = pages.getOrSet(page, () => 'free', { signal });
  return (await load.catch(() => undefined)) === 'free';
}

module.exports = { auditLeftovers };
