/**
 * A store as those see it who do not take part, whatever its participants do at that moment.
 *
 * Must not know a file's layout, but for its locks. Invariant tested: an observer sees what a
 * participant would, waits for nobody, and leaves no trace.
 */
const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const { afterEach, describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { cloneableSamples } = require('../helpers/cloneable-samples.js');
const { withProcesses } = require('../helpers/processes.js');
const { withFolder, withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

/** Observers that are closed after each test. */
const open = [];
afterEach(() => {
  for (const observer of open.splice(0)) observer.close();
});

function opened(store) {
  const observer = SharedStore.observe({ file: store.file });
  open.push(observer);
  return observer;
}

const sorted = (keys) => [...keys].sort();

/** Longer than any test. */
const PATIENCE_MS = 3_600_000;

/** Everything of a file that somebody could have changed. */
function stateOf(file) {
  const { size, blocks, mtimeMs, ctimeMs, mode } = fs.statSync(file);
  const hash = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  return { size, blocks, mtimeMs, ctimeMs, mode, hash };
}

/** Of the figures of a store, those that are not of this thread alone. */
function common(stats) {
  const own = /^(load|near|stale|lockWait|unreadable)/;
  return Object.fromEntries(Object.entries(stats).filter(([name]) => !own.test(name)));
}

/** Calls everything that an observer has. */
function lookAtAll(observer) {
  observer.stats();
  observer.participants();
  observer.claims();
  observer.heldLocks();
  observer.segments();
  observer.indexed();
  for (const { key, namespace } of observer.entries({ everywhere: true })) {
    observer.get(key, { namespace });
    observer.entry(key, { namespace });
  }
  return sorted(observer.keys());
}

test('an_observer_sees_the_values_that_participants_see', () =>
  withProcessStore({ maxBytes: 2 ** 24 }, (store) => {
    const all = cloneableSamples();
    for (const [name, value] of all) store.set(name, value);
    store.set('large', 'x'.repeat(300_000));
    const observer = opened(store);
    for (const [name, value] of all) {
      assert.deepEqual(observer.get(name), structuredClone(value), name);
    }
    assert.equal(observer.get('large').length, 300_000);
    assert.equal(observer.get('none'), undefined);
    assert.equal(observer.entry('none'), undefined);
    assert.deepEqual(sorted(observer.keys()), sorted(store.keys()));
    // Structures that come later are read when they are met.
    store.set('later', { structure: 1, that: 2, is: 3, new: 4 });
    assert.deepEqual(observer.get('later'), { structure: 1, that: 2, is: 3, new: 4 });
  }));

test('an_observer_moves_no_counter_and_is_no_participant', () =>
  withProcessStore({ maxBytes: 2 ** 22 }, (store) => {
    for (let number = 0; number < 1000; number += 1) store.set(`key ${number}`, { number });
    store.get('key 1');
    store.get('none');
    const before = common(store.stats());
    const observer = opened(store);
    lookAtAll(observer);
    const seen = observer.stats();
    const same = Object.fromEntries(Object.keys(before).map((name) => [name, seen[name]]));
    assert.deepEqual(same, before);
    assert.deepEqual(common(store.stats()), before);
    assert.deepEqual([seen.name, seen.file, seen.whenFull], ['store', store.file, 'error']);
    assert.deepEqual([seen.closedAt, seen.isOfThisBoot], [undefined, true]);
    const segments = observer.segments();
    assert.equal(segments.length, seen.usedSegments);
    const live = segments
      .filter(({ role }) => role === 'new' || role === 'main')
      .reduce((sum, { liveBytes }) => sum + liveBytes, 0);
    assert.equal(live, seen.dataBytes);
  }));

/** Where a store's own locks lie in its file. */
const LOCK_WORDS = {
  'free segments': 192,
  'key locks': 256,
  loads: 320,
  structures: 384,
  changes: 968,
  tags: 1536,
};

/** The word of a lock whose holder has left what it guards unfinished. */
const UNFINISHED = Buffer.from([255, 1, 0, 0]);

test('an_observer_names_each_lock_of_a_store_that_is_held', () =>
  withProcessStore({ maxBytes: 2 ** 22 }, (store) => {
    const copy = `${store.file}-copy`;
    for (const [type, offset] of Object.entries(LOCK_WORDS)) {
      fs.copyFileSync(store.file, copy);
      const file = fs.openSync(copy, 'r+');
      fs.writeSync(file, UNFINISHED, 0, UNFINISHED.length, offset);
      fs.closeSync(file);
      const observer = SharedStore.observe({ file: copy });
      open.push(observer);
      assert.deepEqual(
        observer.heldLocks().map((lock) => lock.type),
        [type],
      );
    }
  }));

test('an_observer_sees_what_loads_and_waits_of_participants_came_to', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const observer = opened(store);
      await store.getOrSet('key', () => 1);
      await assert.rejects(
        store.getOrSet('wrong', () => {
          throw new Error('no');
        }),
      );
      // Nobody asks the store for its figures: it tells them.
      await waitUntil(() => observer.stats().loads === 1, 'the load is told');
      await waitUntil(() => observer.stats().loadErrors === 1, 'the failure is told');
      const holder = start('process.hold', { place, key: 'key' });
      await holder.said('locked');
      const waiting = store.withLock(
        'key',
        () => store.getOrSet('more', async () => 1),
        PATIENCE_MS,
      );
      await waitUntil(() => observer.stats().lockWaits === 1, 'the wait is told');
      await holder.end();
      await waiting;
      const { loads, loadMs, staleServed, lockWaits, lockWaitMs } = store.stats();
      const told = observer.stats();
      assert.deepEqual([told.loads, told.lockWaits, told.staleServed], [2, 1, 0]);
      assert.deepEqual([loads, lockWaits, staleServed], [2, 1, 0]);
      assert.ok(Math.abs(told.loadMs - loadMs) < 0.01, `${told.loadMs}, ${loadMs}`);
      assert.ok(told.lockWaitMs > 0 && Math.abs(told.lockWaitMs - lockWaitMs) < 0.01);
      // A thread that asks for the figures, or closes the store, tells the rest.
      await store.getOrSet('last', () => 1);
      store.close();
      assert.equal(observer.stats().loads, 3);
    }),
  ),
);

