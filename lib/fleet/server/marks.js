/**
 * Marks of entries, tags and the paths of namespaces, and the versions that they have.
 *
 * Scripts see the versions themselves, but in a cluster, where they lie in a slot of their own:
 * here they are asked for before what is written, and after what was read. Invariant: an entry that
 * is taken for alive was so after it was read.
 */
'use strict';

const { keptTags, pathsOf } = require('../../keys/keyspace.js');
const { BLANK, framed } = require('./codec.js');
const { Names } = require('./names.js');
const scripts = require('./scripts.js');

/** Where nothing is refused. */
const ANY = Object.freeze({ moment: '', isStrict: false });

const TOKEN_UNITS = 36;
/** Where in a claim it stands: its owner, whether its tags are computed, and its moment. */
const OWNER_AT = 8;
const COMPUTED_AT = OWNER_AT + TOKEN_UNITS;
const MOMENT_AT = COMPUTED_AT + 1;
const COMPUTED = 'f';
const GIVEN = '-';
const NO_VALUE = Buffer.alloc(0);

/** @typedef {{ moment: string, isStrict: boolean }} Since */

/**
 * The bytes of a claim.
 *
 * @param {object} of
 * @param {string} of.token
 * @param {boolean} of.isComputed whether its tags are not known yet
 * @param {string} [of.moment]
 * @param {readonly string[]} of.names of its marks
 * @param {readonly string[]} [of.versions]
 */
function claimBytes({ token, isComputed, moment = scripts.NEVER, names, versions }) {
  const noted = token + (isComputed ? COMPUTED : GIVEN) + moment;
  return framed(0, NO_VALUE, { noted, names, versions });
}

/** @param {Buffer} claim */
function claimOf(claim) {
  return {
    token: claim.toString('latin1', OWNER_AT, COMPUTED_AT),
    isComputed: claim.toString('latin1', COMPUTED_AT, MOMENT_AT) === COMPUTED,
    moment: claim.toString('latin1', MOMENT_AT, MOMENT_AT + scripts.NEVER.length),
  };
}

class Marks {
  #names;
  #codec;
  #commands;

  /**
   * @param {InstanceType<typeof Names>} names
   * @param {InstanceType<typeof import('./codec.js').FleetCodec>} codec
   * @param {InstanceType<typeof import('../connection/commands.js').Commands>} commands
   */
  constructor(names, codec, commands) {
    this.#names = names;
    this.#codec = codec;
    this.#commands = commands;
  }

  /**
   * The names of the marks of an entry with these tags.
   *
   * @param {string} string
   * @param {readonly string[]} tags
   */
  static of(string, tags) {
    const paths = pathsOf(string);
    if (paths.length === 0 && tags.length === 0) return [];
    return [...paths, ...keptTags(string, tags)].map(Names.escaped);
  }

  /**
   * Whatever has one of these marks is not there any more.
   *
   * @param {readonly string[]} marks
   */
  async invalidate(marks) {
    const { marks: root } = this.#names;
    const names = marks.map((mark) => this.#names.mark(Names.escaped(mark)));
    await this.#commands.run(scripts.INVALIDATE, [root, ...names]);
  }

  /** Whether anything of the store has ever had a mark. */
  async isUsed() {
    const { marks: root } = this.#names;
    return (await this.#commands.read(['GET', root], root)) !== null;
  }

  /**
   * Bytes of an entry with the versions of its marks, in a cluster; `undefined` where one of them
   * was invalidated since.
   *
   * @param {Buffer} bytes
   * @param {string} string
   * @param {number} ttlMs that it is to live: 0 for ever
   * @param {Since} [since]
   */
  async filled(bytes, string, ttlMs, since = ANY) {
    const names = this.#codec.names(bytes, string);
    if (names.length === 0) return bytes;
    const known = this.#codec.versions(bytes, string);
    const answer = await this.#fill(names, known, Math.max(ttlMs, 0), since);
    if (answer === undefined) return undefined;
    return this.#codec.withVersions(bytes, string, answer.slice(1));
  }

  /**
   * The moment, and the versions of marks.
   *
   * @param {readonly string[]} names
   * @param {number} forMs
   * @returns {Promise<string[]>}
   */
  async now(names, forMs) {
    const blank = names.map(() => BLANK);
    return /** @type {string[]} */ (await this.#fill(names, blank, forMs, ANY));
  }

  /**
   * Whether an entry is there, in a cluster.
   *
   * @param {Buffer} bytes
   * @param {string} string
   * @param {import('../near/near.js').Sight} [sight]
   */
  async isAlive(bytes, string, sight) {
    const names = this.#codec.names(bytes, string).map((name) => this.#names.mark(name));
    const versions = this.#codec.versions(bytes, string);
    const now = await this.#commands.run(scripts.VERSIONS, names, [], sight);
    return versions.every((version, index) => String(now[index]) === version);
  }

  /**
   * Whether nothing was invalidated of what a claim is for, in a cluster.
   *
   * @param {Buffer} claim
   * @param {string} string
   */
  async stands(claim, string) {
    const { isComputed, moment } = claimOf(claim);
    if (!isComputed) return this.isAlive(claim, string);
    const [now] = await this.now([], 0);
    return now === moment;
  }

  /**
   * Lets the marks of an entry last as long as that is to live.
   *
   * @param {Buffer} bytes
   * @param {string} string
   * @param {number} ttlMs
   */
  async hold(bytes, string, ttlMs) {
    if (ttlMs >= 0) await this.filled(bytes, string, ttlMs);
  }

  /**
   * @param {readonly string[]} names
   * @param {readonly string[]} known
   * @param {number} forMs
   * @param {Since} since
   * @returns {Promise<string[] | undefined>}
   */
  async #fill(names, known, forMs, { moment, isStrict }) {
    const keys = [this.#names.marks, ...names.map((name) => this.#names.mark(name))];
    const given = [String(forMs), moment, isStrict ? '1' : '0', ...known];
    const answer = await this.#commands.run(scripts.FILL, keys, given);
    return answer === 0 ? undefined : answer.map(String);
  }
}

module.exports = { Marks, claimBytes, claimOf };
