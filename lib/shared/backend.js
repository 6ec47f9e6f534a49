/**
 * The backend of a store that threads or processes share: entries, loads and locks of one object.
 *
 * Knows entries, no memory; what comes in is checked. Encoding a value may run the caller's code,
 * so it comes first, and then it is looked again whether the object is open. Invariant: whatever
 * writes to a key invalidates the load of that key in this thread, but for what the load stores.
 */
'use strict';

const errors = require('../errors/errors.js');
const { PLAIN } = require('../keys/keyspace.js');
const { Loader } = require('../loads/loader.js');
const { Emitter } = require('../store/events/emitter.js');
const { compareAndSet } = require('../store/optimistic.js');
const { sum } = require('../store/walks.js');
const { everyOf } = require('../arguments/filter.js');
const { When, firstCount } = require('../arguments/writes.js');
const { Condition } = require('../native/contract.js');
const { SharedEntries } = require('./entries.js');
const { take } = require('./limiter.js');
const { SharedLoadScope } = require('./loader.js');
const { NOTHING } = require('./near/looks.js');
const { SpaceCopies } = require('./near/space-copies.js');
const { sharedStats } = require('./opening/shared-stats.js');
const { counted } = require('./tags.js');
const { KeyLocks, lockIfPossible } = require('./waiting/key-locks.js');
const { readable, scan } = require('./walks/entries-walk.js');
const { SharedSource } = require('./walks/snapshot-entries.js');
const { Watching } = require('./watching/watching.js');

/** What an object of a shared store tells. */
const EVENTS = Object.freeze(['error', 'orphaned']);

/** @typedef {import('../store/backend.js').Direct} Backend */
/** @typedef {import('../arguments/writes.js').Count} Count */
/** @typedef {import('../store/backend.js').Seen} Seen */
/** @typedef {InstanceType<typeof import('./opening/handle.js').Handle>} Handle */
/** @typedef {InstanceType<typeof import('../arguments/filter.js').Filter>} Filter */
/** @typedef {import('../values/codec.js').Encoded} Encoded */
/** @typedef {InstanceType<typeof import('../keys/keyspace.js').Keyspace>} Keyspace */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').Write>} Write */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').WriteRules>} WriteRules */

const CONDITIONS = Object.freeze([Condition.ALWAYS, Condition.ABSENT, Condition.PRESENT]);

/** @implements {Backend} */
class SharedBackend {
  isOpen = true;
  mayWait = false;
  handle;
  entries;
  emitter = new Emitter(EVENTS);
  /** Told when it has other entries from now on, or none. */
  onChanged = () => {};
  /** Who watches by this object: all that ends when it leaves the store. */
  watching = new Watching(
    () => this.handle,
    (error, channel) => this.emitter.tellApart('error', error, channel),
  );
  #rules;
  #loader;
  #isFrozen;
  /** Opens the store of the name anew, where that is wanted. */
  #rejoin;
  /** Whether the store has lost its name, and that was told. */
  #isOrphaned = false;
  #tellOrphaned = () => this.#orphan();
  /** Of the entries that it has now. @type {InstanceType<typeof KeyLocks> | undefined} */
  #locks;
  /** Whether a namespace was made of this object. */
  #hasNamespaces = false;

  /**
   * @param {Handle} handle
   * @param {WriteRules} rules
   * @param {boolean} isFrozen whether values are frozen and handed out again
   * @param {() => Handle} [rejoin] opens the store of the name anew, once this one has lost it
   */
  constructor(handle, rules, isFrozen, rejoin) {
    this.#rules = rules;
    this.#isFrozen = isFrozen;
    this.#rejoin = rejoin;
    this.handle = handle;
    this.entries = new SharedEntries(handle, isFrozen);
    this.#loader = this.#loaderOf(this.entries);
    this.watchName();
  }

  /** @param {InstanceType<typeof SharedEntries>} entries */
  #loaderOf(entries) {
    const scope = new SharedLoadScope(entries, this.#rules, this.#isFrozen);
    return new Loader(entries.handle.loads, scope, (error, key) => {
      this.emitter.tellApart('error', error, key);
    });
  }

