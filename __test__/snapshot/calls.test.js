/**
 * Calls of `snapshot` and `restore`: arguments, signals, progress, failures, what they leave.
 *
 * Must not know what a file holds. Invariant tested: a call that fails leaves the file that was
 * there, no other one, and the store as it was.
 */
const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync } = require('node:fs');
const { statSync, symlinkSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { setTimeout: pause } = require('node:timers/promises');
const MemoryStore = require('../../index.js');
const { NO_PERMISSIONS, PERMISSION } = require('../helpers/run-program.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const {
  STORES,
  forge,
  forgeRecord,
  withFile,
  withFolder,
} = require('../helpers/snapshot-files.js');
const { SLOW } = require('../helpers/test-timeout.js');

const METHODS = ['snapshot', 'restore'];
/** So many entries take several blocks and turns. */
const MANY = 30_000;
const PAST = 1;
const KILLS = 8;
const WRITER = path.join(__dirname, '..', 'programs', 'snapshot-forever.js');

function fillMany(store) {
  for (let number = 0; number < MANY; number += 1) store.set(`key-${number}`, { number });
  return store;
}

for (const [kind, open] of Object.entries(STORES)) {
  describe(`bad arguments are refused, ${kind}`, () => {
    const bad = [
      ['ERR_INVALID_ARG_TYPE', undefined],
      ['ERR_INVALID_ARG_TYPE', 5],
      ['ERR_INVALID_ARG_TYPE', null],
      ['ERR_INVALID_ARG_TYPE', { path: 'file' }],
      ['ERR_INVALID_ARG_TYPE', Object('file')],
      ['ERR_INVALID_ARG_VALUE', ''],
      ['ERR_INVALID_ARG_VALUE', 'a\0b'],
      ['ERR_INVALID_ARG_TYPE', 'file', 5],
      ['ERR_INVALID_ARG_TYPE', 'file', null],
      ['ERR_INVALID_ARG_TYPE', 'file', { onProgress: 'often' }],
      ['ERR_INVALID_ARG_TYPE', 'file', { signal: {} }],
      ['ERR_UNKNOWN_OPTION', 'file', { onprogress: () => {} }],
    ];
    for (const [code, file, ...options] of bad) {
      test(`${String(file?.path ?? file)} ${options.map((it) => Object.keys(Object(it)))}`, () =>
        withFolder(async (folder) => {
          const store = open();
          const place = file === 'file' ? path.join(folder, file) : file;
          for (const method of METHODS) {
            const call = store[method](place, ...options);
            await assert.rejects(call, { name: 'TypeError', code });
          }
          assert.deepEqual(readdirSync(folder), []);
          store.close();
        }));
    }

    test('no argument at all', async () => {
      const store = open();
      for (const method of METHODS) {
        await assert.rejects(store[method](), { name: 'TypeError', code: 'ERR_MISSING_ARGS' });
      }
      store.close();
    });

    for (const method of METHODS) {
      test(`${method} of something else`, async () => {
        const store = open();
        for (const receiver of [undefined, {}, new Map(), Object.create(store)]) {
          const call = store[method].call(receiver, 'file');
          await assert.rejects(call, { name: 'TypeError', code: 'ERR_INVALID_THIS' });
        }
        store.close();
      });
    }
  });

  test(`a_closed_store_refuses, ${kind}`, () =>
    withFile(async (file) => {
      const store = open();
      store.close();
      for (const method of METHODS) {
        await assert.rejects(store[method](file), { code: 'ERR_STORE_CLOSED' });
      }
    }));

  test(`a_store_that_is_closed_meanwhile_leaves_no_file, ${kind}`, SLOW, () =>
    withFile(async (file) => {
      const store = fillMany(open());
      const call = store.snapshot(file, { onProgress: () => store.close() });
      await assert.rejects(call, { name: 'StoreError', code: 'ERR_STORE_CLOSED' });
      assert.equal(existsSync(file), false);
    }),
  );

  test(`a_store_that_is_closed_meanwhile_is_not_restored, ${kind}`, SLOW, () =>
    withFile(async (file) => {
      const store = fillMany(open());
      await store.snapshot(file);
      const call = store.restore(file);
      store.close();
      await assert.rejects(call, { name: 'StoreError', code: 'ERR_STORE_CLOSED' });
    }),
  );

  test(`a_signal_that_was_aborted_before_ends_the_call, ${kind}`, () =>
    withFile(async (file) => {
      const store = open();
      store.set('key', 1);
      const reason = new Error('given up');
      for (const method of METHODS) {
        const call = store[method](file, { signal: AbortSignal.abort(reason) });
        await assert.rejects(call, (error) => error === reason);
      }
      store.close();
    }));

  test(`a_signal_ends_a_snapshot_and_the_file_of_before_stays, ${kind}`, SLOW, () =>
    withFile(async (file) => {
      const store = fillMany(open());
      writeFileSync(file, 'before');
      const aborter = new AbortController();
      const call = store.snapshot(file, {
        signal: aborter.signal,
        onProgress: () => aborter.abort(),
      });
      await assert.rejects(call, { name: 'AbortError' });
      assert.equal(readFileSync(file, 'utf8'), 'before');
      store.close();
    }),
  );

  test(`a_signal_during_the_check_of_a_file_changes_nothing, ${kind}`, SLOW, () =>
    withFile(async (file) => {
      const store = fillMany(open());
      await store.snapshot(file);
      store.clear();
      const aborter = new AbortController();
      const call = store.restore(file, { signal: aborter.signal });
      setImmediate(() => aborter.abort());
      await assert.rejects(call, { name: 'AbortError' });
      assert.equal(store.size(), 0);
      store.close();
    }),
  );

  test(`what_onProgress_throws_ends_the_call, ${kind}`, SLOW, () =>
    withFile(async (file) => {
      const store = fillMany(open());
      const broken = new Error('from onProgress');
      const onProgress = () => {
        throw broken;
      };
      await assert.rejects(store.snapshot(file, { onProgress }), (error) => error === broken);
      assert.equal(existsSync(file), false);
      await store.snapshot(file);
      await assert.rejects(store.restore(file, { onProgress }), (error) => error === broken);
      store.close();
    }),
  );

  test(`progress_grows_to_the_whole, ${kind}`, SLOW, () =>
    withFile(async (file) => {
      const store = fillMany(open());
      for (const method of METHODS) {
        const seen = [];
        const onProgress = (progress) => seen.push(progress);
        const { entries, bytes } = await store[method](file, { onProgress });
        assert.deepEqual(seen.at(-1), { entries, bytes, total: MANY });
        assert.ok(seen.length > 1);
        for (const [index, { entries: now, total }] of seen.entries()) {
          assert.equal(total, MANY);
          assert.ok(now >= (seen[index - 1]?.entries ?? 0) && now <= total);
        }
      }
      store.close();
    }),
  );

  test(`entries_of_the_same_keys_are_overwritten_and_others_stay, ${kind}`, () =>
    withFile(async (file) => {
      const store = open();
      store.set('both', 'written');
      await store.snapshot(file);
      store.set('both', 'newer', HOUR_MS);
      store.set('other', 'stays', HOUR_MS);
      await store.restore(file);
      assert.deepEqual(
        new Map(store),
        new Map([
          ['both', 'written'],
          ['other', 'stays'],
        ]),
      );
      assert.equal(store.ttl('both'), Infinity);
      assert.ok(store.ttl('other') <= HOUR_MS);
      store.close();
    }));

  test(`times_to_live_come_back, ${kind}`, () =>
    withFile(async (file) => {
      const store = open();
      store.set('timed', 1, HOUR_MS);
      store.set('far', 1, 2 ** 53);
      store.set('permanent', 1);
      const before = store.ttl('timed');
      await store.snapshot(file);
      store.clear();
      const start = performance.now();
      await store.restore(file);
      // The wall clock may be set meanwhile, by some milliseconds, and rounds.
      const later = performance.now() - start + 50;
      assert.ok(store.ttl('timed') <= before + later && store.ttl('timed') > HOUR_MS / 2);
      assert.ok(store.ttl('far') > 2 ** 52);
      assert.equal(store.ttl('permanent'), Infinity);
      store.close();
    }));

  test(`what_is_due_by_now_is_not_restored, ${kind}`, () =>
    withFile(async (file) => {
      const store = open();
      store.set('gone', 1, 100);
      store.set('stays', 2, HOUR_MS);
      const written = await store.snapshot(file);
      passDeadline(150);
      store.clear();
      const { entries, expired } = await store.restore(file);
      assert.deepEqual({ entries, expired }, { entries: 1, expired: written.entries - 1 });
      assert.deepEqual([...store], [['stays', 2]]);
      const due = ['a', 'b'].map((key) => forgeRecord({ key, deadline: PAST }));
      const bytes = forge([...due, forgeRecord({ key: 'c', deadline: Date.now() + HOUR_MS })]);
      writeFileSync(file, bytes);
      const restored = await store.restore(file);
      assert.deepEqual(restored, { entries: 1, bytes: bytes.length, expired: 2 });
      assert.ok(store.ttl('c') <= HOUR_MS);
      store.close();
    }));
}

test('the_ttl_of_a_shared_store_is_not_for_what_was_permanent', () =>
  withFile(async (file) => {
    const { SharedStore } = MemoryStore;
    const [local, shared] = [new MemoryStore(), new SharedStore({ name: 'ttl-file', ttl: 5000 })];
    local.set('key', 1);
    await local.snapshot(file);
    await shared.restore(file);
    assert.equal(shared.ttl('key'), Infinity);
    shared.close();
  }));

test('a_file_replaces_that_of_before_and_is_for_its_owner_alone', () =>
  withFile(async (file) => {
    const store = new MemoryStore();
    writeFileSync(file, 'before'.repeat(1000), { mode: 0o644 });
    store.set('key', 1);
    const { bytes } = await store.snapshot(file);
    assert.equal(statSync(file).size, bytes);
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
  }));

test('snapshots_to_one_file_at_once_leave_a_whole_one', SLOW, () =>
  withFile(async (file) => {
    const store = fillMany(new MemoryStore());
    await Promise.all(Array.from({ length: 4 }, () => store.snapshot(file)));
    assert.equal((await new MemoryStore().restore(file)).entries, MANY);
  }),
);

test('a_file_that_is_replaced_while_it_is_read_is_read_to_its_end', SLOW, () =>
  withFile(async (file) => {
    const [store, other] = [fillMany(new MemoryStore()), new MemoryStore()];
    await store.snapshot(file);
    const reading = other.restore(file);
    store.clear();
    await Promise.all([reading, store.snapshot(file)]);
    assert.ok([0, MANY].includes(other.size()));
  }),
);

test('a_process_that_is_killed_while_it_writes_leaves_a_whole_file', SLOW, () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'file');
    for (let round = 0; round < KILLS; round += 1) {
      const child = spawn(process.execPath, [WRITER, file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      await pause(round * 7);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const store = new MemoryStore();
      await store.restore(file);
      assert.equal(new Set([...store.values()].map(({ round: it }) => it)).size, 1);
      assert.equal(store.size(), 5000);
    }
  }),
);

