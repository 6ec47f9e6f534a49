/**
 * Limits of stores in files: their own, those of the folder, and memory that is given back.
 *
 * Must not know what an entry takes. Invariant tested: a store without room says so or evicts, and
 * the process that ran out of room goes on.
 */
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { NodeShareCache, SharedStore, ShmCache } = require('../../index.js');
const { runToExit } = require('../helpers/run-program.js');
const { withProcesses } = require('../helpers/processes.js');
const { filesIn, withCache, withFolder, withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const HOUR_MS = 3_600_000;
const full = { name: 'StoreError', code: 'ERR_STORE_FULL' };
const tooLarge = { name: 'RangeError', code: 'ERR_TOO_LARGE' };
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };

/** Bytes of memory that a store's file takes. */
const bytesOf = (folder) =>
  filesIn(folder).reduce((sum, file) => sum + fs.statSync(file).blocks * 512, 0);
const fill = (cache, count, bytes) => {
  for (let key = 0; key < count; key += 1) cache.set(`key-${key}`, 'x'.repeat(bytes), HOUR_MS);
};

test('a_file_takes_what_is_used_of_it', SLOW, () =>
  withProcessStore({ maxBytes: 2 ** 30 }, (store, { path: folder }) => {
    const before = bytesOf(folder);
    assert.ok(before < 64 * MIB, `${before} bytes of an empty store`);
    for (let key = 0; key < 64; key += 1) store.set(`key-${key}`, 'x'.repeat(MIB));
    const after = bytesOf(folder);
    assert.ok(after >= before + 60 * MIB && after < before + 256 * MIB, `${after - before} bytes`);
  }),
);

test('an_empty_store_takes_what_each_shard_needs_to_begin', () =>
  withProcessStore({}, (store, { path: folder }) => {
    const empty = bytesOf(folder);
    assert.ok(empty <= 256 * KIB, `${empty} bytes`);
    store.set('key', 1);
    const used = bytesOf(folder);
    assert.ok(used <= 512 * KIB, `${used} bytes`);
    assert.equal(store.get('key'), 1);
  }));

test('memory_is_given_back_after_clear', SLOW, () =>
  withProcessStore({ maxBytes: 2 ** 29 }, async (store, { path: folder }) => {
    for (let key = 0; key < 128; key += 1) store.set(`key-${key}`, 'x'.repeat(MIB));
    const [real, taken] = [store.stats().residentBytes, bytesOf(folder)];
    assert.ok(real >= 128 * MIB && taken >= 128 * MIB);
    store.clear();
    const isLess = () => store.stats().residentBytes < real / 2 && bytesOf(folder) < taken / 2;
    await waitUntil(isLess, 'the file takes half of what it took');
    store.set('key', 'x'.repeat(MIB));
    assert.equal(store.get('key').length, MIB);
  }),
);

test('a_full_store_refuses_and_goes_on', SLOW, () =>
  withProcessStore({ maxBytes: MIB }, (store) => {
    let count = 0;
    const fillUp = () => {
      for (; ; count += 1) store.set(`key-${count}`, { count, pad: 'x'.repeat(1000) });
    };
    assert.throws(fillUp, full);
    assert.throws(() => store.set('large', 'x'.repeat(2 * MIB)), tooLarge);
    for (let key = 0; key < count; key += 1) assert.equal(store.get(`key-${key}`).count, key);
    store.delete('key-0');
    store.clear();
    store.set('key', 1);
    assert.equal(store.get('key'), 1);
  }),
);

