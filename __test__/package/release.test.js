/**
 * The packages of a release: the main one finds its core in that of the platform, and none is left
 * out without a word.
 */
const assert = require('node:assert/strict');
const { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } = require('node:fs');
const { writeFileSync, readdirSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { SUFFIXES, fileOf } = require('../../lib/native/cores');
const { release } = require('../../packaging/release');
const { REPOSITORY, runToExit } = require('../helpers/run-program');
const { SLOW } = require('../helpers/test-timeout');

const NATIVE = path.join(REPOSITORY, 'lib', 'native');
const CORE = readdirSync(NATIVE).find((name) => name.endsWith('.node'));
const PLATFORM = CORE.replace('shared-memory-store.', 'shared-memory-store-').slice(0, -5);

let folder;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-release-'));
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('a_release_without_the_core_of_a_platform_is_refused', () => {
  const into = path.join(folder, 'refused');
  assert.throws(() => release(NATIVE, { into }), /got none for .*darwin-arm64/);
});

test('a_release_with_a_core_that_needs_a_newer_system_is_refused', () => {
  const cores = path.join(folder, 'cores');
  mkdirSync(cores);
  const head = Buffer.alloc(64);
  for (const suffix of Object.values(SUFFIXES).flat()) {
    head.writeUInt16LE(suffix.includes('arm64') ? 183 : 62, 18);
    const needed = suffix.includes('musl') ? '' : 'GLIBC_2.17';
    writeFileSync(path.join(cores, fileOf(suffix)), Buffer.concat([head, Buffer.from(needed)]));
  }
  writeFileSync(path.join(cores, fileOf('linux-x64-gnu')), `${'>'.padStart(19)}\0GLIBC_2.34`);
  const into = path.join(folder, 'refused');
  assert.throws(() => release(cores, { into }), /linux-x64-gnu: it needs glibc 2\.34/);
});

test('the_main_package_finds_its_core_in_that_of_the_platform', SLOW, async () => {
  const made = release(NATIVE, { some: true, into: path.join(folder, 'made') });
  assert.deepEqual(
    made.map((place) => path.basename(place)),
    [PLATFORM, 'shared-memory-store'],
  );
  const modules = path.join(folder, 'project', 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const place of made) renameSync(place, path.join(modules, path.basename(place)));
  const [platform, main] = made.map((place) => {
    return JSON.parse(
      readFileSync(path.join(modules, path.basename(place), 'package.json'), 'utf8'),
    );
  });
  assert.deepEqual(main.optionalDependencies, { [PLATFORM]: main.version });
  assert.deepEqual([platform.version, platform.os], [main.version, [process.platform]]);
  const inMain = readdirSync(path.join(modules, 'shared-memory-store', 'lib', 'native'));
  assert.deepEqual(
    inMain.filter((name) => name.endsWith('.node')),
    [],
  );
  const program = path.join(folder, 'project', 'program.js');
  writeFileSync(
    program,
    `const store = new (require('shared-memory-store'))();
     store.set('key', 'value');
     console.log(store.get('key'));`,
  );
  const { stdout } = await runToExit(0, program, [], { cwd: path.dirname(program) });
  assert.equal(stdout, 'value\n');
});
