/**
 * Every JavaScript block of the README and of `docs/` runs as it stands, and gives what it says.
 *
 * A block that cannot run says so: ```js no-run. In the others `MemoryStore` and an open `store`
 * are in scope, unless the block makes its own. A line `call(); // value` or
 * `console.log(value); // value` is checked: what is given equals the value of the comment, up to a
 * comma or colon; what only grows less (`// 5000, and less …`) is not. Stores of processes that a
 * block leaves behind, as a server would, are destroyed after it.
 */
const assert = require('node:assert/strict');
const { mkdirSync, mkdtempSync, readdirSync } = require('node:fs');
const { readFileSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { REPOSITORY, runToExit } = require('../helpers/run-program');
const { SLOW } = require('../helpers/test-timeout');

const STORE_OF_PROCESSES = /name: '([^']+)', scope: 'processes'/g;
const STATEMENT = /( *)(?!const |let |return |import |\/\/)(.+?);/;
const LITERAL = /(true|false|undefined|Infinity|-?\d+|'[^']*'|\[.*?\]|\{.*?\})/;
/** A statement that is one expression, and the literal that its comment begins with. */
const CLAIM = new RegExp(`^${STATEMENT.source} +// ${LITERAL.source}($|[:;,].*$)`, 'gm');
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

/** The block with the values in its comments checked. */
function withChecks(code) {
  return code.replaceAll(CLAIM, (line, indent, call, value, rest) => {
    if (/^,? (and )?less/.test(rest) || value.includes('…')) return line;
    const given = /^console\.log\((.*)\)$/.exec(call)?.[1] ?? call;
    return `${indent}equals(${given}, ${value}, ${JSON.stringify(line.trim())});`;
  });
}

/** A program of the block alone; a block with `import` is a module. */
function programOf(code) {
  const checked = withChecks(code);
  if (/^import\s/m.test(code)) {
    const source = `import { deepStrictEqual as equals } from 'node:assert';\n${checked}`;
    return { extension: 'mjs', source };
  }
  const source = [
    `const { deepStrictEqual: equals } = require('node:assert');`,
    `const MemoryStore = require('shared-memory-store');`,
    'const store = new MemoryStore();',
    `(async () => {\n${checked}\n})();`,
  ].join('\n');
  return { extension: 'cjs', source };
}

const docs = readdirSync(path.join(REPOSITORY, 'docs'), { recursive: true });
const pages = docs.filter((name) => name.endsWith('.md')).map((name) => path.join('docs', name));
const blocks = ['README.md', ...pages.sort()].flatMap(blocksOf);
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

test('what_a_comment_says_is_checked', () => {
  const claim = (line) => withChecks(line).includes('equals');
  assert.ok(claim("store.get('a'); // { a: [1] }, the same object"));
  assert.ok(claim('console.log(store.size()); // 1'));
  assert.ok(!claim("store.ttl('a'); // 5000, and less as time passes"));
  assert.ok(!claim("store.set('a', 1); // in milliseconds"));
  assert.ok(!claim("const one = store.get('a'); // 1"));
});

for (const [index, { name, code }] of blocks.entries()) {
  test(`documentation_block_runs: ${name}`, SLOW, async () => {
    const { extension, source } = programOf(code);
    const file = path.join(project, `block-${index}.${extension}`);
    writeFileSync(file, source);
    try {
      await runToExit(0, file, [], { cwd: project });
    } finally {
      for (const [, name] of code.matchAll(STORE_OF_PROCESSES)) {
        new SharedStore({ name, scope: 'processes' }).destroy();
      }
    }
  });
}
