/**
 * What is done with a large store, step by step: fill, read, expire, snapshot, restore.
 *
 * Times are those of the processor, of all threads of the process, so that they mean something on
 * a busy machine too. Every answer is checked. Knows no kind of store.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { rounded } = require('../../report/statistics.js');
const { flat } = require('../../rows/load.js');
const { randomNumbers } = require('../../rows/random.js');
const { fill, fillUntilRefused } = require('./filling.js');
const { Progress } = require('./progress.js');

const SEED = 20240607;
const ROUNDS = 9;
const HOT_KEYS = 1000;
const HOT_PASSES = 300;
/** Reads of a turn at random; no key is read twice. */
const RANDOM_READS = 150_000;
/** Against which hot reads are compared. */
const BASE_ENTRIES = 1_000_000;
/** One in so many expires. */
const EXPIRING_STRIDE = 10;
/** Time for setting the deadlines, as a multiple of what a sample of them took. */
const PATIENCE = 2;
/** One in so many of them is the sample, of which there are enough to outlast an interruption. */
const PATIENCE_STRIDE = 20;
/** Every so many entries one is read back after a restore. */
const SAMPLE_STRIDE = 9973;
const LONGEST_SET_MS = 2;
const HOT_LIMIT = 1.2;
const PEER_LIMIT = 0.5;

/** Sixteen characters, in the order of the ids. */
const keyOf = (id) => `k${String(id).padStart(15, '0')}`;

class Steps {
  parts = {};
  skipped = {};
  #kind;
  #how;
  #entries;
  #progress;
  #random = randomNumbers(SEED);
  #store;
  #peer;

  constructor(kind, name, how) {
    this.#kind = kind;
    this.#how = how;
    this.#entries = how.entries;
    this.#progress = new Progress(name, how.entries);
  }

