/**
 * `SharedStore`: a store that threads or processes share, each through an object of its own.
 *
 * Checks what the caller gives, then asks the entries. Invariant: whatever may run the caller's
 * code (keys, options, encoding) runs before the store is asked, and a value is there for all who
 * share it when the call that set it returns.
 */
'use strict';

const { nameMembers } = require('../store/constructible.js');
const errors = require('../store/errors.js');
const { keyArgument, stringOf } = require('../keys/key.js');
const { pairsOf, stringsOf } = require('../store/many.js');
const options = require('../store/options.js');
const { openHandle } = require('./handle.js');
const { KeyLocks } = require('./key-locks.js');
const { storeFile } = require('./store-file.js');
const { NOTHING, SharedEntries, When } = require('./shared-entries.js');
const { SharedLoader } = require('./shared-loader.js');
const { lockTimeout, sharedOptions } = require('./shared-options.js');
const { sharedStats } = require('./shared-stats.js');
const { SharedEntries: StoredEntries } = require('./snapshot-entries.js');
const { restore, snapshot, snapshotArguments } = require('../snapshot/snapshot.js');
const { wordOf } = require('./version-cache.js');

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** @typedef {import('../loads/flights.js').Factory} Factory */
/** @typedef {InstanceType<typeof import('./version-cache.js').Copy>} Copy */

class SharedStore {
  #entries;
  /** The copies, a step nearer: reads of hot keys touch nothing else. */
  #copies;
  #loader;
  #locks;
  /** Milliseconds, for what is set without a time to live of its own; 0 for ever. */
  #ttlMs;
  #isOpen = true;

  /** @param {unknown} [given] */
  constructor(given) {
    const { name, scope, path, ttlMs, reads, ...wanted } = sharedOptions(given);
    this.#ttlMs = ttlMs;
    const file = scope === 'processes' ? storeFile(name, path) : undefined;
    this.#entries = new SharedEntries(openHandle({ name, file }, wanted), reads === 'frozen');
    this.#copies = this.#entries.copies;
    this.#loader = new SharedLoader(this.#entries, ttlMs);
    this.#locks = new KeyLocks(this.#entries);
  }

  /** @param {unknown} key */
  get(key) {
    const copies = SharedStore.#copiesOf(this, 'get');
    // What is no string is no key of a copy.
    const copy = copies.get(/** @type {string} */ (key));
    if (
      copy !== undefined &&
      copy.freeUses > 0 &&
      wordOf(copies.words, copy.stripe) === copy.version
    ) {
      copy.freeUses -= 1;
      return copy.value;
    }
    return this.#look(key, copy, arguments.length);
  }

  /** @param {unknown} key */
  has(key) {
    const string = SharedStore.#key(this, 'has', key, arguments.length);
    return this.#open('has').peek(string) !== undefined;
  }

  /** @param {unknown} key @param {unknown} value @param {unknown} [given] */
  set(key, value, given) {
    SharedStore.#check(this, 'set');
    this.#write('set', key, value, given, arguments.length);
    return true;
  }

  /** @param {unknown} key @param {unknown} value @param {unknown} [given] */
  add(key, value, given) {
    SharedStore.#check(this, 'add');
    return this.#write('add', key, value, given, arguments.length);
  }

  /** @param {unknown} key @param {unknown} value @param {unknown} [given] */
  replace(key, value, given) {
    SharedStore.#check(this, 'replace');
    return this.#write('replace', key, value, given, arguments.length);
  }

  /**
   * @param {unknown} key
   * @param {unknown} expected
   * @param {unknown} value
   * @param {unknown} [given]
   */
  compareAndSet(key, expected, value, given) {
    SharedStore.#check(this, 'compareAndSet');
    if (arguments.length < 3) {
      throw errors.missingArguments('compareAndSet', 'a key, an expected value and a value');
    }
    const ttlMs = this.#ttlOf(given);
    const string = stringOf(key);
    const encoded = this.#open('compareAndSet').encodeToKeep(value);
    // Encoding may have closed it, and so may each comparison.
    const open = () => this.#open('compareAndSet');
    open();
    this.#loader.overtake(string);
    return this.#entries.compareAndSet(string, expected, encoded, ttlMs, open);
  }

  /** @param {unknown} key */
  delete(key) {
    const string = SharedStore.#key(this, 'delete', key, arguments.length);
    const entries = this.#open('delete');
    this.#loader.overtake(string);
    return entries.remove(string);
  }

  /** @param {unknown} key */
  take(key) {
    const string = SharedStore.#key(this, 'take', key, arguments.length);
    const entries = this.#open('take');
    this.#loader.overtake(string);
    const value = entries.take(string);
    return value === NOTHING ? undefined : value;
  }

  /** @param {unknown} key */
  peek(key) {
    const string = SharedStore.#key(this, 'peek', key, arguments.length);
    const value = this.#open('peek').get(string);
    return value === NOTHING ? undefined : value;
  }

  /** @param {unknown} key */
  ttl(key) {
    const string = SharedStore.#key(this, 'ttl', key, arguments.length);
    return this.#open('ttl').peek(string)?.leftMs;
  }

