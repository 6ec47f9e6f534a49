/**
 * `MemoryStore`: any JavaScript value under string keys, with exact expiry, in one isolate.
 *
 * Checks what the caller gives, asks the near cache, then the entries. Invariant: whatever may run
 * the caller's code (key, options, sizes) runs before the first look at the store's state, so a
 * call never finds the store changed under it.
 */
'use strict';

const { nameMembers } = require('../store/constructible.js');
const { count } = require('./counter.js');
const { Entries, NOTHING } = require('./entries.js');
const { EntryIterator, visitEntries } = require('./entry-iterator.js');
const { Flights } = require('../loads/flights.js');
const { listGivenKeys, listKeys, listValues } = require('./listing.js');
const { Loader } = require('./loader.js');
const errors = require('../store/errors.js');
const { keyArgument, stringOf } = require('../keys/key.js');
const { MutableKey } = require('../keys/mutable-key.js');
const { stringsOf } = require('../store/many.js');
const native = require('../native/loader.js');
const { FLAG_BITS, GUARDED, NearCache, OTHER_FORM, TIMED } = require('./near-cache.js');
const { isSetSubscribed } = require('./observation/observers.js');
const options = require('../store/options.js');
const { Placements } = require('./placement.js');
const { LocalEntries } = require('./snapshot-entries.js');
const { restore, snapshot, snapshotArguments } = require('../snapshot/snapshot.js');

const INSPECT = Symbol.for('nodejs.util.inspect.custom');
/** Stands for the near cache where no value may be overwritten past the core. */
const NOTHING_NEAR = new NearCache();

/** @typedef {import('../loads/flights.js').Factory} Factory */

class MemoryStore {
  #entries;
  /** The slab's own, two steps nearer: reads of hot keys touch nothing else. */
  #near;
  /** @type {unknown[]} */
  #values;
  /** The near cache while values may be overwritten by what it knows alone. */
  #direct = NOTHING_NEAR;
  #flights;
  #placements;
  #loader;
  /** Whether entries have sizes. */
  #isSized;
  /** For the keys made here. @type {WeakRef<InstanceType<typeof Entries>> | undefined} */
  #weak;

  /** @param {unknown} [given] */
  constructor(given) {
    const checked = options.storeOptions(given);
    this.#placements = new Placements(checked.maxSize, checked.sizeOf);
    this.#isSized = checked.maxSize > 0;
    this.#flights = new Flights(() => this.#redirect());
    this.#entries = new Entries(this, checked, this.#flights);
    this.#loader = new Loader(this.#flights, this.#placements, this.#entries);
    this.#near = this.#entries.near;
    this.#values = this.#entries.values;
    this.#redirect();
  }

  /** @param {unknown} key */
  get(key) {
    const near = MemoryStore.#nearOf(this, 'get');
    const known = typeof key === 'string' ? near.get(key) : undefined;
    if (known !== undefined && (known & (TIMED | GUARDED)) === 0) {
      near.reads += 1;
      return this.#values[known >> FLAG_BITS];
    }
    return this.#read(key, arguments.length, known);
  }

  /** @param {unknown} key */
  has(key) {
    const near = MemoryStore.#nearOf(this, 'has');
    const known = typeof key === 'string' ? near.get(key) : undefined;
    if (known !== undefined && this.#entries.slab.isLive(known)) {
      near.checks += 1;
      return true;
    }
    return this.#find('has', key, arguments.length) !== 0;
  }

