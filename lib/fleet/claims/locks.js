/**
 * Locks of a fleet: a lease at the server, with a number that rises with each holder.
 *
 * Knows scripts by a backend. A lease is renewed while its task runs; one that could not be renewed
 * in time is lost, and its task is told. Invariant: a lock is released only by its holder, and the
 * numbers of a key rise strictly.
 */
'use strict';

const { randomUUID } = require('node:crypto');
const errors = require('../../errors/errors.js');
const { keyOf } = require('../../keys/keyspace.js');
const { lockLost } = require('../../errors/fleet-errors.js');
const { abortReason, abortSignal, record, whole } = require('../../arguments/options.js');
const { MAX_DELAY_MS, startTimer, stopTimer } = require('../../native/timers.js');
const { untilAborted } = require('../../loads/until-aborted.js');
const { pauseUnlessAborted } = require('../pause.js');
const scripts = require('../server/scripts.js');

const NAMES = Object.freeze(['leaseMs', 'timeout', 'signal']);
const OF_MS = ' of milliseconds';
const LEASE_MS = 10_000;
const LEAST_LEASE_MS = 100;
const TIMEOUT_MS = 1000;
/** A fence outlives the last lock by a day: what a task of old still writes is refused. */
const FENCE_MS = 86_400_000;
/** A lease is renewed so many times before it would end. */
const RENEWALS = 3;
/** Waits of those who ask for a lock that others have: the first, and the longest. */
const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 100;

/**
 * @typedef {object} How
 * @property {number} leaseMs
 * @property {number} timeoutMs
 * @property {AbortSignal | undefined} signal
 */

/** @typedef {{ readonly token: number, readonly signal: AbortSignal }} Lock */

class FleetLocks {
  #backend;

  /** @param {InstanceType<typeof import('../backend.js').FleetBackend>} backend */
  constructor(backend) {
    this.#backend = backend;
  }

  /**
   * The options of `withLock`, or how long it waits.
   *
   * @param {unknown} given
   * @returns {How}
   */
  static options(given) {
    const read = record(typeof given === 'number' ? { timeout: given } : given, NAMES);
    const { leaseMs, timeout, signal } = read;
    return {
      leaseMs:
        leaseMs === undefined
          ? LEASE_MS
          : whole(leaseMs, 'option leaseMs', LEAST_LEASE_MS, MAX_DELAY_MS, OF_MS),
      timeoutMs:
        timeout === undefined
          ? TIMEOUT_MS
          : whole(timeout, 'option timeout', 0, MAX_DELAY_MS, OF_MS),
      signal: signal === undefined ? undefined : abortSignal(signal),
    };
  }

  /**
   * What a task gives that runs under the lock of a key.
   *
   * @param {string} string
   * @param {(lock: Lock) => unknown} task
   * @param {How} how
   */
  async run(string, task, how) {
    const id = randomUUID();
    const { token, takenMs } = await this.#acquire(string, id, how);
    const controller = new AbortController();
    const lease = new Lease(this.#backend, string, id, how.leaseMs, takenMs, controller);
    try {
      return await task(Object.freeze({ token, signal: controller.signal }));
    } finally {
      await lease.end();
    }
  }

  /**
   * @param {string} string
   * @param {string} id
   * @param {How} how
   */
  async #acquire(string, id, { leaseMs, timeoutMs, signal }) {
    const beganMs = performance.now();
    const { leases } = this.#backend;
    const given = leaseOf(id, leaseMs);
    const lease = { id, given, end: scripts.LOCK };
    let waitMs = FIRST_WAIT_MS;
    for (;;) {
      if (signal?.aborted) throw abortReason(signal);
      this.#backend.check('withLock');
      const takenMs = performance.now();
      const asked = leases.ask(scripts.ACQUIRE, string, lease);
      const leave = () => asked.then(() => leases.end(id)).catch(() => {});
      const token = await (signal === undefined ? asked : untilAborted(asked, signal, own, leave));
      // It may have come while the store was closed.
      this.#backend.check('withLock');
      if (token > 0) return { token, takenMs };
      leases.forget(id);
      const leftMs = timeoutMs - (performance.now() - beganMs);
      if (leftMs <= 0) throw errors.lockTimeout(keyOf(string), timeoutMs, true);
      const ms = Math.min(waitMs * (0.5 + Math.random() / 2), -token, leftMs);
      await pauseUnlessAborted(ms, signal);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }
}

/**
 * What scripts are told of a lease.
 *
 * @param {string} id
 * @param {number} leaseMs
 */
function leaseOf(id, leaseMs) {
  return [id, String(leaseMs), String(leaseMs + FENCE_MS)];
}

/** @param {unknown} given */
function own(given) {
  return given;
}

class Lease {
  #backend;
  #string;
  #id;
  #leaseMs;
  #controller;
  /** By this clock it may have ended. */
  #endMs;
  #isOver = false;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /**
   * @param {InstanceType<typeof import('../backend.js').FleetBackend>} backend
   * @param {string} string
   * @param {string} id
   * @param {number} leaseMs
   * @param {number} takenMs when it was asked for
   * @param {AbortController} controller
   */
  constructor(backend, string, id, leaseMs, takenMs, controller) {
    this.#backend = backend;
    this.#string = string;
    this.#id = id;
    this.#leaseMs = leaseMs;
    this.#controller = controller;
    this.#endMs = takenMs + leaseMs;
    backend.leases.use(id, () => this.#lose());
    this.#wait();
  }

  /** Gives it up; if that fails, it ends by itself. */
  async end() {
    const { entries, leases } = this.#backend;
    // The server may have it for longer than it was known here: nobody waits for that.
    if (this.#isOver) return leases.end(this.#id);
    this.#isOver = true;
    stopTimer(this.#timer);
    leases.forget(this.#id);
    await entries.run(scripts.LOCK, this.#string, [this.#id, '0']).catch(() => {});
  }

  #wait() {
    const leftMs = this.#endMs - performance.now();
    if (leftMs <= 0) return this.#lose();
    const nextMs = Math.min(this.#leaseMs / RENEWALS, leftMs);
    this.#timer = startTimer(() => this.#renew(), nextMs);
  }

  async #renew() {
    const askedMs = performance.now();
    if (askedMs >= this.#endMs) return this.#lose();
    const given = leaseOf(this.#id, this.#leaseMs);
    try {
      const answer = this.#backend.entries.run(scripts.LOCK, this.#string, given);
      // Who waits for an answer may not wait longer than he has the lock.
      const late = startTimer(() => this.#lose(), this.#endMs - askedMs);
      const isHeld = await answer.finally(() => stopTimer(late));
      if (isHeld === 0) return this.#lose();
      this.#endMs = askedMs + this.#leaseMs;
    } catch {
      // The server may be back before the lease ends.
    }
    if (!this.#isOver) this.#wait();
  }

  #lose() {
    if (this.#isOver) return;
    this.#isOver = true;
    stopTimer(this.#timer);
    this.#controller.abort(lockLost(this.#string));
  }
}

module.exports = { FleetLocks };