  /** @param {unknown} key @param {unknown} ttl */
  touch(key, ttl) {
    SharedStore.#check(this, 'touch');
    if (arguments.length < 2) throw errors.missingArguments('touch', 'a key and a time to live');
    const ttlMs = options.ttl(ttl, 'ttl');
    const string = stringOf(key);
    return this.#open('touch').touch(string, ttlMs);
  }

  /** @param {unknown} key @param {unknown} [by] @param {unknown} [given] */
  increment(key, by, given) {
    const string = SharedStore.#key(this, 'increment', key, arguments.length);
    const amount = by === undefined ? 1 : options.amount(by, 'by');
    return this.#sum('increment', string, amount, given);
  }

  /** @param {unknown} key @param {unknown} [by] @param {unknown} [given] */
  decrement(key, by, given) {
    const string = SharedStore.#key(this, 'decrement', key, arguments.length);
    const amount = by === undefined ? 1 : options.amount(by, 'by');
    return this.#sum('decrement', string, 0 - amount, given);
  }

  /**
   * @param {unknown} key
   * @param {unknown} factory
   * @param {unknown} [given]
   * @returns {Promise<unknown>}
   */
  async getOrSet(key, factory, given) {
    SharedStore.#check(this, 'getOrSet');
    if (arguments.length < 2) throw errors.missingArguments('getOrSet', 'a key and a factory');
    /** @type {Factory} */
    const make = options.callable(factory, 'factory');
    const how = options.loadOptions(given, false);
    const string = stringOf(key);
    if (how.signal?.aborted) throw how.signal.reason;
    this.#open('getOrSet');
    return this.#loader.load({ string, factory: make, how });
  }

  /** @param {unknown} keys */
  getMany(keys) {
    SharedStore.#check(this, 'getMany');
    const strings = stringsOf(keys);
    const entries = this.#open('getMany');
    return strings.map((string) => {
      const value = entries.get(string);
      return value === NOTHING ? undefined : value;
    });
  }

  /** @param {unknown} entries @param {unknown} [given] */
  setMany(entries, given) {
    SharedStore.#check(this, 'setMany');
    const all = [];
    for (const { key, value, own } of pairsOf(entries)) {
      all.push({
        string: stringOf(key),
        value,
        ttlMs: this.#ttlOf(own === undefined ? given : own),
      });
    }
    const { codec } = this.#open('setMany').handle;
    // What cannot be encoded is found before the first is stored.
    for (const { value } of all) codec.encode(value);
    for (const { string, value, ttlMs } of all) this.#put(string, value, ttlMs, When.ALWAYS);
    return true;
  }

  /** @param {unknown} keys */
  deleteMany(keys) {
    SharedStore.#check(this, 'deleteMany');
    const strings = stringsOf(keys);
    const entries = this.#open('deleteMany');
    return strings.filter((string) => {
      this.#loader.overtake(string);
      return entries.remove(string);
    }).length;
  }

  clear() {
    SharedStore.#check(this, 'clear');
    const entries = this.#open('clear');
    this.#loader.overtakeAll();
    entries.clear();
    return true;
  }

  size() {
    SharedStore.#check(this, 'size');
    return this.#open('size').size();
  }