  /** @param {unknown} key @param {unknown} value @param {unknown} [given] */
  set(key, value, given) {
    const direct = MemoryStore.#directOf(this, 'set');
    const isPlain = typeof key === 'string' && given === undefined && arguments.length > 1;
    const known = isPlain && direct.size > 0 ? direct.get(key) : undefined;
    // What has no deadline the sweeper never touches: its slot is ours to write.
    if (known !== undefined && (known & (TIMED | OTHER_FORM)) === 0 && !isSetSubscribed()) {
      if ((known & GUARDED) === 0 || this.#entries.slab.isLive(known)) {
        direct.writes += 1;
        this.#values[known >> FLAG_BITS] = value;
        if ((known & GUARDED) !== 0) this.#entries.use(known);
        return true;
      }
    }
    if (arguments.length < 2) throw errors.missingArguments('set', 'a key and a value');
    if (this.#isSized) {
      const placement = this.#placements.placement(key, value, given);
      this.#act('set', (entries) => entries.put(placement));
      return true;
    }
    const ttlMs = options.setTtl(given);
    const string = stringOf(key);
    const entries = this.#open('set');
    const isObserved = entries.observation.begin();
    const isAsked = isPlain && direct === this.#near;
    entries.place(string, key, value, ttlMs, isAsked ? known : this.#near.get(string));
    if (isObserved) entries.observation.end();
    return true;
  }

  /** @param {unknown} key */
  delete(key) {
    MemoryStore.#check(this, 'delete');
    const string = keyArgument('delete', key, arguments.length);
    return this.#act('delete', (entries) => entries.remove(string, 'delete')) !== NOTHING;
  }

  clear() {
    MemoryStore.#check(this, 'clear');
    this.#act('clear', (entries) => entries.clear());
    return true;
  }

  size() {
    MemoryStore.#check(this, 'size');
    return this.#act('size', (entries) => entries.size());
  }

  keys() {
    MemoryStore.#check(this, 'keys');
    return listKeys(this.#open('keys').slab);
  }

  getKeys() {
    MemoryStore.#check(this, 'getKeys');
    return listGivenKeys(this.#open('getKeys').slab);
  }

  all() {
    MemoryStore.#check(this, 'all');
    return listValues(this.#open('all').slab);
  }

  /** @param {unknown} key */
  ttl(key) {
    MemoryStore.#check(this, 'ttl');
    const string = keyArgument('ttl', key, arguments.length);
    const leftMs = this.#act('ttl', (entries) => entries.leftMs(string));
    return leftMs > 0 ? leftMs : undefined;
  }

  /** @param {unknown} key @param {unknown} ttl */
  touch(key, ttl) {
    MemoryStore.#check(this, 'touch');
    if (arguments.length < 2) throw errors.missingArguments('touch', 'a key and a time to live');
    const ttlMs = options.ttl(ttl, 'ttl');
    const string = stringOf(key);
    return this.#act('touch', (entries) => entries.touch(string, ttlMs));
  }

  /** @param {unknown} key */
  peek(key) {
    MemoryStore.#check(this, 'peek');
    const string = keyArgument('peek', key, arguments.length);
    return this.#act('peek', (entries) => this.#values[entries.peek(string) >> FLAG_BITS]);
  }

  /** @param {unknown} key */
  take(key) {
    MemoryStore.#check(this, 'take');
    const string = keyArgument('take', key, arguments.length);
    return this.#act('take', (entries) => entries.take(string));
  }

  /** @param {unknown} key @param {unknown} value @param {unknown} [given] */
  add(key, value, given) {
    MemoryStore.#check(this, 'add');
    if (arguments.length < 2) throw errors.missingArguments('add', 'a key and a value');
    const placement = this.#placements.placement(key, value, given);
    return this.#act('add', (entries) => entries.putIf(placement, false));
  }

  /** @param {unknown} key @param {unknown} value @param {unknown} [given] */
  replace(key, value, given) {
    MemoryStore.#check(this, 'replace');
    if (arguments.length < 2) throw errors.missingArguments('replace', 'a key and a value');
    const placement = this.#placements.placement(key, value, given);
    return this.#act('replace', (entries) => entries.putIf(placement, true));
  }

  /** @param {unknown} key @param {unknown} [by] @param {unknown} [given] */
  increment(key, by, given) {
    MemoryStore.#check(this, 'increment');
    if (arguments.length < 1) throw errors.missingArguments('increment', 'a key');
    const amount = by === undefined ? 1 : options.amount(by, 'by');
    return this.#sum('increment', key, amount, given);
  }

  /** @param {unknown} key @param {unknown} [by] @param {unknown} [given] */
  decrement(key, by, given) {
    MemoryStore.#check(this, 'decrement');
    if (arguments.length < 1) throw errors.missingArguments('decrement', 'a key');
    const amount = by === undefined ? 1 : options.amount(by, 'by');
    return this.#sum('decrement', key, 0 - amount, given);
  }

  /**
   * @param {unknown} key
   * @param {unknown} factory
   * @param {unknown} [given]
   * @returns {Promise<unknown>}
   */
  getOrSet(key, factory, given) {
    try {
      MemoryStore.#check(this, 'getOrSet');
      if (arguments.length < 2) throw errors.missingArguments('getOrSet', 'a key and a factory');
      /** @type {Factory} */
      const make = options.callable(factory, 'factory');
      const how = options.loadOptions(given, this.#isSized);
      const string = stringOf(key);
      if (how.signal?.aborted) throw how.signal.reason;
      this.#open('getOrSet');
      return this.#loader.load({ string, key, factory: make, how });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** @param {unknown} keys */
  getMany(keys) {
    MemoryStore.#check(this, 'getMany');
    const strings = stringsOf(keys);
    return this.#act('getMany', (entries) => strings.map((string) => entries.readAny(string)));
  }

  /** @param {unknown} entries @param {unknown} [given] */
  setMany(entries, given) {
    MemoryStore.#check(this, 'setMany');
    const placements = this.#placements.placements(entries, given);
    this.#act('setMany', (all) => {
      for (const placement of placements) all.put(placement);
    });
    return true;
  }

  /** @param {unknown} keys */
  deleteMany(keys) {
    MemoryStore.#check(this, 'deleteMany');
    const strings = stringsOf(keys);
    return this.#act('deleteMany', (entries) => {
      return strings.filter((string) => entries.remove(string, 'delete') !== NOTHING).length;
    });
  }

  entries() {
    MemoryStore.#check(this, 'entries');
    const { slab } = this.#open('entries');
    return new EntryIterator(slab, true, (key, value) => [key, value]);
  }

  values() {
    MemoryStore.#check(this, 'values');
    return new EntryIterator(this.#open('values').slab, false, (_key, value) => value);
  }

  /** @param {unknown} callback @param {unknown} [thisArg] */
  forEach(callback, thisArg) {
    MemoryStore.#check(this, 'forEach');
    const call = options.callable(callback, 'callback');
    visitEntries(this.#open('forEach').slab, (key, value) => {
      call.call(thisArg, value, key, this);
    });
  }

  /** @param {unknown} initial */
  createKey(initial) {
    MemoryStore.#check(this, 'createKey');
    if (arguments.length < 1) throw errors.missingArguments('createKey', 'an initial value');
    this.#open('createKey');
    this.#weak ??= new WeakRef(this.#entries);
    const weak = this.#weak;
    const key = new MutableKey(initial, stringOf, (from, to) => {
      return weak.deref()?.renameObserved(from, to);
    });
    return key.proxy();
  }

  /** @param {unknown} event @param {unknown} listener */
  on(event, listener) {
    MemoryStore.#check(this, 'on');
    return this.#observe('on', event, listener);
  }

  /** @param {unknown} event @param {unknown} listener */
  once(event, listener) {
    MemoryStore.#check(this, 'once');
    return this.#observe('once', event, listener);
  }

  /** @param {unknown} event @param {unknown} listener */
  off(event, listener) {
    MemoryStore.#check(this, 'off');
    return this.#observe('off', event, listener);
  }

  stats() {
    MemoryStore.#check(this, 'stats');
    return this.#act('stats', (entries) => entries.stats());
  }

  /** @param {unknown} file @param {unknown} [given] */
  async snapshot(file, given) {
    MemoryStore.#check(this, 'snapshot');
    if (arguments.length < 1) throw errors.missingArguments('snapshot', 'a file');
    return snapshot(this.#stored('snapshot'), snapshotArguments(file, given));
  }

  /** @param {unknown} file @param {unknown} [given] */
  async restore(file, given) {
    MemoryStore.#check(this, 'restore');
    if (arguments.length < 1) throw errors.missingArguments('restore', 'a file');
    return restore(this.#stored('restore'), snapshotArguments(file, given));
  }

  /** @param {unknown} [intervalMs] */
  startCleanupTask(intervalMs) {
    MemoryStore.#check(this, 'startCleanupTask');
    const given = intervalMs === undefined ? 0 : options.interval(intervalMs, 'intervalMs');
    return this.#open('startCleanupTask').slab.startSweeping(given);
  }

  stopCleanupTask() {
    MemoryStore.#check(this, 'stopCleanupTask');
    return native.stopSweeping(this.#open('stopCleanupTask').slab.id);
  }

  close() {
    MemoryStore.#check(this, 'close');
    this.#entries.close();
  }

  [INSPECT]() {
    // What inherits from a store, or stands for one, is shown as the object it is.
    if (!(#entries in this)) return this;
    const isOpen = this.#entries.slab.id !== 0;
    return isOpen ? `MemoryStore { size: ${this.size()} }` : 'MemoryStore (closed)';
  }

  /**
   * Throws unless a method was called on a store.
   *
   * @param {unknown} receiver
   * @param {string} method
   */
  static #check(receiver, method) {
    if (typeof receiver !== 'object' || receiver === null || !(#entries in receiver)) {
      throw errors.invalidThis(method, receiver);
    }
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
  static #directOf(receiver, method) {
    try {
      return receiver.#direct;
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
    const entries = this.#entries;
    if (entries.slab.id === 0) throw errors.storeClosed(method);
    return entries;
  }

  /**
   * The entries as snapshots give and take them.
   *
   * @param {string} method
   */
  #stored(method) {
    return new LocalEntries(() => this.#open(method), this.#placements);
  }

  /**
   * Does something with the entries of an open store, and tells those who listen.
   *
   * @template T
   * @param {string} method
   * @param {(entries: InstanceType<typeof Entries>) => T} act
   */
  #act(method, act) {
    return this.#open(method).act(act);
  }

  /**
   * The value of a live entry, for `get`.
   *
   * @param {unknown} key
   * @param {number} count of arguments
   * @param {number | undefined} known the code that the near cache has for a string, if any
   */
  #read(key, count, known) {
    if (known !== undefined && this.#entries.slab.isHit(known)) {
      this.#near.reads += 1;
      return this.#values[known >> FLAG_BITS];
    }
    const string = keyArgument('get', key, count);
    const entries = this.#open('get');
    const isObserved = entries.observation.beginLook();
    const value = entries.read(string, string === key ? known : this.#near.get(string));
    if (isObserved) entries.observation.end();
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
    const isObserved = entries.observation.beginLook();
    const code = entries.find(string);
    if (isObserved) entries.observation.end();
    return code;
  }

  /**
   * Adds an amount to the number under a key, or places it.
   *
   * @param {string} method
   * @param {unknown} key
   * @param {number} amount
   * @param {unknown} given options
   */
  #sum(method, key, amount, given) {
    const wanted = this.#placements.options(given);
    const counted = { string: stringOf(key), key, amount, wanted };
    return count(this.#open(method), this.#placements, counted);
  }

  /**
   * @param {'on' | 'once' | 'off'} method
   * @param {unknown} event
   * @param {unknown} listener
   */
  #observe(method, event, listener) {
    this.#open(method).observation.change(method, event, listener);
    this.#redirect();
    return this;
  }

  /** Lets values be overwritten past the core unless somebody has to know of it. */
  #redirect() {
    const isWatched = this.#flights.size > 0 || this.#entries.observation.listens('set');
    this.#direct = isWatched || this.#isSized ? NOTHING_NEAR : this.#near;
  }
}

nameMembers(MemoryStore, { createMutableKey: MemoryStore.prototype.createKey });

module.exports = { MemoryStore };
