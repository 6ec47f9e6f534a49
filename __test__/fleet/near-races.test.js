/**
 * Near copies when answers and changes meet on their way: held back, split, dropped.
 *
 * Must not know how a copy is kept. Invariant tested: whatever the order in which a process hears
 * of things, at rest a near copy is what the server has.
 */
const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { withClient } = require('../helpers/fleet.js');
const { nearTest } = require('../helpers/fleet-near.js');
const { Kind, withProxy } = require('../helpers/fleet-proxy.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { sharedServer } = require('../helpers/servers.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { warm } = require('../helpers/warm.js');

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
