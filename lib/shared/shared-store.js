/**
 * `SharedStore`: a store that threads or processes share, each through an object of its own.
 *
 * The verbs are those of `Store`; here is the hot read once more, past the backend, and what only
 * stores that are shared have: locks, and an end for everybody. Invariant: a value is there for all
 * who share it when the call that set it returns.
 */
'use strict';

const { sharedKeyArgument, sharedPlainStringOf } = require('../keys/key.js');
const { nameMembers } = require('../store/constructible.js');
const errors = require('../errors/errors.js');
const { defineListening } = require('../store/events/listening.js');
const { WholeStore } = require('../store/whole-store.js');
const { Expiry, writeExpiry } = require('../arguments/expiry.js');
const { When, sharedRules } = require('../arguments/writes.js');
const { later } = require('../native/later.js');
const { NOTHING, wordOf } = require('./near/looks.js');
const { SharedNamespace, defineLocking } = require('./waiting/locking.js');
const { defineWatching } = require('./watching/verbs.js');

const observer = later(() => require('./opening/observing/observer.js'));
const stores = later(() => require('./opening/store-list.js'));
/** What opens a store comes with the first that is opened. */
const opening = later(() => ({
  ...require('./backend.js'),
  ...require('./opening/handle.js'),
  ...require('./opening/shared-options.js'),
  ...require('./opening/store-file.js'),
}));

/** @typedef {InstanceType<typeof import('./near/near-copies.js').Copy>} Copy */

class SharedStore extends WholeStore {
  #backend;
  #rules;
  /** The copies, a step nearer: reads of hot keys touch nothing else. */
  #copies;

  /** @param {unknown} [given] */
  constructor(given) {
    const { SharedBackend, openHandle, sharedOptions, storeFile } = opening();
    const { name, scope, path, access, ttlMs, reads, whenOrphaned, ...wanted } =
      sharedOptions(given);
    const rules = sharedRules(ttlMs);
    const open = () => {
      const file = scope === 'processes' ? storeFile(name, { path, access }) : undefined;
      return openHandle({ name, file, access }, wanted);
    };
    const rejoin = whenOrphaned === 'rejoin' ? open : undefined;
    const backend = new SharedBackend(open(), rules, reads === 'frozen', rejoin);
    const about = () => {
      const { place, maxBytes } = backend.entries.handle;
      return { name, scope, file: place.file, maxBytes };
    };
    super(backend, rules, (of) => new SharedNamespace(of), about);
    this.#backend = backend;
    this.#rules = rules;
    this.#copies = backend.entries.copies;
    backend.emitter.store = this;
    backend.onChanged = () => {
      this.#copies = backend.entries.copies;
    };
  }

  /** @param {unknown} [options] */
  static list(options) {
    return stores().listStores(options);
  }

  /** @param {unknown} name @param {unknown} [options] */
  static remove(name, options) {
    if (arguments.length === 0) throw errors.missingArguments('remove', 'a name');
    return stores().removeStore(name, options);
  }

  /** @param {unknown} target @param {unknown} [options] */
  static observe(target, options) {
    if (arguments.length === 0) throw errors.missingArguments('observe', 'a name');
    return observer().observeStore(target, options);
  }

  /** What it was opened by. */
  get name() {
    return SharedStore.#backendOf(this, 'name').entries.handle.name;
  }

  get scope() {
    const { file } = SharedStore.#backendOf(this, 'scope').entries.handle.place;
    return file === undefined ? 'threads' : 'processes';
  }

  /** The path of its file, if processes share it. */
  get file() {
    return SharedStore.#backendOf(this, 'file').entries.handle.place.file;
  }

  /** Room for entries, as of now. */
  get maxBytes() {
    return SharedStore.#backendOf(this, 'maxBytes').entries.handle.maxBytes;
  }

  /** @override @param {unknown} key */
  get(key) {
    const copies = SharedStore.#copiesOf(this, 'get');
    // What is no string is no key of a copy.
    const copy = copies.get(/** @type {string} */ (key));
    if (copy !== undefined && wordOf(copies.words, copy.stripe) === copy.version) {
      if (copy.uncountedHits > 0) {
        copy.uncountedHits -= 1;
        return copy.given();
      }
      if (copy.taggedHits > 0 && copies.isUntouched(copy)) {
        copy.taggedHits -= 1;
        return copy.given();
      }
    }
    return this.#look(key, copy, arguments.length);
  }

  /** @override @param {unknown} key @param {unknown} value @param {unknown} [options] */
  set(key, value, options) {
    const rules = SharedStore.#rulesOf(this, 'set');
    if (arguments.length < 2) throw errors.missingArguments('set', 'a key and a value');
    const expiry = writeExpiry(options);
    if (expiry === Expiry.TAGGED) return super.set(key, value, options);
    const string = sharedPlainStringOf(key);
    const backend = this.#open('set');
    if (expiry < Expiry.FOR_EVER && expiry !== Expiry.UNSAID) {
      return backend.write(rules.writeOf(string, key, value, expiry, undefined), When.ALWAYS);
    }
    backend.put(string, value, expiry === Expiry.UNSAID ? rules.defaultMs : expiry);
    return true;
  }

  /** @override */
  close() {
    SharedStore.#copiesOf(this, 'close');
    this.#backend.close();
  }

  destroy() {
    SharedStore.#copiesOf(this, 'destroy');
    this.#backend.destroy();
  }

  static {
    defineListening(SharedStore.prototype, {
      come: (receiver, method) => {
        SharedStore.#copiesOf(receiver, method);
        return receiver.#open(method).emitter;
      },
      known: (receiver, method) => {
        SharedStore.#copiesOf(receiver, method);
        return receiver.#backend.emitter;
      },
      changed: (receiver) => receiver.#backend.watchName(),
    });
  }

  /**
   * The copies of a store; throws for what is none. To fail is what costs here, not to look first.
   *
   * @param {SharedStore} receiver
   * @param {string} method
   */
  static #copiesOf(receiver, method) {
    try {
      return receiver.#copies;
    } catch {
      throw errors.invalidThis(method, receiver);
    }
  }

  /**
   * What a property of a store is asked of; throws for what is none.
   *
   * @param {SharedStore} receiver
   * @param {string} property
   */
  static #backendOf(receiver, property) {
    if (!(#backend in receiver)) throw errors.invalidThis(property, receiver);
    return receiver.#backend;
  }

  /**
   * What a store takes; throws for what is none.
   *
   * @param {SharedStore} receiver
   * @param {string} method
   */
  static #rulesOf(receiver, method) {
    try {
      return receiver.#rules;
    } catch {
      throw errors.invalidThis(method, receiver);
    }
  }

  /**
   * As `get`, where the copy that was found, if any, is not enough.
   *
   * @param {unknown} key
   * @param {Copy | undefined} copy
   * @param {number} count of arguments
   */
  #look(key, copy, count) {
    const string = sharedKeyArgument('get', key, count);
    const { entries } = this.#open('get');
    const value = string === key ? entries.getKnown(string, copy) : entries.get(string);
    return value === NOTHING ? undefined : value;
  }

  /** @param {string} method */
  #open(method) {
    const backend = this.#backend;
    if (!backend.isOpen && !backend.reopen()) throw errors.storeClosed(method);
    return backend;
  }
}

for (const { prototype } of [SharedStore, SharedNamespace]) {
  defineLocking(prototype);
  defineWatching(prototype);
}
nameMembers(SharedStore);

module.exports = { SharedStore };
