/**
 * Stores that the users of a group share: modes of file and folder, and who is let in.
 *
 * Must not know a file's layout. Invariant tested: members of the group share a store, nobody else
 * opens it, and a store is never shared with more people than was asked for.
 */
const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { describe, test } = require('node:test');
const { promisify } = require('node:util');
const { SharedStore } = require('../../index.js');
const { freshName } = require('../helpers/shared-names.js');
const { filesIn, withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const run = promisify(execFile);
/** Where folders lie by default. */
const PARENT = process.platform === 'linux' ? '/dev/shm' : fs.realpathSync(os.tmpdir());
const forbidden = { name: 'StoreError', code: 'ERR_STORE_FORBIDDEN' };
const modeOf = (file) => fs.statSync(file).mode & 0o777;
const place = (folder) => ({ name: 'name', scope: 'processes', path: folder, access: 'group' });
const open = (folder, options) => new SharedStore({ ...place(folder), ...options });

for (const mask of [0, 0o022, 0o077]) {
  test(`file_and_folder_are_open_to_the_group_alone, mask ${mask.toString(8)}`, () =>
    withFolder((parent) => {
      const folder = path.join(parent, 'made');
      const before = process.umask(mask);
      try {
        const store = open(folder);
        store.set('key', 1);
        const again = open(folder);
        assert.equal(again.get('key'), 1);
        for (const one of [store, again]) one.close();
      } finally {
        process.umask(before);
      }
      assert.equal(modeOf(folder), 0o770);
      assert.deepEqual(filesIn(folder).map(modeOf), [0o660]);
    }));
}

test('a_store_of_a_group_is_none_of_a_user_and_the_other_way_round', () =>
  withFolder((folder) => {
    fs.chmodSync(folder, 0o770);
    for (const [first, then] of [
      ['user', 'group'],
      ['group', 'user'],
    ]) {
      const store = open(folder, { access: first });
      const was = modeOf(store.file);
      assert.throws(() => open(folder, { access: then }), forbidden);
      assert.throws(() => open(folder, { access: then }), new RegExp(`access.*'${first}'`));
      assert.equal(modeOf(store.file), was);
      store.destroy();
    }
  }));

test('a_folder_that_the_group_cannot_write_is_refused', () =>
  withFolder((folder) => {
    assert.throws(() => open(folder), forbidden);
    assert.throws(() => open(folder), /its group may write.*mode 700/);
    assert.deepEqual(fs.readdirSync(folder), []);
  }));

test('who_finds_a_folder_that_is_made_at_this_moment_waits_until_it_is_the_groups', () =>
  withFolder((parent) => {
    const folder = path.join(parent, 'made');
    fs.mkdirSync(folder, 0o700);
    const look = fs.lstatSync;
    // Whoever makes it gives it to the group after the first look.
    fs.lstatSync = (file, ...rest) => {
      const stats = look(file, ...rest);
      if (file === folder) fs.chmodSync(folder, 0o770);
      return stats;
    };
    try {
      open(folder).destroy();
    } finally {
      fs.lstatSync = look;
    }
    assert.equal(modeOf(folder), 0o770);
  }));

test('stores_of_a_group_are_listed_and_removed', () =>
  withFolder((parent) => {
    const folder = path.join(parent, 'made');
    const where = { path: folder, access: 'group' };
    open(folder).close();
    assert.deepEqual(
      SharedStore.list(where).map(({ name, error }) => [name, error]),
      [['name', undefined]],
    );
    assert.equal(SharedStore.remove('name', where), true);
    assert.deepEqual(filesIn(folder), []);
  }));

test('the_folder_of_a_group_by_default_is_its_own', () => {
  const name = freshName('access');
  const store = new SharedStore({ name, scope: 'processes', access: 'group' });
  const folder = path.dirname(store.file);
  try {
    assert.equal(path.basename(folder), `shared-memory-store-group-${process.getegid()}`);
    assert.equal(modeOf(folder), 0o770);
    const isThere = ({ name: listed }) => listed === name;
    assert.equal(SharedStore.list({ access: 'group' }).some(isThere), true);
    assert.equal(SharedStore.list().some(isThere), false);
  } finally {
    store.destroy();
  }
});

test('access_is_for_stores_of_processes', () => {
  assert.throws(() => new SharedStore({ access: 'group' }), { code: 'ERR_INVALID_ARG_VALUE' });
  for (const access of ['world', '']) {
    const options = { scope: 'processes', access };
    assert.throws(() => new SharedStore(options), { code: 'ERR_INVALID_ARG_VALUE' });
    assert.throws(() => SharedStore.list({ access }), { code: 'ERR_INVALID_ARG_VALUE' });
  }
});

const ROOT = process.geteuid() === 0;
const GROUP = 54_321;
const [ONE, OTHER] = [12_345, 12_346];

/** What somebody else does there. */
const LOOK = `
const { SharedStore } = require(process.argv[1]);
const [place, uid, gid, groups] = process.argv.slice(2);
process.setgroups(JSON.parse(groups));
process.setgid(Number(gid));
process.setuid(Number(uid));
try {
  const store = new SharedStore(JSON.parse(place));
  store.increment('visits');
  console.log(store.get('visits'));
  store.close();
} catch (error) {
  console.log(error.code);
}`;

describe('users', { skip: ROOT ? false : 'only root can act for others' }, () => {
  /** What a user with these groups finds. */
  const as = async (folder, uid, gid, groups) => {
    const index = path.join(__dirname, '..', '..', 'index.js');
    const given = [JSON.stringify(place(folder)), `${uid}`, `${gid}`, JSON.stringify(groups)];
    const env = { ...process.env };
    delete env.NODE_TEST_CONTEXT;
    const { stdout } = await run(process.execPath, ['-e', LOOK, index, ...given], { env });
    return stdout.trim();
  };
  /** Runs `body(folder)` with a folder of the group. */
  const withGroupFolder = (body) =>
    withFolder((parent) => {
      fs.chmodSync(parent, 0o755);
      const folder = path.join(parent, 'of-a-group');
      fs.mkdirSync(folder);
      fs.chownSync(folder, 0, GROUP);
      fs.chmodSync(folder, 0o770);
      return body(folder);
    });

  test('of the group share a store, first or second to it', SLOW, () =>
    withGroupFolder(async (folder) => {
      assert.equal(await as(folder, ONE, GROUP, []), '1');
      assert.equal(await as(folder, OTHER, OTHER, [GROUP]), '2');
      assert.equal(await as(folder, ONE, ONE, [GROUP]), '3');
      const [file] = filesIn(folder);
      const { uid, gid } = fs.statSync(file);
      assert.deepEqual({ uid, gid, mode: modeOf(file) }, { uid: ONE, gid: GROUP, mode: 0o660 });
    }),
  );

  test('of no such group are refused', SLOW, () =>
    withGroupFolder(async (folder) => {
      fs.chmodSync(folder, 0o777);
      assert.equal(await as(folder, ONE, GROUP, []), '1');
      assert.equal(await as(folder, OTHER, OTHER, []), 'ERR_STORE_FORBIDDEN');
    }),
  );

  test('do not take a file of another group for theirs', SLOW, () =>
    withGroupFolder(async (folder) => {
      assert.equal(await as(folder, ONE, GROUP, []), '1');
      const [file] = filesIn(folder);
      fs.chownSync(file, ONE, OTHER);
      assert.equal(await as(folder, OTHER, GROUP, []), 'ERR_STORE_FORBIDDEN');
      fs.chownSync(file, ONE, GROUP);
      fs.chmodSync(file, 0o666);
      assert.equal(await as(folder, OTHER, GROUP, []), 'ERR_STORE_FORBIDDEN');
    }),
  );

  test(
    'do not take a folder for their default that another group of theirs has made',
    SLOW,
    async () => {
      // Of no other run of this test.
      const group = GROUP + process.pid;
      const folder = path.join(PARENT, `shared-memory-store-group-${group}`);
      try {
        fs.mkdirSync(folder);
        fs.chownSync(folder, OTHER, GROUP);
        fs.chmodSync(folder, 0o770);
        assert.equal(await as(undefined, ONE, group, [group, GROUP]), 'ERR_STORE_FORBIDDEN');
        assert.deepEqual(fs.readdirSync(folder), []);
        // Who says which folder it is means its group, too.
        assert.equal(await as(folder, ONE, group, [group, GROUP]), '1');
        fs.rmSync(folder, { recursive: true });
        assert.equal(await as(undefined, ONE, group, [group, GROUP]), '1');
        assert.deepEqual([fs.statSync(folder).gid, modeOf(folder)], [group, 0o770]);
        assert.equal(await as(undefined, OTHER, group, [group]), '2');
      } finally {
        fs.rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  test(
    'make a default folder of theirs ready whose maker has died, and no others do',
    SLOW,
    async () => {
      const group = GROUP + process.pid;
      const folder = path.join(PARENT, `shared-memory-store-group-${group}`);
      try {
        fs.mkdirSync(folder, 0o700);
        fs.chownSync(folder, ONE, OTHER);
        assert.equal(await as(undefined, OTHER, group, [group]), 'ERR_STORE_FORBIDDEN');
        assert.equal(await as(undefined, ONE, group, [group]), '1');
        assert.deepEqual([fs.statSync(folder).gid, modeOf(folder)], [group, 0o770]);
        assert.equal(await as(undefined, OTHER, group, [group]), '2');
      } finally {
        fs.rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
