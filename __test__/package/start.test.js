/**
 * What a program loads at its start, from the package as people install it.
 *
 * Must not know how long it takes: the files and the parts of Node are what the time goes to.
 */
const assert = require('node:assert/strict');
const { mkdtempSync, readFileSync, readdirSync, rmSync, unlinkSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { stage } = require('../../packaging/stage');
const { IS_BUN, REPOSITORY, runToExit } = require('../helpers/run-program');
const { SLOW } = require('../helpers/test-timeout');

const PROGRAM = path.join(REPOSITORY, '__test__', 'programs', 'start.js');
/** Parts of Node that take as long to load as all of a store. */
const HEAVY = [
  'cluster',
  'crypto',
  'fs/promises',
  'http',
  'net',
  'readline',
  'stream',
  'timers/promises',
  'v8',
  'worker_threads',
  'zlib',
];

let folder;
let made;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-start-'));
  made = stage(path.join(folder, 'package'));
}, SLOW);

after(() => rmSync(folder, { recursive: true, force: true }));

/** What the program loaded of the package in a folder, and of Node. */
async function start(from, what) {
  const { stdout } = await runToExit(0, PROGRAM, [from, what]);
  const { files, builtins, printed } = JSON.parse(stdout);
  const names = files.map((file) => path.relative(from, file).replaceAll('\\', '/'));
  return { files: names.filter((name) => name.endsWith('.js')), builtins, printed };
}

test('a_store_of_one_thread_starts_with_two_files', SLOW, async () => {
  const { files } = await start(made, 'local');
  assert.deepEqual(files.sort(), ['index.js', 'lib/made/start.js']);
});

for (const [what, from] of [
  ['the package', () => made],
  ['the checkout', () => REPOSITORY],
]) {
  test(`a_store_of_one_thread_starts_without_heavy_parts_of_node: ${what}`, SLOW, async () => {
    const { builtins, files } = await start(from(), 'local');
    // Bun has no list of what it has loaded of itself.
    assert.ok(IS_BUN || builtins.includes('diagnostics_channel'), 'it is that list');
    assert.deepEqual(
      builtins.filter((name) => HEAVY.includes(name)),
      [],
    );
    const others = files.filter((name) =>
      /snapshot\/|shared\/backend|loads\/loader|shared-options|keyshare|failures|advice/.test(name),
    );
    assert.deepEqual(others, []);
  });
}

test('a_shared_store_starts_with_one_file_more', SLOW, async () => {
  const { files } = await start(made, 'shared');
  assert.deepEqual(files.sort(), ['index.js', 'lib/made/shared.js', 'lib/made/start.js']);
});

test('a_fleet_store_starts_with_three_files_more', SLOW, async () => {
  const { files } = await start(made, 'fleet');
  const own = ['lib/fleet/fleet-store.js', 'lib/made/fleet.js', 'lib/made/shared.js'];
  assert.deepEqual(files.filter((name) => !/^lib\/made\/start|^index/.test(name)).sort(), own);
});

test('code_of_the_package_has_a_byte_a_character_and_no_comments', SLOW, () => {
  const names = readdirSync(path.join(made, 'lib'), { recursive: true });
  const code = ['index.js', ...names.map((name) => path.join('lib', name))].filter((name) => {
    return /\.c?js$/.test(name);
  });
  assert.ok(code.length > 30, `${code.length} files`);
  for (const name of code) {
    const text = readFileSync(path.join(made, name), 'latin1');
    assert.doesNotMatch(text, /[^\0-\x7f]/, `${name} has letters of two bytes`);
    // Those that `stage` made of many have three of its own.
    const comments = text.match(/^\s*(\/\*\*|\/\/ )/gm) ?? [];
    assert.equal(comments.length, name.includes('made') ? 3 : 0, `${name} has comments`);
  }
});

test('what_is_loaded_later_is_of_the_same_package', SLOW, async () => {
  const { printed } = await start(made, 'later');
  assert.deepEqual(printed, {
    restored: 2,
    isStoreError: true,
    limit: true,
    adapter: 'KeyvAdapter',
  });
});

test('an_import_by_name_finds_every_export_of_the_package', SLOW, async () => {
  const { printed } = await start(made, 'import');
  assert.deepEqual(printed, Object.keys(require('../../index.js')).sort());
});

test('an_error_begins_at_the_line_of_its_caller', SLOW, async () => {
  const { printed } = await start(made, 'errors');
  assert.equal(printed.length, 3);
  for (const stack of printed) assert.match(stack.split('\n')[1], /programs[\\/]start\.js:\d+/);
});

test('a_start_that_failed_fails_again', SLOW, async () => {
  const broken = stage(path.join(folder, 'broken'));
  const native = path.join(broken, 'lib', 'native');
  for (const name of readdirSync(native)) {
    if (name.endsWith('.node')) unlinkSync(path.join(native, name));
  }
  const { printed } = await start(broken, 'twice');
  assert.deepEqual(printed, ['ERR_NATIVE_LOAD', 'ERR_NATIVE_LOAD']);
});
