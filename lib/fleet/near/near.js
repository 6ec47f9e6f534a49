/**
 * What is kept near of a fleet store: by a machine or a process, right until the server says else.
 *
 * Knows no server; a thread of its own listens to it. What is asked for is noted before, and kept
 * only if that still stands. Invariant: a copy is given only while it is trusted, never after the
 * deadline of its entry; who cannot make copies void ends the trust in them.
 */
'use strict';

const { listenerRefused } = require('../../errors/fleet-errors.js');
const { keyOf, plainString } = require('../../keys/keyspace.js');
const { freeze } = require('../../values/freeze.js');
const { isTracked } = require('../following/following.js');
const { Asked } = require('./asked.js');
const { NONE } = require('./lags.js');
const { MachineCopies } = require('./machine-copies.js');
const { ProcessCopies, UNKNOWN } = require('./process-copies.js');
const { Stale } = require('./stale.js');
const { ListenerThread } = require('./thread.js');

/** @typedef {import('../../store/backend.js').Seen} Seen */
/** @typedef {ReturnType<typeof import('../fleet-options.js').fleetOptions>} Options */
/** @typedef {NonNullable<Options['near']>} How */
/** @typedef {typeof import('../../shared/near/mirror.js').Mirror} Mirror */
/** @typedef {ConstructorParameters<Mirror>[0]} MirrorOptions */
/** @typedef {InstanceType<typeof import('../server/entries.js').FleetEntries>} FleetEntries */
/**
 * What the listener is told: of the server, and where it is to tell what it hears.
 *
 * @typedef {object} Listening
 * @property {import('../connection/address.js').Place} servers
 * @property {string} prefix of the names at the server
 * @property {string} marks what the names of the versions of marks begin with
 * @property {string} store
 * @property {number} maxStaleMs
 * @property {'off' | 'ttl'} untracked what becomes of copies where the server tells no changes
 * @property {SharedArrayBuffer} [words] of a process
 * @property {MirrorOptions} [mirror] of a machine
 */
/**
 * What an answer is to be known by: the run of the masters that are listened to, '' for none, and
 * whether somebody else has answered, of whom nothing is heard.
 *
 * @typedef {{ readonly run: string, isElsewhere: boolean }} Sight
 */
/** What is noted before an entry is asked for. */
/** @typedef {Sight & { readonly askedMs: number }} Note */
/** What a copy says of an entry. @typedef {{ isThere: boolean, leftMs: number }} Found */
/**
 * Copies, wherever they are kept.
 *
 * @template {Note} N what is noted
 * @typedef {object} Copies
 * @property {(string: string) => unknown} get the value, `undefined` for what is absent, or
 *   `UNKNOWN`
 * @property {(string: string) => unknown} peek the same, trusted or not
 * @property {(string: string) => Found | undefined} found `undefined` for no copy
 * @property {() => boolean} isTrusted
 * @property {(string: string) => N | undefined} note
 * @property {(one: N, later: N) => boolean} isSame whether nothing has changed between two notes
 * @property {(string: string, note: N | undefined, seen: Seen | undefined) => boolean} keep
 *   whether the answer may be given as it is; if not, nothing was changed
 * @property {(string: string, agrees: (found: Found) => boolean) => void} heed
 * @property {(string: string) => void} change
 * @property {(marks: readonly string[]) => void} changeMarks
 * @property {() => void} changeAll
 * @property {() => import('./lags.js').Lag} lag how late a change was seen lately
 * @property {() => void} distrust when the listener is gone
 * @property {() => void} close
 * @property {Pick<Listening, 'words' | 'mirror'>} told to the listener
 */

class Near {
  /** Hits that read an entry, and how many of them were of what is absent. */
  reads = 0;
  absent = 0;
  /** The other hits. */
  looks = 0;
  /** How often all copies were made void. */
  flushes = 0;
  stale;
  /** Reads that ask the server. */
  asked;
  /** The scope that it has. @type {'machine' | 'process'} */
  scope;
  /** @type {Copies<any> | undefined} */
  #copies;
  #thread;
  #excluded;
  #isFrozen;

  /**
   * @param {FleetEntries} entries
   * @param {How} how
   * @param {number} staleMs for how long copies are given that nobody hears of
   * @param {(what: 'flush' | 'failover' | 'stale') => void} tell
   */
  constructor(entries, how, staleMs, tell) {
    this.#excluded = how.excluded;
    this.#isFrozen = how.isFrozen;
    const { names } = entries;
    const copies = copiesOf(entries, how);
    this.#copies = copies;
    this.asked = new Asked(entries, this, how);
    this.scope = copies instanceof MachineCopies ? 'machine' : 'process';
    /** @type {Listening} */
    const told = {
      servers: how.servers,
      prefix: names.prefix,
      marks: names.marks,
      store: names.store,
      maxStaleMs: how.maxStaleMs,
      untracked: how.untracked,
      ...copies.told,
    };
    const hear = (/** @type {'flush' | 'failover'} */ what) => {
      if (what === 'flush') this.flushes += 1;
      tell(what);
    };
    // Without it there is no trust, so the server is asked each time.
    try {
      this.#thread = new ListenerThread(told, hear, () => this.#copies?.distrust());
    } catch (error) {
      copies.close();
      throw listenerRefused(error);
    }
    this.stale = new Stale(
      staleMs,
      { isTrusted: () => copies.isTrusted(), hits: () => this.hits },
      () => tell('stale'),
    );
  }

