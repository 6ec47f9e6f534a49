/**
 * A backend whose updates may take their time: the calls on one key take effect in the order in
 * which they were made, and a key that waits for nothing is served within the call.
 *
 * Knows a backend that answers at once, by its methods: one whose first argument is or has a key
 * waits for its turn. Invariant: while an update of a key is under way, every other call on that
 * key waits for it, and a removal of many comes to a key before what is asked of the key later.
 */
'use strict';

const { PLAIN } = require('../keys/keyspace.js');
const { KeyQueue } = require('../loads/key-queue.js');
const { untilAborted } = require('../loads/until-aborted.js');
const errors = require('../errors/errors.js');
const { allWithin } = require('../arguments/filter.js');
const { When } = require('../arguments/writes.js');
const { listInTurns, sumInTurns } = require('./walks.js');

/** What no call of a store asks for. */
const OTHERS = Object.freeze([
  ...['ownWrites', 'hasWritten', 'whole', 'attach'],
  ...['keySteps', 'countSteps', 'overtakeLoads'],
]);

/** @typedef {import('./backend.js').Direct & import('./backend.js').Stepwise} Direct */
/** @typedef {InstanceType<typeof import('../arguments/filter.js').Filter>} Filter */
/** @typedef {(...given: any[]) => any} Method */
/**
 * The removal of what a filter means: the keys that it leaves alone, and how many were removed
 * since something was asked of them.
 *
 * @typedef {{ filter: Filter, settled: Set<string>, early: number }} Removal
 */

class QueuedBackend {
  /** Functions of updates may give promises. */
  mayWait = true;
  #backend;
  #queue = new KeyQueue();
  /** Those that are under way. @type {Set<Removal>} */
  #removals = new Set();

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
    this.#settle(string);
    return this.#queue.run(string, () => act(this.#open('update')));
  }

  /** @param {import('../arguments/load-options.js').LoadRequest} request */
  async load(request) {
    const { string } = request;
    const { signal } = request.how;
    this.#settle(string);
    if (!this.#queue.isBusy(string)) return this.#backend.load(request);
    // It begins in its turn, and lets others go on: its factory may ask for the key.
    // For one who has given up nothing does.
    const turn = this.#queue.run(string, () => {
      return signal?.aborted ? [] : [this.#open('getOrSet').load(request)];
    });
    const isPatient = signal === undefined;
    const [load] = await (isPatient ? turn : untilAborted(turn, signal, same, () => {}));
    return load;
  }

  /** A name is no key. @param {string} method */
  stored(method) {
    return this.#backend.stored(method);
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
    const filter = allWithin(space);
    this.#backend.overtakeLoads(filter);
    // A key that is busy is cleared in its turn; the others do not wait for it.
    for (const string of this.#backend.keys(filter)) {
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
    this.#backend.overtakeLoads(filter);
    // As in `clear`: what is busy goes in its turn, though it may not be there yet.
    const busy = this.#queue.busyKeys().filter((key) => filter.means(key));
    const removal = { filter, settled: new Set(busy), early: 0 };
    const late = this.removeMany(busy);
    this.#removals.add(removal);
    try {
      const [idle, busied] = await Promise.all([sumInTurns(this.#removeIdle(removal)), late]);
      return removal.early + idle + busied;
    } finally {
      this.#removals.delete(removal);
    }
  }

  /**
   * Removes what is meant and not settled, and so not busy, some at a time; how many.
   *
   * @param {Removal} removal
   */
  *#removeIdle({ filter, settled }) {
    for (const keys of this.#backend.keySteps(filter)) {
      yield this.#backend.removeMany(keys.filter((key) => !settled.has(key)));
    }
  }

  /**
   * Does to a key that something is about to be asked of what was to be done to it before: the
   * removals that are under way and have not come to it leave it alone from now on.
   *
   * @param {string} string
   */
  #settle(string) {
    if (this.#removals.size === 0 || !this.isOpen) return;
    for (const removal of this.#removals) {
      if (removal.settled.has(string) || !removal.filter.means(string)) continue;
      removal.settled.add(string);
      if (this.#backend.remove(string)) removal.early += 1;
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
    if (key !== undefined) this.#settle(key);
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
      this.#settle(key);
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

/**
 * @template T
 * @param {T} it
 */
function same(it) {
  return it;
}

module.exports = { QueuedBackend };
