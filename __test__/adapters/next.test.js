/**
 * Both handlers of Next.js as a server calls them, over every scope; two are two servers.
 *
 * Must not know Next.js. Invariant tested: what one server revalidates, the other serves no more,
 * and no stream is given twice.
 */
const assert = require('node:assert/strict');
const { mkdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { createCacheHandler } = require('shared-memory-store/next');
const { createUseCacheHandler } = require('shared-memory-store/next/use-cache');
const { scopes } = require('../contract/scopes.js');
const { withFolder } = require('../helpers/store-folders.js');
const { waitUntil } = require('../helpers/wait-until.js');

const HOUR_S = 3600;

/** Two servers over one store. */
function servers(store, settings) {
  return [0, 1].map(() => new (createCacheHandler({ store }))(settings));
}

function page(text, tags = 'a,b') {
  const segmentData = new Map([['/', Buffer.from(text)]]);
  return { kind: 'APP_PAGE', html: text, headers: { 'x-next-cache-tags': tags }, segmentData };
}

const streamOf = (...texts) =>
  new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(Buffer.from(text));
      controller.close();
    },
  });

/** An entry of `'use cache'`, begun a moment ago, so that a mark of now is later. */
function entry(texts = ['a', 'b'], more = {}) {
  const times = { timestamp: Date.now() - 100, stale: 0, revalidate: HOUR_S, expire: HOUR_S };
  return { value: streamOf(...texts), tags: ['one'], ...times, ...more };
}

/** What is made after it is later than what was made before. */
async function nextMillisecond() {
  const before = Date.now();
  await waitUntil(() => Date.now() > before, 'the next millisecond');
}

const textOf = async (found) => found && new Response(found.value).text();

for (const scope of scopes) {
  describe(scope.name, () => {
    test('a page of one server is served by the other, as it was', () =>
      scope.with({}, async (store) => {
        const [one, other] = servers(store);
        assert.equal(await other.get('/'), null);
        const cacheControl = { revalidate: 60, expire: HOUR_S };
        await one.set('/', page('text'), { cacheControl });
        const found = await other.get('/', { kind: 'APP_PAGE' });
        assert.deepEqual(found.value, page('text'));
        assert.deepEqual(found.cacheControl, cacheControl);
        assert.ok(found.lastModified <= Date.now());
        const [key] = await store.keys();
        assert.ok((await store.ttl(key)) <= HOUR_S * 1000);
      }));

    test('a page is served no more once a tag of it is revalidated anywhere', () =>
      scope.with({}, async (store) => {
        const [one, other] = servers(store);
        for (const revalidated of ['b', ['x', 'b']]) {
          await one.set('/', page('text'));
          assert.notEqual(await other.get('/'), null);
          await one.revalidateTag('other');
          assert.notEqual(await other.get('/'), null);
          await one.revalidateTag(revalidated);
          assert.equal(await other.get('/'), null);
          assert.equal(await one.get('/'), null);
          await nextMillisecond();
        }
      }));

    test('what is to expire later is served until then, as a stale page', () =>
      scope.with({}, async (store) => {
        const [one, other] = servers(store);
        const cacheControl = { revalidate: 60, expire: HOUR_S };
        await one.set('/', page('text'), { cacheControl });
        await one.set('/static', page('text'), { cacheControl: { revalidate: false } });
        await one.revalidateTag('a', { expire: HOUR_S });
        for (const handler of [one, other]) {
          const { value, lastModified } = await handler.get('/');
          assert.deepEqual(value, page('text'));
          const ageS = (Date.now() - lastModified) / 1000;
          assert.ok(ageS > 60 && ageS < HOUR_S, `${ageS} s`);
          assert.equal((await handler.get('/static')).lastModified, -1);
        }
        await nextMillisecond();
        await one.set('/', page('renewed'), { cacheControl });
        assert.ok((await other.get('/')).lastModified > Date.now() - (HOUR_S * 1000) / 2);
      }));

    test('a fetch that is stale is older than it may be, however old that is', () =>
      scope.with({}, async (store) => {
        const [one, other] = servers(store);
        for (const revalidate of [60, 0xff_ff_ff_fe]) {
          await one.set('f', { kind: 'FETCH', data: {}, tags: ['own'], revalidate });
          await one.revalidateTag('own', { expire: HOUR_S });
          for (const asked of [undefined, 2 * revalidate]) {
            const context = { kind: 'FETCH', revalidate: asked };
            const { lastModified } = await other.get('f', context);
            assert.ok((Date.now() - lastModified) / 1000 > (asked ?? revalidate));
          }
          await nextMillisecond();
        }
      }));

    test('what has expired is not served again, though its tag is to expire later, too', () =>
      scope.with({}, async (store) => {
        const [one, other] = servers(store);
        for (const durations of [undefined, { expire: 0 }]) {
          await one.set('/', page('text'));
          await one.revalidateTag('a', durations);
          assert.equal(await other.get('/'), null);
          for (const later of [{ expire: HOUR_S }, {}, { expire: HOUR_S }]) {
            await one.revalidateTag('a', later);
            assert.equal(await other.get('/'), null);
          }
          await nextMillisecond();
        }
      }));

    test('a fetch is asked for by tags, of its own and of its path', () =>
      scope.with({}, async (store) => {
        const [one, other] = servers(store);
        const fetched = { kind: 'FETCH', data: {}, tags: ['own'], revalidate: 60 };
        for (const tag of ['own', 'asked', 'soft']) {
          await one.set('f', fetched, { fetchCache: true, tags: ['own'] });
          const context = { kind: 'FETCH', tags: ['asked'], softTags: ['soft'] };
          assert.notEqual(await other.get('f', context), null);
          await one.revalidateTag(tag);
          assert.equal(await other.get('f', context), null);
          await nextMillisecond();
        }
      }));

    test("an entry of 'use cache' is a new stream each time", () =>
      scope.with({}, async (store) => {
        const [one, other] = [createUseCacheHandler({ store }), createUseCacheHandler({ store })];
        assert.equal(await one.get('k', []), undefined);
        await one.set('k', Promise.resolve(entry(['first ', 'second'])));
        for (const handler of [one, other, other]) {
          assert.equal(await textOf(await handler.get('k', [])), 'first second');
        }
        const { tags, revalidate } = await other.get('k', []);
        assert.deepEqual([[...tags], revalidate], [['one'], HOUR_S]);
      }));

    test("tags of 'use cache' expire or turn stale for all servers", () =>
      scope.with({}, async (store) => {
        const [one, other] = [createUseCacheHandler({ store }), createUseCacheHandler({ store })];
        await one.set('k', Promise.resolve(entry()));
        assert.equal(await other.getExpiration(['one', 'soft']), 0);
        await one.updateTags(['one'], { expire: HOUR_S });
        assert.equal((await other.get('k', [])).revalidate, -1);
        await one.updateTags(['one'], { expire: 0 });
        assert.equal(await other.get('k', []), undefined);
        assert.ok((await other.getExpiration(['one'])) > 0);
        await one.set('k', Promise.resolve(entry([], { tags: [] })));
        assert.equal(await textOf(await other.get('k', [])), '');
        await one.expireTags('soft');
        assert.equal(await other.get('k', ['soft']), undefined);
        assert.ok((await other.getExpiration('soft', 'x')) > 0);
      }));
  });
}

