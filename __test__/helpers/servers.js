/**
 * Servers for tests of fleet stores: real ones, started by a test and ended with it.
 *
 * Must not know a store. Invariant: a server ends with the process that has started it, however
 * that ends: a shell waits for the end of a pipe from it.
 */
const { execFile, spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const net = require('node:net');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const { waitUntil } = require('./wait-until.js');

const PATIENCE_MS = 30_000;
const ATTEMPTS = 20;
const FIRST_PORT = 20_000;
const PORTS = 12_000;
const READY = /Ready to accept connections|Sentinel ID is/;

const CLUSTER = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'];
/** A master counts as gone after so long; less would take busy ones for gone. */
const DOWN_AFTER_MS = 3000;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** What is installed here: names of programs that can be started. */
const installed = ['redis-server', 'valkey-server'].filter((program) => {
  return spawnSync(program, ['--version']).status === 0;
});

/** The program that tests use, or `undefined`. `FLEET_SERVER` names another. */
const program = process.env.FLEET_SERVER ?? installed[0];
const missing =
  program === undefined &&
  'no redis-server or valkey-server is installed: apt install redis-server';

/**
 * Starts a server and waits until it can be had.
 *
 * @param {string[]} [more] of its configuration
 * @param {number} [wanted] port
 * @param {string[]} [sentinel] lines of the configuration, of a server that is one
 */
function startServer(more = [], wanted, sentinel) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = wanted ?? FIRST_PORT + Math.floor(Math.random() * PORTS);
    const server = tryStart(port, more, sentinel);
    if (server !== undefined) return server;
  }
  throw new Error(`${program} could not be started at any port`);
}

/** A server at this port, or `undefined` where that is taken. */
function tryStart(port, more, sentinel) {
  const folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-server-'));
  const log = path.join(folder, 'log');
  const file = path.join(folder, 'configuration');
  if (sentinel !== undefined) writeFileSync(file, sentinel.join('\n'));
  const given = ['--port', `${port}`, '--dir', folder, '--logfile', log, ...more];
  const first = sentinel === undefined ? ['--save', ''] : [file, '--sentinel'];
  // The shell ends the server when this process has ended, or says so.
  const script = `trap 'kill -9 $server; exit' HUP INT TERM
    "$@" & server=$!; read -r line; kill -9 $server; wait $server`;
  const shell = spawn(
    'sh',
    ['-c', script, 'sh', program, ...first, '--bind', '127.0.0.1', ...given],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  shell.unref();
  // Not every engine has it, nor lets the pipe keep the process.
  shell.stdin.unref?.();
  const stop = () => {
    shell.stdin.destroy();
    // It may still write there: a server of a cluster does whenever it learns something.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 10 });
  };
  const endMs = performance.now() + PATIENCE_MS;
  while (performance.now() < endMs) {
    const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
    if (READY.test(said)) {
      const [, pid] = /^(\d+):/m.exec(said);
      return { port, url: `redis://127.0.0.1:${port}`, pid: Number(pid), folder, stop };
    }
    if (/Failed listening|Address already in use/.test(said)) break;
    Atomics.wait(sleeper, 0, 0, 5);
  }
  stop();
  return undefined;
}

/** Runs a command of a server; throws what it says when that is an error. */
function command({ port }, ...words) {
  const { stdout, stderr } = spawnSync('redis-cli', ['-p', `${port}`, ...words], {
    encoding: 'utf8',
  });
  if (/^(?:ERR|Could not)/.test(stdout) || stderr !== '') throw new Error(stdout + stderr);
  return stdout;
}

/** What a server answers, or nothing: who becomes a master closes its connections. */
function answerOf(server, ...words) {
  try {
    return command(server, ...words);
  } catch {
    return '';
  }
}

/** Runs a command of servers, while the event loop goes on. */
const beside = (...words) => promisify(execFile)('redis-cli', words);

/** `count` masters that share the slots of a cluster; `more` of the configuration of each. */
function startCluster(count, more = []) {
  const servers = Array.from({ length: count }, () => startServer([...CLUSTER, ...more]));
  const places = servers.map(({ port }) => `127.0.0.1:${port}`);
  command(servers[0], '--cluster', 'create', ...places, '--cluster-yes');
  const endMs = performance.now() + PATIENCE_MS;
  for (const server of servers) {
    while (!command(server, 'cluster', 'info').includes('cluster_state:ok')) {
      if (performance.now() > endMs) throw new Error('The cluster does not come up');
      Atomics.wait(sleeper, 0, 0, 20);
    }
  }
  return { servers, urls: servers.map(({ url }) => url), stop: () => stopAll(servers) };
}

/** One more master of a cluster, which has no slot yet. */
async function addMaster(all) {
  const added = startServer(CLUSTER);
  const place = `127.0.0.1:${all[0].port}`;
  command(all[0], '--cluster', 'add-node', `127.0.0.1:${added.port}`, place);
  const id = command(added, 'cluster', 'myid').trim();
  const knowsAll = (server) => command(server, 'cluster', 'nodes').includes(id);
  await waitUntil(() => all.every(knowsAll), 'all know the new one');
  const agree = () => beside('--cluster', 'check', place).catch(() => false);
  await waitUntil(agree, 'all agree');
  const isUp = () => command(added, 'cluster', 'info').includes('cluster_state:ok');
  await waitUntil(isUp, 'the new one knows that the cluster is whole');
  return added;
}

/** Hands a slot of a cluster, with its keys, from one server to another; `all` are the masters. */
async function moveSlot(slot, from, to, all) {
  beginMove(slot, from, to);
  await moveKeys(slot, from, to);
  endMove(slot, to, all);
}

/** From now on what a server has not got of a slot is asked of the one that it goes to. */
function beginMove(slot, from, to) {
  const [fromId, toId] = [from, to].map((server) => command(server, 'cluster', 'myid').trim());
  command(to, 'cluster', 'setslot', slot, 'importing', fromId);
  command(from, 'cluster', 'setslot', slot, 'migrating', toId);
}

async function moveKeys(slot, from, to) {
  const migrate = ['migrate', '127.0.0.1', `${to.port}`, '', '0', '5000', 'keys'];
  // A server that has just joined may not know yet that the cluster is whole.
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const keys = command(from, 'cluster', 'getkeysinslot', slot, '100').trim();
    if (keys === '') break;
    await beside('-p', `${from.port}`, ...migrate, ...keys.split('\n'));
  }
}

