/**
 * Commands that only look: they print what a participant would see, and leave no trace.
 *
 * Must not know how a command works. Tables are for people; what programs read is JSON.
 */
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { describe, test } = require('node:test');
const { cli, withShop } = require('../helpers/command-line.js');
const { withProcesses } = require('../helpers/processes.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const sorted = (keys) => [...keys].sort();
const linesOf = ({ stdout }) => stdout.split('\n').filter((line) => line !== '');
/** What a terminal does, and does not show. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
const DONE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

function fill(store) {
  for (let number = 0; number < 30; number += 1) store.set(`user:${number}`, { number });
  for (let number = 0; number < 12; number += 1) store.set(`page:${number}`, 'html', 60_000);
  store.set('alone', new Map([['a', 1]]), { tags: ['one', 'two'] });
  store.namespace('inner').set('key', 'of inner', { tags: ['one'] });
}

test('figures_of_a_store_are_those_that_its_participants_have', SLOW, () =>
  withShop({ whenFull: 'evict' }, async ({ run, json, store }) => {
    fill(store);
    store.get('alone');
    store.get('none');
    const { hits, misses, sets, entries, dataBytes } = store.stats();
    const [info, [listed], text, table] = await Promise.all([
      json('info', 'shop'),
      json('ls'),
      run('info', 'shop'),
      run('ls'),
    ]);
    const { name, whenFull, participants } = info;
    assert.deepEqual(
      { name, whenFull, participants },
      {
        name: 'shop',
        whenFull: 'evict',
        participants: 1,
      },
    );
    for (const seen of [info, listed.stats]) {
      const { hits: h, misses: m, sets: s, entries: e, dataBytes: d } = seen;
      assert.deepEqual([h, m, s, e, d], [hits, misses, sets, entries, dataBytes]);
    }
    assert.deepEqual([listed.name, listed.participants.length], ['shop', 1]);
    assert.match(text.stdout, /^entries +44 of/m);
    assert.match(table.stdout, /^NAME.*\nshop .*in use\n$/);
    const { hits: after, sets: writes, participants: there } = store.stats();
    assert.deepEqual([after, writes, there], [hits, sets, 1]);
  }),
);

test('keys_are_listed_counted_and_read', SLOW, () =>
  withShop({}, async ({ run, json, store }) => {
    fill(store);
    const [all, users, long, limited, inner] = await Promise.all([
      run('keys', 'shop'),
      run('keys', 'shop', '--match', 'user:1*'),
      run('keys', 'shop', '--long', '--prefix', 'page:', '--json'),
      run('keys', 'shop', '--limit', 5),
      run('keys', 'shop', '--namespace', 'inner'),
    ]);
    assert.deepEqual(sorted(linesOf(all)), sorted(store.keys()));
    assert.deepEqual(sorted(linesOf(users)), sorted(store.keys({ match: 'user:1*' })));
    const pages = linesOf(long).map((line) => JSON.parse(line));
    assert.deepEqual(sorted(pages.map(({ key }) => key)), sorted(store.keys({ prefix: 'page:' })));
    assert.ok(pages.every(({ bytes, ttl }) => bytes === 4 && ttl > 0 && ttl <= 60_000));
    assert.equal(linesOf(limited).length, 5);
    assert.deepEqual(linesOf(inner), ['key']);
    const [count, prefixes, value, map, plain] = await Promise.all([
      json('count', 'shop', '--prefix', 'user:'),
      json('count', 'shop', '--by-prefix'),
      json('get', 'shop', 'user:7'),
      json('get', 'shop', 'alone'),
      run('get', 'shop', 'key', '--namespace', 'inner', '--raw'),
    ]);
    assert.deepEqual(count, { count: 30 });
    assert.deepEqual(prefixes, [
      { prefix: 'user:', keys: 30 },
      { prefix: 'page:', keys: 12 },
      { prefix: '', keys: 1 },
    ]);
    assert.deepEqual([value.value, value.key, value.ttl], [{ number: 7 }, 'user:7', 'Infinity']);
    assert.deepEqual([map.value, map.tags], [{ a: 1 }, ['one', 'two']]);
    assert.equal(plain.stdout, 'of inner');
  }),
);

test('tags_are_counted_and_a_sample_shows_the_prefixes', SLOW, () =>
  withShop({}, async ({ json, store }) => {
    fill(store);
    const [tags, top] = await Promise.all([
      json('tags', 'shop'),
      json('top', 'shop', '--once', '--interval', 50),
    ]);
    const counted = tags.map(({ tag, namespace, entries }) => [...namespace, tag, entries]);
    assert.deepEqual(
      sorted(counted),
      sorted([
        ['one', 1],
        ['two', 1],
        ['inner', 'one', 1],
      ]),
    );
    const shares = top.prefixes.map(({ prefix, entries }) => [prefix, entries]);
    assert.deepEqual(shares.slice(0, 2), [
      ['user:', 30],
      ['page:', 12],
    ]);
    assert.deepEqual([top.name, top.looked, top.stats.entries], ['shop', 44, 44]);
    assert.deepEqual(top.rates.sets, 0);
  }),
);

test('who_holds_what_is_told_of_those_that_run_stand_and_are_dead', SLOW, () =>
  withShop({}, ({ run, json, store, place }) =>
    withProcesses(async (start) => {
      store.set('key', 1);
      const holder = start('process.hold', { place, key: 'key' });
      await holder.said('locked');
      const { pid } = holder.child;
      const state = async () => {
        const [locks, who] = await Promise.all([json('locks', 'shop'), json('who', 'shop')]);
        return {
          lock: locks.claims.find((claim) => claim.pid === pid),
          user: who.find((one) => one.pid === pid),
        };
      };
      const { lock, user } = await state();
      assert.deepEqual([lock.key, lock.type, lock.state], ['key', 'lock', 'alive']);
      assert.deepEqual([user.state, user.isUser], ['alive', true]);
      assert.ok(user.command.includes('shared-process.js'), user.command);
      holder.child.kill('SIGSTOP');
      await waitUntil(async () => (await state()).user.state === 'stopped', 'it is seen to stand');
      assert.equal((await state()).lock.state, 'stopped');
      const { stdout } = await run('who', 'shop');
      assert.match(stdout, new RegExp(`^ *${pid} .*stopped`, 'm'));
      await holder.end();
      // Until another takes its place, or the store is put in order.
      const isGone = async () => [undefined, 'dead'].includes((await state()).user?.state);
      await waitUntil(isGone, 'it is known to be dead');
    }),
  ),
);

describe('what is no sound store is said to be none, with an exit code', () => {
  for (const [what, make, code, exit] of [
    ['a damaged file', (file) => fs.truncateSync(file, 5000), 'ERR_CORRUPTED', 1],
    ['a foreign file', (file) => fs.chmodSync(file, 0o644), 'ERR_STORE_FORBIDDEN', 1],
    ['a file of another version', otherVersion, 'ERR_STORE_MISMATCH', 1],
    ['no file', (file) => fs.rmSync(file), 'ERR_STORE_UNAVAILABLE', 3],
  ]) {
    test(what, SLOW, () =>
      withShop({}, async ({ run, json, store, folder }) => {
        store.close();
        make(store.file);
        const before = fs.readdirSync(folder);
        const looks = ['info', 'keys', 'locks', 'who', 'tags', 'top', 'count'];
        const results = await Promise.all(looks.map((look) => run(look, 'shop', '--json')));
        for (const { code: ended, stdout, stderr } of results) {
          assert.deepEqual([ended, stdout], [exit, '']);
          assert.equal(JSON.parse(stderr).error.code, code);
        }
        const listed = await json('ls');
        assert.deepEqual(
          listed.map(({ error }) => error?.code),
          code === 'ERR_STORE_UNAVAILABLE' ? [] : [code],
        );
        assert.deepEqual(fs.readdirSync(folder), before);
      }),
    );
  }
});

function otherVersion(file) {
  fs.renameSync(file, file.replace(/\.v\d+\./, '.v77.'));
}

test('what_others_have_stored_does_nothing_to_a_terminal', SLOW, () =>
  withShop({ whenFull: 'evict' }, async ({ run, store }) => {
    const evil = '\u001b[2J\u001b]0;title\u0007\u009b31m\u202e\u2028\u2066';
    store.set(`key ${evil}:`, evil, { tags: [`tag ${evil}`] });
    // `inspect` prints these as they are.
    store.set('error', new Error(evil));
    store.set('pattern', new RegExp(evil.replaceAll('[', '\\[')));
    const results = await Promise.all([
      run('keys', 'shop'),
      run('keys', 'shop', '--long'),
      run('keys', 'shop', '--json'),
      run('tags', 'shop'),
      run('get', 'shop', `key ${evil}:`),
      run('get', 'shop', `key ${evil}:`, '--json'),
      run('get', 'shop', 'error'),
      run('get', 'shop', 'pattern'),
      run('top', 'shop', '--once', '--interval', 20),
      run('count', 'shop', '--by-prefix'),
    ]);
    for (const { code, stdout } of results) {
      assert.equal(code, 0);
      assert.doesNotMatch(stdout, DONE);
      assert.ok(/\[2J/.test(stdout), stdout);
    }
    assert.equal(JSON.parse(results[5].stdout).value, evil);
  }),
);

test('what_is_asked_in_a_wrong_way_says_how_it_is_right', SLOW, async () => {
  const wrong = [['nothing'], ['ls', '--colour'], ['get', 'a'], ['keys', 'a', '--limit', 'x'], []];
  const right = [['help'], ['--help'], ['help', 'top'], ['keys', '--help'], ['--version']];
  const results = await Promise.all([...wrong, ...right].map((words) => cli(...words)));
  for (const [index, { code, stdout, stderr }] of results.entries()) {
    const isRight = index >= wrong.length;
    assert.deepEqual([code, stderr === ''], [isRight ? 0 : 2, isRight || index === 4]);
    assert.ok((stdout + stderr).length > 0);
  }
  assert.match(results.at(-1).stdout, /^\d+\.\d+\.\d+\n$/);
  assert.match(results[7].stdout, /--once/);
});
