/**
 * Near copies of a machine: what any of its processes has read, in a store that they share.
 *
 * The store's name has the address of the server in it, and who may share it. What is known to be
 * absent is kept as `undefined`, which reads give alike. Invariant: no verb fails for its near
 * copies: where they cannot be had the server is asked, and where they cannot be made void nobody
 * trusts them.
 */
'use strict';

const { createHash } = require('node:crypto');
const { time } = require('../../native/clock.js');
const { Mirror } = require('../../shared/near/mirror.js');
const { freeze } = require('../../values/freeze.js');
const { NONE } = require('./lags.js');
const { UNKNOWN, endOf } = require('./process-copies.js');

/** What the name of a mirror begins with: the run of the masters that are listened to. */
const RUN_UNITS = 16;
/** Longer names are cut: a hash tells them apart. */
const NAME_UNITS = 200;

/** @typedef {import('../../store/backend.js').Seen} Seen */
/** @typedef {InstanceType<typeof import('../../arguments/filter.js').Filter>} Filter */
/** @typedef {ReturnType<InstanceType<typeof Mirror>['note']>} Noted */
/** @typedef {import('./near.js').Note & { noted: Noted }} Note */

/** @typedef {import('./near.js').Copies<Note>} Copies */

/** @implements {Copies} */
class MachineCopies {
  told;
  #mirror;
  #isFrozen;

  /**
   * @param {import('./near.js').FleetEntries} entries
   * @param {{ place: string, path: string | undefined, maxBytes: number, isFrozen: boolean,
   *   maxStaleMs: number, excluded: readonly Filter[], untracked: 'off' | 'ttl' }} how
   */
  constructor({ names }, how) {
    const { place, path, maxBytes, isFrozen, maxStaleMs } = how;
    const name = nameOf(`near ${place} ${names.store}${apart(how)}`);
    const mirror = { name, path, maxBytes, isFrozen, boundMs: maxStaleMs };
    this.#mirror = new Mirror(mirror);
    this.#isFrozen = isFrozen;
    this.told = { mirror };
  }

  /** @param {string} string */
  get(string) {
    try {
      // Trust first: what it covers was heard before it was given, and shows in the words by now.
      return this.#mirror.isTrusted() ? this.#mirror.get(string) : UNKNOWN;
    } catch {
      return UNKNOWN;
    }
  }

  /** @param {string} string */
  peek(string) {
    try {
      return this.#mirror.get(string);
    } catch {
      return UNKNOWN;
    }
  }

  /** @param {string} string */
  found(string) {
    try {
      const seen = this.#mirror.seen(string);
      return seen && { isThere: seen.value !== undefined, leftMs: seen.leftMs };
    } catch {
      return undefined;
    }
  }

  isTrusted() {
    return this.#mirror.isTrusted();
  }

  /**
   * @param {string} string
   * @returns {Note | undefined}
   */
  note(string) {
    try {
      const noted = this.#mirror.note(string);
      const run = this.#mirror.named?.slice(0, RUN_UNITS) ?? '';
      return { noted, run, isElsewhere: false, askedMs: time() };
    } catch {
      return undefined;
    }
  }

  /**
   * @param {Note} one
   * @param {Note} later
   */
  isSame({ noted, run }, later) {
    const { version, moment } = later.noted;
    return noted.version === version && noted.moment === moment && run === later.run;
  }

  /**
   * @param {string} string
   * @param {Note | undefined} note
   * @param {Seen | undefined} seen
   */
  keep(string, note, seen) {
    if (this.#isFrozen && seen !== undefined) freeze(seen.value);
    if (note === undefined) {
      this.change(string);
      return true;
    }
    const endMs = endOf(note.askedMs, seen);
    const { value, tags = [] } = seen ?? {};
    const untilMs = Number.isFinite(endMs) ? endMs : 0;
    try {
      return this.#mirror.fill(string, note.noted, { value, tags, untilMs });
    } catch {
      // Nobody trusts what is there.
      return true;
    }
  }

  /**
   * @param {string} string
   * @param {(found: import('./near.js').Found) => boolean} agrees
   */
  heed(string, agrees) {
    const found = this.found(string);
    // Where there is none, one may be on its way, to any process.
    if (found === undefined || !agrees(found)) this.change(string);
  }

  /** @param {string} string */
  change(string) {
    try {
      this.#mirror.invalidate(string);
    } catch {
      // Nobody trusts what is there.
    }
  }

  /** @param {readonly string[]} marks */
  changeMarks(marks) {
    try {
      this.#mirror.invalidateTags(marks);
    } catch {
      // Nobody trusts what is there.
    }
  }

  changeAll() {
    try {
      this.#mirror.clear();
    } catch {
      // As above.
    }
  }

  lag() {
    try {
      const [p50, p99] = this.#mirror.said?.split(' ').map(Number) ?? [];
      return p50 === undefined || p99 === undefined ? NONE : { p50, p99 };
    } catch {
      return NONE;
    }
  }

  /** Another process listens, or nobody does: then trust runs out. */
  distrust() {}

  close() {
    this.#mirror.close();
  }
}

/**
 * What tells copies apart that only who wants the same may have: others would give a key that is
 * excluded, or what nobody is told of.
 *
 * @param {{ excluded: readonly Filter[], untracked: 'off' | 'ttl' }} how
 */
function apart({ excluded, untracked }) {
  const patterns = excluded.map(({ written }) => written).sort();
  const without = patterns.length === 0 ? '' : ` without ${hashOf(JSON.stringify(patterns))}`;
  return untracked === 'off' ? without : ` ${untracked}${without}`;
}

/** @param {string} text */
function hashOf(text) {
  return createHash('sha256').update(text).digest('hex');
}

/** @param {string} name */
function nameOf(name) {
  if (name.length <= NAME_UNITS) return name;
  const hash = hashOf(name);
  return `${name.slice(0, NAME_UNITS - hash.length)}${hash}`;
}

module.exports = { MachineCopies };
