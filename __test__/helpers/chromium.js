/**
 * A page in Chromium, without a window: what it shows, and what it does when it is used.
 *
 * Must not know a page. It talks to the browser by a pipe, so nothing listens on a port. Invariant:
 * the browser and its profile are gone when `withPage` ends.
 */
const { spawn } = require('node:child_process');
const { existsSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { waitUntil } = require('./wait-until.js');

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
/** Why it cannot run, where it cannot. */
const missing = CHROMIUM === undefined ? 'Chromium is not installed: apt install chromium' : false;

/**
 * Runs `body({ evaluate, until, group })` with a page of the address; `group` is that of all
 * processes of the browser, which takes `more` flags.
 */
async function withPage(address, body, more = []) {
  const profile = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-browser-'));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe'];
  const child = spawn(CHROMIUM, [...flags, ...more, `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const gone = new Promise((resolve) => child.on('exit', resolve));
  try {
    const send = protocolOf(child);
    const { targetId } = await send('Target.createTarget', { url: address });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const evaluate = async (expression) => {
      const how = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await send('Runtime.evaluate', how, sessionId);
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description);
      return result.value;
    };
    // A page that is still loading has nobody to ask.
    const until = (expression) =>
      waitUntil(() => evaluate(expression).catch(() => false), expression);
    await body({ evaluate, until, group: child.pid });
  } finally {
    // With all the processes that it has started, some of which write to the profile to the end.
    process.kill(-child.pid, 'SIGKILL');
    await gone;
    await waitUntil(() => isRemoved(profile), 'its profile can be removed');
  }
}

/** @param {string} folder */
function isRemoved(folder) {
  try {
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

/** Sends commands of the DevTools protocol by the pipes of a browser. */
function protocolOf(child) {
  const [, , , input, output] = child.stdio;
  const waiting = new Map();
  let [count, text] = [0, ''];
  output.setEncoding('utf8');
  output.on('data', (chunk) => {
    const parts = (text + chunk).split('\0');
    text = parts.pop();
    for (const part of parts) {
      const { id, result, error } = JSON.parse(part);
      const { resolve, reject } = waiting.get(id) ?? {};
      waiting.delete(id);
      if (error !== undefined) reject?.(new Error(error.message));
      else resolve?.(result);
    }
  });
  return (method, params = {}, sessionId = undefined) => {
    count += 1;
    const id = count;
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  };
}

module.exports = { missing, withPage };