describe("'use cache'", () => {
  test('who asks while an entry comes waits for it', async () => {
    const handler = createUseCacheHandler({ store: new MemoryStore() });
    let come;
    const coming = new Promise((resolve) => {
      come = resolve;
    });
    const set = handler.set('k', coming);
    const asked = handler.get('k', []);
    come(entry());
    await set;
    assert.equal(await textOf(await asked), 'ab');
  });

  test('what is old, dynamic or broken is none', async () => {
    const store = new MemoryStore();
    const handler = createUseCacheHandler({ store });
    await handler.set('old', Promise.resolve(entry(['a'], { revalidate: 0.01 })));
    assert.equal(await handler.get('old', []), undefined);
    await handler.set('dynamic', Promise.resolve(entry(['a'], { expire: 0 })));
    assert.equal(store.has('next:use:dynamic'), false);
    const warned = once(process, 'warning');
    // Next.js tells whoever asked for it of what the application threw.
    const broken = new ReadableStream({ start: (one) => one.error(new Error('of the page')) });
    await handler.set('broken', Promise.resolve(entry([], { value: broken })));
    assert.equal(await handler.get('broken', []), undefined);
    await handler.set('rejected', Promise.reject(new Error('of the page')));
    store.close();
    await handler.set('whole', Promise.resolve(entry()));
    const [warning] = await warned;
    assert.equal(warning.code, 'SMS_NEXT_UNSTORED');
    assert.match(warning.message, /closed store/);
  });
});

describe('builds', () => {
  test('each has its own pages', () =>
    withFolder(async (folder) => {
      const store = new MemoryStore();
      const serverDistDir = path.join(folder, 'server');
      mkdirSync(serverDistDir);
      const atBuild = (id) => {
        writeFileSync(path.join(folder, 'BUILD_ID'), id);
        return new (createCacheHandler({ store }))({ serverDistDir });
      };
      const one = atBuild('one');
      await one.set('/', page('of one'));
      const two = atBuild('two');
      assert.equal(await two.get('/'), null);
      await two.set('/', page('of two'));
      assert.equal((await one.get('/')).value.html, 'of one');
    }));

  test('while one runs nothing is kept', async () => {
    const store = new MemoryStore();
    const [handler] = servers(store);
    process.env.NEXT_PHASE = 'phase-production-build';
    try {
      await handler.set('/', page('text'));
      assert.equal(await handler.get('/'), null);
    } finally {
      delete process.env.NEXT_PHASE;
    }
    assert.equal(store.size(), 0);
  });
});

test('what was made in the millisecond of a mark is not served as fresh', async () => {
  const [handler] = servers(new MemoryStore());
  const { now } = Date;
  const at = now();
  Date.now = () => at;
  try {
    await handler.set('/', page('text'));
    await handler.revalidateTag('a', { expire: HOUR_S });
    assert.equal((await handler.get('/')).lastModified, -1);
    await handler.revalidateTag('a');
    assert.equal(await handler.get('/'), null);
  } finally {
    Date.now = now;
  }
});

test('what cannot be stored is told, and the page goes out', async () => {
  const store = new MemoryStore();
  const [handler] = servers(store);
  store.close();
  const warned = once(process, 'warning');
  await handler.set('/', page('text'));
  assert.match((await warned)[0].message, /closed store/);
  await assert.rejects(handler.get('/'), { code: 'ERR_STORE_CLOSED' });
});
