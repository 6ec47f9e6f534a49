/**
 * Claims of loads: taken at the server in the same step that finds nothing there, and kept while a
 * value is made.
 *
 * Knows scripts by a backend, no factory. A claim is a lease: it is renewed, and ends by itself
 * when its process dies. Invariant: what was made is stored only while its claim stands, which
 * every write to the key drops.
 */
'use strict';

const { randomUUID } = require('node:crypto');
const { inOwnTurn, startTimer, stopTimer } = require('../../native/timers.js');
const { BLANK } = require('../server/codec.js');
const { Marks, claimBytes, claimOf } = require('../server/marks.js');
const scripts = require('../server/scripts.js');

const LEASE_MS = 3000;
const RENEWAL_MS = 1000;
/** Of a server that has no room for a claim. */
const FULL = 'ERR_STORE_FULL';
/** What `FIND` says of the claim. */
const MINE = 1;
const OTHERS = 2;

/** @typedef {InstanceType<typeof import('../../loads/load.js').Load>} Load */
/** @typedef {import('../../loads/load.js').Stale} Stale */
/** @typedef {import('../../arguments/load-options.js').LoadRequest} LoadRequest */
/**
 * A claim of this process.
 *
 * @typedef {object} Claim
 * @property {string} token
 * @property {number} takenMs when it was asked for
 * @property {string} moment of the last invalidation that it knows of
 * @property {ReadonlyMap<string, string>} versions of the marks that were known, by their names
 * @property {boolean} isOver whether nothing is left to end
 * @property {NodeJS.Timeout | undefined} timer
 */

/** @typedef {import('../near/near.js').Note} Note */
/** @typedef {import('../../store/backend.js').Seen} Seen */
/**
 * What the server says of a key.
 *
 * @typedef {object} Answer
 * @property {Seen | undefined} seen
 * @property {boolean} isKept whether it may be given as it is
 * @property {boolean} isStale whether a value is there that somebody has claimed to renew
 * @property {string | undefined} others whose claim there is, of others
 * @property {unknown} [refusal] why none could be taken
 */
/** Who has the claim of a key. @typedef {{ readonly token: string }} Met */

class Claims {
  #backend;
  /** Of those who found nothing a moment ago, for the load that they begin. */
  /** @type {Map<string, Claim>} */
  #taken = new Map();
  /** Of those who met the claim of others a moment ago: whose. @type {Map<string, Met>} */
  #met = new Map();
  /** @type {WeakMap<Load, Claim>} */
  #claims = new WeakMap();

  /** @param {InstanceType<typeof import('../backend.js').FleetBackend>} backend */
  constructor(backend) {
    this.#backend = backend;
  }

  /**
   * A write to the key has dropped the claim of the load: whoever asks has got one since, or has
   * met that of others. A load that has none is overtaken by nobody whose claim is met.
   *
   * @param {Load} load
   */
  isOvertaken(load) {
    const { string } = load;
    if (this.#taken.has(string)) return true;
    const met = this.#met.get(string);
    const claim = this.#claims.get(load);
    return met !== undefined && claim !== undefined && met.token !== claim.token;
  }

  /**
   * The claim of a load, if it has got one.
   *
   * @param {Load} load
   */
  of(load) {
    return this.#claims.get(load);
  }

  /**
   * The entry of a key; where there is none to be given, its claim is taken.
   *
   * @param {LoadRequest} request
   * @param {boolean} mayRenew
   */
  ask(request, mayRenew) {
    const { near } = this.#backend;
    return near === undefined
      ? this.#find(request, mayRenew)
      : this.#askNear(request, mayRenew, near);
  }

  /**
   * Gives a load the claim that was taken for it a moment ago; whether there was one.
   *
   * @param {Load} load
   */
  take(load) {
    const { string } = load;
    const claim = this.#taken.get(string);
    if (claim === undefined) return false;
    this.#taken.delete(string);
    this.#claims.set(load, claim);
    // However late it was told: the next answer may be as late.
    const ageMs = performance.now() - claim.takenMs;
    this.#renew(string, claim, Math.max(RENEWAL_MS - ageMs, 0));
    load.claimed(() => this.#end(claim));
    return true;
  }

  /**
   * Stores what was made under a claim; whether it did.
   *
   * @param {string} string
   * @param {Buffer} bytes
   * @param {number} ttlMs
   * @param {Claim} claim
   * @param {Stale | undefined} stale what was to be renewed
   */
  async store(string, bytes, ttlMs, claim, stale) {
    claim.isOver = true;
    const { entries, leases } = this.#backend;
    const { moment } = claim;
    // What was invalidated longer ago is not known any more.
    const isStrict = performance.now() - claim.takenMs > scripts.TRACE_MS / 2;
    const filled =
      bytes[3] !== 0 && entries.isCluster
        ? await entries.marks.filled(bytes, string, ttlMs, { moment, isStrict })
        : bytes;
    if (filled === undefined) return false;
    const renewed = stale === undefined ? ['0', ''] : ['1', stale.bytes ?? ''];
    const since = [moment, isStrict ? '1' : '0'];
    const given = [filled, String(ttlMs), claim.token, ...renewed, ...since];
    const isStored = (await entries.run(scripts.STORE, string, given)) === 1;
    // With what is stored the claim goes; else it is ended with its load.
    if (isStored) leases.forget(claim.token);
    return this.#backend.noted(isStored);
  }

  /**
   * What is asked, of which a copy is kept.
   *
   * @param {LoadRequest} request
   * @param {boolean} mayRenew
   * @param {InstanceType<typeof import('../near/near.js').Near>} near
   */
  async #askNear(request, mayRenew, near) {
    const { string } = request;
    const writes = near.asked.writesTo(string);
    const found = await this.#find(request, mayRenew);
    if (found.isKept) return found;
    // As reads do, once more; not while somebody has a claim, nor past a write of this process.
    const isOpen = found.seen !== undefined && !found.isStale;
    const mayAsk = isOpen && near.asked.writesTo(string) === writes;
    // What is known will do where that fails.
    const last = mayAsk ? await this.#find(request, mayRenew).catch(() => found) : found;
    if (!mayAsk || !last.isKept) near.change(string);
    return last;
  }

  /**
   * The same in one step; where the server has no room for a claim, the entry alone.
   *
   * @param {LoadRequest} request
   * @param {boolean} mayRenew
   * @returns {Promise<Answer>}
   */
  async #find(request, mayRenew) {
    try {
      return await this.#findOrClaim(request, mayRenew);
    } catch (refusal) {
      if (/** @type {{ code?: string }} */ (refusal).code !== FULL) throw refusal;
      const { entries, near } = this.#backend;
      const { string } = request;
      const note = near?.note(string);
      const seen = await entries.look(string, note);
      return this.#answer(string, { seen, note, isStale: false, others: undefined, refusal });
    }
  }

