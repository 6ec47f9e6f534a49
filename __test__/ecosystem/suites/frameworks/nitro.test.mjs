/**
 * Nitro with a storage that its configuration names: built, and served by two processes.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SharedStore } from 'shared-memory-store';
import { startWebServer } from './web-servers.js';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const APP = path.join(HERE, 'nitro');
const NITRO = path.join(HERE, 'node_modules', 'nitropack', 'dist', 'cli', 'index.mjs');
const NAME = `nitro-${process.pid}`;

/** A server of the app, which answers. */
async function serve() {
  const file = path.join(APP, '.output', 'server', 'index.mjs');
  const env = (port) => ({ ...process.env, PORT: port, HOST: '127.0.0.1' });
  const { server, ask } = await startWebServer(() => [file], env, '/value?key=none');
  return { server, ask: async (query) => (await ask(`/value?${query}`)).json() };
}

test('what one server has stored, another has; its own bundle has the addon', async () => {
  const built = spawnSync(process.execPath, [NITRO, 'build', APP], {
    env: { ...process.env, STORE_NAME: NAME },
    encoding: 'utf8',
  });
  assert.equal(built.status, 0, built.stdout + built.stderr);
  const [one, other] = [await serve(), await serve()];
  assert.deepEqual(await one.ask('key=a&value=text'), { value: 'text' });
  assert.deepEqual(await other.ask('key=a'), { value: 'text' });
  one.server.kill('SIGKILL');
  await once(one.server, 'exit');
  assert.deepEqual(await other.ask('key=a'), { value: 'text' });
  other.server.kill();
  await once(other.server, 'exit');
  assert.equal(SharedStore.remove(NAME), true);
});