test('an_observer_knows_times_tags_and_namespaces_of_entries', () =>
  withProcessStore({ maxBytes: 2 ** 22, whenFull: 'evict' }, (store) => {
    store.set('key', 'four', { ttl: 60_000, tags: ['narrow', 'wide \u4e2d'] });
    store.set('\0odd', 1, { tags: ['\0tag'] });
    const space = store.namespace('outer').namespace('in%ner');
    space.set('key', { inner: true }, { tags: ['of the space'] });
    store.set('gone', 1, { tags: ['gone'] });
    store.invalidateTag('gone');
    for (let times = 0; times < 3; times += 1) store.peek('key');
    const observer = opened(store);
    const { ttl, ...known } = observer.entry('key');
    const expected = { key: 'key', namespace: [], bytes: 4, tags: ['narrow', 'wide \u4e2d'] };
    assert.deepEqual({ ...known, uses: 0 }, { ...expected, uses: 0 });
    assert.ok(ttl > 0 && ttl <= 60_000, `${ttl}`);
    assert.deepEqual(observer.entry('\0odd').tags, ['\0tag']);
    assert.equal(observer.entry('\0odd').ttl, Number.POSITIVE_INFINITY);
    assert.deepEqual(sorted(observer.keys()), sorted(['key', '\0odd']));
    const namespace = ['outer', 'in%ner'];
    assert.deepEqual(observer.get('key', { namespace }), { inner: true });
    assert.deepEqual([...observer.keys({ namespace })], ['key']);
    const all = [...observer.entries({ everywhere: true })];
    assert.deepEqual(
      all.find(({ namespace: path }) => path.length > 0),
      { ...observer.entry('key', { namespace }) },
    );
    assert.deepEqual(observer.entry('key', { namespace }).tags, ['of the space']);
    assert.equal(all.length, 3);
  }));

