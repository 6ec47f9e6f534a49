/**
 * Servers for tests of fleet stores: real ones, started by a test and ended with it.
 *
 * Must not know a store. Invariant: a server ends with the process that has started it, however
 * that ends: a shell waits for the end of a pipe from it.
 */
const { spawn, spawnSync } = require('node:child_process');
const { existsSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const PATIENCE_MS = 30_000;
const ATTEMPTS = 20;
const FIRST_PORT = 20_000;
const PORTS = 12_000;
const READY = 'Ready to accept connections';

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
 */
function startServer(more = [], wanted) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const server = tryStart(wanted ?? FIRST_PORT + Math.floor(Math.random() * PORTS), more);
    if (server !== undefined) return server;
  }
  throw new Error(`${program} could not be started at any port`);
}

/** A server at this port, or `undefined` where that is taken. */
function tryStart(port, more) {
  const folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-server-'));
  const log = path.join(folder, 'log');
  const given = ['--port', `${port}`, '--save', '', '--dir', folder, '--logfile', log, ...more];
  // The shell ends the server when this process has ended, or says so.
  const script = '"$@" & server=$!; read -r line; kill -9 $server; wait $server';
  const shell = spawn('sh', ['-c', script, 'sh', program, '--bind', '127.0.0.1', ...given], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  // Not every engine has it, nor lets the pipe keep the process.
  shell.stdin.unref?.();
  const stop = () => {
    shell.stdin.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  const endMs = performance.now() + PATIENCE_MS;
  while (performance.now() < endMs) {
    const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
    if (said.includes(READY)) {
      const [, pid] = /^(\d+):/.exec(said.slice(said.lastIndexOf('\n', said.indexOf(READY)) + 1));
      return { port, url: `redis://127.0.0.1:${port}`, pid: Number(pid), folder, stop };
    }
    if (/Failed listening|Address already in use/.test(said)) break;
    Atomics.wait(sleeper, 0, 0, 5);
  }
  stop();
  return undefined;
}

/** @type {ReturnType<typeof startServer> | undefined} */
let shared;

/** One server for all tests of this process. */
function sharedServer() {
  shared ??= startServer();
  return shared;
}

process.on('exit', () => shared?.stop());

module.exports = { installed, missing, program, sharedServer, startServer };
