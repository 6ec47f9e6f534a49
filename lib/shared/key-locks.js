/**
 * Tasks under the lock of a key: one after another within an isolate, and across threads.
 *
 * Knows no task. A lock of the store belongs to a thread, which may take it again; so the tasks of
 * one thread queue here before they ask for it. Invariant: a lock that was taken is released when
 * its task has ended, however it ends.
 */
'use strict';

const { setTimeout: pause } = require('node:timers/promises');
const { sharedFailure, storeClosed } = require('../errors.js');
const { KeyQueue } = require('../key-queue.js');
const { time } = require('../local/clock.js');

/** Pauses between two attempts: the first and the longest. */
const FIRST_PAUSE_MS = 1;
const LAST_PAUSE_MS = 16;
/** What the native core answers when a lock could not be had in time. */
const TIMEOUT = -4;

/**
 * The queues of each store of this isolate, by the handle.
 *
 * @type {WeakMap<object, InstanceType<typeof KeyQueue>>}
 */
const queues = new WeakMap();

class KeyLocks {
  #entries;
  #queue;

  /** @param {InstanceType<typeof import('./shared-entries.js').SharedEntries>} entries */
  constructor(entries) {
    this.#entries = entries;
    const queue = queues.get(entries.handle) ?? new KeyQueue();
    queues.set(entries.handle, queue);
    this.#queue = queue;
  }

  /**
   * @param {string} string
   * @param {() => unknown} task
   * @param {number} timeoutMs
   */
  run(string, task, timeoutMs) {
    const dueMs = time() + timeoutMs;
    return this.#queue.run(string, async () => {
      await this.#lock(string, dueMs);
      try {
        return await task();
      } finally {
        if (this.#entries.handle.id !== 0) this.#entries.release(string);
      }
    });
  }

  /**
   * Never blocks the event loop: whoever holds the lock may need it.
   *
   * @param {string} string
   * @param {number} dueMs
   */
  async #lock(string, dueMs) {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      if (this.#entries.handle.id === 0) throw storeClosed('withLock');
      if (this.#entries.lock(string, 0)) return;
      if (time() >= dueMs) throw sharedFailure(TIMEOUT, string);
      await pause(pauseMs);
    }
  }
}

module.exports = { KeyLocks };
