/**
 * What may lie where a store's file belongs, or its folder: of others, broken, or no file at all.
 *
 * Must not know a file's layout. Invariant tested: what is not a sound store of this user alone is
 * refused with a code of its own, and left as it was.
 */
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { NodeShareCache, SharedStore } = require('../../index.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { runProgram } = require('../helpers/run-program.js');
const { filesIn, withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const forbidden = { name: 'StoreError', code: 'ERR_STORE_FORBIDDEN' };
const unavailable = { name: 'StoreError', code: 'ERR_STORE_UNAVAILABLE' };
const corrupted = { name: 'StoreError', code: 'ERR_CORRUPTED' };
const ROOT = process.geteuid() === 0;
const NEEDS_ROOT = ROOT ? false : 'only root can give a file to another user';
const SOMEBODY = 12_345;

const place = (folder) => ({ name: 'name', scope: 'processes', path: folder });
const open = (folder) => new SharedStore({ ...place(folder), maxBytes: 2 ** 20 });

/** Runs `body(file, folder)` where a store of one entry was closed, in a file. */
const withFile = (body) =>
  withFolder((folder) => {
    const store = open(folder);
    store.set('key', { of: 'the store' });
    store.close();
    const [file] = filesIn(folder);
    return body(file, folder);
  });

/** Puts something in place of the file; how it looks then. */
const replaced = (file, make) => {
  fs.rmSync(file);
  make(file);
  const { mode, uid, size } = fs.lstatSync(file);
  return { mode, uid, size };
};

describe('where the file belongs, there is refused', () => {
  for (const [what, make, error, skip = false] of [
    ['a file that others may read', (file) => fs.writeFileSync(file, 'x', { mode: 0o644 })],
    ['a file that a group may write', (file) => fs.writeFileSync(file, 'x', { mode: 0o620 })],
    ['a folder', (file) => fs.mkdirSync(file)],
    ['a pipe', (file) => execFileSync('mkfifo', ['-m', '600', file])],
    ['a link to a file', (file) => link(file, (to) => fs.writeFileSync(to, 'x'))],
    ['a link to a store', (file) => link(file, (to) => open(path.dirname(to)).close())],
    ['a link to nothing', (file) => fs.symlinkSync('nothing', file)],
    ['a file of somebody else', give, forbidden, NEEDS_ROOT],
    ['an empty file', (file) => fs.writeFileSync(file, '', { mode: 0o600 }), corrupted],
    ['a byte', (file) => fs.writeFileSync(file, 'x', { mode: 0o600 }), corrupted],
    ['a megabyte of text', (file) => fill(file, 2 ** 20, 'text'), corrupted],
    ['four megabytes of ones', (file) => fill(file, 2 ** 22, 255), corrupted],
  ]) {
    test(what, { skip }, () =>
      withFile((file, folder) => {
        // A file mode is not cut here.
        const before = process.umask(0);
        const was = replaced(file, make);
        process.umask(before);
        for (let time = 0; time < 2; time += 1) {
          assert.throws(() => open(folder), error ?? forbidden);
          assert.throws(() => new NodeShareCache('name', 1, true, { path: folder }));
        }
        const { mode, uid, size } = fs.lstatSync(file);
        assert.deepEqual({ mode, uid, size }, was);
      }),
    );
  }
});

test('a_file_of_zeroes_is_taken_for_none', () =>
  withFile((file, folder) => {
    // A machine that went down may leave one.
    replaced(file, () => fill(file, 2 ** 20, 0));
    const store = open(folder);
    assert.equal(store.size(), 0);
    store.set('key', 1);
    store.destroy();
    assert.deepEqual(filesIn(folder), []);
  }));

/** A link to what `make` makes in another folder. */
function link(file, make) {
  const other = path.join(path.dirname(file), 'other');
  fs.mkdirSync(other, 0o700);
  const to = path.join(other, path.basename(file));
  make(to);
  fs.symlinkSync(to, file);
}

function give(file) {
  fs.writeFileSync(file, 'x', { mode: 0o600 });
  fs.chownSync(file, SOMEBODY, SOMEBODY);
}

function fill(file, bytes, what) {
  fs.writeFileSync(file, Buffer.alloc(bytes, what), { mode: 0o600 });
}

describe('where the folder belongs, there is refused', () => {
  for (const [what, make, error, code, skip = false] of [
    ['a file', (folder) => fs.writeFileSync(folder, ''), unavailable, 'ENOTDIR'],
    ['a link to a file', linkToFile, unavailable, 'ENOTDIR'],
    ['a link to nothing', (folder) => fs.symlinkSync('nothing', folder), unavailable, 'ENOENT'],
    ['a folder of somebody else', giveFolder, forbidden, `${SOMEBODY}`, NEEDS_ROOT],
    ['a folder in no folder', () => {}, unavailable, 'ENOENT'],
  ]) {
    test(what, { skip }, () =>
      withFolder((parent) => {
        const folder = path.join(parent, what.includes('in no') ? 'none/folder' : 'folder');
        make(folder);
        const before = fs.readdirSync(parent, { recursive: true });
        assert.throws(() => open(folder), error);
        assert.throws(() => open(folder), new RegExp(code));
        assert.deepEqual(fs.readdirSync(parent, { recursive: true }), before);
      }),
    );
  }

  test('a name that is too long for a file', () => {
    assert.throws(() => open(`/tmp/${'x'.repeat(300)}`), unavailable);
    assert.throws(() => open(`/tmp/${'x'.repeat(300)}`), /ENAMETOOLONG/);
  });

  const readOnly = fs.existsSync('/sys/kernel') ? false : 'there is no folder that none may write';
  test('a folder in which nobody can make one', { skip: readOnly }, () => {
    assert.throws(() => open('/sys/kernel/no-such-folder'), unavailable);
    assert.throws(() => open('/sys/kernel/no-such-folder'), /E(PERM|ACCES|ROFS)/);
  });

  test('a folder in which nobody can make a file', { skip: readOnly }, () => {
    assert.throws(() => open('/sys/kernel'), unavailable);
    assert.throws(() => open('/sys/kernel'), /E(PERM|ACCES|ROFS)/);
  });
});

function linkToFile(folder) {
  fs.writeFileSync(`${folder}-file`, '');
  fs.symlinkSync(`${folder}-file`, folder);
}

function giveFolder(folder) {
  fs.mkdirSync(folder, 0o777);
  fs.chownSync(folder, SOMEBODY, SOMEBODY);
}

describe('a file that was cut short while nobody had it open is refused', () => {
  for (const share of [0.001, 0.1, 0.5, 0.9, 0.999]) {
    test(`${share}`, () =>
      withFile((file, folder) => {
        const bytes = Math.floor(fs.statSync(file).size * share);
        fs.truncateSync(file, bytes);
        assert.throws(() => open(folder), corrupted);
        assert.equal(fs.statSync(file).size, bytes);
      }));
  }
});

describe('a_file_that_is_cut_short_while_it_is_open_ends_no_process', () => {
  for (const who of ['unaware', 'listening']) {
    test(who, SLOW, () =>
      withFolder(async (folder) => {
        for (const share of ['0', '0.01', '0.3', '0.7']) {
          const input = [JSON.stringify(place(folder)), share, who];
          const { code, signal, stdout, stderr } = await runProgram('process-cut.js', input);
          assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr);
          assert.match(stdout, /ERR_CORRUPTED|undisturbed/);
          for (const file of filesIn(folder)) fs.rmSync(file);
        }
      }),
    );
  }
});

test('a_damaged_file_ends_no_process', { timeout: 600_000 }, () =>
  withFolder(async (folder) => {
    const draw = randomFrom(printedSeed('processes-files'));
    for (let round = 0; round < 12; round += 1) {
      const store = open(folder);
      for (let key = 0; key < 400; key += 1) store.set(`key-${key}`, { key, pad: 'x'.repeat(key) });
      store.close();
      const [file] = filesIn(folder);
      damage(file, draw);
      const { code, signal, stdout, stderr } = await runProgram('process-damaged.js', [
        JSON.stringify(place(folder)),
      ]);
      assert.deepEqual({ code, signal }, { code: 0, signal: null }, `${stderr}, round ${round}`);
      const codes = stdout.trim().split(' ').filter(Boolean);
      assert.deepEqual(
        codes.filter((it) => !it.startsWith('ERR_')),
        [],
        `round ${round}`,
      );
      for (const one of filesIn(folder)) fs.rmSync(one);
    }
  }),
);

for (const [what, text] of [
  ['no JSON', '[["ke{'],
  ['JSON of something else', '{"a": 1234}'],
]) {
  test(`damaged_structures_keep_nobody_from_what_needs_none, ${what}`, () =>
    withFolder((folder) => {
      const store = open(folder);
      store.set('record', { first: 1, second: 'two' });
      store.set('text', 'text');
      store.close();
      const [file] = filesIn(folder);
      const bytes = fs.readFileSync(file);
      const structures = JSON.stringify([['first', 'second']]);
      const found = bytes.indexOf(structures);
      assert.ok(found > 0, 'the structures are there');
      bytes.write(text.padEnd(structures.length), found);
      fs.writeFileSync(file, bytes);
      const again = open(folder);
      assert.throws(() => again.get('record'), corrupted);
      assert.throws(
        () => again.get('record'),
        ({ message }) => !message.includes('first'),
      );
      assert.equal(again.get('text'), 'text');
      for (const value of [5, 'new', { third: 3 }, [{ fourth: [4] }], new Map([[1, 2]])]) {
        assert.equal(again.set('new', value), true);
        assert.deepEqual(again.get('new'), value);
      }
      again.close();
    }));
}

/** Writes random bytes where there are some. */
function damage(file, draw) {
  const bytes = fs.readFileSync(file);
  const used = bytes.length - trailingZeroes(bytes);
  for (let hit = 0; hit < 200; hit += 1) bytes[draw(used)] = draw(256);
  const handle = fs.openSync(file, 'r+');
  fs.writeSync(handle, bytes);
  fs.closeSync(handle);
}

function trailingZeroes(bytes) {
  let count = 0;
  while (count < bytes.length && bytes[bytes.length - 1 - count] === 0) count += 1;
  return count;
}

test('a_store_whose_file_was_removed_goes_on_and_who_comes_gets_a_new_one', () =>
  withFolder((folder) => {
    const store = open(folder);
    store.set('key', 1);
    fs.rmSync(filesIn(folder)[0]);
    assert.equal(store.get('key'), 1);
    const next = open(folder);
    assert.equal(next.get('key'), undefined);
    next.set('key', 2);
    assert.equal(store.get('key'), 1);
    // The name is not its own any more: the other keeps it.
    store.destroy();
    const third = open(folder);
    assert.equal(third.get('key'), 2);
    next.close();
    third.close();
  }));
