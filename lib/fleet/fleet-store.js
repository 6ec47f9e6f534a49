/**
 * `FleetStore`: a store that the machines of a fleet share, over Redis or Valkey.
 *
 * Must not know of sessions or adapters. Invariant: every verb is a promise, and comes to an end
 * within the store's `timeout` for each step at the server.
 */
'use strict';

const errors = require('../errors/errors.js');
const { sharedPlainStringOf } = require('../keys/key.js');
const { plainString } = require('../keys/keyspace.js');
const { callable, flag, record } = require('../arguments/options.js');
const { AsyncStore } = require('../store/async-store.js');
const { constructible, nameInstances } = require('../store/constructible.js');
const { defineListening } = require('../store/events/listening.js');
const { FleetBackend } = require('./backend.js');
const { fleetOptions } = require('./fleet-options.js');
const { FleetLocks } = require('./claims/locks.js');
const { UNKNOWN } = require('./near/near.js');
const { FleetRules } = require('./rules.js');

/** Node has it everywhere; other engines may not yet. @type {typeof Symbol.dispose} */
const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** That of the engine, whatever a program calls so later. */
const PROMISE = Promise;

const GET_NAMES = Object.freeze(['fresh']);

class FleetStore extends AsyncStore {
  #backend;
  /** That of the backend, once more: a near read is as short as can be. */
  #near;
  #name;
  #locks;
  #rules;

  /** @param {unknown} given */
  constructor(given) {
    const options = fleetOptions(given);
    const rules = new FleetRules(options.ttlMs);
    const backend = new FleetBackend(options, rules);
    super(/** @type {import('../store/backend.js').Backend} */ (backend), rules);
    this.#backend = backend;
    this.#near = backend.near;
    this.#name = options.name;
    this.#rules = rules;
    this.#locks = new FleetLocks(backend);
    backend.emitter.store = this;
  }

  /** What it was opened by. */
  get name() {
    return FleetStore.#backendOf(this, 'name') && this.#name;
  }

  /** @param {unknown} key */
  near(key) {
    if (typeof key === 'string' && #near in this && this.#near !== undefined) {
      const known = this.#near.get(plainString(key));
      if (known !== UNKNOWN) return known;
    }
    return this.#nearStale(key, arguments.length);
  }