test('a_snapshot_replaces_no_link_pipe_or_device', () =>
  withFolder(async (folder) => {
    const [file, link, pipe] = ['file', 'link', 'pipe'].map((name) => path.join(folder, name));
    const store = new MemoryStore();
    store.set('key', 1);
    await store.snapshot(file);
    symlinkSync(file, link);
    const dangling = path.join(folder, 'dangling');
    symlinkSync(path.join(folder, 'nowhere'), dangling);
    execFileSync('mkfifo', [pipe]);
    const before = readFileSync(file);
    store.set('key', 2);
    for (const name of [link, dangling, pipe, '/dev/null']) {
      const error = { name: 'StoreError', code: 'ERR_STORE_FORBIDDEN' };
      await assert.rejects(store.snapshot(name), error);
    }
    assert.deepEqual(readFileSync(file), before);
    assert.ok(lstatSync(link).isSymbolicLink() && lstatSync(pipe).isFIFO());
    assert.ok(lstatSync('/dev/null').isCharacterDevice());
    assert.deepEqual(readdirSync(folder).sort(), ['dangling', 'file', 'link', 'pipe']);
  }));

for (const [kind, open] of Object.entries(STORES)) {
  test(`restore_may_leave_what_is_there, ${kind}`, () =>
    withFile(async (file) => {
      const [source, store] = [open(), open()];
      source.setMany([
        ['a', 'file'],
        ['b', 'file'],
      ]);
      await source.snapshot(file);
      store.set('a', 'mine', HOUR_MS);
      assert.equal((await store.restore(file, { overwrite: false })).entries, 1);
      assert.deepEqual([store.get('a'), store.get('b')], ['mine', 'file']);
      assert.ok(store.ttl('a') < Infinity);
      assert.equal((await store.restore(file, { overwrite: true })).entries, 2);
      assert.equal(store.get('a'), 'file');
      await assert.rejects(store.restore(file, { overwrite: 1 }), { name: 'TypeError' });
      await assert.rejects(store.snapshot(file, { overwrite: true }), {
        code: 'ERR_UNKNOWN_OPTION',
      });
      source.close();
      store.close();
    }));
}

