/**
 * `verify`: what it says of files that are sound, and of those that have lost something.
 *
 * Must not know a file's layout. Invariant tested: who is told that a file is sound has all that
 * was stored in it.
 */
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const MemoryStore = require('../../index.js');
const { MAIN, withShop } = require('../helpers/command-line.js');
const { runProgram } = require('../helpers/run-program.js');
const { withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const { SharedStore } = MemoryStore;
const BLOCK = 2 ** 16;

/** What an observer finds in a file: entries that it counts, that it meets, that it can read. */
function found(file) {
  let observer;
  try {
    observer = SharedStore.observe({ file });
    const keys = [...observer.keys()];
    const read = keys.filter((key) => observer.get(key) !== undefined);
    return [observer.stats().entries, keys.length, read.length];
  } catch {
    return undefined;
  } finally {
    observer?.close();
  }
}

/** Leaves zeros in place of a part of the file: entries are lost, and all that is met is sound. */
function loseEntries(file) {
  const whole = fs.readFileSync(file);
  for (let at = BLOCK; at < whole.length; at += BLOCK) {
    if (whole.subarray(at, at + BLOCK).every((byte) => byte === 0)) continue;
    fs.writeFileSync(file, Buffer.from(whole).fill(0, at, at + BLOCK));
    const [entries, met, read] = found(file) ?? [];
    if (met < entries && read === met) return;
  }
  throw new Error('there is no such part');
}

test('a_file_that_has_lost_entries_is_not_sound', SLOW, () =>
  withShop({}, async ({ run, store }) => {
    for (let number = 0; number < 5000; number += 1) store.set(`key:${number}`, { number });
    store.close();
    loseEntries(store.file);
    const { code, stdout } = await run('verify', store.file, '--json');
    const { sound, entries, indexed, read, unreadable } = JSON.parse(stdout);
    assert.deepEqual([code, sound, entries, unreadable], [1, false, 5000, 0]);
    assert.ok(read < 5000 && indexed === read, stdout);
  }),
);

test('a_snapshot_is_checked_that_is_larger_than_memory', SLOW, () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'snap');
    const store = new MemoryStore();
    // Strings of a megabyte would lie outside of what is limited.
    for (let number = 0; number < 240; number += 1) store.set(number, `${number}`.padEnd(2 ** 19));
    await store.snapshot(file);
    store.close();
    const limited = { nodeFlags: ['--max-old-space-size=60'] };
    const checked = await runProgram(MAIN, ['verify', file, '--json'], limited);
    assert.equal(checked.code, 0, checked.stderr);
    const { kind, sound, entries } = JSON.parse(checked.stdout);
    assert.deepEqual([kind, sound, entries], ['snapshot', true, 240]);
  }),
);

test('entries_that_are_there_and_not_shown_are_not_missing', SLOW, () =>
  withShop({}, async ({ run, json, store }) => {
    const inner = store.namespace('inner');
    for (let number = 0; number < 50; number += 1) {
      store.set(`key:${number}`, undefined);
      store.set(`short:${number}`, 1, { ttl: 1 });
      store.set(`tagged:${number}`, 1, { tags: ['tag'] });
      inner.set(`key:${number}`, 1);
    }
    inner.clear();
    inner.set('key', 1);
    store.invalidateTag('tag');
    store.close();
    const { sound, entries, indexed, read } = await json('verify', store.file);
    assert.deepEqual([sound, indexed], [true, entries]);
    assert.equal(read < entries, true);
    assert.match((await run('verify', store.file)).stdout, /^sound +true$/m);
  }),
);