describe('the limit of a cache', () => {
  test('is 800 MiB at first', () =>
    withCache((cache) => assert.equal(cache.stats().maxBytes, 800 * MIB)));

  test('evicts at once when it is smaller', SLOW, () =>
    withCache((cache, folder) => {
      const other = new NodeShareCache('cache', 1, false, { path: folder });
      fill(cache, 4000, 10_000);
      assert.equal(cache.stats().entries, 4000);
      other.setMaxSize(8 * MIB);
      const { dataBytes, maxBytes, entries, evicted } = cache.stats();
      assert.equal(maxBytes, 8 * MIB);
      assert.ok(dataBytes <= 8 * MIB, `${dataBytes} bytes`);
      assert.ok(entries > 0 && entries + evicted >= 4000, `${entries} and ${evicted}`);
      fill(cache, 4000, 10_000);
      assert.ok(cache.stats().dataBytes <= 8 * MIB);
      // What was set last is there.
      assert.equal(cache.get('key-3999').length, 10_000);
      other.close();
    }),
  );

  test('lets more in when it is larger', SLOW, () =>
    withCache((cache) => {
      cache.setMaxSize(4 * MIB);
      fill(cache, 4000, 10_000);
      assert.ok(cache.stats().entries < 450);
      cache.setMaxSize(64 * MIB);
      fill(cache, 4000, 10_000);
      assert.equal(cache.stats().entries, 4000);
    }),
  );

  test('is one for all processes, and stays', SLOW, () =>
    withCache((cache, folder) =>
      withProcesses(async (start) => {
        const other = start('process.cache', { folder });
        await other.said('open');
        cache.setMaxSize(4 * MIB);
        fill(cache, 1000, 10_000);
        assert.ok(cache.stats().entries < 450);
        cache.close();
        const again = new NodeShareCache('cache', undefined, false, { path: folder });
        assert.equal(again.stats().maxBytes, 4 * MIB);
        again.close();
      }),
    ),
  );

  test('is a whole number of bytes that the store can have', () =>
    withCache((cache) => {
      for (const bytes of [0, -1, 1.5, 2 ** 18 - 1, 16 * 2 ** 30 + 1, Infinity, NaN]) {
        assert.throws(() => cache.setMaxSize(bytes), range);
      }
      for (const bytes of ['1000000', null, undefined, {}]) {
        assert.throws(() => cache.setMaxSize(bytes), { code: 'ERR_INVALID_ARG_TYPE' });
      }
      assert.equal(cache.stats().maxBytes, 800 * MIB);
      for (const bytes of [16 * 2 ** 30, 2 ** 30]) {
        cache.setMaxSize(bytes);
        assert.equal(cache.stats().maxBytes, bytes);
      }
    }));

  test('goes no further than the store was made for', () =>
    withProcessStore({ maxBytes: 4 * MIB, whenFull: 'evict' }, (store, place) => {
      const cache = new NodeShareCache(place.name, 1, false, { path: place.path });
      assert.equal(cache.stats().maxBytes, 4 * MIB);
      assert.throws(() => cache.setMaxSize(64 * MIB), range);
      cache.setMaxSize(2 * MIB);
      assert.equal(store.stats().maxBytes, 2 * MIB);
      cache.close();
    }));

  test('is what a ShmCache says', () =>
    withFolder((folder) => {
      const cache = new ShmCache({ name: 'cache', path: folder, maxSize: 32 * MIB });
      assert.equal(cache.stats().maxBytes, 32 * MIB);
      const other = new ShmCache({ name: 'cache', path: folder });
      assert.equal(other.stats().maxBytes, 32 * MIB);
      for (const one of [cache, other]) one.close();
    }));
});

test('a_value_that_no_cache_can_hold_is_refused', SLOW, () =>
  withCache((cache) => {
    cache.setMaxSize(8 * MIB);
    cache.set('key', 'before', HOUR_MS);
    for (const bytes of [8 * MIB, 64 * MIB]) {
      assert.throws(() => cache.set('key', 'x'.repeat(bytes)), tooLarge);
      assert.equal(cache.get('key'), 'before');
    }
  }),
);

/** What a program says that filled a folder: which errors it had. */
const EVICTS = /^(went on|ERR_STORE_FULL)\s*$/;
const REFUSES = /^ERR_STORE_FULL\s*$/;

