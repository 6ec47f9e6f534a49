/**
 * Threads that write and read the same keys, and say what they saw that they must not have seen.
 *
 * Each key has one writer; what it has done is told through a SharedArrayBuffer, after the fact.
 * Each task gives a list of complaints, empty when all was right.
 */
const { SharedStore } = require('../../index.js');
// Bun's own clocks begin anew in each thread.
const { time: nowMs } = require('../../lib/native/clock.js');

/** The word that counts who has come; the last of them. */
const GATE = 15;

/** Values that carry a number, and how to read it; a torn or foreign value is NaN. */
const FORMS = {
  number: { make: (n) => n, read: (it) => it },
  string: { make: (n) => `value-${n}`, read: (it) => Number(it.slice(6)) },
  'long string': {
    make: (n) => `${n}-`.repeat(300),
    read: (it) => {
      const n = Number.parseInt(it, 10);
      return it === `${n}-`.repeat(300) ? n : Number.NaN;
    },
  },
  'wide string': { make: (n) => `\u4e2d-${n}`, read: (it) => Number(it.slice(2)) },
  object: {
    make: (n) => ({ n, twice: 2 * n, list: [n, { n }] }),
    read: (it) => (it.twice === 2 * it.n && it.list[1].n === it.n ? it.n : Number.NaN),
  },
  bytes: {
    make: (n) => new Uint8Array(200).fill(n & 255).map((it, at) => (at < 4 ? n >> (8 * at) : it)),
    read: (it) => {
      const n = it[0] | (it[1] << 8) | (it[2] << 16) | (it[3] << 24);
      return it.subarray(4).every((byte) => byte === (n & 255)) ? n : Number.NaN;
    },
  },
};

const keysOf = (count) => Array.from({ length: count }, (_, index) => `key-${index}`);

/** Opens the store; all threads, or processes, go on together. */
function openAs({ name, scope, path, reads, count, published }) {
  const store = new SharedStore({ name, scope, path, reads });
  if (published === undefined) {
    // Processes share nothing else.
    const gate = new SharedStore({ name: `${name}-gate`, scope, path });
    gate.increment('come');
    while (gate.get('come') < count);
    gate.close();
    return store;
  }
  const words = new Int32Array(published);
  if (Atomics.add(words, GATE, 1) + 1 === count) Atomics.notify(words, GATE);
  waitFor(words, GATE, count);
  return store;
}

/** Each thread writes a key of its own, in rising order, and reads those of all. */
function rising(input) {
  const store = openAs(input);
  const { form, index, count, operations, published } = input;
  const words = new Int32Array(published);
  const { make, read } = FORMS[form];
  const keys = keysOf(count);
  const seen = keys.map(() => 0);
  const complaints = [];
  for (let operation = 1; operation <= operations && complaints.length < 5; operation += 1) {
    // Now and then a write, so that copies are made and become wrong.
    if (operation % 16 === index) {
      store.set(keys[index], make(operation));
      Atomics.store(words, index, operation);
    }
    const at = operation % 5 === 0 ? index : (operation * 7) % count;
    const floor = Math.max(seen[at], Atomics.load(words, at));
    const value = store.get(keys[at]);
    const number = value === undefined ? 0 : read(value);
    if (!(number >= floor)) complaints.push(`${keys[at]}: ${number} after ${floor}`);
    seen[at] = number;
  }
  store.close();
  return complaints;
}

/** All threads count one number up, and read it: nobody sees it fall, nor miss its own count. */
function counting(input) {
  const store = openAs(input);
  const { operations } = input;
  const complaints = [];
  let seen = 0;
  for (let operation = 1; operation <= operations && complaints.length < 5; operation += 1) {
    const number = operation % 8 === 0 ? store.increment('count') : (store.get('count') ?? 0);
    if (!(number >= seen + (operation % 8 === 0 ? 1 : 0))) {
      complaints.push(`${number} after ${seen}`);
    }
    seen = number;
  }
  store.close();
  return complaints;
}

