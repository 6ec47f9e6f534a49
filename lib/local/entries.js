/**
 * The entries of a store by their keys in string form: near cache, native core and table in step.
 *
 * Knows no argument of a caller: what comes in is checked. Invariant: what makes the near cache
 * doubt a key comes before the native call, what makes it believe comes after, and between the
 * core's answer and the table's change there is no call, for a call is where a stack can end.
 */
'use strict';

const { allWithin } = require('../arguments/filter.js');
const errors = require('../errors/errors.js');
const { Form, formOf } = require('../keys/key.js');
const { MutableKey } = require('../keys/mutable-key.js');
const { PLAIN, isKey, keptTags } = require('../keys/keyspace.js');
const { Answer, Bits, Register } = require('../native/contract.js');
const native = require('../native/loader.js');
const { FLAG_BITS, OTHER_FORM, TAGGED, TIMED } = require('./near/near-cache.js');
const { Events } = require('./events/events.js');
const { Lookups } = require('./lookups.js');
const { countKeys, listKeys } = require('./walks/listing.js');
const { CoarseTable } = require('./table/coarse-table.js');
const { SpaceTags } = require('./table/space-tags.js');
const { ToldTable } = require('./table/told-table.js');
const { ValueTable } = require('./table/value-table.js');

// A property of the native module is looked up anew in each call; a constant is not.
const { registers, place, placeBounded, remove, rename, touch } = native;
const { DEADLINE_MS, IS_KEPT, SIZE, TTL_MS } = Register;

const { FULL } = Answer;
/** Keys that are not primitive, which a `Map` keeps; it has room for few more. */
const MAX_ORIGINALS = 2 ** 24 - 1;
const { FORM: FORM_BITS } = Bits;
/** What `remove` answers when there was no live entry: no value of a caller's. */
const NOTHING = Symbol('no entry');

/** Keys of namespaces, too. */
const EVERYTHING = allWithin(PLAIN);

/** In place of tags: those that the entry has. */
const KEPT = false;

/** @typedef {import('./local-options.js').LocalOptions} StoreOptions */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').Write>} Write */
/** @typedef {InstanceType<typeof import('../loads/loads.js').Loads>} Loads */

class Entries extends Lookups {
  /** Values that were stored with a native call. */
  placed = 0;
  events;
  /** Of the entry that is put; 0 where sizes do not count. */
  #size = 0;
  /** As `IS_KEPT`, of the entry that is put. */
  #kept = 0;
  /** How long before its deadline the entry that is put turns stale; 0 for not at all. */
  #staleMs = 0;
  /**
   * Those of the entry that is put, as they are kept, if there are any.
   *
   * @type {readonly string[] | typeof KEPT | undefined}
   */
  #tags;
  /** The namespaces of keys, which are tags of their entries, too. */
  #spaces = new SpaceTags();
  /** What a write to a key has to tell, while somebody makes its value. */
  #loads;

  /**
   * @param {StoreOptions} given
   * @param {Loads} loads
   */
  constructor(given, loads) {
    const isLoading = () => loads.size > 0;
    super(tableOf(given, isLoading));
    this.#loads = loads;
    this.events = new Events(this.table);
  }

  /**
   * Whether the value is there then.
   *
   * @param {Write} write
   * @param {boolean} [wasThere] whether what it overwrites was just seen
   */
  put({ string, key, value, ttlMs, isKept, size, staleMs, tags, asOf }, wasThere = false) {
    const kept = tags && this.#spaces.with(string, keptTags(string, tags));
    // What it was made from was true once, and is not any more.
    if (kept !== undefined && asOf >= 0 && this.table.tags.areInvalidated(kept, asOf)) {
      return false;
    }
    if (ttlMs < 0) {
      // What has expired already is not there after the call.
      this.remove(string, 'delete');
      return false;
    }
    this.#size = size;
    if (isKept) this.#kept = wasThere ? 2 : 1;
    this.#staleMs = ttlMs > 0 ? staleMs : 0;
    this.#tags = kept === undefined ? KEPT : kept.length > 0 ? kept : undefined;
    try {
      this.place(string, key, value, ttlMs, isKey(string) ? this.near.get(string) : undefined);
    } finally {
      // A call for which no stack was left has not put it back to rest.
      if (isKept) registers[IS_KEPT] = 0;
      this.#kept = 0;
      this.#staleMs = 0;
      this.#tags = undefined;
    }
    return true;
  }

