/**
 * Opens stores in one turn of the event loop, or loses them with the module that opened them, and
 * says what that took.
 *
 *     shared-release.js closed|destroyed|again|lost|many|dumped [folder]
 */
const [, , what, folder] = process.argv;
const { readFileSync } = require('node:fs');
const entry = require.resolve('../../index.js');
const ROOT = require('node:path').dirname(entry);

/** The package, evaluated anew. */
function evaluated() {
  for (const file of Object.keys(require.cache)) {
    const isOurs = file.startsWith(ROOT) && !file.includes('__test__');
    if (isOurs) delete require.cache[file];
  }
  // Else the module that required it last would keep it.
  module.children.length = 0;
  return require(entry);
}

const megabytes = () => process.memoryUsage().rss / 2 ** 20;
const collect = () => (globalThis.Bun ? globalThis.Bun.gc(true) : globalThis.gc());

/** Megabytes of this process's addresses that a core dump holds. */
function dumpedMegabytes() {
  const parts = readFileSync('/proc/self/smaps', 'latin1').split('\nVmFlags:');
  const sizes = parts.slice(0, -1).map((part) => Number(/^Size:\s+(\d+) kB/m.exec(part)[1]));
  const isLeftOut = (index) => / dd\b/.test(parts[index + 1].split('\n')[0]);
  return sizes.reduce((sum, size, index) => sum + (isLeftOut(index) ? 0 : size), 0) / 1024;
}

const RUNS = {
  many() {
    const { createStore } = require(entry);
    createStore('first').set('number', 1);
    const before = megabytes();
    for (let store = 0; store < 100; store += 1) createStore(`${store}`).set('number', store);
    return { megabytes: megabytes() - before };
  },
  dumped() {
    const { SharedStore } = require(entry);
    const before = dumpedMegabytes();
    const options = { maxBytes: 2 ** 31 };
    const stores = [
      new SharedStore({ ...options, name: 'threads' }),
      new SharedStore({ ...options, name: 'processes', scope: 'processes', path: folder }),
    ];
    for (const store of stores) store.set('key', 'x'.repeat(40_000_000));
    const said = { megabytes: dumpedMegabytes() - before };
    stores[1].destroy();
    return said;
  },
  closed() {
    const { SharedStore } = require(entry);
    for (let store = 0; store < 1100; store += 1) {
      const opened = new SharedStore({ name: `store ${store}` });
      opened.set('key', store);
      opened.close();
    }
    return { megabytes: megabytes() };
  },
  destroyed() {
    const { SharedStore } = require(entry);
    for (let store = 0; store < 1100; store += 1) {
      const opened = new SharedStore({ name: 'store', scope: 'processes', path: folder });
      opened.set('key', store);
      opened.destroy();
    }
    return { megabytes: megabytes() };
  },
  again() {
    const place = { name: 'store', scope: 'processes', path: folder };
    const stores = Array.from({ length: 40 }, () => new (evaluated().SharedStore)(place));
    for (const [index, store] of stores.entries()) store.set(`key ${index}`, index);
    const said = { entries: stores[0].size(), participants: stores[0].stats().participants };
    // Each closes for itself: the others go on.
    for (const store of stores.slice(1)) store.close();
    stores[0].set('last', 1);
    stores[0].destroy();
    return said;
  },
  async lost() {
    const { SharedStore } = require(entry);
    const seen = new SharedStore({ name: 'store', scope: 'processes', path: folder });
    for (let store = 0; store < 50; store += 1) {
      const { SharedStore: Other } = evaluated();
      new Other({ name: `store ${store}` }).set('key', 'x'.repeat(4_000_000));
    }
    const before = megabytes();
    const isFreed = () => megabytes() < before / 2;
    while (!isFreed()) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    seen.destroy();
    return { isFreed: true };
  },
};

Promise.resolve(RUNS[what]()).then((said) => console.log(JSON.stringify(said)));
