/**
 * Tasks under the lock of a key: one after another within a thread, and across threads.
 *
 * Knows no task. A lock of the store belongs to a thread, which may take it again; so the tasks of
 * one thread queue here before they ask for it. Invariant: a lock that was taken is released when
 * its task has ended, however it ends.
 */
'use strict';

const { clearTimeout, setTimeout } = require('node:timers');
const { setTimeout: pause } = require('node:timers/promises');
const { lockTimeout, storeClosed } = require('../errors/errors.js');
const { KeyQueue } = require('../loads/key-queue.js');

/** Pauses between two attempts: the first and the longest. */
const FIRST_PAUSE_MS = 1;
const LAST_PAUSE_MS = 16;

/**
 * The queues of each store of this thread, by the handle.
 *
 * @type {WeakMap<object, InstanceType<typeof KeyQueue>>}
 */
const queues = new WeakMap();

class KeyLocks {
  #entries;
  #queue;

  /** @param {InstanceType<typeof import('./entries.js').SharedEntries>} entries */
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
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        reject(lockTimeout(string, timeoutMs));
      }, timeoutMs);
      const begin = async () => {
        const isLocked = await this.#lock(string, () => isLate);
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
   * @param {() => boolean} isLate
   */
  async #lock(string, isLate) {
    for (let pauseMs = FIRST_PAUSE_MS; !isLate(); pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      if (this.#entries.handle.id === 0) throw storeClosed('withLock');
      if (this.#entries.lock(string, 0)) return true;
      await pause(pauseMs);
    }
    return false;
  }
}

module.exports = { KeyLocks };
