/**
 * Node.js and Bun at one store.
 *
 * Must not know how values are encoded. Invariant tested: plain values are read by both, and what
 * only one of them can read is an error with a code to the other, not a wrong value.
 */
const assert = require('node:assert/strict');
const { execFile, execFileSync } = require('node:child_process');
const path = require('node:path');
const { describe, test } = require('node:test');
const { promisify } = require('node:util');
const { IS_BUN, REPOSITORY } = require('../helpers/run-program.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const OTHER = IS_BUN ? 'node' : path.join(REPOSITORY, 'node_modules', '.bin', 'bun');
const PROGRAM = path.join(REPOSITORY, '__test__', 'programs', 'shared-process.js');
const run = promisify(execFile);

function noOther() {
  try {
    execFileSync(OTHER, ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return `there is no ${OTHER}`;
  }
}

/** What the other engine reads under `key`, then sets. */
function look(place, key, value) {
  return other('process.look', { place, key, value });
}

/** What the other engine makes of a task. */
async function other(task, given) {
  const input = JSON.stringify({ task, input: given });
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  const { stdout } = await run(OTHER, [PROGRAM, input], { env });
  return JSON.parse(stdout);
}

describe('between Node.js and Bun', { skip: noOther() }, () => {
  for (const value of [
    ...['text', '\u4e2d\u6587', '', 1.5, true, null, { a: 1, b: 'two', c: [3, { d: null }] }],
    ...[[], Array.from({ length: 60 }, (_, id) => ({ id, name: `n${id}` }))],
  ]) {
    test(`${JSON.stringify(value).slice(0, 40)} goes there and back`, SLOW, () =>
      withProcessStore({}, async (store, place) => {
        store.set('key', value);
        assert.deepEqual(await look(place, 'key', value), value);
        for (let read = 0; read < 8; read += 1) assert.deepEqual(store.get('key'), value);
      }),
    );
  }

  test('what the other cannot read is left out of its lists, and counted', SLOW, () =>
    withProcessStore({}, async (store, place) => {
      store.setMany([
        ['a', 1],
        ['b', new Map([[1, 2]])],
        ['c', { at: new Date(0) }],
        ['d', { plain: true }],
      ]);
      const seen = await other('process.list', { place, keys: ['a', 'b', 'd'] });
      const readable = [
        ['a', 1],
        ['d', { plain: true }],
      ];
      const values = [1, null, { plain: true }];
      assert.deepEqual(seen, { listed: readable, size: 4, values, unreadable: 3 });
    }),
  );

  for (const [name, value] of Object.entries({
    Map: new Map([[1, 2]]),
    Date: new Date(5),
    bigint: 5n,
    'minus zero': { n: -0 },
  })) {
    test(`a ${name} is an error with a code there`, SLOW, () =>
      withProcessStore({}, async (store, place) => {
        store.set('key', value);
        await assert.rejects(look(place, 'key'), /ERR_UNSUPPORTED_PLATFORM/);
        assert.deepEqual(store.get('key'), value);
      }),
    );
  }
});
