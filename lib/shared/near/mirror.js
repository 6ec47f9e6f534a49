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
const { Condition, Kind, Register } = require('../../native/contract.js');
const native = require('../../native/loader.js');
const { SharedEntries } = require('../entries.js');
const { openHandle } = require('../opening/handle.js');
const { storeFile } = require('../opening/store-file.js');
const { isPackable, packed } = require('../tags.js');
const { writeRefusal } = require('../waiting/refusal.js');
const { NOTHING, wordOf } = require('./looks.js');

const { AMOUNT, AS_OF, CONDITION, DEADLINE_MS, END, IS_KEPT, IS_LATIN1, KIND } = Register;
const { LENGTH, START, TTL_MS, UNTIL_MS, VERSION, WAIT_MS } = Register;

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
/** Looks at a copy that is there already, while its stripe moves for another key's sake. */
const ATTEMPTS = 4;
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
/** @typedef {import('../../values/codec.js').Encoded} Encoded */
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
   * Keeps what was answered, if what was noted still stands, or a copy says the same; there is none
   * afterwards of what cannot be kept here. `false` if it comes too late, and nothing is changed:
   * whoever goes by the answer all the same invalidates first.
   *
   * @param {string} string
   * @param {Noted} noted
   * @param {Copied} copied
   */
  fill(string, noted, copied) {
    try {
      if (!isPlain(string)) this.#noteNamespaces();
      // Runs no code of a caller: the value was just decoded.
      const encoded = this.#handle.codec.encode(copied.value);
      const isKept = copied.tags.every(isPackable);
      const answer = isKept ? this.#write(string, noted, encoded, copied) : -1;
      if (answer >= 0) return answer === 1 || this.#confirm(string, noted, encoded, copied);
    } catch {
      // As below.
    }
    // A value that cannot be kept here, or a key, is asked for each time.
    this.invalidate(string);
    return true;
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
   * The same of every key that has one of these tags, as they came with it. What is too long for a
   * tag no copy has.
   *
   * @param {readonly string[]} tags
   */
  invalidateTags(tags) {
    try {
      this.#entries.tags.invalidate(tags.filter(isPackable));
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
    this.#put(NAME, noted, name);
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
    this.#put(SAID, this.note(SAID), text);
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
   * @param {string} value
   */
  #put(string, noted, value) {
    if (!this.fill(string, noted, { value, tags: [], untilMs: 0 })) this.invalidate(string);
  }

  /**
   * Writes a copy that says the same once more, and with that moves its version: nobody who has
   * asked before brings back what is older. Whether there is one.
   *
   * @param {string} string
   * @param {Noted} noted
   * @param {Encoded} encoded
   * @param {Copied} copied
   */
  #confirm(string, { moment }, encoded, copied) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const same = this.#same(string, encoded, copied);
      if (same === undefined) return false;
      const untilMs = earlier(same.untilMs, copied.untilMs);
      const noted = { version: same.version, moment };
      if (this.#write(string, noted, encoded, { ...copied, untilMs }) === 1) return true;
    }
    return false;
  }

  /**
   * The version and the deadline of a copy with this value and these tags, if there is one.
   *
   * @param {string} string
   * @param {Encoded} encoded
   * @param {Copied} copied
   */
  #same(string, { kind, bytes, start, end }, { value, tags }) {
    const { registers, scratch } = native;
    const { id } = this.#handle;
    const text = native.sharedTags(id, string);
    const version = /** @type {number} */ (registers[VERSION]);
    if (/** @type {number} */ (registers[KIND]) <= 0 || text !== packed(tags)) return undefined;
    // Should another take its place in between, the version has moved.
    const read = native.sharedView(id, string);
    const foundKind = /** @type {number} */ (registers[KIND]);
    if (foundKind <= 0) return undefined;
    const untilMs = /** @type {number} */ (registers[DEADLINE_MS]);
    if (foundKind <= Kind.UNDEFINED)
      return Object.is(read, value) ? { version, untilMs } : undefined;
    if (foundKind !== kind || typeof bytes === 'string') return undefined;
    const length = /** @type {number} */ (registers[LENGTH]);
    const found = /** @type {Uint8Array} */ (read ?? scratch.subarray(0, length));
    const isSame = Buffer.compare(found, bytes.subarray(start, end)) === 0;
    return isSame ? { version, untilMs } : undefined;
  }

  /**
   * What the native core says to a copy: 1 if it is kept, 0 if what was noted does not stand, below
   * 0 if it cannot be.
   *
   * @param {string} string
   * @param {Noted} noted
   * @param {Encoded} encoded
   * @param {Copied} copied
   */
  #write(string, { version, moment }, encoded, { tags, untilMs }) {
    const { registers } = native;
    const { id } = this.#handle;
    const text = packed(tags);
    try {
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
      return text === ''
        ? native.sharedWrite(id, string, encoded.bytes)
        : native.sharedWriteTagged(id, string, encoded.bytes, text);
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

/**
 * @param {number} one deadline, 0 for none
 * @param {number} other
 */
function earlier(one, other) {
  return one === 0 || other === 0 ? one + other : Math.min(one, other);
}

module.exports = { Mirror };
