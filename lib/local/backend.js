/**
 * The backend of a store of one thread: its entries, and who is told what happens to them.
 *
 * Knows entries, loads and listeners; what comes in is checked. Invariant: each call tells those
 * who listen at its end, and what invalidates a load does so in the entries.
 */
'use strict';

const { PLAIN, keyOf } = require('../keys/keyspace.js');
const { allWithin, everyOf } = require('../arguments/filter.js');
const { Loads } = require('../loads/loads.js');
const { later } = require('../native/later.js');
const { When, counted, firstCount } = require('../arguments/writes.js');
const errors = require('../errors/errors.js');
const { Entries, NOTHING } = require('./entries.js');
const { countKeys, listKeys, listSteps } = require('./walks/listing.js');
const { FLAG_BITS } = require('./near/near-cache.js');

const iterator = later(() => require('./walks/entry-iterator.js'));
const limiter = later(() => require('./limiter.js'));
const loading = later(() => ({ ...require('../loads/loader.js'), ...require('./loader.js') }));
const optimistic = later(() => require('../store/optimistic.js'));
const removal = later(() => require('./walks/removal.js'));
const snapshots = later(() => require('./walks/snapshot-entries.js'));
const spots = later(() => require('./near/space-spots.js'));
const stats = later(() => require('./local-stats.js'));
const walks = later(() => require('../store/walks.js'));

/** @typedef {import('../store/backend.js').Direct} Backend */
/** @typedef {import('../arguments/writes.js').Count} Count */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').Write>} Write */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').WriteRules>} WriteRules */

/** @typedef {import('../store/backend.js').Seen} Seen */
/** @typedef {InstanceType<typeof import('../arguments/filter.js').Filter>} Filter */
/** @typedef {InstanceType<typeof import('../keys/keyspace.js').Keyspace>} Keyspace */

/** @implements {Backend} */
class LocalBackend {
  mayWait = false;
  entries;
  loads;
  #rules;
  /** @type {InstanceType<typeof import('../loads/loader.js').Loader> | undefined} */
  #loader;
  /** @type {InstanceType<typeof import('./limiter.js').Limiter> | undefined} */
  #limiter;
  #steps;

  /** Is told when the first load begins and when the last one ends. */
  #changeLoads = () => {};

