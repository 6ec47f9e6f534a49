/**
 * Reads of one key that miss at once: one request, whose answer all of them get who may have it.
 *
 * Must not know how that is kept. Invariant tested: nobody gets an answer that is older than what
 * was written or read on his machine before he asked, nor one whose time was over by then.
 */
const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { createClientPool } = require('redis');
const { deferred } = require('../helpers/deferred.js');
const { passDeadline } = require('../helpers/expiry.js');
const { fleetTest, withClient } = require('../helpers/fleet.js');
const { NEARS, nearTest } = require('../helpers/fleet-near.js');
const { Kind, withProxy } = require('../helpers/fleet-proxy.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { sharedServer } = require('../helpers/servers.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { warm } = require('../helpers/warm.js');

const HOUR_MS = 3_600_000;
const ROUNDS = 500;
const READERS = 4;

/** How many times the server was asked for an entry; or for one or its claim. */
const asked = () => callsOf(/cmdstat_evalsha_ro:calls=(\d+)/);
const claimed = () => callsOf(/cmdstat_evalsha:calls=(\d+)/);

async function callsOf(pattern) {
  const told = await withClient((client) => client.info('commandstats'));
  return Number(pattern.exec(told)?.[1] ?? 0);
}

/** Runs `body(store, proxy)` with a store that hears of changes, and answers that can be held. */
function withHeld(open, near, body) {
  return withProxy(sharedServer().port, async (proxy) => {
    const store = open({ url: proxy.url, near });
    await store.set('warm', 0);
    await warm(store, 'warm');
    await body(store, proxy);
  });
}

/** Runs `body(client)` with a client of several lines, whose answers come in any order. */
async function withPool(url, body) {
  const client = createClientPool({ url }, { minimum: 3, maximum: 3 });
  client.on('error', () => {});
  await client.connect();
  try {
    return await body(client);
  } finally {
    await client.destroy();
  }
}

/** A read whose answer is held back. */
async function heldRead(store, proxy) {
  proxy.hold(Kind.DATA);
  const read = store.get('a');
  await waitUntil(() => proxy.heldBytes() > 0, 'the answer is on its way');
  // Nor does anybody hear of what is written from now on.
  proxy.hold(Kind.LISTENER);
  return read.then.bind(read, (value) => value);
}

for (const [what, value] of [
  ['a number', 7],
  ['an object', { list: [1] }],
  ['nothing', undefined],
]) {
  nearTest(`who misses ${what} at once asks once`, (open, near) => {
    return withHeld(open, near, async (store, proxy) => {
      if (value !== undefined) await open().set('a', value);
      const before = await asked();
      proxy.hold(Kind.DATA);
      const reads = Array.from({ length: 100 }, () => store.get('a'));
      await waitUntil(() => proxy.heldBytes() > 0, 'the answer is on its way');
      proxy.release();
      const all = await Promise.all(reads);
      for (const one of all) assert.deepEqual(one, value);
      assert.equal((await asked()) - before, 1);
      const objects = all.filter((one) => typeof one === 'object');
      assert.equal(new Set(objects).size, objects.length, 'each has his own');
    });
  });
}

fleetTest('a read of a namespace that finds nothing asks once', async (open) => {
  const view = open().namespace('space');
  await view.get('a');
  const before = await asked();
  assert.equal(await view.get('a'), undefined);
  assert.equal((await asked()) - before, 1);
  const { hits, misses } = await view.stats();
  assert.deepEqual([hits, misses], [0, 2]);
});

nearTest('a namespace asks nobody for what is known to be absent', (open, near) => {
  return withHeld(open, near, async (store) => {
    const view = store.namespace('space');
    const asks = async () => {
      const before = await asked();
      assert.equal(await view.get('a'), undefined);
      return (await asked()) - before;
    };
    await waitUntil(async () => (await asks()) === 0, 'it is known to be absent');
  });
});

nearTest('objects that are asked for at once are frozen, where that is wanted', (open, given) => {
  return withHeld(open, { ...given, reads: 'frozen' }, async (store) => {
    await open().set('a', { list: [1] });
    const all = await Promise.all([store.get('a'), store.get('a')]);
    for (const one of all) assert.ok(Object.isFrozen(one.list));
  });
});

nearTest('who reads after his write has begun reads it', (open, near) => {
  return withHeld(open, near, async (store, proxy) => {
    const changes = {
      set: () => store.set('a', 'new'),
      delete: () => store.delete('a'),
      take: () => store.take('a'),
      invalidateTag: () => store.invalidateTag('tag'),
      clear: () => store.namespace('space').clear(),
      setMany: () => store.setMany([['a', 'new']]),
    };
    for (const [what, change] of Object.entries(changes)) {
      const view = what === 'clear' ? store.namespace('space') : store;
      await store.namespace('space').set('a', 'old');
      await store.set('a', 'old', { tags: ['tag'] });
      proxy.hold(Kind.DATA);
      const first = view.get('a');
      await waitUntil(() => proxy.heldBytes() > 0, 'the answer is on its way');
      const changing = change();
      const second = view.get('a');
      proxy.release();
      await changing;
      assert.equal(await first, 'old');
      assert.equal(await second, what.startsWith('set') ? 'new' : undefined, what);
    }
  });
});

nearTest('a read that fails fails for all who wait for it, and the next one asks', (open, near) => {
  return withHeld(open, near, async (store, proxy) => {
    await withClient((client) => client.set(`${store.name}{a}`, 'of somebody else'));
    const reads = await Promise.allSettled([store.get('a'), store.get('a')]);
    for (const { reason } of reads) assert.equal(reason.code, 'ERR_FOREIGN_VALUE');
    assert.notEqual(reads[0].reason, reads[1].reason, 'each has his own');
    await open().set('a', 'new');
    await waitUntil(async () => (await store.get('a').catch(() => {})) === 'new');
    assert.equal(proxy.heldBytes(), 0);
  });
});

nearTest('whoever waits for an answer that is void asks again with all others', (open, near) => {
  return withHeld(open, near, async (store) => {
    await open().set('a', { list: [1] });
    // Who has not been told the script may be no master any more.
    await withClient((client) => client.sendCommand(['SCRIPT', 'FLUSH']));
    const before = await asked();
    const all = await Promise.all(Array.from({ length: 100 }, () => store.get('a')));
    for (const one of all) assert.deepEqual(one, { list: [1] });
    assert.equal(new Set(all).size, all.length, 'each has his own');
    const questions = (await asked()) - before;
    assert.ok(questions < 20, `${questions} questions`);
  });
});

nearTest('whose time is over is given to nobody who asks then', (open, near) => {
  return withHeld(open, near, async (store, proxy) => {
    for (let round = 0; round < 5; round += 1) {
      // Its own write is known at once: that there was none is near from the round before.
      await store.set('a', round, 20);
      const answered = await heldRead(store, proxy);
      passDeadline(20);
      const late = store.get('a');
      proxy.release();
      assert.ok([round, undefined].includes(await answered()));
      assert.equal(await late, undefined);
    }
  });
});

nearTest('an answer that does not come is waited for by nobody who asks later', (open, near) => {
  return withHeld(open, near, async (store, proxy) => {
    await open().set('a', 'old');
    const before = await asked();
    const answered = await heldRead(store, proxy);
    await pause(200);
    const later = store.get('a');
    await waitUntil(async () => (await asked()) - before === 2, 'it asks itself');
    proxy.release();
    assert.deepEqual([await answered(), await later], ['old', 'old']);
  });
});

/** What another process of the machine does, over a line of its own. */
const MEANWHILE = {
  'has written': (other) => other.set('a', 'new'),
  'has read': async (other, foreign) => {
    await foreign.set('a', 'new');
    assert.equal(await other.get('a', { fresh: true }), 'new');
  },
};
for (const [what, act] of Object.entries(MEANWHILE)) {
  const name = `nobody gets an answer older than what his machine ${what}`;
  fleetTest(name, (open) => {
    return NEARS.machine((near) => {
      return withHeld(open, near, (store, proxy) => {
        return withPool(sharedServer().url, async (client) => {
          // Of the same machine: it listens by the same line.
          const [other, foreign] = [open({ client, url: proxy.url, near }), open()];
          await foreign.set('a', 'old');
          await waitUntil(() => store.near('a') === undefined);
          const answered = await heldRead(store, proxy);
          await act(other, foreign);
          const next = store.get('a');
          proxy.release();
          assert.deepEqual([await answered(), await next], ['new', 'new']);
        });
      });
    });
  });
}

/**
 * Runs `body({ store, foreign, hold, late })` with a store that hears of changes. `late()` gives
 * what lets the answers come to what is asked from now on, until `late.no()`.
 */
function withLate(open, near, body) {
  return withProxy(sharedServer().port, ({ url, hold }) => {
    return withClient(async (client) => {
      let mayCome = Promise.resolve();
      const send = async (words) => {
        const until = mayCome;
        const answer = await client.sendCommand(words, { typeMapping: { 36: Buffer } });
        await until;
        return answer;
      };
      const late = () => {
        const { promise, resolve } = deferred();
        mayCome = promise;
        return resolve;
      };
      late.no = () => {
        mayCome = Promise.resolve();
      };
      const carrier = { send, masters: async () => [], connect: async () => {}, close() {} };
      const [store, foreign] = [open({ client: carrier, url, near }), open()];
      await foreign.set('a', 'old');
      await foreign.set('warm', 0);
      await warm(store, 'warm');
      await waitUntil(() => store.near('a') === undefined);
      await body({ store, foreign, hold, late });
    });
  });
}

/** Asks, and waits until the server has been asked. */
async function begun(ask, count = asked) {
  const before = await count();
  const answer = ask();
  await waitUntil(async () => (await count()) > before, 'it is asked');
  return () => answer;
}

nearTest('an answer that comes after that to a later question is not kept', (open, near) => {
  return withLate(open, near, async ({ store, foreign, hold, late }) => {
    hold(Kind.LISTENER);
    const come = late();
    const first = await begun(() => store.get('a'));
    late.no();
    await foreign.set('a', 'new');
    assert.equal(await store.get('a', { fresh: true }), 'new');
    come();
    assert.equal(await first(), 'new', 'it is asked once more');
    assert.equal(await store.get('a'), 'new');
  });
});

nearTest('of two that ask at once both have a copy, whoever is first', (open, near) => {
  return withLate(open, near, async (late) => {
    for (const value of ['new', 7, { list: [1] }, undefined]) {
      await askAtOnce(late, value, { tags: ['tag'] }, (one) => one);
      await askAtOnce(late, value, { ttl: HOUR_MS }, (one) => one);
    }
    await askAtOnce(late, 7, {}, (one) => one.namespace('space'));
  });
});

/** Reads a value twice at once; then it is near. */
async function askAtOnce({ store, foreign, late }, value, lifetime, viewOf) {
  const [view, other] = [store, foreign].map(viewOf);
  await other.set('a', value ?? 'gone', lifetime);
  if (value === undefined) await other.delete('a');
  await foreign.set('warm', 1);
  await waitUntil(() => store.near('warm') === undefined, 'the change is heard');
  await warm(store, 'warm');
  const come = [late()];
  const first = await begun(() => view.get('a'));
  come.push(late());
  const second = await begun(() => view.peek('a'));
  late.no();
  for (const one of come) one();
  assert.deepEqual([await first(), await second()], [value, value]);
  const before = await asked();
  assert.deepEqual(await view.get('a'), value);
  assert.equal(await asked(), before, 'it is near');
}

nearTest('what was asked for before a change keeps nothing out that is right', (open, near) => {
  return withLate(open, near, async ({ store, foreign, late }) => {
    const come = late();
    const first = await begun(() => store.get('a'));
    late.no();
    await foreign.set('a', 'new');
    await foreign.set('warm', 1);
    await waitUntil(() => store.near('warm') === undefined, 'the change is heard');
    const comeToo = late();
    const second = await begun(() => store.get('a'));
    late.no();
    come();
    assert.equal(await first(), 'new');
    comeToo();
    assert.equal(await second(), 'new');
    assert.equal(store.near('a'), 'new');
  });
});

nearTest('what getOrSet was told too late is no newer than what is near', (open, near) => {
  return withLate(open, near, async ({ store, foreign, hold, late }) => {
    const factory = () => assert.fail('there is an entry');
    hold(Kind.LISTENER);
    const come = late();
    const first = await begun(() => store.get('a'));
    await foreign.set('a', 'new');
    const comeToo = late();
    const second = await begun(() => store.getOrSet('a', factory), claimed);
    late.no();
    come();
    assert.equal(await first(), 'old');
    comeToo();
    assert.equal(await second(), 'new');
    assert.equal(store.near('a') ?? 'new', 'new');
    assert.equal(await store.get('a'), 'new');
  });
});

nearTest('reads that come at once never go back', async (open, near) => {
  const draw = randomFrom(printedSeed('reads at once'));
  const { url: place } = sharedServer();
  await withProxy(sharedServer().port, async (proxy) => {
    const { url } = proxy;
    const body = async (held, direct) => {
      const all = [held, direct].map((client) => open({ client, url, near }));
      const stores = near.scope === 'machine' ? all : all.slice(0, 1);
      await readAtOnce({ stores, foreign: open(), proxy, draw });
    };
    await withPool(url, (held) => withPool(place, (direct) => body(held, direct)));
  });
});

/** Reads of stores of a machine while one of them and others write, answers held at times. */
async function readAtOnce({ stores, foreign, proxy, draw }) {
  const [store] = stores;
  await foreign.set('a', 0);
  for (const one of stores) await warm(one, 'a');
  let [floor, isOver] = [0, false];
  const read = async () => {
    const [one, least] = [stores[draw(stores.length)], floor];
    const value = await one.get('a', draw(4) === 0 ? { fresh: true } : undefined);
    assert.ok(value >= least, `${value} after ${least}`);
    floor = Math.max(floor, value);
  };
  const write = async () => {
    for (let round = 0; round < ROUNDS && !isOver; round += 1) {
      const isOwn = draw(3) === 0;
      const value = await (isOwn ? store : foreign).increment('a');
      if (isOwn) floor = Math.max(floor, value);
      if (round % 8 === 0) proxy.hold(Kind.DATA);
      await pause(draw(3));
      proxy.release();
    }
    isOver = true;
  };
  const readAll = async () => {
    while (!isOver) {
      await Promise.all(Array.from({ length: 1 + draw(8) }, read));
      await pause(0);
    }
  };
  try {
    await Promise.all([write(), ...Array.from({ length: READERS }, readAll)]);
    assert.equal(await store.get('a', { fresh: true }), ROUNDS);
  } finally {
    isOver = true;
  }
}