  /**
   * The value of a right copy, `undefined` for what is known to be absent, or `UNKNOWN`.
   *
   * @param {string} string
   */
  get(string) {
    const value = this.#copies === undefined ? UNKNOWN : this.#copies.get(string);
    if (value !== UNKNOWN) this.looks += 1;
    return value;
  }

  /**
   * The same for who reads an entry: it is counted as one that is there, or is not.
   *
   * @param {string} string
   */
  read(string) {
    const value = this.#copies === undefined ? UNKNOWN : this.#copies.get(string);
    if (value === UNKNOWN) return value;
    this.reads += 1;
    if (value === undefined) this.absent += 1;
    return value;
  }

  /**
   * The value of a right copy of what is there; `undefined` where the server is to be asked, as it
   * is by who makes what is absent.
   *
   * @param {string} string
   */
  present(string) {
    const value = this.#copies?.get(string);
    if (value === undefined || value === UNKNOWN) return undefined;
    this.reads += 1;
    return value;
  }

  get hits() {
    return this.reads + this.looks;
  }

  /**
   * The value of a copy of which nobody says whether it is right, where that is asked for.
   *
   * @param {string} string
   */
  getStale(string) {
    if (this.#copies === undefined || !this.stale.isAllowed) return UNKNOWN;
    const value = this.#copies.peek(string);
    if (value !== UNKNOWN) this.stale.note();
    return value;
  }

  /**
   * To be called before an entry is asked for; `undefined` when it cannot be kept.
   *
   * @param {string} string
   * @returns {Note | undefined}
   */
  note(string) {
    return this.#isExcluded(string) ? undefined : this.#copies?.note(string);
  }

  /**
   * Whether what was noted before would be noted now: nothing newer was read or written meanwhile,
   * of what is heard in time.
   *
   * @param {string} string
   * @param {any} before
   */
  stands(string, before) {
    const copies = this.#copies;
    // Trust first: what it covers was heard before it was given, and shows in what is noted then.
    if (copies === undefined || !isTracked(before.run) || !copies.isTrusted()) return false;
    const note = copies.note(string);
    return note !== undefined && copies.isSame(before, note);
  }

  /**
   * Keeps what was answered, by those who are listened to: what is read later is never older.
   * `false` if something newer may have been read or written meanwhile: the answer is given to
   * nobody before `change`.
   *
   * @param {string} string
   * @param {any} note as it was noted
   * @param {Seen | undefined} seen
   */
  keep(string, note, seen) {
    // Nobody who shares these copies has one, so none has to go.
    if (note === undefined && this.#isExcluded(string)) {
      if (this.#isFrozen) freeze(seen?.value);
      return true;
    }
    const isHeard = note !== undefined && note.run !== '' && !note.isElsewhere;
    // Of what is not told somebody has to have said how long it is right.
    const isBounded = Number.isFinite(seen?.leftMs) || isTracked(note?.run ?? '');
    return this.#copies?.keep(string, isHeard && isBounded ? note : undefined, seen) ?? true;
  }

  /**
   * Whether there is a copy, trusted or not.
   *
   * @param {string} string
   */
  holds(string) {
    return this.#copies?.found(string) !== undefined;
  }

  /**
   * Somebody was told of an entry what is not kept: no copy that says something else is given after
   * that, nor is one kept that was asked for before.
   *
   * @param {string} string
   * @param {(found: Found) => boolean} agrees whether a copy says the same
   */
  heed(string, agrees) {
    if (this.#isExcluded(string)) return;
    this.asked.forget(string);
    this.#copies?.heed(string, agrees);
  }

  /**
   * What this process is about to write: who asks from now on gets what is there after that.
   *
   * @param {string} string
   */
  begin(string) {
    this.asked.begin(string);
  }

  /** The same of several keys, whichever they are. */
  beginAll() {
    this.asked.beginAll();
  }

  /**
   * What this process has written, or may have: no copy is right any more.
   *
   * @param {string} string
   */
  change(string) {
    this.asked.forget(string);
    this.#copies?.change(string);
  }

  /**
   * What this process has invalidated, or may have.
   *
   * @param {readonly string[]} marks
   */
  changeMarks(marks) {
    this.asked.forgetAll();
    this.#copies?.changeMarks(marks);
  }

  changeAll() {
    this.asked.forgetAll();
    this.#copies?.changeAll();
  }

  get lag() {
    return this.#copies?.lag() ?? NONE;
  }

  close() {
    this.stale.close();
    this.#copies?.close();
    this.#copies = undefined;
    this.#thread.close();
  }

  /** @param {string} string */
  #isExcluded(string) {
    if (this.#excluded.length === 0) return false;
    const key = plainString(keyOf(string));
    return this.#excluded.some((filter) => filter.means(key));
  }
}

/**
 * Copies of the scope that is wanted; of a process where nobody says, and no memory is to be had
 * that processes share.
 *
 * @param {FleetEntries} entries
 * @param {How} how
 */
function copiesOf(entries, how) {
  if (how.scope === 'process') return new ProcessCopies(entries, how);
  try {
    return new MachineCopies(entries, how);
  } catch (error) {
    const { code } = /** @type {{ code?: string }} */ (error);
    if (how.scope === 'machine' || code === 'ERR_STORE_MISMATCH') throw error;
    return new ProcessCopies(entries, how);
  }
}

module.exports = { Near, UNKNOWN };
