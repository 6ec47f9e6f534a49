/**
 * The stack of an error begins at the caller's line, whatever lies between in this package.
 *
 * Must not know what that is. Invariant tested: the first frame is one of this file, for what is
 * thrown at once, for what a promise rejects with at once, and for what it rejects with later.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { StoreError } = require('../../index.js');
const { property } = require('./contract.js');
const { fill, verbs } = require('./verbs.js');

const never = () => new Promise(() => {});

/** Frames of a stack, from the top. */
const framesOf = ({ stack }) => stack.split('\n').filter((line) => /^ {4}at /.test(line));

/** What a call throws, or its promise rejects with. */
async function failureOf(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  assert.fail('the call has to fail');
}

function assertBeginsHere(error, what) {
  const [first = ''] = framesOf(error);
  assert.ok(first.includes(__filename), `${what}: ${error.stack}`);
}

/** The same of what came later; engines that do not know who awaits show where it was made. */
async function assertAwaitedHere(error, what) {
  if (await showsWhoAwaits()) assertBeginsHere(error, what);
  else assert.ok(framesOf(error).length > 0, what);
}

async function showsWhoAwaits() {
  const made = async () => {
    await null;
    return new Error('made later');
  };
  const whoAwaits = async () => await made();
  return (await whoAwaits()).stack.includes('whoAwaits');
}

for (const { name, given, takes, least } of verbs) {
  property(`what ${name}() throws begins at its caller`, async (store) => {
    await fill(store);
    if (least > 0) assertBeginsHere(await failureOf(() => store[name]()), 'no arguments');
    if (takes[0] === 'key') {
      const rest = given.slice(1);
      assertBeginsHere(await failureOf(() => store[name](Symbol('key'), ...rest)), 'a symbol');
    }
    if (['options', 'counting', 'loading'].includes(takes.at(-1))) {
      const all = [...given.slice(0, takes.length - 1), { unknown: 1 }];
      assertBeginsHere(await failureOf(() => store[name](...all)), 'an unknown option');
    }
    assertBeginsHere(await failureOf(() => Reflect.apply(store[name], {}, given)), 'this');
    await store.close();
    assertBeginsHere(await failureOf(() => store[name](...given)), 'closed');
  });
}

property('what a constructor throws begins at its caller', { needs: ['whole'] }, (store) => {
  const Store = store.constructor;
  for (const call of [() => new Store({ unknown: 1 }), () => Store(), () => new Store(5)]) {
    assert.throws(call, (error) => assertBeginsHere(error, 'constructor') ?? true);
  }
});

property('a callback of the caller is his line, too', { needs: ['at once'] }, (store) => {
  store.set('a', 1);
  let inner;
  const change = () => {
    try {
      store.set();
    } catch (error) {
      inner = error;
    }
  };
  store.update('a', change);
  assertBeginsHere(inner, 'within update()');
  // What lies below it is there as well.
  assert.ok(framesOf(inner).filter((frame) => frame.includes(__filename)).length >= 2);
});

property('what getOrSet() rejects with later begins where it is awaited', async (store) => {
  const late = async () => await store.getOrSet('a', never, { factoryTimeoutMs: 1 });
  const alive = setInterval(() => {}, 1000);
  await assertAwaitedHere(await failureOf(late), 'getOrSet()');
  clearInterval(alive);
});

property('what withLock() rejects with begins there, too', { needs: ['locks'] }, async (store) => {
  let release;
  const held = store.withLock('a', () => new Promise((resolve) => (release = resolve)));
  const late = async () => await store.withLock('a', () => {}, 1);
  await assertAwaitedHere(await failureOf(late), 'withLock()');
  release();
  await held;
});

property('so does what restore() does', { needs: ['snapshot'] }, async (store) => {
  const restore = async () => await store.restore(__filename);
  const error = await failureOf(restore);
  assert.equal(error.code, 'ERR_CORRUPTED');
  await assertAwaitedHere(error, 'restore()');
});

property('as many frames as were asked for are shown', { needs: ['at once'] }, (store) => {
  const { stackTraceLimit } = Error;
  try {
    for (const limit of [1, 3]) {
      Error.stackTraceLimit = limit;
      assert.throws(
        () => store.set(),
        (error) => framesOf(error).length === limit,
      );
      assert.equal(Error.stackTraceLimit, limit);
    }
    Error.stackTraceLimit = 0;
    assert.throws(() => store.set(), { code: 'ERR_MISSING_ARGS' });
    assert.equal(Error.stackTraceLimit, 0);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
});

property('the header says class and message', { needs: ['at once'] }, (store) => {
  assert.throws(
    () => store.set('key', 1, { ttl: 'a\n    at b' }),
    ({ name, message, stack }) => stack.startsWith(`${name}: ${message}\n    at `),
  );
  store.close();
  assert.throws(
    () => store.get('key'),
    ({ message, stack }) => stack.startsWith(`StoreError: ${message}\n    at `),
  );
});

property('a stack that others make is left as it is', { needs: ['at once'] }, (store) => {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_error, sites) => sites;
  try {
    assert.throws(() => store.set(), { code: 'ERR_MISSING_ARGS' });
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
});

function leavesConstructorsOut() {
  class Base extends Error {}
  class Derived extends Base {}
  return !framesOf(new Derived('made'))[0].includes('new ');
}

test('an error that somebody else makes of StoreError begins at his line', () => {
  class Mine extends StoreError {}
  // Left to the engine: older ones of Bun show the constructors.
  if (leavesConstructorsOut()) assertBeginsHere(new Mine('ERR_MINE', 'mine'), 'a subclass');
  assertBeginsHere(new StoreError('ERR_MINE', 'mine'), 'StoreError');
});
