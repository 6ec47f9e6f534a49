/**
 * Stores that nobody opens to see them: which there are, who uses them, and away with one.
 *
 * Must not know a file's layout. Invariant tested: whatever lies in a folder is told or left out,
 * at once and unchanged, and what is removed is not found any more.
 */
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { withProcesses } = require('../helpers/processes.js');
const { freshName } = require('../helpers/shared-names.js');
const { startThread } = require('../helpers/shared-threads.js');
const { filesIn, withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const place = (folder, name = 'name') => ({ name, scope: 'processes', path: folder });
const open = (folder, name) => new SharedStore({ ...place(folder, name), maxBytes: 2 ** 20 });
const list = (folder) => SharedStore.list({ path: folder });
const pidsOf = ({ participants }) => participants.map(({ pid }) => pid).sort();

/** Everything that could change in a folder. */
const stateOf = (folder) =>
  filesIn(folder).map((file) => {
    const { size, blocks, mtimeMs, mode } = fs.lstatSync(file);
    return { file, size, blocks, mtimeMs, mode };
  });

/** A closed store of one entry; its file. */
function filled(folder, name) {
  const store = open(folder, name);
  store.set('key', { of: 'the store' });
  store.close();
  return store.file;
}

test('stores_are_listed_by_their_names_whoever_has_them_open', SLOW, () =>
  withFolder((folder) =>
    withProcesses(async (start) => {
      const before = Date.now();
      const names = ['a', '../up', '\ud800', '\u4e2d'.repeat(255), 'closed'];
      const stores = names.map((name) => open(folder, name));
      for (const store of stores) store.set('key', 'x'.repeat(100_000));
      stores.at(-1).close();
      const other = start('process.keep', { place: place(folder, 'a') });
      await other.said('open');
      const listed = new Map(list(folder).map((one) => [one.name, one]));
      assert.deepEqual([...listed.keys()].sort(), [...names].sort());
      for (const [index, name] of names.entries()) {
        const { scope, file, bytes, layout, error } = listed.get(name);
        assert.deepEqual({ scope, error }, { scope: 'processes', error: undefined });
        assert.equal(file, stores[index].file);
        assert.ok(file.endsWith(`.v${layout}.store`), file);
        assert.equal(bytes, fs.statSync(file).blocks * 512);
        assert.ok(bytes >= 100_000, `${bytes}`);
      }
      assert.deepEqual(pidsOf(listed.get('a')), [process.pid, other.child.pid].sort());
      assert.deepEqual(pidsOf(listed.get('../up')), [process.pid]);
      assert.deepEqual(pidsOf(listed.get('closed')), []);
      for (const { thread, since } of listed.get('a').participants) {
        assert.ok(Number.isInteger(thread) && thread > 0);
        assert.ok(since >= before - 1 && since <= Date.now(), `${since}`);
      }
      await other.end();
      await waitUntil(
        () => pidsOf(list(folder).find(({ name }) => name === 'a')).length === 1,
        'the dead are not listed',
      );
      for (const store of stores.slice(0, -1)) store.close();
    }),
  ),
);

test('to_list_changes_nothing_and_makes_no_folder', () =>
  withFolder((folder) => {
    filled(folder, 'one');
    fs.writeFileSync(`${folder}/notes.txt`, 'not a store');
    const before = stateOf(folder);
    assert.deepEqual(
      list(folder).map(({ name }) => name),
      ['one'],
    );
    assert.deepEqual(stateOf(folder), before);
    assert.deepEqual(list(`${folder}/none`), []);
    assert.equal(SharedStore.remove('one', { path: `${folder}/none` }), false);
    assert.equal(fs.existsSync(`${folder}/none`), false);
  }));

describe('what cannot be read is listed with the reason, at once', () => {
  for (const [what, make, code] of [
    ['an empty file', (file) => fs.writeFileSync(file, ''), 'ERR_CORRUPTED'],
    ['text', (file) => fs.writeFileSync(file, 'text'.repeat(50_000)), 'ERR_CORRUPTED'],
    ['a store cut short', (file) => fs.truncateSync(file, 5000), 'ERR_CORRUPTED'],
    ['a file for others', (file) => fs.chmodSync(file, 0o644), 'ERR_STORE_FORBIDDEN'],
    ['a link', replacedBy((file) => fs.symlinkSync('else', file)), 'ERR_STORE_FORBIDDEN'],
    ['a folder', replacedBy((file) => fs.mkdirSync(file)), 'ERR_STORE_FORBIDDEN'],
    ['a pipe', replacedBy((file) => execFileSync('mkfifo', [file])), 'ERR_STORE_FORBIDDEN'],
  ]) {
    test(what, () =>
      withFolder((folder) => {
        const file = filled(folder, 'name');
        filled(folder, 'sound');
        make(file);
        const before = stateOf(folder);
        const listed = list(folder);
        assert.deepEqual(listed.map(({ name }) => name).sort(), ['sound', undefined]);
        const { error, ...known } = listed.find(({ name }) => name === undefined);
        assert.equal(error.name, 'StoreError');
        assert.equal(error.code, code);
        assert.ok(error.message.includes(path.basename(file)), error.message);
        assert.deepEqual({ ...known, bytes: 0, layout: 0 }, { ...unnamed(file), layout: 0 });
        assert.deepEqual(stateOf(folder), before);
      }),
    );
  }
});

const unnamed = (file) => ({
  name: undefined,
  scope: 'processes',
  file,
  bytes: 0,
  participants: [],
});

function replacedBy(make) {
  return (file) => {
    fs.rmSync(file);
    make(file);
  };
}

test('a_file_of_another_version_is_listed_and_goes_with_the_name', () =>
  withFolder((folder) => {
    const file = filled(folder, 'name');
    const other = file.replace(/\.v\d+\./, '.v77.');
    fs.copyFileSync(file, other);
    const { error, layout } = list(folder).find(({ name }) => name === undefined);
    assert.deepEqual([layout, error.code], [77, 'ERR_STORE_MISMATCH']);
    assert.match(error.message, /layout 77/);
    assert.equal(SharedStore.remove('name', { path: folder }), true);
    assert.deepEqual(filesIn(folder), []);
  }));

test('stores_of_the_threads_of_this_process_are_listed', SLOW, async () => {
  const name = freshName('listed');
  const found = () => SharedStore.list().find((one) => one.name === name);
  assert.equal(found(), undefined);
  const store = new SharedStore({ name });
  store.set('key', 1);
  await startThread('hot.look', { name, keys: ['key'] }).result;
  const { scope, file, bytes, participants } = found();
  assert.deepEqual([scope, file], ['threads', undefined]);
  assert.ok(bytes > 0);
  assert.ok(participants.length >= 1);
  assert.ok(participants.every(({ pid }) => pid === process.pid));
  store.destroy();
  assert.equal(found(), undefined);
});

test('a_store_of_the_default_folder_is_listed_and_removed', () => {
  const name = freshName('listed');
  const store = new SharedStore({ name, scope: 'processes', maxBytes: 2 ** 20 });
  const isListed = () => SharedStore.list().some((one) => one.name === name);
  assert.equal(isListed(), true);
  assert.equal(SharedStore.remove(name), true);
  assert.deepEqual([isListed(), fs.existsSync(store.file)], [false, false]);
  store.close();
});

test('who_has_a_removed_store_open_goes_on_and_the_next_one_gets_a_new_one', () =>
  withFolder((folder) => {
    const store = open(folder);
    store.set('key', 'old');
    assert.equal(SharedStore.remove('name', { path: folder }), true);
    assert.equal(SharedStore.remove('name', { path: folder }), false);
    assert.equal(store.get('key'), 'old');
    const next = open(folder);
    assert.equal(next.get('key'), undefined);
    next.close();
    store.close();
  }));

describe('a damaged store is removed', () => {
  for (const [what, make] of [
    ['empty', (file) => fs.truncateSync(file, 0)],
    ['text', (file) => fs.writeFileSync(file, 'text')],
    ['open to others', (file) => fs.chmodSync(file, 0o666)],
    ['a link, and not where it leads', replacedBy((file) => fs.symlinkSync('kept', file))],
  ]) {
    test(what, () =>
      withFolder((folder) => {
        const file = filled(folder, 'name');
        fs.writeFileSync(`${folder}/kept`, '');
        make(file);
        assert.throws(() => open(folder), { name: 'StoreError' });
        assert.equal(SharedStore.remove('name', { path: folder }), true);
        assert.deepEqual(fs.readdirSync(folder), ['kept']);
        const store = open(folder);
        assert.equal(store.size(), 0);
        store.close();
      }),
    );
  }
});

test('what_is_no_file_of_this_user_is_not_removed', () =>
  withFolder((folder) => {
    const file = filled(folder, 'name');
    replacedBy((it) => fs.mkdirSync(it))(file);
    const forbidden = { name: 'StoreError', code: 'ERR_STORE_FORBIDDEN' };
    assert.throws(() => SharedStore.remove('name', { path: folder }), forbidden);
    assert.ok(fs.statSync(file).isDirectory());
  }));

test('bad_arguments_are_refused', () => {
  assert.throws(() => SharedStore.remove(), { code: 'ERR_MISSING_ARGS' });
  for (const name of [5, null, undefined, {}]) {
    if (name !== undefined) {
      assert.throws(() => SharedStore.remove(name), { code: 'ERR_INVALID_ARG_TYPE' });
    }
  }
  assert.throws(() => SharedStore.remove(''), { code: 'ERR_OUT_OF_RANGE' });
  for (const call of [SharedStore.list, (options) => SharedStore.remove('name', options)]) {
    assert.throws(() => call({ path: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => call({ path: '' }), { code: 'ERR_INVALID_ARG_VALUE' });
    assert.throws(() => call({ folder: '/' }), { code: 'ERR_UNKNOWN_OPTION' });
    assert.throws(() => call('/tmp'), { code: 'ERR_INVALID_ARG_TYPE' });
  }
});
