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
const { PERMISSION, REPOSITORY, runToExit } = require('../helpers/run-program');
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

async function load(copy, programArguments = [], nativePath = '', nodeFlags = []) {
  const { stdout } = await runToExit(0, path.join(copy, 'program.js'), programArguments, {
    cwd: copy,
    env: { SHARED_MEMORY_STORE_NATIVE_PATH: nativePath },
    nodeFlags,
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
  assert.match(result.message, /both of its parts are of one version/);
  assert.match(result.message, /npm run build/);
});

test('a_core_beside_the_loader_is_found', SLOW, async () => {
  const copy = copyPackage('beside');
  cpSync(path.join(REPOSITORY, 'lib', 'native', CORE), path.join(copy, 'lib', 'native', CORE));
  assert.deepEqual(await load(copy), { value: 'value' });
});

test('a_chosen_core_is_found_from_the_folder_of_the_process', SLOW, async () => {
  const copy = copyPackage('chosen-relative');
  cpSync(path.join(REPOSITORY, 'lib', 'native', CORE), path.join(copy, 'core.node'));
  assert.deepEqual(await load(copy, [], './core.node'), { value: 'value' });
});

test('a_core_beside_the_program_is_found', SLOW, async () => {
  const copy = copyPackage('beside-program');
  cpSync(path.join(REPOSITORY, 'lib', 'native', CORE), path.join(copy, CORE));
  assert.deepEqual(await load(copy), { value: 'value' });
});

test('the_package_of_the_platform_is_found', SLOW, async () => {
  const copy = copyPackage('platform-package');
  const name = CORE.replace('shared-memory-store.', 'shared-memory-store-').slice(0, -5);
  const place = path.join(copy, 'node_modules', name);
  mkdirSync(place, { recursive: true });
  cpSync(path.join(REPOSITORY, 'lib', 'native', CORE), path.join(place, CORE));
  writeFileSync(path.join(place, 'package.json'), JSON.stringify({ name, main: CORE }));
  assert.deepEqual(await load(copy), { value: 'value' });
});

/** Advice that works where the user stands, by what stands in the way. */
const IN_NODE = { skip: process.versions.bun !== undefined, ...SLOW };

for (const [what, flags, advice] of [
  ['without addons', ['--no-addons'], /start it without --no-addons/],
  ['with permissions', [PERMISSION, '--allow-fs-read=*'], /start it with --allow-addons/],
]) {
  test(`a_process_that_may_load_no_core_is_told_what_to_change: ${what}`, IN_NODE, async () => {
    const copy = copyPackage(`may-not-${what.split(' ')[0]}-${flags.length}`);
    cpSync(path.join(REPOSITORY, 'lib', 'native', CORE), path.join(copy, 'lib', 'native', CORE));
    const result = await load(copy, [], '', flags);
    assert.equal(result.code, 'ERR_NATIVE_LOAD');
    assert.match(result.message, advice);
    assert.doesNotMatch(result.message, /npm run build/);
  });
}

test('what_loaders_say_leads_to_advice', () => {
  const { adviceFor } = require('../../lib/native/advice.js');
  const missing = Object.assign(new Error("Cannot find module 'x'"), { code: 'MODULE_NOT_FOUND' });
  for (const [text, advice] of [
    ["/lib/libc.so.6: version `GLIBC_2.34' not found (required by x.node)", /another C library/],
    ['libc.musl-x86_64.so.1: cannot open shared object file', /another C library/],
    ['Error loading shared library ld-linux-x86-64.so.2: No such file', /another C library/],
    ['Requires ffi access to "/x.node", run again with the --allow-ffi flag', /--allow-ffi/],
    ['No such built-in module: ./x.node', /beside it/],
    ['/x.node: file too short', /damaged/],
    ['/x.node: invalid ELF header', /damaged/],
  ]) {
    assert.match(adviceFor([missing, new Error(text), missing]), advice, text);
  }
  assert.match(adviceFor([missing]), /without --omit=optional/);
});