/** One thread writes and deletes; whoever reads between two of its acts sees what it left. */
function comingAndGoing(input) {
  const store = openAs(input);
  const { form, index, operations, published } = input;
  const words = new Int32Array(published);
  const { make, read } = FORMS[form];
  const complaints = [];
  for (let operation = 1; operation <= operations && complaints.length < 5; operation += 1) {
    if (index === 0 && operation % 8 === 0) {
      // Odd: it is being done. What is there is the word, halved, or nothing when that is even.
      Atomics.add(words, 0, 1);
      const next = (Atomics.load(words, 0) + 1) / 2;
      if (next % 2 === 1) store.set('key', make(next));
      else if (operation % 32 === 0) store.take('key');
      else store.delete('key');
      Atomics.add(words, 0, 1);
    }
    const before = Atomics.load(words, 0);
    const value = store.get('key');
    if (before % 2 === 1 || Atomics.load(words, 0) !== before) continue;
    const expected = (before / 2) % 2 === 1 ? before / 2 : 0;
    const number = value === undefined ? 0 : read(value);
    if (number !== expected) complaints.push(`${number} instead of ${expected}`);
  }
  store.close();
  return complaints;
}

const TTL_MS = 3;
/** A deadline may be rounded up to the next whole millisecond. */
const ROUNDING_MS = 1;

/** One thread writes entries that expire; nobody sees one past its deadline. */
function expiring(input) {
  const store = openAs(input);
  const { form, index, durationMs, published, times } = input;
  const words = new Int32Array(published);
  const writtenMs = new Float64Array(times);
  const { make, read } = FORMS[form];
  const complaints = [];
  let hits = 0;
  let misses = 0;
  let written = 0;
  const endMs = nowMs() + durationMs;
  // Who writes goes on until it has seen both.
  const isToGoOn = (/** @type {number} */ ms) =>
    complaints.length < 5 && (ms < endMs || (index === 0 && (hits === 0 || misses === 0)));
  for (let startMs = nowMs(); isToGoOn(startMs); startMs = nowMs()) {
    if (index === 0 && startMs >= (writtenMs[written] ?? 0) + 2 * TTL_MS) {
      written += 1;
      if (written === writtenMs.length) break;
      store.set('key', make(written), { ttl: TTL_MS });
      writtenMs[written] = nowMs();
      Atomics.store(words, 0, written);
    }
    const askedMs = nowMs();
    const value = store.get('key');
    if (value === undefined) {
      misses += 1;
      continue;
    }
    hits += 1;
    const number = read(value);
    // When it was written is told after the fact.
    if (number > Atomics.load(words, 0)) continue;
    const lateMs = askedMs - writtenMs[number] - TTL_MS - ROUNDING_MS;
    if (!(lateMs <= 0)) complaints.push(`${number} was seen ${lateMs} ms late`);
  }
  store.close();
  return { complaints, hits, misses };
}

/** Two threads take turns: what one has set, the other gets, without a turn of the event loop. */
function pingPong(input) {
  const store = openAs(input);
  const { index, rounds, published, forms } = input;
  const words = new Int32Array(published);
  const complaints = [];
  for (let turn = 1; turn <= 2 * rounds; turn += 1) {
    const { make, read } = FORMS[forms[turn % forms.length]];
    if (turn % 2 === index) {
      store.set('ball', make(turn));
      Atomics.store(words, 0, turn);
      Atomics.notify(words, 0);
      waitFor(words, 1, turn);
      continue;
    }
    waitFor(words, 0, turn);
    // Every other time it is read often enough to be copied.
    for (let time = 0; time <= turn % 12; time += 1) {
      const value = store.get('ball');
      const number = value === undefined ? undefined : read(value);
      if (number !== turn && complaints.length < 5) complaints.push(`${number} in turn ${turn}`);
    }
    Atomics.store(words, 1, turn);
    Atomics.notify(words, 1);
  }
  store.close();
  return complaints;
}

/** Blocks until a word has come to `turn`. */
function waitFor(words, at, turn) {
  for (let word = Atomics.load(words, at); word < turn; word = Atomics.load(words, at)) {
    Atomics.wait(words, at, word);
  }
}

module.exports = { FORMS, openAs, waitFor, comingAndGoing, counting, expiring, pingPong, rising };
