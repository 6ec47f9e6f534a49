/**
 * Tags that one process invalidates, and namespaces that it clears, while others read.
 *
 * Must not know how others learn of it. Invariant tested: once the call has returned, nobody reads
 * what it has taken, however near he had it, and nothing that was made from before comes back.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { withProcesses } = require('../helpers/processes.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const ROUNDS = 40;
const READERS = 2;
const options = { tags: ['round', 'value'] };

/** What takes the value of a round, by its name: where it is, and how it is set and taken. */
const TAKERS = {
  'a tag is invalidated': [undefined, (store) => store.invalidateTag('round')],
  'a tag of a namespace is invalidated': ['a', (_, view) => view.invalidateTag('value')],
  'a namespace is cleared': ['a', (_, view) => view.clear()],
};

for (const [what, [space, take]] of Object.entries(TAKERS)) {
  test(`no process reads from its copies what is gone when ${what}`, SLOW, () =>
    withProcessStore({}, (store, place) =>
      withProcesses(async (start) => {
        const view = space === undefined ? store : store.namespace(space);
        store.set('over', 0);
        const readers = Array.from({ length: READERS }, () =>
          start('tag.reads', { place, space, rounds: ROUNDS }),
        );
        await Promise.all(readers.map((one) => one.said('open')));
        for (let round = 1; round <= ROUNDS; round += 1) {
          view.set('value', round, options);
          await waitUntil(() => store.get('hot') === round, 'a reader has it near');
          take(store, view);
          store.set('over', round);
        }
        for (const { result } of readers) {
          const { stale, nearHits } = await result;
          assert.equal(stale, 0);
          assert.ok(nearHits > 0, 'it was near');
        }
      }),
    ),
  );

  test(`what another process made from before is not kept when ${what}`, SLOW, () =>
    withProcessStore({}, (store, place) =>
      withProcesses(async (start) => {
        const view = space === undefined ? store : store.namespace(space);
        const other = start('load.hang', { place, space, key: 'key', options });
        await other.said('running');
        take(store, view);
        other.tell('give');
        assert.equal(await other.said('given'), 'late');
        assert.equal(view.get('key'), undefined);
        assert.equal(await view.getOrSet('key', () => 'new', options), 'new');
      }),
    ),
  );
}

test('what another process made without tags is not kept once its namespace is cleared', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const view = store.namespace('a');
      const other = start('load.hang', { place, space: 'a', key: 'key' });
      await other.said('running');
      view.clear();
      other.tell('give');
      assert.equal(await other.said('given'), 'late');
      assert.equal(view.get('key'), undefined);
    }),
  ),
);