  /** What is to be done, in order. */
  list() {
    const step = (name, act) => {
      const run = async () => {
        this.#progress.begin(name);
        await act();
      };
      return { name, run };
    };
    if (!this.#kind.isWhole) return [step('fill until it refuses', () => this.#fillUntilRefused())];
    return [
      step('fill', () => this.#fill()),
      step('hot reads', () => this.#readHot()),
      step('fill the peer', () => this.#openPeer()),
      step('random reads', () => this.#readAtRandom()),
      step('expire', () => this.#expire()),
      step('snapshot', () => this.#save()),
      step('restore', () => this.#restore()),
    ];
  }

  #fill() {
    const rssBefore = settledRss();
    this.#store = this.#kind.open(this.#how, 'large', this.#entries);
    const told = fill(this.#store, keyOf, this.#entries, this.#progress);
    this.parts['fill, processor time of a set'] = { unit: 'ns', ours: [told.nsEach] };
    this.parts['longest set while filling'] = {
      unit: 'ms',
      ours: [told.longestMs],
      limit: LONGEST_SET_MS,
    };
    this.#noteBytes(this.#entries, rssBefore);
    const size = this.#kind.size(this.#store);
    if (size !== this.#entries) throw new Error(`${size} entries, not ${this.#entries}`);
  }

  #fillUntilRefused() {
    const rssBefore = settledRss();
    this.#store = this.#kind.open(this.#how, 'large', this.#entries);
    const filled = fillUntilRefused(this.#store, keyOf, this.#entries, this.#progress);
    this.parts['entries until it refuses one'] = { unit: 'entries', ours: [filled] };
    this.#noteBytes(filled, rssBefore);
  }

  #noteBytes(entries, rssBefore) {
    const bytes = this.#kind.bytes(this.#store, this.#how, settledRss() - rssBefore);
    this.parts['bytes of an entry, all in'] = {
      unit: 'bytes',
      ours: [rounded(bytes / entries)],
      limit: this.#kind.bytesLimit,
    };
  }

  /** A thousand keys again and again, beside the same in a store of fewer entries. */
  #readHot() {
    const baseEntries = Math.min(BASE_ENTRIES, this.#entries);
    const base = this.#kind.open(this.#how, 'base', baseEntries);
    for (let id = 0; id < baseEntries; id += 1) base.set(keyOf(id), id);
    const ids = Array.from({ length: HOT_KEYS }, () => this.#drawn(baseEntries));
    const keys = ids.map((id) => flat(keyOf(id)));
    const sum = HOT_PASSES * ids.reduce((all, id) => all + id, 0);
    const turn = (name, store) => {
      const read = hotLoop(name);
      return () => checked(() => read(store, keys, HOT_PASSES), sum) / (HOT_KEYS * HOT_PASSES);
    };
    const told = inTurns({ ours: turn('large', this.#store), peer: turn('base', base) });
    this.#kind.end(base);
    const name = `hot get ÷ the same of ${baseEntries.toLocaleString('en-US')}`;
    this.parts[name] = { unit: 'ns', ...told, limit: HOT_LIMIT };
  }

  #openPeer() {
    const { peer } = this.#kind;
    if (peer === undefined) return;
    try {
      this.#peer = peer.open(this.#how, this.#entries);
    } catch (error) {
      this.skipped[peer.name] = error.message;
      return;
    }
    const began = processorNs();
    this.#peer.fill(keyOf, (done) => this.#progress.tell(done));
    const nsEach = rounded((processorNs() - began) / this.#entries);
    this.parts['fill, processor time of a set'].peer = [nsEach];
    const bytesEach = rounded(this.#peer.bytes() / this.#entries);
    this.parts[`bytes of an entry, all in, ${peer.name}`] = { unit: 'bytes', ours: [bytesEach] };
  }

  #readAtRandom() {
    const turn = (name, store) => {
      const read = randomLoop(name);
      return ({ keys, sum }) => checked(() => read(store, keys), sum) / keys.length;
    };
    const contenders = { ours: turn('ours', this.#store) };
    if (this.#peer !== undefined) contenders.peer = turn('peer', this.#peer.store);
    const told = inTurns(contenders, () => this.#drawnKeys());
    const name = this.#peer === undefined ? 'random get' : `random get ÷ ${this.#kind.peer.name}`;
    this.parts[name] = { unit: 'ns', ...told, ...(this.#peer && { limit: PEER_LIMIT }) };
    this.#peer?.close();
  }

  #drawnKeys() {
    const ids = Array.from({ length: RANDOM_READS }, () => this.#drawn(this.#entries));
    const keys = ids.map((id) => flat(keyOf(id)));
    return { keys, sum: ids.reduce((all, id) => all + id, 0) };
  }

  #drawn(count) {
    return Math.floor(this.#random() * count);
  }

  /** A tenth of the entries gets one deadline; when it has passed, they are absent at once. */
  async #expire() {
    const expiring = Math.ceil(this.#entries / EXPIRING_STRIDE);
    const sample = Math.ceil(expiring / PATIENCE_STRIDE);
    const began = performance.now();
    const far = 24 * 60 * 60_000;
    for (let place = 0; place < sample; place += 1) this.#touch(place, far);
    const needMs = ((performance.now() - began) / sample) * expiring * PATIENCE + 1000;
    const deadline = performance.now() + needMs;
    let latest = deadline;
    for (let place = 0; place < expiring; place += 1) {
      const ttlMs = Math.max(1, Math.ceil(deadline - performance.now()));
      this.#touch(place, ttlMs);
      // The store counts from some moment before this one.
      latest = Math.max(latest, performance.now() + ttlMs);
    }
    if (performance.now() > deadline) throw new Error('the deadlines passed while they were set');
    await new Promise((resolve) => setTimeout(resolve, latest + 2 - performance.now()));
    const before = processorNs();
    const size = this.#kind.size(this.#store);
    const nsEach = rounded((processorNs() - before) / expiring);
    this.#entries -= expiring;
    if (size !== this.#entries) throw new Error(`${size} entries after the deadline`);
    this.parts['expire, processor time of an entry'] = { unit: 'ns', ours: [nsEach] };
  }

  #touch(place, ttlMs) {
    const id = place * EXPIRING_STRIDE;
    if (!this.#store.touch(keyOf(id), ttlMs)) throw new Error(`entry ${id} is lost`);
  }

  async #save() {
    const before = processorNs();
    const { entries } = await this.#store.snapshot(this.#file, this.#telling);
    this.#noteCost('snapshot, processor time of an entry', before, entries);
    const bytesEach = rounded(fs.statSync(this.#file).size / entries);
    this.parts['bytes of an entry in a snapshot'] = { unit: 'bytes', ours: [bytesEach] };
    this.#kind.end(this.#store);
  }

  async #restore() {
    this.#store = this.#kind.open(this.#how, 'restored', this.#entries);
    const before = processorNs();
    const { entries } = await this.#store.restore(this.#file, this.#telling);
    this.#noteCost('restore, processor time of an entry', before, entries);
    this.#checkRestored(this.#kind.size(this.#store));
    this.#kind.end(this.#store);
  }

  get #file() {
    return path.join(this.#how.disk, 'large.snapshot');
  }

  get #telling() {
    return { onProgress: ({ entries }) => this.#progress.tell(entries) };
  }

  #noteCost(name, before, entries) {
    if (entries !== this.#entries) throw new Error(`${entries} entries, not ${this.#entries}`);
    this.parts[name] = { unit: 'ns', ours: [rounded((processorNs() - before) / entries)] };
  }

  #checkRestored(size) {
    if (size !== this.#entries) throw new Error(`${size} entries restored`);
    for (let id = 0; id < this.#how.entries; id += SAMPLE_STRIDE) {
      const expected = id % EXPIRING_STRIDE === 0 ? undefined : id;
      if (this.#store.get(keyOf(id)) !== expected) throw new Error(`entry ${id} is another one`);
    }
  }
}

/** A loop for each store, of a source of its own: V8 shares what it learns between equal ones. */
function hotLoop(name) {
  return new Function(
    'store',
    'keys',
    'passes',
    `/* ${name} */ let sum = 0;
    for (let pass = 0; pass < passes; pass += 1) {
      for (let at = 0; at < keys.length; at += 1) sum += store.get(keys[at]);
    }
    return sum;`,
  );
}

function randomLoop(name) {
  return new Function(
    'store',
    'keys',
    `/* ${name} */ let sum = 0;
    for (let at = 0; at < keys.length; at += 1) sum += store.get(keys[at]);
    return sum;`,
  );
}

/** Nanoseconds of the processor that a loop takes whose sum has to be right. */
function checked(loop, expected) {
  const began = processorNs();
  const sum = loop();
  const ns = processorNs() - began;
  if (sum !== expected) throw new Error('a read gave another value');
  return ns;
}

/** One turn each in every round, another one first each time; the first round does not count. */
function inTurns(contenders, prepare = () => undefined) {
  const told = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    const load = prepare();
    const turns = Object.entries(contenders);
    if (round % 2 === 1) turns.reverse();
    for (const [name, turn] of turns) {
      const ns = turn(load);
      if (round > 0) told[name].push(ns);
    }
  }
  return told;
}

function processorNs() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** The resident memory once two collections have given back what they can. */
function settledRss() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage.rss();
}

module.exports = { Steps };
