/**
 * Adapters in the packages that they are for: limiters, storages, HTTP caches, metrics.
 */
const assert = require('node:assert/strict');
const http = require('node:http');
const { once } = require('node:events');
const { test } = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const { MeterProvider, MetricReader } = require('@opentelemetry/sdk-metrics');
const { Counter, Registry } = require('prom-client');
const {
  memoryDriver,
  sharedMemoryBus,
  sharedMemoryDriver,
} = require('shared-memory-store/bentocache');
const CacheStore = require('shared-memory-store/undici');
const RateLimiterSharedMemory = require('shared-memory-store/rate-limiter-flexible');
const registerMetrics = require('shared-memory-store/metrics');
const driver = require('shared-memory-store/unstorage');
const { temporaryStore } = require('shared-memory-store/testing');
const { Agent, interceptors, request } = require('undici');

test('rate-limiter-flexible: consumes, blocks, rewards, resets', async () => {
  const store = temporaryStore();
  const limiter = new RateLimiterSharedMemory({ storeClient: store, points: 2, duration: 3600 });
  const first = await limiter.consume('a');
  assert.deepEqual([first.remainingPoints, first.isFirstInDuration], [1, true]);
  assert.ok(first.msBeforeNext > 0);
  assert.equal((await limiter.consume('a')).remainingPoints, 0);
  const refused = await limiter.consume('a').then(assert.fail, (result) => result);
  assert.equal(refused.consumedPoints, 3);
  assert.equal((await limiter.reward('a', 2)).consumedPoints, 1);
  assert.equal((await limiter.penalty('a', 1)).consumedPoints, 2);
  assert.equal(await limiter.delete('a'), true);
  assert.equal(await limiter.get('a'), null);
  await limiter.block('b', 3600);
  await assert.rejects(limiter.consume('b'), ({ msBeforeNext }) => msBeforeNext > 1_000_000);
  await limiter.set('c', 1, 0);
  assert.equal((await limiter.get('c')).msBeforeNext, -1);
  store.close();
  const failed = limiter.consume('a');
  await assert.rejects(failed, { code: 'ERR_STORE_CLOSED' });
});

test('rate-limiter-flexible: every option of a store reaches it', () => {
  for (const option of ['scope', 'access', 'whenFull', 'whenOrphaned', 'reads']) {
    const given = { points: 2, duration: 1, [option]: 'wrong' };
    const make = () => new RateLimiterSharedMemory(given);
    assert.throws(make, { code: 'ERR_INVALID_ARG_VALUE', message: new RegExp(`option ${option}`) });
  }
  const options = { code: 'ERR_INVALID_ARG_TYPE', message: /{ store }/ };
  assert.throws(() => new RateLimiterSharedMemory(temporaryStore()), options);
});

for (const version of ['unstorage', 'unstorage2']) {
  test(`${version}: items, raw items, times, bases`, async () => {
    const { createStorage } = await import(version);
    const store = temporaryStore();
    const storage = createStorage({ driver: driver({ store, base: 'app' }) });
    const told = [];
    await storage.watch((event, key) => told.push(`${event} ${key}`));
    await storage.setItem('a:b', { x: 1 }, { ttl: 3600 });
    await storage.setItemRaw('raw', new Uint8Array([1, 2]));
    assert.deepEqual(await storage.getItem('a:b'), { x: 1 });
    assert.deepEqual([...(await storage.getItemRaw('raw'))], [1, 2]);
    assert.equal(await storage.getItem('none'), null);
    assert.deepEqual((await storage.getKeys()).sort(), ['a:b', 'raw']);
    assert.deepEqual(await storage.getKeys('a'), ['a:b']);
    assert.ok((await storage.getMeta('a:b')).ttl <= 3600);
    assert.ok(store.has('app:a:b'));
    await storage.removeItem('a:b');
    await storage.clear();
    assert.equal(store.size(), 0);
    while (!told.includes('remove raw')) await delay(5);
    assert.deepEqual(told.slice(0, 3), ['update a:b', 'update raw', 'remove a:b']);
    await storage.dispose();
    store.close();
  });
}

