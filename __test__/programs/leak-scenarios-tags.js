/** What must not leak of tags and namespaces; see `leak-scenarios`. */
const MemoryStore = require('shared-memory-store');
const { untilCollected, weakly } = require('../helpers/weak-references');

const ENTRIES = 50_000;
const NAMES = 100;

const SCENARIOS = {
  'invalidate tags that are never used again': {
    operations: ENTRIES,
    open() {
      const store = new MemoryStore();
      return async (round) => {
        for (let entry = 0; entry < ENTRIES; entry += 1) {
          store.set(`${round}-${entry}`, { entry }, { tags: [`${round}`, `${entry % NAMES}`] });
        }
        const last = weakly((index) => lastOf(store, `${round} last ${index}`, { tags: ['last'] }));
        store.invalidateTag([`${round}`, 'last']);
        await untilCollected(last);
      };
    },
  },
  'clear namespaces that are never used again': {
    operations: ENTRIES,
    open() {
      const store = new MemoryStore();
      return async (round) => {
        const views = Array.from({ length: NAMES }, (_, at) => store.namespace(`${round} ${at}`));
        for (let entry = 0; entry < ENTRIES; entry += 1) {
          views[entry % NAMES].set(`${entry}`, { entry });
        }
        const last = weakly((index) => lastOf(views.at(-1), `last ${index}`));
        for (const view of views) view.clear();
        await untilCollected(last);
      };
    },
  },
};

/** Sets an object, which a purge meets after all that was set before. */
function lastOf(store, key, options) {
  const value = { key };
  store.set(key, value, options);
  return value;
}

module.exports = SCENARIOS;
