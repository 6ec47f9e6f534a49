/**
 * Near copies when answers and changes meet on their way: held back, split, dropped.
 *
 * Must not know how a copy is kept. Invariant tested: whatever the order in which a process hears
 * of things, at rest a near copy is what the server has.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setTimeout: pause } = require('node:timers/promises');
const { AS_BYTES } = require('../../lib/fleet/connection/carriers.js');
const { deferred } = require('../helpers/deferred.js');
const { ProcessCopies, UNKNOWN } = require('../../lib/fleet/near/process-copies.js');
const { Words, moment } = require('../../lib/fleet/near/words.js');
const { withClient } = require('../helpers/fleet.js');
const { nearTest } = require('../helpers/fleet-near.js');
const { Kind, withProxy } = require('../helpers/fleet-proxy.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { sharedServer } = require('../helpers/servers.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { warm } = require('../helpers/warm.js');

const HOUR_MS = 3_600_000;

/** What carries commands by a function that sends them. */
function carrierOf(send) {
  return { send, masters: async () => [send], connect: async () => {}, close() {} };
}

const CHANGES = {
  'a write': { change: (other) => other.set('a', 'new'), after: 'new' },
  'a removal': { change: (other) => other.delete('a'), after: undefined },
  'a flush': { change: () => withClient((client) => client.flushAll()), after: undefined },
};
for (const [what, { change, after }] of Object.entries(CHANGES)) {
  nearTest(`an answer that comes after ${what} it is older than is not kept`, (open, near) => {
    return withProxy(sharedServer().port, async (proxy) => {
      const [store, other] = [open({ url: proxy.url, near }), open()];
      await other.set('a', 'old');
      await other.set('b', 0);
      await warm(store, 'b');
      proxy.hold(Kind.DATA);
      const answer = store.get('a');
      await waitUntil(() => proxy.heldBytes() > 0, 'the answer is on its way');
      await change(other);
      // What the listener hears it hears in order: this, too, is heard after the change.
      const written = other.set('b', 1);
      await waitUntil(() => store.near('b') === undefined, 'the change is heard');
      await written;
      proxy.release();
      assert.equal(await answer, after, 'it is asked once more');
      assert.equal(await store.get('a'), after);
      await waitUntil(async () => (await store.get('b')) === 1, 'it goes on');
      if (after === undefined) return assert.equal(store.near('a'), undefined);
      await warm(store, 'a');
      assert.equal(store.near('a'), after);
    });
  });
}

nearTest('who writes meanwhile reads what he has written, answers held back', (open, near) => {
  return withProxy(sharedServer().port, async (proxy) => {
    const store = open({ url: proxy.url, near });
    await store.set('a', 0);
    await warm(store, 'a');
    for (let round = 1; round < 30; round += 1) {
      proxy.hold(Kind.LISTENER);
      await store.set('a', round);
      assert.equal(await store.get('a'), round);
      assert.equal(store.near('a') ?? round, round);
      proxy.release();
      assert.equal(await store.get('a'), round);
    }
  });
});

const SEEN = {
  'has of what is gone': [(other) => other.delete('a'), (store) => store.has('a'), false],
  'ttl of what is gone': [(other) => other.delete('a'), (store) => store.ttl('a'), undefined],
  'a longer ttl': [
    (other) => other.set('a', 'new', { ttl: 2 * HOUR_MS }),
    async (store) => (await store.ttl('a')) > HOUR_MS,
    true,
  ],
  'a shorter ttl': [
    (other) => other.set('a', 'new', { ttl: HOUR_MS / 2 }),
    async (store) => (await store.ttl('a')) < HOUR_MS,
    true,
  ],
  'no end': [(other) => other.set('a', 'new'), (store) => store.ttl('a'), Infinity],
  entries: [(other) => other.set('a', 'new'), (store) => firstOf(store.entries()), ['a', 'new']],
  values: [(other) => other.set('a', 'new'), (store) => firstOf(store.values()), 'new'],
};

async function firstOf(all) {
  for await (const one of all) return one;
}

for (const [what, [change, look, said]] of Object.entries(SEEN)) {
  nearTest(`what ${what} has shown is not older near`, (open, near) => {
    return withProxy(sharedServer().port, async (proxy) => {
      const [store, other] = [open({ url: proxy.url, near }), open()];
      await other.set('a', 'old', { ttl: HOUR_MS });
      await warm(store, 'a');
      proxy.hold(Kind.LISTENER);
      await change(other);
      assert.deepEqual(await look(store), said);
      assert.equal(await store.get('a'), await other.get('a'));
    });
  });
}

nearTest('looks that say the same leave a copy near', async (open, near) => {
  const [store, other] = [open({ near }), open()];
  await other.set('a', 1, { ttl: HOUR_MS });
  await other.set('b', 1);
  for (const key of ['a', 'b', 'none']) {
    await waitUntil(async () => {
      await store.get(key);
      const { nearHits } = await store.stats();
      await store.has(key);
      await store.ttl(key);
      await store.get(key);
      return (await store.stats()).nearHits > nearHits;
    }, `${key} stays near`);
  }
});