test('what_the_system_refuses_is_told_by_its_own_error', () =>
  withFolder(async (folder) => {
    const store = new MemoryStore();
    store.set('key', 1);
    const inner = path.join(folder, 'inner');
    mkdirSync(path.join(inner, 'full'), { recursive: true });
    await assert.rejects(store.snapshot(path.join(folder, 'absent', 'file')), { code: 'ENOENT' });
    await assert.rejects(store.snapshot(inner), (error) => /^E[A-Z]+$/.test(error.code));
    assert.deepEqual(readdirSync(folder), ['inner']);
    assert.deepEqual(readdirSync(inner), ['full']);
  }));

test('a_process_that_may_do_little_writes_and_reads', { ...SLOW, skip: NO_PERMISSIONS }, () =>
  withFolder((folder) => {
    const file = path.join(folder, 'file');
    const index = path.join(__dirname, '..', '..', 'index.js');
    const program = `
      const MemoryStore = require(${JSON.stringify(index)});
      const [store, next] = [new MemoryStore(), new MemoryStore()];
      for (let key = 0; key < 20_000; key += 1) store.set(key, 'x'.repeat(100));
      store
        .snapshot(process.argv[1])
        .then(() => next.restore(process.argv[1]))
        .then(() => console.log(next.size()));`;
    const may = ['--allow-addons', '--allow-fs-read=*', `--allow-fs-write=${folder}/*`];
    const env = { ...process.env };
    delete env.NODE_TEST_CONTEXT;
    const stdio = ['ignore', 'pipe', 'pipe'];
    const given = [PERMISSION, ...may, '-e', program, file];
    const said = execFileSync(process.execPath, given, { encoding: 'utf8', env, stdio });
    assert.equal(said, '20000\n');
    assert.deepEqual(readdirSync(folder), ['file']);
  }),
);

