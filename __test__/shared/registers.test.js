/**
 * The call registers, as the native core reads and writes them: each call leaves them at rest.
 *
 * Calls the native core itself, past the classes. Invariant tested: what one call was told is not
 * told to the next.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const contract = require('../../lib/native/contract.js');
const native = require('../../lib/native/loader.js');
const { freshName } = require('../helpers/shared-names.js');

const { Condition, Kind, KeyForm, MismatchedOption, Refusal, Register, WhenFull } = contract;
const { AMOUNT, CONDITION, DEADLINE_MS, IF_PRESENT, IS_KEPT, KIND, MAX, MIN, TTL_MS, WAIT_MS } =
  Register;
const { registers } = native;
const HOUR_MS = 3_600_000;
const AT_REST = { [WAIT_MS]: 0, [IS_KEPT]: 0, [IF_PRESENT]: 0, [MIN]: -Infinity, [MAX]: Infinity };

function assertAtRest() {
  for (const [register, value] of Object.entries(AT_REST)) {
    assert.equal(registers[register], value, `register ${register}`);
  }
}

/** Runs `act` on a store of this thread. */
function withShared(act) {
  const id = native.openShared(freshName('registers'), -1, -1, WhenFull.ANY);
  assert.ok(id > 0);
  try {
    act(id);
  } finally {
    native.closeShared(id);
  }
}

function writeNumber(id, key, number, ttlMs, condition = Condition.ALWAYS) {
  registers[TTL_MS] = ttlMs;
  registers[KIND] = Kind.NUMBER;
  registers[AMOUNT] = number;
  registers[CONDITION] = condition;
  return native.sharedWrite(id, key);
}

function increment(id, key, by, ttlMs = 0) {
  registers[TTL_MS] = ttlMs;
  registers[AMOUNT] = by;
  return native.sharedIncrement(id, key);
}

function deadlineOf(id, key) {
  native.sharedPeek(id, key);
  return registers[KIND] > 0 ? registers[DEADLINE_MS] : undefined;
}

test('registers_are_at_rest_before_any_call_means_something_by_them', () => {
  assert.equal(registers.length, Object.keys(Register).length);
  assertAtRest();
});

test('kept_deadline_is_kept_by_the_one_write_that_asks_for_it', () =>
  withShared((id) => {
    writeNumber(id, 'key', 1, HOUR_MS);
    const deadline = deadlineOf(id, 'key');
    for (const condition of [Condition.ALWAYS, Condition.PRESENT, Condition.SAME_VERSION]) {
      // The version is that of the last look.
      assert.equal(deadlineOf(id, 'key'), deadline);
      registers[IS_KEPT] = 1;
      assert.equal(writeNumber(id, 'key', 2, 0, condition), 1);
      assertAtRest();
      assert.equal(deadlineOf(id, 'key'), deadline);
    }
    writeNumber(id, 'key', 3, 0);
    assert.equal(deadlineOf(id, 'key'), 0);
  }));

test('bounds_and_presence_are_those_of_one_increment', () =>
  withShared((id) => {
    registers[IF_PRESENT] = 1;
    assert.equal(increment(id, 'key', 5), 0);
    assertAtRest();
    assert.equal(increment(id, 'key', 5, HOUR_MS), 1);
    const deadline = registers[DEADLINE_MS];
    assert.deepEqual([registers[AMOUNT], deadline], [5, deadlineOf(id, 'key')]);
    registers[MIN] = 0;
    registers[MAX] = 7;
    assert.equal(increment(id, 'key', 5), 1);
    assert.deepEqual([registers[AMOUNT], registers[DEADLINE_MS]], [7, deadline]);
    assertAtRest();
    assert.equal(increment(id, 'key', 5), 1);
    assert.equal(registers[AMOUNT], 12);
  }));

test('refused_sum_leaves_the_number_and_the_registers', () =>
  withShared((id) => {
    writeNumber(id, 'key', Number.MAX_VALUE, 0);
    registers[MAX] = 1;
    assert.equal(increment(id, 'key', Number.MAX_VALUE), Refusal.OUT_OF_RANGE);
    assertAtRest();
    assert.equal(native.sharedGet(id, 'key'), Number.MAX_VALUE);
  }));

test('wait_is_that_of_one_call_and_touch_takes_a_deadline_away', () =>
  withShared((id) => {
    writeNumber(id, 'key', 1, HOUR_MS);
    registers[WAIT_MS] = 1;
    assert.equal(native.lockKey(id, 'key'), 1);
    assertAtRest();
    for (const call of ['sharedGet', 'sharedTake', 'sharedPeek', 'sharedTouch', 'sharedRemove']) {
      writeNumber(id, 'key', 1, HOUR_MS);
      registers[WAIT_MS] = 5;
      native[call](id, 'key');
      assertAtRest();
    }
    writeNumber(id, 'key', 1, HOUR_MS);
    registers[TTL_MS] = 0;
    assert.equal(native.sharedTouch(id, 'key'), 1);
    assert.equal(deadlineOf(id, 'key'), 0);
  }));

test('mismatch_says_which_option_and_what_the_store_has', () => {
  const name = freshName('registers');
  const maxBytes = 2 ** 26;
  const id = native.openShared(name, maxBytes, 5, WhenFull.EVICT);
  try {
    const wanted = [
      [[2 ** 27, 5, WhenFull.EVICT], MismatchedOption.MAX_BYTES, maxBytes],
      [[-1, 6, WhenFull.ANY], MismatchedOption.MAX_ENTRIES, 5],
      [[-1, -1, WhenFull.REFUSE], MismatchedOption.WHEN_FULL, WhenFull.EVICT],
    ];
    for (const [options, option, value] of wanted) {
      for (const answer of [
        native.openShared(name, ...options),
        native.meetsShared(id, ...options),
      ]) {
        assert.equal(answer, Refusal.MISMATCH);
        assert.equal(registers[Register.MISMATCHED_OPTION], option);
        assert.equal(registers[Register.MISMATCHED_VALUE], value);
      }
    }
    assert.equal(native.meetsShared(id, maxBytes, 5, WhenFull.EVICT), 1);
  } finally {
    native.closeShared(id);
  }
});

for (const [kind, maxEntries, place] of [
  ['unbounded', 0, 'place'],
  ['bounded', 10, 'placeBounded'],
]) {
  test(`local_deadline_is_kept_by_the_one_write_that_asks_for_it, ${kind}`, () => {
    const id = native.open(1000, 0, maxEntries, 0);
    if (maxEntries > 0) native.shareStates(id, new Uint8Array(64));
    const target = (id << contract.Bits.FORM) | KeyForm.STRING;
    const placeFor = (ttlMs) => {
      registers[TTL_MS] = ttlMs;
      native[place](target, 'key');
      return registers[DEADLINE_MS];
    };
    try {
      const deadline = placeFor(HOUR_MS);
      registers[IS_KEPT] = 1;
      assert.equal(placeFor(0), deadline);
      assertAtRest();
      assert.equal(placeFor(0), 0);
      registers[IS_KEPT] = 1;
      assert.equal(placeFor(HOUR_MS), 0);
      assert.equal(native.find(id, 'key') & contract.Flag.TIMED, 0);
      placeFor(HOUR_MS);
      assert.equal(native.find(id, 'key') & contract.Flag.TIMED, contract.Flag.TIMED);
      registers[TTL_MS] = 0;
      assert.equal(native.touch(id, 'key') & contract.Flag.TIMED, 0);
      assert.deepEqual([registers[DEADLINE_MS], native.nextDueMs(id)], [0, -1]);
    } finally {
      native.close(id);
    }
  });
}
