/**
 * The entries of a fleet store at the server: names, bytes and scripts behind the verbs.
 *
 * Knows no argument of a caller: what comes in is checked. Invariant: each step on a key is one
 * script at the master of its slot, so it is atomic for everybody.
 */
'use strict';

const { notANumber, outOfRange } = require('../../errors/errors.js');
const { keyOf } = require('../../keys/keyspace.js');
const { fenced, foreignValue } = require('../../errors/fleet-errors.js');
const { FleetCodec, numberText } = require('./codec.js');
const { Names } = require('./names.js');
const scripts = require('./scripts.js');

const { Answer } = scripts;
/** Names that one step of a walk over a server asks for. */
const SCAN_COUNT = '512';

/** @typedef {import('../../arguments/writes.js').Count} Count */
/** @typedef {import('../../store/backend.js').Seen} Seen */
/** @typedef {InstanceType<typeof import('../connection/commands.js').Commands>} Commands */
/**
 * What is told of every write, done or perhaps done, before anybody else is.
 *
 * @typedef {{ change: (string: string) => void, changeAll: () => void }} NearCopies
 */
/**
 * How a value is written. `fence` is the token of the lock under which that is done, or ''.
 *
 * @typedef {object} How
 * @property {string} string
 * @property {number} ttlMs as of now: a point in time stays one until the write is sent
 * @property {boolean} isKept
 * @property {string} fence
 */

class FleetEntries {
  codec = new FleetCodec();
  names;
  /** What this process keeps of them. @type {NearCopies | undefined} */
  near;
  #commands;

  /**
   * @param {string} name of the store
   * @param {Commands} commands
   */
  constructor(name, commands) {
    this.names = new Names(name);
    this.#commands = commands;
  }

  /**
   * The bytes of a value, or `null`.
   *
   * @param {string} string
   * @returns {Promise<Buffer | null>}
   */
  async bytes(string) {
    const name = this.names.value(string);
    return this.#plain(string, this.#commands.read(['GET', name], name));
  }

  /**
   * @param {string} string
   * @returns {Promise<Seen | undefined>}
   */
  async look(string) {
    const found = await this.run(scripts.READ, string);
    return found === null ? undefined : this.seen(string, found[0], found[1]);
  }

  /**
   * @param {string} string
   * @param {Buffer} bytes
   * @param {number} left as the server says it: -1 for ever
   * @returns {Seen & { bytes: Buffer }}
   */
  seen(string, bytes, left) {
    return {
      value: this.codec.decode(bytes, string),
      leftMs: msOf(left),
      mark: 0,
      tags: [],
      bytes,
    };
  }