test('a_full_disk_leaves_what_was_there', async (context) => {
  await withFolder(async (folder) => {
    const isMounted = mountSmall(folder);
    if (!isMounted) return context.skip?.('no file system can be mounted');
    try {
      const store = new MemoryStore();
      const file = path.join(folder, 'file');
      store.set('key', 1);
      await store.snapshot(file);
      store.set('bytes', new Uint8Array(4 * 1024 ** 2));
      await assert.rejects(store.snapshot(file), { code: 'ENOSPC' });
      assert.deepEqual(readdirSync(folder), ['file']);
      assert.equal((await new MemoryStore().restore(file)).entries, 1);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

/** Whether a file system of 1 MiB could be mounted there. */
function mountSmall(folder) {
  if (process.platform !== 'linux' || process.getuid() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a_store_with_sizes_measures_what_is_restored', () =>
  withFile(async (file) => {
    const store = new MemoryStore();
    store.setMany([
      ['a', 'xx'],
      ['b', 'xxx'],
    ]);
    await store.snapshot(file);
    const sized = new MemoryStore({ maxSize: 10, sizeOf: (value) => value.length });
    await sized.restore(file);
    assert.equal(sized.stats().size, 5);
    const small = new MemoryStore({ maxSize: 2, sizeOf: (value) => value.length });
    await assert.rejects(small.restore(file), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
    assert.equal(small.size(), 0);
    const unmeasured = new MemoryStore({ maxSize: 10 });
    await assert.rejects(unmeasured.restore(file), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.equal(unmeasured.size(), 0);
  }));

test('a_bounded_store_keeps_its_bound', SLOW, () =>
  withFile(async (file) => {
    await fillMany(new MemoryStore()).snapshot(file);
    const bounded = new MemoryStore({ maxEntries: 100 });
    assert.equal((await bounded.restore(file)).entries, MANY);
    assert.equal(bounded.size(), 100);
  }),
);

test('a_full_shared_store_says_so', SLOW, () =>
  withFile(async (file) => {
    await fillMany(new MemoryStore()).snapshot(file);
    const store = new MemoryStore.SharedStore({ name: 'full-file', maxEntries: 100 });
    await assert.rejects(store.restore(file), { name: 'StoreError', code: 'ERR_STORE_FULL' });
    assert.equal(store.size(), 100);
    store.close();
  }),
);

test('listeners_are_told_of_what_is_restored', () =>
  withFile(async (file) => {
    const store = new MemoryStore();
    store.setMany([
      ['a', 1],
      ['b', 2],
    ]);
    await store.snapshot(file);
    store.delete('b');
    const told = [];
    store.on('set', (key, value, reason) => told.push([key, value, reason]));
    await store.restore(file);
    assert.deepEqual(told, [
      ['a', 1, 'update'],
      ['b', 2, 'add'],
    ]);
  }));

test('a_snapshot_counts_for_nothing_in_a_local_store', () =>
  withFile(async (file) => {
    const store = new MemoryStore({ maxEntries: 10 });
    store.set('a', 1);
    const before = store.stats();
    await store.snapshot(file);
    assert.deepEqual(store.stats(), before);
  }));
