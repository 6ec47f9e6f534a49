/**
 * A shared store of copies of what lies elsewhere, each right until somebody hears that it is not.
 *
 * Knows no place that it is a copy of. What is to be kept is noted before it is asked for, and kept
 * only if nobody has written or invalidated its key since. Invariant: a copy is right while it is
 * here and the store is trusted; who cannot make one void ends the trust in all of them.
 */
'use strict';

const { NOW } = require('../../arguments/writes.js');
const { isPlain } = require('../../keys/keyspace.js');
const { Condition, Register } = require('../../native/contract.js');
const native = require('../../native/loader.js');
const { SharedEntries } = require('../entries.js');
const { openHandle } = require('../opening/handle.js');
const { storeFile } = require('../opening/store-file.js');
const { packed } = require('../tags.js');
const { writeRefusal } = require('../waiting/refusal.js');
const { NOTHING, wordOf } = require('./looks.js');

const { AMOUNT, AS_OF, CONDITION, END, IS_KEPT, IS_LATIN1, KIND, START } = Register;
const { TTL_MS, UNTIL_MS, VERSION, WAIT_MS } = Register;

/** Words of the count of milliseconds: itself, 0 while it stands, and whether somebody looks. */
const [COUNT, LOOKED] = [0, 1];
const NOT_COUNTED = 0;
/** An engine that allows no memory but its own has no count: there each look reads the clock. */
const ticks = native.ticks ?? new Int32Array(2);
/**
 * Looks that one answer is good for at the most. The thread that counts may be late on a machine
 * that has no time for it. So an answer is good for as many looks as there were of the one before,
 * and for twice as many when they are used up: where looks are rare, few go by before time does.
 */
const LOOKS = 64;
/** The key of the lock of who leads: one that no entry has. */
const LEADER = 'leader';

/** What it is named by: a key that no entry has. */
const NAME = '\0name';
/** The same of what is said beside. */
const SAID = '\0said';

/**
 * What is noted before an entry is asked for.
 *
 * @typedef {object} Noted
 * @property {number} version of the key's stripe
 * @property {number} moment of the last invalidation of a tag
 */
/**
 * What was answered.
 *
 * @typedef {object} Copied
 * @property {unknown} value
 * @property {readonly string[]} tags by which it may be invalidated
 * @property {number} untilMs by the clock of deadlines; 0 for ever
 */

class Mirror {
  #handle;
  #hasNamespaces = false;
  #entries;
  #boundMs;
  /** The count at which the store was trusted. */
  #count = NOT_COUNTED;
  #looks = 1;
  #looksLeft = 0;

  /**
   * @param {object} how
   * @param {string} how.name
   * @param {string | undefined} how.path the folder of its file
   * @param {number} how.maxBytes
   * @param {boolean} how.isFrozen whether values are frozen and handed out again
   * @param {number} how.boundMs for how long what was heard is enough
   */
  constructor({ name, path, maxBytes, isFrozen, boundMs }) {
    const file = storeFile(name, { path, access: 'user' });
    const wanted = { maxBytes, maxEntries: undefined, whenFull: /** @type {const} */ ('evict') };
    this.#handle = openHandle({ name, file, access: 'user' }, wanted);
    this.#entries = new SharedEntries(this.#handle, isFrozen);
    this.#boundMs = boundMs;
    native.forgetTicksWhenWoken();
  }

  get file() {
    return this.#handle.place.file;
  }

  /**
   * Whether a copy that is here now is no older than the bound. To be asked before the look at it:
   * what was heard by then shows in it.
   */
  isTrusted() {
    const count = /** @type {number} */ (ticks[COUNT]);
    if (count === this.#count && this.#looksLeft > 0) {
      this.#looksLeft -= 1;
      return true;
    }
    return this.#ask(count);
  }

  /**
   * The value of a copy, `undefined` also for what is known to be absent; or `Mirror.NOTHING`.
   *
   * @param {string} string
   */
  get(string) {
    const { copies } = this.#entries;
    const copy = copies.get(string);
    if (copy === undefined || copy.uncountedHits === 0) return this.#entries.getKnown(string, copy);
    if (wordOf(copies.words, copy.stripe) !== copy.version) {
      return this.#entries.getKnown(string, copy);
    }
    copy.uncountedHits -= 1;
    return copy.given();
  }

  /**
   * A copy and what there is beside its value, and nobody learns of it; `undefined` for none.
   *
   * @param {string} string
   */
  seen(string) {
    return this.#entries.watch(string);
  }