  /** Looks after the name of the store, if somebody wants to know of it. */
  watchName() {
    if (!this.isOpen || this.#isOrphaned) return;
    if (this.#rejoin !== undefined || this.emitter.listens('orphaned')) {
      this.handle.watchName(this.#tellOrphaned);
    } else {
      this.handle.unwatchName(this.#tellOrphaned);
    }
  }

  /** The store has lost its name. */
  #orphan() {
    this.#isOrphaned = true;
    // Nothing of it is used any more, also not by whoever is told.
    if (this.#rejoin !== undefined) this.#leave();
    this.emitter.tellApart('orphaned');
  }

  /** Opens the store of the name anew, where this one has lost it; whether it is open then. */
  reopen() {
    if (this.#rejoin === undefined || !this.#isOrphaned) return false;
    this.handle = this.#rejoin();
    this.#isOrphaned = false;
    this.isOpen = true;
    this.entries = new SharedEntries(this.handle, this.#isFrozen);
    this.#locks = undefined;
    this.#loader = this.#loaderOf(this.entries);
    if (this.#hasNamespaces) this.handle.noteNamespaces();
    this.watchName();
    this.onChanged();
    return true;
  }

  #leave() {
    this.isOpen = false;
    this.handle.unwatchName(this.#tellOrphaned);
    this.watching.end();
    this.entries.close();
    this.onChanged();
  }

  /** Writes of this thread so far: what else is written others write. */
  get ownWrites() {
    return this.handle.writes;
  }

  /** @param {string} string @param {number} since */
  hasWritten(string, since) {
    return this.handle.hasWritten(string, since);
  }

  /** @param {string} string @param {number} [waitMs] for a key that others have locked */
  get(string, waitMs = 0) {
    const value = this.entries.get(string, waitMs);
    return value === NOTHING ? undefined : value;
  }

  /** @param {string} string @param {unknown} absent */
  getOr(string, absent) {
    const value = this.entries.get(string);
    return value === NOTHING ? absent : value;
  }

  /** @param {string} string */
  peek(string) {
    const value = this.entries.view(string);
    return value === NOTHING ? undefined : value;
  }

  /** @param {string} string */
  has(string) {
    return this.entries.peek(string) !== undefined;
  }

  /** @param {string} string */
  ttl(string) {
    return this.entries.peek(string)?.leftMs;
  }

  /** @param {string} string */
  look(string) {
    return this.entries.look(string);
  }

  /**
   * Sets a value that lives for so long, as `write` would: the hot way.
   *
   * @param {string} string @param {unknown} value @param {number} ttlMs 0 for none
   */
  put(string, value, ttlMs) {
    const encoded = this.handle.codec.encode(value, string);
    this.#expectOpen('set');
    this.entries.put(string, encoded, ttlMs);
    this.handle.loads.invalidate(string);
  }

  /**
   * @param {Write} write @param {number} when
   * @param {number} [waitMs] for a key that others have locked
   */
  write(write, when, waitMs = 0) {
    const encoded = this.handle.codec.encode(write.value, write.string);
    return this.#put(write, encoded, when, waitMs);
  }

  /** @param {Write} write @param {Seen | undefined} seen */
  exchange(write, seen) {
    const encoded = this.handle.codec.encode(write.value, write.string);
    this.#expectOpen('set');
    return this.#exchange(write, encoded, seen);
  }

  /** @param {string} string @param {number} [waitMs] for a key that others have locked */
  remove(string, waitMs = 0) {
    this.handle.loads.invalidate(string);
    return this.entries.remove(string, waitMs);
  }

  /** @param {string} string */
  take(string) {
    return this.takeOr(string, undefined);
  }

  /** @param {string} string @param {unknown} absent */
  takeOr(string, absent) {
    this.handle.loads.invalidate(string);
    const value = this.entries.take(string);
    return value === NOTHING ? absent : value;
  }

  /** @param {string} string @param {number} ttlMs */
  touch(string, ttlMs) {
    return ttlMs < 0 ? this.remove(string) : this.entries.touch(string, ttlMs);
  }

  /** @param {Count} count */
  increment(count) {
    const { string, by, counting } = count;
    const sum = counted(this.entries, count);
    // An entry that would have expired already is not made; it has counted all the same.
    if (sum === undefined) return counting.ifPresent ? undefined : firstCount(by, counting);
    this.handle.loads.invalidate(string);
    return sum;
  }

  /** @param {Count} count */
  hit(count) {
    const { string, by, counting } = count;
    const value = counted(this.entries, count);
    if (value === undefined) {
      return counting.ifPresent ? undefined : { value: firstCount(by, counting), ttl: 0 };
    }
    this.handle.loads.invalidate(string);
    return { value, ttl: this.entries.countedMs() };
  }

  /** @param {import('../arguments/limit.js').Limit} limit */
  limit(limit) {
    return take(this.handle, limit);
  }

  /** @param {Write} write @param {unknown} expected */
  compareAndSet(write, expected) {
    const encoded = this.handle.codec.encodeToKeep(write.value, write.string);
    this.#expectOpen('compareAndSet');
    const exchange = (/** @type {Seen | undefined} */ seen) => {
      return this.#exchange(write, encoded, seen);
    };
    return compareAndSet(this, write.string, expected, exchange);
  }

  /**
   * @template T
   * @param {(steps: import('../store/backend.js').Steps) => T} act
   */
  whole(act) {
    return act(this);
  }

  /**
   * Runs what reads and writes a key in several steps, under the lock of the key.
   *
   * @param {string} string
   * @param {(backend: Backend) => unknown} act
   */
  alone(string, act) {
    const isLocked = lockIfPossible(this.entries, string);
    try {
      return act(this);
    } finally {
      if (isLocked && this.handle.id !== 0) this.entries.release(string);
    }
  }

  /** @param {import('../arguments/load-options.js').LoadRequest} request */
  load(request) {
    return this.#loader.load(request);
  }

  /** @param {string[]} strings */
  getMany(strings) {
    return this.getManyOr(strings, undefined);
  }

  /** @param {string[]} strings @param {unknown} absent */
  getManyOr(strings, absent) {
    return strings.map((string) => readable(this.entries, () => this.getOr(string, absent)));
  }

  /** @param {Write[]} writes */
  writeMany(writes) {
    // What cannot be encoded is found before the first is stored.
    const encoded = writes.map(({ value, string }) => {
      return this.handle.codec.encodeToKeep(value, string);
    });
    for (const [index, write] of writes.entries()) {
      this.#put(write, /** @type {Encoded} */ (encoded[index]), When.ALWAYS, 0);
    }
  }

  /** @param {string[]} strings */
  removeMany(strings) {
    return strings.filter((string) => this.remove(string)).length;
  }

  /** @param {string[]} tags */
  invalidate(tags) {
    this.entries.tags.invalidate(tags);
  }

  noteNamespace() {
    this.#hasNamespaces = true;
    this.handle.noteNamespaces();
  }

  /** @param {Keyspace} space */
  nearOf(space) {
    return new SpaceCopies(this, space.prefix);
  }

  /** @param {Keyspace} [space] with those within */
  clear(space = PLAIN) {
    if (space !== PLAIN) {
      this.handle.loads.invalidateWhere((string) => space.covers(string));
      return this.entries.tags.clear(space.path);
    }
    this.handle.loads.invalidateAll();
    return this.entries.clear();
  }

  /** One by one where there are namespaces. @param {Keyspace} [space] */
  size(space = PLAIN) {
    if (space === PLAIN && !this.handle.hasNamespaces) return this.entries.size();
    return this.count(everyOf(space));
  }

  /** @param {Filter} filter */
  keys(filter) {
    return this.entries.listing.keys(filter);
  }

  /** @param {Filter} filter */
  count(filter) {
    return sum(this.entries.listing.countSteps(filter));
  }

  /** @param {Filter} filter */
  *walk(filter) {
    for (const entry of this.scan(filter)) {
      if (entry !== undefined) yield entry;
    }
  }

  /** @param {Filter} filter */
  *walkValues(filter) {
    for (const [, value] of this.walk(filter)) yield value;
  }

  /** @param {Filter} filter */
  *scan(filter) {
    this.#check('next');
    const { entries } = this;
    // Another store of the name has other entries.
    yield* scan(entries, filter, () => this.isOpen && entries === this.entries);
  }

  /** @param {Filter} filter */
  removeWhere(filter) {
    return sum(this.entries.listing.removeSteps(filter));
  }

  stats() {
    return sharedStats(this.entries);
  }

  /** @param {string} method */
  stored(method) {
    return new SharedSource(this, this.#rules, method);
  }

  /**
   * Whether this thread has the lock of a key now. Blocks while it waits.
   *
   * @param {string} string
   * @param {number} timeoutMs
   */
  lock(string, timeoutMs) {
    return this.entries.lock(string, timeoutMs);
  }

  /** @param {string} string */
  release(string) {
    return this.entries.release(string);
  }

  /**
   * Runs a task under the lock of a key; gives what it gives.
   *
   * @param {string} string
   * @param {() => unknown} task
   * @param {number} timeoutMs until it has to begin
   */
  withLock(string, task, timeoutMs) {
    this.#locks ??= new KeyLocks(this.entries);
    return this.#locks.run(string, task, timeoutMs);
  }

  /** Takes the store's name away, and ends this object's use of it. */
  destroy() {
    const { handle } = this;
    if (this.isOpen) handle.removeName();
    this.close();
    // Other objects of this thread need not wait to be told.
    handle.lookForName();
  }

  /** This object uses the store no longer. */
  close() {
    this.#rejoin = undefined;
    if (this.isOpen) this.#leave();
  }

  /**
   * @param {Write} write @param {Encoded} encoded
   * @param {number} when @param {number} waitMs
   */
  #put(write, encoded, when, waitMs) {
    this.#expectOpen('set');
    const { string, ttlMs } = write;
    if (ttlMs >= 0) {
      const condition = /** @type {number} */ (CONDITIONS[when]);
      const isDone = this.entries.write(howOf(write, ttlMs), encoded, condition, waitMs);
      return this.#written(string, isDone);
    }
    // What has expired already is not there after the call.
    if (when === When.ABSENT) return this.#written(string, !this.has(string));
    const isRemoved = this.entries.remove(string, waitMs);
    return this.#written(string, isRemoved || when === When.ALWAYS);
  }

  /** @param {Write} write @param {Encoded} encoded @param {Seen | undefined} seen */
  #exchange(write, encoded, seen) {
    const { string, ttlMs } = write;
    const how = howOf(write, ttlMs);
    let isDone;
    if (ttlMs < 0) {
      isDone = seen ? this.entries.removeVersion(string, seen.mark) : !this.has(string);
    } else if (seen === undefined) {
      isDone = this.entries.write(how, encoded, Condition.ABSENT);
    } else {
      isDone = this.entries.write(how, encoded, Condition.SAME_VERSION, seen.mark);
    }
    return this.#written(string, isDone);
  }

  /**
   * What was written to a key invalidates its load, and only that.
   *
   * @param {string} string
   * @param {boolean} isDone whether something was written
   */
  #written(string, isDone) {
    if (isDone) this.handle.loads.invalidate(string);
    return isDone;
  }

  /** What was encoded has the structures of the store that was open. @param {string} method */
  #expectOpen(method) {
    if (!this.isOpen) throw errors.storeClosed(method);
  }

  /** @param {string} method */
  #check(method) {
    if (!this.isOpen && !this.reopen()) throw errors.storeClosed(method);
  }
}

/** @param {Write} write @param {number} ttlMs */
function howOf({ string, isKept, staleMs, tags, asOf }, ttlMs) {
  return { string, ttlMs, isKept, staleMs, tags, asOf };
}

module.exports = { SharedBackend };
