/**
 * Commands that change a store, which ask before they do, and files that are written and checked.
 *
 * Must not know how a command works. Invariant tested: without somebody's yes nothing changes.
 */
const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { test } = require('node:test');
const { MAIN, cli, withShop } = require('../helpers/command-line.js');
const { SLOW } = require('../helpers/test-timeout.js');

test('nothing_changes_without_a_yes', SLOW, () =>
  withShop({}, async ({ run, store, folder }) => {
    store.set('key', 1, { tags: ['tag'] });
    await store.snapshot(`${folder}/snap`);
    const asked = await Promise.all([
      run('set', 'shop', 'key', 2),
      run('rm', 'shop', 'key'),
      run('rm', 'shop', '--prefix', ''),
      run('invalidate', 'shop', 'tag'),
      run('restore', 'shop', `${folder}/snap`),
      run('destroy', 'shop'),
    ]);
    for (const { code, stderr } of asked) {
      assert.equal(code, 2);
      assert.match(stderr, /\? Say --yes/);
    }
    assert.deepEqual([store.get('key'), fs.existsSync(store.file)], [1, true]);
  }),
);

test('entries_are_set_and_removed_as_participants_do', SLOW, () =>
  withShop({}, async ({ run, json, store }) => {
    const set = (...words) => run('set', 'shop', ...words, '--yes');
    const done = await Promise.all([
      set('object', '{"a":[1,2]}', '--ttl', '5m', '--tag', 'one', '--tag', 'two'),
      set('number', '5'),
      set('string', '5', '--string'),
      set('words', 'no JSON'),
      set('key', 'true', '--namespace', 'outer', '--namespace', 'inner'),
    ]);
    assert.deepEqual(
      done.map(({ code }) => code),
      [0, 0, 0, 0, 0],
    );
    assert.deepEqual(store.get('object'), { a: [1, 2] });
    assert.ok(store.ttl('object') > 60_000 && store.ttl('object') <= 300_000);
    assert.deepEqual(
      ['number', 'string', 'words'].map((key) => store.get(key)),
      [5, '5', 'no JSON'],
    );
    assert.equal(store.namespace('outer').namespace('inner').get('key'), true);
    assert.deepEqual(await json('invalidate', 'shop', 'two', '--yes'), { invalidated: ['two'] });
    assert.equal(store.has('object'), false);
    assert.deepEqual(await json('rm', 'shop', 'number', 'none', '--yes'), { removed: 1 });
    assert.deepEqual(await json('rm', 'shop', '--match', 's*', '--yes'), { removed: 1 });
    assert.deepEqual(store.keys(), ['words']);
    const [none, both, neither] = await Promise.all([
      run('rm', 'shop', 'none', '--yes'),
      run('rm', 'shop', 'a', '--prefix', 'b', '--yes'),
      run('rm', 'shop', '--yes'),
    ]);
    assert.deepEqual([none.code, both.code, neither.code], [3, 2, 2]);
    const missing = await run('set', 'other', 'key', 1, '--yes');
    assert.equal(missing.code, 3);
    assert.equal(fs.readdirSync(store.file.replace(/\/[^/]+$/, '')).length, 1);
  }),
);

test('entries_go_to_a_file_and_come_back_and_files_are_checked', SLOW, () =>
  withShop({}, async ({ run, json, store, folder }) => {
    for (let number = 0; number < 500; number += 1) store.set(`key ${number}`, { number });
    const file = `${folder}/snap`;
    const written = await json('snapshot', 'shop', file);
    assert.deepEqual([written.entries, written.bytes], [500, fs.statSync(file).size]);
    const restored = await json('restore', 'copy', file, '--yes');
    assert.equal(restored.entries, 500);
    const copy = (await json('ls')).find(({ name }) => name === 'copy');
    const [sound, image, count] = await Promise.all([
      json('verify', file),
      json('verify', copy.file),
      json('count', 'copy'),
    ]);
    assert.deepEqual([sound.kind, sound.sound, sound.entries], ['snapshot', true, 500]);
    assert.deepEqual([image.kind, image.sound, image.read], ['store', true, 500]);
    assert.deepEqual(count, { count: 500 });
    store.set('key 1', 'newer');
    await json('restore', 'shop', file, '--keep', '--yes');
    assert.equal(store.get('key 1'), 'newer');
    await json('restore', 'shop', file, '--yes');
    assert.deepEqual(store.get('key 1'), { number: 1 });
    const bytes = fs.readFileSync(file);
    bytes[bytes.length >> 1] ^= 1;
    fs.writeFileSync(file, bytes);
    fs.truncateSync(copy.file, 9000);
    const damaged = await Promise.all([file, copy.file].map((path) => run('verify', path)));
    assert.deepEqual(
      damaged.map(({ code }) => code),
      [1, 1],
    );
    assert.equal((await run('verify', `${folder}/none`)).code, 3);
    assert.equal((await run('destroy', 'copy', '--yes')).code, 0);
    assert.equal((await run('destroy', 'copy', '--yes')).code, 3);
    assert.equal(fs.existsSync(copy.file), false);
  }),
);

