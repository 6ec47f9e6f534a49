/**
 * Values that `getOrSet` gives and cannot store, and loads that fail: who is told of them.
 *
 * Must not know how events are delivered. Invariant tested: a value that was made is given to all
 * who wait, and what kept it from being stored is told once, to who listens.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { runScript } = require('../helpers/child-script.js');
const { heldFactory, turn } = require('../helpers/flight.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { HOUR_MS, passDeadline, property } = require('./contract.js');

const STALE = { ttl: 1, staleMs: HOUR_MS };

/** What a store tells of loads, from now on: `[error, key]` each. */
function listen(store) {
  const told = [];
  store.on('error', (...given) => told.push(given));
  return told;
}

const codes = (told) => told.map(([error, key]) => [error.code, key]);

/** Options that keep a value from being stored, and what is told then. */
const BAD = {
  'a ttl that is not a number': [{ ttl: () => 'soon' }, 'ERR_INVALID_ARG_TYPE'],
  'a ttl of NaN': [{ ttl: () => Number.NaN }, 'ERR_OUT_OF_RANGE'],
  'a ttl that throws': [
    {
      ttl: () => {
        throw Object.assign(new Error('from ttl'), { code: 'OWN' });
      },
    },
    'OWN',
  ],
};

for (const [what, [options, code]] of Object.entries(BAD)) {
  property(`${what} is told once, and all get the value`, { needs: ['events'] }, async (store) => {
    const told = listen(store);
    const all = [1, 2, 3].map(() => store.getOrSet('a', async () => 'made', options));
    assert.deepEqual(await Promise.all(all), ['made', 'made', 'made']);
    assert.deepEqual(codes(told), [[code, 'a']]);
    assert.equal(await store.has('a'), false);
    assert.equal((await store.stats()).loadErrors, 1);
  });

  property(`${what} is silent while nobody listens`, async (store) => {
    assert.equal(await store.getOrSet('a', () => 'made', options), 'made');
    assert.equal(await store.has('a'), false);
    assert.equal((await store.stats()).loadErrors, 1);
  });
}

property(
  'a value that is too large is given, and told',
  { needs: ['refuses', 'events'] },
  async (store) => {
    const told = listen(store);
    const large = 'x'.repeat(2 ** 22);
    assert.equal(await store.getOrSet('a', () => large), large);
    assert.deepEqual(codes(told), [['ERR_TOO_LARGE', 'a']]);
    assert.equal(await store.has('a'), false);
  },
);

property(
  'a value larger than the bound is given, and told',
  {
    needs: ['by reference', 'events'],
    options: { maxSize: 1000, sizeOf: (value) => value.length },
  },
  async (store) => {
    const told = listen(store);
    const large = 'x'.repeat(1500);
    const all = [1, 2].map(() => store.getOrSet('a', async () => large));
    assert.deepEqual(await Promise.all(all), [large, large]);
    assert.deepEqual(codes(told), [['ERR_OUT_OF_RANGE', 'a']]);
    assert.equal(await store.has('a'), false);
  },
);

property(
  'a full store gives what is made, and tells',
  { needs: ['refuses', 'events'] },
  async (store) => {
    const told = listen(store);
    const text = 'x'.repeat(1000);
    for (let number = 0; told.length === 0; number += 1) {
      assert.equal(await store.getOrSet(`k${number}`, () => text), text);
    }
    assert.equal(told[0][0].code, 'ERR_STORE_FULL');
  },
);

property(
  'what cannot be cloned is given, and told',
  { needs: ['refuses', 'events'] },
  async (store) => {
    const told = listen(store);
    const value = () => {};
    assert.equal(await store.getOrSet('a', async () => value), value);
    assert.deepEqual(codes(told), [['ERR_NOT_CLONEABLE', 'a']]);
    assert.equal(await store.has('a'), false);
  },
);

property(
  'a store that was closed meanwhile tells of it',
  { needs: ['at hand', 'events'] },
  async (store) => {
    const told = listen(store);
    const { factory, runs } = heldFactory();
    const loading = store.getOrSet('a', factory);
    await turn();
    store.close();
    runs[0].resolve('made');
    assert.equal(await loading, 'made');
    assert.deepEqual(codes(told), [['ERR_STORE_CLOSED', 'a']]);
  },
);

property('what is not to be stored need not be storable', { needs: ['events'] }, async (store) => {
  const told = listen(store);
  const value = () => {};
  assert.equal(await store.getOrSet('a', () => value, { ttl: () => 0 }), value);
  assert.deepEqual(told, []);
  assert.equal(await store.has('a'), false);
});

property('what a factory throws is told to who waits', { needs: ['events'] }, async (store) => {
  const told = listen(store);
  const error = new Error('of the factory');
  const factories = [
    () => {
      throw error;
    },
    async () => {
      throw error;
    },
  ];
  for (const factory of factories) {
    await assert.rejects(store.getOrSet('a', factory), error);
    const { signal } = new AbortController();
    await assert.rejects(store.getOrSet('a', factory, { signal }), error);
  }
  assert.deepEqual(told, []);
  assert.equal((await store.stats()).loadErrors, 4);
});

property(
  'what a factory throws that has aborted its caller is told to who listens',
  { needs: ['events', 'at once'] },
  async (store) => {
    const told = listen(store);
    const abort = new AbortController();
    const error = new Error('of the factory');
    const factory = () => {
      abort.abort(new Error('given up'));
      throw error;
    };
    await assert.rejects(store.getOrSet('a', factory, { signal: abort.signal }), /given up/);
    assert.deepEqual(told, [[error, 'a']]);
  },
);

