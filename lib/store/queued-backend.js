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
const { throwApart } = require('../native/timers.js');
const errors = require('../errors/errors.js');
const { When } = require('../arguments/writes.js');
const { listInTurns, sumInTurns } = require('./walks.js');

/** What no call of a store asks for. */
const OTHERS = Object.freeze([
  ...['ownWrites', 'hasWritten', 'whole', 'attach'],
  ...['keySteps', 'countSteps', 'overtakeLoads', 'clearBut'],
]);

/**
 * @typedef {import('./backend.js').Direct & import('./backend.js').Stepwise
 *   & import('./backend.js').Telling} Direct
 */
/** @typedef {InstanceType<typeof import('../arguments/filter.js').Filter>} Filter */
/** @typedef {(...given: any[]) => any} Method */
/**
 * The removal of what a filter means: the keys that it leaves alone, how many were removed since
 * something was asked of them, and what listeners have thrown.
 *
 * @typedef {{ filter: Filter, settled: Set<string>, early: number, thrown: unknown[] }} Removal
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
      if (signal?.aborted) return [];
      const load = this.#open('getOrSet').load(request);
      // Who gives up before it gets here is not told by it how it went.
      load.catch(() => {});
      return [load];
    });
    const isPatient = signal === undefined;
    const [load] = await (isPatient ? turn : untilAborted(turn, signal, same, () => {}));
    return load;
  }

  /** @param {() => object} act */
  untold(act) {
    return this.#backend.untold?.(act) ?? act();
  }

  /** A name is no key. @param {string} method */
  stored(method) {
    return this.#backend.stored(method);
  }

  /** @param {string[]} strings */
  getMany(strings) {
    return this.getManyOr(strings, undefined);
  }

  /** @param {string[]} strings @param {unknown} absent */
  async getManyOr(strings, absent) {
    const { idle, late } = this.#parted(strings, same, (string) => {
      return this.#open('get').getOr(string, absent);
    });
    const [values, ...others] = await together(() => this.#backend.getManyOr(idle, absent), late);
    const [next, nextLate] = [values.values(), others.values()];
    return strings.map((_, index) => (late.has(index) ? nextLate : next).next().value);
  }

  /** @param {Parameters<Direct['writeMany']>[0]} writes */
  async writeMany(writes) {
    const { idle, late } = this.#parted(writes, stringOf, (write) => {
      return this.#open('set').write(write, When.ALWAYS);
    });
    await together(() => this.#backend.writeMany(idle), late);
  }

  /** @param {string[]} strings */
  async removeMany(strings) {
    const { idle, late } = this.#parted(strings, same, (string) => {
      return this.#open('delete').remove(string);
    });
    const [removed, ...others] = await together(() => this.#backend.removeMany(idle), late);
    return removed + others.filter(Boolean).length;
  }

  /** @param {InstanceType<typeof import('../keys/keyspace.js').Keyspace>} [space] */
  async clear(space = PLAIN) {
    const busy = this.#queue.busyKeys().filter((string) => space.covers(string));
    if (busy.length === 0) return this.#backend.clear(space);
    // A key that is busy is removed in its turn; the others do not wait for it.
    const { late } = this.#parted(busy, same, (string) => this.#open('clear').remove(string));
    const isBusy = (/** @type {string} */ string) => this.#queue.isBusy(string);
    await together(() => this.#backend.clearBut(space, isBusy), late);
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
    const removal = { filter, settled: new Set(busy), early: 0, thrown: [] };
    const late = this.removeMany(busy);
    this.#removals.add(removal);
    try {
      const [idle, busied] = await Promise.all([sumInTurns(this.#removeIdle(removal)), late]);
      if (removal.thrown.length > 0) throw removal.thrown[0];
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
  *#removeIdle(removal) {
    const { filter, settled, thrown } = removal;
    for (const keys of this.#backend.keySteps(filter)) {
      const idle = keys.filter((key) => !settled.has(key));
      yield this.#removeFor(removal, idle);
      // Who has closed the store leaves nothing to be removed.
      if (thrown.length > 0 && !this.isOpen) return;
    }
  }

  /**
   * Removes keys for a removal, which goes to its end and then throws what a listener has thrown;
   * how many. Of what others throw the process hears.
   *
   * @param {Removal} removal
   * @param {string[]} keys
   */
  #removeFor({ thrown }, keys) {
    try {
      return this.#backend.removeMany(keys);
    } catch (error) {
      if (thrown.push(error) > 1) throwApart(error);
      return 0;
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
      removal.early += this.#removeFor(removal, [string]);
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
   * Those of many whose keys are not busy, and what a call gives for each of the others in its
   * turn, by their places.
   *
   * @template T, R
   * @param {T[]} many
   * @param {(one: T) => string} keyOf
   * @param {(one: T) => R} act
   */
  #parted(many, keyOf, act) {
    /** @type {T[]} */
    const idle = [];
    /** @type {Map<number, Promise<R>>} */
    const late = new Map();
    for (const [index, one] of many.entries()) {
      const key = keyOf(one);
      this.#settle(key);
      if (this.#queue.isBusy(key)) {
        const turn = this.#queue.run(key, () => act(one));
        late.set(index, turn);
      } else {
        idle.push(one);
      }
    }
    return { idle, late };
  }

  /** @param {string} method */
  #open(method) {
    if (!this.#backend.isOpen) throw errors.storeClosed(method);
    return this.#backend;
  }
}

/**
 * What is done at once to those that are not busy, and what comes of the others: whichever of them
 * fails, all are done.
 *
 * @template T, R
 * @param {() => T} act
 * @param {Map<number, Promise<R>>} late
 * @returns {Promise<[T, ...R[]]>}
 */
function together(act, late) {
  return Promise.all([(async () => act())(), ...late.values()]);
}

/**
 * @template T
 * @param {T} it
 */
function same(it) {
  return it;
}

/** @param {{ string: string }} write */
function stringOf({ string }) {
  return string;
}

module.exports = { QueuedBackend };