test('a_damaged_file_makes_no_store_and_changes_none', SLOW, () =>
  withShop({}, async ({ run, json, store, folder }) => {
    for (let number = 0; number < 100; number += 1) store.set(`key ${number}`, 1);
    const file = `${folder}/snap`;
    await json('snapshot', 'shop', file);
    const bytes = fs.readFileSync(file);
    bytes[bytes.length >> 1] ^= 1;
    fs.writeFileSync(file, bytes);
    store.clear();
    const before = fs.readdirSync(folder);
    for (const name of ['shop', 'new']) {
      const { code, stderr } = await run('restore', name, file, '--yes', '--json');
      assert.deepEqual([code, JSON.parse(stderr).error.code], [1, 'ERR_CORRUPTED'], name);
    }
    assert.deepEqual([fs.readdirSync(folder), store.size()], [before, 0]);
  }),
);

test('a_command_that_knows_no_fleets_says_so', SLOW, () =>
  withShop({}, async ({ run, folder, store }) => {
    const fleet = 'redis://127.0.0.1:1/0#name';
    const results = await Promise.all([
      run('snapshot', fleet, `${folder}/snap`),
      run('restore', fleet, store.file, '--yes'),
      run('watch', fleet),
      run('destroy', fleet, '--yes'),
      run('locks', fleet),
    ]);
    for (const { code, stderr } of results) {
      assert.equal(code, 2, stderr);
      assert.match(stderr, /knows stores of this machine alone/);
    }
  }),
);

/** What `watch` prints until it has seen two changes, while `write` goes on writing. */
async function watched({ folder }, words, write) {
  const watching = ['watch', 'shop', ...words, '--count', '2', '--json'];
  const child = spawn(process.execPath, [MAIN, ...watching, '--path', folder]);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  // Whatever comes before it watches, it does not hear.
  const writing = setInterval(write, 5);
  assert.equal(await ended, 0);
  clearInterval(writing);
  const lines = text.trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

test('changes_are_printed_as_they_come_until_there_are_enough', SLOW, () =>
  withShop({}, async (shop) => {
    const seen = { type: 'set', key: 'a', origin: 'other' };
    const changes = await watched(shop, ['--prefix', 'a'], () => {
      shop.store.set('b', 1);
      shop.store.set('a', 1);
    });
    assert.deepEqual(changes, [seen, seen]);
  }),
);

test('changes_that_were_not_asked_for_are_not_printed', SLOW, () =>
  withShop({}, async (shop) => {
    const { store, run } = shop;
    const outer = store.namespace('outer');
    const inner = outer.namespace('inner');
    const write = () => {
      for (const one of [store, outer, inner]) {
        one.set('a', 1);
        one.set('b', 1, { tags: ['tag'] });
        one.set('c', 1);
      }
    };
    const within = ['--namespace', 'outer', '--namespace', 'inner'];
    const [byPrefix, byTag] = await Promise.all([
      watched(shop, [...within, '--prefix', 'c'], write),
      watched(shop, ['--namespace', 'outer', '--tag', 'tag'], write),
    ]);
    const keysOf = (changes) => changes.map(({ key, namespace }) => [namespace, key]);
    assert.deepEqual(keysOf(byPrefix), new Array(2).fill([undefined, 'c']));
    assert.deepEqual(keysOf(byTag), new Array(2).fill([undefined, 'b']));
    const both = await run('watch', 'shop', '--tag', 'tag', '--prefix', 'a');
    assert.deepEqual([both.code, both.stdout], [2, '']);
  }),
);

test('a_reader_that_goes_away_is_no_failure', SLOW, () =>
  withShop({ maxBytes: 2 ** 24 }, ({ store, folder }) => {
    for (let number = 0; number < 20_000; number += 1) store.set(`a rather long key ${number}`, 1);
    const command = `"${process.execPath}" "${MAIN}" keys shop --path "${folder}"`;
    const { stdout, stderr, status } = spawnSync(
      'bash',
      ['-c', `${command} | head -n 2; echo "\${PIPESTATUS[0]}"`],
      { encoding: 'utf8' },
    );
    assert.deepEqual([stdout.trim().split('\n').length, status, stderr], [3, 0, '']);
    assert.ok(stdout.endsWith('\n0\n'), stdout);
  }),
);

test('shells_understand_what_completes_for_them', SLOW, async () => {
  const { stdout } = await cli('completion', 'bash');
  assert.equal(spawnSync('bash', ['-n'], { input: stdout }).status, 0);
  for (const shell of ['zsh', 'fish']) {
    const { code, stdout: script } = await cli('completion', shell);
    assert.equal(code, 0);
    assert.match(script, /snapshot/);
  }
  assert.equal((await cli('completion', 'none')).code, 2);
});

test('a_bench_runs_and_leaves_no_store', SLOW, () =>
  withShop({}, async ({ json }) => {
    const rows = await json('bench', '--seconds', 0.5);
    for (const { perSecond } of rows) assert.ok(perSecond > 0);
    assert.ok(rows.some(({ store }) => store === 'SharedStore, processes'));
    assert.deepEqual(
      (await json('ls')).map(({ name }) => name),
      ['shop'],
    );
  }),
);