test('bentocache: what one process writes, the first level of another hears', async () => {
  const { BentoCache, bentostore } = await import('bentocache');
  const store = temporaryStore();
  const open = () => {
    const layers = bentostore()
      .useL1Layer(memoryDriver())
      .useL2Layer(sharedMemoryDriver({ store }))
      .useBus(sharedMemoryBus({ store }));
    return new BentoCache({ default: 'app', stores: { app: layers } });
  };
  const [one, other] = [open(), open()];
  const comes = async (value, key, cache = other) => {
    while ((await cache.get({ key })) !== value) await delay(5);
  };
  await one.set({ key: 'a', value: 1 });
  await one.namespace('users').set({ key: 'a', value: 'ann' });
  await comes(1, 'a');
  await comes('ann', 'a', other.namespace('users'));
  await one.set({ key: 'a', value: 2 });
  await comes(2, 'a');
  await other.set({ key: 'a', value: 3 });
  await comes(3, 'a', one);
  await one.namespace('users').clear();
  await comes(undefined, 'a', other.namespace('users'));
  await one.delete({ key: 'a' });
  await comes(undefined, 'a');
  await one.disconnectAll();
  await other.disconnectAll();
  store.close();
});

test('undici: an answer that one dispatcher has, another serves', async () => {
  const store = temporaryStore();
  let asked = 0;
  const server = http.createServer((req, res) => {
    asked += 1;
    res.setHeader('cache-control', 'public, max-age=3600');
    res.setHeader('vary', 'accept');
    res.end(`${asked} ${req.headers.accept}`);
  });
  await once(server.listen(0), 'listening');
  const origin = `http://localhost:${server.address().port}/`;
  const agents = [new Agent(), new Agent()];
  const [one, other] = agents.map((agent) =>
    agent.compose(interceptors.cache({ store: new CacheStore({ store }) })),
  );
  const ask = async (dispatcher, accept, method = 'GET') => {
    const { body } = await request(origin, { dispatcher, method, headers: { accept } });
    return body.text();
  };
  const known = async (text, ...given) => {
    // An answer is kept after it was given.
    while ((await ask(...given)) !== text) assert.ok(asked < 1000);
  };
  await ask(one, 'a');
  await known(`${asked} a`, other, 'a');
  const before = asked;
  assert.equal(await ask(one, 'a'), `${before} a`);
  await ask(one, 'b');
  assert.equal(await ask(other, 'a'), `${before} a`);
  await ask(other, 'a', 'POST');
  assert.notEqual(await ask(one, 'a'), `${before} a`);
  for (const agent of agents) await agent.close();
  server.close();
  store.close();
});

class Reader extends MetricReader {
  async onShutdown() {}
  async onForceFlush() {}
}

test('prom-client and OpenTelemetry read what stores count', async () => {
  const store = temporaryStore();
  store.set('key', 1);
  for (const type of [Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE]) {
    const registry = new Registry(type);
    new Counter({ name: 'own_total', help: 'Of the program', registers: [registry] });
    const stop = registerMetrics(registry, { pages: store });
    const text = await registry.metrics();
    assert.match(text, /^cache_entries\{store="pages",scope="threads"\} 1$/m);
    assert.match(text, /^cache_sets_total\{store="pages",scope="threads"\} 1$/m);
    stop();
    assert.doesNotMatch(await registry.metrics(), /cache_/);
  }
  const reader = new Reader();
  const provider = new MeterProvider({ readers: [reader] });
  registerMetrics(provider.getMeter('test'), { pages: store });
  const { resourceMetrics, errors } = await reader.collect();
  assert.deepEqual(errors, []);
  const metrics = resourceMetrics.scopeMetrics[0].metrics;
  const entries = metrics.find(({ descriptor }) => descriptor.name.endsWith('_entries'));
  assert.deepEqual(entries.dataPoints[0].attributes, { store: 'pages', scope: 'threads' });
  assert.equal(entries.dataPoints[0].value, 1);
  store.close();
});
