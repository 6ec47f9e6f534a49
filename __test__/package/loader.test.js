/**
 * The loader of the native core, where there is none: on an unknown platform, in a package that
 * lacks its file, and with a file that is no addon.
 *
 * Each test uses a copy of the package, in a process of its own, so that nothing else is found.
 */
const assert = require('node:assert/strict');
const { cpSync, mkdirSync, mkdtempSync, readdirSync } = require('node:fs');
const { rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { REPOSITORY, runToExit } = require('../helpers/run-program');
const { SLOW } = require('../helpers/test-timeout');

const CORE = readdirSync(path.join(REPOSITORY, 'lib', 'native')).find((name) =>
  name.endsWith('.node'),
);
/** Requires the package as `platform` on `arch` would, and prints how that went. */
const PROGRAM = `
  const [platform, arch] = process.argv.slice(2);
  if (platform) Object.defineProperty(process, 'platform', { value: platform });
  if (arch) Object.defineProperty(process, 'arch', { value: arch });
  let result;
  try {
    const store = new (require('./index.js'))();
    store.set('key', 'value');
    result = { value: store.get('key') };
  } catch (error) {
    const { name, code, message } = error;
    result = { isError: error instanceof Error, name, code, message };
  }
  console.log(JSON.stringify(result));
`;

let folder;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-loader-'));
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the package without its native core; with `core`, a file of that content instead. */
function copyPackage(name, core) {
  const copy = path.join(folder, name);
  mkdirSync(path.join(copy, 'lib'), { recursive: true });
  for (const file of ['index.js', 'package.json']) {
    cpSync(path.join(REPOSITORY, file), path.join(copy, file));
  }
  const filter = (file) => !file.endsWith('.node');
  cpSync(path.join(REPOSITORY, 'lib'), path.join(copy, 'lib'), { recursive: true, filter });
  if (core !== undefined) writeFileSync(path.join(copy, 'lib', 'native', CORE), core);
  writeFileSync(path.join(copy, 'program.js'), PROGRAM);
  return copy;
}

async function load(copy, programArguments = [], nativePath = '') {
  const { stdout } = await runToExit(0, path.join(copy, 'program.js'), programArguments, {
    cwd: copy,
    env: { SHARED_MEMORY_STORE_NATIVE_PATH: nativePath },
  });
  return JSON.parse(stdout);
}

for (const [platform, arch] of [
  ['sunos', 'x64'],
  ['linux', 'ppc64'],
]) {
  test(`an_unsupported_platform_is_named: ${platform}-${arch}`, SLOW, async () => {
    const result = await load(copyPackage(`${platform}-${arch}`), [platform, arch]);
    assert.equal(result.code, 'ERR_UNSUPPORTED_PLATFORM');
    assert.equal(result.name, 'StoreError');
    assert.equal(result.isError, true);
    assert.match(result.message, new RegExp(`${platform}-${arch}`));
    assert.match(result.message, /linux-x64/, 'it says what is supported');
    assert.match(result.message, /tried/i);
    assert.match(result.message, /build/, 'it says what to do');
  });
}

test('a_missing_core_is_told_with_what_was_tried_and_what_to_do', SLOW, async () => {
  const result = await load(copyPackage('missing'));
  assert.equal(result.code, 'ERR_NATIVE_LOAD');
  assert.equal(result.name, 'StoreError');
  assert.ok(
    result.message.includes(path.join('lib', 'native', 'shared-memory-store.')),
    result.message,
  );
  const packageName = CORE.replace('shared-memory-store.', 'shared-memory-store-').slice(0, -5);
  assert.ok(result.message.includes(packageName), result.message);
  assert.match(result.message, /npm run build/);
});

for (const [what, content] of [
  ['an empty file', ''],
  ['text', 'module.exports = {};'],
  ['a truncated addon', '\x7fELF\x02\x01\x01'],
]) {
  test(`a_corrupt_core_is_an_error_with_its_path: ${what}`, SLOW, async () => {
    const result = await load(copyPackage(`corrupt-${what}`, content));
    assert.equal(result.code, 'ERR_NATIVE_LOAD');
    assert.ok(result.message.includes(CORE), result.message);
    assert.match(result.message, /npm run build/);
  });
}

test('the_environment_names_the_file_of_the_core', SLOW, async () => {
  const core = path.join(REPOSITORY, 'lib', 'native', CORE);
  const result = await load(copyPackage('chosen'), [], core);
  assert.deepEqual(result, { value: 'value' });
});

test('a_chosen_core_that_does_not_load_is_an_error_with_its_path', SLOW, async () => {
  const chosen = path.join(folder, 'no-such-core.node');
  const result = await load(copyPackage('chosen-missing'), [], chosen);
  assert.equal(result.code, 'ERR_NATIVE_LOAD');
  assert.ok(result.message.includes(chosen), result.message);
});

test('a_core_of_another_contract_is_an_error_with_its_path', SLOW, async () => {
  const chosen = path.join(folder, 'other-core.js');
  const core = JSON.stringify(path.join(REPOSITORY, 'lib', 'native', CORE));
  writeFileSync(chosen, `module.exports = { ...require(${core}), contractVersion: 1 };`);
  const result = await load(copyPackage('chosen-other'), [], chosen);
  assert.equal(result.code, 'ERR_NATIVE_LOAD');
  assert.ok(result.message.includes(`${chosen}: it belongs to another version`), result.message);
  assert.match(result.message, /npm run build/);
});

test('a_core_beside_the_loader_is_found', SLOW, async () => {
  const copy = copyPackage('beside');
  cpSync(path.join(REPOSITORY, 'lib', 'native', CORE), path.join(copy, 'lib', 'native', CORE));
  assert.deepEqual(await load(copy), { value: 'value' });
});
