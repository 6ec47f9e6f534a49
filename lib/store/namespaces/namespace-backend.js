/**
 * The backend of a namespace: that of its store, for what it has of the entries.
 *
 * Knows a backend, not which. The strings that it is given name entries of the namespace already,
 * so what concerns a key is the store's affair; here its reads and writes are counted. Invariant:
 * nothing of this touches what is not in the namespace, or in those within.
 */
'use strict';

const { isMoment } = require('../../arguments/expiry.js');
const { then } = require('../answers.js');

/** @typedef {import('../backend.js').Direct & import('../backend.js').Nearby} Direct */
/** @typedef {import('../../arguments/load-options.js').LoadRequest} LoadRequest */
/** @typedef {import('../../arguments/writes.js').Count} Count */
/** @typedef {InstanceType<typeof import('../../arguments/writes.js').Write>} Write */
/** @typedef {InstanceType<typeof import('../../keys/keyspace.js').Keyspace>} Keyspace */
/** @typedef {(...given: any[]) => any} Method */

/** What is told which keys it is for, and is not counted. */
const UNCOUNTED = Object.freeze([
  ...['peek', 'has', 'ttl', 'remove', 'removeMany', 'touch', 'alone', 'whole', 'lock', 'release'],
  ...['invalidate', 'clear', 'size', 'keys', 'count', 'walk', 'walkValues', 'scan', 'removeWhere'],
  ...['withLock', 'untold'],
]);
/** What a read gives that found nothing: `undefined` may be stored. */
const ABSENT = Symbol('absent');
/** What writes one value, if it gives `true`. */
const WRITING = Object.freeze(['write', 'exchange', 'compareAndSet']);

class NamespaceBackend {
  #store;
  #space;
  #hits = 0;
  #misses = 0;
  #sets = 0;
  #loadErrors = 0;
  #takeOr;
  #getManyOr;
  /** What those give for what is not there. */
  #absent;
  /** Values that the scope has at hand. */
  near;
  /** Is told of looks of what takes several steps, and of what it stores. */
  tally = {
    looked: (/** @type {boolean} */ isThere) => this.#found(isThere),
    stored: () => {
      this.#sets += 1;
    },
  };

