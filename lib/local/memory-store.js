/**
 * `MemoryStore`: any JavaScript value under string keys, with exact expiry, in one isolate.
 *
 * Checks what the caller gives, asks the near cache, then the native core, and keeps the slab
 * in step. Invariant: whatever may run the caller's code (key, options) runs before the first
 * look at the store's state, so a call never finds the store changed under it.
 */
'use strict';

const { EntryIterator } = require('./entry-iterator.js');
const errors = require('../errors.js');
const { Form, formOf, primitiveOf, stringOf } = require('../keys/key.js');
const { MutableKey } = require('../keys/mutable-key.js');
const native = require('../native.js');
const { FLAG_BITS, OTHER_FORM, TIMED } = require('./near-cache.js');
const options = require('../options.js');
const { Slab } = require('./slab.js');

// A property of the native module is looked up anew in each call; a constant is not.
const { find, list, now, place, remove, rename, second, touch } = native;

/** What the native core answers when there is no room. */
const FULL = -(2 ** 31);
/** Keys that are not primitive, which a `Map` keeps; it has room for few more. */
const MAX_ORIGINALS = 2 ** 24 - 1;
/** Bits of the form below the slot in a code of `list`. */
const FORM_BITS = 3;
const FORM_MASK = 2 ** FORM_BITS - 1;

const INSPECT = Symbol.for('nodejs.util.inspect.custom');
/** Node has it everywhere; other engines may not yet. @type {typeof Symbol.dispose} */
const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');

class MemoryStore {
  #slab;
  /** The slab's own, one step nearer: reads of hot keys touch nothing else. */
  #near;
  /** @type {unknown[]} */
  #values;
  /** For the keys that this store makes. @type {WeakRef<MemoryStore> | undefined} */
  #weak;

  /** @param {unknown} [given] */
  constructor(given) {
    const { intervalMs, automatic } = options.storeOptions(given);
    const slab = new Slab(intervalMs, automatic);
    this.#slab = slab;
    this.#near = slab.near;
    this.#values = slab.values;
  }

  /** @param {unknown} key */
  get(key) {
    const near = MemoryStore.#nearOf(this, 'get');
    const known = typeof key === 'string' ? near.get(key) : undefined;
    if (known !== undefined && this.#isLive(known)) {
      near.hits += 1;
      return this.#values[known >> FLAG_BITS];
    }
    // Slot 0, that of no entry, holds `undefined`.
    return this.#values[this.#find('get', key, arguments.length, known) >> FLAG_BITS];
  }

  /** @param {unknown} key */
  has(key) {
    const near = MemoryStore.#nearOf(this, 'has');
    const known = typeof key === 'string' ? near.get(key) : undefined;
    if (known !== undefined && this.#isLive(known)) {
      near.hits += 1;
      return true;
    }
    return this.#find('has', key, arguments.length, known) !== 0;
  }

  /**
   * @param {unknown} key
   * @param {unknown} value
   * @param {unknown} [given]
   */
  set(key, value, given) {
    const near = MemoryStore.#nearOf(this, 'set');
    if (typeof key === 'string' && given === undefined && arguments.length > 1) {
      const code = near.get(key);
      // What has no deadline the sweeper never touches: its slot is ours to write.
      if (code !== undefined && (code & (TIMED | OTHER_FORM)) === 0) {
        near.hits += 1;
        this.#values[code >> FLAG_BITS] = value;
        return true;
      }
    }
    if (arguments.length < 2) throw errors.missingArguments('set', 'a key and a value');
    const ttl = options.setTtl(given);
    this.#place(stringOf(key), key, value, ttl);
    return true;
  }

  /** @param {unknown} key */
  delete(key) {
    MemoryStore.#check(this, 'delete');
    const string = keyArgument('delete', key, arguments.length);
    const slab = this.#open('delete');
    this.#near.forget(string);
    const slot = remove(slab.id, string);
    if (slot === 0) return false;
    this.#values[slot > 0 ? slot : -slot] = undefined;
    if (slab.originals.size > 0) slab.originals.delete(Math.abs(slot));
    return slot > 0;
  }

  clear() {
    MemoryStore.#check(this, 'clear');
    this.#open('clear').clear();
    return true;
  }

  size() {
    MemoryStore.#check(this, 'size');
    const slab = this.#open('size');
    const size = native.size(slab.id);
    slab.drainSoon();
    return size;
  }

  keys() {
    MemoryStore.#check(this, 'keys');
    return this.#list('keys', (_code, key) => key);
  }

