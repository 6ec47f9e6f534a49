/**
 * A Redis server of its own on a Unix socket or a port, and a store over one client of it.
 *
 * Nothing is written to disk. Knows no row. Invariant: the server ends with this process, however
 * this process ends.
 */
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');

const { temporaryFolder } = require('../shared/folders.js');

const SERVER = 'redis-server';
const SOCKET = 'redis.sock';
/** Runs what follows until the pipe from this process is closed. */
const GUARD = '"$@" & server=$!; read -r _; kill -9 "$server"; wait';
const START_MS = 10_000;
const LOOK_MS = 5;

/** Redis keeps texts: what else there is has to be made of one. Texts go as they are. */
const CODECS = {
  object: { encode: JSON.stringify, decode: JSON.parse },
  counter: { encode: String, decode: Number },
};

/** The version of the server, or `undefined` where it is not on the path. */
function serverVersion() {
  const { status, stdout } = spawnSync(SERVER, ['--version'], { encoding: 'utf8' });
  return status === 0 ? /v=(\S+)/.exec(stdout)?.[1] : undefined;
}

/** `open(kind)` for values of a kind; throws where the server or its client is not there. */
function prepareRedis() {
  const { createClient } = require('redis');
  if (serverVersion() === undefined) throw new Error(`${SERVER} is not on PATH`);
  return async (kind) => {
    const client = createClient({ socket: { path: await startServer() } });
    // Calls that fail say so themselves.
    client.on('error', () => {});
    await client.connect();
    return storeOver(client, CODECS[kind]);
  };
}

/** A server that listens, at a port, too, if one is given; the path of its socket. */
async function startServer(port = 0) {
  const folder = temporaryFolder();
  const socket = path.join(folder, SOCKET);
  const place = ['--bind', '127.0.0.1', '--port', `${port}`, '--unixsocket', socket];
  const options = [...place, '--dir', folder];
  const memoryOnly = ['--save', '', '--appendonly', 'no'];
  spawn('sh', ['-c', GUARD, 'sh', SERVER, ...options, ...memoryOnly], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  for (let spentMs = 0; spentMs < START_MS; spentMs += LOOK_MS) {
    if (fs.existsSync(socket)) return socket;
    await pause(LOOK_MS);
  }
  throw new Error(`${SERVER} did not listen within ${START_MS} ms`);
}

/** A server that listens at a port of its own. */
async function startPort() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  await startServer(port);
  return { port, url: `redis://127.0.0.1:${port}` };
}

function storeOver(client, codec) {
  const ours = { increment: (key) => client.incr(key), size: () => client.dbSize() };
  if (codec === undefined) {
    const get = (key) => client.get(key);
    return { ...ours, get, set: (key, value) => client.set(key, value) };
  }
  const { encode, decode } = codec;
  return {
    ...ours,
    get: async (key) => decode(await client.get(key)),
    set: (key, value) => client.set(key, encode(value)),
  };
}

module.exports = { prepareRedis, serverVersion, startPort, startServer };
