/**
 * A backend whose updates may take their time: the calls on one key take effect in the order in
 * which they were made, and a key that waits for nothing is served within the call.
 *
 * Knows a backend that answers at once. Invariant: while an update of a key is under way, every
 * other call on that key waits for it, but for one that only walks or counts.
 */
'use strict';

const { KeyQueue } = require('../loads/key-queue.js');
const errors = require('../errors/errors.js');
const { updateLater } = require('./optimistic.js');

/** @typedef {import('./backend.js').Backend} Backend */
/** @typedef {import('./backend.js').Direct} Direct */

/** @implements {Backend} */
class QueuedBackend {
  #backend;
  #queue = new KeyQueue();

  /** @param {Direct} backend */
  constructor(backend) {
    this.#backend = backend;
  }

  get isOpen() {
    return this.#backend.isOpen;
  }

  /** @param {string} string */
  get(string) {
    return this.#run(string, 'get', (backend) => backend.get(string));
  }

  /** @param {string} string */
  peek(string) {
    return this.#run(string, 'peek', (backend) => backend.peek(string));
  }

  /** @param {string} string */
  has(string) {
    return this.#run(string, 'has', (backend) => backend.has(string));
  }

  /** @param {string} string */
  ttl(string) {
    return this.#run(string, 'ttl', (backend) => backend.ttl(string));
  }

  /** @param {string} string */
  look(string) {
    return this.#run(string, 'getEntry', (backend) => backend.look(string));
  }

  /** @type {Backend['write']} */
  write(write, when) {
    return this.#run(write.string, 'set', (backend) => backend.write(write, when));
  }

  /** @type {Backend['exchange']} */
  exchange(write, seen) {
    return this.#run(write.string, 'set', (backend) => backend.exchange(write, seen));
  }

  /** @param {string} string */
  remove(string) {
    return this.#run(string, 'delete', (backend) => backend.remove(string));
  }

  /** @param {string} string */
  take(string) {
    return this.#run(string, 'take', (backend) => backend.take(string));
  }

  /** @type {Backend['touch']} */
  touch(string, ttlMs) {
    return this.#run(string, 'touch', (backend) => backend.touch(string, ttlMs));
  }

  /** @type {Backend['increment']} */
  increment(count) {
    return this.#run(count.string, 'increment', (backend) => backend.increment(count));
  }

  /** @type {Backend['hit']} */
  hit(count) {
    return this.#run(count.string, 'hit', (backend) => backend.hit(count));
  }

  /** @type {Backend['compareAndSet']} */
  compareAndSet(write, expected) {
    const act = (/** @type {Direct} */ backend) => backend.compareAndSet(write, expected);
    return this.#run(write.string, 'compareAndSet', act);
  }

  /** @type {Backend['update']} */
  update(update) {
    return this.#queue.run(update.string, () => updateLater(this.#open('update'), update));
  }

  /** @type {Backend['load']} */
  async load(request) {
    const { string } = request;
    if (!this.#queue.isBusy(string)) return this.#backend.load(request);
    // It begins in its turn, and lets others go on: its factory may ask for the key.
    const begun = { load: /** @type {Promise<unknown> | undefined} */ (undefined) };
    await this.#queue.run(string, () => {
      begun.load = this.#open('getOrSet').load(request);
      // Told to its caller, below.
      begun.load.catch(() => {});
    });
    return begun.load;
  }

  /** @param {string[]} strings */
  getMany(strings) {
    if (this.#queue.isIdle) return this.#backend.getMany(strings);
    return Promise.all(strings.map((string) => this.get(string)));
  }

  /** @type {Backend['writeMany']} */
  async writeMany(writes) {
    if (this.#queue.isIdle) return this.#backend.writeMany(writes);
    await Promise.all(writes.map((write) => this.write(write, 0)));
  }

  /** @param {string[]} strings */
  async removeMany(strings) {
    if (this.#queue.isIdle) return this.#backend.removeMany(strings);
    const removed = await Promise.all(strings.map((string) => this.remove(string)));
    return removed.filter(Boolean).length;
  }

  async clear() {
    if (this.#queue.isIdle) return this.#backend.clear();
    // A key that is busy is cleared in its turn; the others do not wait for it.
    for (const key of this.#backend.keys()) {
      if (!this.#queue.isBusy(key)) this.#backend.remove(key);
    }
    await Promise.all(this.#queue.busyKeys().map((key) => this.remove(key)));
  }

  size() {
    return this.#backend.size();
  }

  keys() {
    return this.#backend.keys();
  }

  walk() {
    return this.#backend.walk();
  }

  walkValues() {
    return this.#backend.walkValues();
  }

  stats() {
    return this.#backend.stats();
  }

  /** @param {string} method */
  stored(method) {
    return this.#backend.stored(method);
  }

  close() {
    return this.#backend.close();
  }

  /**
   * Runs a call on a key: at once, unless an update of the key is under way.
   *
   * @template T
   * @param {string} key
   * @param {string} method
   * @param {(backend: Direct) => T} act
   * @returns {T | Promise<Awaited<T>>}
   */
  #run(key, method, act) {
    if (!this.#queue.isBusy(key)) return act(this.#backend);
    return /** @type {Promise<any>} */ (this.#queue.run(key, () => act(this.#open(method))));
  }

  /** @param {string} method */
  #open(method) {
    if (!this.#backend.isOpen) throw errors.storeClosed(method);
    return this.#backend;
  }
}

module.exports = { QueuedBackend };
