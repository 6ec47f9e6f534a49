/**
 * A bounded cache of rendered pages: each is made once, renewed while it is served stale, and made
 * anew when what it shows has changed.
 *
 *     node docs/examples/page-cache.js
 */

const assert = require('node:assert/strict');
const MemoryStore = require('shared-memory-store');

const pages = new MemoryStore({ maxSize: 10_000, sizeOf: (html) => html.length });
let rendered = 0;

async function render(id) {
  rendered += 1;
  await new Promise((resolve) => setImmediate(resolve));
  return `<h1>Page ${id}</h1>${'x'.repeat(480)}`;
}

/** The page, from the cache or rendered; an error page is kept for a second only. */
function page(id) {
  return pages.getOrSet(`page:${id}`, () => render(id), {
    ttl: (html) => (html.startsWith('<h1>') ? 60_000 : 1000),
    staleMs: 600_000,
    // What the page shows: prices are on every one.
    tags: [`product:${id}`, 'prices'],
  });
}

async function main() {
  const evicted = [];
  pages.on('evict', (key) => evicted.push(key));

  // A hundred requests at once for a page that is not there: one rendering.
  await Promise.all(Array.from({ length: 100 }, () => page('home')));
  assert.equal(rendered, 1);

  // A robot asks for every page once. What is asked for again and again stays.
  for (let id = 0; id < 200; id += 1) {
    await page(id);
    await page('home');
  }
  assert.equal(rendered, 201);
  assert.ok(!evicted.includes('page:home'));
  const { size, hitRatio } = pages.stats();
  assert.ok(size <= 10_000);

  // Prices have changed: whoever asks from now on gets a new page.
  pages.invalidateTag('prices');
  assert.equal(pages.get('page:home'), undefined);
  await page('home');
  assert.equal(rendered, 202);
  console.log(`${evicted.length} pages evicted, ${(hitRatio * 100).toFixed(0)} % hits`);
}

main();
