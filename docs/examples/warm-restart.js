/**
 * A service that starts warm: it writes its cache when it ends, the next one begins with it.
 *
 *     node docs/examples/warm-restart.js
 *
 * It runs itself three times: cold, warm, and with a file that was damaged.
 */

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { mkdtempSync, rmSync, truncateSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const MemoryStore = require('shared-memory-store');

const PAGES = 200;
const [, , file] = process.argv;

/** Begins with what the service before knew; without a good file, it begins empty. */
async function warm(cache) {
  try {
    const { entries, expired } = await cache.restore(file);
    return `${entries} pages restored, ${expired} expired`;
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ERR_CORRUPTED') throw error;
    return `a cold start (${error.code})`;
  }
}

async function serve() {
  const cache = new MemoryStore({ maxEntries: 10_000 });
  const start = await warm(cache);
  let rendered = 0;
  const render = (id) => {
    rendered += 1;
    return { id, html: `<h1>Page ${id}</h1>` };
  };
  for (let id = 0; id < PAGES; id += 1) {
    await cache.getOrSet(`page:${id}`, () => render(id), { ttl: 3_600_000 });
  }
  // A service does this when it is told to end: process.once('SIGTERM', …).
  await cache.snapshot(file, { signal: AbortSignal.timeout(60_000) });
  cache.close();
  console.log(`${start}; ${rendered} pages rendered`);
}

function main() {
  const folder = mkdtempSync(path.join(tmpdir(), 'warm-restart-'));
  const cacheFile = path.join(folder, 'cache.snapshot');
  const run = () => execFileSync(process.execPath, [__filename, cacheFile], { encoding: 'utf8' });
  try {
    const [cold, restarted] = [run(), run()];
    assert.match(cold, /cold start \(ENOENT\); 200 pages rendered/);
    assert.match(restarted, /200 pages restored, 0 expired; 0 pages rendered/);
    truncateSync(cacheFile, 1000);
    const damaged = run();
    assert.match(damaged, /cold start \(ERR_CORRUPTED\); 200 pages rendered/);
    process.stdout.write(cold + restarted + damaged);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (file === undefined) main();
else serve();
