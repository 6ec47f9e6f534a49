/**
 * Runs tasks one after another per key, and tasks of different keys side by side.
 *
 * Must not know what a task does. Invariant: a key is known here only while one of its tasks has
 * not ended, so an idle key costs nothing.
 */
'use strict';

/** Of a task that was cut off: nobody was given it. @type {Promise<any>} */
const NEVER_BEGUN = Promise.resolve();

class KeyQueue {
  /** The end of the last task of each key; never rejects. @type {Map<string, Promise<void>>} */
  #ends = new Map();

  /**
   * Whether a task of a key has not ended.
   *
   * @param {string} key
   */
  isBusy(key) {
    return this.#ends.has(key);
  }

  /** The keys whose tasks have not ended. */
  busyKeys() {
    return [...this.#ends.keys()];
  }

  /**
   * Runs a task when all earlier ones of its key have ended: at once when there are none.
   *
   * @template T
   * @param {string} key
   * @param {() => T | PromiseLike<T>} task
   * @returns {Promise<T>} what the task gives
   */
  run(key, task) {
    const before = this.#ends.get(key);
    if (before !== undefined) return this.#follow(key, before.then(task));
    /** @type {(result: Promise<T>) => void} */
    let begin = () => {};
    /** @type {Promise<T>} */
    const result = new Promise((resolve) => {
      begin = resolve;
    });
    // A task that is cut off, by the timeout of a script, never comes back; for others it is late.
    queueMicrotask(() => begin(NEVER_BEGUN));
    // It is known before it begins: a task may ask for its key at once.
    this.#follow(key, result);
    begin(started(task));
    return result;
  }

  /**
   * Knows a key until this task of its has ended.
   *
   * @template T
   * @param {string} key
   * @param {Promise<T>} result
   */
  #follow(key, result) {
    /** @type {Promise<void>} */
    const end = result.then(
      () => this.#forget(key, end),
      () => this.#forget(key, end),
    );
    this.#ends.set(key, end);
    return result;
  }

  /**
   * @param {string} key
   * @param {Promise<void>} end
   */
  #forget(key, end) {
    if (this.#ends.get(key) === end) this.#ends.delete(key);
  }
}

/**
 * @template T
 * @param {() => T | PromiseLike<T>} task
 * @returns {Promise<T>}
 */
async function started(task) {
  return task();
}

module.exports = { KeyQueue };
