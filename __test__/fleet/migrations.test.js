/**
 * A slot of a cluster on its way: some of its keys are at the old master, others at the new one.
 *
 * Must not know how masters are followed. Invariant tested: who watches is told of what changes
 * meanwhile, or that some may be missing, and a near copy is not older than its bound.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { createCluster } = require('redis');
const { FleetStore } = require('shared-memory-store/fleet');
const { PATIENCE_MS } = require('../helpers/fleet.js');
const servers = require('../helpers/servers.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const { beginMove, command, endMove, missing, moveKeys } = servers;
const how = { ...SLOW, skip: missing };

/** Runs `body` with a cluster, and a function that opens stores over clients of their own. */
async function withCluster(body) {
  const { servers: all, urls, stop } = servers.startCluster(3);
  const opened = [];
  const open = async (options = {}) => {
    const client = createCluster({ rootNodes: [{ url: urls[0] }] });
    client.on('error', () => {});
    await client.connect();
    const store = new FleetStore({ name: 'moved', client, timeout: PATIENCE_MS, ...options });
    opened.push({ store, client });
    return store;
  };
  try {
    await body(all, open);
  } finally {
    for (const { store, client } of opened) {
      await store.close();
      await client.destroy();
    }
    stop();
  }
}

/** The slot of a name that is there, the master that has it, and another one. */
function placesOf(all, name) {
  const slot = command(all[0], 'cluster', 'keyslot', name).trim();
  const count = (server) => Number(command(server, 'cluster', 'countkeysinslot', slot));
  const from = all.find((server) => count(server) > 0);
  return { slot, from, to: all.find((server) => server !== from) };
}

test('a tag that is invalidated while its version moves is told', how, async () => {
  await withCluster(async (all, open) => {
    const store = await open();
    const tags = ['t'];
    await store.set('a', 1, { tags });
    const told = [];
    await store.watch({ tag: 't' }, ({ type }) => told.push(type));
    await store.invalidateTag('t');
    await waitUntil(() => told.length === 1);
    await store.set('a', 1, { tags });
    const { slot, from, to } = placesOf(all, 'moved{%}');
    beginMove(slot, from, to);
    await moveKeys(slot, from, to);
    const later = [];
    await store.watch({ tag: 't' }, ({ type }) => later.push(type));
    told.splice(0);
    await store.invalidateTag('t');
    await waitUntil(() => [told, later].every((one) => one.includes('invalidate')));
    assert.equal(await store.get('a'), undefined);
    endMove(slot, to, all);
  });
});

test('what is near as absent is asked for while its slot goes to a new master', how, async () => {
  await withCluster(async (all, open) => {
    const near = { scope: 'process', maxStaleMs: 1000 };
    const store = await open({ near });
    await store.set('here', 1);
    const { slot, from } = placesOf(all, 'moved{here}');
    await store.delete('here');
    const told = [];
    await store.watch('other', ({ type }) => told.push(type));
    const to = await servers.addMaster(all);
    try {
      await waitUntil(async () => {
        const { nearHits } = await store.stats();
        assert.equal(await store.get('here'), undefined);
        return (await store.stats()).nearHits > nearHits;
      }, 'it is near');
      beginMove(slot, from, to);
      assert.match(command(from, '-c', 'set', 'moved{here}', 'text'), /OK/);
      // The client does not know that master yet.
      const away = { code: 'ERR_STORE_UNAVAILABLE' };
      await waitUntil(() => store.get('here').catch(({ code }) => code === away.code));
      await assert.rejects(store.get('here'), away);
      await assert.rejects(store.touch('here', 1), away);
      await waitUntil(() => told.includes('overflow'));
      endMove(slot, to, [to, ...all]);
      const isThere = () => store.get('here').catch(({ code }) => code === 'ERR_FOREIGN_VALUE');
      await waitUntil(isThere, 'the new master is asked');
    } finally {
      to.stop();
    }
  });
});
