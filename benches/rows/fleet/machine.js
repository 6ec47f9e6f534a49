/**
 * A process of another machine, or one more of this: it reads near copies and says what it saw.
 *
 * Started by `Companion`; answers requests. Knows no measurement. Invariant: it ends when whoever
 * started it does.
 */
'use strict';

const { lookUntil, nowMs, openerOf, warm } = require('./fleets.js');

const { storePath, stores: given, key } = JSON.parse(process.argv[2]);
const stores = given.map(({ url, near, ...options }) => {
  return openerOf(storePath, url).openNear(near, options);
});
const [store] = stores;

const REQUESTS = {
  /** Has the copy of its key, and says so. */
  warm: () => warm(store, key),

  /** Says that it looks; and when a copy has gone. */
  async gone() {
    const value = store.near(key);
    await say('looking');
    return lookUntil(() => store.near(key) !== value);
  },

  /** Says that it looks; and when it was given a copy last. */
  async last({ forMs }) {
    const value = store.near(key);
    let lastMs = 0;
    await say('looking');
    const endMs = nowMs() + forMs;
    lookUntil(() => {
      // The look at the clock comes first: who stands still after it is not late.
      const atMs = nowMs();
      if (store.near(key) === value) lastMs = atMs;
      return atMs > endMs;
    });
    return lastMs;
  },

  /** Comes when its thread that would listen is there: it is told of a flush. */
  flushed: () => new Promise((resolve) => store.once('flush', resolve)),

  /** Says that it looks; and when there are copies again that another listener keeps right. */
  async again() {
    const flushed = REQUESTS.flushed();
    await say('looking');
    await flushed;
    while (store.near(key) === undefined) await store.get(key);
    return nowMs();
  },
};

function say(what) {
  return new Promise((resolve) => process.send(what, resolve));
}

async function main() {
  for (const one of stores) await warm(one, key);
  process.on('message', async ({ what, ...how }) => say((await REQUESTS[what](how)) ?? what));
  await say('ready');
}

process.on('disconnect', () => process.exit());
main();
