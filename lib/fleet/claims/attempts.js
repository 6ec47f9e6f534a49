/**
 * Attempts to change an entry that others change, too: the later ones wait a little before.
 *
 * Knows a backend by `look`, `exchange` and `write`. Invariant: whoever was too late looks again,
 * and he who is too late for too long is told.
 */
'use strict';

const errors = require('../../errors/errors.js');
const { keyOf } = require('../../keys/keyspace.js');
const { pause } = require('../pause.js');

/** How long a key is tried that others write to all the time. */
const TRIED_MS = 10_000;
/** The first wait, and the longest: each is random, so that they do not meet again. */
const FIRST_MS = 1;
const LONGEST_MS = 64;

/** @typedef {import('../../store/backend.js').Far} Far */

/** @implements {Far} */
class Attempts {
  /** Whoever writes to a key himself while he updates it is late as often, and is told as well. */
  ownWrites = 0;
  hasWritten = () => false;
  #backend;
  #method;
  #count = 0;
  #endMs = performance.now() + TRIED_MS;

  /**
   * @param {Omit<Far, 'ownWrites' | 'hasWritten'> & { check: (method: string) => void }} backend
   * @param {string} method for whom
   */
  constructor(backend, method) {
    this.#backend = backend;
    this.#method = method;
  }

  get isOpen() {
    return this.#backend.isOpen;
  }

  /** @param {string} string */
  async look(string) {
    if (this.#count > 0) {
      if (performance.now() > this.#endMs) throw errors.busy(keyOf(string), TRIED_MS);
      await pause(Math.random() * Math.min(FIRST_MS * 2 ** this.#count, LONGEST_MS));
      this.#backend.check(this.#method);
    }
    this.#count += 1;
    return this.#backend.look(string);
  }

  /**
   * @param {Parameters<Far['exchange']>[0]} write
   * @param {Parameters<Far['exchange']>[1]} seen
   */
  exchange(write, seen) {
    return this.#backend.exchange(write, seen);
  }

  /**
   * @param {Parameters<Far['write']>[0]} write
   * @param {number} when
   */
  write(write, when) {
    return this.#backend.write(write, when);
  }
}

module.exports = { Attempts };