nearTest('an answer that comes after has it is older than is not kept', (open, near) => {
  return withProxy(sharedServer().port, (proxy) => {
    return withClient(async (client) => {
      const [held, release] = [deferred(), deferred()];
      let isHolding = false;
      const send = async (words) => {
        const isHeld = isHolding;
        isHolding = false;
        const answer = await client.sendCommand(words, AS_BYTES);
        if (isHeld) {
          held.resolve();
          await release.promise;
        }
        return answer;
      };
      const store = open({ client: carrierOf(send), url: proxy.url, near });
      const other = open();
      await other.set('a', 'old');
      await other.set('b', 1);
      await warm(store, 'b');
      proxy.hold(Kind.LISTENER);
      isHolding = true;
      const first = store.get('a');
      await held.promise;
      await other.delete('a');
      assert.equal(await store.has('a'), false);
      const second = store.get('a');
      release.resolve();
      await first;
      assert.equal(await second, undefined);
      assert.equal(await store.get('a'), undefined);
      await store.close();
    });
  });
});

const LOOKS = {
  get: (store, key) => store.get(key),
  getOrSet: (store, key) => store.getOrSet(key, () => assert.fail('it is there')),
};

nearTest('what is asked again of whom nobody listens to is not kept', async (open, near) => {
  const { url } = sharedServer();
  const away = { url: `${url}/5` };
  await withClient((client) => {
    return withClient(async (elsewhere) => {
      const here = (words) => client.sendCommand(words, AS_BYTES);
      const there = (words) => elsewhere.sendCommand(words, AS_BYTES);
      const refused = () => Promise.reject(new Error('TRYAGAIN a slot is handed over'));
      /** Who answers the next scripts. */
      const next = [];
      const send = (words) =>
        ((String(words[0]).startsWith('EVAL') && next.shift()) || here)(words);
      const store = open({ client: carrierOf(send), url, near });
      await store.set('b', 1);
      await warm(store, 'b');
      for (const [key, look] of Object.entries(LOOKS)) {
        await open(away).set(key, 'old');
        await open().set(key, 'new');
        next.push(refused, there);
        assert.equal(await look(store, key), 'old');
        assert.equal(await store.get(key), 'new');
      }
      await store.close();
    }, away.url);
  });
});

const WATCHED = {
  'a write': ['a', (other) => other.set('a', 'new'), 'new'],
  'a removal': [{ prefix: 'a' }, (other) => other.delete('a'), undefined],
  'a tag': [{ tag: 'x' }, (other) => other.invalidateTag('x'), undefined],
  'a flush': ['a', () => withClient((client) => client.flushAll()), undefined],
};
for (const [what, [watched, change, after]] of Object.entries(WATCHED)) {
  nearTest(`who is told of ${what} reads nothing older, however late it is near`, (open, near) => {
    return withProxy(sharedServer().port, async (proxy) => {
      const [store, other] = [open({ url: proxy.url, near }), open()];
      await other.set('a', 'old', { tags: ['x'] });
      await warm(store, 'a');
      // Who listens for near copies hears of nothing from now on; who watches has his own line.
      proxy.holdThose(Kind.LISTENER);
      const read = deferred();
      await store.watch(watched, () => read.resolve(store.get('a')));
      await change(other);
      assert.equal(await read.promise, after);
      assert.equal(await store.get('a'), after);
    });
  });
}

nearTest('what is said in pieces, or by a line that breaks, is heard', async (open, near) => {
  const draw = randomFrom(printedSeed('near copies in pieces'));
  const pieceOf = () => 1 + draw(7);
  await withProxy(
    sharedServer().port,
    async (proxy) => {
      const [store, other] = [open({ url: proxy.url, near }), open()];
      const keys = ['a', 'b', 'c'];
      for (const key of keys) await other.set(key, 0);
      let isOver = false;
      const reading = keys.map(async (key) => {
        let last = 0;
        while (!isOver) {
          const value = await store.get(key);
          assert.ok(value >= last, `${value} after ${last}`);
          last = value;
          await pause(0);
        }
      });
      let drops = 0;
      for (let round = 0; round < 600; round += 1) {
        await other.increment(keys[round % 3]);
        if (round % 100 === 50) {
          await waitUntil(() => {
            drops += proxy.drop(Kind.LISTENER);
            return drops > round / 100;
          }, 'somebody listens');
        }
      }
      isOver = true;
      await Promise.all(reading);
      assert.ok(drops > 0);
      for (const key of keys) {
        await waitUntil(async () => (await store.get(key)) === 200, `${key} is 200`);
        await warm(store, key);
        assert.equal(store.near(key), 200);
      }
    },
    pieceOf,
  );
});

/** Runs `body` while ordered looks at a memory find what was there, plain ones what is there. */
function withOrderedLooksLate(memory, body) {
  const { load } = Atomics;
  const before = new SharedArrayBuffer(memory.byteLength);
  new Uint8Array(before).set(new Uint8Array(memory));
  Atomics.load = (array, index) => {
    if (array.buffer !== memory) return load(array, index);
    return load(new array.constructor(before, array.byteOffset, array.length), index);
  };
  try {
    return body();
  } finally {
    Atomics.load = load;
  }
}

test('a processor that sees the trust before the change gives no old copy', () => {
  const names = { value: (string) => string };
  const copies = new ProcessCopies({ names }, { maxBytes: 1e6, isFrozen: false });
  const words = new Words(copies.told.words);
  for (const key of ['a', 'b']) {
    copies.keep(key, copies.note(key), { value: 'old', leftMs: 1e9, tags: [] });
  }
  assert.equal(copies.get('a'), UNKNOWN);
  // As one processor sees it: what follows happens between its ordered looks and the plain ones.
  const seen = withOrderedLooksLate(copies.told.words, () => {
    words.change('a');
    words.trust(moment(), 1e9);
    return copies.get('a');
  });
  assert.equal(seen, UNKNOWN);
  assert.deepEqual([copies.get('a'), copies.get('b')], [UNKNOWN, 'old']);
  words.distrust();
  assert.equal(copies.get('b'), UNKNOWN);
});
