/**
 * The backend of a store that machines share: entries at a server, loads, updates in attempts.
 *
 * Knows entries, no connection; what comes in is checked. Encoding a value may run the caller's
 * code, so it comes first, and then it is looked again whether the store is open. Invariant:
 * whatever writes to a key invalidates the load of that key in this process, before it is sent.
 */
'use strict';

const { isDeepStrictEqual } = require('node:util');
const errors = require('../errors/errors.js');
const { Loader } = require('../loads/loader.js');
const { Loads } = require('../loads/loads.js');
const { Emitter } = require('../store/events/emitter.js');
const { everyOf } = require('../arguments/filter.js');
const { PLAIN, keyOf } = require('../keys/keyspace.js');
const { When } = require('../arguments/writes.js');
const { ttlMsOf } = require('../arguments/expiry.js');
const { Attempts } = require('./claims/attempts.js');
const { Leases } = require('./claims/leases.js');
const { Commands } = require('./connection/commands.js');
const { FleetEntries } = require('./server/entries.js');
const { Marks } = require('./server/marks.js');
const { Purger } = require('./server/purger.js');
const { FleetWatching } = require('./watching/watching.js');
const { FleetLoadScope } = require('./claims/loader.js');
const { Near, UNKNOWN } = require('./near/near.js');

/** What an object of a fleet store tells. */
const EVENTS = Object.freeze(['error', 'up', 'down', 'flush', 'failover', 'stale']);
/** Of a server that cannot be had. */
const AWAY = 'ERR_STORE_UNAVAILABLE';

/** Values that a walk asks for in one go. */
const WALKED_AT_ONCE = 64;
/** Steps that are sent together: the last of them is to be done within its time, too. */
const SENT_AT_ONCE = 512;

/** @typedef {import('../store/backend.js').Backend} Backend */
/** @typedef {import('../store/backend.js').Seen} Seen */
/** @typedef {import('../arguments/writes.js').Count} Count */
/** @typedef {InstanceType<typeof import('../arguments/filter.js').Filter>} Filter */
/** @typedef {InstanceType<typeof import('../keys/keyspace.js').Keyspace>} Keyspace */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').Write>} Write */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').WriteRules>} WriteRules */
/** @typedef {ReturnType<typeof import('./fleet-options.js').fleetOptions>} Options */

/** @implements {Backend} */
class FleetBackend {
  isOpen = true;
  mayWait = true;
  emitter = new Emitter(EVENTS);
  entries;
  leases;
  watching;
  /** @type {InstanceType<typeof Near> | undefined} */
  near;
  #commands;
  #hits = 0;
  #misses = 0;
  #sets = 0;
  #loads = new Loads(() => {});
  #loader;
  #purger;
  /** A read that finds out whether the server can be had again. */
  /** @type {Promise<unknown> | undefined} */
  #probe;