property(
  'what was overtaken by a newer write is no error',
  { needs: ['at hand', 'events'] },
  async (store) => {
    const told = listen(store);
    const { factory, runs } = heldFactory();
    const loading = store.getOrSet('a', factory, { ttl: () => HOUR_MS });
    await turn();
    store.set('a', 'newer');
    runs[0].resolve('older');
    assert.equal(await loading, 'older');
    assert.deepEqual(told, []);
  },
);

property('undefined is given, and not stored', async (store) => {
  let runs = 0;
  const factory = async () => {
    runs += 1;
  };
  for (let round = 1; round < 4; round += 1) {
    const both = [store.getOrSet('a', factory), store.getOrSet('a', factory)];
    assert.deepEqual(await Promise.all(both), [undefined, undefined]);
    assert.equal(runs, round);
    assert.equal(await store.has('a'), false);
  }
  assert.equal((await store.stats()).loadErrors, 0);
});

property(
  'a failure that somebody waits for is not told beside',
  { needs: ['at hand', 'events'] },
  async (store) => {
    const told = listen(store);
    await assert.rejects(
      store.getOrSet('a', () => Promise.reject(new Error('on purpose'))),
      /on purpose/,
    );
    assert.deepEqual(told, []);
    assert.equal((await store.stats()).loadErrors, 1);
  },
);

property(
  'a failure that nobody waits for is told',
  { needs: ['at hand', 'events'] },
  async (store) => {
    const told = listen(store);
    const broken = new Error('on purpose');
    const { factory, runs } = heldFactory();
    const abort = new AbortController();
    const options = { whenAbandoned: 'finish', signal: abort.signal };
    const loading = store.getOrSet('a', factory, options);
    await turn();
    abort.abort();
    await assert.rejects(loading, { name: 'AbortError' });
    runs[0].reject(broken);
    await waitUntil(() => told.length > 0, 'it is told');
    assert.deepEqual(told, [[broken, 'a']]);
  },
);

property(
  'who gave up is not told of what that ends',
  { needs: ['at hand', 'events'] },
  async (store) => {
    const told = listen(store);
    const abort = new AbortController();
    const { factory, runs } = heldFactory();
    const loading = store.getOrSet('a', factory, { signal: abort.signal });
    await turn();
    abort.abort();
    await assert.rejects(loading, { name: 'AbortError' });
    runs[0].reject(new Error('given up'));
    await turn();
    assert.deepEqual(told, []);
    assert.equal((await store.stats()).loadErrors, 0);
  },
);

/** Ends of a renewal that succeeded, after which the old value is gone. */
const GONE = {
  'computes a ttl of 0': [() => 'new', { ttl: () => 0 }, 0],
  'computes a ttl of NaN': [() => 'new', { ttl: () => Number.NaN }, 1],
  'makes undefined': [() => undefined, {}, 0],
};
for (const [what, [factory, options, errors]] of Object.entries(GONE)) {
  property(`a renewal that ${what} removes the old value`, async (store) => {
    await store.getOrSet('a', () => 'old', STALE);
    passDeadline(1);
    assert.equal(await store.getOrSet('a', factory, { ...STALE, ...options }), 'old');
    await waitUntil(async () => !(await store.has('a')), 'the old value is gone');
    assert.equal((await store.stats()).loadErrors, errors);
  });
}

property(
  'a renewal of what was invalidated meanwhile removes the old value',
  { needs: ['tags'] },
  async (store) => {
    await store.getOrSet('a', () => 'old', { ...STALE, tags: ['old'] });
    passDeadline(1);
    const factory = async () => {
      await store.invalidateTag('new');
      return 'new';
    };
    assert.equal(await store.getOrSet('a', factory, { ...STALE, tags: ['new'] }), 'old');
    await waitUntil(async () => !(await store.has('a')), 'the old value is gone');
    const { sets, loadErrors } = await store.stats();
    assert.deepEqual([sets, loadErrors], [1, 0]);
  },
);

property(
  'a renewal that cannot be stored removes the old one',
  { needs: ['refuses', 'events'] },
  async (store) => {
    const told = listen(store);
    await store.getOrSet('a', () => 'old', STALE);
    passDeadline(1);
    assert.equal(await store.getOrSet('a', () => () => {}, STALE), 'old');
    await waitUntil(() => !store.has('a'), 'the old value is gone');
    assert.deepEqual(codes(told), [['ERR_NOT_CLONEABLE', 'a']]);
  },
);

property(
  'a renewal that fails is told, once for all who ask',
  { needs: ['at hand', 'events'] },
  async (store) => {
    const told = listen(store);
    const broken = new Error('on purpose');
    await store.getOrSet('a', () => 'old', STALE);
    passDeadline(1);
    let runs = 0;
    const fail = async () => {
      runs += 1;
      throw broken;
    };
    for (let round = 0; round < 50; round += 1) {
      assert.equal(await store.getOrSet('a', fail, { ...STALE, retryMs: HOUR_MS }), 'old');
      await turn();
    }
    assert.equal(runs, 1);
    assert.deepEqual(told, [[broken, 'a']]);
    assert.equal((await store.stats()).loadErrors, 1);
  },
);

for (const kind of ['MemoryStore', 'MemoryStore.SharedStore']) {
  test(`what a listener throws the process hears of, ${kind}`, SLOW, async () => {
    const { code, stdout, stderr } = await runScript(`
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      const store = new ${kind}();
      store.on('error', () => { throw new Error('from the listener'); });
      store.getOrSet('a', () => 'made', { ttl: () => NaN }).then(console.log);
    `);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'made\nuncaught from the listener\n');
  });
}
