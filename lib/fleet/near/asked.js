/**
 * Reads on their way to the server: who misses the same key meanwhile gets the same answer.
 *
 * Knows no copy. Invariant: an answer is given only to who could have been given a near copy, had
 * it come before he asked: it is not older than what was written or read on his machine by then.
 */
'use strict';

const { time } = require('../../native/clock.js');
const { freeze } = require('../../values/freeze.js');
const { endOf } = require('./process-copies.js');

/** How long others wait for an answer: it may be lost on a line that theirs would not take. */
const YOUNG_MS = 100;
/** So much earlier than its entry a copy may end: its answer took so long to come. */
const EARLY_MS = 100;

/** @typedef {import('../../store/backend.js').Seen} Seen */
/** @typedef {import('./near.js').Note} Note */
/** @typedef {InstanceType<typeof import('./near.js').Near>} Near */
/**
 * @typedef {object} Question
 * @property {Note} note as it was noted before it was sent
 * @property {Promise<Seen | undefined>} answer
 */

class Asked {
  #entries;
  #near;
  #isFrozen;
  /** Those whose answer others may have, by key. @type {Map<string, Question>} */
  #open = new Map();

  /**
   * @param {import('./near.js').FleetEntries} entries
   * @param {Pick<Near, 'note' | 'keep' | 'stands' | 'holds' | 'heed'>} near
   * @param {{ isFrozen: boolean }} how
   */
  constructor(entries, near, { isFrozen }) {
    this.#entries = entries;
    this.#near = near;
    this.#isFrozen = isFrozen;
  }

  /**
   * The entry at the server, of which a copy is kept: what is read later is never older.
   *
   * @param {string} string
   */
  look(string) {
    return this.#ask(string, this.#near.note(string));
  }

  /**
   * The value of the entry, as the server says now, or says to somebody who has asked just now.
   *
   * @param {string} string
   * @returns {Promise<{ value: unknown } | undefined>}
   */
  value(string) {
    const open = this.#open.get(string);
    if (open !== undefined && this.#isGood(string, open)) return this.#joined(open, string);
    return this.#begin(string);
  }

  /**
   * Whether there is an entry, which its copy is to say, too.
   *
   * @param {string} string
   */
  async has(string) {
    const is = await this.#entries.has(string);
    this.#near.heed(string, ({ isThere }) => isThere === is);
    return is;
  }

  /**
   * How long an entry lives: a copy that ends at another time may be of another value.
   *
   * @param {string} string
   */
  async ttl(string) {
    const askedMs = time();
    const ttl = await this.#entries.ttl(string);
    const waitedMs = time() - askedMs;
    this.#near.heed(string, ({ isThere, leftMs }) => {
      if (ttl === undefined || !isThere) return (ttl !== undefined) === isThere;
      if (ttl === Number.POSITIVE_INFINITY) return leftMs === ttl;
      return leftMs <= ttl + 1 && leftMs >= ttl - waitedMs - EARLY_MS;
    });
    return ttl;
  }

  /**
   * The value of an entry that is walked over: kept where there is a copy, for the others are read
   * once.
   *
   * @param {string} string
   * @returns {Promise<{ value: unknown } | undefined>}
   */
  async passing(string) {
    if (this.#near.holds(string)) return this.look(string);
    const found = await this.#entries.value(string);
    this.#near.heed(string, () => false);
    return found;
  }

  /**
   * Nobody else gets the answer of who has asked already: it may be older than what he knows.
   *
   * @param {string} string
   */
  forget(string) {
    this.#open.delete(string);
  }

  forgetAll() {
    this.#open.clear();
  }

  /**
   * @param {string} string
   * @param {Question} open
   */
  #isGood(string, { note }) {
    return time() - note.askedMs < YOUNG_MS && this.#near.stands(string, note);
  }

  /** @param {string} string */
  #begin(string) {
    const note = this.#near.note(string);
    const answer = this.#ask(string, note);
    if (note !== undefined) this.#open.set(string, { note, answer });
    return answer;
  }

  /**
   * @param {string} string
   * @param {Note | undefined} note
   */
  async #ask(string, note) {
    try {
      const seen = await this.#entries.look(string, note);
      this.#near.keep(string, note, seen);
      return seen;
    } finally {
      this.#open.delete(string);
    }
  }

  /**
   * @param {Question} open
   * @param {string} string
   * @returns {Promise<{ value: unknown } | undefined>}
   */
  async #joined({ note, answer }, string) {
    const seen = await answer;
    // Said by who is no master any more, perhaps; or its time was over before this read began.
    const isOver = note.isElsewhere || time() >= endOf(note.askedMs, seen);
    if (isOver) return this.#begin(string);
    const { value, bytes } = seen ?? {};
    if (bytes === undefined || typeof value !== 'object' || value === null) return seen;
    // Each reader has an object of his own.
    const own = this.#entries.codec.decode(bytes, string);
    if (this.#isFrozen) freeze(own);
    return { value: own };
  }
}

module.exports = { Asked };