/** Why no file system can be mounted here, or `false`. */
function noMounts() {
  if (process.geteuid() !== 0) return 'only root can mount a file system';
  const folder = fs.mkdtempSync('/tmp/shared-memory-store-mount-');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return false;
  } catch {
    return 'no file system can be mounted here';
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

describe('in a folder with little room', { skip: noMounts() }, () => {
  /** Runs `body(folder)` with a file system of `bytes`. */
  const withLittle = (bytes, body) =>
    withFolder(async (parent) => {
      const folder = path.join(parent, 'little');
      fs.mkdirSync(folder, 0o700);
      const options = `size=${bytes},mode=700`;
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
      try {
        return await body(folder);
      } finally {
        execFileSync('umount', [folder]);
      }
    });

  for (const whenFull of ['error', 'evict']) {
    for (const bytes of [3 * MIB, 8 * MIB, 24 * MIB]) {
      test(`a store goes on, ${whenFull}, ${bytes} bytes`, SLOW, () =>
        withLittle(bytes, async (folder) => {
          const place = { name: 'name', scope: 'processes', path: folder, whenFull };
          // In a process of its own: a signal would end it.
          const { stdout } = await runToExit(0, 'process-full.js', [JSON.stringify(place)]);
          assert.match(stdout, whenFull === 'evict' ? EVICTS : REFUSES);
        }),
      );
    }
  }

  test('no store is made where there is none at all', () =>
    withLittle('16k', (folder) => {
      const place = { name: 'name', scope: 'processes', path: folder };
      assert.throws(() => new SharedStore(place), full);
      assert.deepEqual(fs.readdirSync(folder), []);
    }));
});

/** Mounts the file system in an image where no other process sees it, and runs a program there. */
const ON_A_DISK = 'mount -o loop "$1" "$2" && chmod 700 "$2" && exec "$3" "$4" "$5"';
const PROGRAM = path.join(__dirname, '..', 'programs', 'process-full.js');

/** Why no disk can be made here, or `false`. */
function noDisks() {
  if (process.geteuid() !== 0) return 'only root can mount a file system';
  const folder = fs.mkdtempSync('/tmp/shared-memory-store-disk-');
  try {
    const image = imageIn(folder, 'ext4', 4 * MIB);
    const mount = 'mount -o loop "$1" "$2"';
    execFileSync('unshare', ['-m', 'sh', '-c', mount, 'sh', image, folder], { stdio: 'ignore' });
    return false;
  } catch {
    return 'no disk can be made here';
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function imageIn(folder, type, bytes) {
  const image = path.join(folder, `${type}.img`);
  fs.closeSync(fs.openSync(image, 'w'));
  fs.truncateSync(image, bytes);
  execFileSync('mke2fs', ['-q', '-t', type, image], { stdio: 'ignore' });
  return image;
}

// The second cannot set space aside. On both, the first store to a page asks for room once more.
describe('on a disk that is full', { skip: noDisks() }, () => {
  for (const type of ['ext4', 'ext3']) {
    for (const whenFull of ['error', 'evict']) {
      test(`a store goes on and is not damaged, ${type}, ${whenFull}`, SLOW, () =>
        withFolder((parent) => {
          const image = imageIn(parent, type, 32 * MIB);
          const folder = path.join(parent, 'disk');
          fs.mkdirSync(folder, 0o700);
          const place = { name: 'name', scope: 'processes', path: folder, whenFull };
          const given = [image, folder, process.execPath, PROGRAM, JSON.stringify(place)];
          const env = { ...process.env };
          delete env.NODE_TEST_CONTEXT;
          const command = ['-m', 'sh', '-c', ON_A_DISK, 'sh', ...given];
          const said = execFileSync('unshare', command, { encoding: 'utf8', env });
          assert.match(said, whenFull === 'evict' ? EVICTS : REFUSES);
        }),
      );
    }
  }
});
