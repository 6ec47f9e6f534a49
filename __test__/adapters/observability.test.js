/**
 * `registerMetrics` with registries and meters of the shapes that it asks for, and `testing`.
 *
 * Must not know who collects. Invariant tested: numbers are those of `stats` at the time.
 */
const assert = require('node:assert/strict');
const { existsSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { registerMetrics } = require('shared-memory-store/metrics');
const { fakeClock, temporaryStore } = require('shared-memory-store/testing');
const { REPOSITORY, runToExit } = require('../helpers/run-program.js');
const { withFolder } = require('../helpers/store-folders.js');

/** What prom-client has of a registry. */
function registry() {
  const metrics = new Map();
  const read = async (name) => (await metrics.get(`shared_memory_store_${name}`).get()).values;
  return {
    metrics,
    read,
    registerMetric: (metric) => metrics.set(metric.name, metric),
    removeSingleMetric: (name) => metrics.delete(name),
  };
}

/** What OpenTelemetry has of a meter. */
function meter() {
  const callbacks = new Set();
  const make = (kind) => (name) => ({ kind, name });
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
    const of = (value, name) => ({ value, labels: { store: name } });
    assert.deepEqual(await target.read('entries'), [of(1, 'local'), of(1, 'shared')]);
    assert.deepEqual(await target.read('misses_total'), [of(0, 'local'), of(1, 'shared')]);
    assert.deepEqual(await target.read('participants'), [of(1, 'shared')]);
    store.set('other', 1);
    assert.deepEqual(await target.read('sets_total'), [of(2, 'local'), of(1, 'shared')]);
    shared.close();
    assert.deepEqual(await target.read('entries'), [of(2, 'local')]);
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

  test('a meter observes them, of stores of promises, too', async () => {
    const { MemoryStore: AsyncStore } = require('shared-memory-store/memory-store');
    const target = meter();
    const store = new AsyncStore();
    await store.set('key', 1);
    const stop = registerMetrics(target, { store });
    const seen = await target.collect();
    assert.equal(seen['gauge shared_memory_store_entries of store'], 1);
    assert.equal(seen['counter shared_memory_store_sets_total of store'], 1);
    await store.close();
    assert.deepEqual(await target.collect(), {});
    stop();
    await assert.doesNotReject(target.collect());
  });

  test('what is no target or no store is told', () => {
    assert.throws(() => registerMetrics({}, {}), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => registerMetrics(registry(), { a: {} }), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /store a/,
    });
  });

  test('what fails for another reason fails the reading', async () => {
    const target = registry();
    const failing = {
      stats() {
        throw new Error('of the store');
      },
    };
    registerMetrics(target, { failing });
    await assert.rejects(target.read('entries'), /of the store/);
  });
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
