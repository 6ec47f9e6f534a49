/**
 * An app of Next.js, built, and served by two processes: one cache, and one revalidation for both.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { SharedStore } from 'shared-memory-store';
import { startWebServer } from './web-servers.js';

const NEXT = createRequire(import.meta.url).resolve('next/dist/bin/next');
const NAME = `next-${process.pid}`;
const env = { ...process.env, SHARED_MEMORY_STORE_NEXT_NAME: NAME, NEXT_TELEMETRY_DISABLED: '1' };

const servers = [];

before(async () => {
  const built = spawnSync(process.execPath, [NEXT, 'build'], { env, encoding: 'utf8' });
  assert.equal(built.status, 0, built.stdout + built.stderr);
  servers.push(await serve(), await serve());
});
after(async () => {
  for (const { server } of servers) {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
  SharedStore.remove(NAME);
});

/** A server, which answers. */
async function serve() {
  const { server, ask } = await startWebServer(
    (port) => [NEXT, 'start', '-p', port],
    () => env,
    '/',
  );
  const drawn = async (path) => {
    // React puts comments between pieces of text.
    const text = (await (await ask(path)).text()).replaceAll('<!-- -->', '');
    const found = /drawn:([\d.e-]+);/.exec(text);
    assert.notEqual(found, null);
    return found[1];
  };
  return { server, ask, drawn };
}

for (const [path, tag] of [
  ['/use-cache', 'value'],
  ['/page-of-build', 'page'],
]) {
  test(`${path}: both servers have one, and lose it when one revalidates`, async () => {
    const [one, other] = servers;
    const first = await one.drawn(path);
    assert.equal(await other.drawn(path), first);
    assert.equal(await one.drawn(path), first);
    await one.ask(`/revalidate?tag=${tag}`);
    const second = await other.drawn(path);
    assert.notEqual(second, first);
    assert.equal(await one.drawn(path), second);
    await other.ask(`/revalidate?tag=${tag}`);
    const third = await other.drawn(path);
    assert.notEqual(third, second);
    assert.equal(await one.drawn(path), third);
  });
}
