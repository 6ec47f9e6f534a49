/**
 * Every JavaScript block of the README and of `docs/` runs as it stands.
 *
 * A block that cannot run says so: ```js no-run. In the others `MemoryStore` and an open `store`
 * are in scope, unless the block makes its own.
 */
const assert = require('node:assert/strict');
const { existsSync, mkdirSync, mkdtempSync, readdirSync } = require('node:fs');
const { readFileSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { REPOSITORY, runToExit } = require('../helpers/run-program');
const { SLOW } = require('../helpers/test-timeout');

const BLOCK = /^```(?:js|javascript|mjs)([^\n]*)\n(.*?)^```/gms;

/** @returns {{ name: string, code: string }[]} */
function blocksOf(page) {
  const text = readFileSync(path.join(REPOSITORY, page), 'utf8');
  const blocks = [];
  for (const [whole, attributes, code] of text.matchAll(BLOCK)) {
    const line = text.slice(0, text.indexOf(whole)).split('\n').length;
    if (!attributes.includes('no-run')) blocks.push({ name: `${page}:${line}`, code });
  }
  return blocks;
}

/** A program of the block alone; a block with `import` is a module as it stands. */
function programOf(code) {
  if (/^import\s/m.test(code)) return { extension: 'mjs', source: code };
  const source = [
    `const MemoryStore = require('shared-memory-store');`,
    'const store = new MemoryStore();',
    `(async () => {\n${code}\n})();`,
  ].join('\n');
  return { extension: 'cjs', source };
}

const docs = existsSync(path.join(REPOSITORY, 'docs'))
  ? readdirSync(path.join(REPOSITORY, 'docs')).filter((name) => name.endsWith('.md'))
  : [];
const pages = ['README.md', ...docs.map((name) => `docs/${name}`)];
const blocks = pages.filter((page) => existsSync(path.join(REPOSITORY, page))).flatMap(blocksOf);
/** A project in which the package is installed. */
let project;

before(() => {
  project = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-documentation-'));
  mkdirSync(path.join(project, 'node_modules'));
  const link = path.join(project, 'node_modules', 'shared-memory-store');
  symlinkSync(REPOSITORY, link, 'junction');
});

after(() => rmSync(project, { recursive: true, force: true }));

test('the_readme_has_blocks_that_run', () => {
  assert.ok(blocks.some(({ name }) => name.startsWith('README.md')));
});

for (const [index, { name, code }] of blocks.entries()) {
  test(`documentation_block_runs: ${name}`, SLOW, async () => {
    const { extension, source } = programOf(code);
    const file = path.join(project, `block-${index}.${extension}`);
    writeFileSync(file, source);
    await runToExit(0, file, [], { cwd: project });
  });
}
