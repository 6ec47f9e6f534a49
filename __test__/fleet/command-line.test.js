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
