/**
 * `MemoryStore`: any JavaScript value under string keys, with exact expiry, in one thread.
 *
 * The verbs are those of `Store`; here are the hot ones once more, past the backend, and what only
 * this store has. Invariant: whatever may run the caller's code (key, options) runs before the
 * first look at the store's state.
 */
'use strict';

const { keyArgument, plainStringOf, stringOf } = require('../keys/key.js');
const { plainString } = require('../keys/keyspace.js');
const { MutableKey } = require('../keys/mutable-key.js');
const native = require('../native/loader.js');
const { nameMembers } = require('../store/constructible.js');
const errors = require('../errors/errors.js');
const { Expiry, writeExpiry } = require('../arguments/expiry.js');
const { defineListening } = require('../store/events/listening.js');
const { Namespace } = require('../store/namespaces/namespace.js');
const { WholeStore } = require('../store/whole-store.js');
const { When, WriteRules } = require('../arguments/writes.js');
const { LocalBackend } = require('./backend.js');
const { listGivenKeys, listValues } = require('./walks/listing.js');
const { boundsOf, interval, localOptions } = require('./local-options.js');
const { DOUBTED, FLAG_BITS, GUARDED, NearCache } = require('./near/near-cache.js');
const { OTHER_FORM, TAGGED, TIMED } = require('./near/near-cache.js');
const { isSetSubscribed } = require('./events/listeners.js');

/** What has more to be overwritten than its value. */
const MORE = TIMED | OTHER_FORM | TAGGED;
const { [Symbol.iterator]: arrayValues } = Array.prototype;
/** Stands for the near cache where no value may be overwritten past the core. */
const EMPTY_CACHE = new NearCache();

/** @typedef {InstanceType<typeof import('./entries.js').Entries>} Entries */

class MemoryStore extends WholeStore {
  #backend;
  #entries;
  /** The entries' own, two steps nearer: reads of hot keys touch nothing else. */
  #near;
  /** @type {unknown[]} */
  #values;
  #tags;
  /** The near cache while values may be overwritten by what it knows alone. */
  #writeThrough = EMPTY_CACHE;
  /** The same while nobody but who listens to 'set' has to know of it. */
  #heardThrough = EMPTY_CACHE;
  #rules;
  /** For the keys made here. @type {WeakRef<Entries> | undefined} */
  #weak;