  /**
   * The same where there is no right copy, and of what is no plain key.
   *
   * @param {unknown} key
   * @param {number} count of arguments
   */
  #nearStale(key, count) {
    const backend = FleetStore.#backendOf(this, 'near');
    if (count < 1) throw errors.missingArguments('near', 'a key');
    const string = sharedPlainStringOf(key);
    backend.check('near');
    const known = typeof key === 'string' ? UNKNOWN : backend.near?.get(string);
    if (known !== UNKNOWN) return known;
    const stale = backend.near?.getStale(string);
    return stale === UNKNOWN ? undefined : stale;
  }

  /**
   * @override
   * @param {unknown} key
   * @param {unknown} [options]
   * @returns {any}
   */
  get(key, options) {
    if (options !== undefined) return this.#fresh(key, options);
    const near = typeof key === 'string' ? FleetStore.#nearOf(this) : undefined;
    if (near !== undefined) {
      const known = near.read(plainString(/** @type {string} */ (key)));
      // As it is: a copy of a value has no methods, so it is no promise itself.
      if (known !== UNKNOWN) return PROMISE.resolve(known);
    }
    // An array of all arguments would be made for each read, near ones, too.
    return arguments.length === 0 ? Reflect.apply(super.get, this, []) : super.get(key);
  }

  /**
   * @param {unknown} key
   * @param {unknown} task
   * @param {unknown} [options]
   */
  async withLock(key, task, options) {
    const backend = FleetStore.#backendOf(this, 'withLock');
    if (arguments.length < 2) throw errors.missingArguments('withLock', 'a key and a function');
    const run = callable(task, 'task');
    const how = FleetLocks.options(options);
    const string = sharedPlainStringOf(key);
    backend.check('withLock');
    return this.#locks.run(string, run, how);
  }

  /** @param {unknown} what @param {...unknown} given a listener, options, or both */
  watch(what, ...given) {
    return promised(given, () => {
      if (arguments.length < 1) throw errors.missingArguments('watch', 'what to watch');
      return this.#watching('watch').watch(what, given, this.#rules);
    });
  }

  /** @param {unknown} channel @param {...unknown} given a listener, options, or both */
  subscribe(channel, ...given) {
    return promised(given, () => {
      if (arguments.length < 1) throw errors.missingArguments('subscribe', 'a channel');
      return this.#watching('subscribe').subscribe(channel, given, this.#rules);
    });
  }

  /** @param {unknown} channel @param {unknown} value */
  async publish(channel, value) {
    if (arguments.length < 2) throw errors.missingArguments('publish', 'a channel and a value');
    try {
      await this.#watching('publish').publish(channel, value, this.#rules);
    } catch (error) {
      throw errors.atCaller(error);
    }
  }

  /** @param {string} method */
  #watching(method) {
    const backend = FleetStore.#backendOf(this, method);
    backend.check(method);
    return backend.watching;
  }

  /**
   * @param {unknown} key
   * @param {unknown} options
   */
  async #fresh(key, options) {
    const { fresh } = record(options, GET_NAMES);
    const isFresh = fresh !== undefined && flag(fresh, 'option fresh');
    const string = sharedPlainStringOf(key);
    const backend = FleetStore.#backendOf(this, 'get');
    backend.check('get');
    try {
      return await (isFresh ? backend.fresh(string) : backend.get(string));
    } catch (error) {
      throw errors.atCaller(error);
    }
  }

  /** The same as `close`, for `using`. */
  [DISPOSE]() {
    FleetStore.#backendOf(this, 'close').close();
  }

  /** What it is; what it holds only the server knows. @override */
  toJSON() {
    const { isOpen } = FleetStore.#backendOf(this, 'toJSON');
    return { store: 'FleetStore', name: this.#name, ...(isOpen ? {} : { isOpen }) };
  }

  [INSPECT]() {
    if (!(#backend in this)) return this;
    return `FleetStore { name: '${this.#name}' }${this.#backend.isOpen ? '' : ' (closed)'}`;
  }

  static {
    defineListening(FleetStore.prototype, {
      come: (receiver, method) => {
        const backend = FleetStore.#backendOf(receiver, method);
        backend.check(method);
        return backend.emitter;
      },
      known: (receiver, method) => FleetStore.#backendOf(receiver, method).emitter,
      changed: () => {},
    });
  }

  /**
   * What a property of a store is asked of; throws for what is none.
   *
   * @param {FleetStore} receiver
   * @param {string} property
   */
  static #backendOf(receiver, property) {
    if (typeof receiver !== 'object' || receiver === null || !(#backend in receiver)) {
      throw errors.invalidThis(property, receiver);
    }
    return receiver.#backend;
  }

  /**
   * The near copies of a store that has some.
   *
   * @param {unknown} receiver
   */
  static #nearOf(receiver) {
    const isStore = typeof receiver === 'object' && receiver !== null && #near in receiver;
    return isStore ? receiver.#near : undefined;
  }
}

/**
 * What begins to tell: with a listener, a promise, which says what fails; else an iterable.
 *
 * @template T
 * @param {unknown[]} given
 * @param {() => T} begin
 */
function promised(given, begin) {
  const hasListener = typeof given[0] === 'function' || given.length > 1;
  if (!hasListener) return begin();
  return (async () => {
    try {
      return await begin();
    } catch (error) {
      throw errors.atCaller(error);
    }
  })();
}

// The server keeps what it holds: these are not for a copy of it.
for (const name of ['snapshot', 'restore']) {
  Object.defineProperty(FleetStore.prototype, name, { value: undefined, configurable: true });
}
nameInstances(FleetStore.prototype, 'FleetStore');

exports.FleetStore = constructible(FleetStore);
