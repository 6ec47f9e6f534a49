/**
 * Starts the package that lies in a folder, and prints what that loaded.
 *
 *     node start.js <folder> <local | shared | fleet | later | import | errors | twice>
 */
const { rmSync } = require('node:fs');
const path = require('node:path');

const [folder, what] = process.argv.slice(2);
const known = new Set(process.moduleLoadList);

const PROGRAMS = {
  local() {
    const MemoryStore = require(folder);
    new MemoryStore().set('key', 'value');
  },
  shared() {
    const { SharedStore } = require(folder);
    const store = new SharedStore({ name: 'start', maxBytes: 1024 ** 2 });
    store.set('key', 'value');
    store.close();
  },
  fleet() {
    return require(path.join(folder, 'lib/fleet/fleet-store.js')).name;
  },
  async later() {
    const MemoryStore = require(folder);
    const file = path.join(folder, 'snapshot');
    const store = new MemoryStore();
    store.setMany([
      ['a', 1],
      ['b', { c: new Map() }],
    ]);
    await store.snapshot(file);
    const again = new MemoryStore();
    await again.restore(file);
    rmSync(file);
    const how = { factoryTimeoutMs: 1 };
    const late = store.getOrSet('c', () => new Promise(() => {}), how);
    const isStoreError = (await late.catch((it) => it)) instanceof MemoryStore.StoreError;
    const limit = store.namespace('of').limit('key', { rate: 1, per: 1000 }).allowed;
    const adapter = require(path.join(folder, 'lib/adapters/caches/keyv.js')).name;
    return { restored: again.size(), isStoreError, limit, adapter };
  },
  async import() {
    const { pathToFileURL } = require('node:url');
    const loaded = await import(pathToFileURL(path.join(folder, 'index.js')));
    const wanted = Object.keys(require(folder));
    return Object.keys(loaded)
      .filter((name) => wanted.includes(name))
      .sort();
  },
  async errors() {
    const MemoryStore = require(folder);
    const store = new MemoryStore();
    const thrown = [];
    try {
      store.get(Symbol('key'));
    } catch (error) {
      thrown.push(error.stack);
    }
    try {
      await store.getOrSet('key', () => new Promise(() => {}), { factoryTimeoutMs: 1 });
    } catch (error) {
      thrown.push(error.stack);
    }
    try {
      new MemoryStore.SharedStore({ name: '' });
    } catch (error) {
      thrown.push(error.stack);
    }
    return thrown;
  },
  twice() {
    return [1, 2].map(() => {
      try {
        return typeof require(folder);
      } catch (error) {
        return error.code;
      }
    });
  },
};

// A load that nobody ends does not keep a process.
const stay = setInterval(() => {}, 1000);
Promise.resolve(PROGRAMS[what]()).then((printed) => {
  clearInterval(stay);
  const builtins = process.moduleLoadList.filter((name) => !known.has(name));
  const files = Object.keys(require.cache).filter((file) => file.startsWith(folder));
  const names = builtins.map((name) => name.replace('NativeModule ', ''));
  console.log(JSON.stringify({ files, builtins: names, printed }));
});
