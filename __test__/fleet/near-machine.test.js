/**
 * Near copies of a machine: its processes share them, one listens, and whichever it is may die.
 *
 * Must not know how a copy is kept. Invariant tested: no process of the machine reads what is older
 * than what another has written or read, and whoever stops or dies keeps nobody from what is right.
 */
const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
// Of an engine that allows no memory but its own nobody counts.
const { ticks = [0] } = require('../../lib/native/loader.js');
const { PATIENCE_MS, fleetTest } = require('../helpers/fleet.js');
const { withProxy } = require('../helpers/fleet-proxy.js');
const { withProcesses } = require('../helpers/processes.js');
const { command, sharedServer } = require('../helpers/servers.js');
const { withFolder } = require('../helpers/store-folders.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { warm } = require('../helpers/warm.js');

const MAX_STALE_MS = 1000;

/** A test of `body(open, near, start)`, with a machine of its own. */
function machineTest(name, body) {
  fleetTest(name, (open) => {
    return withFolder((path) => {
      return withProcesses((start) => body(open, { scope: 'machine', path }, start));
    });
  });
}

const optionsOf = ({ name }, near) => {
  return { name, url: sharedServer().url, timeout: PATIENCE_MS, near };
};

machineTest('what one process has read is near to the others', async (open, near, start) => {
  const [store, other] = [open({ near }), open()];
  await other.set('a', { of: 'all' });
  await warm(store, 'a');
  const looking = start('fleet.lookOn', { options: optionsOf(store, near), key: 'a' });
  assert.deepEqual(await looking.result, { of: 'all' });
});

machineTest('a look after a rest is trusted no more than the one before', async (open, near) => {
  await withProxy(sharedServer().port, async ({ url, cut }) => {
    const [store, other] = [open({ url, near: { ...near, maxStaleMs: 200 } }), open()];
    await other.set('a', 'old');
    await warm(store, 'a');
    cut();
    await waitUntil(() => store.near('a') === undefined, 'the trust is over');
    for (let round = 0; round < 5; round += 1) {
      // Looks one after another have the time counted, which stands again a while after the last.
      for (let look = 0; look < 1000; look += 1) assert.equal(store.near('a'), undefined);
      await waitUntil(() => ticks[0] === 0, 'nobody counts');
      assert.equal(store.near('a'), undefined);
    }
  });
});

machineTest('who may not listen leaves it to those who may', async (open, near) => {
  const may = ['on', '>secret', '~*', '&*', '+@all', '-client|tracking'];
  command(sharedServer(), 'acl', 'setuser', 'limited', ...may);
  open({ url: sharedServer().url.replace('//', '//limited:secret@'), near });
  await waitUntil(() => {
    const told = command(sharedServer(), 'info', 'commandstats');
    return /cmdstat_client\|tracking:.*rejected_calls=[1-9]/.test(told);
  }, 'it is refused');
  const store = open({ near });
  await store.set('a', 1);
  await warm(store, 'a');
});

machineTest('what one process writes the others read', async (open, near, start) => {
  const store = open({ near });
  const rounds = 100;
  await store.set('a', -1);
  await warm(store, 'a');
  const reader = start('fleet.readWhenTold', { options: optionsOf(store, near), key: 'a', rounds });
  await reader.said('near');
  for (let round = 0; round < rounds; round += 1) {
    await store.set('a', round);
    reader.tell(`written ${round}`);
    assert.equal(await reader.said(`read ${round}`), round);
  }
  await reader.result;
});

machineTest('what all processes ask for at once is near to all', async (open, near, start) => {
  const other = open();
  await other.set('warm', 0);
  await other.set('a', { of: 'all' });
  // So long that questions of several processes overlap.
  const lateMs = 1;
  await withProxy(
    sharedServer().port,
    async ({ url }) => {
      const options = { ...optionsOf(other, { ...near, maxStaleMs: 10_000 }), url };
      const input = { options, key: 'a', hits: 300 };
      const readers = Array.from({ length: 4 }, () => start('fleet.readUntilNear', input));
      for (const reader of readers) await reader.said('ready');
      for (const reader of readers) reader.tell('go');
      for (const reader of readers) await reader.result;
    },
    undefined,
    lateMs,
  );
});

machineTest(
  'a machine has one listener, and another when it is killed',
  async (open, near, start) => {
    const other = open();
    await other.set('a', 'old');
    const options = optionsOf(other, near);
    const listening = start('fleet.stay', { options, key: 'a' });
    await listening.said('near');
    const store = open({ near });
    await waitUntil(() => store.near('a') === 'old', 'the copy of the other is here');
    await listening.end('SIGKILL');
    await other.set('a', 'new');
    await waitUntil(() => store.near('a') !== 'old', 'the old copy is gone');
    assert.equal(await store.get('a'), 'new');
    await warm(store, 'a');
    assert.equal(store.near('a'), 'new');
    await other.set('a', 'newer');
    await waitUntil(() => store.near('a') === undefined, 'the new listener hears');
  },
);

machineTest(
  'a listener that is stopped is trusted no longer than the bound',
  async (open, given, start) => {
    const near = { ...given, maxStaleMs: MAX_STALE_MS };
    const other = open();
    await other.set('a', 'old');
    const listening = start('fleet.stay', { options: optionsOf(other, near), key: 'a' });
    await listening.said('near');
    const store = open({ near });
    await waitUntil(() => store.near('a') === 'old', 'the copy of the other is here');
    listening.child.kill('SIGSTOP');
    await other.set('a', 'new');
    const writtenMs = performance.now();
    await waitUntil(() => {
      // The look at the clock comes first: who stands still after it is not late.
      const lateMs = performance.now() - writtenMs - MAX_STALE_MS;
      if (store.near('a') === undefined) return true;
      assert.ok(lateMs <= 10, `an old value ${lateMs} ms after the bound`);
      return false;
    }, 'nobody trusts it');
    assert.equal(await store.get('a'), 'new');
    listening.child.kill('SIGCONT');
    await warm(store, 'a');
    assert.equal(store.near('a'), 'new');
    listening.tell('go');
    await listening.result;
  },
);

machineTest(
  'a process that was stopped trusts nothing when it goes on',
  async (open, given, start) => {
    const near = { ...given, maxStaleMs: 300 };
    const other = open();
    const [options, rounds] = [optionsOf(other, near), 6];
    await other.set('a', 'old');
    const reader = start('fleet.readUntilStopped', { options, key: 'a', rounds });
    for (let round = 0; round < rounds; round += 1) {
      await reader.said(`near ${round}`);
      reader.child.kill('SIGSTOP');
      await other.set('a', 'new');
      // Longer than the bound, and than what the process takes for a stop.
      await pause(2000);
      reader.child.kill('SIGCONT');
      assert.notEqual(await reader.said(`woken ${round}`), 'old');
      await other.set('a', 'old');
      reader.tell(`go ${round}`);
    }
    await reader.result;
  },
);

fleetTest('two machines hear of each other', async (open) => {
  await withFolder((first) => {
    return withFolder(async (second) => {
      const stores = [first, second].map((path) => open({ near: { scope: 'machine', path } }));
      for (const store of stores) await warm(store, (await store.set('a', 0)) && 'a');
      for (let round = 1; round < 50; round += 1) {
        const [writer, reader] = round % 2 === 0 ? stores : [...stores].reverse();
        await writer.set('a', round);
        assert.equal(await writer.get('a'), round);
        await waitUntil(async () => (await reader.get('a')) === round, 'it is heard');
      }
    });
  });
});
