/**
 * Names and folders of stores: which file is whose.
 *
 * Must not know what is in a file. Invariant tested: one name in one folder is one store, however
 * the folder is named; two names are never one.
 */
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { describe, test } = require('node:test');
const { NodeShareCache, SharedStore, ShmCache } = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { runUnrelated } = require('../helpers/processes.js');
const { freshName } = require('../helpers/shared-names.js');
const { filesIn, withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const FILE_NAME = /^[\w-]{1,40}-[0-9a-f]{32}\.v\d+\.store$/;
const ODD_NAMES = [
  ...['.', '..', '../up', '/', '/etc/passwd', '\\', 'C:', 'con', '~', '-rf', ' ', '\t', '\n'],
  ...['a', 'A', '\u00e4', 'a\u0308', '\u4e2d\u6587', '\ud83d\ude00', '\0', 'a\0', 'a\0b', '*', '?'],
  ...[
    '\ud800',
    '\udc00',
    '\ud801',
    '\ufffd',
    'a\ud800',
    '\ufeff',
    '%00',
    '$HOME',
    '`id`',
    '"',
    "'",
  ],
  ...['a.v1.store', 'x'.repeat(255), '\u4e2d'.repeat(255), `${'x'.repeat(254)}y`, 'undefined'],
];

const openIn = (folder, name, options) =>
  new SharedStore({ name, scope: 'processes', path: folder, maxBytes: 2 ** 18, ...options });

test('names_with_any_character_are_stores_of_their_own', SLOW, () =>
  withFolder(async (folder) => {
    for (const name of ODD_NAMES) {
      const store = openIn(folder, name);
      assert.equal(store.get('name'), undefined, JSON.stringify(name));
      store.set('name', name);
      store.close();
    }
    const files = fs.readdirSync(folder);
    assert.equal(files.length, ODD_NAMES.length);
    for (const file of files) assert.match(file, FILE_NAME);
    for (const name of ODD_NAMES) {
      const store = openIn(folder, name);
      assert.equal(store.get('name'), name);
      store.destroy();
    }
    assert.deepEqual(fs.readdirSync(folder), []);
  }),
);

test('a_name_is_the_same_store_in_another_program', SLOW, () =>
  withFolder(async (folder) => {
    for (const name of ['../up', '\ud800', '\ufffd', 'a\0b', '\u4e2d'.repeat(255)]) {
      const store = openIn(folder, name);
      store.set('key', name);
      const place = { name, scope: 'processes', path: folder };
      assert.equal(await runUnrelated('process.look', { place }), name);
      store.close();
    }
  }),
);

test('a_folder_is_the_same_however_it_is_named', () =>
  withFolder((folder) => {
    const link = `${folder}/link`;
    fs.mkdirSync(`${folder}/real`);
    fs.symlinkSync('real', link);
    const ways = [
      `${folder}/real`,
      `${folder}/real/`,
      `${folder}/./real/../real`,
      path.relative(process.cwd(), `${folder}/real`),
      link,
    ];
    const stores = ways.map((way) => openIn(way, 'name'));
    for (const [index, store] of stores.entries()) store.set('key', index);
    for (const store of stores) assert.equal(store.get('key'), ways.length - 1);
    // They are one owner of a lock, so none waits for another.
    for (const store of stores) assert.equal(store.lock('key', 0), true);
    assert.equal(stores[0].stats().participants, 1);
    for (const store of stores) store.close();
  }));

test('two_folders_are_two_stores', () =>
  withFolder((folder) => {
    const [one, other] = ['one', 'other'].map((it) => openIn(`${folder}/${it}`, 'name'));
    one.set('key', 1);
    assert.equal(other.get('key'), undefined);
    one.close();
    other.close();
  }));

test('a_folder_and_a_file_that_are_made_are_closed_to_others', () =>
  withFolder((folder) => {
    const made = `${folder}/made`;
    const before = process.umask(0);
    try {
      openIn(made, 'name').close();
    } finally {
      process.umask(before);
    }
    assert.equal(fs.statSync(made).mode & 0o777, 0o700);
    const [file] = filesIn(made);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  }));

test('the_default_folder_is_closed_to_others', () => {
  const store = new SharedStore({ name: freshName('folder'), scope: 'processes' });
  store.destroy();
  const parent = process.platform === 'linux' ? '/dev/shm' : fs.realpathSync(os.tmpdir());
  const stats = fs.lstatSync(`${parent}/shared-memory-store-${process.geteuid()}`);
  assert.equal(stats.isDirectory(), true);
  assert.equal(stats.mode & 0o777, 0o700);
});

test('a_folder_that_others_may_read_will_do_if_it_was_given', () =>
  withFolder((folder) => {
    fs.chmodSync(folder, 0o755);
    openIn(folder, 'name').close();
    assert.equal(fs.statSync(folder).mode & 0o777, 0o755);
  }));

test('a_cache_and_a_store_of_one_name_are_one', () =>
  withFolder((folder) => {
    const cache = new NodeShareCache('name', 2 ** 20, false, { path: folder });
    const other = new ShmCache({ name: 'name', path: folder });
    const store = new SharedStore({ name: 'name', scope: 'processes', path: folder });
    cache.set('key', { by: 'cache' }, HOUR_MS);
    assert.deepEqual(store.get('key'), { by: 'cache' });
    assert.deepEqual(other.get('key'), { by: 'cache' });
    assert.equal(filesIn(folder).length, 1);
    for (const one of [cache, other, store]) one.close();
  }));

test('a_file_of_another_layout_is_left_alone', () =>
  withFolder((folder) => {
    openIn(folder, 'name').close();
    const [file] = filesIn(folder);
    const foreign = file.replace(/\.v\d+\.store$/, '.v999.store');
    assert.notEqual(foreign, file);
    fs.writeFileSync(foreign, 'of another version', { mode: 0o644 });
    const store = openIn(folder, 'name');
    store.set('key', 1);
    store.destroy();
    assert.deepEqual(filesIn(folder), [foreign]);
    assert.equal(fs.readFileSync(foreign, 'utf8'), 'of another version');
  }));

test('files_that_are_no_stores_are_left_alone', () =>
  withFolder((folder) => {
    for (const name of ['name', 'name.store', '.hidden', 'name-0.v1.store']) {
      fs.writeFileSync(path.join(folder, name), name);
    }
    const before = fs.readdirSync(folder).sort();
    openIn(folder, 'name').destroy();
    assert.deepEqual(fs.readdirSync(folder).sort(), before);
  }));

describe('option path is refused', () => {
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const value = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
  const scope = 'processes';
  for (const [what, options, error] of [
    ['a number', { scope, path: 5 }, type],
    ['null', { scope, path: null }, type],
    ['a URL', { scope, path: new URL('file:///tmp') }, type],
    ['the empty string', { scope, path: '' }, value],
    ['NUL', { scope, path: '/tmp/a\0b' }, value],
    ['with scope threads', { scope: 'threads', path: '/tmp' }, value],
    ['without a scope', { path: '/tmp' }, value],
  ]) {
    test(what, () => {
      const name = freshName('path');
      assert.throws(() => new SharedStore({ name, ...options }), error);
    });
  }
});

describe('other options of another opener are refused', () => {
  const first = { maxBytes: 2 ** 20, maxEntries: 10, whenFull: 'evict' };
  const error = { name: 'StoreError', code: 'ERR_STORE_MISMATCH' };
  for (const isOpen of [true, false]) {
    for (const other of [{ maxBytes: 2 ** 21 }, { maxEntries: 11 }, { whenFull: 'error' }]) {
      test(`${JSON.stringify(other)}, ${isOpen ? 'open' : 'closed'}`, () =>
        withFolder((folder) => {
          const store = openIn(folder, 'name', first);
          store.set('key', 1);
          if (!isOpen) store.close();
          assert.throws(() => openIn(folder, 'name', { ...first, ...other }), error);
          const again = openIn(folder, 'name', first);
          assert.equal(again.get('key'), 1);
          again.close();
          store.close();
        }));
    }
  }

  test('a cache of a store that does not evict', () =>
    withFolder((folder) => {
      const store = openIn(folder, 'name');
      assert.throws(() => new NodeShareCache('name', 1, false, { path: folder }), error);
      assert.throws(() => new ShmCache({ name: 'name', path: folder }), error);
      store.close();
    }));
});