function endMove(slot, to, all) {
  const toId = command(to, 'cluster', 'myid').trim();
  for (const server of all) command(server, 'cluster', 'setslot', slot, 'node', toId);
}

/** A sentinel that watches a master and its replica. */
function startSentinel(name) {
  const master = startServer();
  const replica = startServer(['--replicaof', `127.0.0.1 ${master.port}`]);
  const config = [
    `sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
    `sentinel down-after-milliseconds ${name} ${DOWN_AFTER_MS}`,
  ];
  const sentinel = startServer([], undefined, config);
  return { master, replica, sentinel, stop: () => stopAll([sentinel, replica, master]) };
}

function stopAll(servers) {
  for (const server of servers) server.stop();
}

/** @type {ReturnType<typeof startServer> | undefined} */
let shared;

/** One server for all tests of this process. */
function sharedServer() {
  shared ??= startServer();
  return shared;
}

process.on('exit', () => shared?.stop());

/** By server. @type {WeakMap<object, net.Socket>} */
const lines = new WeakMap();

/** Removes all that a server holds; over a line of its own, without a program or a client. */
async function emptyServer(server) {
  const line = lines.get(server) ?? net.connect(server.port, '127.0.0.1').unref();
  lines.set(server, line);
  line.write('FLUSHALL SYNC\r\n');
  line.ref();
  const [answer] = await once(line, 'data');
  line.unref();
  if (`${answer}` !== '+OK\r\n') throw new Error(`${answer}`);
}

module.exports = {
  CLUSTER,
  addMaster,
  answerOf,
  beginMove,
  beside,
  command,
  emptyServer,
  endMove,
  installed,
  missing,
  moveKeys,
  moveSlot,
  program,
  sharedServer,
  startCluster,
  startSentinel,
  startServer,
};
