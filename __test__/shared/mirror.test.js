/**
 * A store of copies of what lies elsewhere: answers that come in time, and those that do not.
 *
 * Must not know where that is. Invariant tested: a copy that comes too late changes nothing, unless
 * it says what one says that is there.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Mirror } = require('../../lib/shared/near/mirror.js');
const { time } = require('../../lib/native/clock.js');
const { Register } = require('../../lib/native/contract.js');
const { registers } = require('../../lib/native/loader.js');
const { withFolder } = require('../helpers/store-folders.js');

const HOUR_MS = 3_600_000;
const answer = (value, tags = [], untilMs = 0) => ({ value, tags, untilMs });

/** A test of `body(mirror)`. */
function mirrorTest(name, body) {
  test(name, () => {
    return withFolder(async (path) => {
      const how = { name: 'mirror', path, maxBytes: 2 ** 20, isFrozen: false, boundMs: HOUR_MS };
      const mirror = new Mirror(how);
      try {
        await body(mirror);
      } finally {
        mirror.close();
      }
    });
  });
}

const VALUES = ['text', 'weit: \u20ac', 7, Number.NaN, true, null, undefined, { list: [1] }];
VALUES.push('long'.repeat(30_000), new Uint8Array(40_000).fill(1), Buffer.from('b'), new Map());

mirrorTest('of two answers that say the same the second keeps the copy', (mirror) => {
  for (const value of VALUES) {
    for (const tags of [[], ['one', 'two']]) {
      const noted = mirror.note('a');
      assert.ok(mirror.fill('a', noted, answer(value, tags)));
      const meanwhile = mirror.note('a');
      assert.ok(mirror.fill('a', noted, answer(value, tags)));
      assert.deepEqual(mirror.get('a'), value);
      assert.ok(!mirror.fill('a', meanwhile, answer('older')), 'what others asked for is void');
      assert.deepEqual(mirror.get('a'), value);
      mirror.invalidate('a');
    }
  }
});

mirrorTest('an answer that comes too late and says something else changes nothing', (mirror) => {
  for (const late of [answer('old'), answer('new', ['tag']), answer(7)]) {
    const noted = mirror.note('a');
    assert.ok(mirror.fill('a', mirror.note('a'), answer('new')));
    const meanwhile = mirror.note('a');
    assert.ok(!mirror.fill('a', noted, late));
    assert.equal(mirror.get('a'), 'new');
    assert.deepEqual(mirror.note('a'), meanwhile);
  }
});

mirrorTest('an answer that comes after an invalidation is kept by no other', (mirror) => {
  const noted = mirror.note('a');
  assert.ok(mirror.fill('a', noted, answer('old', ['tag'])));
  mirror.invalidate('a');
  assert.ok(!mirror.fill('a', noted, answer('old', ['tag'])));
  assert.ok(mirror.fill('a', mirror.note('a'), answer('old', ['tag'])));
  const tagged = mirror.note('a');
  mirror.invalidateTags(['tag']);
  assert.ok(!mirror.fill('a', tagged, answer('old', ['tag'])));
  assert.equal(mirror.get('a'), Mirror.NOTHING);
});

mirrorTest('a tag that is too long for any copy voids none, and none is kept with it', (mirror) => {
  const term = mirror.beginTerm();
  assert.ok(mirror.sayHeard(term, Mirror.now()));
  assert.ok(mirror.fill('a', mirror.note('a'), answer('here', ['tag'])));
  for (const units of [65_535, 65_536, 70_000, 200_000]) {
    const long = '\u0001x'.repeat(units / 2).padEnd(units);
    assert.equal(long.length, units);
    mirror.invalidateTags([long]);
    assert.ok(mirror.isTrusted());
    assert.equal(mirror.get('a'), 'here');
    mirror.fill('b', mirror.note('b'), answer('gone', [long]));
    assert.equal(mirror.get('b'), Mirror.NOTHING);
  }
  mirror.invalidateTags(['x'.repeat(70_000), 'tag']);
  assert.equal(mirror.get('a'), Mirror.NOTHING);
});

mirrorTest('of two answers that say the same the copy ends with the first', (mirror) => {
  const beginMs = Math.ceil(time()) + HOUR_MS;
  const [soon, late] = [beginMs, beginMs + HOUR_MS];
  for (const [first, second, expected] of [
    [0, soon, soon],
    [soon, 0, soon],
    [late, soon, soon],
    [soon, late, soon],
    [0, 0, 0],
  ]) {
    const noted = mirror.note('a');
    assert.ok(mirror.fill('a', noted, answer('same', [], first)));
    assert.ok(mirror.fill('a', noted, answer('same', [], second)));
    assert.equal(mirror.get('a'), 'same');
    assert.equal(registers[Register.DEADLINE_MS], expected);
    mirror.invalidate('a');
  }
});
