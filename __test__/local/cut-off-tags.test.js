/**
 * Calls on entries with tags that end half-way, for want of stack.
 *
 * Each store gets one call, which is cut off somewhere else each time. Invariant tested: what was
 * invalidated before never comes back, and what has tags is invalidated by them.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const MemoryStore = require('../../index.js');
const { frames, onTheLastOfTheStack } = require('../helpers/end-of-stack.js');
const { passDeadline } = require('../helpers/expiry.js');
const { warm } = require('../helpers/hot-path.js');
const { SLOW } = require('../helpers/test-timeout.js');

const STORES = 200;
/** As many as there are places where a call is cut off, and one where it is not. */
const MANY_STORES = 600;

/** Makes `call` on stores of their own, ever farther from the end of the stack; those it was on. */
function cutOff(frame, open, call, count = MANY_STORES) {
  const stores = Array.from({ length: count }, open);
  let next = 0;
  onTheLastOfTheStack(frame, () => {
    if (next < count) call(stores[next++]);
    return true;
  });
  return stores.slice(0, next);
}

function openWithInvalidated() {
  const store = new MemoryStore({ autoStartCleanup: false });
  store.set('alice', 'old', { tags: ['t'] });
  warm(store, 'alice');
  store.set('bob', 'of bob', { tags: ['u'] });
  store.invalidateTag('t');
  return store;
}

const calls = {
  get: (store) => store.get('alice'),
  size: (store) => store.size(),
  keys: (store) => store.keys(),
  touch: (store) => store.touch('alice', 1000),
  delete: (store) => store.delete('alice'),
  take: (store) => store.take('alice'),
  increment: (store) => store.increment('alice'),
  'set with tags': (store) => store.set('alice', 'new', { tags: ['t'] }),
  'set of another key': (store) => store.set('carol', 'of carol', { tags: ['t'] }),
  'invalidateTag, once more': (store) => store.invalidateTag('t'),
  'invalidateTag of another tag': (store) => store.invalidateTag('u'),
};

for (const [name, call] of Object.entries(calls)) {
  test(`after ${name} was cut off what was invalidated is gone`, SLOW, () => {
    for (const frame of frames) {
      for (const store of cutOff(frame, openWithInvalidated, call, STORES)) {
        assert.notEqual(store.get('alice'), 'old');
        const isLeft = store.has('bob');
        assert.equal(store.get('bob'), isLeft ? 'of bob' : undefined);
        if (!name.includes('another tag')) assert.equal(isLeft, true);
        store.invalidateTag('u');
        assert.equal(store.has('bob'), false);
        store.delete('alice');
        store.delete('carol');
        assert.equal(store.size(), 0);
      }
    }
  });
}

test('after set with tags was cut off a hot key is invalidated by them', SLOW, () => {
  const open = () => {
    const store = new MemoryStore({ autoStartCleanup: false });
    store.set('alice', 'old');
    warm(store, 'alice');
    return store;
  };
  for (const frame of frames) {
    const set = (store) => store.set('alice', 'new', { tags: ['t'] });
    for (const store of cutOff(frame, open, set)) {
      store.invalidateTag('t');
      assert.notEqual(store.get('alice'), 'new');
      assert.equal(store.has('alice'), store.size() === 1);
    }
  }
});

const writes = {
  set: (view) => view.set('alice', 'new'),
  'set with tags': (view) => view.set('alice', 'new', { tags: ['t'] }),
  'set for a moment': (view) => view.set('alice', 'new', { ttl: 1 }),
  touch: (view) => view.touch('alice', 1),
  delete: (view) => view.delete('alice'),
};

for (const [name, write] of Object.entries(writes)) {
  test(`after ${name} was cut off a view shows of a hot key what the store has`, SLOW, () => {
    const open = () => {
      const view = new MemoryStore({ autoStartCleanup: false }).namespace('n');
      view.set('alice', 'old');
      warm(view, 'alice');
      return view;
    };
    for (const frame of frames) {
      const views = cutOff(frame, open, write, STORES);
      passDeadline(1);
      for (const view of views) {
        assert.equal(view.get('alice'), view.peek('alice'));
        view.invalidateTag('t');
        for (const key of ['bob', 'carol']) view.set(key, key);
        assert.equal(view.get('alice'), view.peek('alice'));
      }
    }
  });
}

test('an invalidation that was cut off is done for all entries, or for none', SLOW, () => {
  const keys = ['alice', 'bob', 'carol'];
  const open = () => {
    const store = new MemoryStore({ autoStartCleanup: false });
    for (const key of keys) store.set(key, key, { tags: ['t'] });
    warm(store, 'bob');
    return store;
  };
  for (const frame of frames) {
    for (const store of cutOff(frame, open, (it) => it.invalidateTag('t'))) {
      const left = keys.filter((key) => store.get(key) === key).length;
      assert.ok(left === 0 || left === keys.length);
      assert.equal(store.size(), left);
    }
  }
});