  getKeys() {
    MemoryStore.#check(this, 'getKeys');
    return this.#list('getKeys', (code, key) => {
      const form = code & FORM_MASK;
      if (form !== Form.ORIGINAL) return primitiveOf(key, form);
      const original = this.#slab.originals.get(code >> FORM_BITS);
      return MutableKey.is(original) ? original.heldAs(key) : (original ?? key);
    });
  }

  all() {
    MemoryStore.#check(this, 'all');
    const codes = /** @type {number[]} */ (list(this.#open('all').id, 0));
    return codes.map((code) => this.#values[code >> FORM_BITS]);
  }

  /** @param {unknown} key */
  ttl(key) {
    MemoryStore.#check(this, 'ttl');
    const string = keyArgument('ttl', key, arguments.length);
    const code = this.#nearCode(string) || this.#find('ttl', string, 1, undefined);
    if (code === 0) return undefined;
    if ((code & TIMED) === 0) return Number.POSITIVE_INFINITY;
    const leftMs = this.#deadline(code) - time();
    return leftMs > 0 ? Math.ceil(leftMs) : undefined;
  }

  /**
   * @param {unknown} key
   * @param {unknown} ttl
   */
  touch(key, ttl) {
    MemoryStore.#check(this, 'touch');
    if (arguments.length < 2) throw errors.missingArguments('touch', 'a key and a time to live');
    const ttlMs = options.ttl(ttl, 'ttl');
    const string = stringOf(key);
    const slab = this.#open('touch');
    slab.reserveDeadline();
    this.#suspend(string);
    const code = touch(slab.id, string, ttlMs);
    if (code === FULL) throw errors.storeFull();
    if (code <= 0) {
      this.#lost(code);
      return false;
    }
    slab.deadlines[code >> FLAG_BITS] = /** @type {number} */ (second[0]);
    this.#near.correct(string, code);
    slab.followSweep();
    return true;
  }

  entries() {
    MemoryStore.#check(this, 'entries');
    return new EntryIterator(this.#open('entries'), true, (key, value) => [key, value]);
  }

  values() {
    MemoryStore.#check(this, 'values');
    return new EntryIterator(this.#open('values'), false, (_key, value) => value);
  }

  /**
   * @param {unknown} callback
   * @param {unknown} [thisArg]
   */
  forEach(callback, thisArg) {
    MemoryStore.#check(this, 'forEach');
    if (typeof callback !== 'function') {
      throw errors.invalidType('a function', 'callback', callback);
    }
    /** @type {(key: string, value: unknown) => void} */
    const show = (key, value) => callback.call(thisArg, value, key, this);
    const entries = new EntryIterator(this.#open('forEach'), true, show);
    try {
      for (const _ of entries);
    } finally {
      // What is thrown within `next` does not make the loop end the iterator.
      entries.return();
    }
  }

  /** @param {unknown} initial */
  createKey(initial) {
    MemoryStore.#check(this, 'createKey');
    if (arguments.length < 1) throw errors.missingArguments('createKey', 'an initial value');
    this.#open('createKey');
    this.#weak ??= new WeakRef(this);
    const weak = this.#weak;
    const key = new MutableKey(initial, stringOf, (from, to) => {
      const store = weak.deref();
      if (store !== undefined) store.#rename(from, to);
    });
    return key.proxy();
  }

  /** @param {unknown} [intervalMs] */
  startCleanupTask(intervalMs) {
    MemoryStore.#check(this, 'startCleanupTask');
    const given = intervalMs === undefined ? 0 : options.interval(intervalMs, 'intervalMs');
    const slab = this.#open('startCleanupTask');
    const isStarted = native.startSweeping(slab.id, given);
    if (isStarted) slab.followNewSweep();
    return isStarted;
  }

  stopCleanupTask() {
    MemoryStore.#check(this, 'stopCleanupTask');
    return native.stopSweeping(this.#open('stopCleanupTask').id);
  }

  close() {
    MemoryStore.#check(this, 'close');
    this.#slab.close();
  }

  [INSPECT]() {
    // What inherits from a store, or stands for one, is shown as the object it is.
    if (!(#slab in this)) return this;
    return this.#slab.id === 0 ? 'MemoryStore (closed)' : `MemoryStore { size: ${this.size()} }`;
  }

  /**
   * Throws unless a method was called on a store.
   *
   * @param {unknown} receiver
   * @param {string} method
   */
  static #check(receiver, method) {
    if (typeof receiver !== 'object' || receiver === null || !(#slab in receiver)) {
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
   * Whether a key of the near cache, with this code, has not passed its deadline.
   *
   * @param {number} code
   */
  #isLive(code) {
    return (code & TIMED) === 0 || this.#deadline(code) > time();
  }

  /** @param {number} code */
  #deadline(code) {
    return /** @type {number} */ (this.#slab.deadlines[code >> FLAG_BITS]);
  }

  /**
   * The slab, while the store is open.
   *
   * @param {string} method
   */
  #open(method) {
    const slab = this.#slab;
    if (slab.id === 0) throw errors.storeClosed(method);
    return slab;
  }

  /**
   * Asks the native core for a live entry; its code, or 0.
   *
   * @param {string} method
   * @param {unknown} key a string, or any other key
   * @param {number} count of arguments
   * @param {number | undefined} expired code that the near cache has for a string, if any
   */
  #find(method, key, count, expired) {
    const string = keyArgument(method, key, count);
    const slab = this.#open(method);
    if (expired !== undefined) {
      // The native core is about to free its slot.
      this.#near.forget(string);
    } else if (string !== key) {
      const known = this.#nearCode(string);
      if (known !== 0) return known;
    }
    const code = find(slab.id, string);
    if (code > 0) {
      this.#near.consider(string, code);
      return code;
    }
    this.#lost(code);
    return 0;
  }

  /**
   * The code of a key that the near cache has and that has not expired, or 0. One that has is
   * forgotten: the native core is about to free its slot.
   *
   * @param {string} string
   */
  #nearCode(string) {
    const code = this.#near.get(string);
    if (code === undefined) return 0;
    if (this.#isLive(code)) return code;
    this.#near.forget(string);
    return 0;
  }

  /**
   * The native core has no live entry for a key; below zero, it just freed an expired one.
   *
   * @param {number} code
   */
  #lost(code) {
    if (code < 0) this.#slab.empty(-code);
  }

  /**
   * Makes the near cache ask the native core for a key whose deadline is about to change: should
   * the call end half-way, for want of stack, the cache must not know better than the core.
   *
   * @param {string} string
   */
  #suspend(string) {
    const code = this.#near.get(string);
    if (code === undefined) return;
    if ((code & TIMED) === 0 || !this.#isLive(code)) this.#near.forget(string);
    else this.#slab.deadlines[code >> FLAG_BITS] = 0;
  }

  /**
   * @param {string} string
   * @param {unknown} key
   * @param {unknown} value
   * @param {number} ttlMs 0 for none
   */
  #place(string, key, value, ttlMs) {
    const slab = this.#open('set');
    const near = this.#near;
    const form = formOf(key);
    if (form === Form.ORIGINAL && slab.originals.size >= MAX_ORIGINALS) throw errors.storeFull();
    if (ttlMs > 0) slab.reserveDeadline();
    slab.finishDrain();
    const known = near.get(string);
    if (known !== undefined && ttlMs > 0) {
      // As in `#suspend`; a slot that has expired would be given to this same key again.
      if ((known & TIMED) === 0) near.forget(string);
      else slab.deadlines[known >> FLAG_BITS] = 0;
    }
    let placed = place(slab.id, string, ttlMs, form);
    if (placed === 0) {
      slab.drain();
      placed = place(slab.id, string, ttlMs, form);
    }
    if (placed === FULL) {
      near.forget(string);
      throw errors.storeFull();
    }
    // No call from here until the slab is in step: a call is where a stack can end.
    const slot = placed > 0 ? placed : -placed;
    this.#values[slot] = value;
    if (ttlMs > 0) slab.deadlines[slot] = /** @type {number} */ (second[0]);
    if (slab.originals.size > 0) slab.originals.delete(slot);
    if (form === Form.ORIGINAL) this.#keepOriginal(slot, /** @type {object} */ (key));
    if (ttlMs > 0) slab.followSweep();
    const flags = (ttlMs > 0 ? TIMED : 0) | (form === Form.STRING ? 0 : OTHER_FORM);
    const code = (slot << FLAG_BITS) | flags;
    if (known === undefined) {
      if (placed > 0) near.consider(string, code);
    } else if (known !== code) {
      near.correct(string, code);
    }
  }

  /**
   * @param {number} slot
   * @param {object} key
   */
  #keepOriginal(slot, key) {
    this.#slab.originals.set(slot, MutableKey.of(key) ?? key);
  }

  /**
   * @template T
   * @param {string} method
   * @param {(code: number, key: string) => T} show
   */
  #list(method, show) {
    const listed = list(this.#open(method).id, 1);
    /** @type {T[]} */
    const shown = [];
    for (let index = 0; index < listed.length; index += 2) {
      const code = /** @type {number} */ (listed[index]);
      shown.push(show(code, /** @type {string} */ (listed[index + 1])));
    }
    return shown;
  }

  /**
   * Moves an entry for a mutable key that this store made.
   *
   * @param {string} from
   * @param {string} to
   */
  #rename(from, to) {
    const slab = this.#slab;
    if (slab.id === 0) return;
    this.#near.forget(from);
    this.#near.forget(to);
    const slot = rename(slab.id, from, to, Form.ORIGINAL);
    if (slot === FULL) throw errors.storeFull();
    if (slot > 0 && !MutableKey.is(slab.originals.get(slot))) {
      slab.originals.delete(slot);
    }
    slab.drainSoon();
  }
}

const { prototype } = MemoryStore;
for (const [name, value] of /** @type {[PropertyKey, unknown][]} */ ([
  ['createMutableKey', prototype.createKey],
  [Symbol.iterator, prototype.entries],
  [DISPOSE, prototype.close],
])) {
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}
Object.defineProperty(prototype, Symbol.toStringTag, { value: 'MemoryStore', configurable: true });

/** Milliseconds on the clock of the deadlines. */
function time() {
  now();
  return /** @type {number} */ (second[0]);
}

/**
 * @param {string} method
 * @param {unknown} key
 * @param {number} count of arguments
 */
function keyArgument(method, key, count) {
  if (typeof key === 'string') return key;
  if (count < 1) throw errors.missingArguments(method, 'a key');
  return stringOf(key);
}

module.exports = { MemoryStore };
