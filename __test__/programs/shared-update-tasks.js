/**
 * Participants that change one entry at the same time, each change on top of what is there.
 *
 * Must not know what a test expects. All of a race start together, at the gate.
 */
const { setImmediate: turn } = require('node:timers/promises');
const { Session } = require('shared-memory-store/session');
const { SharedStore } = require('../../index.js');
const { time: nowMs } = require('../../lib/native/clock.js');
const { openAs } = require('./shared-coherence-tasks.js');

/** Adds properties of its own to one session; how many updates found it. */
async function session({ id, index, times, options, ...input }) {
  const store = openAs(input);
  const sessions = new Session({ store, ...options });
  let found = 0;
  for (let time = 0; time < times; time += 1) {
    if (await sessions.update(id, { [`${index}-${time}`]: time })) found += 1;
  }
  store.close();
  return found;
}

/** Writes properties of its own again and again; how often each of them was what it had written. */
async function rewrite({ id, index, times, properties, ...input }) {
  const store = openAs(input);
  const sessions = new Session({ store });
  const written = {};
  let kept = 0;
  for (let time = 0; time < times; time += 1) {
    const name = `${index}-${time % properties}`;
    written[name] = time;
    await sessions.update(id, { [name]: time });
    const data = await sessions.get(id);
    if (Object.entries(written).every(([own, value]) => data[own] === value)) kept += 1;
  }
  store.close();
  return kept;
}

/** Counts in an object; which counts it made. */
function count({ times, index, ...input }) {
  const store = openAs(input);
  const made = [];
  for (let time = 0; time < times; time += 1) {
    const { n } = store.update('count', (value = { n: 0, by: {} }) => ({
      n: value.n + 1,
      by: { ...value.by, [index]: (value.by[index] ?? 0) + 1 },
    }));
    made.push(n);
  }
  store.close();
  return made;
}

/** Counts in an object until it is told to stop, or killed; says how far it is; its counts. */
async function countOn({ index, ...place }, say, told) {
  const store = new SharedStore(place);
  let isStopped = false;
  told('stop').then(() => {
    isStopped = true;
  });
  let made = 0;
  while (!isStopped) {
    for (let time = 0; time < 20; time += 1) {
      store.update('count', ({ n, by }) => ({
        n: n + 1,
        by: { ...by, [index]: (by[index] ?? 0) + 1 },
      }));
      made += 1;
    }
    if (made === 100) say('counting');
    await turn();
  }
  store.close();
  return made;
}

/** Counts in an object by what it saw, again where another was quicker; its counts. */
function compare({ times, ...input }) {
  const store = openAs(input);
  const made = [];
  while (made.length < times) {
    const seen = store.get('count');
    const next = { n: (seen?.n ?? 0) + 1 };
    if (store.compareAndSet('count', seen, next)) made.push(next.n);
  }
  store.close();
  return made;
}

/** One changes a number by slow updates until the others have counted on it; how often each did. */
function beside({ index, times, spinMs, ...input }) {
  const store = openAs({ index, ...input });
  let made = 0;
  if (index > 0) {
    for (; made < times; made += 1) store.increment('count');
    store.increment('done');
  } else {
    while ((store.get('done') ?? 0) < input.count - 1) {
      store.update('count', (value = 0) => {
        const until = nowMs() + spinMs;
        while (nowMs() < until);
        return value + 1;
      });
      made += 1;
    }
  }
  store.close();
  return made;
}

/** Counts once each time that it is asked to, `times` times; says when it can be asked. */
function countWhenAsked({ name, times, asked }, say) {
  const store = new SharedStore({ name });
  const word = new Int32Array(asked);
  say('ready');
  for (let time = 0; time < times; time += 1) {
    while (Atomics.load(word, 0) === 2 * time) Atomics.wait(word, 0, 2 * time);
    store.increment('count');
    Atomics.store(word, 0, 2 * time + 2);
    Atomics.notify(word, 0);
  }
  store.close();
}

/** Changes that mostly change nothing, and some that throw; how many did. */
function seldom({ times, ...input }) {
  const store = openAs(input);
  let changed = 0;
  for (let time = 0; time < times; time += 1) {
    let isChange = time % 5 === 0;
    try {
      store.update('count', (value = 0) => {
        if (time % 5 === 1) throw new Error('on purpose');
        return isChange ? value + 1 : undefined;
      });
    } catch (error) {
      if (error.message !== 'on purpose') throw error;
      isChange = false;
    }
    if (isChange) changed += 1;
  }
  store.close();
  return changed;
}

/** Steps of a bounded counter; what it read after each. */
function bounded({ times, by, bounds, ...input }) {
  const store = openAs(input);
  const sums = [];
  for (let time = 0; time < times; time += 1) sums.push(store.increment('count', by, bounds));
  store.close();
  return sums;
}

/** Hits in windows of `ttl`: the number each gave, and between which times its window ends. */
function hit({ times, ttl, ...input }) {
  const store = openAs(input);
  const hits = [];
  for (let time = 0; time < times; time += 1) {
    const before = nowMs();
    const { value, ttl: left } = store.hit('window', 1, { ttl });
    hits.push({ value, left, endsAfter: before + left - 1, endsBefore: nowMs() + left });
  }
  store.close();
  return hits;
}

module.exports = {
  beside,
  bounded,
  compare,
  count,
  countOn,
  countWhenAsked,
  hit,
  rewrite,
  seldom,
  session,
};