  /** @param {import('./local-options.js').LocalOptions} options @param {WriteRules} rules */
  constructor(options, rules) {
    this.#rules = rules;
    this.loads = new Loads(() => this.#changeLoads());
    this.entries = new Entries(options, this.loads);
    this.#steps = this.#stepsOf();
  }

  /**
   * @param {object} store as listeners get it
   * @param {() => void} changeLoads is told when the first load begins and when the last one ends
   */
  attach(store, changeLoads) {
    this.entries.events.store = store;
    this.#changeLoads = changeLoads;
  }

  /** Nobody else writes here: what was written since was written by this thread. */
  get ownWrites() {
    return this.entries.placed + this.entries.near.writes;
  }

  /**
   * To that key, perhaps: nobody else could have.
   *
   * @param {string} _string
   * @param {number} since
   */
  hasWritten(_string, since) {
    return this.ownWrites !== since;
  }

  get isOpen() {
    return this.entries.table.isOpen;
  }

  /** @param {string} string */
  get(string) {
    return this.getOr(string, undefined);
  }

  /** @param {string} string @param {unknown} absent */
  getOr(string, absent) {
    return this.entries.act((entries) => entries.readOr(string, absent));
  }

  /** @param {string} string */
  peek(string) {
    return this.entries.act((entries) => entries.values[entries.peek(string) >> FLAG_BITS]);
  }

  /** @param {string} string */
  has(string) {
    return this.entries.act((entries) => entries.find(string) !== 0);
  }

  /** @param {string} string */
  ttl(string) {
    const leftMs = this.entries.act((entries) => entries.leftMs(string));
    return leftMs > 0 ? leftMs : undefined;
  }

  /**
   * @param {string} string
   * @returns {Seen | undefined}
   */
  look(string) {
    return this.entries.act(() => this.#look(string));
  }

  /** @param {Write} write @param {number} when */
  write(write, when) {
    return this.entries.act(() => this.#write(write, when));
  }

  /** @param {Write} write @param {Seen | undefined} seen */
  exchange(write, seen) {
    return this.entries.act(() => this.#exchange(write, seen));
  }

  /** @param {string} string */
  remove(string) {
    return this.entries.act((entries) => entries.remove(string, 'delete')) !== NOTHING;
  }

  /** @param {string} string */
  take(string) {
    return this.takeOr(string, undefined);
  }

  /** @param {string} string @param {unknown} absent */
  takeOr(string, absent) {
    return this.entries.act((entries) => entries.take(string, absent));
  }

  /** @param {string} string @param {number} ttlMs */
  touch(string, ttlMs) {
    if (ttlMs < 0) return this.remove(string);
    return this.entries.act((entries) => entries.touch(string, ttlMs));
  }

  /** @param {Count} count */
  increment(count) {
    return this.entries.act((entries) => {
      const code = add(entries, count);
      if (code === 0) return this.#begin(count)?.value;
      return /** @type {number} */ (entries.values[code >> FLAG_BITS]);
    });
  }

  /** @param {Count} count */
  hit(count) {
    return this.entries.act((entries) => hit(entries, count) ?? this.#begin(count));
  }

  /** @param {import('../arguments/limit.js').Limit} limit */
  limit(limit) {
    this.#limiter ??= new (limiter().Limiter)(this.entries, this.#rules);
    const by = this.#limiter;
    return this.entries.act(() => by.take(limit));
  }

  /** @param {Write} write @param {unknown} expected */
  compareAndSet(write, expected) {
    const exchange = (/** @type {Seen | undefined} */ seen) => this.#exchange(write, seen);
    return this.whole((steps) => {
      return optimistic().compareAndSet(steps, write.string, expected, exchange);
    });
  }

  /** @param {string} _string @param {(backend: Backend) => unknown} act */
  alone(_string, act) {
    return act(this);
  }

  /**
   * @template T
   * @param {(steps: import('../store/backend.js').Steps) => T} act
   */
  whole(act) {
    return this.entries.act(() => act(this.#steps));
  }

  /** @param {import('../arguments/load-options.js').LoadRequest} request */
  load(request) {
    this.#loader ??= this.#loaderOf();
    return this.#loader.load(request);
  }

  /** @param {string[]} strings */
  getMany(strings) {
    return this.getManyOr(strings, undefined);
  }

  /** @param {string[]} strings @param {unknown} absent */
  getManyOr(strings, absent) {
    return this.entries.act((entries) => strings.map((it) => entries.readOr(it, absent)));
  }

  /** @param {Write[]} writes */
  writeMany(writes) {
    this.entries.act((entries) => {
      for (const write of writes) entries.put(write);
    });
  }

  /** @param {string[]} strings */
  removeMany(strings) {
    return this.entries.act((entries) => {
      return strings.filter((string) => entries.remove(string, 'delete') !== NOTHING).length;
    });
  }

  /** @param {string[]} tags */
  invalidate(tags) {
    this.entries.table.invalidate(tags);
  }

  /** Entries say whose they are. */
  noteNamespace() {}

  /**
   * What a view of a namespace finds its values by.
   *
   * @param {Keyspace} space
   */
  nearOf(space) {
    return new (spots().SpaceSpots)(this.entries, space.prefix);
  }

  /** @param {Keyspace} [space] with those within */
  clear(space = PLAIN) {
    if (space === PLAIN) return this.entries.act((entries) => entries.clear());
    // Who frees what values hold is told of each, within the call.
    if (this.entries.events.isDisposing) return void this.removeWhere(allWithin(space), 'clear');
    this.loads.invalidateWhere((string) => space.covers(string));
    return this.entries.table.invalidate([space.path]);
  }

  /** @param {Keyspace} space @param {(string: string) => boolean} isLeft */
  clearBut(space, isLeft) {
    this.entries.act((entries) => entries.clearBut(space, isLeft));
  }

  /**
   * Of a store that has namespaces, and of those, counted one by one.
   *
   * @param {Keyspace} [space]
   */
  size(space = PLAIN) {
    return this.entries.act((entries) => {
      const isAlone = space === PLAIN && !entries.table.hasNamespaces;
      if (isAlone) return entries.size();
      entries.releaseDue();
      return countKeys(entries.table, everyOf(space));
    });
  }

  /** @param {Filter} filter */
  keys(filter) {
    return listKeys(this.entries.table, filter);
  }

  /** @param {Filter} filter */
  count(filter) {
    return countKeys(this.entries.table, filter);
  }

  /** @param {Filter} filter */
  walk(filter) {
    return new (iterator().EntryIterator)(this.entries.table, true, pairOf, filter);
  }

  /** @param {Filter} filter */
  scan(filter) {
    return this.walk(filter).steps();
  }

  /**
   * Who is making a value of such a key makes it of what was there before.
   *
   * @param {Filter} filter
   */
  overtakeLoads(filter) {
    this.loads.invalidateWhere((string) => filter.means(string));
  }

  /** @param {Filter} filter @param {'delete' | 'clear'} [reason] */
  removeWhere(filter, reason = 'delete') {
    const { entries, loads } = this;
    this.overtakeLoads(filter);
    if (!entries.events.begin()) return removal().removeUnobserved(entries, filter);
    try {
      return walks().sum(removal().removalSteps(entries, loads, filter, reason));
    } finally {
      entries.events.end();
    }
  }

  /** @param {Filter} filter */
  *keySteps(filter) {
    for (const some of listSteps(this.entries.table, filter, 'keys')) yield some.keys();
  }

  /** @param {Filter} filter */
  *countSteps(filter) {
    for (const { count } of listSteps(this.entries.table, filter, 'count')) yield count;
  }

  /** @param {Filter} filter */
  walkValues(filter) {
    return new (iterator().EntryIterator)(
      this.entries.table,
      false,
      (_key, value) => value,
      filter,
    );
  }

  stats() {
    const { figures } = this.loads;
    return this.entries.act((entries) => ({ ...stats().localStats(entries), ...figures }));
  }

  /** @param {() => object} act */
  untold(act) {
    return this.entries.events.hold(act);
  }

  /** @param {string} method */
  stored(method) {
    return new (snapshots().LocalSource)(this, this.#rules, method);
  }

  close() {
    this.entries.close();
  }

  #loaderOf() {
    const { Loader, LocalLoadScope } = loading();
    const scope = new LocalLoadScope(this.#rules, this.entries);
    return new Loader(this.loads, scope, (error, key) => {
      this.entries.events.emitter.tellApart('error', error, key);
    });
  }

  /**
   * @param {string} string
   * @returns {Seen | undefined}
   */
  #look(string) {
    const { entries } = this;
    const mark = entries.look(string, entries.near.get(string));
    if (mark === 0) return undefined;
    const leftMs = entries.table.leftMs(mark);
    const slot = mark >> FLAG_BITS;
    return { value: entries.values[slot], leftMs, tags: entries.table.tags.of(slot), mark };
  }

  /** @param {Write} write @param {number} when */
  #write(write, when) {
    const isDone = isWanted(this.entries, write.string, when);
    if (isDone) this.entries.put(write, when === When.PRESENT);
    return isDone;
  }

  /** @param {Write} write @param {Seen | undefined} seen */
  #exchange(write, seen) {
    const code = this.entries.find(write.string);
    const isSame = seen === undefined ? code === 0 : this.entries.holds(code, seen);
    if (isSame) this.entries.put(write, seen !== undefined);
    return isSame;
  }

  /** The steps of a call that takes several, after which those who listen are told. */
  #stepsOf() {
    const backend = this;
    return {
      get isOpen() {
        return backend.isOpen;
      },
      get ownWrites() {
        return backend.ownWrites;
      },
      hasWritten: (/** @type {string} */ string, /** @type {number} */ since) => {
        return backend.hasWritten(string, since);
      },
      look: (/** @type {string} */ string) => this.#look(string),
      exchange: (/** @type {Write} */ write, /** @type {Seen | undefined} */ seen) => {
        return this.#exchange(write, seen);
      },
      write: (/** @type {Write} */ write, /** @type {number} */ when) => this.#write(write, when),
    };
  }

  /**
   * Makes the entry of a count, unless it has come meanwhile: to measure it may run the caller's
   * code.
   *
   * @param {Count} count
   */
  #begin(count) {
    const { string, key, by, counting } = count;
    if (counting.ifPresent) return undefined;
    const first = firstCount(by, counting);
    const { expiry, size, tags } = counting;
    const write = this.#rules.writeOf(string, key, first, expiry, size);
    write.tags = tags;
    if (!this.isOpen) throw errors.storeClosed('a counter');
    const again = hit(this.entries, count);
    if (again !== undefined) return again;
    this.entries.put(write);
    return { value: first, ttl: ttlOf(write.ttlMs) };
  }
}

/**
 * @param {string} key
 * @param {unknown} value
 * @returns {[string, unknown]}
 */
function pairOf(key, value) {
  return [keyOf(key), value];
}

/**
 * Adds to the number of a live entry; its code, or 0 where there is none.
 *
 * @param {InstanceType<typeof Entries>} entries
 * @param {Count} count
 */
function add(entries, { string, by, counting }) {
  const code = entries.find(string);
  if (code === 0) return 0;
  const value = entries.values[code >> FLAG_BITS];
  if (typeof value !== 'number') throw errors.notANumber(keyOf(string), value);
  entries.overwrite(string, code, counted(value, by, counting));
  return code;
}

/**
 * The same: what the number is then, and its time to live, if there is one.
 *
 * @param {InstanceType<typeof Entries>} entries
 * @param {Count} count
 */
function hit(entries, count) {
  const code = add(entries, count);
  if (code === 0) return undefined;
  const value = /** @type {number} */ (entries.values[code >> FLAG_BITS]);
  return { value, ttl: entries.table.leftMs(code) };
}

/**
 * The time to live of what was just written.
 *
 * @param {number} ttlMs 0 for ever, below 0 for what was not
 */
function ttlOf(ttlMs) {
  return ttlMs === 0 ? Number.POSITIVE_INFINITY : Math.max(ttlMs, 0);
}

/**
 * @param {InstanceType<typeof Entries>} entries
 * @param {string} string
 * @param {number} when
 */
function isWanted(entries, string, when) {
  return when === When.ALWAYS || (entries.find(string) !== 0) === (when === When.PRESENT);
}

module.exports = { LocalBackend };