  /**
   * @param {Options} options
   * @param {WriteRules} rules
   */
  constructor({ name, carrier, server, timeoutMs, near, waitReplicas, place, staleMs }, rules) {
    this.#commands = new Commands(carrier, server, timeoutMs, waitReplicas);
    this.#commands.changed = (what, reason) => {
      if (what === 'up') this.emitter.tellApart('up');
      else this.emitter.tellApart('down', reason);
    };
    this.entries = new FleetEntries(name, this.#commands);
    if (near !== undefined) {
      this.near = new Near(this.entries, near, staleMs, (what) => this.emitter.tellApart(what));
    }
    this.entries.near = this.near;
    this.leases = new Leases(this.entries);
    const fail = (/** @type {unknown} */ error, /** @type {string} */ channel) => {
      this.emitter.tellApart('error', error, channel);
    };
    this.watching = new FleetWatching(this.entries, place, { server, timeoutMs }, fail);
    this.#purger = new Purger(() => this.entries.purge());
    const scope = new FleetLoadScope(this, rules, near?.isFrozen ?? false);
    this.#loader = new Loader(this.#loads, scope, (error, key) => {
      this.emitter.tellApart('error', error, key);
    });
  }

  /** @param {string} string */
  get(string) {
    return this.getOr(string, undefined);
  }

  /**
   * @param {string} string
   * @param {unknown} absent
   */
  getOr(string, absent) {
    const { near } = this;
    if (near === undefined) return this.#getPlain(string, absent);
    const known = near.read(string);
    if (known === UNKNOWN) return this.#getFar(string, near, absent);
    return known === undefined ? absent : known;
  }

  /**
   * @param {string} string
   * @param {unknown} absent
   */
  async #getPlain(string, absent) {
    const found = await this.entries.value(string);
    this.counted(found !== undefined);
    return found === undefined ? absent : found.value;
  }

  /**
   * The value at the server; while that cannot be had, that of a copy, where this is asked for.
   *
   * @param {string} string
   * @param {InstanceType<typeof Near>} near
   * @param {unknown} absent
   */
  async #getFar(string, near, absent) {
    if (this.#commands.isDown) {
      const known = near.getStale(string);
      if (known !== UNKNOWN) {
        // Somebody has to find out when it can be had again.
        this.#probe ??= near.asked
          .value(string)
          .catch(() => {})
          .finally(() => {
            this.#probe = undefined;
          });
        this.counted(known !== undefined);
        return known === undefined ? absent : known;
      }
    }
    try {
      const found = await near.asked.value(string);
      this.counted(found !== undefined);
      return found === undefined ? absent : found.value;
    } catch (error) {
      const known = this.stale(string, error);
      if (known === UNKNOWN) throw error;
      return known === undefined ? absent : known;
    }
  }

  /**
   * The value of a copy that is given for want of a server, or `UNKNOWN`.
   *
   * @param {string} string
   * @param {unknown} error why it cannot be asked
   */
  stale(string, error) {
    const { code } = /** @type {{ code?: string }} */ (error);
    const known = code === AWAY ? (this.near?.getStale(string) ?? UNKNOWN) : UNKNOWN;
    if (known !== UNKNOWN) this.counted(known !== undefined);
    return known;
  }

  /** @param {string} string */
  async peek(string) {
    return (await (this.near?.asked ?? this.entries).look(string))?.value;
  }

  /** @param {string} string whose value at the server is wanted, whatever is at hand */
  async fresh(string) {
    return (await this.look(string))?.value;
  }

  /** @param {string} string */
  has(string) {
    return (this.near?.asked ?? this.entries).has(string);
  }

  /** @param {string} string */
  ttl(string) {
    return (this.near?.asked ?? this.entries).ttl(string);
  }

  /** @param {string} string */
  async look(string) {
    const seen = await (this.near?.asked ?? this.entries).look(string);
    this.counted(seen !== undefined);
    return seen;
  }

  /**
   * @param {Write} write
   * @param {number} when
   */
  async write(write, when) {
    const bytes = this.#encode(write);
    this.#loads.invalidate(write.string);
    return this.noted(await this.entries.write(howOf(write), bytes, when));
  }

  /**
   * @param {Write} write
   * @param {Seen | undefined} seen
   */
  async exchange(write, seen) {
    const bytes = this.#encode(write, seen);
    const isDone = await this.entries.exchange(howOf(write), bytes, seen?.bytes);
    if (isDone) this.#loads.invalidate(write.string);
    return this.noted(isDone);
  }

  /** @param {string} string */
  remove(string) {
    this.#loads.invalidate(string);
    return this.entries.remove(string);
  }

  /** @param {string} string */
  async take(string) {
    this.#loads.invalidate(string);
    const value = await this.entries.take(string);
    this.counted(value !== undefined);
    return value;
  }

  /**
   * @param {string} string
   * @param {number} ttlMs
   */
  touch(string, ttlMs) {
    return this.entries.touch(string, ttlMs);
  }

  /** @param {Count} count */
  async increment(count) {
    return (await this.hit(count))?.value;
  }

  /** @param {Count} count */
  async hit(count) {
    const { string, counting } = count;
    this.#loads.invalidate(string);
    const ttlMs = ttlMsOf(counting.expiry, counting.defaultMs);
    const counted = await this.entries.count(count, ttlMs, fenceOf(counting));
    if (counted?.isMade) this.#sets += 1;
    return counted && { value: counted.value, ttl: counted.ttl };
  }

  /**
   * @param {Write} write
   * @param {unknown} expected
   */
  async compareAndSet(write, expected) {
    const bytes = this.#encode(write);
    const attempts = new Attempts(this, 'compareAndSet');
    for (;;) {
      const seen = await attempts.look(write.string);
      if (!isDeepStrictEqual(seen?.value, expected)) return false;
      if (await this.entries.exchange(howOf(write), bytes, seen?.bytes)) {
        this.#loads.invalidate(write.string);
        return this.noted(true);
      }
    }
  }

  /**
   * Runs what reads and writes a key in several steps: in attempts, each of which counts only if
   * nobody was faster.
   *
   * @param {string} _string
   * @param {(backend: import('../store/backend.js').Far) => unknown} act
   */
  async alone(_string, act) {
    return act(new Attempts(this, 'update'));
  }

  /** @param {import('../arguments/load-options.js').LoadRequest} request */
  load(request) {
    return this.#loader.load(request);
  }

  /** @param {string[]} strings */
  getMany(strings) {
    return inTurns(strings, async (string) => this.get(string));
  }

  /** @param {Write[]} writes */
  async writeMany(writes) {
    // What cannot be encoded is found before the first is sent.
    const encoded = writes.map((write) => this.#encode(write));
    await inTurns(writes, (write, index) => {
      this.#loads.invalidate(write.string);
      return this.entries.write(howOf(write), /** @type {Buffer} */ (encoded[index]), When.ALWAYS);
    });
    this.#sets += writes.length;
  }

  /** @param {string[]} strings */
  async removeMany(strings) {
    const removed = await inTurns(strings, (string) => this.remove(string));
    return removed.filter(Boolean).length;
  }

  /** @param {string[]} tags */
  async invalidate(tags) {
    if (tags.length > 0) await this.entries.invalidate(tags);
  }

  /** Its strings say whose an entry is. */
  noteNamespace() {}

  /** @param {Keyspace} [space] with those within */
  async clear(space = PLAIN) {
    if (space === PLAIN) {
      this.#loads.invalidateAll();
      return this.entries.clear();
    }
    this.#loads.invalidateWhere((string) => space.covers(string));
    await this.entries.invalidate([space.path]);
    this.#purger.later();
  }

  /** @param {Keyspace} [space] */
  async size(space = PLAIN) {
    return this.count(everyOf(space));
  }

  /** @param {Filter} filter */
  async keys(filter) {
    /** @type {Set<string>} */
    const keys = new Set();
    for await (const key of this.entries.scan()) if (filter.means(key)) keys.add(key);
    return [...keys];
  }

  /** @param {Filter} filter */
  async count(filter) {
    return (await this.keys(filter)).length;
  }

  /**
   * @param {Filter} filter
   * @returns {AsyncGenerator<[string, unknown]>}
   */
  async *walk(filter) {
    const asked = this.near?.asked;
    const read = (/** @type {string} */ key) => asked?.passing(key) ?? this.entries.value(key);
    const keys = await this.keys(filter);
    for (let at = 0; at < keys.length; at += WALKED_AT_ONCE) {
      const some = keys.slice(at, at + WALKED_AT_ONCE);
      const found = await Promise.all(some.map(read));
      for (const [index, key] of some.entries()) {
        this.check('next');
        const it = found[index];
        if (it !== undefined) yield [keyOf(key), it.value];
      }
    }
  }

  /** @param {Filter} filter */
  scan(filter) {
    return this.walk(filter);
  }

  /** @param {Filter} filter */
  async *walkValues(filter) {
    for await (const [, value] of this.walk(filter)) yield value;
  }

  /** @param {Filter} filter */
  async removeWhere(filter) {
    /** @type {Set<string>} */
    const keys = new Set();
    // What is being made for a key that is meant is not to come after this.
    const all = this.entries.scan({ withClaims: true });
    for await (const key of all) if (filter.means(key)) keys.add(key);
    return this.removeMany([...keys]);
  }

  /** @param {import('../arguments/limit.js').Limit} limit */
  limit({ string, rate }) {
    return this.entries.limit(string, rate);
  }

  async stats() {
    const { near } = this;
    const { p50: lagP50Ms = 0, p99: lagP99Ms = 0 } = near?.lag ?? {};
    const hits = this.#hits + (near === undefined ? 0 : near.reads - near.absent);
    const misses = this.#misses + (near?.absent ?? 0);
    const lookUps = hits + misses;
    return {
      entries: await this.size(),
      hits,
      misses,
      hitRatio: lookUps === 0 ? 0 : hits / lookUps,
      sets: this.#sets,
      nearHits: near?.hits ?? 0,
      staleHits: near?.stale.hits ?? 0,
      flushes: near?.flushes ?? 0,
      lagP50Ms,
      lagP99Ms,
      ...this.#loads.figures,
    };
  }

  /** @returns {never} */
  stored() {
    throw new TypeError('A FleetStore has no snapshots: its server keeps what it holds');
  }

  async close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#loads.close();
    this.near?.close();
    this.watching.end();
    this.#purger.close();
    this.leases.close();
    this.#commands.close();
  }

  /** @param {string} method */
  check(method) {
    if (!this.isOpen) throw errors.storeClosed(method);
  }

  /** @param {boolean} isHit whether a read has found something */
  counted(isHit) {
    if (isHit) this.#hits += 1;
    else this.#misses += 1;
  }

  /** @param {boolean} isDone whether a value was stored */
  noted(isDone) {
    if (isDone) this.#sets += 1;
    return isDone;
  }

  /**
   * @param {Write} write
   * @param {Seen} [seen] whose tags it has, where it says none
   */
  #encode({ value, string, tags }, seen) {
    const { codec } = this.entries;
    const names =
      tags === undefined && seen?.bytes !== undefined
        ? codec.names(seen.bytes, string)
        : Marks.of(string, tags ?? []);
    const bytes = codec.encode(value, string, { noted: '', names });
    this.check('set');
    return bytes;
  }
}

/** @param {Write} write */
function howOf(write) {
  const { string, isKept } = write;
  return {
    string,
    isKept,
    fence: fenceOf(write),
    get ttlMs() {
      return write.ttlMs;
    },
  };
}

/** @param {object} given what is written, or how something is counted */
function fenceOf(given) {
  // Its own: most have none.
  return Object.hasOwn(given, 'fence') ? String(Reflect.get(given, 'fence')) : '';
}

/**
 * What all of them give, some of them sent at a time; the first error, when all of those have ended
 * that were sent with it.
 *
 * @template T, R
 * @param {readonly T[]} items
 * @param {(item: T, index: number) => Promise<R>} send
 * @returns {Promise<R[]>}
 */
async function inTurns(items, send) {
  /** @type {R[]} */
  const all = [];
  for (let at = 0; at < items.length; at += SENT_AT_ONCE) {
    const sent = items.slice(at, at + SENT_AT_ONCE).map((item, index) => send(item, at + index));
    await Promise.allSettled(sent);
    for (const answer of sent) all.push(await answer);
  }
  return all;
}

module.exports = { FleetBackend };
