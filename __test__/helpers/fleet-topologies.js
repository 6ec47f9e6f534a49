/**
 * Fleets of several kinds for chaos: one server, one with a sentinel and a replica, and a cluster.
 *
 * Must not know what is judged. Each says where it is to be reached through proxies, who is a
 * master now, and what may happen to it alone. Invariant: a failover here loses nothing that was
 * acknowledged: nobody writes meanwhile, and the replica has it all before.
 */
const { setTimeout: pause } = require('node:timers/promises');
const { createCluster, createSentinel } = require('redis');
const { FleetStore } = require('shared-memory-store/fleet');
const { HUB, NETWORKS, openHub } = require('./fleet-lines.js');
const masterships = require('./masters.js');
const servers = require('./servers.js');
const { waitUntil } = require('./wait-until.js');

const { answerOf, beside } = servers;
const { isFollowing, isMaster, untilWatched } = masterships;
const HOST = '127.0.0.1';
const GROUP = 'main';
/** Slots of the keys `a`, `b` and `c`. */
const SLOTS = ['15495', '3300', '7365'];
/** A replica that could not take over within 5 s does not try again unless it is told to. */
const TAKE_OVER_MS = 7000;
const LOOK_MS = 20;
/** What a client says of a connection that it has closed itself. */
const CLOSED = /client is closed/;
const MOST_FAILURES = 20;

/** Comes when a replica has all that its master has. */
async function synced(master) {
  await waitUntil(async () => {
    const told = await beside('-p', `${master.port}`, 'wait', '1', '1000');
    return Number(told.stdout) === 1;
  }, 'the replica has it all');
}

/** Whether something comes to hold within a time. */
async function within(forMs, holds) {
  const endMs = performance.now() + forMs;
  while (!holds()) {
    if (performance.now() > endMs) return false;
    await pause(LOOK_MS);
  }
  return true;
}

/** One server. */
async function startOne() {
  const server = servers.startServer();
  const place = (map) => ({ kind: 'server', port: map[server.port] ?? server.port });
  return { all: [server], masters: () => [server], place, events: {}, stop: server.stop };
}

/** One server, in the middle of networks of which each machine has one. */
async function startApart() {
  const closeHub = openHub();
  const server = servers.startServer(['--bind', HOST, HUB, '--protected-mode', 'no']);
  const place = () => ({ kind: 'server', port: server.port, host: HUB });
  const stop = () => {
    server.stop();
    closeHub();
  };
  return { all: [server], masters: () => [server], place, events: {}, lines: NETWORKS, stop };
}

/** A master, a replica and a sentinel, which hands over. */
async function startWatched() {
  const { master, replica, sentinel, stop } = servers.startSentinel(GROUP);
  const all = [master, replica];
  await untilWatched({ replica, sentinel });
  const masters = () => all.filter(isMaster);
  const handOver = ({ writer }) => {
    return writer.withoutWrites(async () => {
      const [first] = masters();
      const other = all.find((one) => one !== first);
      await synced(first);
      await masterships.handOver(sentinel, GROUP);
      await waitUntil(() => isMaster(other) && isFollowing(first), 'the other is the master');
    });
  };
  const place = (map) => ({ kind: 'sentinel', port: map[sentinel.port] ?? sentinel.port, map });
  const reached = [...all, sentinel];
  return { all: reached, masters, place, events: { handOver }, unsettles: ['handOver'], stop };
}

/** Three masters that share the slots, and a replica of the first, which take over and move. */
async function startShared() {
  const { servers: first, stop } = servers.startCluster(3);
  const replica = servers.startServer(servers.CLUSTER);
  const all = [...first, replica];
  const root = `${HOST}:${first[0].port}`;
  const id = answerOf(first[0], 'cluster', 'myid').trim();
  const added = [`${HOST}:${replica.port}`, root, '--cluster-slave', '--cluster-master-id', id];
  await beside('--cluster', 'add-node', ...added);
  await waitUntil(() => isFollowing(replica), 'it follows');
  const agree = () => beside('--cluster', 'check', root).catch(() => false);
  await waitUntil(agree, 'all agree');
  const masters = () => all.filter(isMaster);
  const takeOver = ({ writer }) => {
    return writer.withoutWrites(async () => {
      const next = all.find((one) => !isMaster(one));
      await waitUntil(() => isFollowing(next), 'it follows');
      await waitUntil(() => {
        answerOf(next, 'cluster', 'failover');
        return within(TAKE_OVER_MS, () => isMaster(next));
      }, 'the replica is a master');
      await waitUntil(() => all.some(isFollowing), 'the other follows');
      await waitUntil(agree, 'all agree');
    });
  };
  const moveSlot = async ({ draw }) => {
    const slot = SLOTS[draw(SLOTS.length)];
    const now = masters();
    const from = now.find((one) => {
      return answerOf(one, 'cluster', 'countkeysinslot', slot).trim() !== '0';
    });
    const to = now.filter((one) => one !== from)[draw(now.length - 1)];
    if (from === undefined || to === undefined) return;
    await servers.moveSlot(slot, from, to, now);
    await waitUntil(agree, 'all agree');
  };
  const place = (map) => ({ kind: 'cluster', port: map[first[0].port] ?? first[0].port, map });
  const events = { takeOver, moveSlot };
  const end = () => {
    replica.stop();
    stop();
  };
  return { all, masters, place, events, unsettles: ['takeOver'], stop: end };
}

/** By name: what starts a fleet of that kind. */
const TOPOLOGIES = {
  server: startOne,
  sentinel: startWatched,
  cluster: startShared,
  namespaces: startApart,
};

/**
 * A store at a place, with a client of its own where that is needed, as long as that is of use.
 *
 * A client of a cluster may keep to a connection that it has closed itself, for good. Who owns it
 * makes another; so does this, after some failures of that kind.
 */
class Access {
  store;
  #place;
  #options;
  #client;
  #failures = 0;

  static async to(place, options) {
    const access = new Access(place, options);
    await access.#open();
    return access;
  }

  /** @private */
  constructor(place, options) {
    this.#place = place;
    this.#options = options;
  }

  /** Notes why the store could not do something. */
  async failed({ cause }) {
    if (!CLOSED.test(cause?.message)) return;
    this.#failures += 1;
    if (this.#failures < MOST_FAILURES) return;
    this.#failures = 0;
    await this.close();
    await this.#open();
  }

  async close() {
    await this.store.close();
    await this.#client?.destroy();
  }

  async #open() {
    const { kind, port, host = HOST } = this.#place;
    const url = `redis://${host}:${port}`;
    if (kind === 'server') {
      this.store = new FleetStore({ ...this.#options, url });
      return;
    }
    const client = clientAt(this.#place);
    client.on('error', () => {});
    await client.connect();
    this.#client = client;
    this.store = new FleetStore({ ...this.#options, client });
  }
}

/** A client of a sentinel or a cluster that reaches servers where `map` says. */
function clientAt({ kind, port, map }) {
  const nodeAddressMap = Object.fromEntries(
    Object.entries(map).map(([from, to]) => [`${HOST}:${from}`, { host: HOST, port: to }]),
  );
  if (kind === 'cluster') {
    return createCluster({ rootNodes: [{ url: `redis://${HOST}:${port}` }], nodeAddressMap });
  }
  return createSentinel({
    name: GROUP,
    sentinelRootNodes: [{ host: HOST, port }],
    nodeAddressMap,
  });
}

module.exports = { Access, TOPOLOGIES };
