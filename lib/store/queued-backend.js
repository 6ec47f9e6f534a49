/**
 * A backend whose updates may take their time: the calls on one key take effect in the order in
 * which they were made, and a key that waits for nothing is served within the call.
 *
 * Knows a backend that answers at once, by its methods: one whose first argument is or has a key
 * waits for its turn. Invariant: while an update of a key is under way, every other call on that
 * key waits for it.
 */
'use strict';

const { PLAIN } = require('../keys/keyspace.js');
const { KeyQueue } = require('../loads/key-queue.js');
const errors = require('../errors/errors.js');
const { allWithin } = require('../arguments/filter.js');
const { When } = require('../arguments/writes.js');
const { listInTurns, sumInTurns } = require('./walks.js');

/** What no call of a store asks for. */
const OTHERS = Object.freeze([
  ...['ownWrites', 'whole', 'attach'],
  ...['keySteps', 'countSteps', 'removeSteps'],
]);

/** @typedef {import('./backend.js').Direct & import('./backend.js').Stepwise} Direct */
/** @typedef {InstanceType<typeof import('../arguments/filter.js').Filter>} Filter */
/** @typedef {(...given: any[]) => any} Method */

class QueuedBackend {
  /** Functions of updates may give promises. */
  mayWait = true;
  #backend;
  #queue = new KeyQueue();

  /** @param {Direct} backend */
  constructor(backend) {
    this.#backend = backend;
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(backend))) {
      if (Object.hasOwn(QueuedBackend.prototype, name) || OTHERS.includes(name)) continue;
      const method = /** @type {Method} */ (Reflect.get(backend, name));
      /** @type {Method} */
      const inTurn = (...given) => this.#inTurn(name, method, given);
      Object.defineProperty(this, name, { value: inTurn });
    }
  }

  get isOpen() {
    return this.#backend.isOpen;
  }

  /**
   * Runs what reads and writes a key in several steps, in its turn.
   *
   * @param {string} string
   * @param {(backend: Direct) => unknown} act
   */
  alone(string, act) {
    return this.#queue.run(string, () => act(this.#open('update')));
  }

  /** @param {import('../arguments/load-options.js').LoadRequest} request */
  async load(request) {
    const { string } = request;
    if (!this.#queue.isBusy(string)) return this.#backend.load(request);
    // It begins in its turn, and lets others go on: its factory may ask for the key.
    const [load] = await this.#queue.run(string, () => [this.#open('getOrSet').load(request)]);
    return load;
  }

  /** @param {string[]} strings */
  getMany(strings) {
    return this.#each(
      strings,
      (string) => string,
      'get',
      (backend, it) => backend.get(it),
    );
  }

  /** @param {Parameters<Direct['writeMany']>[0]} writes */
  async writeMany(writes) {
    const put = (/** @type {Direct} */ backend, /** @type {any} */ write) => {
      return backend.write(write, When.ALWAYS);
    };
    await this.#each(writes, ({ string }) => string, 'set', put);
  }

  /** @param {string[]} strings */
  async removeMany(strings) {
    const remove = (/** @type {Direct} */ backend, /** @type {string} */ it) => backend.remove(it);
    const removed = await this.#each(strings, (string) => string, 'delete', remove);
    return removed.filter(Boolean).length;
  }

  /** @param {InstanceType<typeof import('../keys/keyspace.js').Keyspace>} [space] */
  async clear(space = PLAIN) {
    const busy = this.#queue.busyKeys().filter((string) => space.covers(string));
    if (busy.length === 0) return this.#backend.clear(space);
    // A key that is busy is cleared in its turn; the others do not wait for it.
    for (const string of this.#backend.keys(allWithin(space))) {
      if (!this.#queue.isBusy(string)) this.#backend.remove(string);
    }
    await this.removeMany(busy);
  }

  /** @param {Filter} filter */
  keys(filter) {
    return listInTurns(this.#backend.keySteps(filter));
  }

  /** @param {Filter} filter */
  count(filter) {
    return sumInTurns(this.#backend.countSteps(filter));
  }

  /** @param {Filter} filter */
  async removeWhere(filter) {
    if (this.#queue.isIdle) return sumInTurns(this.#backend.removeSteps(filter));
    // As in `clear`: what is busy goes in its turn, though it may not be there yet.
    const busy = this.removeMany(this.#queue.busyKeys().filter((key) => filter.means(key)));
    const [others, late] = await Promise.all([sumInTurns(this.#removeIdle(filter)), busy]);
    return others + late;
  }

  /**
   * Removes what is meant and not busy, some at a time; how many.
   *
   * @param {Filter} filter
   */
  *#removeIdle(filter) {
    for (const keys of this.#backend.keySteps(filter)) {
      const idle = keys.filter((key) => !this.#queue.isBusy(key));
      yield this.#backend.removeMany(idle);
    }
  }

  /**
   * Calls a method of the backend: at once, unless an update of its key is under way.
   *
   * @param {string} name
   * @param {Method} method
   * @param {any[]} given
   */
  #inTurn(name, method, given) {
    const [first] = given;
    const key = typeof first === 'object' ? first.string : first;
    if (key === undefined || !this.#queue.isBusy(key)) return method.apply(this.#backend, given);
    return this.#queue.run(key, () => method.apply(this.#open(name), given));
  }

  /**
   * What a call gives for each of many, of which those that are busy have their turns.
   *
   * @template T, R
   * @param {T[]} many
   * @param {(one: T) => string} keyOf
   * @param {string} method for whom
   * @param {(backend: Direct, one: T) => R} act
   * @returns {Promise<R[]>}
   */
  #each(many, keyOf, method, act) {
    const answers = many.map((one) => {
      const key = keyOf(one);
      if (!this.#queue.isBusy(key)) return act(this.#backend, one);
      return this.#queue.run(key, () => act(this.#open(method), one));
    });
    return Promise.all(answers);
  }

  /** @param {string} method */
  #open(method) {
    if (!this.#backend.isOpen) throw errors.storeClosed(method);
    return this.#backend;
  }
}

module.exports = { QueuedBackend };