  /**
   * Stores a value, in a store whose entries have no sizes.
   *
   * @param {string} string
   * @param {unknown} key as it was given
   * @param {unknown} value
   * @param {number} ttlMs 0 for none
   * @param {number | undefined} nearCode the code that the near cache has, if any
   */
  place(string, key, value, ttlMs, nearCode) {
    const { table, near, values } = this;
    const form = formOf(key);
    const mayExpire = ttlMs > 0 || this.#kept > 0;
    if (form === Form.ORIGINAL && table.originals.size >= MAX_ORIGINALS) throw errors.storeFull();
    if (ttlMs > 0 || (mayExpire && table.deadlines.length > 0)) table.reserveDeadline();
    if (this.#staleMs > 0) table.reserveFreshness();
    if (table.isBounded) table.reserveState();
    table.finishDrain();
    this.#loads.invalidate(string);
    const own = isKey(string) ? undefined : this.#spaces.of(string);
    const spot = own && near.suspend(string);
    const tags = this.#tags || own;
    const doubted = this.#readyForTags(string, nearCode, tags);
    const wasWhole = near.distrust();
    const known = this.#doubt(string, doubted, mayExpire, tags !== undefined);
    let placed = this.#place(string, ttlMs, form);
    if (placed === 0) {
      table.drain();
      placed = this.#place(string, ttlMs, form);
    }
    if (placed === FULL) {
      near.forget(string);
      throw errors.storeFull();
    }
    // No call from here until the table is in step.
    const answer = placed > 0 ? placed : -placed;
    const slot = table.isBounded ? answer >> 1 : answer;
    const before = placed > 0 ? values[slot] : value;
    values[slot] = value;
    const { lists, validAt, moment } = table.tags;
    if (slot < lists.length) {
      if (placed < 0 || this.#tags !== KEPT) lists[slot] = this.#tags || own;
      validAt[slot] = moment;
    }
    const deadline = mayExpire ? /** @type {number} */ (registers[DEADLINE_MS]) : 0;
    if (deadline !== 0) {
      table.deadlines[slot] = deadline;
      // What keeps its deadline is fresh as long as before.
      const isNew = slot < table.freshUntil.length && !(this.#kept > 0 && placed > 0);
      if (isNew) table.freshUntil[slot] = deadline - this.#staleMs;
    }
    if (table.originals.size > 0) table.originals.delete(slot);
    if (form === Form.ORIGINAL) this.#keepOriginal(slot, /** @type {object} */ (key));
    if (deadline !== 0) table.followSweep();
    const flags = (deadline !== 0 ? TIMED : 0) | (form === Form.STRING ? 0 : OTHER_FORM);
    const code = (slot << FLAG_BITS) | flags;
    if (spot !== undefined) {
      near.settle(string, spot, code);
    } else if (known === undefined) {
      if (!(wasWhole && near.add(string, code)) && placed > 0) near.admit(string, code);
    } else if (!near.correct(string, code) && wasWhole) {
      // What was drained meanwhile had this key.
      near.add(string, code);
    }
    near.trust(wasWhole);
    this.placed += 1;
    if (!isKey(string)) table.hasNamespaces = true;
    if (placed < 0) table.newcomers.note(slot);
    if (table.isBounded && placed > 0) table.use(slot);
    // What had to leave for a value is told before it.
    this.events.settleBefore(slot);
    this.events.note('set', string, value, placed > 0 ? 'update' : 'add');
    if (this.events.isDisposing) this.#noteOverwritten(string, before, value);
    if (table.isBounded && (answer & 1) !== 0) table.drainSoon();
  }

  /**
   * Overwrites the value of a live entry, and nothing else of it.
   *
   * @param {string} string
   * @param {number} code
   * @param {unknown} value
   */
  overwrite(string, code, value) {
    this.#loads.invalidate(string);
    const slot = code >> FLAG_BITS;
    const before = this.values[slot];
    this.values[slot] = value;
    this.placed += 1;
    this.use(code);
    this.events.note('set', string, value, 'update');
    if (this.events.isDisposing) this.#noteOverwritten(string, before, value);
  }

  /**
   * Removes an entry; its value, or `NOTHING`.
   *
   * @param {string} string
   * @param {'delete' | 'take' | 'clear'} reason
   */
  remove(string, reason) {
    const { table, near, values } = this;
    this.#loads.invalidate(string);
    if (near.get(string) === undefined && near.isAbsent(string)) return NOTHING;
    this.release(string);
    // Whoever tells the time may do something of his own.
    const { id } = table;
    const wasWhole = near.distrust();
    near.forget(string);
    const answer = remove(id, string);
    // No call before its value is gone.
    const slot = answer > 0 ? answer : -answer;
    const value = values[slot];
    if (slot !== 0) {
      values[slot] = undefined;
      table.forgetParts(slot);
    }
    near.trust(wasWhole);
    if (answer <= 0) return NOTHING;
    if (reason !== 'clear') this.events.note('delete', string, value, reason);
    if (this.events.isDisposing) this.events.note('dispose', string, value, reason);
    return value;
  }

  /**
   * Removes an entry that somebody wants; its value.
   *
   * @param {string} string
   * @param {unknown} absent what it gives where there is no entry
   */
  take(string, absent) {
    const known = this.near.get(string);
    const isNear = known !== undefined && this.isRight(known);
    const value = this.remove(string, 'take');
    if (value === NOTHING) this.missed += 1;
    else if (isNear) this.near.reads += 1;
    else this.found += 1;
    return value === NOTHING ? absent : value;
  }

  /**
   * Gives a live entry a new deadline; whether there was one.
   *
   * @param {string} string
   * @param {number} ttlMs
   */
  touch(string, ttlMs) {
    const { table, near } = this;
    if (near.get(string) === undefined && near.isAbsent(string)) return false;
    if (ttlMs > 0) table.reserveDeadline();
    this.release(string);
    const { id } = table;
    const known = near.get(string);
    const wasWhole = near.distrust();
    const isKnown = known !== undefined && this.#suspend(string, known);
    if (!isKnown) near.forget(string);
    registers[TTL_MS] = ttlMs;
    const code = touch(id, string);
    if (code === FULL) throw errors.storeFull();
    if (code <= 0) {
      // Its deadline may have passed this very moment.
      near.forget(string);
      if (code < 0) table.empty(-code);
      near.trust(wasWhole);
      return false;
    }
    const slot = code >> FLAG_BITS;
    table.deadlines[slot] = /** @type {number} */ (registers[DEADLINE_MS]);
    if (slot < table.freshUntil.length) table.freshUntil[slot] = Number.POSITIVE_INFINITY;
    if (!(isKnown && near.correct(string, code)) && wasWhole) near.add(string, code);
    near.trust(wasWhole);
    table.followSweep();
    return true;
  }

  /**
   * Moves an entry for a mutable key of this store, if it is open: how to tell those who listen,
   * once the key has changed, too.
   *
   * @param {string} from
   * @param {string} to
   */
  renameObserved(from, to) {
    if (!this.table.isOpen) return undefined;
    const isObserved = this.events.begin();
    this.#rename(from, to);
    return isObserved ? () => this.events.end() : undefined;
  }

  /**
   * @param {string} from
   * @param {string} to
   */
  #rename(from, to) {
    const { table, near } = this;
    this.#loads.invalidate(from);
    this.#loads.invalidate(to);
    this.release(from);
    this.release(to);
    // A mutable key goes on to be the one that was given; else it is the string from now on.
    const given = table.originals.get(this.peek(from) >> FLAG_BITS);
    const form = MutableKey.is(given) ? Form.ORIGINAL : Form.STRING;
    const { id } = table;
    const wasWhole = near.distrust();
    near.forget(from);
    near.forget(to);
    const slot = rename(id, from, to, form);
    if (slot === FULL) throw errors.storeFull();
    if (wasWhole) {
      // Neither is forgotten unless it is not there.
      this.#keepNear(from);
      this.#keepNear(to);
      near.trust(true);
    }
    if (slot > 0) {
      if (!MutableKey.is(table.originals.get(slot))) table.originals.delete(slot);
      const { [slot]: value } = this.values;
      this.events.settleBefore(slot);
      this.events.note('delete', from, value, 'rename');
      this.events.note('set', to, value, 'rename');
    }
    table.drainSoon();
  }

  /**
   * Does something in a store that is open, and tells those who want to know what happened.
   *
   * @template T
   * @param {(entries: this) => T} act
   */
  act(act) {
    const isObserved = this.events.begin();
    try {
      return act(this);
    } finally {
      // What it runs of the caller's may have begun to listen.
      if (isObserved || this.events.isHeard) this.events.end();
    }
  }

  /** How many entries are live. */
  size() {
    const size = this.releaseDue();
    // What was invalidated may be there still: to release all of it here would take too long.
    return this.table.tags.isPending ? countKeys(this.table, EVERYTHING) : size;
  }

  /** Releases what has expired; how many entries there are then, those that are invalid too. */
  releaseDue() {
    const size = native.size(this.table.id);
    this.table.drainSoon();
    return size;
  }

  clear() {
    this.events.settleAll('clear');
    this.#loads.invalidateAll();
    this.table.clear();
  }

  /**
   * Removes at once what is in a keyspace, but for the keys that are left.
   *
   * @param {InstanceType<typeof import('../keys/keyspace.js').Keyspace>} space with those within
   * @param {(string: string) => boolean} isLeft
   */
  clearBut(space, isLeft) {
    this.releaseDue();
    this.events.settle();
    this.#loads.invalidateWhere((string) => space.covers(string));
    if (space === PLAIN) this.events.note('clear', undefined, undefined, 'clear');
    for (const string of listKeys(this.table, allWithin(space))) {
      if (!isLeft(string)) this.remove(string, 'clear');
    }
  }

  /** Ends the store; a second time, nothing happens. */
  close() {
    if (!this.table.isOpen) return;
    this.#loads.close();
    this.events.finish(() => this.table.close());
  }

  /**
   * Makes room for the tags of an entry that is put; the code that the near cache has then.
   *
   * @param {string} string
   * @param {number | undefined} known
   * @param {readonly string[] | undefined} tags
   */
  #readyForTags(string, known, tags) {
    const { table, near } = this;
    const { isPending } = table.tags;
    if (isPending) {
      this.release(string);
      table.purgeSome();
    }
    if (tags) table.reserveTags();
    return isPending ? near.get(string) : known;
  }

  /**
   * Makes the near cache doubt a key that is about to get a deadline or tags; the code that it has
   * then.
   *
   * @param {string} string
   * @param {number | undefined} known
   * @param {boolean} mayExpire
   * @param {boolean} isTagged
   */
  #doubt(string, known, mayExpire, isTagged) {
    if (known === undefined) return undefined;
    if (isTagged && (known & TAGGED) === 0) {
      this.near.forget(string);
      return undefined;
    }
    return mayExpire && !this.#suspend(string, known) ? undefined : known;
  }

