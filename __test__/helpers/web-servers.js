/**
 * Web servers in processes of their own, each at a port that was free.
 *
 * Must not know what they serve, nor the package: it is copied beside the suites of its users.
 */
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { createServer } = require('node:net');
const { setTimeout: delay } = require('node:timers/promises');

const PAUSE_MS = 20;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * A program of this Node that serves, when it answers: its process, and how to ask it for a path.
 *
 * @param {(port: string) => string[]} words
 * @param {(port: string) => NodeJS.ProcessEnv} env
 * @param {string} path that it answers as soon as it serves, with whatever status
 */
async function startWebServer(words, env, path) {
  const port = String(await freePort());
  const server = spawn(process.execPath, words(port), {
    env: env(port),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ask = (wanted) => fetch(`http://127.0.0.1:${port}${wanted}`);
  for (;;) {
    assert.equal(server.exitCode, null, 'it runs');
    if (await answers(ask(path))) return { server, ask };
    await delay(PAUSE_MS);
  }
}

/** Whether an answer came whole. */
function answers(asked) {
  return asked
    .then((response) => response.arrayBuffer())
    .then(
      () => true,
      () => false,
    );
}

module.exports = { freePort, startWebServer };
