/**
 * What stands on `Object.prototype` while a store is opened or called is no option.
 *
 * Must not know how options are read. Invariant tested: every verb does what it does without it,
 * and so does a constructor, whatever name the property has.
 */
const assert = require('node:assert/strict');
const { entriesOf, property, sinceNow } = require('./contract.js');
const { HOUR_MS, fill, verbs } = require('./verbs.js');
const { polluted } = require('../helpers/polluted.js');

const signal = AbortSignal.abort(new Error('from Object.prototype'));
const refuse = () => {
  throw new Error('from Object.prototype');
};

/** Names that options have anywhere, with values that would change what a call does. */
const AMBIENT = {
  ...{ ttl: 1, expiresAt: 0, isPermanent: false, maxAgeMs: 1, size: -1, tags: ['tag'], when: 2 },
  ...{ staleMs: HOUR_MS, signal, factoryTimeoutMs: 1, whenAbandoned: 'no', retryMs: -1 },
  ...{ ifPresent: true, min: 50, max: -50, overwrite: 'no', onProgress: refuse, waitMs: -1 },
  ...{ name: '', scope: 'no', path: '', maxBytes: 1, maxEntries: 1, whenFull: 'no', reads: 'no' },
  ...{ firstBytes: 1, reserveBytes: 1, file: '/', cleanupInterval: -1, autoStartCleanup: 'no' },
  ...{ maxSize: 1, sizeOf: refuse, now: refuse, clock: 'no', access: 'no', whenOrphaned: 'no' },
  ...{ key: 'other', cause: new Error('from Object.prototype'), string: 'other', value: 'other' },
  ...{ isKept: true, isOnce: true, isFirst: true, by: 7, counting: {}, expiry: -1, unknown: 1 },
  ...{ looked: refuse, stored: refuse, failed: refuse, fence: 'no' },
};

/** What `call` answers while one of the properties is there. */
function within(name, call) {
  return polluted({ [name]: AMBIENT[name] }, call);
}

for (const { name, given, takes, answer, after } of verbs) {
  property(`${name}() takes no option from Object.prototype`, async (store) => {
    const last = takes.length - 1;
    const isOptional = ['options', 'counting', 'loading'].includes(takes[last]);
    const calls = [given];
    // Without options, with empty ones, and with some that say something else.
    if (isOptional) calls.push(given.slice(0, last), [...given.slice(0, last), {}]);
    for (const args of calls) {
      await store.clear();
      await fill(store);
      const got = await polluted(AMBIENT, () => store[name](...args));
      if (typeof answer === 'function') assert.ok(answer(got));
      else assert.deepEqual(got, answer);
      const left = (await entriesOf(store)).map(([key, value]) => `${key}=${value}`);
      assert.deepEqual(left, after);
    }
  });
}

property('a constructor takes no option from Object.prototype', async (_store, scope) => {
  for (const ambient of Object.keys(AMBIENT)) {
    const opened = within(ambient, () => scope.open({ ttl: HOUR_MS }));
    try {
      const since = sinceNow();
      await opened.set('a', 1);
      await opened.set('b', 2, Infinity);
      since.assertLeft(await opened.ttl('a'), HOUR_MS, ambient);
      assert.deepEqual(await opened.getMany(['a', 'b']), [1, 2], ambient);
    } finally {
      await scope.end(opened);
    }
  }
});

property('a listener is added as it was asked for', { needs: ['events'] }, (store) => {
  const told = [];
  within('isOnce', () => store.on('error', () => told.push('on')));
  assert.equal(store.listenerCount('error'), 1);
  within('isFirst', () => store.once('error', () => told.push('once')));
  assert.equal(store.listenerCount('error'), 2);
});
