/**
 * Reads on their way to the server: who misses the same key meanwhile gets the same answer.
 *
 * Knows no copy. Invariant: an answer is given only to who could have been given a near copy, had
 * it come before he asked: it is not older than what was written or read on his machine by then.
 */
'use strict';

const { another } = require('../../errors/errors.js');
const { time } = require('../../native/clock.js');
const { freeze } = require('../../values/freeze.js');
const { endOf } = require('./process-copies.js');
const { STRIPES, stripeOf } = require('./words.js');

/** How long others wait for an answer: it may be lost on a line that theirs would not take. */
const YOUNG_MS = 100;
/** So much earlier than its entry a copy may end: its answer took so long to come. */
const EARLY_MS = 100;

/** Of a question that is about to be asked. @type {Promise<undefined>} */
const NO_ANSWER = Promise.resolve(undefined);

/** @typedef {import('../../store/backend.js').Seen} Seen */
/** @typedef {import('./near.js').Note} Note */
/** @typedef {InstanceType<typeof import('./near.js').Near>} Near */
/**
 * @typedef {object} Question
 * @property {Note | undefined} note as it was noted before it was sent, for the last time
 * @property {Promise<Seen | undefined>} answer
 */

class Asked {
  #entries;
  #near;
  #isFrozen;
  /** Those whose answer others may have, by key. @type {Map<string, Question>} */
  #open = new Map();
  /** Writes of this process that have begun, of the keys of a stripe, and of all keys. */
  #writes = new Uint32Array(STRIPES);
  #writesOfAll = 0;

  /**
   * @param {import('./near.js').FleetEntries} entries
   * @param {Pick<Near, 'note' | 'keep' | 'change' | 'stands' | 'holds' | 'heed'>} near
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
    return this.#ask(string, { note: this.#near.note(string), answer: NO_ANSWER });
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
    if (this.#isFrozen) freeze(found?.value);
    return found;
  }

  /**
   * This process is about to write: who asks from now on gets what is there after that, who has
   * asked before what was there before.
   *
   * @param {string} string
   */
  begin(string) {
    const stripe = stripeOf(string);
    this.#writes[stripe] = /** @type {number} */ (this.#writes[stripe]) + 1;
    this.forget(string);
  }

  beginAll() {
    this.#writesOfAll += 1;
    this.forgetAll();
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
   * How many writes to a key have begun here, at the most: who asks again asks past none.
   *
   * @param {string} string
   */
  writesTo(string) {
    return /** @type {number} */ (this.#writes[stripeOf(string)]) + this.#writesOfAll;
  }

  /**
   * @param {string} string
   * @param {Question} open
   */
  #isGood(string, { note }) {
    if (note === undefined || time() - note.askedMs >= YOUNG_MS) return false;
    return this.#near.stands(string, note);
  }

  /** @param {string} string */
  #begin(string) {
    /** @type {Question} */
    const question = { note: this.#near.note(string), answer: NO_ANSWER };
    if (question.note !== undefined) this.#open.set(string, question);
    question.answer = this.#ask(string, question);
    return question.answer;
  }

  /**
   * @param {string} string
   * @param {Question} question
   */
  async #ask(string, question) {
    const writes = this.writesTo(string);
    try {
      const seen = await this.#entries.look(string, question.note);
      if (this.#near.keep(string, question.note, seen)) return seen;
      // Calls keep their order: what was written here since then is not for who asked before.
      if (this.writesTo(string) === writes) return await this.#askAgain(string, question, seen);
      this.#near.change(string);
      return seen;
    } finally {
      if (this.#open.get(string) === question) this.#open.delete(string);
    }
  }

  /**
   * Once more, for something has changed meanwhile. To give such an answer takes that nothing is
   * kept that others were asked for by then: where many processes ask all the time, that nothing
   * ever is. So it is given only for want of a better one.
   *
   * @param {string} string
   * @param {Question} question
   * @param {Seen | undefined} seen
   */
  async #askAgain(string, question, seen) {
    question.note = this.#near.note(string);
    let last = seen;
    try {
      last = await this.#entries.look(string, question.note);
      if (this.#near.keep(string, question.note, last)) return last;
    } catch {
      // Whoever waits for that asks for himself.
      question.note = undefined;
    }
    this.#near.change(string);
    return last;
  }

  /**
   * The answer to a question that was open when this read began; or, where that is void, to one
   * that is asked from now on, whoever of those who waited asks it: it is an answer to all of them.
   *
   * @param {Question} open
   * @param {string} string
   * @returns {Promise<{ value: unknown } | undefined>}
   */
  async #joined(open, string) {
    const seen = await answerOf(open);
    const { note } = open;
    // Said by who is no master any more, perhaps; or its time was over before this read began.
    const isOver = note === undefined || note.isElsewhere || time() >= endOf(note.askedMs, seen);
    if (!isOver) return this.#own(seen, string);
    const later = this.#open.get(string);
    return later === undefined ? this.#begin(string) : this.#own(await answerOf(later), string);
  }

  /**
   * Each reader has an object of his own.
   *
   * @param {Seen | undefined} seen
   * @param {string} string
   */
  #own(seen, string) {
    const { value, bytes } = seen ?? {};
    if (bytes === undefined || typeof value !== 'object' || value === null) return seen;
    const own = this.#entries.codec.decode(bytes, string);
    if (this.#isFrozen) freeze(own);
    return { value: own };
  }
}

/**
 * The answer for one who has not asked himself.
 *
 * @param {Question} question
 */
async function answerOf({ answer }) {
  try {
    return await answer;
  } catch (error) {
    throw another(error);
  }
}

module.exports = { Asked };
