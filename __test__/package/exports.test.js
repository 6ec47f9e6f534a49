/**
 * What the package exports, and that it is one class however it is reached.
 *
 * Must not know what a store does. Invariant tested: require, import, named and default give
 * identical objects, which can be subclassed.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const MemoryStore = require('../../index.js');

const importPackage = () => import('../../index.js');

test('require gives the class itself', () => {
  assert.equal(typeof MemoryStore, 'function');
  assert.equal(MemoryStore.name, 'MemoryStore');
});

test('the class carries itself as a property', () => {
  assert.equal(MemoryStore.MemoryStore, MemoryStore);
});

test('the default import is the required class', async () => {
  assert.equal((await importPackage()).default, MemoryStore);
});

test('the named import is the required class', async () => {
  assert.equal((await importPackage()).MemoryStore, MemoryStore);
});

test('the named import StoreError is the required one', async () => {
  assert.equal((await importPackage()).StoreError, MemoryStore.StoreError);
});

for (const name of ['NodeShareCache', 'SharedStore', 'ShmCache', 'createStore']) {
  test(`the named import ${name} is the required one`, async () => {
    assert.equal(typeof MemoryStore[name], 'function');
    assert.equal((await importPackage())[name], MemoryStore[name]);
  });
}

test('a store is an instance of the class by whichever way it was made', async () => {
  const { default: Imported } = await importPackage();
  assert.ok(new Imported() instanceof MemoryStore);
});

test('a store says its name as its tag', () => {
  assert.equal(Object.prototype.toString.call(new MemoryStore()), '[object MemoryStore]');
});

test('the constructor of a store is the class', () => {
  assert.equal(new MemoryStore().constructor, MemoryStore);
});

test('a StoreError is an Error with a code and its own name', () => {
  const error = new MemoryStore.StoreError('ERR_STORE_FULL', 'no room');
  assert.ok(error instanceof Error);
  assert.deepEqual(
    [error.code, error.message, error.name],
    ['ERR_STORE_FULL', 'no room', 'StoreError'],
  );
});

test('a subclass has the methods of a store and its own', () => {
  class Sessions extends MemoryStore {
    open(id) {
      return this.set(`session:${id}`, id);
    }
  }
  const sessions = new Sessions({ autoStartCleanup: false });
  assert.equal(sessions.open(7), true);
  assert.equal(sessions.get('session:7'), 7);
});

test('a subclass may override a method and call the original', () => {
  class Counting extends MemoryStore {
    reads = 0;
    get(key) {
      this.reads += 1;
      return super.get(key);
    }
  }
  const store = new Counting();
  store.set('a', 1);
  assert.equal(store.get('a'), 1);
  assert.equal(store.reads, 1);
});

test('an instance of a subclass is an instance of both classes', () => {
  class Sub extends MemoryStore {}
  const store = new Sub();
  assert.ok(store instanceof Sub && store instanceof MemoryStore);
});

test('a constructor that returns something else than a store does not harm the class', () => {
  class Odd extends MemoryStore {
    constructor() {
      super();
      // biome-ignore lint/correctness/noConstructorReturn: the odd case is what is tested
      return { odd: true };
    }
  }
  assert.deepEqual(new Odd(), { odd: true });
  assert.equal(new MemoryStore().size(), 0);
});

test('two stores do not share entries', () => {
  const [one, other] = [new MemoryStore(), new MemoryStore()];
  one.set('a', 1);
  assert.equal(other.has('a'), false);
  assert.equal(other.get('a'), undefined);
});

test('loading the package again from a cleared module cache still works', () => {
  const kept = { ...require.cache };
  for (const name of Object.keys(require.cache)) {
    if (!name.includes('node_modules')) delete require.cache[name];
  }
  const Again = require('../../index.js');
  Object.assign(require.cache, kept);
  const store = new Again();
  store.set('a', 1);
  assert.equal(store.get('a'), 1);
});
