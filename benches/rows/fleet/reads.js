/**
 * Reads that ask the server: misses of what is near, and reads that want what is newest.
 *
 * Beside the calls of `redis` that give as much. Knows no report.
 */
'use strict';

const { makeSharedLoad } = require('../../shared/load.js');
const { connected, startFleet, until } = require('./fleets.js');
const { inTurns } = require('./turns.js');

const KEYS = 2000;
const AT_ONCE = 100;
/** So many keys a turn that nobody has a copy of. */
const CROWDS = 500;
const PACES = {
  full: { rounds: 15, turnMs: 200, warmUpMs: 1000 },
  quick: { rounds: 5, turnMs: 60, warmUpMs: 200 },
};

async function run({ quick, storePath }) {
  const { url, open, openNear, folder } = await startFleet(storePath);
  const { keys, values } = makeSharedLoad({ values: 'text-100', keyCount: KEYS });
  const entries = keys.map((key, index) => [key, values[index]]);
  const [store, other] = [openNear({ path: folder }), open()];
  const client = await connected(url);
  await Promise.all(entries.map(([key, value]) => client.set(key, value)));
  await other.setMany(entries);
  for (const key of keys) await store.get(key);
  const one = (name, read, prepare) => {
    const run = async (start, end) => {
      for (let at = start; at < end; at += 1) {
        if ((await read(keys[at % KEYS])) === undefined) throw new Error(`${name}: not there`);
      }
    };
    return { name, run, prepare, mostCalls: KEYS };
  };
  const many = (name, read) => {
    const run = async (start, end) => {
      for (let at = start; at < end; at += AT_ONCE) {
        const some = Array.from({ length: Math.min(AT_ONCE, end - at) }, (_, next) => {
          return read(keys[(at + next) % KEYS]);
        });
        const all = await Promise.all(some);
        if (all.includes(undefined)) throw new Error(`${name}: not there`);
      }
    };
    return { name, run };
  };
  // Those who ask for the same key while its answer is on its way.
  const crowd = (name, read, prepare) => {
    const run = async (start, end) => {
      for (let at = start; at < end; at += AT_ONCE) {
        const key = keys[Math.floor(at / AT_ONCE) % KEYS];
        const all = await Promise.all(Array.from({ length: AT_ONCE }, () => read(key)));
        if (all.includes(undefined)) throw new Error(`${name}: not there`);
      }
    };
    return { name, run, prepare, mostCalls: CROWDS * AT_ONCE };
  };
  // All copies are gone, and it is known that nothing is left to be heard.
  const forget = async () => {
    await other.setMany(entries);
    await until(() => keys.every((key) => store.near(key) === undefined), 'nothing is near');
  };
  const lanes = [
    one('miss', (key) => store.get(key), forget),
    one('MULTI PTTL GET EXEC', (key) => client.multi().pTTL(key).get(key).exec()),
    one('GET', (key) => client.get(key)),
    many('fresh, 100 at once', (key) => store.get(key, { fresh: true })),
    many('GET, 100 at once', (key) => client.get(key)),
    crowd('misses of one key, 100 at once', (key) => store.get(key), forget),
  ];
  const times = await inTurns(lanes, quick ? PACES.quick : PACES.full);
  const part = (ours, peer, limit) => ({ unit: 'ns', limit, ours: times[ours], peer: times[peer] });
  return {
    parts: {
      'near miss ÷ MULTI PTTL GET EXEC of node-redis': part('miss', 'MULTI PTTL GET EXEC', 1.1),
      'fresh read, 100 at once ÷ GET of node-redis': part('fresh, 100 at once', 'GET', 0.5),
      'the same ÷ GET, 100 at once': part('fresh, 100 at once', 'GET, 100 at once'),
      'near misses of one key, 100 at once ÷ GET, 100 at once': part(
        'misses of one key, 100 at once',
        'GET, 100 at once',
      ),
    },
  };
}

module.exports = { run };
