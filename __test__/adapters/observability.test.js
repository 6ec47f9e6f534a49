/**
 * `registerMetrics` with registries and meters of the shapes that it asks for, and `testing`.
 *
 * Must not know who collects. Invariant tested: numbers are those of `stats` at the time.
 */
const assert = require('node:assert/strict');
const { existsSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { NodeShareCache, ShmCache } = MemoryStore;
const { FleetStore } = require('shared-memory-store/fleet');
const { registerMetrics } = require('shared-memory-store/metrics');
const { fakeClock, temporaryStore } = require('shared-memory-store/testing');
const { REPOSITORY, runToExit } = require('../helpers/run-program.js');
const { setTimeout: pause } = require('node:timers/promises');
const { withProcesses } = require('../helpers/processes.js');
const { freshName } = require('../helpers/shared-names.js');
const { withFolder, withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

/** What prom-client has of a registry. */
function registry() {
  const metrics = new Map();
  const read = async (name) => valuesOf(await metrics.get(`cache_${name}`).get());
  return {
    metrics,
    read,
    registerMetric: (metric) => metrics.set(metric.name, metric),
    removeSingleMetric: (name) => metrics.delete(name),
  };
}

const valuesOf = ({ values }) => values.map(({ value, labels }) => ({ value, labels }));

/** What OpenTelemetry has of a meter. */
function meter() {
  const callbacks = new Set();
  const make =
    (kind) =>
    (name, { unit }) => ({ kind, name, unit });
  return {
    createObservableGauge: make('gauge'),
    createObservableCounter: make('counter'),
    addBatchObservableCallback: (callback) => callbacks.add(callback),
    removeBatchObservableCallback: (callback) => callbacks.delete(callback),
    collect: async () => {
      const seen = {};
      const observe = ({ kind, name }, value, { store }) => {
        seen[`${kind} ${name} of ${store}`] = value;
      };
      for (const callback of callbacks) await callback({ observe });
      return seen;
    },
  };
}

describe('metrics', () => {
  test('a registry reads them when it is asked', async () => {
    const target = registry();
    const store = new MemoryStore();
    const shared = temporaryStore();
    registerMetrics(target, { local: store, shared });
    store.set('key', 1);
    shared.set('key', 1);
    shared.get('none');
    const scopes = { local: 'thread', shared: 'threads' };
    const of = (value, name) => ({ value, labels: { store: name, scope: scopes[name] } });
    assert.deepEqual(await target.read('entries'), [of(1, 'local'), of(1, 'shared')]);
    assert.deepEqual(await target.read('misses_total'), [of(0, 'local'), of(1, 'shared')]);
    assert.deepEqual(await target.read('participants'), [of(1, 'shared')]);
    store.set('other', 1);
    assert.deepEqual(await target.read('sets_total'), [of(2, 'local'), of(1, 'shared')]);
    shared.close();
    assert.deepEqual(await target.read('entries'), [of(2, 'local')]);
  });

  test('a store that fails is left out, with one warning, and each is asked once', async () => {
    const asked = { good: 0, bad: 0, rejecting: 0 };
    const fails = (how) => () => {
      asked[how] += 1;
      const error = new Error('out of reach');
      if (how === 'bad') throw error;
      return Promise.reject(error);
    };
    const good = {
      stats() {
        asked.good += 1;
        return new MemoryStore().stats();
      },
    };
    const stores = { bad: { stats: fails('bad') }, rejecting: { stats: fails('rejecting') }, good };
    const warnings = [];
    const hear = ({ code, message }) => code === 'SMS_METRICS_UNREAD' && warnings.push(message);
    process.on('warning', hear);
    const targets = [registry(), meter()];
    for (const target of targets) registerMetrics(target, stores);
    const scrape = () =>
      Promise.all([...targets[0].metrics.values()].map((metric) => metric.get()));
    for (let count = 1; count <= 2; count += 1) {
      const values = (await scrape()).flatMap(valuesOf);
      assert.deepEqual(new Set(values.map(({ labels }) => labels.store)), new Set(['good']));
      assert.deepEqual(asked, { good: count, bad: count, rejecting: count });
    }
    assert.equal((await targets[1].collect())['gauge cache_entries of good'], 0);
    await waitUntil(() => warnings.length === 4, 'of each store, registry and meter');
    process.off('warning', hear);
    const text = (name) => `Metrics leave out the store ${name}: out of reach`;
    assert.deepEqual(warnings.sort(), ['bad', 'bad', 'rejecting', 'rejecting'].map(text));
  });

  test('every metric says what it is', () => {
    const target = registry();
    const stop = registerMetrics(target, {});
    assert.ok(target.metrics.size > 10);
    for (const { name, type, help } of target.metrics.values()) {
      assert.equal(type, name.endsWith('_total') ? 'counter' : 'gauge');
      assert.ok(help.length > 5);
    }
    stop();
    assert.equal(target.metrics.size, 0);
  });

  test('workers add up what is of each, and take one of what they share', () => {
    const [local, threads] = [new MemoryStore(), temporaryStore()];
    const shared = temporaryStore({ scope: 'processes', maxBytes: 2 ** 20 });
    const rulesOf = (stores) => {
      const target = registry();
      registerMetrics(target, stores);
      const ruleOf = (name) => target.metrics.get(`cache_${name}`).aggregator;
      return ['hits_total', 'entries', 'loads_total'].map(ruleOf);
    };
    for (const one of [local, threads]) assert.deepEqual(rulesOf({ one }), ['sum', 'sum', 'sum']);
    assert.deepEqual(rulesOf({ shared }), ['first', 'first', 'sum']);
    assert.deepEqual(rulesOf({ shared, local }), ['sum', 'sum', 'sum']);
    // What is at its server is one; each object of it counts its own reads.
    const fleet = new FleetStore({ name: 'of-metrics' });
    assert.deepEqual(rulesOf({ fleet }), ['sum', 'first', 'sum']);
    assert.deepEqual(rulesOf({ fleet, shared }), ['sum', 'first', 'sum']);
    fleet.close();
    const name = freshName('of-metrics');
    for (const cache of [new NodeShareCache(name), new ShmCache({ name: `${name}-shm` })]) {
      assert.deepEqual(rulesOf({ cache }), ['first', 'first', 'sum']);
      cache.destroy();
    }
    for (const one of [local, threads, shared]) one.close();
  });

  test('metrics of which one is refused leave none', () => {
    const target = registry();
    const { registerMetric } = target;
    const taken = new Error('A metric with the name cache_entries has already been registered');
    target.registerMetric = (metric) => {
      if (target.metrics.has(metric.name)) throw taken;
      registerMetric(metric);
    };
    target.metrics.set('cache_sets_total', 'another');
    assert.throws(() => registerMetrics(target, {}), taken);
    assert.deepEqual([...target.metrics], [['cache_sets_total', 'another']]);
    target.metrics.clear();
    registerMetrics(target, {})();
    assert.equal(target.metrics.size, 0);
  });

  test('a meter observes them, of stores of promises, too', async () => {
    const { MemoryStore: AsyncStore } = require('shared-memory-store/memory-store');
    const target = meter();
    const store = new AsyncStore();
    await store.set('key', 1);
    const stop = registerMetrics(target, { store });
    const seen = await target.collect();
    assert.equal(seen['gauge cache_entries of store'], 1);
    assert.equal(seen['counter cache_sets_total of store'], 1);
    await store.close();
    assert.deepEqual(await target.collect(), {});
    stop();
    await assert.doesNotReject(target.collect());
  });

  test('loads, waits and evictions are told with their reasons and in seconds', async () => {
    const target = registry();
    const store = temporaryStore({ scope: 'processes', maxBytes: 2 ** 20 });
    registerMetrics(target, { store }, { prefix: 'cache_' });
    const labels = { store: 'store', scope: 'processes' };
    const value = async (name) => (await target.read(name)).map((one) => one.value);
    await store.getOrSet('a', () => pause(20).then(() => 1));
    await assert.rejects(store.getOrSet('b', () => Promise.reject(new Error('none'))));
    store.set('gone', 1, 1);
    await waitUntil(() => store.stats().expired === 1, 'it was removed');
    assert.deepEqual(await target.read('evictions_total'), [
      { value: 0, labels: { ...labels, reason: 'capacity' } },
      { value: 1, labels: { ...labels, reason: 'ttl' } },
    ]);
    assert.deepEqual([await value('loads_total'), await value('load_errors_total')], [[1], [1]]);
    const [seconds] = await value('load_seconds_total');
    assert.ok(seconds >= 0.019 && seconds < 60, `${seconds}`);
    assert.deepEqual(await target.read('lock_waits_total'), [{ value: 0, labels }]);
    store.close();
  });

  test('a stale value and a wait for a lock count', SLOW, () =>
    withProcessStore({ maxBytes: 2 ** 20 }, (store, place) =>
      withProcesses(async (start) => {
        const how = { ttl: 1, staleMs: 120_000 };
        await store.getOrSet('key', () => 1, how);
        await waitUntil(() => store.ttl('key') < 120_000, 'it is stale');
        assert.equal(await store.getOrSet('key', () => 2, how), 1);
        assert.equal(store.stats().staleServed, 1);
        const holder = start('process.hold', { place, key: 'lock' });
        await holder.said('locked');
        const task = store.withLock('lock', () => 'mine', 120_000);
        await waitUntil(() => store.stats().lockWaits === 1, 'it waits');
        holder.tell('release');
        assert.equal(await task, 'mine');
        assert.ok(store.stats().lockWaitMs > 0);
        await store.withLock('free', () => {});
        assert.equal(store.stats().lockWaits, 1);
      }),
    ),
  );

  test('names begin as they are told to', () => {
    const target = registry();
    registerMetrics(target, {}, { prefix: 'app_' });
    assert.ok([...target.metrics.keys()].every((name) => name.startsWith('app_')));
    for (const [prefix, code] of [
      [5, 'ERR_INVALID_ARG_TYPE'],
      ['a b', 'ERR_INVALID_ARG_VALUE'],
    ]) {
      assert.throws(() => registerMetrics(registry(), {}, { prefix }), { code });
    }
  });

  test('what is no target or no store is told', () => {
    assert.throws(() => registerMetrics({}, {}), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => registerMetrics(registry(), { a: {} }), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /store a/,
    });
    const store = new MemoryStore();
    for (const stores of [store, new Map([['a', store]]), [store], undefined, null]) {
      const code = 'ERR_INVALID_ARG_TYPE';
      assert.throws(() => registerMetrics(registry(), stores), { code, message: /stores/ });
    }
  });
});

test('the dashboard asks for metrics that there are, and for all of them', () => {
  const target = registry();
  registerMetrics(target, {});
  const file = path.join(REPOSITORY, 'docs', 'guides', 'grafana-dashboard.json');
  const { panels, templating } = JSON.parse(readFileSync(file, 'utf8'));
  const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  asked.push(...templating.list.map(({ query }) => query.query ?? ''));
  const names = new Set(asked.join(' ').match(/\bcache_\w+/g));
  for (const name of names) assert.ok(target.metrics.has(name), name);
  const counters = [...target.metrics.keys()].filter((name) => name.endsWith('_total'));
  assert.deepEqual(
    counters.filter((name) => !names.has(name) && name !== 'cache_lock_waits_total'),
    [],
  );
});

test('what the dashboard and the alarms ask for has values, with their labels', async () => {
  const guides = path.join(REPOSITORY, 'docs');
  const { panels } = JSON.parse(readFileSync(path.join(guides, 'guides/grafana-dashboard.json')));
  const alarms = readFileSync(path.join(guides, 'operations.md'), 'utf8').split('groups:')[1];
  const asked = panels.flatMap(({ targets }) =>
    targets.map(({ expr, legendFormat }) => `${expr} {${legendFormat}}`),
  );
  const recorded = new Set([...alarms.matchAll(/- record: ([\w:]+)/g)].map(([, name]) => name));
  const [inTerms, plain] = [[], []];
  for (const rule of alarms.split(/- (?:alert|record): /).slice(1)) {
    (/\bcache_/.test(rule) ? plain : inTerms).push(rule);
  }
  // Those that are asked of what rules record.
  for (const rule of inTerms) {
    for (const name of rule.match(/\bcache:\w+/g)) assert.ok(recorded.has(name), name);
  }
  asked.push(...plain);
  assert.ok(asked.length > 20);
  const target = registry();
  const shared = temporaryStore({ scope: 'processes' });
  const local = new MemoryStore();
  registerMetrics(target, { shared, local });
  for (const text of asked) {
    const names = text.match(/\bcache_\w+/g);
    const labels = [
      ...[...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label),
      ...[...text.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list.split(', ')),
      ...[...text.matchAll(/(\w+)=~"/g)].map(([, label]) => label),
    ];
    assert.ok(names.length > 0 && labels.length > 0, text);
    for (const name of names) {
      const values = await target.read(name.slice('cache_'.length));
      const ofShared = values.filter((it) => it.labels.store === 'shared');
      assert.ok(ofShared.length > 0, `${name} has no value`);
      for (const label of labels) assert.ok(Object.hasOwn(ofShared[0].labels, label), text);
    }
  }
  local.close();
  shared.close();
});

describe('testing', () => {
  test('a clock stands still until it is moved', () => {
    const clock = fakeClock(5);
    const store = new MemoryStore({ now: clock });
    store.set('key', 1, { ttl: 10 });
    assert.equal(clock.advance(9), 14);
    assert.equal(store.get('key'), 1);
    assert.equal(clock.set(15), 15);
    assert.equal(store.get('key'), undefined);
    assert.throws(() => clock.advance('1'), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => fakeClock(Number.NaN), { code: 'ERR_OUT_OF_RANGE' });
  });

  for (const end of ['close', 'destroy', Symbol.dispose ?? Symbol.for('nodejs.dispose')]) {
    test(`a temporary store is gone after ${String(end)}`, () => {
      const store = temporaryStore({ scope: 'processes', maxBytes: 2 ** 20 });
      const { file } = store;
      store.set('key', 1);
      assert.ok(existsSync(file));
      store[end]();
      store[end]();
      assert.ok(!existsSync(file));
      assert.throws(() => store.get('key'), { code: 'ERR_STORE_CLOSED' });
    });
  }

  test('two temporary stores are apart', () => {
    const [one, other] = [temporaryStore(), temporaryStore()];
    one.set('key', 1);
    assert.equal(other.has('key'), false);
    one.close();
    other.close();
  });

  test('one whose folder was removed is closed, and keeps no other', () =>
    withFolder((folder) => {
      const inner = path.join(folder, 'inner');
      const store = temporaryStore({ scope: 'processes', path: inner, maxBytes: 2 ** 20 });
      rmSync(inner, { recursive: true });
      store.close();
      assert.throws(() => store.get('key'), { code: 'ERR_STORE_CLOSED' });
    }));

  test('one that is left open goes with its process', () =>
    withFolder(async (folder) => {
      const file = path.join(folder, 'leave.cjs');
      const testing = JSON.stringify(path.join(REPOSITORY, 'lib/adapters/testing/testing.js'));
      writeFileSync(
        file,
        `const store = require(${testing}).temporaryStore({ scope: 'processes' });
         store.set('key', 1);
         console.log(store.file);`,
      );
      const { stdout } = await runToExit(0, file);
      assert.match(stdout, /temporary-/);
      assert.ok(!existsSync(stdout.trim()));
    }));
});
