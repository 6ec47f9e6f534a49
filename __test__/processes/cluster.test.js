/**
 * Who empties a cache, and who joins it: clusters, forked children, threads, programs.
 *
 * Must not know how a cache finds out. Invariant tested: a `ShmCache` begins empty with a program,
 * and nothing that this program starts ever empties it.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { NodeShareCache, ShmCache } = require('../../index.js');
const { runToExit } = require('../helpers/run-program.js');
const { runUnrelated, withProcesses } = require('../helpers/processes.js');
const { startThread } = require('../helpers/shared-threads.js');
const { withCache, withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const HOUR_MS = 3_600_000;
const kind = 'ShmCache';

/** Leaves an entry in the cache of a folder, which nobody has open then. */
function leave(folder) {
  const cache = new NodeShareCache('cache', undefined, true, { path: folder });
  cache.set('key', 'left', HOUR_MS);
  cache.close();
}

test('a_program_that_is_alone_begins_with_an_empty_ShmCache', SLOW, () =>
  withFolder(async (folder) => {
    leave(folder);
    assert.equal(await runUnrelated('process.cache', { folder, kind }), null);
    const cache = new NodeShareCache('cache', undefined, false, { path: folder });
    assert.equal(cache.get('key'), undefined);
    cache.close();
  }),
);

test('a_second_object_of_a_program_empties_nothing', () =>
  withFolder((folder) => {
    const one = new ShmCache({ name: 'cache', path: folder });
    one.set('key', 'set', HOUR_MS);
    const other = new ShmCache({ name: 'cache', path: folder });
    assert.equal(other.get('key'), 'set');
    for (const cache of [one, other]) cache.close();
  }));

test('a_program_that_is_not_alone_joins', SLOW, () =>
  withCache(async (cache, folder) => {
    cache.set('key', 'set', HOUR_MS);
    assert.equal(await runUnrelated('process.cache', { folder, kind }), 'set');
    assert.equal(cache.get('key'), 'set');
  }),
);

describe('nobody whom a program has started empties it', () => {
  for (const isOpen of [true, false]) {
    const state = isOpen ? 'while it is open' : 'while nobody has it open';
    test(`a forked child, ${state}`, SLOW, () =>
      withFolder((folder) =>
        withProcesses(async (start) => {
          leave(folder);
          const cache = isOpen
            ? new NodeShareCache('cache', 1, false, { path: folder })
            : undefined;
          const children = [0, 1].map(() => start('process.cache', { folder, kind }));
          for (const child of children) {
            assert.equal(await child.said('open'), 'left');
            child.tell('look');
            assert.equal(await child.result, 'left');
          }
          cache?.close();
        }),
      ),
    );

    test(`a thread, ${state}`, SLOW, () =>
      withFolder(async (folder) => {
        leave(folder);
        const cache = isOpen ? new NodeShareCache('cache', 1, false, { path: folder }) : undefined;
        assert.equal(await startThread('process.cache', { folder, kind }).result, 'left');
        cache?.close();
      }),
    );
  }
});

test('only_renew_empties_a_NodeShareCache', SLOW, () =>
  withFolder(async (folder) => {
    leave(folder);
    assert.equal(await runUnrelated('process.cache', { folder, renew: false }), 'left');
    assert.equal(await runUnrelated('process.cache', { folder }), 'left');
    assert.equal(await runUnrelated('process.cache', { folder, renew: true }), null);
  }),
);

describe('a cluster shares a cache', () => {
  for (const [what, isOpenInPrimary] of [
    ['that its primary opens', 'primary'],
    ['that its workers open alone', 'workers'],
  ]) {
    test(what, SLOW, () =>
      withFolder(async (folder) => {
        leave(folder);
        const { stdout } = await runToExit(0, 'process-cluster.js', [folder, isOpenInPrimary]);
        assert.deepEqual(JSON.parse(stdout), {
          first: isOpenInPrimary === 'primary' ? null : 'left',
          counted: 400,
          killed: 'SIGKILL',
          seen: 'of a worker',
        });
      }),
    );
  }
});
