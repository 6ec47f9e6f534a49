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
const { Kind } = require('../../native/contract.js');
const { FleetCodec, framed, jsNumber, luaNumber } = require('./codec.js');
const { Marks } = require('./marks.js');
const { Names } = require('./names.js');
const scripts = require('./scripts.js');
const { Steps } = require('./steps.js');

const { Answer } = scripts;
/** Names that one step of a walk over a server asks for. */
const SCAN_COUNT = '512';
const NO_VALUE = Buffer.alloc(0);

/** @typedef {import('../../arguments/writes.js').Count} Count */
/** @typedef {import('../../store/backend.js').Seen} Seen */
/** @typedef {InstanceType<typeof import('../connection/commands.js').Commands>} Commands */
/** @typedef {import('../near/near.js').Sight} Sight */
/**
 * What is told of every write: that it begins; and before others are, that it is, or may be, done.
 *
 * @typedef {object} NearCopies
 * @property {(string: string) => void} begin
 * @property {() => void} beginAll
 * @property {(string: string) => void} change
 * @property {(marks: readonly string[]) => void} changeMarks
 * @property {() => void} changeAll
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
  marks;
  /** What this process keeps of them. @type {NearCopies | undefined} */
  near;
  #commands;
  #steps;

  /**
   * @param {string} name of the store
   * @param {Commands} commands
   */
  constructor(name, commands) {
    this.names = new Names(name);
    this.marks = new Marks(this.names, this.codec, commands);
    this.#commands = commands;
    this.#steps = new Steps(this.names, this.marks, commands);
  }

  /** Whether versions of marks lie where scripts do not see them; `undefined` until it is known. */
  get isCluster() {
    return this.#commands.isCluster;
  }

  /** Comes when that is known: to be waited for first of all. */
  learn() {
    return this.#commands.learn();
  }

  /**
   * The value of a key, without what else there is of the entry.
   *
   * @param {string} string
   * @returns {Promise<{ value: unknown } | undefined>}
   */
  async value(string) {
    const found = await this.#found(string);
    return found === null ? undefined : { value: this.codec.decode(found[0], string) };
  }

  /**
   * @param {string} string
   * @param {Sight} [sight] what is to be known of who answers
   * @returns {Promise<Seen | undefined>}
   */
  async look(string, sight) {
    const found = await this.#found(string, sight);
    return found === null ? undefined : this.seen(string, found[0], found[1]);
  }

  /**
   * Bytes and time to live of an entry, or `null`.
   *
   * @param {string} string
   * @param {Sight} [sight]
   * @returns {Promise<[Buffer, number] | null>}
   */
  async #found(string, sight) {
    const found = await this.#read(string, sight);
    if (found !== Answer.DEAD) return found;
    // It is none, and takes room: if that fails, the next one tries.
    this.run(scripts.PURGE, string).catch(() => {});
    return null;
  }

  /**
   * What the script that reads gives; without a step in between where one script sees it all.
   *
   * @param {string} string
   * @param {Sight | undefined} sight
   * @returns {Promise<any>}
   */
  #read(string, sight) {
    if (this.isCluster !== false) return this.run(scripts.READ, string, undefined, sight);
    return this.#steps.together(scripts.READ, string, undefined, sight);
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
      tags: this.codec.marks(bytes, string),
      bytes,
    };
  }

  /** @param {string} string */
  async has(string) {
    return (await this.run(scripts.HAS, string)) === 1;
  }

  /** @param {string} string */
  async ttl(string) {
    const left = await this.run(scripts.TTL, string);
    return left === -2 ? undefined : msOf(left);
  }

  /**
   * @param {How} how
   * @param {Buffer} bytes
   * @param {number} when one of `When`
   */
  async write(how, bytes, when) {
    if (this.isCluster === undefined) await this.learn();
    const filling = this.#filled(how, bytes);
    const filled = filling instanceof Promise ? await filling : filling;
    const given = () => [...written(how, filled), String(when)];
    return this.#done(how, await this.run(scripts.WRITE, how.string, given));
  }

  /**
   * @param {How} how
   * @param {Buffer} bytes
   * @param {Buffer | undefined} seen of the entry that is replaced, if there was one
   */
  async exchange(how, bytes, seen) {
    if (this.isCluster === undefined) await this.learn();
    const filling = this.#filled(how, bytes);
    const filled = filling instanceof Promise ? await filling : filling;
    // After the versions were asked for that it is to have: they have not risen since, or do later.
    const isMarked = this.isCluster && seen !== undefined && seen[3] !== 0;
    if (isMarked && !(await this.marks.isAlive(seen, how.string))) return false;
    const given = () => [...written(how, filled), seen === undefined ? '0' : '1', seen ?? ''];
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
    const { min, max, ifPresent, tags } = counting;
    const numbers = [by, min, max].map(luaNumber);
    if (this.isCluster === undefined) await this.learn();
    const making = this.#head(string, tags, ttlMs);
    const head = making instanceof Promise ? await making : making;
    const given = [...numbers, ifPresent ? '1' : '0', String(ttlMs), fence, head];
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
    const numbers = [perMs / units, burst, cost].map(luaNumber);
    if (this.isCluster === undefined) await this.learn();
    const making = this.#head(string, [], 0);
    const head = making instanceof Promise ? await making : making;
    const answer = await this.run(scripts.LIMIT, string, [...numbers, head]);
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
    if (this.isCluster === undefined) await this.learn();
    const areMarked = await this.marks.isUsed();
    for (const send of await this.#commands.masters()) {
      for await (const names of this.#scanOne(send)) {
        /** @type {string[]} */
        const keys = [];
        for (const name of names) {
          const key = this.names.keyOf(name);
          if (key !== undefined) keys.push(key);
          const claimed = withClaims ? this.names.claimedKeyOf(name) : undefined;
          if (claimed !== undefined) yield claimed;
        }
        yield* areMarked ? await this.#living(keys) : keys;
      }
    }
  }

  /**
   * Those that are there; where a script can, it removes the others.
   *
   * @param {string[]} keys
   */
  async #living(keys) {
    if (keys.length === 0) return keys;
    if (this.isCluster) {
      const are = await Promise.all(keys.map((key) => this.has(key)));
      return keys.filter((_key, index) => are[index]);
    }
    const values = keys.map((key) => this.names.value(key));
    const are = await this.#commands.run(scripts.LIVING, [this.names.marks, ...values]);
    return keys.filter((_key, index) => are[index] === 1);
  }

  /** Removes what is not there any more, of entries that had marks. */
  async purge() {
    for await (const _key of this.scan()) if (this.#commands.isClosed) return;
  }

  /**
   * @param {string} channel
   * @param {Buffer} bytes
   */
  async publish(channel, bytes) {
    await this.#commands.write(['PUBLISH', channel, bytes], channel);
  }

  /**
   * @param {readonly string[]} marks
   */
  async invalidate(marks) {
    this.near?.beginAll();
    try {
      if (this.isCluster === undefined) await this.learn();
      await this.marks.invalidate(marks);
    } finally {
      this.near?.changeMarks(marks);
    }
  }

  /** Removes every value and claim that was there when this was called. */
  async clear() {
    this.near?.beginAll();
    try {
      await this.#clear();
    } finally {
      this.near?.changeAll();
    }
  }

  async #clear() {
    if (this.isCluster === undefined) await this.learn();
    for (const send of await this.#commands.masters()) {
      for await (const names of this.#scanOne(send)) {
        const { names: known } = this;
        const all = names.filter((/** @type {string} */ name) => {
          return (
            known.isMark(name) || (known.keyOf(name) ?? known.claimedKeyOf(name)) !== undefined
          );
        });
        // One at a time: in a cluster they lie in different slots.
        await Promise.all(all.map((/** @type {string} */ name) => send(['UNLINK', name], false)));
      }
    }
  }

  /**
   * @param {import('./script.js').Script} script
   * @param {string} string
   * @param {import('../connection/commands.js').Given} [given]
   * @param {Sight} [sight]
   * @returns {Promise<any>}
   */
  async run(script, string, given, sight) {
    const near = scripts.WRITING.has(script) ? this.near : undefined;
    near?.begin(string);
    try {
      if (this.isCluster === undefined) await this.learn();
      if (this.isCluster) return await this.#steps.apart(script, string, given, sight);
      return await this.#steps.together(script, string, given, sight);
    } finally {
      near?.change(string);
    }
  }

  /**
   * Bytes of an entry that is to be written: in a cluster, with the versions of its marks. At once
   * where that can be: calls reach the server in the order in which they came.
   *
   * @param {How} how
   * @param {Buffer} bytes
   */
  #filled(how, bytes) {
    if (bytes[3] === 0 || !this.isCluster) return bytes;
    const filled = this.marks.filled(bytes, how.string, how.isKept ? 0 : how.ttlMs);
    return /** @type {Promise<Buffer>} */ (filled);
  }

  /**
   * What comes before the number in an entry that a script makes.
   *
   * @param {string} string
   * @param {readonly string[]} tags
   * @param {number} ttlMs
   */
  #head(string, tags, ttlMs) {
    const names = Marks.of(string, tags);
    const bytes = framed(Kind.NUMBER, NO_VALUE, { noted: '', names });
    return this.#filled({ string, ttlMs, isKept: false, fence: '' }, bytes);
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

module.exports = { FleetEntries };
