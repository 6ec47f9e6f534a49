/**
 * A store that others destroy while it is open: whoever has it learns of it, and may go over.
 *
 * Must not know how a name is kept. Invariant tested: it is told once; who stays keeps his entries,
 * and who rejoins shares those of the store that is found by the name.
 */
const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { withProcesses } = require('../helpers/processes.js');
const { freshName } = require('../helpers/shared-names.js');
const { filesIn, withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const closed = { name: 'StoreError', code: 'ERR_STORE_CLOSED' };

/** Runs `body(place)` with a place of each scope. */
const inBothScopes = (body) => {
  test('threads', SLOW, () => body({ name: freshName('orphans'), scope: 'threads' }));
  test('processes', SLOW, () =>
    withFolder((folder) => body({ name: 'orphans', scope: 'processes', path: folder })),
  );
};

/** When an object is told. What waits for that keeps no process alive. */
async function toldOf(store) {
  const alive = setInterval(() => {}, 1000);
  try {
    await once(store, 'orphaned');
  } finally {
    clearInterval(alive);
  }
}

/** The ways in which a name is lost. */
const LOSSES = {
  destroyed: (place) => new SharedStore(place).destroy(),
  removed: ({ name, path: folder }) => SharedStore.remove(name, { path: folder }),
  'taken away': ({ path: folder }) => fs.rmSync(filesIn(folder)[0]),
  'given to another': ({ path: folder }) => {
    const [file] = filesIn(folder);
    fs.renameSync(file, path.join(folder, 'old'));
    fs.writeFileSync(file, '', { mode: 0o600 });
  },
};

for (const [what, lose] of Object.entries(LOSSES)) {
  test(`who_listens_is_told_once_that_the_store_was_${what.replaceAll(' ', '_')}`, SLOW, () =>
    withFolder(async (folder) => {
      const place = { name: 'name', scope: 'processes', path: folder };
      const store = new SharedStore(place);
      store.set('key', 'old');
      let told = 0;
      store.on('orphaned', function (...given) {
        assert.deepEqual([this, given], [store, []]);
        told += 1;
      });
      lose(place);
      if (told === 0) await toldOf(store);
      // Another listener is not told of it once more, nor by another loss of the name.
      store.on('orphaned', () => (told += 1));
      const other = new SharedStore({ ...place, name: 'other' });
      const heard = toldOf(other);
      SharedStore.remove('other', { path: folder });
      await heard;
      assert.equal(told, 1);
      assert.equal(store.get('key'), 'old');
      for (const one of [store, other]) one.close();
    }),
  );
}

test('another_process_is_told', SLOW, () =>
  withFolder((folder) =>
    withProcesses(async (start) => {
      const place = { name: 'name', scope: 'processes', path: folder };
      const store = new SharedStore(place);
      const other = start('process.orphaned', { place });
      await other.said('open');
      store.destroy();
      await other.said('orphaned');
      const next = new SharedStore(place);
      next.set('key', 'new');
      other.tell('look');
      assert.equal(await other.result, 'new');
      next.destroy();
    }),
  ),
);

describe('another object of the thread is told at once', () => {
  inBothScopes((place) => {
    const [one, other, silent] = [0, 1, 2].map(() => new SharedStore(place));
    const told = [];
    one.on('orphaned', () => told.push('one'));
    other.on('orphaned', () => told.push('other'));
    silent.on('orphaned', () => told.push('silent'));
    silent.close();
    one.destroy();
    assert.deepEqual(told, ['other']);
    other.close();
  });
});

describe('who stays keeps the old store', () => {
  inBothScopes(async (place) => {
    const store = new SharedStore({ ...place, whenOrphaned: 'stay' });
    store.set('key', 'old');
    const heard = toldOf(store);
    new SharedStore(place).destroy();
    await heard;
    const next = new SharedStore(place);
    assert.deepEqual([store.get('key'), next.get('key')], ['old', undefined]);
    for (const one of [store, next]) one.close();
  });
});

describe('who rejoins has the store of the name from the next call on', () => {
  for (const reads of ['copy', 'frozen']) {
    describe(reads, () => {
      inBothScopes((place) => {
        const store = new SharedStore({ ...place, reads, whenOrphaned: 'rejoin', maxEntries: 7 });
        for (let round = 0; round < 3; round += 1) {
          store.set('key', `old ${round}`);
          // Kept by the thread: read without the store.
          for (let read = 0; read < 100; read += 1) store.get('key');
          new SharedStore(place).destroy();
          assert.equal(store.get('key'), undefined);
          const next = new SharedStore({ ...place, maxEntries: 7 });
          next.set('key', round);
          assert.equal(store.get('key'), round);
          store.set('mine', round);
          assert.equal(next.get('mine'), round);
          assert.deepEqual(store.keys().sort(), ['key', 'mine']);
          assert.equal(store.maxBytes, next.maxBytes);
          next.close();
        }
        store.destroy();
        assert.throws(() => store.get('key'), closed);
      });
    });
  }
});

/** Every way in which a call may be the first one. */
const CALLS = {
  get: (store) => store.get('key'),
  set: (store) => store.set('key', 1),
  'set with options': (store) => store.set('key', 1, { ttl: 60_000 }),
  add: (store) => store.add('key', 1),
  update: (store) => store.update('key', () => 1),
  compareAndSet: (store) => store.compareAndSet('key', undefined, 1),
  increment: (store) => store.increment('number'),
  getOrSet: (store) => store.getOrSet('key', () => 1),
  setMany: (store) => store.setMany([['key', 1]]),
  keys: (store) => store.keys(),
  iterate: (store) => [...store],
  lock: (store) => store.lock('key') && store.release('key'),
  withLock: (store) => store.withLock('key', () => store.set('key', 1)),
  stats: (store) => store.stats(),
  clear: (store) => store.clear(),
  on: (store) => store.on('error', () => {}),
};

for (const [what, call] of Object.entries(CALLS)) {
  test(`a_call_that_rejoins_works: ${what}`, async () => {
    const place = { name: freshName('orphans') };
    const store = new SharedStore({ ...place, whenOrphaned: 'rejoin' });
    new SharedStore(place).destroy();
    await call(store);
    const next = new SharedStore(place);
    next.set('shared', what);
    assert.equal(store.get('shared'), what);
    for (const one of [store, next]) one.close();
  });
}

test('a_store_that_was_closed_rejoins_nothing', () => {
  const place = { name: freshName('orphans') };
  const store = new SharedStore({ ...place, whenOrphaned: 'rejoin' });
  new SharedStore(place).destroy();
  store.close();
  assert.throws(() => store.get('key'), closed);
  assert.equal(
    SharedStore.list().some(({ name }) => name === place.name),
    false,
  );
});

test('a_store_that_cannot_be_rejoined_says_why_until_it_can', () => {
  const place = { name: freshName('orphans') };
  const store = new SharedStore({ ...place, maxEntries: 5, whenOrphaned: 'rejoin' });
  new SharedStore(place).destroy();
  const other = new SharedStore({ ...place, maxEntries: 6 });
  for (let time = 0; time < 2; time += 1) {
    assert.throws(() => store.get('key'), { code: 'ERR_STORE_MISMATCH' });
  }
  other.destroy();
  assert.equal(store.get('key'), undefined);
  store.close();
});

test('what_was_begun_before_ends_with_the_old_store', async () => {
  const place = { name: freshName('orphans') };
  const store = new SharedStore({ ...place, whenOrphaned: 'rejoin' });
  store.set('a', 1);
  store.set('b', 2);
  const walk = store.entries();
  walk.next();
  let finish;
  const made = store.getOrSet('loaded', () => new Promise((resolve) => (finish = resolve)));
  let end;
  const locked = store.withLock('key', () => new Promise((resolve) => (end = resolve)));
  await new Promise(setImmediate);
  new SharedStore(place).destroy();
  store.set('after', 1);
  assert.throws(() => walk.next(), closed);
  finish('made');
  end('done');
  assert.deepEqual(await Promise.all([made, locked]), ['made', 'done']);
  assert.deepEqual(store.keys(), ['after']);
  store.close();
});

test('bad_options_are_refused', () => {
  for (const whenOrphaned of ['go', '', 'REJOIN']) {
    assert.throws(() => new SharedStore({ whenOrphaned }), { code: 'ERR_INVALID_ARG_VALUE' });
  }
  for (const whenOrphaned of [null, 5, true]) {
    assert.throws(() => new SharedStore({ whenOrphaned }), { code: 'ERR_INVALID_ARG_TYPE' });
  }
});
