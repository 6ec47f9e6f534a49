/**
 * `snapshot` and `restore`: what one store wrote, a store of any scope takes.
 *
 * Must not know what is in a file. Invariant tested: entries come back with value, key and what is
 * left of their time; a file that is no snapshot changes nothing.
 */
const assert = require('node:assert/strict');
const { writeFileSync } = require('node:fs');
const { test } = require('node:test');
const { withFile } = require('../helpers/snapshot-files.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { HOUR_MS, assertRefused, entriesOf, passDeadline, property, setExpired, sinceNow } =
  require('./contract.js');
const { scopes } = require('./scopes.js');

const VALUES = {
  number: -0.5,
  text: 'wide \u4e2d \ud800',
  object: { a: [1, null, { b: undefined }] },
  map: new Map([['k', new Set([1n])]]),
  date: new Date(0),
  bytes: new Uint8Array([0, 255]),
  undefined: undefined,
  null: null,
};
const able = scopes.filter((scope) => scope.can('snapshot'));

/** Runs `body(from, to, file)` with a store of each scope. */
function between(from, to, body) {
  return from.with({}, (one) => to.with({}, (other) => withFile((file) => body(one, other, file))));
}

for (const from of able) {
  for (const to of able) {
    const pair = `from ${from.name} to ${to.name}`;

    test(`values, keys and deadlines come back, ${pair}`, SLOW, () =>
      between(from, to, async (one, other, file) => {
        const since = sinceNow();
        for (const [key, value] of Object.entries(VALUES)) await one.set(key, value);
        await one.set('timed', 'hour', HOUR_MS);
        await one.set('\0\ud800', 'odd key');
        await one.set(7, 'number key');
        await setExpired(one, 'expired');
        const expected = await entriesOf(one);
        const written = await one.snapshot(file);
        assert.equal(written.entries, expected.length);
        const restored = await other.restore(file);
        assert.deepEqual([restored.entries, restored.expired], [expected.length, 0]);
        assert.equal(restored.bytes, written.bytes);
        assert.deepEqual(await entriesOf(other), expected);
        since.assertLeftByWallClock(await other.ttl('timed'), HOUR_MS);
        assert.equal(await other.get('7'), 'number key');
      }),
    );

    test(`entries of the same keys are overwritten, others stay, ${pair}`, SLOW, () =>
      between(from, to, async (one, other, file) => {
        await one.set('both', 'new', HOUR_MS);
        await one.set('one', 1);
        await one.snapshot(file);
        await other.set('both', 'old');
        await other.set('other', 2);
        await other.restore(file);
        assert.deepEqual(await entriesOf(other), [
          ['both', 'new', true],
          ['one', 1, false],
          ['other', 2, false],
        ]);
      }),
    );

    test(`what has expired in the file is left out, ${pair}`, SLOW, () =>
      between(from, to, async (one, other, file) => {
        await one.set('kept', 1);
        while ((await one.size()) < 2) await one.set('short', 1, 50);
        const { entries } = await one.snapshot(file);
        passDeadline(50);
        const restored = await other.restore(file);
        assert.equal(restored.entries + restored.expired, entries);
        assert.deepEqual(await entriesOf(other), [['kept', 1, false]]);
      }),
    );
  }
}

const needs = ['snapshot'];

property('an empty store is a file, too', { needs }, (store) =>
  withFile(async (file) => {
    assert.equal((await store.snapshot(file)).entries, 0);
    await store.set('a', 1);
    assert.equal((await store.restore(file)).entries, 0);
    assert.deepEqual(await entriesOf(store), [['a', 1, false]]);
  }),
);

property('a snapshot changes nothing, and can be restored where it was made', { needs }, (store) =>
  withFile(async (file) => {
    await store.setMany([
      ['a', 1],
      ['b', 2, HOUR_MS],
    ]);
    const before = await entriesOf(store);
    await store.snapshot(file);
    assert.deepEqual(await entriesOf(store), before);
    await store.clear();
    await store.restore(file);
    assert.deepEqual(await entriesOf(store), before);
  }),
);

property('what is no snapshot changes nothing', { needs }, (store, scope) =>
  withFile(async (file) => {
    await store.set('a', 1);
    for (const bytes of ['', 'SHMSNAPS', 'no snapshot at all', '\0'.repeat(1000)]) {
      writeFileSync(file, bytes);
      const expected = { name: 'StoreError', code: 'ERR_CORRUPTED' };
      await assertRefused(store, scope, 'restore', () => store.restore(file), expected);
    }
  }),
);

property('a file that is not there is told by the code of the system', { needs }, (store, scope) =>
  withFile(async (file) => {
    const missing = `${file}/none`;
    const isTold = ({ code }) => code === 'ENOENT' || code === 'ENOTDIR';
    await assertRefused(store, scope, 'restore', () => store.restore(missing), isTold);
    await assertRefused(store, scope, 'snapshot', () => store.snapshot(missing), isTold);
  }),
);

property('bad arguments reject', { needs }, (store, scope) =>
  withFile(async (file) => {
    await store.set('a', 1);
    const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    for (const verb of ['snapshot', 'restore']) {
      const refused = (given, expected) =>
        assertRefused(store, scope, verb, () => store[verb](...given), expected);
      await refused([], { name: 'TypeError', code: 'ERR_MISSING_ARGS' });
      for (const bad of [undefined, null, 5, {}, Symbol('file')]) await refused([bad], type);
      await refused(['a\0b'], { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' });
      for (const bad of [null, 5, 'options', new Date(), new Map(), []]) {
        await refused([file, bad], type);
      }
      await refused([file, { onProgress: 5 }], type);
      await refused([file, { signal: 5 }], type);
      await refused([file, { TTL: 5 }], { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' });
      const reason = new Error('given up');
      const isIt = (error) => error === reason;
      await refused([file, { signal: AbortSignal.abort(reason) }], isIt);
    }
  }),
);

property('a closed store rejects', { needs }, (store) =>
  withFile(async (file) => {
    await store.snapshot(file);
    await store.close();
    const closed = { name: 'StoreError', code: 'ERR_STORE_CLOSED' };
    await assert.rejects(store.snapshot(file), closed);
    await assert.rejects(store.restore(file), closed);
  }),
);