  /** @param {unknown} [given] */
  constructor(given) {
    const options = localOptions(given);
    const rules = new WriteRules(options.ttlMs, options.maxSize, options.sizeOf);
    const backend = new LocalBackend(options, rules);
    const bounds = boundsOf(options);
    super(
      backend,
      rules,
      (of) => new Namespace(of),
      () => bounds,
    );
    this.#rules = rules;
    this.#backend = backend;
    this.#entries = backend.entries;
    this.#near = backend.entries.near;
    this.#values = backend.entries.values;
    this.#tags = backend.entries.table.tags;
    backend.attach(this, () => this.#redirect());
    this.#redirect();
  }

  /** @override @param {unknown} key */
  get(key) {
    const near = MemoryStore.#nearOf(this, 'get');
    const known = typeof key === 'string' ? near.get(key) : undefined;
    if (known !== undefined) {
      const doubts = known & DOUBTED;
      const slot = known >> FLAG_BITS;
      if (doubts === 0 || (doubts === TAGGED && !this.#tags.isPending)) {
        near.reads += 1;
        return this.#values[slot];
      }
    } else if (near.isWhole && typeof key === 'string' && near.isAbsent(key)) {
      // `isAbsent` looks at `isWhole`, too; to look at it first takes 5 % off a miss.
      this.#entries.missed += 1;
      return undefined;
    }
    return this.#read(key, arguments.length, known);
  }

  /** @override @param {unknown} key */
  has(key) {
    const near = MemoryStore.#nearOf(this, 'has');
    const known = typeof key === 'string' ? near.get(key) : undefined;
    if (known !== undefined) {
      if ((known & DOUBTED) === 0 || this.#entries.table.isLive(known)) {
        near.checks += 1;
        return true;
      }
    } else if (near.isWhole && typeof key === 'string' && near.isAbsent(key)) return false;
    return this.#find('has', key, arguments.length) !== 0;
  }

  /** @override @param {unknown} key @param {unknown} value @param {unknown} [options] */
  set(key, value, options) {
    const direct = MemoryStore.#writeThroughOf(this, 'set');
    const isPlain = typeof key === 'string' && options === undefined && arguments.length > 1;
    const known = isPlain && direct.size > 0 ? direct.get(key) : undefined;
    // What has no deadline the sweeper never touches: its slot is ours to write.
    if (known !== undefined && (known & MORE) === 0 && !isSetSubscribed()) {
      if ((known & GUARDED) === 0 || this.#entries.table.isLive(known)) {
        direct.writes += 1;
        this.#values[known >> FLAG_BITS] = value;
        if ((known & GUARDED) !== 0) this.#entries.use(known);
        return true;
      }
    }
    const isNew = isPlain && known === undefined && direct === this.#near;
    if (isNew && direct.isAbsent(key) && this.#addAhead(key, value)) return true;
    if (isPlain && this.#heardThrough.size > 0 && this.#overwriteHeard(key, value)) return true;
    if (arguments.length < 2) throw errors.missingArguments('set', 'a key and a value');
    if (this.#rules.isSized) return super.set(key, value, options);
    const expiry = writeExpiry(options);
    if (expiry === Expiry.TAGGED) return super.set(key, value, options);
    const string = plainStringOf(key);
    const entries = this.#open('set');
    if (expiry < Expiry.FOR_EVER && expiry !== Expiry.UNSAID) {
      const write = this.#rules.writeOf(string, key, value, expiry, undefined);
      return this.#backend.write(write, When.ALWAYS);
    }
    const ttlMs = expiry === Expiry.UNSAID ? this.#rules.defaultMs : expiry;
    const isObserved = entries.events.begin();
    const isAsked = isPlain && direct === this.#near;
    entries.place(string, key, value, ttlMs, isAsked ? known : this.#near.get(string));
    if (isObserved) entries.events.end();
    return true;
  }

  /** @override @param {unknown} key */
  delete(key) {
    const near = MemoryStore.#nearOf(this, 'delete');
    // No load is to hear of it.
    if (typeof key === 'string' && this.#writeThrough === near) {
      const known = near.get(key);
      if (known === undefined) {
        if (near.isAbsent(key)) return false;
      } else if ((known & (DOUBTED | OTHER_FORM)) === 0 && this.#removeAhead(key, known)) {
        return true;
      }
    }
    return Reflect.apply(super.delete, this, arguments);
  }

  /** @override @param {unknown} key @param {any} factory @param {unknown} [options] */
  getOrSet(key, factory, options) {
    if (typeof key === 'string' && typeof factory === 'function' && options === undefined) {
      const known = MemoryStore.#is(this) ? this.#near.get(key) : undefined;
      if (known !== undefined && this.#entries.table.isHit(known)) {
        this.#near.reads += 1;
        return promised(this.#values[known >> FLAG_BITS]);
      }
    }
    return Reflect.apply(super.getOrSet, this, arguments);
  }

  /** @override @param {unknown} keys */
  getMany(keys) {
    const found = MemoryStore.#is(this) && isPlainArray(keys) ? this.#readHot(keys) : undefined;
    return found ?? Reflect.apply(super.getMany, this, arguments);
  }

  getKeys() {
    MemoryStore.#check(this, 'getKeys');
    return listGivenKeys(this.#open('getKeys').table);
  }

  all() {
    MemoryStore.#check(this, 'all');
    return listValues(this.#open('all').table);
  }

  /** @param {unknown} initial */
  createKey(initial) {
    MemoryStore.#check(this, 'createKey');
    if (arguments.length < 1) throw errors.missingArguments('createKey', 'an initial value');
    this.#open('createKey');
    this.#weak ??= new WeakRef(this.#entries);
    const weak = this.#weak;
    const key = new MutableKey(initial, stringOf, (from, to) => {
      return weak.deref()?.renameObserved(plainString(from), plainString(to));
    });
    return key.proxy();
  }

  /** @param {unknown} [intervalMs] */
  startCleanupTask(intervalMs) {
    MemoryStore.#check(this, 'startCleanupTask');
    const given = intervalMs === undefined ? 0 : interval(intervalMs, 'intervalMs');
    return this.#open('startCleanupTask').table.startSweeping(given);
  }

  stopCleanupTask() {
    MemoryStore.#check(this, 'stopCleanupTask');
    return native.stopSweeping(this.#open('stopCleanupTask').table.id);
  }

  static {
    defineListening(MemoryStore.prototype, {
      come: (receiver, method) => {
        MemoryStore.#check(receiver, method);
        return receiver.#open(method).events.emitter;
      },
      known: (receiver, method) => {
        MemoryStore.#check(receiver, method);
        return receiver.#entries.events.emitter;
      },
      changed: (receiver) => {
        receiver.#entries.events.change();
        receiver.#redirect();
      },
    });
  }

  /**
   * Throws unless a method was called on a store.
   *
   * @param {unknown} receiver
   * @param {string} method
   */
  static #check(receiver, method) {
    if (!MemoryStore.#is(receiver)) throw errors.invalidThis(method, receiver);
  }

  /**
   * @param {unknown} receiver
   * @returns {receiver is MemoryStore}
   */
  static #is(receiver) {
    return typeof receiver === 'object' && receiver !== null && #backend in receiver;
  }

  /**
   * The near cache of a store. To fail is what costs here, not to look first.
   *
   * @param {MemoryStore} receiver
   * @param {string} method
   */
  static #nearOf(receiver, method) {
    try {
      return receiver.#near;
    } catch {
      throw errors.invalidThis(method, receiver);
    }
  }

  /**
   * The same, for values to be overwritten.
   *
   * @param {MemoryStore} receiver
   * @param {string} method
   */
  static #writeThroughOf(receiver, method) {
    try {
      return receiver.#writeThrough;
    } catch {
      throw errors.invalidThis(method, receiver);
    }
  }

  /**
   * The entries, while the store is open.
   *
   * @param {string} method
   */
  #open(method) {
    if (!this.#backend.isOpen) throw errors.storeClosed(method);
    return this.#entries;
  }

  /**
   * The value of a live entry, for `get`.
   *
   * @param {unknown} key
   * @param {number} count of arguments
   * @param {number | undefined} known the code that the near cache has for a string, if any
   */
  #read(key, count, known) {
    if (known !== undefined && this.#entries.table.isHit(known)) {
      this.#near.reads += 1;
      return this.#values[known >> FLAG_BITS];
    }
    const string = keyArgument('get', key, count);
    const entries = this.#open('get');
    const isObserved = entries.events.beginLook();
    const value = entries.read(string, string === key ? known : this.#near.get(string));
    if (isObserved) entries.events.end();
    return value;
  }

  /**
   * The code of a live entry, or 0.
   *
   * @param {string} method
   * @param {unknown} key
   * @param {number} count of arguments
   */
  #find(method, key, count) {
    const string = keyArgument(method, key, count);
    const entries = this.#open(method);
    const isObserved = entries.events.beginLook();
    const code = entries.find(string);
    if (isObserved) entries.events.end();
    return code;
  }

  /**
   * The values of keys that all are hot; `undefined` where one is not, or where uses are counted:
   * those before it would count twice.
   *
   * @param {unknown[]} keys
   */
  #readHot(keys) {
    const near = this.#near;
    const { table } = this.#entries;
    // Where there is nothing to find, whether the store is open is not seen here.
    if (table.isBounded || keys.length === 0) return undefined;
    /** @type {unknown[]} */
    const found = [];
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index];
      const known = typeof key === 'string' ? near.get(key) : undefined;
      if (known === undefined || !table.isHit(known)) return undefined;
      found.push(this.#values[known >> FLAG_BITS]);
    }
    near.reads += found.length;
    return found;
  }

  /**
   * Overwrites a value past the core, and tells who listens; whether it could.
   *
   * @param {string} key
   * @param {unknown} value
   */
  #overwriteHeard(key, value) {
    const entries = this.#entries;
    const known = this.#near.get(key);
    // What left by itself is told first.
    if (known === undefined || (known & MORE) !== 0 || entries.table.isWatched) return false;
    if ((known & GUARDED) !== 0) {
      if (!entries.table.isLive(known)) return false;
      entries.use(known);
    }
    this.#near.writes += 1;
    this.#values[known >> FLAG_BITS] = value;
    entries.events.announce('set', key, value, 'update');
    return true;
  }

  /**
   * Adds an entry ahead of the native core, under a key that is absent as the near cache knows;
   * whether it could.
   *
   * @param {string} key
   * @param {unknown} value
   */
  #addAhead(key, value) {
    const near = this.#near;
    const entries = this.#entries;
    const { table } = entries;
    const { backlog } = table;
    // What was invalidated may be there still, under this key, too.
    if (this.#tags.isPending || entries.events.begin()) return false;
    if (backlog.count === backlog.room) table.reserveStep();
    near.distrust();
    const slot = backlog.add(key, value);
    near.addPlain(key, slot << FLAG_BITS);
    near.trust(true);
    entries.placed += 1;
    table.newcomers.note(slot);
    return true;
  }

  /**
   * Removes an entry ahead of the native core, of which the near cache knows that it has neither
   * deadline nor tags; whether it could.
   *
   * @param {string} key
   * @param {number} code
   */
  #removeAhead(key, code) {
    const near = this.#near;
    const { table, events } = this.#entries;
    const { backlog } = table;
    if (events.begin()) return false;
    if (backlog.count === backlog.room) table.reserveStep();
    const wasWhole = near.distrust();
    near.forgetPlain(key);
    backlog.remove(code >> FLAG_BITS);
    near.trust(wasWhole);
    return true;
  }

  /** Lets values be overwritten past the core unless somebody has to know of it. */
  #redirect() {
    const { events } = this.#entries;
    const isWatched = this.#backend.loads.size > 0 || events.isDisposing;
    const hasMore = isWatched || this.#rules.defaultMs > 0 || this.#rules.isSized;
    const isHeard = events.listens('set');
    this.#writeThrough = hasMore || isHeard ? EMPTY_CACHE : this.#near;
    this.#heardThrough = hasMore || !isHeard ? EMPTY_CACHE : this.#near;
  }
}

/**
 * Whether going over a value by index gives what going over it does.
 *
 * @param {unknown} value
 * @returns {value is unknown[]}
 */
function isPlainArray(value) {
  return Array.isArray(value) && value[Symbol.iterator] === arrayValues;
}

/** @param {unknown} value a value, or a promise of it */
async function promised(value) {
  return value;
}

nameMembers(MemoryStore, { createMutableKey: MemoryStore.prototype.createKey });

module.exports = { MemoryStore };
