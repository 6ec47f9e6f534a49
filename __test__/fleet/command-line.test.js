/**
 * Commands on a store of a fleet, by its URL.
 *
 * Must not know how a command works. Invariant tested: what is printed is what the server has.
 */
const assert = require('node:assert/strict');
const { cli } = require('../helpers/command-line.js');
const { fleetTest } = require('../helpers/fleet.js');
const { sharedServer } = require('../helpers/servers.js');

fleetTest('entries_of_a_fleet_are_read_set_and_removed_by_its_url', async (open) => {
  const store = open();
  await store.set('a:1', { of: 'the fleet' }, 60_000);
  await store.set('b:1', 1);
  const target = `${sharedServer().url}#${store.name}`;
  const json = async (command, ...words) => {
    const { code, stdout, stderr } = await cli(command, target, ...words, '--json');
    assert.equal(code, 0, stderr);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  assert.deepEqual(await json('keys', '--prefix', 'a:'), ['a:1']);
  const [entry] = await json('get', 'a:1');
  assert.deepEqual([entry.key, entry.value], ['a:1', { of: 'the fleet' }]);
  assert.ok(entry.ttl > 0 && entry.ttl <= 60_000);
  assert.deepEqual(await json('count'), [{ count: 2 }]);
  assert.equal((await json('info'))[0].entries, 2);
  assert.deepEqual(await json('set', 'c', '[1]', '--yes'), [{ set: true }]);
  assert.deepEqual(await store.get('c'), [1]);
  assert.deepEqual(await json('rm', 'c', '--yes'), [{ removed: 1 }]);
  assert.equal(await store.has('c'), false);
  assert.equal((await cli('get', target, 'none')).code, 3);
  assert.equal((await cli('who', target)).code, 2);
  assert.equal((await cli('keys', sharedServer().url)).code, 2);
});

fleetTest('all_that_a_server_knows_of_an_entry_is_printed', async (open) => {
  const store = open();
  const tags = ['one', 'two'];
  await store.set('tagged', [1], { tags, ttl: 60_000 });
  await store.namespace('inner').set('within', 2, { tags: ['one'] });
  const target = `${sharedServer().url}#${store.name}`;
  const json = async (...words) => JSON.parse((await cli(...words, '--json')).stdout);
  const inner = ['--namespace', 'inner'];
  const [entry, listed, within, listedWithin, { stdout }] = await Promise.all([
    json('get', target, 'tagged'),
    json('keys', target, '--long'),
    json('get', target, 'within', ...inner),
    json('keys', target, '--long', ...inner),
    cli('keys', target, '--long'),
  ]);
  const { ttl, ...rest } = entry;
  assert.deepEqual(rest, { key: 'tagged', namespace: [], tags, value: [1] });
  assert.ok(ttl > 0 && ttl <= 60_000);
  assert.deepEqual({ ...listed, ttl }, { key: 'tagged', namespace: [], ttl, tags });
  const known = { key: 'within', namespace: ['inner'], ttl: 'Infinity', tags: ['one'] };
  assert.deepEqual(within, { ...known, value: 2 });
  assert.deepEqual(listedWithin, known);
  assert.match(stdout, /tagged +\[one, two\]\n$/);
});