  /**
   * What is to be noted before an entry is asked for.
   *
   * @param {string} string
   * @returns {Noted}
   */
  note(string) {
    const answer = native.sharedNote(this.#handle.id, string);
    if (answer < 0) throw writeRefusal(answer, this.#handle, string);
    const version = /** @type {number} */ (native.registers[VERSION]);
    return { version, moment: this.#entries.tags.moment() };
  }

  /**
   * Keeps what was answered, if what was noted still stands; else there is no copy afterwards.
   *
   * @param {string} string
   * @param {Noted} noted
   * @param {Copied} copied
   */
  fill(string, noted, copied) {
    if (this.#fill(string, noted, copied)) return true;
    this.invalidate(string);
    return false;
  }

  /**
   * There is no copy afterwards, and none is kept that was asked for before.
   *
   * @param {string} string
   */
  invalidate(string) {
    try {
      const answer = native.sharedInvalidate(this.#handle.id, string);
      if (answer < 0) throw writeRefusal(answer, this.#handle, string);
    } catch (error) {
      this.distrust();
      throw error;
    }
  }

  /**
   * The same of every key that has one of these tags, as they came with it.
   *
   * @param {readonly string[]} tags
   */
  invalidateTags(tags) {
    try {
      this.#entries.tags.invalidate(tags);
    } catch (error) {
      this.distrust();
      throw error;
    }
  }

  /** The same of every key. */
  clear() {
    try {
      this.#entries.clear();
    } catch (error) {
      this.distrust();
      throw error;
    }
  }

  /** No copy is right any more, until somebody leads anew. Needs no lock, and cannot fail. */
  distrust() {
    native.beginTerm(this.#handle.id);
    this.#looksLeft = 0;
  }

  /**
   * What whoever leads says of what this is a copy of now; `undefined` after it was cleared, until
   * that is said again. To be looked at after what is noted.
   */
  get named() {
    const name = this.#entries.getKnown(NAME, undefined);
    return typeof name === 'string' ? name : undefined;
  }

  /**
   * @param {string} name
   * @param {() => boolean} leads whether this thread still does: who does next clears, so what was
   *   noted before is not kept after that
   */
  name(name, leads) {
    const noted = this.note(NAME);
    if (this.named === name || !leads()) return;
    this.fill(NAME, noted, { value: name, tags: [], untilMs: 0 });
  }

  /**
   * What whoever leads has said beside that, for those who look; `undefined` after it was cleared.
   *
   * @returns {string | undefined}
   */
  get said() {
    const said = this.#entries.getKnown(SAID, undefined);
    return typeof said === 'string' ? said : undefined;
  }

  /** @param {string} text */
  say(text) {
    this.fill(SAID, this.note(SAID), { value: text, tags: [], untilMs: 0 });
  }

  /** Takes the lead if nobody has it: whether this thread leads, until it closes or dies. */
  lead() {
    return this.#entries.lock(LEADER, 0);
  }

  /** Leaves the lead to others. */
  yieldLead() {
    this.#entries.release(LEADER);
  }

  /** Begins to lead anew: nothing is trusted until something is heard. The number of the term. */
  beginTerm() {
    return native.beginTerm(this.#handle.id);
  }

  /**
   * Says that all was heard up to a moment of `Mirror.now`, or with 0 that nothing is. `false` when
   * the term is over.
   *
   * @param {number} term
   * @param {number} momentMs
   */
  sayHeard(term, momentMs) {
    return native.sayHeard(this.#handle.id, term, momentMs) === 1;
  }

  close() {
    this.#entries.close();
  }

  /** A clock that runs while the machine sleeps, in whole milliseconds. */
  static now() {
    return native.wakingTime();
  }

  static get NOTHING() {
    return NOTHING;
  }

  /** @param {number} count that was there before the clock is read */
  #ask(count) {
    const { id } = this.#handle;
    if (id === 0) return false;
    const isTrusted = native.isTrusted(id, this.#boundMs) === 1;
    const isUsedUp = this.#looksLeft === 0;
    this.#looks = isUsedUp ? Math.min(this.#looks * 2, LOOKS) : this.#looks - this.#looksLeft + 1;
    this.#count = count;
    // Without trust none is left: the count may stand again at the next look, as it may now.
    this.#looksLeft = isTrusted && count !== NOT_COUNTED ? this.#looks : 0;
    if (!isTrusted) this.#looks = 1;
    ticks[LOOKED] = 1;
    if (count === NOT_COUNTED && native.ticks !== undefined) native.startTicks();
    return isTrusted;
  }

  /**
   * @param {string} string
   * @param {Noted} noted
   * @param {Copied} copied
   */
  #fill(string, { version, moment }, { value, tags, untilMs }) {
    const { registers } = native;
    const { id } = this.#handle;
    try {
      if (!isPlain(string)) this.#noteNamespaces();
      // Runs no code of a caller: the value was just decoded.
      const encoded = this.#handle.codec.encode(value);
      const text = packed(tags);
      registers[TTL_MS] = 0;
      registers[UNTIL_MS] = untilMs;
      registers[IS_KEPT] = 0;
      registers[KIND] = encoded.kind;
      registers[START] = encoded.start;
      registers[END] = encoded.end;
      registers[AMOUNT] = encoded.amount;
      registers[IS_LATIN1] = encoded.isLatin1;
      registers[CONDITION] = Condition.UNMOVED;
      registers[VERSION] = version;
      registers[WAIT_MS] = 0;
      registers[AS_OF] = moment;
      const answer =
        text === ''
          ? native.sharedWrite(id, string, encoded.bytes)
          : native.sharedWriteTagged(id, string, encoded.bytes, text);
      return answer === 1;
    } catch {
      // A value that cannot be kept here, or a key, is asked for each time.
      return false;
    } finally {
      // A call for which no stack was left has not put it back to rest.
      registers[AS_OF] = NOW;
    }
  }

  #noteNamespaces() {
    if (this.#hasNamespaces) return;
    this.#handle.noteNamespaces();
    this.#hasNamespaces = true;
  }
}

module.exports = { Mirror };