test('an_observer_lists_the_keys_that_are_meant', () =>
  withProcessStore({ maxBytes: 2 ** 22 }, (store) => {
    for (let number = 0; number < 5000; number += 1) store.set(`${number % 7}:${number}`, number);
    const observer = opened(store);
    const expected = (filter) => sorted(store.keys(filter));
    for (const filter of [{}, { prefix: '3:' }, { match: '*:1?' }, { prefix: '2', match: /5$/ }]) {
      assert.deepEqual(sorted(observer.keys(filter)), expected(filter));
      const keys = [...observer.entries(filter)].map(({ key }) => key);
      assert.deepEqual(sorted(keys), expected(filter));
    }
    assert.throws(() => observer.keys({ prefx: 'a' }), { code: 'ERR_UNKNOWN_OPTION' });
    assert.throws(() => observer.keys({ namespace: 'a' }), { code: 'ERR_INVALID_ARG_TYPE' });
  }));

test('who_has_locked_what_is_told_whether_he_runs_stands_or_is_dead', SLOW, () =>
  withProcessStore({ maxBytes: 2 ** 22 }, (store, place) =>
    withProcesses(async (start) => {
      store.set('there', 1);
      const holder = start('process.hold', { place, key: 'there' });
      const other = start('process.hold', { place, key: 'no entry' });
      await Promise.all([holder.said('locked'), other.said('locked')]);
      const observer = opened(store);
      const locked = () => observer.claims().filter(({ type }) => type === 'lock');
      const of = ({ child }) => locked().find(({ pid }) => pid === child.pid);
      assert.deepEqual(
        { ...of(holder), hash: '', isAwaited: false, thread: 1 },
        {
          type: 'lock',
          key: 'there',
          namespace: [],
          hash: '',
          pid: holder.child.pid,
          thread: 1,
          depth: 1,
          isAlive: true,
          isAwaited: false,
        },
      );
      assert.equal(of(other).key, undefined);
      assert.match(of(other).hash, /^[0-9a-f]{16}$/);
      const waiting = store.withLock('there', () => 'mine', 120_000);
      await waitUntil(() => of(holder).isAwaited, 'somebody waits for the key');
      assert.equal(of(other).isAwaited, false);
      // One that stands still is there, and keeps no observer waiting.
      holder.child.kill('SIGSTOP');
      lookAtAll(observer);
      assert.equal(of(holder).isAlive, true);
      const isThere = (pid) => {
        const found = observer.participants().find((one) => one.pid === pid);
        return found?.isAlive;
      };
      assert.equal(isThere(holder.child.pid), true);
      await Promise.all([holder.end(), other.end()]);
      await waitUntil(() => isThere(other.child.pid) !== true, 'the dead are known to be dead');
      assert.equal(await waiting, 'mine');
      assert.ok(locked().every(({ isAlive }) => !isAlive));
      assert.equal(isThere(process.pid), true);
    }),
  ),
);

test('a_store_that_nobody_has_open_is_looked_at_and_not_a_byte_changes', () =>
  withFolder((folder) => {
    const place = { name: 'left', scope: 'processes', path: folder, maxBytes: 2 ** 20 };
    const store = new SharedStore(place);
    store.set('key', { a: 1 });
    const { file } = store;
    store.close();
    const before = stateOf(file);
    const observer = SharedStore.observe('left', { path: folder });
    assert.deepEqual(lookAtAll(observer), ['key']);
    assert.equal(observer.stats().participants, 0);
    observer.close();
    assert.deepEqual(stateOf(file), before);
  }));