  /** @param {string} string */
  async has(string) {
    const name = this.names.value(string);
    return (await this.#commands.read(['EXISTS', name], name)) === 1;
  }

  /** @param {string} string */
  async ttl(string) {
    const name = this.names.value(string);
    const left = await this.#commands.read(['PTTL', name], name);
    return left === -2 ? undefined : msOf(left);
  }

  /**
   * @param {How} how
   * @param {Buffer} bytes
   * @param {number} when one of `When`
   */
  async write(how, bytes, when) {
    const given = () => [...written(how, bytes), String(when)];
    return this.#done(how, await this.run(scripts.WRITE, how.string, given));
  }

  /**
   * @param {How} how
   * @param {Buffer} bytes
   * @param {Buffer | undefined} seen of the entry that is replaced, if there was one
   */
  async exchange(how, bytes, seen) {
    const given = () => [...written(how, bytes), seen === undefined ? '0' : '1', seen ?? ''];
    return this.#done(how, await this.run(scripts.EXCHANGE, how.string, given));
  }

  /** @param {string} string */
  async remove(string) {
    return (await this.run(scripts.REMOVE, string)) === 1;
  }

  /** @param {string} string */
  async take(string) {
    const bytes = await this.run(scripts.TAKE, string);
    if (bytes === Answer.FOREIGN) throw foreignValue(string);
    return bytes === null ? undefined : this.codec.decode(bytes, string);
  }

  /**
   * @param {string} string
   * @param {number} ttlMs
   */
  async touch(string, ttlMs) {
    return (await this.run(scripts.TOUCH, string, [String(ttlMs)])) === 1;
  }

  /**
   * The number that an entry is after an amount was added, and its time to live.
   *
   * @param {Count} count
   * @param {number} ttlMs of an entry that is made
   * @param {string} fence
   */
  async count({ string, by, counting }, ttlMs, fence) {
    const { min, max, ifPresent } = counting;
    const numbers = [by, min, max].map(luaNumber);
    const given = [...numbers, ifPresent ? '1' : '0', String(ttlMs), fence];
    const answer = await this.run(scripts.COUNT, string, given);
    if (answer === null) return undefined;
    if (answer === Answer.FOREIGN) throw foreignValue(string);
    this.#done({ string, fence }, answer);
    const [first, second] = answer;
    if (first === Answer.NOT_A_NUMBER)
      throw notANumber(keyOf(string), this.codec.decode(second, string));
    if (first === Answer.INFINITE) {
      throw outOfRange('a finite number', 'the sum', jsNumber(String(second)));
    }
    const isMade = second !== Answer.NOT_MADE;
    return { value: Number(String(first)), ttl: isMade ? msOf(second) : 0, isMade };
  }

  /**
   * Takes from a limit, if that allows it.
   *
   * @param {string} string
   * @param {import('../../arguments/limit.js').Rate} rate
   */
  async limit(string, { units, perMs, burst, cost }) {
    const given = [perMs / units, burst, cost].map(luaNumber);
    const answer = await this.run(scripts.LIMIT, string, given);
    if (answer === Answer.FOREIGN) throw foreignValue(string);
    const [allowed, remaining, retryMs] = answer;
    if (allowed === Answer.NOT_A_NUMBER) {
      throw notANumber(keyOf(string), this.codec.decode(remaining, string));
    }
    const waitMs = retryMs === -1 ? Number.POSITIVE_INFINITY : retryMs;
    return { allowed: allowed === 1, remaining, retryMs: waitMs };
  }

  /**
   * The keys of all values of the store, some of them twice; those of claims, too, if wanted.
   *
   * @param {{ withClaims: boolean }} [how]
   */
  async *scan({ withClaims } = { withClaims: false }) {
    for (const send of await this.#commands.masters()) {
      for await (const names of this.#scanOne(send)) {
        for (const name of names) {
          const claimed = withClaims ? this.names.claimedKeyOf(name) : undefined;
          const key = this.names.keyOf(name) ?? claimed;
          if (key !== undefined) yield key;
        }
      }
    }
  }

  /** Removes every value and claim that was there when this was called. */
  async clear() {
    try {
      await this.#clear();
    } finally {
      this.near?.changeAll();
    }
  }

  async #clear() {
    for (const send of await this.#commands.masters()) {
      for await (const names of this.#scanOne(send)) {
        const { names: known } = this;
        const all = names.filter((/** @type {string} */ name) => {
          return (known.keyOf(name) ?? known.claimedKeyOf(name)) !== undefined;
        });
        // One at a time: in a cluster they lie in different slots.
        await Promise.all(all.map((/** @type {string} */ name) => send(['UNLINK', name], false)));
      }
    }
  }

  /**
   * @param {import('./scripts.js').Script} script
   * @param {string} string
   * @param {import('../connection/commands.js').Given} [given]
   * @returns {Promise<any>}
   */
  async run(script, string, given) {
    const { isRead } = script;
    const names = isRead ? [this.names.value(string)] : this.names.all(string);
    try {
      return await this.#plain(string, this.#commands.run(script, names, given));
    } finally {
      if (this.near !== undefined && scripts.WRITING.has(script)) this.near.change(string);
    }
  }

  /** @param {(command: string[], isRead: boolean) => Promise<any>} send */
  async *#scanOne(send) {
    let cursor = '0';
    do {
      const step = ['SCAN', cursor, 'MATCH', this.names.pattern, 'COUNT', SCAN_COUNT];
      const [next, names] = await send(step, true);
      cursor = String(next);
      yield names.map(String);
    } while (cursor !== '0');
  }

  /**
   * An answer of the server, where a value that is none of ours is told as such.
   *
   * @param {string} string
   * @param {Promise<any>} answer
   */
  async #plain(string, answer) {
    try {
      return await answer;
    } catch (error) {
      const { cause } = /** @type {{ cause?: { message?: string } }} */ (error);
      if (cause?.message?.includes('WRONGTYPE')) throw foreignValue(string);
      throw error;
    }
  }

  /**
   * @param {{ string: string, fence: string }} how
   * @param {unknown} answer
   */
  #done({ string, fence }, answer) {
    if (answer === Answer.FENCED) throw fenced(string, Number(fence));
    return answer === 1;
  }
}

/**
 * What an entry has to live, as the server says it: -1 for ever, and 0 for less than 1.
 *
 * @param {number} left
 */
function msOf(left) {
  return left === -1 ? Number.POSITIVE_INFINITY : Math.max(left, 1);
}

/**
 * @param {How} how
 * @param {Buffer} bytes
 */
function written({ ttlMs, isKept, fence }, bytes) {
  return [bytes, String(ttlMs), isKept ? '1' : '0', fence];
}

/** @param {number} value */
function luaNumber(value) {
  if (Number.isFinite(value)) return numberText(value);
  return value > 0 ? 'inf' : '-inf';
}

/** @param {string} text */
function jsNumber(text) {
  if (text.includes('nan')) return Number.NaN;
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

module.exports = { FleetEntries };
