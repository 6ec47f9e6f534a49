/**
 * `Store`: the verbs of every store, once. Each checks and converts what it is given, looks whether
 * the store is open, asks the backend of its scope, and gives back what that answers.
 *
 * Names no scope. Invariant: whatever may run the caller's code (keys, options, sizes) runs before
 * the look, so a call never finds the store changed under it.
 */
'use strict';

const { deletionOf, everyOf, filterOf, scanSignal } = require('../arguments/filter.js');
const errors = require('../errors/errors.js');
const { givenTags, keysOf } = require('../keys/keyspace.js');
const { later } = require('../native/later.js');
const { Expiry, touchExpiry, ttlMsOf } = require('../arguments/expiry.js');
const { stringsOf } = require('../arguments/many.js');
const { abortReason, callable } = require('../arguments/options.js');
const { tagsToInvalidate } = require('../arguments/tags.js');
const { When } = require('../arguments/writes.js');
const { then } = require('./answers.js');

const loads = later(() => require('../arguments/load-options.js'));
const namespaces = later(() => require('./namespaces/namespace-backend.js'));
const optimistic = later(() => require('./optimistic.js'));
const walks = later(() => require('./walks.js'));

/**
 * @typedef {import('./backend.js').Backend & import('./backend.js').Reopening
 *   & import('./backend.js').Nearby & import('./backend.js').Telling} Backend
 */
/** @typedef {import('../arguments/load-options.js').Factory} Factory */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').WriteRules>} WriteRules */

/** What a store is made of. @typedef {{ backend: Backend, rules: WriteRules }} Parts */
/** @typedef {Map<string, WeakRef<Store>>} Views */

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * Forgets the views that nobody has any more.
 *
 * @type {FinalizationRegistry<{ namespaces: Views, path: string }>}
 */
const dropped = new FinalizationRegistry(({ namespaces, path }) => {
  if (namespaces.get(path)?.deref() === undefined) namespaces.delete(path);
});

const NOTHING_MORE = Object.freeze({});
/** Of `stats`: what tells one store from another at a glance. */
const TELLING = Object.freeze([
  'entries',
  'size',
  'dataBytes',
  'residentBytes',
  'hitRatio',
  'participants',
]);

/**
 * What an open store holds; who only shows it gets on where it cannot be told, and no listener of
 * the store runs for him.
 *
 * @param {Backend} backend
 */
function heldBy(backend) {
  try {
    const counted = backend.untold?.(() => backend.stats()) ?? backend.stats();
    const stats = /** @type {Record<string, unknown>} */ (counted);
    return Object.fromEntries(
      TELLING.filter((name) => stats[name] !== undefined).map((name) => [name, stats[name]]),
    );
  } catch (error) {
    return {
      error: /** @type {NodeJS.ErrnoException | undefined} */ (error)?.code ?? String(error),
    };
  }
}

/** A store, or a namespace of one. */
class Store {
  /** @type {Backend} */
  #backend;
  /** @type {WriteRules} */
  #rules;
  #makeView;
  #about;
  /** The views of its namespaces, as long as somebody has them. @type {Views} */
  #namespaces = new Map();

  /**
   * @param {Backend} backend
   * @param {WriteRules} rules
   * @param {(of: Parts) => Store} makeView
   * @param {() => object} [about] what the store is, for people and logs
   */
  constructor(backend, rules, makeView, about = () => NOTHING_MORE) {
    this.#about = about;
    this.#backend = backend;
    this.#rules = rules;
    this.#makeView = makeView;
  }

  /** @param {unknown} key */
  get(key) {
    const rules = Store.#given(this, 'get', arguments.length, 1, 'a key');
    const string = rules.stringOf(key);
    return this.#open('get').get(string);
  }

  /** @param {unknown} key */
  has(key) {
    const rules = Store.#given(this, 'has', arguments.length, 1, 'a key');
    const string = rules.stringOf(key);
    return this.#open('has').has(string);
  }

