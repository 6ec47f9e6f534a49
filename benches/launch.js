/**
 * Starts the child processes: one script, one specification, one line of JSON back.
 *
 * A child that dies is a result too: its last words are reported and the run goes on. It must not
 * know what is measured.
 */
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** The slowest child takes minutes, unless it says so; a hang is none. */
const TIMEOUT_MS = 20 * 60_000;
const MAXIMUM_OUTPUT_BYTES = 64 * 1024 * 1024;
const HEAP_MB = 8192;
/** Where the package looks for those of others that it extends. */
const PEERS = path.join(__dirname, 'node_modules');
const BUN = path.join(__dirname, '..', 'node_modules', '.bin', 'bun');

/** Runs `script` under Node (with `gc()`) or Bun; gives its result, or `{ failure }`. */
function launch(script, specification, how = {}) {
  const { runtime = 'node', heapMb = HEAP_MB, timeoutMs = TIMEOUT_MS, isTelling = false } = how;
  const file = path.join(__dirname, script);
  const flags = ['--expose-gc', `--max-old-space-size=${heapMb}`];
  const start = runtime === 'bun' ? [BUN, []] : [process.execPath, flags];
  const child = spawnSync(start[0], [...start[1], file, JSON.stringify(specification)], {
    encoding: 'utf8',
    env: { ...process.env, NODE_PATH: PEERS },
    maxBuffer: MAXIMUM_OUTPUT_BYTES,
    timeout: timeoutMs,
    // One that tells how far it is tells it to whoever waits.
    stdio: ['ignore', 'pipe', isTelling ? 'inherit' : 'pipe'],
  });
  return lastLineOf(child.stdout) ?? { failure: lastWordsOf(child) };
}

/** Why Bun cannot be used here, or `undefined` when it can. */
function whyNoBun() {
  return fs.existsSync(BUN) ? undefined : 'node_modules/.bin/bun of the root is not installed';
}

/** The version of Bun, or `undefined`. */
function bunVersion() {
  if (whyNoBun() !== undefined) return undefined;
  return spawnSync(BUN, ['--version'], { encoding: 'utf8' }).stdout.trim();
}

function lastLineOf(stdout) {
  const line = stdout?.trimEnd().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function lastWordsOf({ error, signal, status, stderr }) {
  if (error) return error.message;
  const end = signal === null ? `exit code ${status}` : `signal ${signal}`;
  // At the start of its line: further up, Node may quote the source that threw.
  const words = stderr?.split('\n').find((line) => /^\w*Error/.test(line)) ?? stderr?.slice(-300);
  return `${end}: ${words?.trim() ?? 'its words are above'}`;
}

module.exports = { bunVersion, launch, whyNoBun };
