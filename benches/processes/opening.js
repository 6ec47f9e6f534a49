/**
 * Opening: how long it takes to open a store that is new, or there, and what a new one occupies.
 *
 * Each opening is one call; making its folder and closing it are not in the time. Beside it, `lmdb`
 * with its files in the same memory. Invariant: in each round every way has one turn.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { launch } = require('../launch.js');
const { spread } = require('../report/statistics.js');
const { ROOT } = require('../rows/contenders.js');
const { memoryFolder } = require('../shared/folders.js');
const { makeSharedLoad } = require('../shared/load.js');
const { Companion } = require('./companions.js');

const ROUNDS = { full: 50, quick: 10 };
const KEYS = 1000;
/** What `stat` counts in, whatever the file system has. */
const BLOCK_BYTES = 512;
const NEW = 'new';
const THERE = 'there';
const HELD = 'there, another process has it open';

function measure({ quick, storePath }) {
  const rounds = quick ? ROUNDS.quick : ROUNDS.full;
  const result = launch('processes/opening.js', { rounds, storePath });
  if (result.failure !== undefined) return result;
  const { times, skipped, file } = result;
  const contenders = Object.entries(times).map(([name, all]) => [name, spread(all)]);
  const modes = Object.fromEntries(contenders);
  return { keys: KEYS, unit: 'µs', contenders: modes, skipped, file };
}

async function child({ rounds, storePath = ROOT }) {
  const { SharedStore } = require(path.resolve(storePath));
  const place = { scope: 'processes', path: memoryFolder() };
  const openOurs = (name) => new SharedStore({ ...place, name });
  for (const name of [THERE, HELD]) {
    const store = openOurs(name);
    fill((key, value) => store.set(key, value));
    store.close();
  }
  const input = { storePath, place: { ...place, name: HELD } };
  const holder = await Companion.start('hold', input);
  const ways = [NEW, THERE, HELD].map((name) => ({
    name: `a store that is ${name}`,
    open: () => openOurs(name),
    close: (store) => (name === NEW ? store.destroy() : store.close()),
    size: (store) => store.size(),
    expected: name === NEW ? 0 : KEYS,
  }));
  const { lmdbWays, skipped } = await waysOfLmdb();
  const times = await playRounds([...ways, ...lmdbWays], rounds);
  await holder.end();
  return { times, skipped, file: newFile(openOurs, place.path) };
}

async function waysOfLmdb() {
  let open;
  try {
    ({ open } = require('lmdb'));
  } catch (error) {
    return { lmdbWays: [], skipped: { lmdb: error.message.split('\n')[0] } };
  }
  const folder = memoryFolder();
  const there = path.join(folder, THERE);
  const store = open({ path: there, noSync: true });
  store.transactionSync(() => fill((key, value) => store.putSync(key, value)));
  await store.close();
  let opened = 0;
  const lmdbWays = [NEW, THERE].map((name) => ({
    name: `lmdb, ${name}`,
    open() {
      opened += 1;
      return open({ path: name === NEW ? `${there} ${opened}` : there, noSync: true });
    },
    close: (one) => one.close(),
    size: (one) => one.getStats().entryCount,
    expected: name === NEW ? 0 : KEYS,
  }));
  return { lmdbWays, skipped: {} };
}

/** Microseconds of each opening, by way. The first round warms up. */
async function playRounds(ways, rounds) {
  const times = Object.fromEntries(ways.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (let turn = 0; turn < ways.length; turn += 1) {
      const { name, open, close, size, expected } = ways[(round + turn) % ways.length];
      const begin = performance.now();
      const store = open();
      const us = (performance.now() - begin) * 1000;
      if (size(store) !== expected) throw new Error(`${name}: ${size(store)} entries`);
      await close(store);
      if (round > 0) times[name].push(us);
    }
  }
  return times;
}

/** What a new store takes of the system, without an entry and with a thousand. */
function newFile(openOurs, folder) {
  const former = new Set(fs.readdirSync(folder));
  const store = openOurs('sizes');
  const name = fs.readdirSync(folder).find((one) => !former.has(one));
  const { size, ...empty } = stat(path.join(folder, name));
  fill((key, value) => store.set(key, value));
  const { bytes: filledBytes } = stat(path.join(folder, name));
  store.destroy();
  return { size, blocks: empty.blocks, bytes: empty.bytes, filledBytes };
}

function stat(file) {
  const { size, blocks } = fs.statSync(file);
  return { size, blocks, bytes: blocks * BLOCK_BYTES };
}

function fill(set) {
  const { keys, values } = makeSharedLoad({ values: 'text-100', keyCount: KEYS });
  for (const [id, key] of keys.entries()) set(key, values[id]);
}

if (require.main === module) {
  child(JSON.parse(process.argv[2])).then((result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  });
}

module.exports = { measure };