  /**
   * @param {Direct} store
   * @param {Keyspace} space
   */
  constructor(store, space) {
    this.#store = store;
    this.#space = space;
    store.noteNamespace(space);
    this.near = store.nearOf?.(space);
    this.#takeOr = (store.takeOr ?? store.take).bind(store);
    this.#getManyOr = (store.getManyOr ?? store.getMany).bind(store);
    this.#absent = store.takeOr === undefined ? undefined : ABSENT;
    for (const name of UNCOUNTED) this.#define(name, (method) => method.bind(store));
    for (const name of WRITING) {
      this.#define(name, (method) => (...given) => {
        return then(method.apply(store, given), (isDone) => {
          // What has expired already is not stored.
          if (isDone && given[0].ttlMs >= 0) this.#sets += 1;
          return isDone;
        });
      });
    }
    this.#define('limit', (method) => (limit) => {
      return then(method.call(store, limit), (answer) => {
        if (answer.allowed && limit.rate.cost > 0) this.#sets += 1;
        return answer;
      });
    });
  }

  /**
   * That of a namespace of a store, or of a namespace within one.
   *
   * @param {import('../backend.js').Backend} backend
   * @param {Keyspace} space
   */
  static over(backend, space) {
    const store = backend instanceof NamespaceBackend ? backend.#store : backend;
    return /** @type {import('../backend.js').Backend} */ (
      /** @type {unknown} */ (new NamespaceBackend(/** @type {Direct} */ (store), space))
    );
  }

  get isOpen() {
    return this.#store.isOpen;
  }

  /** Where the store has lost its name: whether it is open under it anew. */
  reopen() {
    const store = /** @type {import('../backend.js').Reopening} */ (
      /** @type {unknown} */ (this.#store)
    );
    return store.reopen?.() ?? false;
  }

  /** Who watches by the store's object; only where changes are watched. */
  get watching() {
    return /** @type {{ watching?: unknown }} */ (/** @type {unknown} */ (this.#store)).watching;
  }

  /** Who listens to the store's object; only where that tells what becomes of the store. */
  get emitter() {
    return /** @type {{ emitter?: unknown }} */ (/** @type {unknown} */ (this.#store)).emitter;
  }

  get mayWait() {
    return this.#store.mayWait;
  }

  get ownWrites() {
    return this.#store.ownWrites;
  }

  /**
   * @param {string} string
   * @param {number} since
   */
  hasWritten(string, since) {
    return this.#store.hasWritten(string, since);
  }

  /** @param {string} string */
  get(string) {
    return this.#then(this.#store.getOr(string, ABSENT), (value) => {
      this.near?.learn(string);
      return this.#given(value, ABSENT);
    });
  }

  /** @param {string} string */
  look(string) {
    return then(this.#store.look(string), (seen) => {
      this.#found(seen !== undefined);
      return seen;
    });
  }

  /** @param {string} string */
  take(string) {
    return this.#then(this.#takeOr(string, this.#absent), (value) => {
      return this.#given(value, this.#absent);
    });
  }

  /** @param {string[]} strings */
  getMany(strings) {
    return then(this.#getManyOr(strings, this.#absent), (values) => {
      return values.map((value) => this.#given(value, this.#absent));
    });
  }

  /** @param {Write[]} writes */
  writeMany(writes) {
    return then(this.#store.writeMany(writes), () => {
      this.#sets += writes.filter(({ ttlMs }) => ttlMs >= 0).length;
    });
  }

  /** @param {Count} count */
  increment(count) {
    // Of what may have expired already, only `hit` says whether it is there.
    if (isMoment(count.counting.expiry)) return then(this.hit(count), (it) => it?.value);
    return then(this.#store.increment(count), (sum) => {
      if (sum !== undefined) this.#sets += 1;
      return sum;
    });
  }

  /** @param {Count} count */
  hit(count) {
    return then(this.#store.hit(count), (counted) => {
      if (counted !== undefined && counted.ttl > 0) this.#sets += 1;
      return counted;
    });
  }

  /** @param {LoadRequest} request */
  load(request) {
    return this.#store.load({
      ...request,
      ...this.tally,
      failed: () => {
        this.#loadErrors += 1;
      },
    });
  }

  /** What was done through this object, and what is there. */
  stats() {
    return then(this.#store.size(this.#space), (entries) => {
      const hits = this.#hits + (this.near?.uses ?? 0);
      const misses = this.#misses;
      const hitRatio = hits === 0 ? 0 : hits / (hits + misses);
      return { entries, hits, misses, hitRatio, sets: this.#sets, loadErrors: this.#loadErrors };
    });
  }

  /**
   * A method that is made of one of the store's, where it has that.
   *
   * @param {string} name
   * @param {(method: Method) => Method} make
   */
  #define(name, make) {
    const method = /** @type {Method | undefined} */ (Reflect.get(this.#store, name));
    if (method !== undefined) Object.defineProperty(this, name, { value: make(method) });
  }

  /**
   * What is made of a value. One that is a promise itself is no answer that comes later.
   *
   * @param {unknown} value
   * @param {(value: unknown) => unknown} make
   */
  #then(value, make) {
    return this.#store.mayWait ? then(value, make) : make(value);
  }

  /**
   * What somebody gets who has read a value, or what stands for none.
   *
   * @param {unknown} value
   * @param {unknown} absent
   */
  #given(value, absent) {
    const isThere = value !== absent;
    this.#found(isThere);
    return isThere ? value : undefined;
  }

  /** @param {boolean} isThere */
  #found(isThere) {
    if (isThere) this.#hits += 1;
    else this.#misses += 1;
  }
}

module.exports = { NamespaceBackend };
