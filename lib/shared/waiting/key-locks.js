/**
 * Tasks under the lock of a key: one after another within a thread, and across threads.
 *
 * Knows no task. A lock of the store belongs to a thread, which may take it again; so the tasks of
 * one thread queue here before they ask for it; and while others wait for a lock, it is theirs
 * before the next task here has it. Invariant: a lock that was taken is released when its task has
 * ended, however it ends.
 */
'use strict';

const { clearTimeout, setTimeout } = require('node:timers');
const { lockTimeout, storeClosed } = require('../../errors/errors.js');
const { keyOf } = require('../../keys/keyspace.js');
const { KeyQueue } = require('../../loads/key-queue.js');
const { time } = require('../../native/clock.js');
const { Claim } = require('../../native/contract.js');
const { isMine } = require('../opening/handle.js');
const { keeperOf } = require('./refusal.js');
const { lockReleased } = require('./released.js');

/**
 * The queues of each store of this thread, by the handle.
 *
 * @type {WeakMap<object, InstanceType<typeof KeyQueue>>}
 */
const queues = new WeakMap();

/**
 * How long a task waits for its lock.
 *
 * @typedef {object} Wait
 * @property {number} dueMs when it gives up
 * @property {boolean} isLate whether it has
 * @property {boolean} hasPlace whether the store had a place to note the lock
 */

/** How long one waits for a key's lock to be alone with it, before one goes on without. */
const LOCK_WAIT_MS = 1000;

class KeyLocks {
  #entries;
  #queue;

  /** @param {InstanceType<typeof import('../entries.js').SharedEntries>} entries */
  constructor(entries) {
    this.#entries = entries;
    const queue = queues.get(entries.handle) ?? new KeyQueue();
    queues.set(entries.handle, queue);
    this.#queue = queue;
  }

  /**
   * @param {string} string
   * @param {() => unknown} task
   * @param {number} timeoutMs until it has to begin
   * @returns {Promise<unknown>}
   */
  run(string, task, timeoutMs) {
    const entries = this.#entries;
    return new Promise((resolve, reject) => {
      /** @type {Wait} */
      const wait = { dueMs: time() + timeoutMs, isLate: false, hasPlace: true };
      const timer = setTimeout(() => {
        wait.isLate = true;
        const keeper = keeperOf(entries.handle, string);
        reject(lockTimeout(keyOf(string), timeoutMs, wait.hasPlace, keeper));
      }, timeoutMs);
      const begin = async () => {
        const isLocked = await this.#lock(string, wait);
        clearTimeout(timer);
        if (!isLocked) return undefined;
        try {
          return await task();
        } finally {
          if (this.#entries.handle.id !== 0) this.#entries.release(string);
        }
      };
      const refuse = (/** @type {unknown} */ error) => {
        clearTimeout(timer);
        reject(error);
      };
      this.#queue.run(string, begin).then(resolve, refuse);
    });
  }

  /**
   * Whether the lock was had before it was too late. Never blocks the event loop: whoever holds the
   * lock may need it.
   *
   * @param {string} string
   * @param {Wait} wait
   */
  async #lock(string, wait) {
    const { handle } = this.#entries;
    let hasWaited = false;
    while (!wait.isLate) {
      if (handle.id === 0) throw storeClosed('withLock');
      const claim = this.#entries.lockInTurn(string);
      if (isMine(claim)) return true;
      if (!hasWaited) handle.beginWait();
      hasWaited = true;
      const beganMs = time();
      wait.hasPlace = claim !== Claim.NO_PLACE;
      await lockReleased(handle, string, wait.dueMs - beganMs);
      // In vain or not: who is told of it in the end has waited as well.
      handle.countWait(time() - beganMs);
    }
    return false;
  }
}

/**
 * Waits for a key's lock to be alone with it; whether it was had. Without, one goes on as well.
 *
 * @param {InstanceType<typeof import('../entries.js').SharedEntries>} entries
 * @param {string} string
 */
function lockIfPossible(entries, string) {
  try {
    return entries.lock(string, LOCK_WAIT_MS);
  } catch (error) {
    // A full table of locks keeps nobody from updating.
    if (/** @type {{ code?: string }} */ (error).code === 'ERR_STORE_FULL') return false;
    throw error;
  }
}

module.exports = { KeyLocks, lockIfPossible };