  /** @param {unknown} key */
  peek(key) {
    const rules = Store.#given(this, 'peek', arguments.length, 1, 'a key');
    const string = rules.stringOf(key);
    return this.#open('peek').peek(string);
  }

  /** @param {unknown} key */
  ttl(key) {
    const rules = Store.#given(this, 'ttl', arguments.length, 1, 'a key');
    const string = rules.stringOf(key);
    return this.#open('ttl').ttl(string);
  }

  /** @param {unknown} key */
  getEntry(key) {
    const rules = Store.#given(this, 'getEntry', arguments.length, 1, 'a key');
    const string = rules.stringOf(key);
    return then(this.#open('getEntry').look(string), (seen) => {
      return seen && { value: seen.value, ttl: seen.leftMs, tags: [...givenTags(seen.tags)] };
    });
  }

  /** @param {unknown} key @param {unknown} value @param {unknown} [options] */
  set(key, value, options) {
    const rules = Store.#given(this, 'set', arguments.length, 2, 'a key and a value');
    const write = rules.write(key, value, options);
    return this.#open('set').write(write, When.ALWAYS);
  }

  /** @param {unknown} key @param {unknown} value @param {unknown} [options] */
  add(key, value, options) {
    const rules = Store.#given(this, 'add', arguments.length, 2, 'a key and a value');
    const write = rules.write(key, value, options);
    return this.#open('add').write(write, When.ABSENT);
  }

  /** @param {unknown} key @param {unknown} value @param {unknown} [options] */
  replace(key, value, options) {
    const rules = Store.#given(this, 'replace', arguments.length, 2, 'a key and a value');
    const write = rules.write(key, value, options);
    return this.#open('replace').write(write, When.PRESENT);
  }

  /**
   * @param {unknown} key
   * @param {unknown} expected
   * @param {unknown} value
   * @param {unknown} [options]
   */
  compareAndSet(key, expected, value, options) {
    const needed = 'a key, an expected value and a value';
    const rules = Store.#given(this, 'compareAndSet', arguments.length, 3, needed);
    const write = rules.write(key, value, options);
    return this.#open('compareAndSet').compareAndSet(write, expected);
  }

  /** @param {unknown} key @param {unknown} change @param {unknown} [options] */
  update(key, change, options) {
    const rules = Store.#given(this, 'update', arguments.length, 2, 'a key and a function');
    const request = rules.update(key, callable(change, 'change'), options);
    return optimistic().update(this.#open('update'), request);
  }

  /** @param {unknown} key */
  delete(key) {
    const rules = Store.#given(this, 'delete', arguments.length, 1, 'a key');
    const string = rules.stringOf(key);
    return this.#open('delete').remove(string);
  }

  /** @param {unknown} key */
  take(key) {
    const rules = Store.#given(this, 'take', arguments.length, 1, 'a key');
    const string = rules.stringOf(key);
    return this.#open('take').take(string);
  }

  /** @param {unknown} key @param {unknown} ttl */
  touch(key, ttl) {
    const rules = Store.#given(this, 'touch', arguments.length, 2, 'a key and a time to live');
    const expiry = touchExpiry(ttl);
    const string = rules.stringOf(key);
    const backend = this.#open('touch');
    if (expiry === Expiry.KEEP) return backend.has(string);
    return backend.touch(string, ttlMsOf(expiry, 0));
  }

  /** @param {unknown} key @param {unknown} [by] @param {unknown} [options] */
  increment(key, by, options) {
    const rules = Store.#given(this, 'increment', arguments.length, 1, 'a key');
    const count = rules.count(key, by, options);
    return this.#open('increment').increment(count);
  }

  /** @param {unknown} key @param {unknown} [by] @param {unknown} [options] */
  decrement(key, by, options) {
    const rules = Store.#given(this, 'decrement', arguments.length, 1, 'a key');
    const count = rules.count(key, by, options);
    count.by = 0 - count.by;
    return this.#open('decrement').increment(count);
  }

  /** @param {unknown} key @param {unknown} [by] @param {unknown} [options] */
  hit(key, by, options) {
    const rules = Store.#given(this, 'hit', arguments.length, 1, 'a key');
    const count = rules.count(key, by, options);
    return this.#open('hit').hit(count);
  }

  /** @param {unknown} key @param {unknown} options */
  limit(key, options) {
    const rules = Store.#given(this, 'limit', arguments.length, 2, 'a key and a rate');
    const limit = rules.limit(key, options);
    return this.#open('limit').limit(limit);
  }

  /**
   * @param {unknown} key
   * @param {unknown} factory
   * @param {unknown} [options]
   * @returns {Promise<unknown>}
   */
  async getOrSet(key, factory, options) {
    const rules = Store.#given(this, 'getOrSet', arguments.length, 2, 'a key and a factory');
    /** @type {Factory} */
    const make = callable(factory, 'factory');
    const how = loads().loadOptions(options, rules);
    const string = rules.stringOf(key);
    if (how.signal?.aborted) throw abortReason(how.signal);
    try {
      return await this.#open('getOrSet').load({
        string,
        key,
        factory: make,
        how,
        // Nobody is told, whatever objects inherit.
        looked: undefined,
        stored: undefined,
        failed: undefined,
      });
    } catch (error) {
      throw errors.atCaller(error);
    }
  }

  /** @param {unknown} keys */
  getMany(keys) {
    const rules = Store.#given(this, 'getMany');
    const strings = stringsOf(keys, rules.stringOf);
    return this.#open('getMany').getMany(strings);
  }

  /** @param {unknown} entries @param {unknown} [options] */
  setMany(entries, options) {
    const writes = Store.#given(this, 'setMany').writes(entries, options);
    return then(this.#open('setMany').writeMany(writes), () => true);
  }

  /** @param {unknown} keys */
  deleteMany(keys) {
    const rules = Store.#given(this, 'deleteMany');
    const strings = stringsOf(keys, rules.stringOf);
    return this.#open('deleteMany').removeMany(strings);
  }

  /** @param {unknown} tag */
  invalidateTag(tag) {
    const { space } = Store.#given(this, 'invalidateTag', arguments.length, 1, 'a tag');
    const tags = tagsToInvalidate(tag).map((it) => space.tagOf(it));
    return this.#open('invalidateTag').invalidate(tags);
  }

  clear() {
    const { space } = Store.#given(this, 'clear');
    return then(this.#open('clear').clear(space), () => true);
  }

  size() {
    const { space } = Store.#given(this, 'size');
    return this.#open('size').size(space);
  }

  /** @param {unknown} [filter] */
  keys(filter) {
    const { space } = Store.#given(this, 'keys');
    const which = filterOf(filter, space);
    return then(this.#open('keys').keys(which), keysOf);
  }

  /** @param {unknown} [filter] */
  count(filter) {
    const { space } = Store.#given(this, 'count');
    const which = filterOf(filter, space);
    const backend = this.#open('count');
    return which.isEmpty ? backend.size(space) : backend.count(which);
  }

  /** @param {unknown} [filter] */
  entries(filter) {
    return Store.walk(this, 'entries', filter);
  }

  /** @param {unknown} [filter] @param {unknown} [options] */
  scan(filter, options) {
    const { space } = Store.#given(this, 'scan');
    const which = filterOf(filter, space);
    const signal = scanSignal(options);
    const backend = this.#open('scan');
    return walks().scanInTurns(backend, backend.scan(which), signal);
  }

  /** @param {unknown} filter */
  deleteWhere(filter) {
    const { space } = Store.#given(this, 'deleteWhere', arguments.length, 1, 'a filter');
    const which = deletionOf(filter, space);
    return this.#open('deleteWhere').removeWhere(which);
  }

  values() {
    const { space } = Store.#given(this, 'values');
    return this.#open('values').walkValues(everyOf(space));
  }

  /** @param {unknown} callback @param {unknown} [thisArg] */
  forEach(callback, thisArg) {
    Store.#given(this, 'forEach');
    const call = callable(callback, 'callback');
    const entries = /** @type {Iterable<[string, unknown]>} */ (Store.walk(this, 'forEach'));
    for (const [key, value] of entries) call.call(thisArg, value, key, this);
  }

  stats() {
    Store.#given(this, 'stats');
    return this.#open('stats').stats();
  }

  /** @param {unknown} name */
  namespace(name) {
    const rules = Store.#given(this, 'namespace', arguments.length, 1, 'a name');
    const space = rules.space.within(name);
    const backend = this.#open('namespace');
    const view = this.#namespaces.get(space.path)?.deref();
    if (view !== undefined) return view;
    const made = this.#makeView({
      backend: namespaces().NamespaceBackend.over(backend, space),
      rules: rules.within(space),
    });
    // One list for all of a store: who holds an inner one need not hold the outer.
    made.#namespaces = this.#namespaces;
    this.#namespaces.set(space.path, new WeakRef(made));
    dropped.register(made, { namespaces: this.#namespaces, path: space.path });
    return made;
  }

  /** What it is and holds, for logs. */
  toJSON() {
    Store.#given(this, 'toJSON');
    const store = String(Reflect.get(this, Symbol.toStringTag));
    const backend = this.#backend;
    if (!backend.isOpen) return { store, ...this.#about(), isOpen: false };
    return { store, ...this.#about(), ...heldBy(backend) };
  }

  /**
   * @param {number} _depth
   * @param {import('node:util').InspectOptions} options
   * @param {typeof import('node:util').inspect} [inspect]
   */
  [INSPECT](_depth, options, inspect) {
    // What inherits from a store, or stands for one, is shown as the object it is.
    if (!(#backend in this)) return this;
    const { store, ...known } = this.toJSON();
    if (!this.#backend.isOpen) return `${store} (closed)`;
    return `${store} ${inspect === undefined ? JSON.stringify(known) : inspect(known, options)}`;
  }

  /**
   * Walks over the entries of a store.
   *
   * @param {Store} receiver
   * @param {string} method for whom
   * @param {unknown} [filter]
   */
  static walk(receiver, method, filter) {
    const { space } = Store.#given(receiver, method);
    const which = filterOf(filter, space);
    return receiver.#open(method).walk(which);
  }

  /**
   * What a method of a class of stores asks of.
   *
   * @param {Store} receiver
   * @param {string} method
   * @param {number} [count] of arguments
   * @param {string} [needed] what the first of them is
   */
  static partsOf(receiver, method, count = 0, needed = '') {
    const rules = Store.#given(receiver, method, count, needed === '' ? 0 : 1, needed);
    return { backend: receiver.#backend, rules };
  }

  /**
   * The backend of an open store.
   *
   * @param {Store} receiver
   * @param {string} method
   */
  static opened(receiver, method) {
    return receiver.#open(method);
  }

  /**
   * What a store takes. Throws unless a method was called on a store, with enough arguments.
   *
   * @param {unknown} receiver
   * @param {string} method
   * @param {number} [count] of arguments
   * @param {number} [least]
   * @param {string} [needed] what they are
   */
  static #given(receiver, method, count = 0, least = 0, needed = '') {
    if (typeof receiver !== 'object' || receiver === null || !(#backend in receiver)) {
      throw errors.invalidThis(method, receiver);
    }
    if (count < least) throw errors.missingArguments(method, needed);
    return receiver.#rules;
  }

  /**
   * The backend, while the store is open.
   *
   * @param {string} method
   */
  #open(method) {
    const backend = this.#backend;
    if (!backend.isOpen && !backend.reopen?.()) throw errors.storeClosed(method);
    return backend;
  }
}

module.exports = { Store };
