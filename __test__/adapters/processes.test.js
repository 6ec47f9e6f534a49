/**
 * Adapters in two and more processes over one store: what one writes, the others have.
 *
 * Must not know how a store is shared. Invariant tested: counts are exact, a token is given once,
 * and what was answered is there though its process was killed.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const KeyvAdapter = require('shared-memory-store/keyv');
const SessionStore = require('shared-memory-store/express-session');
const RateLimitStore = require('shared-memory-store/rate-limit');
const createRateLimitStore = require('shared-memory-store/fastify-rate-limit');
const { SharedMemoryCache } = require('shared-memory-store/apollo');
const { sharedMemoryDriver } = require('shared-memory-store/bentocache');
const secondaryStorage = require('shared-memory-store/better-auth');
const createCache = require('shared-memory-store/envelop');
const CacheStore = require('shared-memory-store/undici');
const driver = require('shared-memory-store/unstorage');
const { runProcesses, withProcesses } = require('../helpers/processes.js');
const { withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const PROCESSES = 4;
const HITS = 50_000;
const TOKENS = 500;

/** Runs `body(place, open)`; what `open` opens is closed. */
const withPlace = (body) =>
  withFolder(async (path) => {
    const opened = [];
    const open = (adapter) => {
      opened.push(adapter);
      return adapter;
    };
    try {
      return await body({ name: 'adapters', path }, open);
    } finally {
      for (const one of opened) {
        await (one.close ?? one.shutdown ?? one.disconnect ?? one.dispose).call(one);
      }
    }
  });

const sessionOf = (sessions, id) =>
  new Promise((resolve, reject) => {
    sessions.get(id, (error, session) => (error ? reject(error) : resolve(session)));
  });

test('what one process writes, another reads, by each adapter', SLOW, () =>
  withPlace(async (place, open) => {
    await runProcesses(1, 'adapter.writeByAll', { place });
    const keyv = open(new KeyvAdapter({ ...place, prefix: 'keyv:' }));
    assert.deepEqual(await keyv.get('key'), { of: 'keyv' });
    assert.equal((await sessionOf(open(new SessionStore(place)), 'id')).user, 'ann');
    assert.equal(await open(new SharedMemoryCache(place)).get('key'), 'apollo');
    const level = open(sharedMemoryDriver(place).factory({ prefix: 'bento' }));
    assert.equal(await level.get('key'), 'bento');
    assert.equal(await open(secondaryStorage(place)).get('key'), 'auth');
    const storage = open(driver({ ...place, base: 'storage' }));
    assert.equal(await storage.getItem('key'), 'storage');
    const request = { origin: 'http://a', path: '/', method: 'GET' };
    const { body } = open(new CacheStore(place)).get(request);
    assert.equal(Buffer.concat(body).toString(), 'undici');
    const responses = open(createCache(place));
    assert.deepEqual(responses.get('key'), { data: 'envelop' });
    responses.invalidate([{ typename: 'User', id: 1 }]);
    assert.equal(responses.get('key'), null);
    const FastifyStore = open(createRateLimitStore(place));
    new FastifyStore().incr('client', (_error, hit) => assert.equal(hit.current, 2), 3_600_000, 10);
  }),
);

test(`${PROCESSES} processes count ${PROCESSES * HITS} hits exactly`, SLOW, () =>
  withPlace(async (place, open) => {
    const told = await runProcesses(PROCESSES, 'adapter.hitOn', { place, hits: HITS });
    const counter = open(new RateLimitStore(place));
    assert.equal(counter.get('client').totalHits, PROCESSES * HITS);
    assert.equal(Math.max(...told), PROCESSES * HITS);
  }),
);

test('a token is given to one process', SLOW, () =>
  withPlace(async (place, open) => {
    const storage = open(secondaryStorage(place));
    for (let token = 0; token < TOKENS; token += 1) await storage.set(`token:${token}`, 'once');
    const taken = await runProcesses(PROCESSES, 'adapter.takeTokens', { place, tokens: TOKENS });
    const all = taken.flat().sort((one, other) => one - other);
    assert.deepEqual(
      all,
      Array.from({ length: TOKENS }, (_, token) => token),
    );
  }),
);

test('a session outlives the process that wrote it, though it was killed', SLOW, () =>
  withPlace((place, open) =>
    withProcesses(async (start) => {
      const sessions = open(new SessionStore(place));
      for (let round = 0; round < 5; round += 1) {
        sessions.destroy('id');
        const writer = start('adapter.writeSession', { place });
        assert.equal(await writer.said('written'), undefined);
        await writer.end('SIGKILL');
        assert.deepEqual((await sessionOf(sessions, 'id')).cart, [1, 2, 3]);
      }
    }),
  ),
);