  /**
   * @param {LoadRequest} request
   * @param {boolean} mayRenew
   */
  async #findOrClaim({ string, how }, mayRenew) {
    const { entries, leases } = this.#backend;
    if (entries.isCluster === undefined) await entries.learn();
    const token = randomUUID();
    const isComputed = typeof how.tags === 'function';
    const names = Marks.of(string, typeof how.tags === 'function' ? [] : how.tags);
    let claim = claimBytes({ token, isComputed, names });
    if ((isComputed || names.length > 0) && entries.isCluster) {
      claim = await this.#claimApart({ token, isComputed, names });
    }
    const askedMs = performance.now();
    const note = this.#backend.near?.note(string);
    const given = [claim, String(LEASE_MS), mayRenew ? '1' : '0'];
    const lease = { id: token, given, end: scripts.CLAIM };
    const [bytes, left, claimed, held] = await leases.ask(scripts.FIND, string, lease, note);
    if (claimed === MINE) this.#offer(string, this.#claimed(held, string, askedMs));
    else leases.forget(token);
    const others = claimed === OTHERS ? claimOf(held).token : undefined;
    if (others !== undefined) noteForATurn(this.#met, string, { token: others });
    const seen = bytes === null ? undefined : entries.seen(string, bytes, left);
    const isClaimed = claimed === MINE || others !== undefined;
    return this.#answer(string, { seen, note, isStale: seen !== undefined && isClaimed, others });
  }

  /**
   * What the server has said, of which a copy is kept.
   *
   * @param {string} string
   * @param {Omit<Answer, 'isKept'> & { note: Note | undefined }} said
   * @returns {Answer}
   */
  #answer(string, { note, ...said }) {
    this.#backend.check('getOrSet');
    return { ...said, isKept: this.#backend.near?.keep(string, note, said.seen) ?? true };
  }

  /**
   * A claim that says what the versions of its marks are, where scripts do not see them.
   *
   * @param {{ token: string, isComputed: boolean, names: readonly string[] }} of
   */
  async #claimApart(of) {
    const { entries } = this.#backend;
    const [moment, ...versions] = await entries.marks.now(of.names, scripts.TRACE_MS);
    return claimBytes({ ...of, moment, versions });
  }

  /**
   * @param {Buffer} bytes
   * @param {string} string
   * @param {number} takenMs
   * @returns {Claim}
   */
  #claimed(bytes, string, takenMs) {
    const { codec } = this.#backend.entries;
    const known = codec.versions(bytes, string);
    const names = codec.names(bytes, string);
    const { token, moment } = claimOf(bytes);
    return {
      token,
      takenMs,
      moment,
      versions: new Map(names.map((name, index) => [name, known[index] ?? BLANK])),
      isOver: false,
      timer: undefined,
    };
  }

  /**
   * A claim for the load that whoever asked is about to begin, or another who has asked with him.
   * One that nobody takes is given up: he was aborted, or a load of the key runs already.
   *
   * @param {string} string
   * @param {Claim} claim
   */
  #offer(string, claim) {
    // What was met before was dropped since, and so was what was taken.
    this.#met.delete(string);
    const earlier = this.#taken.get(string);
    if (earlier !== undefined) this.#end(earlier);
    noteForATurn(this.#taken, string, claim, () => this.#end(claim));
  }

  /**
   * @param {string} string
   * @param {Claim} claim
   * @param {number} [afterMs]
   */
  #renew(string, claim, afterMs = RENEWAL_MS) {
    claim.timer = startTimer(() => {
      if (claim.isOver || !this.#backend.isOpen) return;
      const renewed = this.#backend.entries.run(scripts.CLAIM, string, [
        claim.token,
        String(LEASE_MS),
      ]);
      // A claim that is lost is found out when the value is stored.
      const again = () => this.#renew(string, claim);
      renewed.then(again, again);
    }, afterMs);
  }

  /** @param {Claim} claim */
  #end(claim) {
    stopTimer(claim.timer);
    claim.isOver = true;
    this.#backend.leases.end(claim.token);
  }
}

/**
 * Notes something of a key for those who have asked just now: they go on within this turn.
 *
 * @template T
 * @param {Map<string, T>} notes
 * @param {string} string
 * @param {T} noted
 * @param {() => void} [over] called if it is still there then
 */
function noteForATurn(notes, string, noted, over) {
  notes.set(string, noted);
  inOwnTurn(() => {
    if (notes.get(string) !== noted) return;
    notes.delete(string);
    over?.();
  });
}

module.exports = { Claims };