  keys() {
    SharedStore.#check(this, 'keys');
    return [...this.#open('keys').keys()];
  }

  entries() {
    SharedStore.#check(this, 'entries');
    return this.#walk(this.#open('entries').keys(), (key, value) => [key, value]);
  }

  values() {
    SharedStore.#check(this, 'values');
    return this.#walk(this.#open('values').keys(), (_key, value) => value);
  }

  /** @param {unknown} callback @param {unknown} [thisArg] */
  forEach(callback, thisArg) {
    SharedStore.#check(this, 'forEach');
    const call = options.callable(callback, 'callback');
    const show = (/** @type {string} */ key, /** @type {unknown} */ value) => {
      call.call(thisArg, value, key, this);
    };
    for (const _ of this.#walk(this.#open('forEach').keys(), show));
  }

  /** @param {unknown} key @param {unknown} [timeout] */
  lock(key, timeout) {
    const string = SharedStore.#key(this, 'lock', key, arguments.length);
    const timeoutMs = lockTimeout(timeout);
    return this.#open('lock').lock(string, timeoutMs);
  }

  /** @param {unknown} key */
  release(key) {
    const string = SharedStore.#key(this, 'release', key, arguments.length);
    return this.#open('release').release(string);
  }

  /**
   * @param {unknown} key
   * @param {unknown} task
   * @param {unknown} [timeout]
   */
  async withLock(key, task, timeout) {
    SharedStore.#check(this, 'withLock');
    if (arguments.length < 2) throw errors.missingArguments('withLock', 'a key and a function');
    const run = options.callable(task, 'task');
    const timeoutMs = lockTimeout(timeout);
    const string = stringOf(key);
    this.#open('withLock');
    return this.#locks.run(string, run, timeoutMs);
  }

  /** @param {unknown} file @param {unknown} [given] */
  async snapshot(file, given) {
    SharedStore.#check(this, 'snapshot');
    if (arguments.length < 1) throw errors.missingArguments('snapshot', 'a file');
    return snapshot(this.#stored('snapshot'), snapshotArguments(file, given));
  }

  /** @param {unknown} file @param {unknown} [given] */
  async restore(file, given) {
    SharedStore.#check(this, 'restore');
    if (arguments.length < 1) throw errors.missingArguments('restore', 'a file');
    return restore(this.#stored('restore'), snapshotArguments(file, given));
  }

  stats() {
    SharedStore.#check(this, 'stats');
    return sharedStats(this.#open('stats'));
  }

  close() {
    SharedStore.#check(this, 'close');
    if (!this.#isOpen) return;
    this.#end();
  }

  destroy() {
    SharedStore.#check(this, 'destroy');
    if (!this.#isOpen) return;
    this.#entries.handle.removeName();
    this.#end();
  }

  [INSPECT]() {
    if (!(#entries in this)) return this;
    return this.#isOpen ? `SharedStore { size: ${this.size()} }` : 'SharedStore (closed)';
  }

  /**
   * Throws unless a method was called on a store.
   *
   * @param {unknown} receiver
   * @param {string} method
   */
  static #check(receiver, method) {
    if (typeof receiver !== 'object' || receiver === null || !(#entries in receiver)) {
      throw errors.invalidThis(method, receiver, 'SharedStore');
    }
  }

  /**
   * The copies of a store. To fail is what costs here, not to look first.
   *
   * @param {SharedStore} receiver
   * @param {string} method
   */
  static #copiesOf(receiver, method) {
    try {
      return receiver.#copies;
    } catch {
      throw errors.invalidThis(method, receiver, 'SharedStore');
    }
  }

  /**
   * The string of the key that a method got.
   *
   * @param {unknown} receiver
   * @param {string} method
   * @param {unknown} key
   * @param {number} count of arguments
   */
  static #key(receiver, method, key, count) {
    SharedStore.#check(receiver, method);
    return keyArgument(method, key, count);
  }

  /**
   * @template T
   * @param {Iterable<string>} keys
   * @param {(key: string, value: unknown) => T} show
   */
  *#walk(keys, show) {
    for (const key of keys) {
      const value = this.#open('next').get(key);
      if (value !== NOTHING) yield show(key, value);
    }
  }

  #end() {
    this.#isOpen = false;
    this.#entries.close();
    this.#copies = this.#entries.copies;
  }

  /**
   * As `get`, where the copy that was found, if any, is not enough.
   *
   * @param {unknown} key
   * @param {Copy | undefined} copy
   * @param {number} count of arguments
   */
  #look(key, copy, count) {
    const string = keyArgument('get', key, count);
    const entries = this.#open('get');
    const value = string === key ? entries.getKnown(string, copy) : entries.get(string);
    return value === NOTHING ? undefined : value;
  }

  /** @param {string} method */
  #open(method) {
    if (!this.#isOpen) throw errors.storeClosed(method);
    return this.#entries;
  }

  /**
   * The entries as snapshots give and take them.
   *
   * @param {string} method
   */
  #stored(method) {
    const open = () => this.#open(method);
    return new StoredEntries(open, (string, value, ttlMs) => {
      this.#put(string, value, ttlMs, When.ALWAYS);
    });
  }

  /**
   * The time to live that options ask for, or the store's.
   *
   * @param {unknown} given
   */
  #ttlOf(given) {
    if (given === undefined || this.#ttlMs === 0) return options.setTtl(given) || this.#ttlMs;
    const ttlMs = options.setTtl(given);
    const isSaid = typeof given === 'object' && /** @type {any} */ (given).isPermanent === true;
    return ttlMs === 0 && !isSaid ? this.#ttlMs : ttlMs;
  }

  /**
   * @param {'set' | 'add' | 'replace'} method
   * @param {unknown} key
   * @param {unknown} value
   * @param {unknown} given
   * @param {number} count of arguments
   */
  #write(method, key, value, given, count) {
    if (count < 2) throw errors.missingArguments(method, 'a key and a value');
    const ttlMs = this.#ttlOf(given);
    const string = stringOf(key);
    return this.#put(string, value, ttlMs, WHEN[method]);
  }

  /**
   * @param {string} string
   * @param {unknown} value
   * @param {number} ttlMs
   * @param {number} when
   */
  #put(string, value, ttlMs, when) {
    const encoded = this.#open('set').handle.codec.encode(value);
    const entries = this.#open('set');
    this.#loader.overtake(string);
    return entries.write(string, encoded, ttlMs, when);
  }

  /**
   * @param {string} method
   * @param {string} string
   * @param {number} amount
   * @param {unknown} given
   */
  #sum(method, string, amount, given) {
    const ttlMs = this.#ttlOf(given);
    const entries = this.#open(method);
    this.#loader.overtake(string);
    return entries.increment(string, amount, ttlMs);
  }
}

const WHEN = Object.freeze({ set: When.ALWAYS, add: When.ABSENT, replace: When.PRESENT });

nameMembers(SharedStore);

module.exports = { SharedStore };