describe('what holds no store is refused, at once and unchanged', () => {
  for (const [what, make, code] of [
    ['an empty file', (file) => fs.writeFileSync(file, ''), 'ERR_CORRUPTED'],
    ['text', (file) => fs.writeFileSync(file, 'text'.repeat(50_000)), 'ERR_CORRUPTED'],
    ['a store cut short', (file) => fs.truncateSync(file, 5000), 'ERR_CORRUPTED'],
    ['a file for others', (file) => fs.chmodSync(file, 0o644), 'ERR_STORE_FORBIDDEN'],
    ['no file', (file) => fs.rmSync(file), 'ERR_STORE_UNAVAILABLE'],
  ]) {
    test(what, () =>
      withFolder((folder) => {
        const place = { name: 'name', scope: 'processes', path: folder, maxBytes: 2 ** 20 };
        const store = new SharedStore(place);
        store.close();
        make(store.file);
        const before = fs.existsSync(store.file) && stateOf(store.file);
        assert.throws(() => SharedStore.observe('name', { path: folder }), { code });
        assert.throws(() => SharedStore.observe({ file: store.file }), { code });
        assert.deepEqual(fs.existsSync(store.file) && stateOf(store.file), before);
      }),
    );
  }
});

test('a_damaged_store_answers_or_is_refused_and_is_not_written_to', SLOW, () =>
  withFolder((folder) => {
    const place = { name: 'name', scope: 'processes', path: folder, maxBytes: 2 ** 20 };
    const store = new SharedStore(place);
    for (let number = 0; number < 500; number += 1) {
      store.set(`key ${number}`, { number }, { tags: [`tag ${number}`] });
    }
    store.close();
    const sound = fs.readFileSync(store.file);
    let seen = 0;
    for (let turn = 1; turn <= 40; turn += 1) {
      const damaged = Buffer.from(sound);
      // Behind the words that say what the store is, everything may be anything.
      for (let at = 128 + turn; at < damaged.length; at += 97 * turn) damaged[at] ^= turn * 37;
      fs.writeFileSync(store.file, damaged);
      try {
        const observer = SharedStore.observe({ file: store.file });
        seen += 1;
        lookAtAll(observer);
        observer.close();
      } catch (error) {
        assert.equal(error.name, 'StoreError', `${error.stack}`);
      }
      assert.ok(fs.readFileSync(store.file).equals(damaged), `turn ${turn}`);
    }
    assert.ok(seen > 0, 'some of them can be opened');
  }),
);

test('a_file_of_another_version_is_named_as_such', () =>
  withFolder((folder) => {
    const place = { name: 'name', scope: 'processes', path: folder, maxBytes: 2 ** 20 };
    const store = new SharedStore(place);
    store.close();
    fs.renameSync(store.file, store.file.replace(/\.v\d+\./, '.v77.'));
    const refused = { code: 'ERR_STORE_MISMATCH', message: /layout 77/ };
    assert.throws(() => SharedStore.observe('name', { path: folder }), refused);
    const unknown = { code: 'ERR_STORE_UNAVAILABLE', message: /"other"/ };
    assert.throws(() => SharedStore.observe('other', { path: folder }), unknown);
    assert.throws(() => SharedStore.observe('x', { path: `${folder}/none` }), {
      code: 'ERR_STORE_UNAVAILABLE',
    });
  }));

test('nothing_is_to_be_seen_after_close', () =>
  withProcessStore({ maxBytes: 2 ** 20 }, (store) => {
    store.set('key', 1);
    const observer = opened(store);
    const keys = observer.keys();
    assert.equal(Object.prototype.toString.call(observer), '[object StoreObserver]');
    observer.close();
    observer.close();
    const closed = { code: 'ERR_STORE_CLOSED' };
    for (const method of [
      'stats',
      'participants',
      'claims',
      'heldLocks',
      'segments',
      'keys',
      'indexed',
    ]) {
      assert.throws(() => observer[method](), closed, method);
    }
    assert.throws(() => observer.get('key'), closed);
    assert.throws(() => observer.entry('key'), closed);
    assert.throws(() => keys.next(), closed);
    assert.throws(() => observer.get(), { code: 'ERR_MISSING_ARGS' });
    assert.throws(() => observer.get.call({}, 'key'), { code: 'ERR_INVALID_THIS' });
    assert.equal(store.get('key'), 1);
  }));
