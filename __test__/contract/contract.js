/**
 * Tests of a property over every scope, and what they ask of a store.
 *
 * Must not know any scope by its name. Invariant: `await` serves a scope that answers at once and
 * one that answers by promise, so a property is written once.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { inspect } = require('node:util');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { isBare, scopes } = require('./scopes.js');

/** More reads than any layer in front of a store asks for before it admits a key. */
const WARM_READS = 72;
/** What the wall clock may be moved by, in the course of a test. */
const WALL_CLOCK_MS = 10_000;

/** Verbs that give a promise in every scope. */
const ALWAYS_BY_PROMISE = new Set(['getOrSet', 'withLock', 'snapshot', 'restore']);

/** Stands for the absence of what is compared. */
const ABSENT = undefined;

/**
 * A test of `body(store, scope)` for each scope that can what is needed.
 *
 * @param {string} name
 * @param {{ needs?: string[], options?: object } | Function} how `options` are those of the store
 * @param {(store: any, scope: any) => unknown} [given]
 */
function property(name, how, given) {
  const { needs = [], options = {} } = typeof how === 'function' ? {} : how;
  const body = given ?? how;
  const able = scopes.filter((scope) => scope.can(...needs));
  assert.ok(able.length > 0, `some scope can ${needs}`);
  for (const scope of able) {
    test(`${name}, ${scope.name}`, SLOW, () => scope.with(options, (store) => body(store, scope)));
  }
}

/** The same, with the keys `keys` of the store cold, and then read many times before. */
function propertyColdAndWarm(name, how, given) {
  const body = given ?? how;
  const [options] = given === undefined ? [] : [how];
  property(`${name} (cold)`, options ?? {}, (store, scope) => body(store, scope, async () => {}));
  property(`${name} (warm)`, options ?? {}, (store, scope) => body(store, scope, warm));
}

/** Reads keys until every layer in front of a store has had the chance to remember them. */
async function warm(store, ...keys) {
  const reads = isBare(store) ? 1 : WARM_READS;
  for (let read = 0; read < reads; read += 1) {
    await Promise.all(keys.map((key) => store.get(key)));
  }
}

/** Entries of a store in a form to compare: `[key, value, whether it has a deadline]`, sorted. */
async function entriesOf(store) {
  const keys = [...(await store.keys())].sort();
  // All at once: what another machine keeps is asked for in one go.
  const entries = keys.map((key) => Promise.all([key, store.peek(key), store.ttl(key)]));
  return (await Promise.all(entries)).map(([key, value, ttl]) => [key, value, ttl !== Infinity]);
}

/** What an iterator gives, of whichever kind it is. */
async function listOf(iterator) {
  const list = [];
  for await (const item of await iterator) list.push(item);
  return list;
}

const isPromise = (value) => typeof value?.then === 'function';

/**
 * What a call does, as its scope does it: `{ gives }` or `{ throws }`.
 *
 * A scope that answers at once throws at once; one that answers by promise rejects. What does
 * otherwise fails the test.
 */
async function outcomeOf(scope, verb, call) {
  const isByPromise = scope.can('by promise') || ALWAYS_BY_PROMISE.has(verb);
  let answer;
  try {
    answer = call();
  } catch (error) {
    assert.ok(!isByPromise, `${verb}() has to reject, and threw ${inspect(error)}`);
    return { throws: error };
  }
  if (!isByPromise) {
    assert.ok(!isPromise(answer), `${verb}() has to answer at once`);
    return { gives: answer };
  }
  assert.ok(isPromise(answer), `${verb}() has to give a promise`);
  try {
    return { gives: await answer };
  } catch (error) {
    return { throws: error };
  }
}

/**
 * Asserts that a call is refused as `expected` says, and that nothing has changed: that `before`,
 * if it is given, is still what the store holds.
 */
async function assertRefused(store, scope, verb, call, expected, given) {
  const before = given ?? (await entriesOf(store));
  const outcome = await outcomeOf(scope, verb, call);
  assert.ok('throws' in outcome, `${verb}() has to refuse, and gave ${inspect(outcome.gives)}`);
  assert.throws(() => {
    throw outcome.throws;
  }, expected);
  assert.deepEqual(await entriesOf(store), before, 'a refused call changes nothing');
}

/** Notes now, to say later what may be left of a time to live that was given since. */
function sinceNow() {
  const before = performance.now();
  return {
    /** Asserts that `left` is what is left of `ttlMs`. */
    assertLeft: (left, ttlMs, what = 'ttl') => {
      const least = ttlMs - (performance.now() - before) - 2;
      assert.equal(typeof left, 'number', `${what} is ${left}`);
      assert.ok(left >= least && left <= ttlMs + 1, `${what} is ${left} of ${ttlMs}`);
    },
    /** The same for a deadline on the wall clock, `ttlMs` from when this was noted. */
    assertLeftByWallClock: (left, ttlMs, what = 'ttl') => {
      const least = ttlMs - (performance.now() - before) - WALL_CLOCK_MS;
      assert.equal(typeof left, 'number', `${what} is ${left}`);
      assert.ok(left >= least && left <= ttlMs + WALL_CLOCK_MS, `${what} is ${left} of ${ttlMs}`);
    },
  };
}

/** Sets an entry of the shortest life, and lets it pass. */
async function setExpired(store, key, value = 'expired') {
  await store.set(key, value, { ttl: 1 });
  passDeadline(1);
}

module.exports = {
  ABSENT,
  ALWAYS_BY_PROMISE,
  HOUR_MS,
  assertRefused,
  entriesOf,
  listOf,
  outcomeOf,
  passDeadline,
  property,
  propertyColdAndWarm,
  setExpired,
  sinceNow,
  warm,
};