  /**
   * Makes the near cache ask the native core for a key whose deadline is about to change: should
   * the call end half-way, the cache must not know better than the core. Whether it has it still.
   *
   * @param {string} string
   * @param {number} known the code that the near cache has
   */
  #suspend(string, known) {
    const isTimed = (known & TIMED) !== 0 && this.table.isOf(known);
    if (isTimed) this.table.deadlines[known >> FLAG_BITS] = 0;
    else this.near.forget(string);
    return isTimed;
  }

  /**
   * Keeps a key near that the near cache does not have, if there is such an entry.
   *
   * @param {string} string
   */
  #keepNear(string) {
    const code = this.askLive(string);
    if (code > 0) this.near.add(string, code);
  }

  /**
   * @param {string} string
   * @param {number} ttlMs
   * @param {number} form
   */
  #place(string, ttlMs, form) {
    const { id, isBounded } = this.table;
    const target = (id << FORM_BITS) | form;
    registers[TTL_MS] = ttlMs;
    if (this.#kept > 0) registers[IS_KEPT] = this.#kept;
    if (!isBounded) return place(target, string);
    registers[SIZE] = this.#size;
    return placeBounded(target, string);
  }

  /**
   * A value made place for another, unless it is the same.
   *
   * @param {string} string
   * @param {unknown} before
   * @param {unknown} value
   */
  #noteOverwritten(string, before, value) {
    if (!Object.is(before, value)) this.events.note('dispose', string, before, 'set');
  }

  /**
   * @param {number} slot
   * @param {object} key
   */
  #keepOriginal(slot, key) {
    this.table.originals.set(slot, MutableKey.of(key) ?? key);
  }
}

/**
 * @param {StoreOptions} given
 * @param {() => boolean} isLoading
 */
function tableOf(given, isLoading) {
  if (given.now !== undefined) return new ToldTable(given, isLoading, given.now);
  return given.isCoarse ? new CoarseTable(given, isLoading) : new ValueTable(given, isLoading);
}

module.exports = { Entries, NOTHING };
