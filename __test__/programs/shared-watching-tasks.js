/**
 * What processes do to a store that others watch, too.
 *
 * Must not know what a test expects.
 */
const { isDeepStrictEqual } = require('node:util');
const { SharedStore } = require('../../index.js');
const { randomFrom } = require('../helpers/seeded-random.js');
const { waitUntil } = require('../helpers/wait-until.js');

/** Watches everything and keeps what is there, until it is told that all is over. */
async function replay({ place }, say, told) {
  const store = new SharedStore(place);
  let keys = new Set();
  let [overflows, changes] = [0, 0];
  const last = new Promise((resolve) => {
    store.watch(
      { prefix: '' },
      ({ type, key }) => {
        changes += 1;
        if (type === 'set') keys.add(key);
        else if (type === 'clear') keys.clear();
        else if (type === 'overflow') {
          overflows += 1;
          keys = new Set(store.keys());
        } else keys.delete(key);
        if (keys.has('the end')) resolve();
      },
      { keepAlive: true },
    );
  });
  say('watching');
  await told('finish');
  await last;
  // What has expired by now may be told in a while.
  const isSame = () => isDeepStrictEqual([...keys].sort(), store.keys().sort());
  await waitUntil(isSame, 'all is told');
  store.close();
  return { overflows, changes };
}

/** Changes entries at random. */
function change({ place, seed, times }) {
  const store = new SharedStore(place);
  const random = randomFrom(seed);
  for (let n = 0; n < times; n += 1) {
    const key = `key ${random(50)}`;
    switch (random(12)) {
      case 0:
        store.delete(key);
        break;
      case 1:
        store.set(key, n, { ttl: 1 + random(20) });
        break;
      case 2:
        if (random(40) === 0) store.clear();
        break;
      default:
        store.set(key, 'x'.repeat(random(60)));
    }
  }
  store.close();
}

/** Sets keys in turn for ever, and is killed meanwhile. */
function changeForEver({ place }, say) {
  const store = new SharedStore(place);
  say('open');
  for (let n = 0; ; n += 1) {
    if (n % 3 === 0) store.delete(`key ${n % 50}`);
    else store.set(`key ${n % 50}`, 'x'.repeat(n % 60));
  }
}

/** Gives the messages of a channel, up to the last. */
async function listen({ place, times }, say) {
  const store = new SharedStore(place);
  const heard = [];
  const messages = store.subscribe('channel', { keepAlive: true });
  say('listening');
  for await (const { value, origin, type } of messages) {
    heard.push(type === 'overflow' ? type : [value, origin]);
    if (value === times || value?.n === times) break;
  }
  store.close();
  return heard;
}

/** Publishes numbers in turn for ever, and is killed meanwhile. */
function publishForEver({ place, by }, say) {
  const store = new SharedStore(place);
  say('open');
  for (let n = 0; ; n += 1) {
    // Some are of several words more.
    store.publish('numbers', { by, n, text: 'x'.repeat(n % 60) });
  }
}

/** Follows the numbers of each publisher: how many came, and how many are missing untold. */
async function follow({ place }, say) {
  const store = new SharedStore(place);
  const next = new Map();
  let [came, gaps, isOpen] = [0, 0, false];
  const messages = store.subscribe('numbers', { keepAlive: true });
  say('following');
  for await (const { value, type } of messages) {
    if (type === 'overflow') {
      // Whoever is heard of next may have said anything meanwhile.
      next.clear();
      isOpen = true;
      continue;
    }
    const { by, n, text } = value;
    if (by === 'the end') break;
    came += 1;
    const expected = next.get(by) ?? (isOpen ? n : 0);
    if (n !== expected || text !== 'x'.repeat(n % 60)) gaps += 1;
    next.set(by, n + 1);
  }
  store.close();
  return { came, gaps };
}

module.exports = { change, changeForEver, follow, listen, publishForEver, replay };
